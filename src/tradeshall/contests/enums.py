"""Words of the contests. What the engine plays by is written once, in its `wire`."""

from __future__ import annotations

from enum import StrEnum

from tradeshall.engine.wire import Counting, Results, Review, Scoring, TieBreak
from tradeshall.engine.wire import Form as ItemForm

__all__ = [
    "Counting",
    "DrawState",
    "Forfeit",
    "ItemForm",
    "ItemState",
    "Results",
    "Review",
    "RoundState",
    "Scoring",
    "TieBreak",
    "WinnerState",
]


class ItemState(StrEnum):
    DRAFT = "draft"
    REVIEWED = "reviewed"
    RETIRED = "retired"


class RoundState(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    CLOSED = "closed"


class DrawState(StrEnum):
    DRAFT = "draft"
    ANNOUNCED = "announced"
    SEALED = "sealed"
    DRAWN = "drawn"
    PUBLISHED = "published"
    CLOSED = "closed"
    CALLED_OFF = "called_off"


class WinnerState(StrEnum):
    RESERVE = "reserve"
    WON = "won"
    CLAIMED = "claimed"
    HANDED_OVER = "handed_over"
    FORFEITED = "forfeited"


class Forfeit(StrEnum):
    """Why a prize was lost."""

    LATE = "late"
    DECLINED = "declined"
    CAUSE = "cause"
