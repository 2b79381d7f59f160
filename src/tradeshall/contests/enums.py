"""Words of the contests. What the engine plays by is written once, in its `wire`."""

from __future__ import annotations

from enum import StrEnum

from tradeshall.engine.wire import Counting, Results, Review, Scoring, TieBreak
from tradeshall.engine.wire import Form as ItemForm

__all__ = ["Counting", "ItemForm", "ItemState", "Results", "Review", "RoundState", "Scoring", "TieBreak"]


class ItemState(StrEnum):
    DRAFT = "draft"
    REVIEWED = "reviewed"
    RETIRED = "retired"


class RoundState(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    CLOSED = "closed"


class RehearsalState(StrEnum):
    ASKED = "asked"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
