"""What makes an item fit to be asked beyond its stem: its options, gaps, figures, pairs, pictures and sounds."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from tradeshall.contests.enums import ItemForm
from tradeshall.core.refusal import Refusal, refuse
from tradeshall.engine.pack import MAX_GAPS, MEDIA_KINDS
from tradeshall.engine.typed import LONGEST_TEXT, read_number, read_tolerance

if TYPE_CHECKING:
    from tradeshall.contests.rules.items import ItemDraft

LEAST_OPTIONS, MOST_OPTIONS, MOST_MATCHES = 2, 8, 10
LONGEST_OPTION, LONGEST_ALT = 500, 300
MOST_ACCEPTED, MOST_MEDIA = 20, 4
GAP = "____"
MEDIA_NAME = re.compile(r"[0-9a-f]{64}\.[a-z0-9]{2,5}")
Reasons = Iterator[Refusal]


def reasons_by_form(item: ItemDraft) -> Reasons:
    """Give the reasons that lie in what the form of an item needs."""
    if item.form == ItemForm.FILL_IN:
        yield from _of_gaps(item)
    elif item.form == ItemForm.NUMERIC:
        yield from _of_number(item)
    elif item.form == ItemForm.MATCHING:
        yield from _of_options(item.options)
        yield from _of_matches(item)
    elif item.form == ItemForm.ORDERING:
        yield from _of_options(item.options)
        if sorted(item.key) != list(range(len(item.options))):
            yield refuse("contests:item:order_incomplete", field_name="key")
    else:
        yield from _of_truths(item.options) if item.form == ItemForm.TRUE_FALSE else _of_options(item.options)
        yield from _of_choice(item.form, item.key, len(item.options))


def reasons_of_media(item: ItemDraft) -> Reasons:
    """Give the reasons that lie in the pictures and sounds under a stem."""
    if len(item.media) > MOST_MEDIA:
        yield refuse("contests:item:too_many_media", field_name="media", most=MOST_MEDIA)
    for one in item.media:
        if one.kind not in MEDIA_KINDS or MEDIA_NAME.fullmatch(one.name) is None:
            yield refuse("contests:item:media_unknown", field_name="media", given=one.name[:80])
        elif not one.alt:
            yield refuse("contests:item:media_without_words", field_name="media")
        elif len(one.alt) > LONGEST_ALT:
            yield refuse("contests:item:media_words_too_long", field_name="media", most=LONGEST_ALT)


def letter_of(position: int) -> str:
    """Return the letter under which an option is shown: 0 is A."""
    return chr(ord("A") + position)


def _of_truths(options: Sequence[str]) -> Reasons:
    if len(options) != 2:
        yield refuse("contests:item:true_false_has_two", field_name="options")
    else:
        yield from _of_texts(options)


def _of_options(options: Sequence[str]) -> Reasons:
    if not LEAST_OPTIONS <= len(options) <= MOST_OPTIONS:
        yield refuse("contests:item:options_count", field_name="options", least=LEAST_OPTIONS, most=MOST_OPTIONS)
    yield from _of_texts(options)


def _of_texts(options: Sequence[str]) -> Reasons:
    seen: dict[str, int] = {}
    for position, option in enumerate(options):
        letter = letter_of(position)
        if not option:
            yield refuse("contests:item:option_empty", field_name="options", option=letter)
            continue
        if len(option) > LONGEST_OPTION:
            yield refuse("contests:item:option_too_long", field_name="options", option=letter, most=LONGEST_OPTION)
        first = seen.setdefault(_same(option), position)
        if first != position:
            yield refuse("contests:item:option_twice", field_name="options", option=letter, other=letter_of(first))


def _of_choice(form: str, key: Sequence[int], count: int) -> Reasons:
    if not key:
        yield refuse("contests:item:key_empty", field_name="key")
        return
    if any(not 0 <= position < count for position in key) or len(set(key)) != len(key):
        yield refuse("contests:item:key_outside", field_name="key")
    elif form == ItemForm.MULTIPLE and len(key) < 2:
        yield refuse("contests:item:multiple_needs_two", field_name="key")
    elif form != ItemForm.MULTIPLE and len(key) != 1:
        yield refuse("contests:item:single_needs_one", field_name="key")


def _of_gaps(item: ItemDraft) -> Reasons:
    gaps = item.stem.count(GAP)
    if not gaps:
        yield refuse("contests:item:no_gap", field_name="stem")
        return
    if gaps > MAX_GAPS:
        yield refuse("contests:item:too_many_gaps", field_name="stem", most=MAX_GAPS)
    if gaps != len(item.accepted):
        yield refuse("contests:item:gaps_differ", field_name="accepted", gaps=gaps, given=len(item.accepted))
    for gap, accepted in enumerate(item.accepted, 1):
        if not accepted:
            yield refuse("contests:item:gap_without_answer", field_name="accepted", gap=gap)
        if len(accepted) > MOST_ACCEPTED:
            yield refuse("contests:item:too_many_accepted", field_name="accepted", gap=gap, most=MOST_ACCEPTED)
        if any(len(text) > LONGEST_TEXT for text in accepted):
            yield refuse("contests:item:accepted_too_long", field_name="accepted", gap=gap, most=LONGEST_TEXT)


def _of_number(item: ItemDraft) -> Reasons:
    value, tolerance = item.accepted[0] if len(item.accepted) == 1 and len(item.accepted[0]) == 2 else ("", "0")
    if not value:
        yield refuse("contests:item:value_missing", field_name="accepted")
        return
    number = read_number(value) if len(value) <= LONGEST_TEXT else None
    if number is None:
        yield refuse("contests:item:value_not_a_number", field_name="accepted", given=value[:40])
        number = read_number("1")
    assert number is not None
    if len(tolerance) > LONGEST_TEXT or read_tolerance(tolerance, number) is None:
        yield refuse("contests:item:tolerance_not_a_number", field_name="accepted", given=tolerance[:40])


def _of_matches(item: ItemDraft) -> Reasons:
    if not LEAST_OPTIONS <= len(item.matches) <= MOST_MATCHES:
        yield refuse("contests:item:matches_count", field_name="matches", least=LEAST_OPTIONS, most=MOST_MATCHES)
    seen: dict[str, int] = {}
    for position, match in enumerate(item.matches):
        if not match:
            yield refuse("contests:item:match_empty", field_name="matches", number=position + 1)
            continue
        if len(match) > LONGEST_OPTION:
            yield refuse(
                "contests:item:match_too_long", field_name="matches", number=position + 1, most=LONGEST_OPTION
            )
        first = seen.setdefault(_same(match), position)
        if first != position:
            yield refuse("contests:item:match_twice", field_name="matches", number=position + 1, other=first + 1)
    if len(item.key) != len(item.options) or any(not 0 <= place < len(item.matches) for place in item.key):
        yield refuse("contests:item:pair_missing", field_name="key")


def _same(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
