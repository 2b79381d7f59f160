from __future__ import annotations

import io
import zipfile
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from tests.factories.spreadsheets import MAIN, csv_file, xlsx_file

from tradeshall.core.spreadsheets import (
    Limits,
    Row,
    Unreadable,
    clean,
    narrow,
    parse_date,
    read_rows,
    unmangled,
    write_csv,
    write_xlsx,
)

HEADINGS = {"code": ("编码", "unit code"), "name": ("名称",), "day": ("日期",)}
STYLES = (
    f'<styleSheet xmlns="{MAIN}"><numFmts>'
    '<numFmt numFmtId="170" formatCode="yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;"/>'
    '<numFmt numFmtId="171" formatCode="00000000"/></numFmts>'
    '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="170"/><xf numFmtId="171"/><xf numFmtId="11"/>'
    "</cellXfs>"
    "</styleSheet>"
)


def read(file: io.BytesIO, **options: object) -> list[Row]:
    return list(read_rows(file, name="file", headings=HEADINGS, required=("code", "name"), **options))  # type: ignore[arg-type]


def values(file: io.BytesIO) -> list[dict[str, str]]:
    return [row.values for row in read(file)]


def reason(file: io.BytesIO, **options: object) -> str:
    with pytest.raises(Unreadable) as caught:
        read(file, **options)
    return caught.value.code.removeprefix("intake:file:")


# headings


@pytest.mark.parametrize(
    "heading",
    ["编码,名称", "code,name", "CODE , Name", "编码*,名称（必填）", "名称,编码", "Unit_Code,名 称", "ｃｏｄｅ,NAME"],
)
def test_read_rows_finds_headings_in_any_language_case_and_order(heading: str) -> None:
    first = "HC" if "名" not in heading.split(",")[0] else "总工会"
    second = "总工会" if first == "HC" else "HC"
    assert values(csv_file(heading, f"{first},{second}")) == [{"code": "HC", "name": "总工会"}]


def test_read_rows_finds_the_heading_below_titles_and_merged_cells() -> None:
    rows = [
        ["海川市总工会组织名册", None, None],
        [None],
        ["编码", "名称", "其他"],
        ["HC", "总工会", "x"],
        [None],
        [None],
    ]
    table = read_rows(xlsx_file(rows), name="a", headings=HEADINGS, required=("code", "name"))
    assert table.extra_columns == ["其他"]
    assert [(row.line, row.values) for row in table] == [(4, {"code": "HC", "name": "总工会"})]


def test_read_rows_takes_headings_merged_with_the_row_above() -> None:
    rows = [["编码", None, "日期"], [None, "名称", None], ["HC", "总工会", "2016-09-05"]]
    assert values(xlsx_file(rows)) == [{"code": "HC", "name": "总工会", "day": "2016-09-05"}]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["编码,code,名称", "1,2,3"], "heading_twice"),
        (["编码,日期", "1,2"], "missing_columns"),
        (["甲,乙", "1,2"], "no_heading"),
        (["", "", ""], "empty"),
    ],
)
def test_read_rows_refuses_a_heading_at_fault(lines: list[str], expected: str) -> None:
    assert reason(csv_file(*lines)) == expected


def test_read_rows_counts_lines_as_a_spreadsheet_does() -> None:
    file = csv_file("编码,名称", "A,一", "", ",", 'B,"二', '行"', "C,三")
    assert [(row.line, row.values["code"]) for row in read(file)] == [(2, "A"), (5, "B"), (6, "C")]


def test_read_rows_yields_every_row_of_a_long_file() -> None:
    for count in (8, 9, 10, 11, 2_500):
        assert len(read(csv_file("编码,名称", *(f"C{n},名" for n in range(count))))) == count


# CSV as it is saved


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk"])
@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_read_rows_takes_what_chinese_windows_saves(encoding: str, separator: str) -> None:
    lines = [line.replace(",", separator) for line in ("编码,名称", "HC,海川市总工会", "HC-1,联通公司工会")]
    assert [one["name"] for one in values(csv_file(*lines, encoding=encoding))] == ["海川市总工会", "联通公司工会"]


def test_read_rows_takes_gb18030_that_happens_to_be_utf8_in_one_line() -> None:
    lines = ["编码,名称", *(f"C{n},海川市第{n}工会" for n in range(40)), "D,联通"]  # 联通 is the famous one
    assert values(csv_file(*lines, encoding="gb18030"))[-1]["name"] == "联通"


