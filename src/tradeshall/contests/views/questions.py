"""A question as a page shows it, to be answered, to be looked at, or with the right answer in it: one view of all.

What the plain form carries of an answer is named by its form: `q3` choices, `t3` typed texts, `m3` matches, and
`o3-0`, `o3-1`, … the place of each line of an order.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tradeshall.contests import texts
from tradeshall.contests.enums import ItemForm
from tradeshall.contests.formats.sheet import says_form
from tradeshall.contests.rules.items import ItemDraft, true_false_options
from tradeshall.engine.pack import GAPS
from tradeshall.engine.typed import LONGEST_TEXT, cleaned
from tradeshall.media.queries import media_url

Given = list[int] | list[str] | list[int | str]
Answers = dict[int, list[Any]]
LISTED_FROM = 14
"""Matches longer than this are written out above the lists to choose from, which a phone cuts off."""

NAME = re.compile(r"([qtm])([1-9]\d{0,3})|o([1-9]\d{0,3})-(\d{1,2})")


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a stem with gaps: words, or a gap (its number) with what stands in it."""

    text: str
    gap: int = 0
    width: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Pair:
    """One line to match: its text, and the place of what was chosen, -1 for nothing."""

    text: str
    chosen: int
    label: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line to put in order: where it is shown on the paper, and its place from 1, 0 for none."""

    at: int
    text: str
    place: int


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture or a sound under a stem."""

    url: str
    kind: str
    alt: str


@dataclass(frozen=True, slots=True)
class Question:
    """One question as a page shows it; `right` are positions of options that the page marks."""

    form: str
    stem: str
    options: Sequence[str] = ()
    matches: Sequence[str] = ()
    given: Sequence[Any] = ()
    media: Sequence[Shown] = ()
    no: int = 0
    section: str = ""
    form_label: str = ""
    points_label: str = ""
    right: Sequence[int] = ()
    accepted: Sequence[Sequence[str]] = ()
    explanation: str = ""
    source: str = ""
    answered: bool = False

    @property
    def control(self) -> str:
        return "checkbox" if self.form == ItemForm.MULTIPLE else "radio"

    @property
    def longest_text(self) -> int:
        return LONGEST_TEXT

    @property
    def pieces(self) -> list[Piece]:
        """Return a stem with gaps as words and gaps in turn."""
        words = GAPS.split(self.stem)
        of = len(words) - 1
        found = []
        for at, text in enumerate(words):
            found.append(Piece(text))
            if at < of:
                given = str(self.given[at]) if at < len(self.given) else ""
                label = _("Gap %(gap)s of %(of)s") % {"gap": at + 1, "of": of} if of > 1 else _("Your answer")
                found.append(Piece(given, at + 1, width_of(given), label))
        return found

    @property
    def number(self) -> str:
        return str(self.given[0]) if self.given else ""

    @property
    def pairs(self) -> list[Pair]:
        chosen = [*self.given, *([-1] * len(self.options))]
        return [
            Pair(text, chosen[at], _("What belongs to “%(text)s”") % {"text": text})
            for at, text in enumerate(self.options)
        ]

    @property
    def lists_matches(self) -> bool:
        return any(len(text) > LISTED_FROM for text in self.matches)

    @property
    def lines(self) -> list[Line]:
        """Return the lines in the order they stand in now: as given, else as the paper shows them."""
        if not self.given:
            return [Line(at, text, 0) for at, text in enumerate(self.options)]
        return [Line(at, self.options[at], place) for place, at in enumerate(self.given, 1)]

    @property
    def places(self) -> range:
        return range(1, len(self.options) + 1)

    @property
    def also_right(self) -> list[str]:
        """Return what else is right beside what is filled in, a sentence each."""
        if not self.answered:
            return []
        if self.form == ItemForm.NUMERIC:
            return [] if within_of(self.accepted) == "" else [within_of(self.accepted)]
        sentences = []
        for gap, accepted in enumerate(self.accepted, 1):
            if len(accepted) < 2:
                continue
            values = {"gap": gap, "texts": " / ".join(accepted[1:])}
            one_gap = len(self.accepted) == 1
            words = _("Also right: %(texts)s") if one_gap else _("Also right in gap %(gap)s: %(texts)s")
            sentences.append(words % values)
        return sentences


def width_of(text: str) -> str:
    """Return the class of a gap that is wide enough for what stands in it."""
    return "long" if len(text) > 12 else "middle" if len(text) > 6 else ""


def within_of(accepted: Sequence[Sequence[str]]) -> str:
    """Return in words how far a number may be off; "" for not at all."""
    tolerance = accepted[0][1] if accepted and len(accepted[0]) > 1 else "0"
    return "" if tolerance in ("", "0") else _("Right within ±%(tolerance)s") % {"tolerance": tolerance}


