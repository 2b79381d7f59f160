"""What a picture or a sound may be. It is told by its content; the name and the type it came with are not asked."""

from __future__ import annotations

import re

from tradeshall.media.enums import MediaKind

MOST_PICTURE_BYTES = 10 * 1024 * 1024
MOST_SOUND_BYTES = 20 * 1024 * 1024
MOST_PIXELS = 40_000_000  # of a good phone's camera; decoded, 160 MB at the most
LONGEST_SIDE = 2_000  # what is larger is drawn smaller: nobody's phone shows more
ENDINGS = {
    "png": (MediaKind.PICTURE, "image/png"),
    "jpg": (MediaKind.PICTURE, "image/jpeg"),
    "mp3": (MediaKind.SOUND, "audio/mpeg"),
    "ogg": (MediaKind.SOUND, "audio/ogg"),
    "m4a": (MediaKind.SOUND, "audio/mp4"),
    "wav": (MediaKind.SOUND, "audio/wav"),
}
"""What is stored, and the type it is served under."""

_NAME = re.compile(rf"[0-9a-f]{{64}}\.({'|'.join(ENDINGS)})")
_PICTURES = ((b"\x89PNG\r\n\x1a\n", "PNG"), (b"\xff\xd8\xff", "JPEG"), (b"GIF87a", "GIF"), (b"GIF89a", "GIF"))
_M4A_BRANDS = (b"M4A ", b"M4B ", b"mp42", b"mp41", b"isom", b"iso2", b"dash")


def is_name(name: str) -> bool:
    """Answer whether a name is one that the store gives."""
    return _NAME.fullmatch(name) is not None


def kind_of(name: str) -> MediaKind:
    """Return whether a stored file is a picture or a sound."""
    return ENDINGS[name.rpartition(".")[2]][0]


def content_type_of(name: str) -> str:
    """Return the type under which a stored file is served."""
    return ENDINGS[name.rpartition(".")[2]][1]


def picture_format(content: bytes) -> str:
    """Return the decoder for what the first bytes say, "" if they are of no picture that is taken."""
    for start, name in _PICTURES:
        if content.startswith(start):
            return name
    return "WEBP" if content[:4] == b"RIFF" and content[8:12] == b"WEBP" else ""


def sound_ending(content: bytes) -> str:
    """Return the ending of the sound that the first bytes announce, "" if they are of none that is taken."""
    if content.startswith(b"OggS"):
        return "ogg"
    if content[:4] == b"RIFF" and content[8:12] == b"WAVE":
        return "wav"
    if content[4:8] == b"ftyp" and content[8:12] in _M4A_BRANDS:
        return "m4a"
    return "mp3" if content.startswith(b"ID3") or _is_mp3_frame(content) else ""


def _is_mp3_frame(content: bytes) -> bool:
    """Answer whether a frame of MPEG audio layer III begins here and another where it ends (ISO 11172-3, 2.4.1)."""
    length = _frame_bytes(content)
    return bool(length) and bool(_frame_bytes(content[length:]))


_BITRATES = {
    3: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    2: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_RATES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}


def _frame_bytes(content: bytes) -> int:
    if len(content) < 4 or content[0] != 0xFF or content[1] & 0xE0 != 0xE0:
        return 0
    version, layer = content[1] >> 3 & 3, content[1] >> 1 & 3
    bitrate, rate, padding = content[2] >> 4, content[2] >> 2 & 3, content[2] >> 1 & 1
    if version == 1 or layer != 1 or bitrate in (0, 15) or rate == 3:
        return 0
    kbps = _BITRATES[3 if version == 3 else 2][bitrate]
    return (144 if version == 3 else 72) * kbps * 1000 // _RATES[version][rate] + padding
