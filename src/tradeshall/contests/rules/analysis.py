"""What the answers of a round say about its items and its papers, by the means of classical test theory.

Each entrant's first attempt counts: later ones meet items again. Points are taken as shares of what an item is
worth.

Facility: the mean share of an item's points (for one right option: how many got it right).
Discrimination: the correlation of an item's points with the share earned on the rest of the same paper, the item
itself left out (Henrysson, 1963, Correction of item-total correlations in item analysis, Psychometrika 28); a
share, since papers may differ.
Distractors: how often each option was chosen, by all and by the top and bottom 27 % of those who had the item, by
their whole paper (Kelley, 1939, The selection of upper and lower groups for the validation of test items, J. Educ.
Psych. 30).

Reliability: where everybody has the same items, Cronbach's α (1951, Coefficient alpha and the internal structure of
tests, Psychometrika 16); with right or wrong alone that is KR-20. It is k/(k-1) times the sum of all covariances
between two items, over the variance of scores. Where papers are drawn from a pool the same is worked out from what
people have in common with themselves: with d = points of an item less its mean over all who had it, the mean over
people of (Σd)² - Σd² is the sum of covariances expected on a paper. The variance of scores is that of the scores as
they are, so papers that are not equally hard count as error: the generalisability coefficient of a design in which
items are nested in persons (Brennan, 2001, Generalizability Theory, ch. 3). With the same items for all, both are
the same number.
Standard error of measurement: the deviation of scores x √(1 - reliability) (Lord & Novick, 1968, ch. 3).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tradeshall.engine.rescoring import Sat

Column = NDArray[Any]
EXTREME_GROUPS = 0.27
FEWEST = 50
"""Below so many answers nothing is flagged: chance would do most of the flagging."""

FEWEST_FOR_MODEL = 200
FEWEST_ITEMS_FOR_MODEL = 5


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers of many as columns, one entry an answer, ordered by person; items and people counted from 0."""

    numbers: list[int]  # of the items
    people: int
    person: Column
    item: Column
    points: Column
    most: Column
    chosen: Column
    total: Column  # by person
    total_most: Column

    @property
    def share(self) -> Column:
        return self.points / self.most


def answers_of(sittings: Iterable[Sat]) -> Answers:
    """Return sittings as columns."""
    person: list[int] = []
    rows: list[tuple[int, int, int, int]] = []
    people = 0
    for people, one in enumerate(sittings, start=1):
        person.extend([people - 1] * len(one.answers))
        rows.extend(one.answers)
    table = np.array(rows, dtype=np.int64).reshape(-1, 4)
    numbers, item = np.unique(table[:, 0], return_inverse=True)
    who = np.array(person, dtype=np.int64)
    points, most = table[:, 1].astype(float), table[:, 2].astype(float)
    return Answers(
        [int(number) for number in numbers],
        people,
        who,
        item.reshape(-1),
        points,
        most,
        table[:, 3],
        np.bincount(who, weights=points, minlength=people),
        np.bincount(who, weights=most, minlength=people),
    )


@dataclass(frozen=True, slots=True)
class Share:
    """How often one option was chosen: by all who had the item, by the best and by the weakest of them."""

    all: float
    top: float
    bottom: float


@dataclass(frozen=True, slots=True)
class ItemFigures:
    """What is known of one item; None where it cannot be told."""

    number: int
    n: int
    exposure: float
    facility: float | None
    discrimination: float | None
    omitted: float
    shares: list[Share]


def figures_of_items(answers: Answers, options: dict[int, int]) -> list[ItemFigures]:
    """Return the figures of every item that was drawn; `options` says how many each has, by its number."""
    share = answers.share
    rest_most = answers.total_most[answers.person] - answers.most
    with np.errstate(divide="ignore", invalid="ignore"):
        rest = (answers.total[answers.person] - answers.points) / rest_most
        whole = answers.total[answers.person] / answers.total_most[answers.person]
    order = np.lexsort((whole, answers.item))
    ends = np.searchsorted(answers.item[order], np.arange(len(answers.numbers) + 1))
    found = []
    for at, number in enumerate(answers.numbers):
        rows = order[ends[at] : ends[at + 1]]  # the weakest first
        n = len(rows)
        chosen, edge = answers.chosen[rows], max(1, round(EXTREME_GROUPS * n))
        found.append(
            ItemFigures(
                number,
                n,
                n / answers.people,
                float(share[rows].mean()),
                correlation(share[rows], rest[rows]),
                float((chosen == 0).mean()),
                [
                    Share(*(float(((group >> option) & 1)[group > 0].sum() / len(group)) for group in groups))
                    for option in range(options.get(number, 0))
                    for groups in [(chosen, chosen[-edge:], chosen[:edge])]
                ],
            )
        )
    return found


