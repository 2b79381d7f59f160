"""Reading CSV as people really save it: UTF-8 or GB18030, with commas, tabs or semicolons; every size is bounded."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator
from typing import BinaryIO

MOST_LINE_BYTES = 1024 * 1024
SAMPLE_RECORDS = 10
SEPARATORS = ",\t;"

_THREE_BYTES = re.compile(rb"[\xe3-\xe9][\x80-\xbf][\x80-\xbf]")  # where UTF-8 keeps nearly all Chinese


class BadText(Exception):
    """The file cannot or will not be read; `reason` is the last part of a refusal's code."""

    def __init__(self, reason: str, **details: object) -> None:
        super().__init__(reason)
        self.reason = reason
        self.details = details


def find_encoding(file: BinaryIO) -> str:
    """Return "utf-8" or "gb18030", having read every line; refuses what is neither, or both at once."""
    utf8, gb18030 = [0, 0], [0, 0]  # how many lines, and the first of them
    file.seek(0)
    start = file.read(4096)
    odd, even = start[1::2].count(0), start[::2].count(0)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or max(odd, even) > 2 * min(odd, even) + 1:
        raise BadText("utf16")  # commas and line ends leave a NUL in every other place, nearly always the same
    file.seek(0)
    number = 0
    while line := file.readline(MOST_LINE_BYTES + 1):
        number += 1
        if len(line) > MOST_LINE_BYTES:
            raise BadText("line_too_long", line=number)
        if b"\0" in line:
            raise BadText("nul", line=number)
        if line.isascii():
            continue
        try:
            line.decode("utf-8")
        except UnicodeDecodeError:
            try:
                line.decode("gb18030")
            except UnicodeDecodeError as error:
                raise BadText("encoding", line=number) from error
            _count(gb18030, number)
        else:
            if _THREE_BYTES.search(line):
                _count(utf8, number)
    if not gb18030[0]:
        return "utf-8"
    if utf8[0] * 20 <= gb18030[0]:  # a few lines of GB18030 happen to be UTF-8 too
        return "gb18030"
    raise BadText("mixed_encodings", line=min(utf8, gb18030)[1])


def _count(found: list[int], number: int) -> None:
    found[0] += 1
    found[1] = found[1] or number


def read_records(file: BinaryIO, encoding: str, separator: str) -> Iterator[list[str]]:
    """Yield the records of a file, one after another; an empty line is an empty record."""
    file.seek(0)
    records = csv.reader(_lines(file, encoding), delimiter=separator, strict=True)
    begun = 1
    while True:
        try:
            record = next(records)
        except StopIteration:
            return
        except csv.Error as error:
            raise BadText("open_quote", line=begun) from error
        begun = records.line_num + 1
        yield record


def _lines(file: BinaryIO, encoding: str) -> Iterator[str]:
    first = True
    while line := file.readline(MOST_LINE_BYTES):
        text = line.decode(encoding)
        if first:
            text, first = text.removeprefix("\ufeff"), False
        text = text.replace("\r\n", "\n")
        if "\r" in text:  # lines of an old Macintosh, which the csv module does not take in one string
            yield from io.StringIO(text.replace("\r", "\n"))
        else:
            yield text


def sample(file: BinaryIO, encoding: str) -> dict[str, list[list[str]]]:
    """Return the first records under each separator, so that the caller can say which makes sense."""
    found: dict[str, list[list[str]]] = {}
    for separator in SEPARATORS:
        records: list[list[str]] = []
        try:
            for record in read_records(file, encoding, separator):
                records.append(record)
                if len(records) == SAMPLE_RECORDS:
                    break
        except BadText:
            pass  # it will say so again when the file is read in earnest
        found[separator] = records
    return found
