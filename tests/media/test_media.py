"""Pictures and sounds: told by content, written anew, kept once, given in a sandbox."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import pytest
from django.test import Client
from PIL import Image

from tradeshall.core.authority import OPERATOR
from tradeshall.core.refusal import Refused
from tradeshall.media import formats, queries, rules
from tradeshall.media.actions import store_media
from tradeshall.media.models import Upload


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 30), **options: Any) -> bytes:
    file = io.BytesIO()
    image = Image.new("RGB", size, "red")
    image.putpixel((1, 1), (0, 0, 255))
    image.save(file, kind, **options)
    return file.getvalue()


def frame() -> bytes:
    return b"\xff\xfb\x90\x00" + bytes(413)  # MPEG 1 layer III, 128 kbit/s, 44.1 kHz: 417 bytes


SOUNDS = {
    "mp3": frame() * 3,
    "ogg": b"OggS" + bytes(60),
    "wav": b"RIFF" + struct.pack("<I", 36) + b"WAVEfmt " + bytes(28),
    "m4a": bytes(3) + b"\x20ftypM4A " + bytes(24),
}


@pytest.mark.parametrize(("kind", "ending"), [("PNG", "png"), ("JPEG", "jpg"), ("GIF", "png"), ("WEBP", "jpg")])
def test_take_decodes_and_writes_pictures_anew(kind: str, ending: str) -> None:
    taken = formats.take(picture(kind))
    assert (taken.ending, taken.kind, taken.width, taken.height) == (ending, "picture", 40, 30)


@pytest.mark.parametrize("ending", sorted(SOUNDS))
def test_take_tells_sounds_by_their_first_bytes(ending: str) -> None:
    assert formats.take(SOUNDS[ending]).ending == ending


def test_take_strips_place_and_camera() -> None:
    image = Image.new("RGB", (20, 10), "red")
    exif = image.getexif()
    exif[0x010F] = "SecretCamera"
    exif[0x0112] = 6  # to be turned by 90 degrees
    file = io.BytesIO()
    image.save(file, "JPEG", exif=exif, comment=b"SecretComment")
    assert b"SecretCamera" in file.getvalue()
    taken = formats.take(file.getvalue())
    assert b"Secret" not in taken.content
    assert (taken.width, taken.height) == (10, 20)


def test_take_keeps_no_second_file_hidden_behind_the_pixels() -> None:
    taken = formats.take(picture() + b"<script>alert(1)</script>")
    assert b"script" not in taken.content


def test_take_draws_a_large_picture_smaller() -> None:
    assert max(Image.open(io.BytesIO(formats.take(picture(size=(3000, 100))).content)).size) == rules.LONGEST_SIDE


def bomb(width: int, height: int) -> bytes:
    """A PNG of so many pixels in a few bytes."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "kind_unknown"),
        (b"<html><script>alert(1)</script>", "kind_unknown"),
        (b"%PDF-1.7", "kind_unknown"),
        (b"\xff\xfb\x90\x00" + b"not a second frame" * 40, "kind_unknown"),
        (picture()[:60], "damaged"),
        (b"\x89PNG\r\n\x1a\n" + b"rubbish", "damaged"),
        (bomb(7000, 7000), "too_many_pixels"),
        (bomb(60_000, 60_000), "too_many_pixels"),
        (picture() + bytes(rules.MOST_PICTURE_BYTES), "too_large"),
        (b"OggS" + bytes(rules.MOST_SOUND_BYTES), "too_large"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_take_refuses(content: bytes, reason: str) -> None:
    with pytest.raises(formats.NotTaken) as caught:
        formats.take(content)
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    "name", ["../keys/master.key", "0" * 64 + ".svg", "0" * 63 + ".png", "0" * 64 + ".png/x", ""]
)
def test_names_are_those_of_the_store_alone(name: str) -> None:
    assert not rules.is_name(name)
    assert queries.read_media(name) is None
    with pytest.raises(ValueError, match="no name"):
        queries.file_of(name)


