"""Where units stood on a board at the end of each day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from tradeshall.contests.models import BoardDay, UnitBoard
from tradeshall.contests.queries.boards.figures import Scope, names_of
from tradeshall.contests.queries.boards.units import UnitRow
from tradeshall.contests.rules.days import WHOLE, line_of, part_of, unpack_day


@dataclass(frozen=True, slots=True)
class Day:
    """A day of which places were kept, and the moment they are of."""

    day: date
    as_of: datetime


@dataclass(frozen=True, slots=True)
class Step:
    """Where one unit stood at the end of a day; None where it was not on the board."""

    day: date
    rank: int | None
    hundredths: int | None

    @property
    def points(self) -> float | None:
        return None if self.hundredths is None else self.hundredths / 100


def _kept(scope: Scope, board: UnitBoard) -> Any:
    """Return the days members may see: while boards are frozen, those before the freeze."""
    rows = BoardDay.objects.filter(board=board)
    return rows.filter(made_at__lte=scope.boards.freeze_at) if scope.is_frozen else rows


def days_of(scope: Scope, board: UnitBoard) -> list[Day]:
    """Return the days that were kept of a board, the first one first. One query."""
    rows = _kept(scope, board).order_by("stood_on").values_list("stood_on", "made_at").distinct()
    return [Day(day, as_of) for day, as_of in rows]


def day_page(
    scope: Scope, board: UnitBoard, day: date, *, limit: int = 20, offset: int = 0
) -> tuple[list[UnitRow], int] | None:
    """Return part of a board as it stood at the end of a day, and how many units were on it; None without that day.

    Two queries.
    """
    parts = list(_kept(scope, board).filter(stood_on=day).order_by("part").values_list("lines", flat=True))
    if not parts:
        return None
    lines = unpack_day(bytes(part) for part in parts)
    shown = lines[offset : offset + limit]
    names = names_of(shown["key"])
    rows = [
        UnitRow(int(rank), int(key), names.get(int(key), ""), 0, 0, 0.0, 0.0, hundredths=int(hundredths))
        for key, rank, hundredths in zip(shown["key"], shown["rank"], shown["hundredths"], strict=True)
    ]
    return rows, len(lines)


def trail_of(scope: Scope, board: UnitBoard, unit_id: int) -> list[Step]:
    """Return where a unit stood at the end of each day that was kept. One query."""
    rows = _kept(scope, board).filter(part__in=[WHOLE, part_of(unit_id)]).order_by("stood_on")
    found = []
    for day, lines in rows.values_list("stood_on", "lines"):
        line = line_of(bytes(lines), unit_id)
        found.append(Step(day, line.rank if line else None, line.hundredths if line else None))
    return found
