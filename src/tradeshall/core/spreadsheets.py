"""Spreadsheets in and out: CSV and XLSX, Chinese or English headings, whatever Excel did to them on the way.

`read_rows` takes nothing on trust: a file that cannot be read whole is refused with one clear reason
(`Unreadable`), a cell that cannot be read is a problem of its row, and memory and time stay bounded.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from itertools import chain, islice, zip_longest
from pathlib import Path
from typing import Any, BinaryIO
from unicodedata import east_asian_width

from tradeshall.core import delimited, xlsx

ERROR_VALUES = frozenset({"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!"})
HEADING_ROWS = 10  # the heading stands within these; titles may stand above it
FORMULA_CHARACTERS = "=+-@\t\r\n＝＋－＠"  # those of full width too: East Asian Excel takes them for the others
WIDTH_ROWS = 50  # a column is drawn as wide as these rows need
SERIAL_DAYS = range(7_306, 73_051)  # 1920 to 2100, counted as Excel does

_NOT_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # XML has no way to say them
_DEFUSED = re.compile(f"'+[{re.escape(FORMULA_CHARACTERS)}]")  # what began so itself gets one mark more
_EDGES = " \t\r\n\v\f\u00a0\u3000\u200b\u200c\u200d\u2060\ufeff"


@dataclass(frozen=True, slots=True)
class Limits:
    """What a file may hold. The defaults carry a million members."""

    bytes: int = 256 * 1024 * 1024
    rows: int = 1_048_576
    columns: int = 64
    characters: int = 10_000  # in one cell


class Unreadable(Exception):
    """The file as a whole cannot be read; nothing of it was taken. `code` is that of a refusal."""

    def __init__(self, code: str, details: Mapping[str, object] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.details = dict(details or {})


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one cell of a row (column "": with the row)."""

    column: str
    code: str
    details: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Row:
    """One row under the heading: its line as a spreadsheet counts, its text by canonical heading."""

    line: int
    values: dict[str, str]
    problems: tuple[Problem, ...] = ()


class Rows:
    """The rows of a sheet, read as they are asked for. The heading has been found and understood."""

    def __init__(
        self, cells: Iterator[tuple[int, list[xlsx.Cell]]], columns: dict[int, str], extra: list[str], limits: Limits
    ) -> None:
        self._cells, self._columns, self._limits = cells, columns, limits
        self.extra_columns = extra
        self.columns = frozenset(columns.values())

    def __iter__(self) -> Iterator[Row]:
        count = 0
        empty = dict.fromkeys(self._columns.values(), "")
        for line, cells in self._cells:
            values, problems = dict(empty), []
            for index, name in self._columns.items():
                if index >= len(cells):
                    continue
                cell = cells[index]
                text = clean(cell.text)
                if cell.trouble:
                    problems.append(Problem(name, f"intake:cell:{cell.trouble}", {"value": text[:40]}))
                elif len(text) > self._limits.characters:
                    problems.append(Problem(name, "intake:cell:too_long", {"most": self._limits.characters}))
                    text = text[:40]
                values[name] = text
            if not problems and not any(values.values()):
                continue  # rows left empty, or filled only in columns we do not know
            count += 1
            if count > self._limits.rows:
                raise Unreadable("intake:file:too_many_rows", {"most": self._limits.rows})
            yield Row(line, values, tuple(problems))


def read_rows(
    source: Path | str | BinaryIO,
    *,
    name: str,
    headings: Mapping[str, tuple[str, ...]],
    required: Collection[str] = (),
    limits: Limits = Limits(),
) -> Rows:
    """Return the rows of a CSV or XLSX file, its kind told by its content, never by its name.

    `headings` maps each canonical column to other words for it. Raises `Unreadable` here if the file or its
    heading is at fault, and while rows are taken if something further down is.
    """
    if isinstance(source, Path | str):
        cells = _opened(Path(source), headings, limits)
    else:
        cells = _cells_of(source, headings, limits)
    told = _told(cells)
    begun = list(islice(told, HEADING_ROWS))
    if not begun:
        raise Unreadable("intake:file:empty")
    at, columns, extra = _find_heading(begun, headings)
    missing = [column for column in headings if column in required and column not in columns.values()]
    if not columns:
        raise Unreadable("intake:file:no_heading", {"headings": _words(headings, required or headings)})
    if missing:
        raise Unreadable("intake:file:missing_columns", {"headings": _words(headings, missing)})
    return Rows(chain(begun[at + 1 :], told), columns, extra, limits)