@pytest.mark.django_db
def test_store_keeps_the_same_file_once() -> None:
    first = store_media(actor=OPERATOR, unit_path="1/", content=picture("JPEG"))
    assert store_media(actor=OPERATOR, unit_path="1/", content=picture("JPEG")) == first
    other = store_media(actor=OPERATOR, unit_path="1/2/", content=picture("JPEG"))
    assert (other.name, other.pk != first.pk) == (first.name, True)
    assert Upload.objects.count() == 2


@pytest.mark.django_db
def test_store_takes_back_what_it_gave_out_as_it_was() -> None:
    """A JPEG written anew differs each time; what we exported must come back under its own name."""
    first = store_media(actor=OPERATOR, unit_path="1/", content=picture("JPEG", (300, 200), quality=60))
    kept = queries.read_media(first.name)
    assert kept is not None
    again = formats.take(kept).content
    assert store_media(actor=OPERATOR, unit_path="1/", content=kept) == first
    assert store_media(actor=OPERATOR, unit_path="1/3/", content=kept).name == first.name
    assert isinstance(again, bytes)


@pytest.mark.django_db
def test_store_refuses_in_words() -> None:
    with pytest.raises(Refused) as caught:
        store_media(actor=OPERATOR, unit_path="1/", content=bomb(7000, 7000))
    assert caught.value.refusals[0].code == "media:file:too_many_pixels"
    assert Upload.objects.count() == 0


@pytest.mark.django_db
def test_file_is_given_to_anyone_in_a_sandbox_for_ever() -> None:
    upload = store_media(actor=OPERATOR, unit_path="1/", content=picture())
    answer = Client().get(queries.media_url(upload.name))
    assert answer.status_code == 200
    assert b"".join(answer) == queries.read_media(upload.name)
    assert answer["Content-Type"] == "image/png"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "immutable" in answer["Cache-Control"]
    assert "Vary" not in answer or "Cookie" not in answer["Vary"]
    assert not answer.cookies


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("asked", "status", "given"),
    [
        ("bytes=0-3", 206, slice(0, 4)),
        ("bytes=5-", 206, slice(5, None)),
        ("bytes=-7", 206, slice(-7, None)),
        ("bytes=99999-", 416, slice(0, 0)),
        ("bytes=-", 200, slice(None)),
        ("bytes=0-1,3-4", 200, slice(None)),
        ("items=0-1", 200, slice(None)),
    ],
)
def test_file_is_given_in_the_part_a_player_asks_for(asked: str, status: int, given: slice) -> None:
    upload = store_media(actor=OPERATOR, unit_path="1/", content=SOUNDS["ogg"])
    answer = Client().get(queries.media_url(upload.name), headers={"Range": asked})
    assert answer.status_code == status
    content = b"".join(answer)
    if status != 416:
        assert content == SOUNDS["ogg"][given]  # type: ignore[call-overload]


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["0" * 64 + ".png", "..%2Fkeys%2Fmaster.key", "x.png"])
def test_file_that_is_not_there_is_not_found(name: str) -> None:
    assert Client().get(f"/media/{name}").status_code == 404


@pytest.mark.django_db
def test_media_host_gives_media_alone(settings: Any) -> None:
    upload = store_media(actor=OPERATOR, unit_path="1/", content=picture())
    settings.MEDIA_HOST = "media.example"
    url = queries.media_url(upload.name)
    assert url == f"http://media.example/media/{upload.name}"
    path = url.removeprefix("http://media.example")
    given = Client().get(path, headers={"Host": "media.example"})
    assert (given.status_code, len(b"".join(given))) == (200, upload.size_bytes)
    assert Client().get("/", headers={"Host": "media.example"}).status_code == 404
    elsewhere = Client().get(path, headers={"Host": "hall.example"})
    assert (elsewhere.status_code, elsewhere["Location"]) == (302, url)