def correlation(one: Column, other: Column) -> float | None:
    """Return the product-moment correlation; None where either does not vary."""
    known = np.isfinite(one) & np.isfinite(other)
    one, other = one[known], other[known]
    if len(one) < 3 or np.ptp(one) < 1e-12 or np.ptp(other) < 1e-12:
        return None
    return float(np.corrcoef(one, other)[0, 1])


@dataclass(frozen=True, slots=True)
class PaperFigures:
    """What is known of the papers of a round as a measure, in points."""

    people: int
    mean: float
    deviation: float
    reliability: float | None
    measurement_error: float | None
    same_papers: bool


def figures_of_papers(answers: Answers) -> PaperFigures:
    """Return mean, deviation, reliability and standard error of measurement."""
    total = answers.total
    variance = float(total.var())
    asked = np.bincount(answers.item, minlength=len(answers.numbers))
    means = np.bincount(answers.item, weights=answers.points, minlength=len(answers.numbers)) / np.maximum(asked, 1)
    apart = answers.points - means[answers.item]
    sums = np.bincount(answers.person, weights=apart, minlength=answers.people)
    squares = np.bincount(answers.person, weights=apart * apart, minlength=answers.people)
    length = len(answers.person) / max(answers.people, 1)
    reliability = error = None
    if variance > 1e-9 and length > 1:
        covariances = float((sums * sums - squares).mean())
        reliability = length / (length - 1) * covariances / variance
        error = float(np.sqrt(variance * (1 - min(max(reliability, 0.0), 1.0))))
    same = bool((asked == answers.people).all())
    return PaperFigures(answers.people, float(total.mean()), float(np.sqrt(variance)), reliability, error, same)


FLAGS = (
    "few_answers",
    "negative",
    "weak",
    "too_easy",
    "too_hard",
    "guessed",
    "better_distractor",
    "idle_option",
    "often_omitted",
)
"""What is said of an item in plain words; the worst first but for the first."""


def flags_of(item: ItemFigures, key: Sequence[int]) -> list[str]:
    """Return what somebody should know about an item before it is drawn again."""
    if item.n < FEWEST:
        return ["few_answers"]
    found = set()
    if item.discrimination is not None:
        found |= {"negative"} if item.discrimination < 0 else {"weak"} if item.discrimination < 0.1 else set()
    if item.facility is not None:
        if item.facility > 0.95:
            found.add("too_easy")
        elif item.facility < 0.2:
            found.add("too_hard")
        if len(key) == 1 and len(item.shares) > 2 and item.facility < 1 / len(item.shares):
            found.add("guessed")
    wrong = [share for option, share in enumerate(item.shares) if option not in key]
    if any(share.top > share.bottom and share.top > 0.1 for share in wrong):
        found.add("better_distractor")
    if len(wrong) > 1 and any(share.all < 0.02 for share in wrong):
        found.add("idle_option")
    if item.omitted > 0.1:
        found.add("often_omitted")
    return [flag for flag in FLAGS if flag in found]


BY_B = ((-1.5, 1), (-0.5, 2), (0.5, 3), (1.5, 4))
BY_FACILITY = ((0.9, 1), (0.75, 2), (0.55, 3), (0.35, 4))


def suggested_difficulty(facility: float | None, b: float | None, n: int) -> int | None:
    """Return the difficulty, 1 to 5, that answers speak for: by b where the model was fitted, else by facility.

    b is counted in deviations of those who took part: 0 is an item that half of the average entrants get right.
    """
    if n < FEWEST or (facility is None and b is None):
        return None
    if b is not None:
        return next((level for edge, level in BY_B if b <= edge), 5)
    assert facility is not None
    return next((level for edge, level in BY_FACILITY if facility >= edge), 5)
