"""Spreadsheet files for tests: CSV as bytes, XLSX by hand, so that every odd thing in the wild can be written."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from xml.sax.saxutils import escape

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"

Value = str | int | float | tuple[str, str] | None


def csv_file(*lines: str, encoding: str = "utf-8") -> io.BytesIO:
    """Return a CSV file of lines."""
    return io.BytesIO("".join(f"{line}\n" for line in lines).encode(encoding))


def sheet_of(rows: Sequence[Sequence[Value]]) -> str:
    """Return the XML of a worksheet. A tuple is (attributes and kind, inner XML) of a cell written as it is."""
    found = []
    for number, row in enumerate(rows, 1):
        cells = []
        for index, value in enumerate(row):
            reference = f"{column(index)}{number}"
            if value is None:
                continue
            if isinstance(value, tuple):
                cells.append(f'<c r="{reference}" {value[0]}>{value[1]}</c>')
            elif isinstance(value, str):
                cells.append(f'<c r="{reference}" t="inlineStr"><is><t>{escape(value)}</t></is></c>')
            else:
                cells.append(f'<c r="{reference}"><v>{value}</v></c>')
        found.append(f'<row r="{number}">{"".join(cells)}</row>')
    return f'<worksheet xmlns="{MAIN}"><sheetData>{"".join(found)}</sheetData></worksheet>'


def column(index: int) -> str:
    """Return the letters of a column: A for 0, AA for 26."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def xlsx_file(
    rows: Sequence[Sequence[Value]] = (),
    *,
    sheet: str | None = None,
    strings: str | None = None,
    styles: str | None = None,
    workbook: str = "",
    parts: dict[str, str] | None = None,
) -> io.BytesIO:
    """Return an XLSX file with one sheet."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", f'<Types xmlns="{PACKAGE}/content-types"/>')
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
            f'Type="{DOCUMENT}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{MAIN}" xmlns:r="{DOCUMENT}">{workbook}<sheets>'
            '<sheet name="表" sheetId="1" r:id="rId1"/></sheets></workbook>',
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
            f'Type="{DOCUMENT}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        )
        archive.writestr("xl/worksheets/sheet1.xml", sheet if sheet is not None else sheet_of(rows))
        if strings is not None:
            archive.writestr("xl/sharedStrings.xml", strings)
        if styles is not None:
            archive.writestr("xl/styles.xml", styles)
        for name, content in (parts or {}).items():
            archive.writestr(name, content)
    file.seek(0)
    return file
