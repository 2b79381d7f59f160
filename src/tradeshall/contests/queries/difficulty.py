"""How hard the papers of a round will be, and how far apart they lie."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from tradeshall.contests.models import Item
from tradeshall.contests.rules import difficulty as rules
from tradeshall.contests.rules.difficulty import Bar, Drawn, Expected

SIMULATED = 500

Measured = Callable[[Collection[int]], Mapping[int, float]]
_measured: list[Measured] = []


def add_facility_source(source: Measured) -> None:
    """Let a source say which items have a measured facility, from 0 to 1; the last source asked wins."""
    _measured.append(source)


def facilities_of(numbers: Collection[int]) -> dict[int, tuple[float, bool]]:
    """Return each item's facility and whether it was measured; one query, and what the sources take."""
    measured: dict[int, float] = {}
    for source in _measured:
        measured.update(source(numbers))
    rows = Item.objects.filter(pk__in=numbers).values_list("pk", "difficulty")
    return {number: (rules.facility_of(level, measured.get(number)), number in measured) for number, level in rows}


@dataclass(frozen=True, slots=True)
class Outlook:
    """What papers of a blueprint are expected to earn: by formula, and over some that were drawn."""

    expected: Expected
    papers: int
    least: float
    most: float
    low: float
    high: float
    bars: list[Bar]
    items: int
    measured: int

    @property
    def most_papers(self) -> int:
        return max((bar.papers for bar in self.bars), default=0)


def outlook_of(sections: Sequence[Any], shares: Sequence[Sequence[int]], seed: int) -> Outlook | None:
    """Return the outlook of a blueprint whose sections each have items enough; None where one has not.

    The same seed draws the same papers, so that a page says the same twice.
    """
    if not sections or any(len(share) < section.count for section, share in zip(sections, shares, strict=True)):
        return None
    known = facilities_of({number for share in shares for number in share})
    drawn = [
        Drawn([known[number][0] for number in share], section.count, section.points)
        for section, share in zip(sections, shares, strict=True)
    ]
    papers = rules.simulated(drawn, SIMULATED, Random(seed))  # noqa: S311 - an estimate, not a draw of anybody's paper
    return Outlook(
        rules.expected(drawn),
        len(papers),
        papers[0],
        papers[-1],
        papers[len(papers) // 20],
        papers[-1 - len(papers) // 20],
        rules.histogram(papers),
        len(known),
        sum(measured for _facility, measured in known.values()),
    )
