"""Boards of people and of units, a member's place, and what the organiser watches."""

from __future__ import annotations

from tradeshall.contests.queries.boards.people import BoardPage, BoardRow, board_page, display_name
from tradeshall.contests.queries.boards.units import (
    UnitBoardPage,
    UnitPlace,
    UnitRow,
    figures_of,
    participation_by_unit,
    place_among_kind,
    unit_board,
    unit_place,
)
from tradeshall.contests.queries.boards.watching import Monitor, is_over, monitor

__all__ = [
    "BoardPage",
    "BoardRow",
    "Monitor",
    "UnitBoardPage",
    "UnitPlace",
    "UnitRow",
    "board_page",
    "display_name",
    "figures_of",
    "is_over",
    "monitor",
    "participation_by_unit",
    "place_among_kind",
    "unit_board",
    "unit_place",
]
