"""Boards of units: what they are made of, who stands where, and the figures behind one unit's place."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from tradeshall.contests.enums import BoardPart, BoardRanks
from tradeshall.contests.rules.boards import LEAST_MEMBERS, LEAST_TAKING_PART, may_be_shown_all
from tradeshall.contests.rules.figures import BRANCH, GROUP, Column, Figures
from tradeshall.core.refusal import Refusal, refuse

MOST_BOARDS = 12
MOST_WEIGHT = 100
LEAST_TOP, MOST_TOP = 10, 1000
SCORED = (BoardPart.MEAN.value, BoardPart.TOP_MEAN.value, BoardPart.TOTAL.value)
"""Parts made of scores; each is counted against the highest on the board, which has 100."""


class BoardRules(Protocol):
    """What a board of units is made of."""

    kind: str
    depth: int | None
    industry: str
    weights: dict[str, int]
    top_count: int
    least_members: int
    least_taking_part: int
    ranks: str


@dataclass(frozen=True, slots=True)
class BoardDraft:
    """A board as somebody wrote it."""

    name: str
    name_en: str = ""
    kind: str = BRANCH
    depth: int | None = None
    industry: str = ""
    weights: dict[str, int] | None = None
    top_count: int = LEAST_TOP
    least_members: int = LEAST_MEMBERS
    least_taking_part: int = LEAST_TAKING_PART
    ranks: str = BoardRanks.STANDARD.value


def judge_board(board: Any, kinds: Collection[str], industries: Collection[str]) -> list[Refusal]:
    """Return what makes no sense about a board; `kinds` and `industries` are those there are beneath the contest."""
    found: list[Refusal] = []
    weights = board.weights or {}
    parts = {part.value for part in BoardPart}
    if not board.name.strip():
        found.append(refuse("contests:unit_board:no_name", field_name="name"))
    if not weights:
        found.append(refuse("contests:unit_board:no_parts", field_name="weight_rate"))
    for part, weight in weights.items():
        if part not in parts or not isinstance(weight, int) or not 1 <= weight <= MOST_WEIGHT:
            name = f"weight_{part}"
            found.append(refuse("contests:unit_board:weight_out_of_bounds", field_name=name, most=MOST_WEIGHT))
    if board.kind not in kinds:
        found.append(refuse("contests:unit_board:no_such_level", field_name="level"))
    if board.industry and board.industry not in industries:
        found.append(refuse("contests:unit_board:no_such_industry", field_name="industry"))
    if BoardPart.COVERAGE in weights and board.kind in (BRANCH, GROUP):
        found.append(refuse("contests:unit_board:nothing_to_cover", field_name="weight_coverage"))
    if BoardPart.TOP_MEAN in weights and not LEAST_TOP <= board.top_count <= MOST_TOP:
        found.append(
            refuse("contests:unit_board:top_out_of_bounds", field_name="top_count", least=LEAST_TOP, most=MOST_TOP)
        )
    if board.least_members < LEAST_MEMBERS:
        found.append(refuse("contests:unit_board:members_too_few", field_name="least_members", least=LEAST_MEMBERS))
    if board.least_taking_part < LEAST_TAKING_PART:
        found.append(
            refuse("contests:unit_board:people_too_few", field_name="least_taking_part", least=LEAST_TAKING_PART)
        )
    return found


@dataclass(frozen=True, slots=True)
class Highest:
    """The highest figures of those made of scores among the units on a board; what has 100."""

    mean: float
    top_mean: float
    total: float


@dataclass(frozen=True, slots=True)
class Ranked:
    """Units in order: their rows in the figures, their ranks, and their hundredths of a point, 0 to 10000.

    `left_out` is how many units of the level have members or people and are not on the board, `joined` whether one of
    them is large enough; `others` what everyone comes to who is in no unit listed: members, people, points, attempts.
    """

    rows: Column
    ranks: Column
    hundredths: Column
    highest: Highest
    left_out: int
    joined: bool
    others: tuple[int, int, int, int]

    def place_of(self, row: int) -> int | None:
        """Return at which position, from 0, a row of the figures stands."""
        found = np.flatnonzero(self.rows == row)
        return int(found[0]) if len(found) else None


def rank_units(figures: Figures, board: BoardRules) -> Ranked:
    """Put the units of a board in order; only those that may be published are on it.

    Each part runs from 0 to 100 and is weighed; equal are those who are equal in hundredths of a point, which is what
    is shown, and they share a rank.
    """
    level = on_level(figures, board)
    large = (figures.members >= board.least_members) & (figures.people >= board.least_taking_part)
    rows = np.flatnonzero(level & large & (figures.shown > 0))
    left_out = int((level & ((figures.members > 0) | (figures.people > 0))).sum()) - len(rows)
    means, tops = _means(figures, rows), _tops(figures, rows, board.top_count)
    totals = figures.score_sums[rows]
    highest = Highest(float(means.max(initial=0.0)), float(tops.max(initial=0.0)), float(totals.max(initial=0.0)))
    points = np.zeros(len(rows))
    for part, weight in board.weights.items():
        points += weight * _points(figures, rows, part, highest, means, tops, totals)
    points /= sum(board.weights.values()) or 1
    hundredths = np.floor(points * 100 + 1e-6).astype("<i4")
    order = np.lexsort((rows, -hundredths))
    rows, hundredths = rows[order], hundredths[order]
    joined = bool((level & may_be_shown_all(figures.members, figures.people) & (figures.shown == 0)).any())
    ranks = ranks_of(hundredths, board.ranks)
    return Ranked(rows, ranks, hundredths, highest, left_out, joined, _others(figures, rows))


def _others(figures: Figures, rows: Column) -> tuple[int, int, int, int]:
    """Return what everyone comes to who is in none of some units, some of which may lie within others."""
    rows = np.sort(rows)
    if len(rows):
        reach = np.maximum.accumulate(figures.ends[rows])
        rows = rows[~np.concatenate(([False], rows[1:] < reach[:-1]))]
    columns = (figures.members, figures.people, figures.score_sums, figures.attempts)
    members, people, points, attempts = (int(column[:1].sum() - column[rows].sum()) for column in columns)
    return members, people, points, attempts


def on_level(figures: Figures, board: BoardRules) -> Column:
    """Return which units are of a board's level and industry."""
    code = figures.kind_names.index(board.kind) if board.kind in figures.kind_names else -1
    level: Column = figures.kinds == code
    if board.depth is not None:
        level &= figures.depths == board.depth
    if board.industry:
        names = figures.industry_names
        level &= figures.industries == (names.index(board.industry) if board.industry in names else -1)
    return level


