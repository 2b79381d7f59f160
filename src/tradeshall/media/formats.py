"""Pictures decoded and written anew, so that nothing but pixels is kept; sounds looked at and left as they are."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass

from PIL import Image, ImageOps

from tradeshall.media import rules
from tradeshall.media.enums import MediaKind


class NotTaken(Exception):
    """The file cannot or will not be taken; `reason` is the last part of a refusal's code."""

    def __init__(self, reason: str, **details: object) -> None:
        super().__init__(reason)
        self.reason, self.details = reason, details


@dataclass(frozen=True, slots=True)
class Taken:
    """A file as it is kept; width and height are 0 for a sound."""

    kind: MediaKind
    ending: str
    content: bytes
    width: int = 0
    height: int = 0


def take(content: bytes) -> Taken:
    """Return a picture or a sound as it is kept.

    A picture loses everything but its pixels: place and camera, profiles, further frames; beyond `LONGEST_SIDE` it is
    drawn smaller. Raises `NotTaken` for what is none, is too large, or cannot be decoded.
    """
    if not content:
        raise NotTaken("empty")
    if rules.picture_format(content):
        return _picture(content)
    ending = rules.sound_ending(content)
    if not ending:
        raise NotTaken("kind_unknown")
    if len(content) > rules.MOST_SOUND_BYTES:
        raise NotTaken("too_large", most=rules.MOST_SOUND_BYTES // (1024 * 1024))
    return Taken(MediaKind.SOUND, ending, content)


def _picture(content: bytes) -> Taken:
    if len(content) > rules.MOST_PICTURE_BYTES:
        raise NotTaken("too_large", most=rules.MOST_PICTURE_BYTES // (1024 * 1024))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about odd metadata, all of which goes; pixels are counted here
            with Image.open(io.BytesIO(content), formats=[rules.picture_format(content)]) as opened:
                if opened.width * opened.height > rules.MOST_PIXELS:
                    raise NotTaken("too_many_pixels", most=rules.MOST_PIXELS // 1_000_000)
                picture: Image.Image = ImageOps.exif_transpose(opened)
                picture.load()
    except Image.DecompressionBombError as error:
        raise NotTaken("too_many_pixels", most=rules.MOST_PIXELS // 1_000_000) from error
    except (OSError, ValueError, SyntaxError, EOFError, IndexError, MemoryError, OverflowError) as error:
        raise NotTaken("damaged") from error
    clear = picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info
    picture = picture.convert("RGBA" if clear else "RGB")
    if max(picture.size) > rules.LONGEST_SIDE:
        picture.thumbnail((rules.LONGEST_SIDE, rules.LONGEST_SIDE), Image.Resampling.LANCZOS)
    picture.info = {}
    photograph = rules.picture_format(content) in ("JPEG", "WEBP") and not clear
    file = io.BytesIO()
    if photograph:
        picture.save(file, "JPEG", quality=88, optimize=True)
        return Taken(MediaKind.PICTURE, "jpg", file.getvalue(), *picture.size)
    picture.save(file, "PNG", optimize=True)
    return Taken(MediaKind.PICTURE, "png", file.getvalue(), *picture.size)
