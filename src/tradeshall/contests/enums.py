"""Words of the contests. What the engine plays by is written once, in its `wire`."""

from __future__ import annotations

from enum import StrEnum

from tradeshall.engine.wire import Counting, Results, Review, Scoring, TieBreak
from tradeshall.engine.wire import Form as ItemForm

__all__ = [
    "Counting",
    "ItemForm",
    "ItemState",
    "OutlierKind",
    "OutlierState",
    "Results",
    "Review",
    "RoundState",
    "RulingVerdict",
    "Scoring",
    "TieBreak",
    "VersionState",
]


class ItemState(StrEnum):
    DRAFT = "draft"
    REVIEWED = "reviewed"
    RETIRED = "retired"


class RoundState(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    CLOSED = "closed"


class RulingVerdict(StrEnum):
    """What was decided about an item. `void_out`, `void_full` and `key` change scores, once a version is made."""

    VOID_FULL = "void_full"
    VOID_OUT = "void_out"
    KEY = "key"
    STANDS = "stands"


class VersionState(StrEnum):
    BUILDING = "building"
    READY = "ready"
    CONFIRMED = "confirmed"
    APPLIED = "applied"
    DISCARDED = "discarded"


class OutlierKind(StrEnum):
    FAST_AND_HIGH = "fast_and_high"
    SAME_WRONG = "same_wrong"
    BURST = "burst"


class OutlierState(StrEnum):
    OPEN = "open"
    LOOKED_AT = "looked_at"
    NOTHING = "nothing"
