"""Boards of units: who stands where, with the figures behind it; and what organisers see of units beneath them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from tradeshall.contests.models import Round
from tradeshall.contests.queries.boards.figures import Scope, decoded, names_of, scope_of_round
from tradeshall.contests.rules import boards as rules
from tradeshall.contests.rules.boards import UnitCounts
from tradeshall.contests.rules.figures import Figures
from tradeshall.contests.rules.unit_boards import (
    BoardDraft,
    BoardRules,
    PartFigures,
    explain,
    on_level,
)
from tradeshall.core import clock
from tradeshall.units.enums import UnitKind

if TYPE_CHECKING:
    from tradeshall.units.models import Unit


@dataclass(frozen=True, slots=True)
class UnitRow:
    """One line of a board of units; `hidden`: too few for figures, which are 0."""

    rank: int
    unit: Any
    name: str
    members: int
    taking_part: int
    rate: float
    mean_points: float
    attempts: int = 0
    hidden: bool = False
    hundredths: int = 0

    @property
    def points(self) -> float:
        """The points of 100 a board of several parts gives."""
        return self.hundredths / 100


@dataclass(frozen=True, slots=True)
class UnitBoardPage:
    """The units of one level in order; those too small to be shown by name are one line without a rank.

    `smaller` is None where that line may have no figures. `joined`: a unit large enough is in it, so that nobody can
    work out the figures of a small one. `withheld`: the rules hold scores back for now, so that only
    participation counts and means are 0. `preparing`: the board has just been frozen and is not kept yet.
    """

    rows: list[UnitRow]
    of: int
    smaller: UnitCounts | None
    smaller_units: int
    joined: bool
    as_of: datetime
    withheld: bool = False
    preparing: bool = False


@dataclass(frozen=True, slots=True)
class UnitPlace:
    """Where one unit stands; `rank` is None if it is too small to be shown, or nobody there took part.

    `parts` are the figures behind its points; none without a rank.
    """

    unit: Any
    name: str
    rank: int | None
    of: int
    too_small: bool
    members: int
    taking_part: int
    rate: float
    mean_points: float
    hundredths: int = 0
    position: int = 0
    parts: tuple[PartFigures, ...] = ()

    @property
    def points(self) -> float:
        return self.hundredths / 100


def plain_board(kind: str = UnitKind.BRANCH.value, by: str = "rate") -> BoardDraft:
    """Return the board every round has: the units of one kind by participation, or by their mean."""
    return BoardDraft(name=by, kind=kind, weights={by: 1})


def unit_board(
    round: Round, *, limit: int = 20, offset: int = 0, kind: str = UnitKind.BRANCH.value, by: str = "rate"
) -> UnitBoardPage:
    """Return the units of one kind by participation rate (`by` "mean": by mean score), those large enough by name.

    Figures of a unit include all beneath it.
    """
    return board_of(scope_of_round(round), plain_board(kind, by), limit=limit, offset=offset)


def unit_place(round: Round, unit: Unit, *, kind: str = UnitKind.BRANCH.value, by: str = "rate") -> UnitPlace | None:
    """Return where a unit stands, or for a group the unit of `kind` it belongs to; None if there is none."""
    return place_of(scope_of_round(round), plain_board(kind, by), unit.pk)


def board_of(
    scope: Scope, board: BoardRules | BoardDraft, *, limit: int = 20, offset: int = 0, live: bool = False
) -> UnitBoardPage:
    """Return part of a board of units as members see it; `live`: as it is, whether or not it is frozen for them."""
    figures = scope.live if live else scope.shown
    if figures is None:
        return UnitBoardPage([], 0, None, 0, False, clock.now(), preparing=True)
    ranked = decoded.ranked(figures, board)  # type: ignore[arg-type]
    rows = ranked.rows[offset : offset + limit]
    names = names_of(figures.keys[rows])
    lines = [
        _row(figures, int(row), names, int(ranked.ranks[at]), int(ranked.hundredths[at]))
        for at, row in enumerate(rows, start=offset)
    ]
    others = UnitCounts(*ranked.others)
    smaller = others if ranked.left_out and not board.industry and rules.may_be_shown(others) else None
    return UnitBoardPage(
        lines, len(ranked.rows), smaller, ranked.left_out, ranked.joined, figures.as_of, withheld=not figures.scored
    )


def place_of(scope: Scope, board: BoardRules | BoardDraft, unit_id: int, *, live: bool = False) -> UnitPlace | None:
    """Return where a unit, or the nearest above it that is of the board's level, stands, with its figures.

    None if it is on no board of this level. A unit that is not shown has no figures here, even for its own members.
    """
    figures = scope.live if live else scope.shown
    return None if figures is None else place_in(figures, board, unit_id)


def place_in(figures: Figures, board: BoardRules | BoardDraft, unit_id: int) -> UnitPlace | None:
    """Return where a unit stands in some figures; see `place_of`."""
    level = on_level(figures, board)  # type: ignore[arg-type]
    start = figures.row_of(unit_id)
    row = None if start is None else next((one for one in figures.above(start) if level[one]), None)
    if row is None:
        return None
    ranked = decoded.ranked(figures, board)  # type: ignore[arg-type]
    at = ranked.place_of(row)
    name = names_of([figures.keys[row]])[int(figures.keys[row])]
    counts = counts_of(figures, row)
    small = not (counts.members >= board.least_members and counts.taking_part >= board.least_taking_part)
    return UnitPlace(
        int(figures.keys[row]),
        name,
        None if at is None else int(ranked.ranks[at]),
        len(ranked.rows),
        small,
        counts.members,
        counts.taking_part,
        counts.rate,
        counts.mean,
        0 if at is None else int(ranked.hundredths[at]),
        0 if at is None else at,
        () if at is None else tuple(explain(figures, board, row, ranked.highest)),  # type: ignore[arg-type]
    )


def counts_of(figures: Figures, row: int) -> UnitCounts:
    """Return the figures of a unit and all beneath it."""
    return UnitCounts(
        int(figures.members[row]),
        int(figures.people[row]),
        int(figures.score_sums[row]),
        int(figures.attempts[row]),
    )


def _row(figures: Figures, row: int, names: dict[int, str], rank: int = 0, hundredths: int = 0) -> UnitRow:
    counts = counts_of(figures, row)
    key = int(figures.keys[row])
    return UnitRow(
        rank,
        key,
        names.get(key, ""),
        counts.members,
        counts.taking_part,
        counts.rate,
        counts.mean,
        counts.attempts,
        hundredths=hundredths,
    )


# For those who run units -------------------------------------------------------------------------------------


def place_among_kind(scope: Scope, unit: Unit, *, kind: str) -> UnitPlace | None:
    """Return where a unit stands among all of its kind that are large enough, whatever boards show of them.

    For those who run it: nothing is said of the others but how many there are.
    """
    figures = scope.live
    large = rules.may_be_shown_all(figures.members, figures.people).astype("<i1")
    return place_in(replace(figures, shown=large), plain_board(kind), unit.pk)


def figures_of(scope: Scope | Round, unit: Unit) -> tuple[UnitRow, datetime]:
    """Return a unit's exact figures, whatever its size, for those who run it, and the moment they are of; rank 0."""
    figures = (scope if isinstance(scope, Scope) else scope_of_round(scope)).live
    row = figures.row_of(unit.pk)
    names = names_of([unit.pk])
    if row is None:
        return UnitRow(0, unit.pk, names.get(unit.pk, ""), 0, 0, 0.0, 0.0), figures.as_of
    return _row(figures, row, names), figures.as_of


def participation_by_unit(scope: Scope | Round, under: Unit) -> list[UnitRow]:
    """Return the units directly beneath one with their live figures, for those who run them; rank 0 throughout.

    Those of fewer than 30 members or with fewer than ten taking part come last, pooled under the name "". Whoever
    reads this knows the total as well, so none is ever alone there while another is shown; too few have no figures.
    """
    figures = (scope if isinstance(scope, Scope) else scope_of_round(scope)).live
    top = figures.row_of(under.pk)
    children = [] if top is None else [int(row) for row in np.flatnonzero(figures.parents == top)]
    board = rules.board_of_units({str(row): counts_of(figures, row) for row in children})
    names = names_of(figures.keys[[int(row) for _, row, _ in board.ranked]])
    rows = sorted((_row(figures, int(row), names) for _, row, _ in board.ranked), key=lambda row: row.name)
    if board.smaller_units:
        one = board.smaller or rules.NOBODY
        hidden = board.smaller is None
        rows.append(UnitRow(0, None, "", one.members, one.taking_part, one.rate, one.mean, one.attempts, hidden))
    return rows
