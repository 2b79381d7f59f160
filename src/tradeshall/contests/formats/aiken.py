"""Items in Aiken: a question in one line, options A to Z, and ANSWER: with a letter. Single choice, and no more."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from tradeshall.contests.enums import ItemForm
from tradeshall.contests.formats.carried import Carried, NotCarried
from tradeshall.contests.rules.items import ItemDraft, letter_of

_OPTION = re.compile(r"^\s*([A-Z])\s*[.)．）、]\s*(.*)$")
_ANSWER = re.compile(r"^\s*ANSWER\s*[:：]\s*(.*?)\s*$", re.IGNORECASE)


def looks_like_aiken(text: str) -> bool:
    """Answer whether a text holds options with letters and a line that says which is right."""
    lines = text.lstrip("\ufeff").splitlines()
    return any(_ANSWER.match(line) for line in lines) and any(_OPTION.match(line) for line in lines)


def read_aiken(text: str) -> Iterator[Carried]:
    """Yield every item of a file in its order; one that breaks a rule is refused by itself, with its line."""
    begun: list[tuple[int, str]] = []
    for number, line in enumerate(text.lstrip("\ufeff").splitlines(), start=1):
        if not line.strip():
            continue
        found = _ANSWER.match(line)
        if found is None and begun and not _OPTION.match(line) and any(_OPTION.match(one) for _, one in begun):
            yield _refused(begun, NotCarried("aiken_no_answer", column="answer"))  # the next question has begun
            begun = []
        begun.append((number, line.strip()))
        if found is not None:
            yield _read(begun[:-1], found[1], number)
            begun = []
    if begun:
        yield _refused(begun, NotCarried("aiken_no_answer", column="answer"))


def _read(lines: list[tuple[int, str]], answer: str, number: int) -> Carried:
    stem = [line for _, line in lines if not _OPTION.match(line)]
    options = [found for _, line in lines if (found := _OPTION.match(line))]
    try:
        if not stem:
            raise NotCarried("aiken_no_question")
        if [found[1] for found in options] != [letter_of(place) for place in range(len(options))] or not options:
            raise NotCarried("aiken_letters", column="options")
        letter = answer.strip().rstrip(".").upper()
        if not re.fullmatch(r"[A-Z]", letter) or ord(letter) - ord("A") >= len(options):
            raise NotCarried("aiken_answer", column="answer", given=answer[:40])
    except NotCarried as refused:
        return _refused(lines or [(number, "")], refused)
    draft = ItemDraft(
        form=ItemForm.SINGLE.value,
        stem="\n".join(stem),
        options=tuple(found[2] for found in options),
        key=(ord(letter) - ord("A"),),
    )
    return Carried(lines[0][0], draft, text=stem[0])


def _refused(lines: list[tuple[int, str]], why: NotCarried) -> Carried:
    return Carried(lines[0][0], None, (why.problem(),), text=lines[0][1])


def cannot_hold(item: ItemDraft) -> str:
    """Return why Aiken has no words for an item, "" if it has."""
    if item.form != ItemForm.SINGLE:
        return "single_alone"
    if item.media:
        return "media"
    lines = item.stem.split("\n")
    if item.stem.startswith(("//", "::", "$CATEGORY:", "<", "PK")):  # another format begins so
        return "letters"
    if any(not line.strip() or _OPTION.match(line) or _ANSWER.match(line) or line != line.strip() for line in lines):
        return "letters"
    return "line_ends" if any("\n" in option for option in item.options) else ""


def write_aiken(items: Iterable[tuple[int, ItemDraft]]) -> Iterator[str]:
    """Yield a file of items that Aiken can hold: question, options and answer are all that it has a place for."""
    for _, item in items:
        options = "".join(f"{letter_of(place)}. {text}\n" for place, text in enumerate(item.options))
        yield f"{item.stem}\n{options}ANSWER: {letter_of(item.key[0])}\n\n"
