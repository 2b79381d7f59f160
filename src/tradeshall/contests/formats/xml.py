"""XML that may mean harm, read into a small tree: no document type, no entity, no network, every size bounded."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from tradeshall.core.spreadsheets import Unreadable

MOST_BYTES = 64 * 1024 * 1024
MOST_ELEMENTS = 1_000_000
MOST_DEPTH = 100
CHUNK = 256 * 1024
_DECLARED = re.compile(rb"^\s*<\?xml[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9_-]+)[\"']", re.DOTALL)
_CHINESE = {b"gb2312", b"gbk", b"gb18030"}


@dataclass(slots=True)
class Node:
    """An element: its name without prefix, its attributes, its children and texts in order, the line it begins in."""

    name: str
    attributes: dict[str, str]
    line: int
    children: list[Node | str] = field(default_factory=list)

    def elements(self, name: str = "") -> Iterator[Node]:
        """Yield the children that are elements, of a name if one is given."""
        for child in self.children:
            if isinstance(child, Node) and (not name or child.name == name):
                yield child

    def first(self, name: str) -> Node | None:
        return next(self.elements(name), None)

    def all(self, *names: str) -> Iterator[Node]:
        """Yield every element beneath, in the order of the file."""
        for child in self.elements():
            if child.name in names:
                yield child
            yield from child.all(*names)

    def text(self) -> str:
        """Return all text beneath, as it stands."""
        return "".join(child if isinstance(child, str) else child.text() for child in self.children)

    def text_of(self, name: str) -> str:
        """Return the text of the first child of a name, without outer spaces; "" if there is none."""
        child = self.first(name)
        return child.text().strip() if child is not None else ""


def parse_xml(content: bytes) -> Node:
    """Return the root of a document.

    Raises `Unreadable` for what is not well-formed, has a document type declaration, is huge, or nests without end.
    """
    if len(content) > MOST_BYTES:
        raise Unreadable("intake:file:too_large", {"most": MOST_BYTES // (1024 * 1024)})
    if not content.strip():
        raise Unreadable("intake:file:empty")
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    builder = _Builder(parser)
    content = _in_utf8(content)
    try:
        for start in range(0, len(content), CHUNK):
            parser.Parse(content[start : start + CHUNK], False)
        parser.Parse(b"", True)
    except (expat.ExpatError, UnicodeError, LookupError, ValueError) as error:
        line = getattr(error, "lineno", parser.CurrentLineNumber)
        raise Unreadable("contests:file:xml_damaged", {"line": line}) from error
    assert builder.root is not None
    return builder.root


def _in_utf8(content: bytes) -> bytes:
    """Return a document in one of the Chinese encodings as UTF-8: the parser knows none of them."""
    found = _DECLARED.match(content)
    if found is None or found[1].lower() not in _CHINESE:
        return content
    try:
        text = content[found.end() :].decode("gb18030")
    except UnicodeDecodeError as error:
        line = content[: found.end() + error.start].count(b"\n") + 1
        raise Unreadable("intake:file:encoding", {"line": line}) from error
    return b'<?xml version="1.0" encoding="utf-8"' + text.encode()


class _Builder:
    def __init__(self, parser: Any) -> None:
        self.root: Node | None = None
        self.open: list[Node] = []
        self.count = 0
        self.parser = parser
        parser.StartElementHandler = self.begin
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.add
        parser.StartDoctypeDeclHandler = self.refuse
        parser.EntityDeclHandler = self.refuse

    def refuse(self, *_: object) -> None:
        raise Unreadable("contests:file:doctype")

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        self.count += 1
        if self.count > MOST_ELEMENTS or len(self.open) >= MOST_DEPTH:
            raise Unreadable("contests:file:xml_huge")
        plain = {key.rpartition(":")[2]: value for key, value in attributes.items()}
        node = Node(name.rpartition(":")[2], plain, self.parser.CurrentLineNumber)
        if self.open:
            self.open[-1].children.append(node)
        else:
            self.root = node
        self.open.append(node)

    def end(self, name: str) -> None:
        self.open.pop()

    def add(self, text: str) -> None:
        if self.open:
            self.open[-1].children.append(text)


def tag(name: str, /, *children: str, **attributes: object) -> str:
    """Return an element as text; children are XML already. `_` in an attribute's name stands for a hyphen."""
    return element(name, {key.rstrip("_").replace("_", "-"): value for key, value in attributes.items()}, *children)


def element(name: str, attributes: Mapping[str, object], *children: str) -> str:
    """Return an element as text, its attributes under exactly these names."""
    shown = "".join(f" {key}={quoteattr(str(value))}" for key, value in attributes.items())
    return f"<{name}{shown}>{''.join(children)}</{name}>" if children else f"<{name}{shown}/>"


def said(text: str) -> str:
    """Return plain text as it stands in XML."""
    return escape(text)