def ranks_of(values: Column, style: str) -> Column:
    """Return the ranks of sorted values; equal ones share one: 1-2-2-4, or 1-2-2-3 where that is the style."""
    if not len(values):
        return np.zeros(0, "<i4")
    first = np.concatenate(([True], values[1:] != values[:-1]))
    if style == BoardRanks.DENSE:
        return np.cumsum(first).astype("<i4")
    return (np.maximum.accumulate(np.where(first, np.arange(len(values)), 0)) + 1).astype("<i4")


def _means(figures: Figures, rows: Column) -> Column:
    found: Column = figures.score_sums[rows] / np.maximum(figures.people[rows], 1)
    return found


def _tops(figures: Figures, rows: Column, count: int) -> Column:
    sums = figures.tops.get(count)
    found: Column = np.zeros(len(rows)) if sums is None else sums[rows] / count
    return found


def _points(
    figures: Figures, rows: Column, part: str, highest: Highest, means: Column, tops: Column, totals: Column
) -> Column:
    """Return the points from 0 to 100 that one part gives to some rows."""
    pairs: dict[str, tuple[Any, Any]] = {
        BoardPart.RATE.value: (np.minimum(figures.people, figures.members)[rows], figures.members[rows]),
        BoardPart.COVERAGE.value: (figures.parts_reached[rows], figures.parts_count[rows]),
        BoardPart.MEAN.value: (means, np.float64(highest.mean)),
        BoardPart.TOP_MEAN.value: (tops, np.float64(highest.top_mean)),
        BoardPart.TOTAL.value: (totals, np.float64(highest.total)),
    }
    figure, whole = pairs[part]
    found: Column = 100 * figure / np.where(whole > 0, whole, 1)
    return found


@dataclass(frozen=True, slots=True)
class PartFigures:
    """One part of a unit's place: what was counted, of what, how many points of 100 that is, and its weight.

    For the rate: members who took part, of all members. For coverage: branches reached, of all that are large enough.
    For what is made of scores: the unit's figure, and the highest on the board.
    """

    part: str
    figure: float
    of: float
    points: float
    weight: int
    share: float  # of the sum of weights

    @property
    def counts(self) -> float:
        """The points this part adds."""
        return self.points * self.share


def explain(figures: Figures, board: BoardRules, row: int, highest: Highest) -> list[PartFigures]:
    """Return the figures behind one unit's points, part by part in the order of the parts."""
    at = np.array([row])
    means, tops, totals = _means(figures, at), _tops(figures, at, board.top_count), figures.score_sums[at]
    whole = sum(board.weights.values()) or 1
    found = []
    for part in BoardPart:
        weight = board.weights.get(part.value)
        if weight is None:
            continue
        pairs: Mapping[str, tuple[float, float]] = {
            BoardPart.RATE.value: (float(figures.people[row]), float(figures.members[row])),
            BoardPart.COVERAGE.value: (float(figures.parts_reached[row]), float(figures.parts_count[row])),
            BoardPart.MEAN.value: (float(means[0]), highest.mean),
            BoardPart.TOP_MEAN.value: (float(tops[0]), highest.top_mean),
            BoardPart.TOTAL.value: (float(totals[0]), highest.total),
        }
        points = float(_points(figures, at, part.value, highest, means, tops, totals)[0])
        found.append(PartFigures(part.value, *pairs[part.value], points, weight, weight / whole))
    return found


def levels_of(boards: Iterable[BoardRules]) -> list[tuple[str, int | None]]:
    """Return the levels some boards show: branches always, since every round has its board of them."""
    return [(BRANCH, None), *{(board.kind, board.depth) for board in boards} - {(BRANCH, None)}]


def tops_of(boards: Iterable[BoardRules]) -> set[int]:
    """Return of how many best ones some boards take the mean."""
    return {board.top_count for board in boards if BoardPart.TOP_MEAN.value in board.weights}
