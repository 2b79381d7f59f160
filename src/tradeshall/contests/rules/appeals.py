"""Who may appeal against an item, until when, and what a ruling must say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from tradeshall.contests.enums import ItemForm, Review, RulingVerdict
from tradeshall.core.refusal import Refusal, refuse

LONGEST_REASON, LONGEST_SOURCE, LONGEST_WORDS = 1000, 300, 1000
MOST_OPEN = 5
"""How many appeals of one entrant in one round may wait for an answer."""

CHOICES = frozenset({ItemForm.SINGLE.value, ItemForm.MULTIPLE.value, ItemForm.TRUE_FALSE.value})
"""The forms whose key is a choice among options; an item of another form can be voided, not given another key."""

MOST_A_DAY = 10
"""How many one entrant may file in one contest within 24 hours, answered or not."""


class RoundFacts(Protocol):
    """What the rules of appeals read of a round."""

    appeals_days: int
    review: str
    closes_at: datetime
    closed_at: datetime | None


def appeals_until(round: RoundFacts) -> datetime | None:
    """Return until when appeals may be filed; None where there are none."""
    if not round.appeals_days or round.review == Review.NEVER:
        return None
    return (round.closed_at or round.closes_at) + timedelta(days=round.appeals_days)


def refuse_appealing(round: RoundFacts, now: datetime) -> Refusal | None:
    """Refuse where a round takes no appeals, none yet, or none any more."""
    until = appeals_until(round)
    if until is None:
        return refuse("contests:appeal:none_here")
    if round.review == Review.AFTER_ROUND and round.closed_at is None and now < round.closes_at:
        return refuse("contests:appeal:too_early")
    return refuse("contests:appeal:too_late") if now > until else None


def judge_appeal(reason: str, source: str, *, on_paper: bool, waiting: int, today: int) -> list[Refusal]:
    """Return what stands against an appeal: its words, its item, and how many its author has filed already."""
    found = []
    if not on_paper:
        found.append(refuse("contests:appeal:not_on_paper"))
    if len(reason.strip()) < 10:
        found.append(refuse("contests:appeal:reason_too_short", field_name="reason", least=10))
    elif len(reason) > LONGEST_REASON:
        found.append(refuse("contests:appeal:reason_too_long", field_name="reason", most=LONGEST_REASON))
    if len(source) > LONGEST_SOURCE:
        found.append(refuse("contests:appeal:source_too_long", field_name="source", most=LONGEST_SOURCE))
    if waiting >= MOST_OPEN:
        found.append(refuse("contests:appeal:too_many_waiting", most=MOST_OPEN))
    if today >= MOST_A_DAY:
        found.append(refuse("contests:appeal:too_many_today", most=MOST_A_DAY))
    return found


class ItemFacts(Protocol):
    """What a ruling is measured against: the item as it was sealed."""

    @property
    def form(self) -> str: ...
    @property
    def options(self) -> tuple[str, ...]: ...
    @property
    def key(self) -> tuple[int, ...]: ...


def judge_ruling(
    verdict: str, key: Sequence[int], words: str, item: ItemFacts, *, on_every_paper: bool
) -> list[Refusal]:
    """Return what stands against a ruling.

    Points may be taken out of the maximum only where every paper had the item: on papers that differ, those who
    had it would stand behind those who had not.
    """
    found = []
    if verdict not in {word.value for word in RulingVerdict}:
        found.append(refuse("contests:ruling:verdict_unknown", field_name="verdict"))
    if not words.strip():
        found.append(refuse("contests:ruling:words_empty", field_name="words"))
    elif len(words) > LONGEST_WORDS:
        found.append(refuse("contests:ruling:words_too_long", field_name="words", most=LONGEST_WORDS))
    if verdict == RulingVerdict.VOID_OUT and not on_every_paper:
        found.append(refuse("contests:ruling:not_on_every_paper", field_name="verdict"))
    if verdict == RulingVerdict.KEY:
        if item.form not in CHOICES:
            found.append(refuse("contests:ruling:key_not_here", field_name="verdict"))
        elif not key or not all(0 <= place < len(item.options) for place in key) or len(set(key)) != len(key):
            found.append(refuse("contests:ruling:key_empty", field_name="key"))
        elif item.form != ItemForm.MULTIPLE and len(key) != 1:
            found.append(refuse("contests:ruling:key_needs_one", field_name="key"))
        elif tuple(sorted(key)) == tuple(sorted(item.key)):
            found.append(refuse("contests:ruling:key_unchanged", field_name="key"))
    return found


class RulingFacts(Protocol):
    """What a version of the results reads of a ruling."""

    item_number: int
    verdict: str
    key: list[int]


CORRECTIONS: Mapping[str, dict[str, Any]] = {
    RulingVerdict.VOID_FULL.value: {"void": "full"},
    RulingVerdict.VOID_OUT.value: {"void": "out"},
}


def corrections_of(newest_first: Iterable[RulingFacts]) -> dict[str, dict[str, Any]]:
    """Return what the newest ruling on each item means for scores, by item; those that stand are left out."""
    newest: dict[str, RulingFacts] = {}
    for ruling in newest_first:
        newest.setdefault(str(ruling.item_number), ruling)
    found = {}
    for item, ruling in sorted(newest.items(), key=lambda one: int(one[0])):
        if ruling.verdict == RulingVerdict.KEY:
            found[item] = {"key": sorted(ruling.key)}
        elif ruling.verdict in CORRECTIONS:
            found[item] = dict(CORRECTIONS[ruling.verdict])
    return found
