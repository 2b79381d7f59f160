"""Words of the contests. What the engine plays by is written once, in its `wire`."""

from __future__ import annotations

from enum import StrEnum

from tradeshall.engine.wire import Counting, Results, Review, Scoring, TieBreak
from tradeshall.engine.wire import Form as ItemForm

__all__ = [
    "CheckpointKind",
    "Counting",
    "FileKind",
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


class CheckpointKind(StrEnum):
    """Why the log was signed: because it had grown, because an hour had passed, because results were published."""

    MINUTE = "minute"
    HOUR = "hour"
    CLOSE = "close"


class FileKind(StrEnum):
    """What is published for everybody."""

    COMMITMENTS = "commitments"
    OPENING = "opening"
    RESULTS = "results"
    LIST = "list"
    DRAW = "draw"
