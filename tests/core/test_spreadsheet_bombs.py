"""Files made to exhaust the machine are refused within a bounded memory and time.

Each is read by a process whose address space is limited to little more than Python itself needs; the control shows
that the limit bites.
"""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.factories.spreadsheets import MAIN, sheet_of, xlsx_file

ROOM = 160 * 1024 * 1024  # bytes above what the process has when it begins to read
SECONDS = 60  # CPU

READ = """
import resource, sys
from tradeshall.core.spreadsheets import Unreadable, read_rows
path = sys.argv[1]
size = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (size + int(sys.argv[2]),) * 2)
resource.setrlimit(resource.RLIMIT_CPU, (int(sys.argv[3]),) * 2)
try:
    if len(sys.argv) > 4:
        content = bytearray(400 * 1024 * 1024)
    count = sum(1 for row in read_rows(path, name="x", headings={"code": ("编码",), "name": ("名称",)}))
except Unreadable as error:
    print(error.code)
else:
    print(count)
"""


def read_confined(path: Path, *more: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", READ, str(path), str(ROOM), str(SECONDS), *more], capture_output=True, text=True
    )
    return done.stdout.strip() or done.stderr.strip().splitlines()[-1]


def zip_bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        with zipfile.ZipFile(xlsx_file([["编码", "名称"]])) as good:
            for name in good.namelist():
                if name != "xl/worksheets/sheet1.xml":
                    archive.writestr(name, good.read(name))
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            part.write(f'<worksheet xmlns="{MAIN}"><sheetData>'.encode())
            row = b'<row><c t="inlineStr"><is><t>aaaaaaaa</t></is></c></row>' * 10_000
            for _ in range(1_200):
                part.write(row)


def string_bomb(path: Path) -> None:
    strings = f'<sst xmlns="{MAIN}">' + "<si><t>a</t></si>" * 3_000_000 + "</sst>"
    path.write_bytes(xlsx_file([["编码", "名称"], ["A", "一"]], strings=strings).getvalue())


def endless_cell(path: Path) -> None:
    words = "".join(chr(0x4E00 + n * 7919 % 20_000) for n in range(4_000_000))
    path.write_bytes(xlsx_file([["编码", "名称"], ["A", words]]).getvalue())


def many_columns(path: Path) -> None:
    rows = [["编码", "名称"], [str(n) for n in range(100_000)]]
    path.write_bytes(xlsx_file(sheet=sheet_of(rows)).getvalue())


def many_columns_of_text(path: Path) -> None:
    path.write_text("编码,名称\n" + (",".join(str(n) for n in range(100_000)) + "\n") * 100)


def open_quote(path: Path) -> None:
    path.write_text('编码,名称\nA,"' + "一行\n" * 2_000_000)


def one_endless_line(path: Path) -> None:
    with path.open("wb") as file:
        file.write(b"code,name\n")
        for _ in range(200):
            file.write(b"x" * 1024 * 1024)


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs Linux to measure a process")
@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (zip_bomb, "intake:file:too_large_inside"),
        (string_bomb, "intake:file:too_large_inside"),
        (endless_cell, "1"),
        (many_columns, "intake:file:too_many_columns"),
        (many_columns_of_text, "intake:file:too_many_columns"),
        (open_quote, "intake:file:open_quote"),
        (one_endless_line, "intake:file:line_too_long"),
    ],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_read_rows_refuses_a_bomb_within_its_room(
    make: Callable[[Path], None], expected: str, tmp_path: Path
) -> None:
    path = tmp_path / "file"
    make(path)
    assert read_confined(path) == expected


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs Linux to measure a process")
def test_the_room_is_really_confined(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("编码,名称\nA,一\n")
    assert read_confined(path) == "1"
    assert read_confined(path, "waste") == "MemoryError"
