"""Archives that may mean harm: every size counted while it is unpacked, and nothing is ever written to a disk."""

from __future__ import annotations

import stat
import struct
import zipfile
from typing import BinaryIO

from tradeshall.core.spreadsheets import Unreadable

MOST_FILES = 20_000
MOST_BYTES = 512 * 1024 * 1024  # of all files together
MOST_FILE_BYTES = 64 * 1024 * 1024
MOST_RATIO = 200  # of what is larger than a megabyte; XML packs to a thirtieth at best
MOST_FOLDERS = 16  # one within the other
MOST_DIRECTORY_BYTES = 8 * 1024 * 1024
CHUNK = 64 * 1024


class Archive:
    """The files of a zip by their names. Opening it has judged every name; reading counts what comes out."""

    def __init__(self, file: BinaryIO) -> None:
        self._left = MOST_BYTES
        try:
            _refuse_crowded_directory(file)
            self._zip = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, EOFError) as error:
            raise Unreadable("contests:file:archive_damaged") from error
        self._parts: dict[str, zipfile.ZipInfo] = {}
        for part in self._zip.infolist():
            _refuse_unsafe(part)
            if not part.is_dir():
                if part.filename in self._parts:
                    raise Unreadable("contests:file:archive_unsafe", {"name": part.filename[:80]})
                self._parts[part.filename] = part
        if sum(part.file_size for part in self._parts.values()) > MOST_BYTES:
            raise Unreadable("contests:file:archive_huge")

    @property
    def names(self) -> list[str]:
        """The files in it, but what desktop systems leave in every archive."""
        return [n for n in self._parts if not n.startswith("__MACOSX/") and not n.rpartition("/")[2].startswith(".")]

    def read(self, name: str) -> bytes | None:
        """Return what a file holds; None if there is none of this name."""
        part = self._parts.get(name)
        if part is None:
            return None
        if part.flag_bits & 1:
            raise Unreadable("contests:file:archive_protected")
        most = min(MOST_FILE_BYTES, max(part.compress_size * MOST_RATIO, 1024 * 1024), self._left)
        found = bytearray()
        try:
            with self._zip.open(part) as stream:
                while chunk := stream.read(CHUNK):
                    found += chunk
                    if len(found) > most:  # the directory may have lied
                        raise Unreadable("contests:file:archive_huge")
        except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, ValueError, RuntimeError) as error:
            raise Unreadable("contests:file:archive_damaged") from error
        except Exception as error:
            if type(error).__module__ == "zlib":
                raise Unreadable("contests:file:archive_damaged") from error
            raise
        self._left -= len(found)
        return bytes(found)


def _refuse_crowded_directory(file: BinaryIO) -> None:
    """Refuse an archive with a huge directory before the library reads all of it into memory."""
    size = file.seek(0, 2)
    file.seek(max(0, size - 65_557))
    tail = file.read()
    file.seek(0)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < 22:
        raise Unreadable("contests:file:archive_damaged")
    parts, directory_bytes = struct.unpack("<HI", tail[at + 10 : at + 16])
    if parts > MOST_FILES or directory_bytes > MOST_DIRECTORY_BYTES:  # 0xFFFF too, which announces zip64
        raise Unreadable("contests:file:archive_huge")


def _refuse_unsafe(part: zipfile.ZipInfo) -> None:
    name = part.filename
    pieces = name.rstrip("/").split("/")
    absolute = name.startswith("/") or "\\" in name or ":" in pieces[0] or "\0" in name
    link = stat.S_ISLNK(part.external_attr >> 16)
    if absolute or link or any(piece in ("", ".", "..") for piece in pieces):
        raise Unreadable("contests:file:archive_unsafe", {"name": name[:80]})
    if len(pieces) > MOST_FOLDERS or len(name) > 400:
        raise Unreadable("contests:file:archive_huge")
