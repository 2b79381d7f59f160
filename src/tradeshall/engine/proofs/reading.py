"""Files as they are given to a verifier: what they are, and their contents, read strictly.

Strictly, so that two verifiers in two languages cannot read one file in two ways: UTF-8; of numbers only whole ones
that every language holds exactly; lowercase hexadecimal; and no field that the format does not know.
"""

from __future__ import annotations

import io
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from tradeshall.core.signing import canonical

HEAD_BYTES = 1 << 16
LARGEST_DOCUMENT = 1 << 26
MOST_SAFE = (1 << 53) - 1
DEEPEST = 24

KEYS = "tradeshall/keys/1"
LOG = "tradeshall/log/1"
LOG_PROOF = "tradeshall/log-proof/1"
CONSISTENCY = "tradeshall/log-consistency/1"
RECEIPT = "tradeshall/receipt/1"
COMMITMENTS = "tradeshall/commitments/1"
OPENING = "tradeshall/opening/1"
RESULTS = "tradeshall/results/1"
DRAW = "tradeshall/draw/1"
CHECKPOINTS = "checkpoints"
LIST = "list"
BY_LINES = frozenset({LOG, RESULTS})
DOCUMENTS = frozenset({KEYS, LOG_PROOF, CONSISTENCY, RECEIPT, COMMITMENTS, OPENING, DRAW})

_LINE_OF_LIST = re.compile(rb"[0-9a-f]{32}\n")
_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,15}")


class Unreadable(ValueError):
    """The file is not what it has to be; says in one word of the texts why."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file on disk or in memory, under the name by which the report calls it."""

    name: str
    content: bytes | Path

    def open(self) -> BinaryIO:
        return io.BytesIO(self.content) if isinstance(self.content, bytes) else self.content.open("rb")

    def size(self) -> int:
        return len(self.content) if isinstance(self.content, bytes) else self.content.stat().st_size

    def read(self) -> bytes:
        return self.content if isinstance(self.content, bytes) else self.content.read_bytes()


def kind_of(source: Source) -> str:
    """Return what a file is, by its contents and never by its name; raises Unreadable."""
    with source.open() as file:
        head = file.read(HEAD_BYTES)
    if _LINE_OF_LIST.match(head):
        return LIST
    if head.startswith(b"tradeshall/log/"):
        return CHECKPOINTS
    line, newline, _ = head.partition(b"\n")
    if newline:
        try:
            value = read_json(line)
        except Unreadable:
            value = None
        if isinstance(value, dict) and value.get("format") in BY_LINES:
            return str(value["format"])
    if source.size() > LARGEST_DOCUMENT:
        raise Unreadable("unknown")
    value = read_json(source.read())
    if isinstance(value, dict):
        if value.get("format") in DOCUMENTS:
            return str(value["format"])
        if "format" not in value and "body" in value and "batch" in value:
            return RECEIPT
    raise Unreadable("unknown")


def read_json(raw: bytes) -> Any:
    """Return the value of a JSON text; raises Unreadable for what two languages could read differently."""
    try:
        value = json.loads(raw.decode(), parse_float=_refuse, parse_int=_integer, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise Unreadable("json") from error
    _check(value, DEEPEST)
    return value


def canonical_of(value: object) -> bytes:
    """Return the canonical bytes of a value that was read; raises Unreadable where it has none."""
    try:
        return canonical(value)
    except TypeError as error:  # half a surrogate pair
        raise Unreadable("json") from error


def _check(value: Any, depth: int) -> None:
    if depth == 0:
        raise Unreadable("json")
    if isinstance(value, str):
        if not value.isascii() and any("\ud800" <= sign <= "\udfff" for sign in value):
            raise Unreadable("json")
    elif isinstance(value, dict):
        for key, inner in value.items():
            _check(key, 2)
            _check(inner, depth - 1)
    elif isinstance(value, list):
        for inner in value:
            _check(inner, depth - 1)


def _integer(text: str) -> int:
    if not _INTEGER.fullmatch(text) or abs(int(text)) > MOST_SAFE:
        raise ValueError("a whole number that every language holds")
    return int(text)


def _refuse(text: str) -> Any:
    raise ValueError("whole numbers alone")


HEX = {"h16": re.compile(r"[0-9a-f]{32}"), "h32": re.compile(r"[0-9a-f]{64}"), "h64": re.compile(r"[0-9a-f]{128}")}
_NUMBER = re.compile(r"0|[1-9][0-9]{0,18}")


def shape(value: Any, fields: dict[str, str], *, others: bool = False) -> dict[str, Any]:
    """Return a value that is an object of exactly these fields; raises Unreadable otherwise.

    `name?` may be missing. Kinds: str, int (from 0), list, dict; h16, h32, h64: bytes in hex; number: one as text.
    """
    if not isinstance(value, dict):
        raise Unreadable("fields")
    known = set()
    for field, kind in fields.items():
        name = field.removesuffix("?")
        known.add(name)
        if name not in value:
            if field.endswith("?"):
                continue
            raise Unreadable("fields")
        if not is_kind(value[name], kind):
            raise Unreadable("fields")
    if not others and set(value) - known:
        raise Unreadable("fields")
    return value


def is_kind(value: Any, kind: str) -> bool:
    """Answer whether a value is of a kind."""
    if kind == "int":
        return type(value) is int and value >= 0
    if kind == "list":
        return isinstance(value, list)
    if kind == "dict":
        return isinstance(value, dict)
    if not isinstance(value, str):
        return False
    if kind == "str":
        return True
    if kind == "number":
        return _NUMBER.fullmatch(value) is not None and int(value) < 1 << 63
    return HEX[kind].fullmatch(value) is not None


def hashes(values: Any) -> list[bytes]:
    """Return a list of hashes in hex as bytes."""
    if not isinstance(values, list) or not all(is_kind(value, "h32") for value in values) or len(values) > 64:
        raise Unreadable("fields")
    return [bytes.fromhex(value) for value in values]
