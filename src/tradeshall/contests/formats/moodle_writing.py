"""Items of ours as Moodle XML; what it takes to come back exactly stands in an element of our own."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Iterator

from tradeshall.contests.enums import ItemForm
from tradeshall.contests.formats import carried
from tradeshall.contests.formats.html import html_of
from tradeshall.contests.formats.moodle_xml import CLOZE, PLUGIN_FILE
from tradeshall.contests.formats.xml import element, said, tag
from tradeshall.contests.rules.item_forms import GAP
from tradeshall.contests.rules.items import ItemDraft, Media


def cannot_hold(item: ItemDraft) -> str:
    """Return why Moodle XML has no words for an item, "" if it has."""
    if item.form == ItemForm.FILL_IN:
        if CLOZE.search(item.stem):
            return "letters"
        if len(item.accepted) > 1 and any("\n" in text for texts in item.accepted for text in texts):
            return "line_ends"
    return "number" if item.form == ItemForm.NUMERIC and not carried.is_decimal(item) else ""


def write_moodle_xml(
    items: Iterable[tuple[int, ItemDraft]], content_of: Callable[[Media], bytes | None]
) -> Iterator[str]:
    """Yield a file of items; `content_of` gives the bytes of a picture or a sound."""
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<quiz>\n'
    for number, item in items:
        yield _written(number, item, content_of) + "\n"
    yield "</quiz>\n"


def _written(number: int, item: ItemDraft, content_of: Callable[[Media], bytes | None]) -> str:
    kind, stem, parts, ours = _parts(item)
    files = ""
    if item.media:
        shown, files = _media(item.media, content_of)
        question = tag("questiontext", tag("text", said(html_of(stem) + shown)), files, format="html")
    else:
        question = _text("questiontext", stem)
    ours = {"difficulty": item.difficulty, **({"source": item.source} if item.source else {}), **ours}
    return "\n".join(
        [
            f'<question type="{kind}">',
            tag("name", tag("text", said(f"{number} {' '.join(item.stem.split())[:60]}"))),
            question,
            _text("generalfeedback", item.explanation),
            tag("defaultgrade", "1"),
            tag("hidden", "0"),
            *parts,
            tag("tags", *(tag("tag", tag("text", said(word))) for word in item.tags)),
            element("tradeshall", ours),
            "</question>",
        ]
    )


def _text(name: str, text: str, **attributes: object) -> str:
    return tag(name, tag("text", said(text)), format="plain_text", **attributes)


def _media(media: Iterable[Media], content_of: Callable[[Media], bytes | None]) -> tuple[str, str]:
    shown, files = [], []
    for one in media:
        content = content_of(one)
        if content is None:
            continue
        address = f"{PLUGIN_FILE}{one.name}"
        if one.kind == "picture":
            shown.append(element("br", {}) + element("img", {"src": address, "alt": one.alt}))
        else:
            shown.append(
                element("br", {}) + element("audio", {"src": address, "alt": one.alt, "controls": "true"}, " ")
            )
        encoded = base64.b64encode(content).decode()
        files.append(tag("file", encoded, name=one.name, path="/", encoding="base64"))
    return "".join(shown), "".join(files)


def _parts(item: ItemDraft) -> tuple[str, str, list[str], dict[str, object]]:
    """Return kind, stem, elements of its kind, and attributes of our own."""
    stem = item.stem
    if item.form in (ItemForm.SINGLE, ItemForm.MULTIPLE):
        single = item.form == ItemForm.SINGLE
        share = f"{100 / len(item.key):.5f}".rstrip("0").rstrip(".")
        wrong = "0" if single else "-100"
        answers = [
            _text("answer", text, fraction=share if place in item.key else wrong)
            for place, text in enumerate(item.options)
        ]
        head = [
            tag("single", "true" if single else "false"),
            tag("shuffleanswers", "true"),
            tag("answernumbering", "ABCD"),
        ]
        return "multichoice", stem, [*head, *answers], {}
    if item.form == ItemForm.TRUE_FALSE:
        right = item.key == (0,)
        answers = [
            tag("answer", tag("text", word), fraction="100" if truth is right else "0", format="plain_text")
            for word, truth in (("true", True), ("false", False))
        ]
        return "truefalse", stem, answers, {}
    if item.form == ItemForm.FILL_IN and len(item.accepted) == 1:
        answers = [_text("answer", text.replace("*", "\\*"), fraction="100") for text in item.accepted[0]]
        return "shortanswer", stem, [tag("usecase", "0"), *answers], {}
    if item.form == ItemForm.FILL_IN:
        gaps = iter(item.accepted)
        return "multianswer", re.sub(re.escape(GAP), lambda _: _cloze(next(gaps)), stem), [], {}
    if item.form == ItemForm.NUMERIC:
        value, tolerance = item.accepted[0]
        exact = tag("tolerance", said(carried.absolute(value, tolerance)))
        answer = tag("answer", tag("text", said(value)), exact, fraction="100", format="plain_text")
        return "numerical", stem, [answer], {"tolerance": tolerance} if tolerance.endswith("%") else {}
    if item.form == ItemForm.ORDERING:
        order = carried.written_order(item.key)
        head = [tag("layouttype", "VERTICAL"), tag("selecttype", "ALL"), tag("gradingtype", "ABSOLUTE_POSITION")]
        answers = [_text("answer", item.options[place], fraction=str(at + 1)) for at, place in enumerate(item.key)]
        return "ordering", stem, [*head, *answers], {"order": order}
    pairs = [
        tag("subquestion", tag("text", said(left)), _answer(item.matches[at]), format="plain_text")
        for left, at in zip(item.options, item.key, strict=True)
    ]
    pairs += [
        tag("subquestion", tag("text", ""), _answer(text), format="plain_text")
        for place, text in enumerate(item.matches)
        if place not in item.key
    ]
    return (
        "matching",
        stem,
        [tag("shuffleanswers", "true"), *pairs],
        {"order": carried.written_order(carried.pairing_order(item))},
    )


def _answer(text: str) -> str:
    return tag("answer", tag("text", said(text)))


def _cloze(texts: tuple[str, ...]) -> str:
    escaped = (re.sub(r"[\\}#~/\"]", lambda found: f"\\{found[0]}", text.replace("*", "\\*")) for text in texts)
    return "{1:SHORTANSWER:" + "~".join(f"={text}" for text in escaped) + "}"