def _words(headings: Mapping[str, tuple[str, ...]], columns: Iterable[str]) -> str:
    return ", ".join(f"{headings[column][0]} {column}" if headings[column] else column for column in columns)


def _told(cells: Iterator[tuple[int, list[xlsx.Cell]]]) -> Iterator[tuple[int, list[xlsx.Cell]]]:
    try:
        yield from cells
    except (xlsx.BadWorkbook, delimited.BadText) as error:
        raise Unreadable(f"intake:file:{error.reason}", error.details) from error


def _opened(
    path: Path, headings: Mapping[str, tuple[str, ...]], limits: Limits
) -> Iterator[tuple[int, list[xlsx.Cell]]]:
    with path.open("rb") as file:
        yield from _cells_of(file, headings, limits)


def _cells_of(
    file: BinaryIO, headings: Mapping[str, tuple[str, ...]], limits: Limits
) -> Iterator[tuple[int, list[xlsx.Cell]]]:
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    start = file.read(8)
    file.seek(0)
    if not size:
        raise Unreadable("intake:file:empty")
    if size > limits.bytes:
        raise Unreadable("intake:file:too_large", {"most": limits.bytes // (1024 * 1024)})
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise Unreadable("intake:file:old_or_protected")
    if start.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b")):
        raise Unreadable("intake:file:not_a_spreadsheet")
    if start.startswith(b"PK"):
        return xlsx.read_cells(file, most_columns=limits.columns, most_characters=limits.characters)
    return _delimited_cells(file, headings, limits)


def _delimited_cells(
    file: BinaryIO, headings: Mapping[str, tuple[str, ...]], limits: Limits
) -> Iterator[tuple[int, list[xlsx.Cell]]]:
    encoding = delimited.find_encoding(file)
    known = _known(headings)
    samples = delimited.sample(file, encoding)
    separator = max(
        samples,
        key=lambda one: max((sum(_plain(cell) in known for cell in record) for record in samples[one]), default=0),
    )
    most_lines = limits.rows + HEADING_ROWS
    for line, record in enumerate(delimited.read_records(file, encoding, separator), 1):
        if line > most_lines:  # empty ones too: reading them costs as much
            raise Unreadable("intake:file:too_many_rows", {"most": limits.rows})
        while record and not record[-1].strip(_EDGES):
            record.pop()
        if len(record) > limits.columns:
            raise Unreadable("intake:file:too_many_columns", {"most": limits.columns})
        if record:
            yield line, [_text_cell(text) for text in record]


def _text_cell(text: str) -> xlsx.Cell:
    if text.startswith("="):
        kept = re.fullmatch(r'="([^"]*)"', text)  # how Excel users keep leading zeros in CSV
        return xlsx.Cell(kept[1]) if kept else xlsx.Cell(text, xlsx.FORMULA)
    if text in ERROR_VALUES:
        return xlsx.Cell(text, xlsx.ERROR_VALUE)
    return xlsx.Cell(text)


def _known(headings: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    return {_plain(word): column for column, words in headings.items() for word in (column, *words)}


def _plain(heading: str) -> str:
    """Return a heading without case, width, marks, spaces or what stands in parentheses."""
    text = re.sub(r"\([^)]*\)", "", unicodedata.normalize("NFKC", heading).casefold())
    return "".join(character for character in text if character.isalnum())


def _find_heading(
    begun: list[tuple[int, list[xlsx.Cell]]], headings: Mapping[str, tuple[str, ...]]
) -> tuple[int, dict[int, str], list[str]]:
    """Return where the heading ends, the columns we know, and the words of those we do not."""
    known = _known(headings)
    names = [[_plain(cell.text) for cell in cells] for _, cells in begun]
    at = max(range(len(begun)), key=lambda i: (len({known[n] for n in names[i] if n in known}), -i))
    columns: dict[int, str] = {}
    extra: list[str] = []
    others = [names[at - 1] if at else []]  # a heading merged over two rows keeps its word in the upper one
    below = names[at + 1] if at + 1 < len(names) and begun[at + 1][0] == begun[at][0] + 1 else []
    if any(below) and all(not word or (word in known and not _at(names[at], i)) for i, word in enumerate(below)):
        others.append(below)
    last = at + len(others) - 1
    for index in range(max(len(one) for one in (names[at], *others))):
        word = _at(names[at], index)
        for other in others:
            if not word and _at(other, index) in known:
                word = other[index]
        column = known.get(word)
        if column is None:
            if word and index < len(begun[at][1]):
                extra.append(clean(begun[at][1][index].text)[:40])
        elif column in columns.values():
            raise Unreadable("intake:file:heading_twice", {"heading": clean(begun[at][1][index].text)[:40]})
        else:
            columns[index] = column
    return last, columns, extra


def _at(words: list[str], index: int) -> str:
    return words[index] if index < len(words) else ""


def clean(text: str) -> str:
    """Return text without the space around it (full-width and invisible too), and without our own defusing mark."""
    text = text.strip(_EDGES)
    if _DEFUSED.match(text):
        text = text[1:].strip(_EDGES)
    return text


def narrow(text: str) -> str:
    """Return a code or number typed in full width (ＨＣ－０１) as plain characters."""
    return clean(unicodedata.normalize("NFKC", text))


def unmangled(text: str) -> str | None:
    """Return the digits behind a number that a spreadsheet rewrote (1.38E+10, 138000.0); None if some are lost."""
    if re.fullmatch(r"\d+\.0+", text):
        return text.partition(".")[0]
    found = re.fullmatch(r"(\d)(?:\.(\d+))?[eE]\+?(\d{1,2})", text)
    if not found:
        return text
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return format(number, "f") if len(found[2] or "") == int(found[3]) else None


def parse_date(text: str) -> date | None:
    """Return the day that 2016-09-05, 2016/9/5, 2016.9.5, 20160905, 2016年9月5日 or the serial 42618 names.

    None for everything else; 9/5/2016 is refused because nobody can tell which is the month.
    """
    text = re.sub(r"[ T]\d{1,2}:\d{2}(:\d{2})?(\.\d+)?$", "", narrow(text))
    found = (
        re.fullmatch(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})", text)
        or re.fullmatch(r"(\d{4}) ?年 ?(\d{1,2}) ?月 ?(\d{1,2}) ?[日号]?", text)
        or re.fullmatch(r"(\d{4})(\d{2})(\d{2})", text)
    )
    try:
        if found:
            return date(*(int(part) for part in found.groups()))
    except ValueError:
        return None
    if re.fullmatch(r"\d{4,5}(\.\d+)?", text) and int(float(text)) in SERIAL_DAYS:
        return date(1899, 12, 30) + timedelta(days=int(float(text)))
    return None


def defused(value: object) -> object:
    """Return a value that no spreadsheet takes for a formula, without characters that are none."""
    if not isinstance(value, str):
        return value
    text = _NOT_TEXT.sub("", value)  # first, for they may stand before the formula
    return "'" + text if (text[:1] and text[0] in FORMULA_CHARACTERS) or _DEFUSED.match(text) else text


def write_csv(rows: Iterable[Iterable[object]], file: BinaryIO) -> None:
    """Write rows as CSV in UTF-8 with a mark, so that Excel opens it right; formulas are defused."""
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="", write_through=True)
    try:
        writer = csv.writer(text)
        for row in rows:
            writer.writerow([defused(_shown(value)) for value in row])
    finally:
        text.flush()
        text.detach()


def write_xlsx(rows: Iterable[Iterable[object]], file: BinaryIO, *, title: str = "Sheet1") -> None:
    """Write rows as a workbook of one sheet, the first row bold and kept in view; formulas are defused."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet(re.sub(r"[\[\]:*?/\\]", " ", title)[:31] or "Sheet1")
    sheet.freeze_panes = "A2"
    rest = iter(rows)
    first = [list(row) for row in islice(rest, WIDTH_ROWS)]
    for column, values in enumerate(zip_longest(*first, fillvalue=""), start=1):
        sheet.column_dimensions[get_column_letter(column)].width = _width(values)
    for number, row in enumerate(chain(first, rest)):
        cells = []
        for value in row:
            shown: Any = defused(_shown(value))
            if isinstance(shown, str):
                shown = shown[:32_767]
            cell = WriteOnlyCell(sheet, value=shown)
            if isinstance(shown, str):
                cell.number_format = "@"  # text stays text when it is edited: codes keep their zeros
            if number == 0:
                cell.font = Font(bold=True)
            cells.append(cell)
        sheet.append(cells)
    workbook.save(file)


def _width(values: Iterable[object]) -> int:
    """Return how wide a column is drawn, in half-width characters: what stands in it fits, very long texts do not."""
    widest = max(sum(2 if east_asian_width(sign) in "WF" else 1 for sign in str(_shown(value))) for value in values)
    return min(max(widest, 8), 48) + 2


def _shown(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds")
    if isinstance(value, date):
        return value.isoformat()
    return value