@pytest.mark.parametrize("ending", ["\r\n", "\r", "\n"])
def test_read_rows_takes_every_line_ending(ending: str) -> None:
    file = io.BytesIO(ending.join(["编码,名称", "A,一", "B,二"]).encode())
    assert [one["code"] for one in values(file)] == ["A", "B"]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "empty"),
        ("编码,名称\nA,一\n".encode("utf-16"), "utf16"),
        ("编码,名称\nA,一\n".encode("utf-16-le"), "utf16"),
        ("code,name\nA,one\n".encode("utf-16-be"), "utf16"),
        ("编码,名称\nA,一\x00二\n".encode(), "nul"),
        ("编码,名称\nA,海川市总工会\n".encode() + "B,海川市总工会\n".encode("gb18030"), "mixed_encodings"),
        ("编码,名称\nA,海".encode() + b"\xff\xff\n", "encoding"),
        ('编码,名称\nA,"一\nB,二\n'.encode(), "open_quote"),
        (b"code,name\n" + b"x" * 2_000_000, "line_too_long"),
        (b"code,name\n" + b",".join([b"x"] * 100_000), "too_many_columns"),
        (b"%PDF-1.7\n", "not_a_spreadsheet"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 600, "old_or_protected"),
        (b"PK\x03\x04 truncated", "damaged"),
    ],
)
def test_read_rows_refuses_a_file_it_cannot_read(content: bytes, expected: str) -> None:
    assert reason(io.BytesIO(content)) == expected


def test_read_rows_names_the_line_that_is_neither() -> None:
    with pytest.raises(Unreadable) as caught:
        read(io.BytesIO("编码,名称\nA,海\nB,".encode() + b"\xff\xff\n"))
    assert caught.value.details == {"line": 3}


def test_read_rows_stops_at_its_limits() -> None:
    file = csv_file("编码,名称", *(f"C{n},名" for n in range(30)))
    assert reason(file, limits=Limits(rows=20)) == "too_many_rows"
    assert reason(csv_file("编码,名称", "A,一"), limits=Limits(bytes=10)) == "too_large"
    assert reason(csv_file("编码,名称", *[""] * 40, "A,一"), limits=Limits(rows=20)) == "too_many_rows"


def test_read_rows_tells_a_huge_cell_and_shortens_it() -> None:
    (row,) = read(csv_file("编码,名称", "A," + "长" * 20_000))
    assert [(p.column, p.code) for p in row.problems] == [("name", "intake:cell:too_long")]
    assert len(row.values["name"]) == 40


# what Excel does


def test_read_rows_undoes_what_excel_does_to_numbers_and_days() -> None:
    rows = [
        ["编码", "名称", "日期"],
        [13800138000, "整数", ('s="1"', "<v>42618</v>")],
        [("", "<v>1.3800138000E10</v>"), "科学记数", ('s="2"', "<v>42618</v>")],
        [('s="3"', "<v>42</v>"), "补零", ('t="d"', "<v>2016-09-05T00:00:00</v>")],
        [('s="4"', "<v>13800138000</v>"), "显示为科学记数", ('s="1"', "<v>42618.5</v>")],
    ]
    found = values(xlsx_file(rows, styles=STYLES))
    assert [one["code"] for one in found] == ["13800138000", "13800138000", "00000042", "13800138000"]
    assert [one["day"] for one in found] == ["2016-09-05"] * 3 + ["2016-09-05 12:00:00"]


def test_read_rows_counts_days_from_1904_where_the_workbook_does() -> None:
    rows = [["编码", "名称", "日期"], ["A", "一", ('s="1"', "<v>41156</v>")]]
    file = xlsx_file(rows, styles=STYLES, workbook='<workbookPr date1904="1"/>')
    assert values(file)[0]["day"] == "2016-09-05"


def test_read_rows_takes_shared_strings_with_runs_and_without_ruby() -> None:
    strings = (
        f'<sst xmlns="{MAIN}"><si><t>编码</t></si><si><t>名称</t></si>'
        '<si><r><t>海川</t></r><r><t>市</t></r><rPh sb="0" eb="1"><t>ハイ</t></rPh></si></sst>'
    )
    rows = [[('t="s"', f"<v>{n}</v>") for n in (0, 1)], ["A", ('t="s"', "<v>2</v>")]]
    assert values(xlsx_file(rows, strings=strings)) == [{"code": "A", "name": "海川市"}]


