"""What a board of units comes to: for the unit that leads it, or before there is one for an invented one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tradeshall.contests.models import UnitBoard
from tradeshall.contests.queries.boards.figures import Scope, decoded, names_of
from tradeshall.contests.rules.figures import UnitLine, pack_scores, rolled_up
from tradeshall.contests.rules.unit_boards import PartFigures, explain, rank_units
from tradeshall.core import clock
from tradeshall.units.enums import UnitKind


@dataclass(frozen=True, slots=True)
class Example:
    """A unit's points and the figures behind them; `name` is "" where both are invented."""

    name: str
    points: float
    parts: tuple[PartFigures, ...]


def examples_of(scope: Scope, boards: list[UnitBoard]) -> list[Example]:
    """Return what some boards come to for the units that lead them; before there is one, for an invented one."""
    figures = scope.live
    first = [(board, decoded.ranked(figures, board)) for board in boards]
    names = names_of({int(figures.keys[ranked.rows[0]]) for _, ranked in first if len(ranked.rows)})
    found = []
    for board, ranked in first:
        if not len(ranked.rows):
            found.append(invented(board))
            continue
        row = int(ranked.rows[0])
        parts = tuple(explain(figures, board, row, ranked.highest))
        found.append(Example(names[int(figures.keys[row])], int(ranked.hundredths[0]) / 100, parts))
    return found


def invented(board: UnitBoard) -> Example:
    """Return a board's points for a unit of 130 members of whom 42 took part, beside a larger one that leads."""
    people, others = max(42, board.least_taking_part), max(60, board.least_taking_part)
    members, more = max(130, board.least_members, people), max(150, board.least_members, others)
    branch = UnitKind.BRANCH.value
    kind = board.kind
    lines = [
        UnitLine(0, "1/", "", "", 0),
        _line(3, "1/2/", kind, more, others, 90),
    ]
    if kind in (branch, UnitKind.GROUP.value):
        lines.append(_line(1, "1/1/", kind, members, people, 82))
    else:  # one that has branches beneath it, of which one was reached
        lines += [
            _line(1, "1/1/", kind, members - 80, people - 12, 82),
            _line(4, "1/1/3/", branch, 40, 12, 82),
            _line(5, "1/1/4/", branch, 40, 0, 0),
        ]
    figures = rolled_up(lines, [board.top_count], clock.now())
    plain = UnitBoard(
        kind=kind,
        weights=board.weights,
        top_count=board.top_count,
        least_members=30,
        least_taking_part=10,
        ranks=board.ranks,
    )
    figures.shown = np.ones(len(figures), "<i1")
    ranked = rank_units(figures, plain)
    row = figures.row_of(1)
    assert row is not None
    place = ranked.place_of(row)
    assert place is not None
    return Example("", int(ranked.hundredths[place]) / 100, tuple(explain(figures, plain, row, ranked.highest)))


def _line(key: int, path: str, kind: str, members: int, people: int, score: int) -> UnitLine:
    scores = pack_scores({score: people}) if people else b""
    return UnitLine(key, path, kind, "", members, people, people, score * people, scores)
