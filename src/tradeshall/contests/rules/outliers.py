"""What in the answers of a round a person should look at. Each of these has innocent causes too.

Fast and high: among those who earned three quarters or more, a time far below the usual. Times are taken as
logarithms and measured from their median in deviations estimated by the median absolute one; beyond 3.5 counts as
outlying (Iglewicz & Hoaglin, 1993, How to Detect and Handle Outliers).

The same wrong answers: two people of one unit who both got an item wrong choose the same wrong option with a chance
known from all answers to it. How many agree, of those they share, is then a sum of unequal coins; the chance of so
many or more is worked out exactly, and held against the number of pairs looked at (error similarity: Bellezza &
Bellezza, 1989, Detection of cheating on multiple-choice tests by using error-similarity analysis, Teaching of
Psychology 16, with the chance of each option in place of one for all).

A burst: so many attempts of one unit handed in within one minute, nearly all with high scores, as the rest of the
unit's attempts make very unlikely; units with hardly any others are left out. A hall that sat together looks just
like it.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from tradeshall.contests.enums import OutlierKind
from tradeshall.engine.rescoring import Sat

HIGH = 0.75
FAR = 3.5
SCALE = 0.6745
FEWEST_TIMES = 30
LARGEST_BUCKET = 40
"""A wrong option that more of a unit chose tells nothing of two of them, and would make too many pairs."""

MOST_PAIRS = 200_000
FEWEST_SHARED = 4
LEVEL = 0.001
"""How likely one false alarm among all pairs of a round may be."""

MOST_FOUND = 200
FEWEST_IN_BURST = 10


@dataclass(frozen=True, slots=True)
class Found:
    """One thing to look at: who, where, why in figures, and how far beyond the usual."""

    kind: str
    unit: int
    participants: tuple[int, ...]
    weight: float
    facts: dict[str, float | int | str] = field(default_factory=dict)

    @property
    def fingerprint(self) -> str:
        """What names it when the round is looked through again."""
        who = "-".join(map(str, self.participants)) if len(self.participants) < 3 else str(self.facts["minute"])
        return f"{self.kind}:{self.unit}:{who}"


def outliers(sittings: Sequence[Sat], keys: dict[int, int]) -> list[Found]:
    """Return what stands out in first attempts, the farthest first; `keys` has the right options of items as bits."""
    found = [*fast_and_high(sittings), *same_wrong(sittings, keys), *bursts(sittings)]
    return sorted(found, key=lambda one: -one.weight)[:MOST_FOUND]


def _share(one: Sat) -> float:
    most = sum(answer.most for answer in one.answers)
    return one.score_points / most if most else 0.0


def fast_and_high(sittings: Sequence[Sat]) -> list[Found]:
    """Return who was much faster than the others and still earned a lot."""
    able = [one for one in sittings if _share(one) >= HIGH and one.time_used_ms > 0]
    if len(able) < FEWEST_TIMES:
        return []
    logs = np.log([one.time_used_ms for one in able])
    middle = float(np.median(logs))
    spread = float(np.median(np.abs(logs - middle))) or 1e-9
    found = []
    for one, log in zip(able, logs, strict=True):
        distance = SCALE * (middle - float(log)) / spread
        if distance > FAR:
            found.append(
                Found(
                    OutlierKind.FAST_AND_HIGH.value,
                    one.unit,
                    (one.participant,),
                    min(distance, 1000.0),
                    {
                        "seconds": round(one.time_used_ms / 1000, 1),
                        "usual": round(math.exp(middle) / 1000, 1),
                        "points": one.score_points,
                    },
                )
            )
    return found


def same_wrong(sittings: Sequence[Sat], keys: dict[int, int]) -> list[Found]:
    """Return pairs within a unit who chose the same wrong options far more often than chance would have it."""
    wrong: dict[int, Counter[int]] = defaultdict(Counter)
    given: list[dict[int, int]] = []
    for one in sittings:
        mine = {a.item: a.chosen for a in one.answers if a.chosen > 0 and a.points < a.most and keys.get(a.item)}
        given.append(mine)
        for item, chosen in mine.items():
            wrong[item][chosen] += 1
    agree = {
        item: sum(count * (count - 1) for count in counts.values()) / max(1, total * (total - 1))
        for item, counts in wrong.items()
        for total in [sum(counts.values())]
    }
    pairs = _candidates(sittings, given)
    found = []
    for left, right in pairs:
        shared = given[left].keys() & given[right].keys()
        same = sum(given[left][item] == given[right][item] for item in shared)
        if len(shared) < FEWEST_SHARED or same < FEWEST_SHARED:
            continue
        chance = at_least(same, [agree[item] for item in shared])
        if chance * len(pairs) < LEVEL:
            first, second = sorted((sittings[left], sittings[right]), key=lambda sat: sat.participant)
            found.append(
                Found(
                    OutlierKind.SAME_WRONG.value,
                    first.unit,
                    (first.participant, second.participant),
                    min(1000.0, -math.log10(max(chance * len(pairs), 1e-300))),
                    {
                        "same": same,
                        "shared": len(shared),
                        "expected": round(sum(agree[item] for item in shared), 1),
                    },
                )
            )
    return found


def _candidates(sittings: Sequence[Sat], given: Sequence[dict[int, int]]) -> list[tuple[int, int]]:
    """Return pairs of one unit with several rare wrong answers in common, at most so many."""
    buckets: dict[tuple[int, int, int], list[int]] = defaultdict(list)
    for at, one in enumerate(sittings):
        for item, chosen in given[at].items():
            buckets[one.unit, item, chosen].append(at)
    common: Counter[tuple[int, int]] = Counter()
    for people in sorted(buckets.values(), key=len):
        if len(people) > LARGEST_BUCKET or len(common) > 10 * MOST_PAIRS:
            break
        common.update(combinations(people, 2))
    return [pair for pair, count in common.most_common(MOST_PAIRS) if count >= FEWEST_SHARED]


def at_least(many: int, chances: Sequence[float]) -> float:
    """Return the chance that of unequal coins so many or more fall on heads."""
    odds = np.zeros(len(chances) + 1)
    odds[0] = 1.0
    for chance in chances:
        odds[1:] = odds[1:] * (1 - chance) + odds[:-1] * chance
        odds[0] *= 1 - chance
    return float(odds[many:].sum())


def bursts(sittings: Sequence[Sat]) -> list[Found]:
    """Return minutes in which a unit handed in far more high scores than its other minutes lead one to expect."""
    by_unit: dict[int, list[Sat]] = defaultdict(list)
    for one in sittings:
        if _share(one) >= HIGH:
            by_unit[one.unit].append(one)
    found = []
    for unit, able in by_unit.items():
        minutes = Counter(one.finished_at_ms // 60_000 for one in able)
        for minute, count in minutes.items():
            if count < FEWEST_IN_BURST:
                continue
            others = len(able) - count
            if others < FEWEST_IN_BURST:  # they all sat together, and nothing else is usual there
                continue
            hours = max(1.0, (max(minutes) - min(minutes)) / 60)
            rate = others / (hours * 60)
            chance = poisson_at_least(count, rate)
            if chance * len(minutes) < LEVEL:
                people = sorted(one.participant for one in able if one.finished_at_ms // 60_000 == minute)
                found.append(
                    Found(
                        OutlierKind.BURST.value,
                        unit,
                        tuple(people[:100]),
                        min(100.0, -math.log10(max(chance, 1e-300))),
                        {"count": count, "minute": minute, "usual": round(rate * 60, 1)},
                    )
                )
    return found


def poisson_at_least(many: int, mean: float) -> float:
    """Return the chance of so many or more events where `mean` are usual."""
    term = math.exp(-mean)
    below = 0.0
    for k in range(many):
        below += term
        term *= mean / (k + 1)
    return max(term, 1.0 - below) if below >= 1.0 - 1e-12 else 1.0 - below