def test_read_rows_refuses_formulas_and_error_values_cell_by_cell() -> None:
    rows = [
        ["编码", "名称"],
        ["A", ("", "<f>1+1</f><v>2</v>")],
        ["B", ('t="e"', "<v>#REF!</v>")],
        ["C", "=1+1"],
        ["D", "好"],
    ]
    found = read(xlsx_file(rows))
    assert [[(p.column, p.code) for p in row.problems] for row in found] == [
        [("name", "intake:cell:formula")],
        [("name", "intake:cell:error_value")],
        [],  # text that only looks like one is text in a workbook
        [],
    ]


def test_read_rows_refuses_formulas_in_csv_but_takes_the_kept_zero() -> None:
    found = read(csv_file("编码,名称", "=1+1,一", '"=""0012""",二', "#N/A,三", "'=A1,四"))
    assert [[p.code for p in row.problems] for row in found] == [
        ["intake:cell:formula"],
        [],
        ["intake:cell:error_value"],
        [],
    ]
    assert [row.values["code"] for row in found][1::2] == ["0012", "=A1"]


def test_read_rows_takes_what_openpyxl_writes() -> None:
    workbook = Workbook()
    hidden = workbook.active
    assert hidden is not None
    hidden.sheet_state = "hidden"
    hidden.append(["编码", "名称"])
    sheet = workbook.create_sheet("名册")
    for row in (["编码", "名称", "日期"], ["A", "一", date(2016, 9, 5)], ["B", "二", None]):
        sheet.append(row)
    workbook.active = 1
    file = io.BytesIO()
    workbook.save(file)
    assert values(file) == [
        {"code": "A", "name": "一", "day": "2016-09-05"},
        {"code": "B", "name": "二", "day": ""},
    ]


# workbooks that mean harm


def test_read_rows_refuses_a_doctype() -> None:
    bomb = (
        '<!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
        f'<worksheet xmlns="{MAIN}"><sheetData><row><c t="inlineStr"><is><t>&b;</t></is></c></row></sheetData>'
        "</worksheet>"
    )
    assert reason(xlsx_file(sheet=bomb)) == "doctype"


def test_read_rows_refuses_links_to_other_files() -> None:
    assert reason(xlsx_file([["编码"]], parts={"xl/externalLinks/externalLink1.xml": "<x/>"})) == "external_links"


def test_read_rows_refuses_too_many_columns_and_a_cell_far_out() -> None:
    wide = [["编码", "名称"], ["x"] * 16_000]
    assert reason(xlsx_file(wide)) == "too_many_columns"
    far = f'<worksheet xmlns="{MAIN}"><sheetData><row r="1"><c r="ZZZZ1"><v>1</v></c></row></sheetData></worksheet>'
    assert reason(xlsx_file(sheet=far)) == "damaged"


@pytest.mark.parametrize(
    "sheet",
    [
        "not xml at all",
        f'<worksheet xmlns="{MAIN}"><sheetData><row r="2"/><row r="1"/></sheetData></worksheet>',
        f'<worksheet xmlns="{MAIN}"><sheetData><row r="1"><c t="s"><v>7</v></c></row></sheetData></worksheet>',
        f'<worksheet xmlns="{MAIN}"><sheetData><row r="1"><c><v>1x</v></c></row></sheetData></worksheet>',
        f'<worksheet xmlns="{MAIN}"><sheetData><row r="99999999"><c><v>1</v></c></row></sheetData></worksheet>',
        f'<worksheet xmlns="{MAIN}"><sheetData><row r="1"><c r="A1"><v>1',
    ],
)
def test_read_rows_refuses_a_damaged_sheet(sheet: str) -> None:
    assert reason(xlsx_file(sheet=sheet)) == "damaged"


@pytest.mark.parametrize("number", ["²", "-1", "9" * 5000])
def test_read_rows_passes_over_numbers_that_are_none(number: str) -> None:
    cells = (
        "".join(f'<c s="{number}" t="inlineStr"><is><t>{word}</t></is></c>' for word in row)
        for row in (("编码", "名称"), ("A", "海"))
    )
    rows = "".join(f'<row r="{number}">{row}</row>' for row in cells)
    sheet = f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'
    assert values(xlsx_file(sheet=sheet)) == [{"code": "A", "name": "海"}]


def test_read_rows_refuses_an_archive_that_is_no_workbook() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("hello.txt", "hello")
    assert reason(file) == "not_a_workbook"


def test_read_rows_refuses_an_archive_of_very_many_parts() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for n in range(3_000):
            archive.writestr(f"xl/media/{n}", b"")
    assert reason(file) == "too_large_inside"


