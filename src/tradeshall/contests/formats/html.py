"""HTML reduced to the plain text of a stem or an option, and back."""

from __future__ import annotations

import html as entities
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

import nh3

_BREAKING = frozenset({
    "p", "div", "li", "ul", "ol", "dl", "dt", "dd", "table", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote",
    "pre", "section", "article", "figure", "figcaption",
})  # fmt: skip
_KEPT = _BREAKING | {"br", "img", "audio", "video", "source", "sub", "sup", "td", "th", "a", "math"}
_SHIFTED = {
    "sup": str.maketrans("0123456789+-−=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿ"),
    "sub": str.maketrans("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎"),
}
_ATTRIBUTES = {
    "img": {"src", "alt"}, "audio": {"src", "alt"}, "video": {"src"}, "source": {"src"}, "a": {"href"},
}  # fmt: skip


@dataclass(slots=True)
class Reduced:
    """The text of a piece of HTML, the pictures and sounds in it as (address, words for it), and what is lost."""

    text: str = ""
    media: list[tuple[str, str]] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)


def reduce_html(html: str) -> Reduced:
    """Return HTML as text with line breaks; scripts and everything that runs go first."""
    embedded = "object" in html  # not known to the sanitiser as something to keep
    clean = nh3.clean(
        re.sub(r"<(/?)object\b", r"<\1audio", re.sub(r"(<object\b[^>]*?\s)data=", r"\1src=", html))
        if embedded
        else html,
        tags=set(_KEPT),
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "data"},
        link_rel=None,
    )
    reader = _Text()
    reader.feed(clean)
    reader.close()
    found = reader.found
    lines = "".join(reader.parts).split("\n")
    found.text = "\n".join(line.strip(" ") for line in lines).strip("\n").replace("\xa0", " ")
    found.lost = list(dict.fromkeys(found.lost))
    return found


def html_of(text: str) -> str:
    """Return plain text as HTML (and XHTML) that `reduce_html` turns back into it."""
    return "<br/>".join(_line(line) for line in text.split("\n"))


def _line(line: str) -> str:
    kept = re.sub(r"^ +| +$| {2,}", lambda found: "\xa0" * len(found[0]), line)
    return entities.escape(kept, quote=False).replace("\xa0", "&#160;")


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.found = Reduced()
        self.shifts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "br":
            self.parts.append("\n")
        elif tag in _BREAKING:
            self._break()
            if tag == "table":
                self.found.lost.append("table_lost")
        elif tag in ("td", "th"):
            self.parts.append(" ")
        elif tag in ("img", "audio", "video", "source"):
            if given.get("src"):
                self.found.media.append((given["src"], given.get("alt", "").strip()))
        elif tag == "a" and given.get("href"):
            self.found.lost.append("link_lost")
        elif tag in _SHIFTED:
            self.shifts.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in _BREAKING:
            self._break()
        elif tag in _SHIFTED and self.shifts:
            self.shifts.pop()

    def handle_data(self, data: str) -> None:
        text = re.sub(r"[ \t\r\n\f]+", " ", data)
        if self.shifts and text.strip():
            table = _SHIFTED[self.shifts[-1]]
            if all(ord(letter) in table for letter in text.strip()):
                text = text.strip().translate(table)
            else:
                self.found.lost.append("formatting_lost")
        self.parts.append(text)

    def _break(self) -> None:
        """Begin a new line, unless one has just begun."""
        whole = "".join(self.parts[-4:]).rstrip(" ")
        if whole and not whole.endswith("\n"):
            self.parts.append("\n")
