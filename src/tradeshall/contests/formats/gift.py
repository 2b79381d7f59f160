"""Items in GIFT, Moodle's text format, as far as an item of ours can hold them.

Carried: single choice, multiple choice (weights in per cent), true/false, titles (left out), feedback, categories,
comments, escapes and the missing-word form. An item of another kind is refused by itself, with its line; nothing
is read half. Two comments above an item are understood: `// source: …` and Moodle's `[tag:…]`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

from tradeshall.contests.enums import ItemForm
from tradeshall.contests.rules.items import ItemDraft, true_false_options
from tradeshall.core.spreadsheets import Problem

GAP = "____"

_ESCAPES = {"n": "\n", "\\": "\\", **{sign: sign for sign in "~=#{}:"}}
# While an item is taken apart, an escaped sign is held by a character of the private use area.
_HIDDEN = {sign: chr(0xE000 + number) for number, sign in enumerate(_ESCAPES)}
_SHOWN = {hidden: _ESCAPES[sign] for sign, hidden in _HIDDEN.items()}

_TRUTHS = {"T": 0, "TRUE": 0, "F": 1, "FALSE": 1}
_FORMAT = re.compile(r"^\s*\[(html|markdown|plain|moodle)\]", re.IGNORECASE)
_WEIGHT = re.compile(r"^%(-?\d+(?:\.\d+)?)%")
_SOURCE = re.compile(r"^\s*(?:source|出处|来源)\s*[:：]\s*(.+)$", re.IGNORECASE)
_TAG = re.compile(r"\[tag:([^\]]+)\]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class GiftItem:
    """An item of the file at the line where it begins: what it says, or why it is not carried."""

    line: int
    draft: ItemDraft | None
    problems: tuple[Problem, ...] = ()
    text: str = ""


@dataclass(slots=True)
class _Block:
    line: int
    lines: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    source: str = ""


class _NotCarried(Exception):
    def __init__(self, why: str, **details: object) -> None:
        super().__init__(why)
        self.why, self.details = why, details


def looks_like_gift(text: str) -> bool:
    """Answer whether a text is GIFT rather than a table: it begins with one of its marks, or an item in braces."""
    for line in text.splitlines():
        stripped = line.strip().lstrip("\ufeff")
        if stripped and not stripped.startswith("//"):
            return stripped.startswith(("$CATEGORY:", "::")) or "{" in text
        if stripped.startswith("//"):
            return True
    return False


def read_gift(text: str) -> Iterator[GiftItem]:
    """Yield every item of a file in its order."""
    for block in _blocks(text.lstrip("\ufeff")):
        whole = "\n".join(block.lines)
        shown = " ".join(whole.split())
        try:
            yield GiftItem(block.line, _item(whole, block), (), shown)
        except _NotCarried as refused:
            problem = Problem("stem", f"contests:gift:{refused.why}", refused.details)
            yield GiftItem(block.line, None, (problem,), shown)


def _blocks(text: str) -> Iterator[_Block]:
    """Yield items with their lines; an empty line ends one, but not within its braces.

    Braces left open end where the next title follows an empty line, so that one slip does not swallow the rest.
    """
    category: list[str] = []
    tags: list[str] = []
    source = ""
    block: _Block | None = None
    depth = 0
    after_gap = False
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        if stripped.startswith("//"):
            comment = stripped[2:]
            tags += [tag.strip() for tag in _TAG.findall(comment)]
            if found := _SOURCE.match(comment):
                source = found[1].strip()
            continue
        if stripped.startswith("$CATEGORY:") and not depth:
            if block is not None:
                yield block
                block = None
            last = stripped.removeprefix("$CATEGORY:").strip().rstrip("/").rpartition("/")[2].strip()
            category = [last] if last and last not in ("$course$", "$module$", "top") else []
            continue
        if not stripped:
            after_gap = True
            if block is not None and depth <= 0:
                yield block
                block = None
            continue
        if block is not None and after_gap and stripped.startswith("::"):
            yield block
            block = None
        after_gap = False
        if block is None:
            block, depth = _Block(number, tags=[*category, *tags], source=source), 0
            tags, source = [], ""
        block.lines.append(line)
        hidden = _hide(line)
        depth += hidden.count("{") - hidden.count("}")
    if block is not None:
        yield block


def _item(whole: str, block: _Block) -> ItemDraft:
    text = _hide(whole)
    if found := re.match(r"^\s*::(.*?)::", text, re.DOTALL):
        text = text[found.end() :]
    is_html = False
    if found := _FORMAT.match(text):
        is_html = found[1].lower() == "html"
        text = text[found.end() :]
    opening, closing = text.find("{"), text.rfind("}")
    if opening < 0 and closing < 0:
        raise _NotCarried("description")
    if opening < 0 or closing < opening or text.count("{") != 1 or text.count("}") != 1:
        raise _NotCarried("braces")
    before, inside, after = text[:opening], text[opening + 1 : closing].strip(), text[closing + 1 :]
    stem = _plain(f"{before.rstrip()} {GAP} {after.strip()}" if after.strip() else before, is_html)
    general = ""
    if "####" in inside:
        inside, _, rest = inside.partition("####")
        inside, general = inside.strip(), _plain(rest, is_html)
    if not inside:
        raise _NotCarried("essay")
    if inside.startswith("#"):
        raise _NotCarried("numerical")
    head, _, feedback = inside.partition("#")
    if (truth := _TRUTHS.get(head.strip().upper())) is not None:
        wrong, _, right = feedback.partition("#")
        return ItemDraft(
            form=ItemForm.TRUE_FALSE.value,
            stem=stem,
            options=true_false_options(stem),
            key=(truth,),
            explanation=general or _plain(right, is_html) or _plain(wrong, is_html),
            tags=tuple(block.tags),
            source=block.source,
        )
    form, options, key, said = _choices(inside, is_html)
    return ItemDraft(
        form=form,
        stem=stem,
        options=options,
        key=key,
        explanation=general or said,
        tags=tuple(block.tags),
        source=block.source,
    )


def _choices(inside: str, is_html: bool) -> tuple[str, tuple[str, ...], tuple[int, ...], str]:
    """Return form, options, key and what is said of the right options."""
    if inside[0] not in "=~":
        raise _NotCarried("answers")
    parts = re.findall(r"([=~])([^=~]*)", inside)
    if any(sign == "=" and "->" in content for sign, content in parts):
        raise _NotCarried("matching")
    if all(sign == "=" for sign, _ in parts):
        raise _NotCarried("short_answer")
    options: list[str] = []
    weights: list[float | None] = []
    said: list[str] = []
    for sign, content in parts:
        body = content.strip()
        weight: float | None = None
        if found := _WEIGHT.match(body):
            weight, body = float(found[1]), body[found.end() :]
        if sign == "=":
            weight = 100.0 if weight is None else weight
        answer, _, feedback = body.partition("#")
        if (found := _FORMAT.match(answer)) is not None:
            answer = answer[found.end() :]
        options.append(_plain(answer, is_html))
        weights.append(weight)
        said.append(_plain(feedback, is_html))
    right = tuple(place for place, weight in enumerate(weights) if weight is not None and weight > 0)
    explanation = "\n".join(dict.fromkeys(said[place] for place in right if said[place]))
    if sum(sign == "=" for sign, _ in parts) == 1:
        if len(right) > 1:
            raise _NotCarried("partial_credit")
        return ItemForm.SINGLE.value, tuple(options), right, explanation
    shares = [weights[place] or 0.0 for place in right]
    if not shares:
        raise _NotCarried("no_right_answer")
    if max(shares) - min(shares) > 1:
        raise _NotCarried("unequal_weights")
    if len(right) == 1 and shares[0] >= 100:
        return ItemForm.SINGLE.value, tuple(options), right, explanation
    return ItemForm.MULTIPLE.value, tuple(options), right, explanation


def _hide(text: str) -> str:
    return re.sub(r"\\([n\\~=#{}:])", lambda found: _HIDDEN[found[1]], text)


def _plain(text: str, is_html: bool) -> str:
    """Return a piece of an item as text: its signs shown again, its lines joined, its HTML taken off."""
    joined = " ".join(text.split())
    shown = "".join(_SHOWN.get(letter, letter) for letter in joined)
    if not is_html:
        return shown.strip()
    reader = _Text()
    reader.feed(shown)
    reader.close()
    return re.sub(r"[ \t]*\n[ \t\n]*", "\n", "".join(reader.parts)).strip()


class _Text(HTMLParser):
    """Keeps the text of HTML; a picture or a sound cannot be kept, and says so."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("img", "audio", "video", "object", "embed", "iframe", "svg", "math"):
            raise _NotCarried("media")
        if tag in ("p", "br", "div", "li"):
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        self.parts.append(data)
