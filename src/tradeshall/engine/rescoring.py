"""Attempts that are over, read again: scored under corrected keys, or laid out for statistics.

Nothing here changes the ledger. A paper is a pure function, so who had which item is found by making it again; what
was earned on the items that nobody corrected stays what the ledger says.

A correction of an item is one of
    {"void": "full"}      everybody who had it gets its points
    {"void": "out"}       its points are taken from the score and from what the paper could earn
    {"key": [0, 2]}       other options are right, counted as written
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any, NamedTuple

from tradeshall.engine.ledger.interface import Entry
from tradeshall.engine.pack import SealedPack
from tradeshall.engine.rounds import CompiledItem, CompiledRound, Paper
from tradeshall.engine.wire import Form

Corrections = Mapping[int, Mapping[str, Any]]
MOST_NUMBERS = 1 << 63
"""Participants' numbers are random and stay under this, so equal ranges hold about equally many."""

EVERYBODY = (0, MOST_NUMBERS - 1)
CHOICES = frozenset({Form.SINGLE.value, Form.MULTIPLE.value, Form.TRUE_FALSE.value})


def corrections_of(kept: Mapping[str, Mapping[str, Any]]) -> Corrections:
    """Return corrections as they are stored, items by text, with items by number."""
    return {int(item): what for item, what in kept.items()}


def corrected_round(sealed: SealedPack, corrections: Corrections) -> CompiledRound:
    """Return a round that scores by the corrected keys. Its papers stay: they hang on the hash and the secret."""
    items = [
        {**item, "key": list(corrections[item["number"]]["key"])}
        if "key" in corrections.get(item["number"], {})
        else item
        for item in sealed.pack["items"]
    ]
    return CompiledRound(replace(sealed, pack={**sealed.pack, "items": items}))


class Rescored(NamedTuple):
    """What an attempt earned so far and earns now; `was_` under the corrections before."""

    participant: int
    number: int
    was_points: int
    was_most: int
    points: int
    most: int


class Rescorer:
    """Scores finished attempts of one round under corrections."""

    def __init__(self, sealed: SealedPack, corrections: Corrections) -> None:
        self.round = corrected_round(sealed, corrections)
        self.corrections = corrections
        self._keyed = {item for item, what in corrections.items() if "key" in what}
        self._full = {item for item, what in corrections.items() if what.get("void") == "full"}
        self._out = {item for item, what in corrections.items() if what.get("void") == "out"}

    def paper_of(self, entry: Entry) -> Paper:
        return self.round.paper(entry.participant, entry.attempt_number, entry.payload.get("variant", ""))

    def total(self, entry: Entry) -> tuple[int, int]:
        """Return score and maximum of a finish: what the ledger says but for the corrected items of its paper."""
        kept = entry.payload
        score, most = kept["score_points"], kept["max_points"]
        if self.corrections:
            paper = self.paper_of(entry)
            for place, item in enumerate(paper.items):
                if item.spec.number in self.corrections:
                    before = kept["per_item"][place]
                    score += self.points_of(item, paper.orders[place], kept["responses"][place], before) - before
                    most -= item.points if item.spec.number in self._out else 0
        return score, most

    def points_of(self, item: CompiledItem, order: tuple[int, ...], given: Sequence[Any], before: int) -> int:
        """Return what one response earns now."""
        number = item.spec.number
        if number in self._full:
            return item.points
        if number in self._out:
            return 0
        return item.score(order, given) if number in self._keyed else before


class Difference:
    """Finds what changes between the corrections before and those now."""

    def __init__(self, sealed: SealedPack, before: Corrections, now: Corrections) -> None:
        self._before, self._now = Rescorer(sealed, before), Rescorer(sealed, now)
        items = set(before) | set(now)
        self._touched = {item for item in items if dict(before.get(item, {})) != dict(now.get(item, {}))}

    def of(self, entry: Entry) -> Rescored | None:
        """Return what an attempt earned and earns, None if it is the same."""
        items = self._now.round.items_of(entry.participant, entry.attempt_number, entry.payload.get("variant", ""))
        if self._touched.isdisjoint([item.spec.number for item in items]):
            return None
        was, now = self._before.total(entry), self._now.total(entry)
        return None if was == now else Rescored(entry.participant, entry.attempt_number, *was, *now)


class Answered(NamedTuple):
    """One response, laid out for statistics: points by the newest keys, and the options chosen, as written.

    `chosen` has bit n set where option n was; it is 0 where nothing was given, and -1 for forms without options.
    """

    item: int
    points: int
    most: int
    chosen: int


class Sat(NamedTuple):
    """One finished attempt, laid out for statistics."""

    participant: int
    number: int
    unit: int
    score_points: int
    time_used_ms: int
    finished_at_ms: int
    answers: list[Answered]


def sat(rescorer: Rescorer, entry: Entry) -> Sat:
    """Return a finish with every response under the newest keys; items taken out are left out."""
    paper = rescorer.paper_of(entry)
    kept = entry.payload
    answers = []
    for item, order, given, before in zip(
        paper.items, paper.orders, kept["responses"], kept["per_item"], strict=True
    ):
        correction = rescorer.corrections.get(item.spec.number, {})
        if correction.get("void") == "out":
            continue
        points = rescorer.points_of(item, order, given, before)
        answers.append(Answered(item.spec.number, points, item.points, chosen_of(item, order, given)))
    score = sum(one.points for one in answers)
    return Sat(
        entry.participant,
        entry.attempt_number,
        entry.unit,
        score,
        kept["time_used_ms"],
        kept["finished_at_ms"],
        answers,
    )


def chosen_of(item: CompiledItem, order: tuple[int, ...], given: Sequence[Any]) -> int:
    """Return the chosen options as bits, counted as written."""
    if not given:
        return 0
    if item.form not in CHOICES:
        return -1
    return sum(1 << order[place] for place in given)


def first_attempts(entries: Iterable[Entry]) -> list[Entry]:
    """Return each participant's first finished attempt; the entries come in order."""
    found: dict[int, Entry] = {}
    for entry in entries:
        found.setdefault(entry.participant, entry)
    return list(found.values())


def ranges(count: int) -> list[tuple[int, int]]:
    """Split all participants' numbers into so many equal ranges (low, high), both included."""
    steps = [MOST_NUMBERS * at // count for at in range(count + 1)]
    return [(low, high - 1) for low, high in pairwise(steps)]
