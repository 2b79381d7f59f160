"""Items of ours in GIFT; what it takes to come back exactly stands in comments above each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from tradeshall.contests.enums import ItemForm
from tradeshall.contests.formats import carried
from tradeshall.contests.formats.gift import SHOWN
from tradeshall.contests.formats.html import html_of
from tradeshall.contests.rules.item_forms import GAP
from tradeshall.contests.rules.items import ItemDraft


def cannot_hold(item: ItemDraft) -> str:
    """Return why GIFT has no words for an item, "" if it has: the last part of a code `contests:hold:…`."""
    if item.media:
        return "media"
    if item.form == ItemForm.ORDERING:
        return "ordering"
    if item.form == ItemForm.FILL_IN and (len(item.accepted) != 1 or GAP not in item.stem):
        return "several_gaps"
    if item.form == ItemForm.NUMERIC and not carried.is_decimal(item):
        return "number"
    if any("*" in text for texts in item.accepted for text in texts) and item.form == ItemForm.FILL_IN:
        return "wildcard"
    if any("->" in text for text in (*item.matches, *(t for texts in item.accepted for t in texts))):
        return "arrow"
    if item.form == ItemForm.MATCHING and any("->" in text for text in item.options):
        return "arrow"
    if any("]" in tag for tag in item.tags):
        return "tags"
    if "\n" in item.source or _has_hidden(item):
        return "letters"
    return ""


def _has_hidden(item: ItemDraft) -> bool:
    texts = (item.stem, item.explanation, *item.options, *item.matches, *(t for a in item.accepted for t in a))
    return any(letter in text for text in texts for letter in SHOWN)


def write_gift(items: Iterable[tuple[int, ItemDraft]]) -> Iterator[str]:
    """Yield a file of items that GIFT can hold, each with its number as its title."""
    for number, item in items:
        yield _written(number, item) + "\n\n"


def _written(number: int, item: ItemDraft) -> str:
    texts = (item.stem, item.explanation, *item.options, *item.matches, *(t for a in item.accepted for t in a))
    as_html = any("  " in text or "\n " in text or " \n" in text for text in texts)

    def sign(text: str) -> str:
        shown = html_of(text) if as_html else text
        return re.sub(r"[\\~=#{}:]", lambda found: f"\\{found[0]}", shown).replace("\n", "\\n")

    comments = [f"difficulty: {item.difficulty}"]
    if item.source:
        comments.append(f"source: {item.source}")
    if item.tags:
        comments.append("".join(f"[tag:{tag}]" for tag in item.tags))
    answers: list[str] = []
    if item.form == ItemForm.TRUE_FALSE:
        answers.append("T" if item.key == (0,) else "F")
    elif item.form == ItemForm.SINGLE:
        answers += [
            f"={'%100%' if text.startswith('%') else ''}{sign(text)}"
            if place in item.key
            else f"~{'%0%' if text.startswith('%') else ''}{sign(text)}"
            for place, text in enumerate(item.options)
        ]
    elif item.form == ItemForm.MULTIPLE:
        share = f"{100 / len(item.key):.5f}".rstrip("0").rstrip(".")
        answers += [
            f"~%{share if place in item.key else '-100'}%{sign(text)}" for place, text in enumerate(item.options)
        ]
    elif item.form == ItemForm.FILL_IN:
        answers += [f"=%100%{sign(text)}" for text in item.accepted[0]]
    elif item.form == ItemForm.NUMERIC:
        value, tolerance = item.accepted[0]
        answers.append(f"#{value}:{carried.absolute(value, tolerance)}")
        if tolerance.endswith("%"):
            comments.append(f"tolerance: {tolerance}")
    else:
        answers += [
            f"={sign(left)} -> {sign(item.matches[at])}" for left, at in zip(item.options, item.key, strict=True)
        ]
        answers += [f"= -> {sign(text)}" for place, text in enumerate(item.matches) if place not in item.key]
        order = carried.pairing_order(item)
        if order != tuple(range(len(order))):
            comments.append(f"order: {carried.written_order(order)}")
    if item.explanation:
        answers.append(f"####{sign(item.explanation)}")
    head = f"::{number}::[{'html' if as_html else 'plain'}]{sign(item.stem)} "
    return "\n".join([*(f"// {one}" for one in comments), head + "{", *(f"\t{one}" for one in answers), "}"])
