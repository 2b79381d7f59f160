"""Reading XLSX workbooks that may mean harm: streamed, with every size bounded before it is spent.

Written against ECMA-376 part 1 (SpreadsheetML), §18. Only the first visible sheet is read. Nothing is followed:
no link, no external workbook, no entity; a DOCTYPE is refused.
"""

from __future__ import annotations

import re
import struct
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from posixpath import dirname, join, normpath
from typing import Any, BinaryIO
from xml.parsers import expat

from tradeshall.core.ids import parse_number

CHUNK = 64 * 1024
MOST_PARTS = 2_000
MOST_PART_BYTES = 512 * 1024 * 1024
MOST_SMALL_PART_BYTES = 8 * 1024 * 1024  # workbook, relations, styles
MOST_STRINGS_BYTES = 64 * 1024 * 1024  # shared strings are kept in memory
MOST_RATIO = 200  # of real workbooks: about 5 to 20
MOST_SHEET_ROWS = 1_048_576
MOST_SHEET_COLUMNS = 16_384
MOST_EMPTY_CELLS = 20_000_000

BUILT_IN_DATES = {*range(14, 23), *range(27, 37), 45, 46, 47, *range(50, 59)}

FORMULA = "formula"
ERROR_VALUE = "error_value"


class BadWorkbook(Exception):
    """The workbook cannot or will not be read; `reason` is the last part of a refusal's code."""

    def __init__(self, reason: str, **details: object) -> None:
        super().__init__(reason)
        self.reason = reason
        self.details = details


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell as text. `trouble` says why its text must not be taken: a formula, or an error value."""

    text: str
    trouble: str = ""


def read_cells(file: BinaryIO, *, most_columns: int, most_characters: int) -> Iterator[tuple[int, list[Cell]]]:
    """Yield (row number, cells from the first column to the last one filled) of the first visible sheet."""
    _refuse_crowded_directory(file)
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise BadWorkbook("damaged") from error
    with archive:
        names = set(archive.namelist())
        if any(name.startswith("xl/externalLinks/") for name in names):
            raise BadWorkbook("external_links")
        workbook = _find_workbook(archive, names)
        sheet, date1904 = _find_sheet(archive, names, workbook)
        folder = dirname(workbook)
        strings_part, styles_part = join(folder, "sharedStrings.xml"), join(folder, "styles.xml")
        strings = _read_strings(archive, strings_part) if strings_part in names else []
        formats = _read_formats(archive, styles_part) if styles_part in names else []
        reader = _Sheet(strings, formats, date1904, most_columns, most_characters)
        yield from reader.rows(_chunks(archive, sheet, MOST_PART_BYTES))


def _refuse_crowded_directory(file: BinaryIO) -> None:
    """Refuse an archive with a huge directory before the library reads all of it into memory."""
    size = file.seek(0, 2)
    file.seek(max(0, size - 65_557))
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    file.seek(0)
    if at < 0 or len(tail) - at < 22:
        raise BadWorkbook("damaged")
    parts, directory_bytes = struct.unpack("<HI", tail[at + 10 : at + 16])
    if parts > MOST_PARTS or directory_bytes > 1024 * 1024:  # 0xFFFF too, which announces zip64
        raise BadWorkbook("too_large_inside")


def _chunks(archive: zipfile.ZipFile, name: str, most_bytes: int) -> Iterator[bytes]:
    try:
        part = archive.getinfo(name)
    except KeyError as error:
        raise BadWorkbook("damaged") from error
    if part.flag_bits & 1:
        raise BadWorkbook("protected")
    most = min(most_bytes, max(part.compress_size, 1024) * MOST_RATIO)
    if part.file_size > most:
        raise BadWorkbook("too_large_inside")
    given = 0
    try:
        with archive.open(part) as stream:
            while chunk := stream.read(CHUNK):
                given += len(chunk)
                if given > most:  # the directory may have lied
                    raise BadWorkbook("too_large_inside")
                yield chunk
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, ValueError, RuntimeError) as error:
        raise BadWorkbook("damaged") from error
    except Exception as error:
        if type(error).__module__ == "zlib":
            raise BadWorkbook("damaged") from error
        raise


def _parse(chunks: Iterator[bytes], parser: Any) -> Iterator[None]:
    """Feed a parser; yields after every chunk, so that the caller can take what came out."""
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.EntityDeclHandler = _refuse_doctype
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    try:
        for chunk in chunks:
            parser.Parse(chunk, False)
            yield
        parser.Parse(b"", True)
        yield
    except (expat.ExpatError, UnicodeError, LookupError) as error:
        raise BadWorkbook("damaged") from error


def _refuse_doctype(*_: object) -> None:
    raise BadWorkbook("doctype")


def _parser() -> Any:
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    return parser


def _local(name: str) -> str:
    return name.rpartition(" ")[2]


def _elements(archive: zipfile.ZipFile, name: str) -> list[tuple[str, dict[str, str]]]:
    """Return (element, attributes) of a small part in document order, names without their namespaces."""
    found: list[tuple[str, dict[str, str]]] = []
    parser = _parser()
    parser.StartElementHandler = lambda tag, attributes: found.append(
        (_local(tag), {_local(key): value for key, value in attributes.items()})
    )
    for _ in _parse(_chunks(archive, name, MOST_SMALL_PART_BYTES), parser):
        if len(found) > 200_000:
            raise BadWorkbook("too_large_inside")
    return found


def _find_workbook(archive: zipfile.ZipFile, names: set[str]) -> str:
    if "[Content_Types].xml" not in names or "_rels/.rels" not in names:
        raise BadWorkbook("not_a_workbook")
    for tag, attributes in _elements(archive, "_rels/.rels"):
        if tag == "Relationship" and attributes.get("Type", "").endswith("/officeDocument"):
            return _within(attributes, "")
    raise BadWorkbook("not_a_workbook")


def _within(relation: dict[str, str], folder: str) -> str:
    """Return the part a relation points to; only parts of this file."""
    if relation.get("TargetMode") == "External":
        raise BadWorkbook("external_links")
    target = relation.get("Target", "")
    path = normpath(target.lstrip("/") if target.startswith("/") else join(folder, target))
    if path.startswith(".."):
        raise BadWorkbook("damaged")
    return path


def _find_sheet(archive: zipfile.ZipFile, names: set[str], workbook: str) -> tuple[str, bool]:
    if workbook not in names:
        raise BadWorkbook("not_a_workbook")
    date1904, wanted = False, ""
    for tag, attributes in _elements(archive, workbook):
        if tag == "workbookPr":
            date1904 = attributes.get("date1904") in ("1", "true")
        elif tag == "sheet" and not wanted and attributes.get("state", "visible") == "visible":
            wanted = attributes.get("id", "")
    folder, _, name = workbook.rpartition("/")
    relations = join(folder, "_rels", f"{name}.rels")
    if relations in names:
        for tag, attributes in _elements(archive, relations):
            if tag == "Relationship" and attributes.get("Id") == wanted:
                return _within(attributes, folder), date1904
    raise BadWorkbook("not_a_workbook")


def _read_strings(archive: zipfile.ZipFile, name: str) -> list[str]:
    strings: list[str] = []
    pieces: list[str] = []
    state = {"take": False, "ruby": 0}

    def start(tag: str, attributes: dict[str, str]) -> None:
        tag = _local(tag)
        if tag == "si":
            pieces.clear()
        elif tag == "rPh":  # how to read it aloud, not what it says
            state["ruby"] += 1
        elif tag == "t":
            state["take"] = not state["ruby"]

    def end(tag: str) -> None:
        tag = _local(tag)
        if tag == "si":
            strings.append("".join(pieces))
        elif tag == "rPh":
            state["ruby"] -= 1
        elif tag == "t":
            state["take"] = False

    parser = _parser()
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = lambda text: pieces.append(text) if state["take"] else None
    for _ in _parse(_chunks(archive, name, MOST_STRINGS_BYTES), parser):
        if len(strings) > 5_000_000:
            raise BadWorkbook("too_large_inside")
    return strings


def _read_formats(archive: zipfile.ZipFile, name: str) -> list[str]:
    """Return for each cell style "date", a run of zeros to pad to, or nothing."""
    codes: dict[int, str] = {}
    styles: list[str] = []
    inside = False
    for tag, attributes in _elements(archive, name):
        if tag == "numFmt" and (known := parse_number(attributes.get("numFmtId", ""))) is not None:
            codes[known] = attributes.get("formatCode", "")
        elif tag in ("cellXfs", "cellStyles", "cellStyleXfs", "dxfs"):
            inside = tag == "cellXfs"
        elif tag == "xf" and inside:
            styles.append(_format_of(parse_number(attributes.get("numFmtId", "")) or 0, codes))
    return styles


def _format_of(number: int, codes: dict[int, str]) -> str:
    code = codes.get(number)
    if code is None:
        return "date" if number in BUILT_IN_DATES else ""
    plain = re.sub(r'"[^"]*"|\\.|\[[^\]]*\]|_.', "", code.partition(";")[0]).lower()
    if re.search(r"[ymdhs]", plain.replace("general", "")):
        return "date"
    return plain if re.fullmatch(r"0{2,30}", plain) else ""


class _Sheet:
    """Rows of one worksheet, out of a stream of its XML."""

    def __init__(
        self, strings: list[str], formats: list[str], date1904: bool, most_columns: int, most_characters: int
    ) -> None:
        self.strings, self.formats = strings, formats
        self.epoch = datetime(1904, 1, 1) if date1904 else datetime(1899, 12, 30)  # noqa: DTZ001 (a calendar's origin)
        self.most_columns, self.most_characters = most_columns, most_characters
        self.ready: list[tuple[int, list[Cell]]] = []
        self.row, self.column, self.last_row, self.seen_cells = 0, 0, 0, 0
        self.cells: list[Cell] = []
        self.kind, self.style, self.formula, self.taking = "n", 0, False, False
        self.value: list[str] = []
        self.length = 0
        self.ruby = 0
        self.in_data = False

    def rows(self, chunks: Iterator[bytes]) -> Iterator[tuple[int, list[Cell]]]:
        parser = _parser()
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        for _ in _parse(chunks, parser):
            ready, self.ready = self.ready, []
            yield from ready

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        tag = tag.rpartition(" ")[2]
        if tag == "c":
            self.seen_cells += 1
            if self.seen_cells > MOST_EMPTY_CELLS:
                raise BadWorkbook("too_large_inside")
            reference = attributes.get("r")
            self.column = _column_of(reference) if reference else self.column + 1
            if not 1 <= self.column <= MOST_SHEET_COLUMNS:
                raise BadWorkbook("damaged")
            self.kind = attributes.get("t", "n")
            self.style = parse_number(attributes.get("s", "")) or 0
            self.formula = False
            self.value.clear()
            self.length = 0
        elif tag in ("v", "t"):
            self.taking = self.in_data and not self.ruby
        elif tag == "f":
            self.formula = True
        elif tag == "row":
            number = parse_number(attributes.get("r", ""))
            self.row = self.last_row + 1 if number is None else number
            if not self.last_row < self.row <= MOST_SHEET_ROWS:
                raise BadWorkbook("damaged")
            self.last_row, self.column, self.cells = self.row, 0, []
        elif tag == "rPh":
            self.ruby += 1
        elif tag == "sheetData":
            self.in_data = True

    def _text(self, text: str) -> None:
        if self.taking:
            self.length += len(text)
            if self.length <= self.most_characters + 1:
                self.value.append(text)

    def _end(self, tag: str) -> None:
        tag = tag.rpartition(" ")[2]
        if tag in ("v", "t"):
            self.taking = False
        elif tag == "c":
            cell = self._cell()
            if cell.text or cell.trouble:
                if self.column > self.most_columns:
                    raise BadWorkbook("too_many_columns", most=self.most_columns)
                if self.column <= len(self.cells):
                    raise BadWorkbook("damaged")
                self.cells.extend([EMPTY] * (self.column - 1 - len(self.cells)))
                self.cells.append(cell)
        elif tag == "row":
            if self.cells:
                self.ready.append((self.row, self.cells))
                self.cells = []
        elif tag == "rPh":
            self.ruby -= 1
        elif tag == "sheetData":
            self.in_data = False

    def _cell(self) -> Cell:
        text = "".join(self.value)
        if self.formula:
            return Cell(text, FORMULA)
        if self.kind == "s":
            try:
                return Cell(self.strings[int(text)]) if text else EMPTY
            except (ValueError, IndexError) as error:
                raise BadWorkbook("damaged") from error
        if self.kind == "e":
            return Cell(text, ERROR_VALUE)
        if self.kind == "d":
            return Cell(text.removesuffix("T00:00:00").removesuffix("Z"))
        if self.kind == "b":
            return Cell("TRUE" if text == "1" else "FALSE")
        if self.kind == "n" and text:
            return Cell(self._number(text))
        return Cell(text)

    def _number(self, text: str) -> str:
        """Return a number as a person sees it in the sheet: no exponent, a date as a date, zeros as formatted."""
        try:
            number = Decimal(repr(float(text)))
        except (ValueError, InvalidOperation) as error:
            raise BadWorkbook("damaged") from error
        if not number.is_finite() or abs(number) >= Decimal(10) ** 30:
            return text
        shown = self.formats[self.style] if self.style < len(self.formats) else ""
        if shown == "date" and 1 <= number < 2_958_466:
            moment = self.epoch + timedelta(days=float(number))
            return moment.date().isoformat() if number == int(number) else moment.isoformat(" ", "seconds")
        plain = format(number.quantize(Decimal(1)) if number == number.to_integral_value() else number, "f")
        return plain.zfill(len(shown)) if shown and shown != "date" and plain.isdigit() else plain


EMPTY = Cell("")


def _column_of(reference: str) -> int:
    """Return 1 for "A7", 28 for "AB7", 0 for what is no reference."""
    column = 0
    for letter in reference[:4]:
        if not "A" <= letter <= "Z":
            break
        column = column * 26 + ord(letter) - 64
    return column