def question_on_paper(item: Mapping[str, Any], given: Sequence[Any]) -> Question:
    """Return an item as the engine puts it on a paper, with what has been given."""
    label = str(texts.FORMS[item["form"]])
    return Question(
        form=item["form"],
        stem=item["stem"],
        options=item["options"],
        matches=item.get("matches", ()),
        given=given,
        media=media_of(item.get("media", ())),
        no=item["no"],
        section=item["section"],
        form_label="" if says_form(item["section"], item["form"], label) else label,
        points_label=points_label(item["points"]),
    )


def question_of(item: ItemDraft, *, answered: bool = True) -> Question:
    """Return an item of the bank as a member sees it; with the right answer in it, unless not `answered`."""
    options: Sequence[str] = item.options
    if item.form == ItemForm.TRUE_FALSE and not any(options):
        options = true_false_options(item.stem)
    given: Sequence[Any] = ()
    if answered and item.form in (ItemForm.FILL_IN, ItemForm.NUMERIC):
        given = [accepted[0] if accepted else "" for accepted in item.accepted]
    elif answered and item.form in (ItemForm.MATCHING, ItemForm.ORDERING):
        given = item.key
    return Question(
        form=item.form,
        stem=item.stem,
        options=options,
        matches=item.matches,
        given=given,
        media=media_of([(one.name, one.kind, one.alt) for one in item.media]),
        form_label=str(texts.FORMS.get(item.form, "")),
        right=item.key if answered else (),
        accepted=item.accepted if answered else (),
        explanation=item.explanation if answered else "",
        source=item.source,
        answered=answered,
    )


def points_label(points: int) -> str:
    return ngettext("%(count)d point", "%(count)d points", points) % {"count": points}


def as_on_a_paper(item: ItemDraft, options_move: bool) -> ItemDraft:
    """Return an item as some paper might show it: what moves of its form stands in a chance order."""
    if item.form == ItemForm.MATCHING:
        order = _chance_order(len(item.matches))
        key = tuple(order.index(place) for place in item.key)
        return replace(item, matches=tuple(item.matches[at] for at in order), key=key)
    if item.form != ItemForm.ORDERING and not (options_move and item.form in (ItemForm.SINGLE, ItemForm.MULTIPLE)):
        return item
    order = _chance_order(len(item.options))
    places = [order.index(at) for at in item.key]
    key = tuple(places if item.form == ItemForm.ORDERING else sorted(places))
    return replace(item, options=tuple(item.options[at] for at in order), key=key)


def _chance_order(count: int) -> list[int]:
    return secrets.SystemRandom().sample(range(count), count)


def media_of(media: Sequence[Sequence[str]]) -> list[Shown]:
    """Return pictures and sounds with their addresses; what has none is left out."""
    found = [Shown(media_url(name), kind, alt) for name, kind, alt in media]
    return [one for one in found if one.url]


# What the plain form carries


def answers_in(post: QueryDict) -> tuple[Answers, set[int]]:
    """Return what was answered, by number, and the numbers of orders that were not clear.

    An order in which lines share a place or have none is read by its places, then by how it was shown.
    """
    found: Answers = {}
    places: dict[int, dict[int, int]] = {}
    for name in post:
        named = NAME.fullmatch(name)
        if named is None:
            continue
        if named[3]:
            at, place = int(named[4]), whole(post.get(name, ""))
            places.setdefault(int(named[3]), {})[at] = place or 0
            continue
        values, no = post.getlist(name), int(named[2])
        if named[1] == "q":
            found[no] = [place for value in values if (place := whole(value)) is not None]
        elif named[1] == "t":
            typed = [cleaned(value) for value in values]
            found[no] = typed if any(typed) else []
        else:
            chosen = [-1 if (place := whole(value)) is None else place for value in values]
            found[no] = chosen if any(place >= 0 for place in chosen) else []
    unclear = set()
    for no, lines in places.items():
        if not any(lines.values()):
            found[no] = []
            continue
        if sorted(lines.values()) != list(range(1, len(lines) + 1)):
            unclear.add(no)
        found[no] = sorted(lines, key=lambda at: (lines[at] or len(lines) + 1, at))
    return found, unclear


def fits(item: Mapping[str, Any], given: Sequence[Any]) -> bool:
    """Answer whether an answer could have been given to an item of a paper, so that it may be shown again."""
    if item["form"] in (ItemForm.FILL_IN, ItemForm.NUMERIC):
        return len(given) in (0, item.get("gaps", 1)) and all(isinstance(text, str) for text in given)
    if not all(isinstance(place, int) for place in given):
        return False
    if item["form"] == ItemForm.ORDERING:
        return not given or sorted(given) == list(range(len(item["options"])))
    if item["form"] == ItemForm.MATCHING and len(given) not in (0, len(item["options"])):
        return False
    most = len(item.get("matches") or item["options"])
    return all(-1 <= place < most for place in given)


def whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 15 else None