def test_read_rows_refuses_a_part_that_lies_about_its_size() -> None:
    file = xlsx_file([["编码", "名称"], ["A", "x" * 200_000]])
    content = bytearray(file.getvalue())
    with zipfile.ZipFile(file) as archive:
        size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    content = bytearray(bytes(content).replace(size.to_bytes(4, "little"), (1000).to_bytes(4, "little")))
    assert reason(io.BytesIO(bytes(content))) == "damaged"


# cells


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2016-09-05", date(2016, 9, 5)),
        ("2016/9/5", date(2016, 9, 5)),
        ("2016.9.5", date(2016, 9, 5)),
        ("2016年9月5日", date(2016, 9, 5)),
        ("２０１６年９月５日", date(2016, 9, 5)),
        ("20160905", date(2016, 9, 5)),
        ("2016-09-05 00:00:00", date(2016, 9, 5)),
        ("42618", date(2016, 9, 5)),
        ("42618.0", date(2016, 9, 5)),
        ("9/5/2016", None),
        ("2016-13-05", None),
        ("2016-02-30", None),
        ("16-9-5", None),
        ("昨天", None),
        ("", None),
        ("99999", None),
    ],
)
def test_parse_date_takes_what_people_write_and_nothing_doubtful(text: str, expected: date | None) -> None:
    assert parse_date(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("13800138000", "13800138000"),
        ("1.38001E+10", None),
        ("1.3800138000E+10", "13800138000"),
        ("13800138000.0", "13800138000"),
        ("1E+2", None),
        ("HC-E-01", "HC-E-01"),
        ("1E5", None),
        ("0012", "0012"),
    ],
)
def test_unmangled_restores_a_number_or_says_that_digits_are_lost(text: str, expected: str | None) -> None:
    assert unmangled(text) == expected


def test_narrow_and_clean_take_off_what_cannot_be_seen() -> None:
    assert narrow("　ＨＣ－０１ \u200b") == "HC-01"
    assert clean(" '=1 ") == "=1"
    assert clean("'quoted'") == "'quoted'"


# out again


@given(
    st.lists(
        st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=20), min_size=2, max_size=2
    )
)
def test_what_is_written_as_csv_is_read_again(cells: list[str]) -> None:
    file = io.BytesIO()
    write_csv([["编码", "名称"], ["x" + cells[0], cells[1]]], file)
    (row,) = read(file)
    assert row.values == {"code": clean("x" + cells[0]), "name": clean(cells[1])}


@pytest.mark.parametrize("text", ["=1+1", "+86 138", "-1", "@SUM(A1)", "\t=1", "＝1+1", "＠SUM(A1)"])
def test_written_text_is_never_a_formula(text: str) -> None:
    for write in (write_csv, write_xlsx):
        file = io.BytesIO()
        write([["编码", "名称"], ["A", text]], file)
        if write is write_xlsx:
            sheet = load_workbook(file).active
            assert sheet is not None
            assert (sheet["B2"].data_type, sheet["B2"].value) == ("s", "'" + text)
        else:
            assert f"'{text}" in file.getvalue().decode()
        (row,) = read(file)
        assert row.values["name"] == clean(text)


def test_a_workbook_has_columns_as_wide_as_what_stands_in_them() -> None:
    file = io.BytesIO()
    write_xlsx([["编码", "名称"], ["HC-E-01-2026-11", "澜栖精密机械厂工会"], ["A", "x" * 500]], file)
    sheet = load_workbook(file).active
    assert sheet is not None
    assert [sheet.column_dimensions[column].width for column in "AB"] == [17, 50]
    assert [row[0].value for row in sheet.iter_rows()] == ["编码", "HC-E-01-2026-11", "A"]


@pytest.mark.parametrize("before", ["\x00", "\x01", "\x0b", "\x1f", "\ufffe"])
def test_nothing_that_falls_away_hides_a_formula(before: str) -> None:
    for write in (write_csv, write_xlsx):
        file = io.BytesIO()
        write([["编码", "名称"], ["A", f"{before}=1+1"]], file)
        if write is write_xlsx:
            sheet = load_workbook(file).active
            assert sheet is not None
            assert (sheet["B2"].data_type, sheet["B2"].value) == ("s", "'=1+1")
        else:
            assert "A,'=1+1" in file.getvalue().decode()


def test_numbers_stay_numbers_when_written() -> None:
    file = io.BytesIO()
    write_xlsx([["a"], [-3], [2.5]], file)
    sheet = load_workbook(file).active
    assert sheet is not None
    assert [sheet["A2"].value, sheet["A3"].value] == [-3, 2.5]
