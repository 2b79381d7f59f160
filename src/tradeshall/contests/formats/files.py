"""Whatever file of items it is: told by its content, read into one kind of record, written in each format."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import BinaryIO

from tradeshall.contests.formats import aiken, gift, gift_writing, moodle_writing, moodle_xml, sheet
from tradeshall.contests.formats.archives import Archive
from tradeshall.contests.formats.carried import Attached, Carried
from tradeshall.contests.formats.qti import package, writing
from tradeshall.contests.formats.xml import parse_xml
from tradeshall.contests.rules.items import ItemDraft, Media
from tradeshall.core.spreadsheets import Limits, Problem, Unreadable, read_rows, write_csv, write_xlsx

LIMITS = Limits(bytes=64 * 1024 * 1024, rows=200_000)
MOST_TEXT_BYTES = 16 * 1024 * 1024
READ = ("auto", "xlsx", "csv", "gift", "aiken", "moodle", "qti")


class Format(StrEnum):
    """What items are written as."""

    XLSX = "xlsx"
    CSV = "csv"
    GIFT = "gift"
    AIKEN = "aiken"
    MOODLE = "moodle"
    QTI = "qti"


ContentOf = Callable[[Media], bytes | None]


class Items(Iterator[Carried]):
    """The items of a file as they are read, and the headings of a table that nobody asked for."""

    def __init__(self, found: Iterator[Carried], ignored_columns: Sequence[str] = ()) -> None:
        self._found, self.ignored_columns = found, tuple(ignored_columns)

    def __next__(self) -> Carried:
        return next(self._found)


def read_items(file: BinaryIO, name: str, format: str = "auto") -> Items:
    """Return the items of a file; raises `Unreadable`, here or on the way, for one that cannot be read as a whole.

    With `auto` the content says what it is; the name decides only between a table and GIFT without any mark.
    """
    found = _read(file, name, format)
    return found if isinstance(found, Items) else Items(found)


def _read(file: BinaryIO, name: str, format: str) -> Iterator[Carried]:
    file.seek(0)
    start = file.read(65_536)
    file.seek(0)
    if format == "auto":
        format = _told(start, name)
    if format in ("zip", "qti"):
        return _read_archive(file, start, format)
    if format == "moodle":
        return moodle_xml.read_moodle_xml(_bytes(file))
    if format == "xml":
        return _read_xml(_bytes(file))
    if format in ("gift", "aiken"):
        return (gift.read_gift if format == "gift" else aiken.read_aiken)(_text(file))
    return _read_sheet(file, name)


def _told(start: bytes, name: str) -> str:
    if start.startswith(b"PK"):
        return "zip"
    begun = start.lstrip(b"\xef\xbb\xbf \t\r\n")
    if begun.startswith((b"<?xml", b"<quiz", b"<!DOCTYPE", b"<!--", b"<qti-", b"<assess")) or start.startswith(
        (b"\xff\xfe<", b"\xfe\xff\x00<")
    ):
        return "xml"
    text = start.decode("utf-8", "ignore") if _is_utf8(start) else start.decode("gb18030", "ignore")
    marked = text.lstrip("\ufeff \t\r\n").startswith(("//", "::", "$CATEGORY:"))
    if marked or (name.lower().endswith(".gift") and gift.looks_like_gift(text)):
        return "gift"
    if aiken.looks_like_aiken(text):
        return "aiken"
    return "gift" if name.lower().endswith(".txt") and gift.looks_like_gift(text) else "sheet"


def _is_utf8(start: bytes) -> bool:
    try:
        start[:-4].decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return error.start > len(start) - 8
    return True


def _read_xml(content: bytes) -> Iterator[Carried]:
    root = parse_xml(content)
    if root.name == "quiz":
        return moodle_xml.read_moodle_xml(content)
    return package.read_qti_item(content)


def _read_archive(file: BinaryIO, start: bytes, format: str) -> Iterator[Carried]:
    if not start.startswith(b"PK"):
        return package.read_qti_item(_bytes(file))
    try:
        archive = Archive(file)
    except Unreadable:
        if format == "zip" and b"[Content_Types].xml" in start[:512]:
            return _read_sheet(file, "")  # a damaged workbook is refused in its own words
        raise
    if "[Content_Types].xml" in archive.names and any(name.startswith("xl/") for name in archive.names):
        return _read_sheet(file, "")
    sheets = [n for n in archive.names if n.lower().endswith((".xlsx", ".csv"))]
    if sheets and not package.manifest_of(archive):
        return _read_folder(archive, min(sheets, key=lambda name: (name.count("/"), name)))
    return package.read_qti_package(archive)


def _read_folder(archive: Archive, name: str) -> Iterator[Carried]:
    """Read a spreadsheet that lies in an archive beside its pictures and sounds."""
    content = archive.read(name)
    assert content is not None
    by_name: dict[str, str] = {}
    for path in archive.names:
        by_name.setdefault(path, path)
        by_name.setdefault(path.rpartition("/")[2], path)

    def fetch(wanted: str) -> bytes | None:
        path = by_name.get(wanted) or by_name.get(wanted.replace("\\", "/").rpartition("/")[2])
        return archive.read(path) if path else None

    return _read_sheet(io.BytesIO(content), name, fetch)


def _read_sheet(file: BinaryIO, name: str, fetch: Callable[[str], bytes | None] | None = None) -> Items:
    rows = read_rows(file, name=name, headings=sheet.HEADINGS, required=sheet.REQUIRED, limits=LIMITS)
    says = frozenset(sheet.fields_in(rows.columns))

    def carried() -> Iterator[Carried]:
        for row in rows:
            draft, problems = sheet.item_in(row.values)
            known = {problem.column for problem in row.problems}
            problems = [*row.problems, *(problem for problem in problems if problem.column not in known)]
            attached = []
            for one in draft.media if fetch is not None else ():
                content = fetch(one.name) if fetch is not None else None
                if content is None:
                    problems.append(Problem("media", "contests:file:picture_missing", {"name": one.name[:80]}))
                else:
                    attached.append(Attached(one.name, content, one.alt))
            if fetch is not None:
                draft = replace(draft, media=())
            shown = {key: value for key, value in row.values.items() if value}
            yield Carried(row.line, draft, tuple(problems), (), draft.stem, says, tuple(attached), shown)

    return Items(carried(), rows.extra_columns)


def _bytes(file: BinaryIO) -> bytes:
    content = file.read(LIMITS.bytes + 1)
    if len(content) > LIMITS.bytes:
        raise Unreadable("intake:file:too_large", {"most": LIMITS.bytes // (1024 * 1024)})
    if not content.strip():
        raise Unreadable("intake:file:empty")
    return content


def _text(file: BinaryIO) -> str:
    content = file.read(MOST_TEXT_BYTES + 1)
    if len(content) > MOST_TEXT_BYTES:
        raise Unreadable("intake:file:too_large", {"most": MOST_TEXT_BYTES // (1024 * 1024)})
    if not content.strip():
        raise Unreadable("intake:file:empty")
    if b"\0" in content:
        raise Unreadable("intake:file:nul", {"line": content[: content.index(b"\0")].count(b"\n") + 1})
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            return content.decode("gb18030")
        except UnicodeDecodeError as error:
            line = content[: error.start].count(b"\n") + 1
            raise Unreadable("intake:file:encoding", {"line": line}) from error


# Writing

_HOLDS: dict[Format, Callable[[ItemDraft], str]] = {
    Format.XLSX: sheet.cannot_hold,
    Format.CSV: sheet.cannot_hold,
    Format.GIFT: gift_writing.cannot_hold,
    Format.AIKEN: aiken.cannot_hold,
    Format.MOODLE: moodle_writing.cannot_hold,
    Format.QTI: writing.cannot_hold,
}


def cannot_hold(format: Format, item: ItemDraft) -> str:
    """Return why a format has no words for an item, "" if it has: the last part of a code `contests:hold:…`."""
    return _HOLDS[format](item)


def ending_of(format: Format, items: Iterable[ItemDraft]) -> str:
    """Return the ending of a file of these items: a table with pictures becomes an archive of both."""
    if format in (Format.XLSX, Format.CSV):
        return "zip" if any(item.media for item in items) else format.value
    return {Format.GIFT: "gift", Format.AIKEN: "txt", Format.MOODLE: "xml", Format.QTI: "zip"}[format]


CONTENT_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "gift": "text/plain; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
    "xml": "application/xml",
    "zip": "application/zip",
}


def write_items(
    items: Sequence[tuple[int, ItemDraft]], file: BinaryIO, format: Format, *, content_of: ContentOf, language: str
) -> None:
    """Write items with their numbers; the caller has left out those that the format cannot hold."""
    if format is Format.QTI:
        package.write_qti_package(items, file, content_of)
    elif format in (Format.XLSX, Format.CSV):
        _write_sheet([item for _, item in items], file, format, content_of, language)
    else:
        texts = (
            gift_writing.write_gift(items)
            if format is Format.GIFT
            else aiken.write_aiken(items)
            if format is Format.AIKEN
            else moodle_writing.write_moodle_xml(items, content_of)
        )
        for text in texts:
            file.write(text.encode())


def _write_sheet(
    items: list[ItemDraft], file: BinaryIO, format: Format, content_of: ContentOf, language: str
) -> None:
    write = write_csv if format is Format.CSV else write_xlsx
    media = {one.name: one for item in items for one in item.media}
    if not media:
        write(sheet.rows_of(items, language), file)
        return
    table = io.BytesIO()
    write(sheet.rows_of(items, language), table)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"items.{format.value}", table.getvalue())
        for name, one in media.items():
            content = content_of(one)
            if content is not None:
                archive.writestr(f"media/{name}", content)
