"""Words of the contests. What the engine plays by is written once, in its `wire`."""

from __future__ import annotations

from enum import StrEnum

from tradeshall.engine.wire import Counting, Results, Review, Scoring, TieBreak
from tradeshall.engine.wire import Form as ItemForm

__all__ = [
    "BoardKind",
    "BoardPart",
    "BoardRanks",
    "Counting",
    "ItemForm",
    "ItemState",
    "Results",
    "Review",
    "RoundState",
    "Scoring",
    "TieBreak",
]


class ItemState(StrEnum):
    DRAFT = "draft"
    REVIEWED = "reviewed"
    RETIRED = "retired"


class RoundState(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    CLOSED = "closed"


class BoardPart(StrEnum):
    """What a board of units can be made of; each counts from 0 to 100."""

    RATE = "rate"
    COVERAGE = "coverage"
    MEAN = "mean"
    TOP_MEAN = "top_mean"
    TOTAL = "total"


class BoardRanks(StrEnum):
    """How equal units are numbered: 1-2-2-4 or 1-2-2-3."""

    STANDARD = "standard"
    DENSE = "dense"


class BoardKind(StrEnum):
    """What a stored state of a board holds."""

    UNITS = "units"
    FROZEN_UNITS = "frozen_units"
    FROZEN_PEOPLE = "frozen_people"
