"""How hard the papers of a blueprint are, and how far they lie apart: by formula, before anybody sits one.

An item's facility is the share of its points that is earned on average. Where it has been measured that counts,
otherwise what its difficulty from 1 to 5 usually comes to. A paper's expected points are the sum over its items of
points × facility. Drawing n of N without replacement from items of mean m and variance v (over N) gives a sum of mean
n·m and variance n·v·(N-n)/(N-1); sections are drawn independently, so their variances add up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from random import Random
from statistics import fmean, pvariance

USUAL_FACILITY = {1: 0.90, 2: 0.78, 3: 0.65, 4: 0.50, 5: 0.35}
"""What the five levels of difficulty are taken to mean until there are answers."""

UNEVEN_PERCENT = 4.0
"""From which spread on, in per cent of a paper's points, a blueprint is called uneven."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A section as its papers are drawn: the facility of each item it may draw, how many, for how many points."""

    facilities: Sequence[float]
    count: int
    points: int


@dataclass(frozen=True, slots=True)
class Expected:
    """What papers are expected to earn: mean and standard deviation between papers, in points."""

    mean: float
    deviation: float
    max_points: int

    @property
    def percent(self) -> float:
        return 100 * self.mean / self.max_points if self.max_points else 0.0

    @property
    def deviation_percent(self) -> float:
        return 100 * self.deviation / self.max_points if self.max_points else 0.0

    @property
    def is_uneven(self) -> bool:
        return self.deviation_percent > UNEVEN_PERCENT


def facility_of(difficulty: int, measured: float | None = None) -> float:
    """Return an item's facility: measured, or what its difficulty usually comes to."""
    return USUAL_FACILITY[difficulty] if measured is None else min(1.0, max(0.0, measured))


def expected(sections: Sequence[Drawn]) -> Expected:
    """Return mean and deviation of papers' expected points: exact for drawing without replacement."""
    mean = variance = 0.0
    for section in sections:
        size = len(section.facilities)
        count = min(section.count, size)
        if not count:
            continue
        mean += section.points * count * fmean(section.facilities)
        if size > 1:
            spread = pvariance(section.facilities) * (size - count) / (size - 1)
            variance += section.points**2 * count * spread
    return Expected(mean, sqrt(variance), sum(section.count * section.points for section in sections))


def simulated(sections: Sequence[Drawn], papers: int, random: Random) -> list[float]:
    """Return the expected points of some papers drawn at random, lowest first."""
    found = []
    for _ in range(papers):
        drawn = (
            section.points * sum(random.sample(section.facilities, min(section.count, len(section.facilities))))
            for section in sections
        )
        found.append(sum(drawn))
    return sorted(found)


@dataclass(frozen=True, slots=True)
class Bar:
    """How many of the papers expect from `least` to under `most` points."""

    least: float
    most: float
    papers: int


def histogram(papers: Sequence[float], bars: int = 7) -> list[Bar]:
    """Return sorted papers as bars of equal width; all in one where they are all the same."""
    if not papers:
        return []
    low, high = papers[0], papers[-1]
    if high - low < 1e-9:
        return [Bar(low, high, len(papers))]
    width = (high - low) / bars
    counts = [0] * bars
    for value in papers:
        counts[min(bars - 1, int((value - low) / width))] += 1
    return [Bar(low + at * width, low + (at + 1) * width, count) for at, count in enumerate(counts)]
