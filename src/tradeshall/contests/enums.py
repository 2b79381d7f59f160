"""Words of the contests. What the engine plays by is written once, in its `wire`."""

from __future__ import annotations

from enum import StrEnum

from tradeshall.engine.wire import Counting, RankStyle, Results, Review, Scoring, TieBreak
from tradeshall.engine.wire import Form as ItemForm

__all__ = [
    "Achieved",
    "Advance",
    "BoardKind",
    "BoardPart",
    "BoardRanks",
    "CertificateKind",
    "CheckpointKind",
    "Counting",
    "DrawState",
    "FileKind",
    "Forfeit",
    "ItemForm",
    "ItemState",
    "OutlierKind",
    "OutlierState",
    "RankStyle",
    "Results",
    "Review",
    "RoundState",
    "RulingVerdict",
    "Scoring",
    "TieBreak",
    "VersionState",
    "WinnerState",
]


class ItemState(StrEnum):
    DRAFT = "draft"
    REVIEWED = "reviewed"
    RETIRED = "retired"


class Advance(StrEnum):
    """Who goes on to a round from an earlier one; empty where everybody may sit it."""

    NOBODY = ""
    TOP = "top"
    TOP_OF_UNITS = "top_of_units"
    POINTS = "points"


class Achieved(StrEnum):
    """What an achievement asks for."""

    DAYS = "days"
    """On so many days an attempt was begun and finished."""
    IN_A_ROW = "in_a_row"
    """The same on so many days without a gap."""
    ROUNDS = "rounds"
    """So many rounds, each a point of the map; 0 asks for all."""
    POINTS = "points"
    """So many points that count, over all rounds."""


class RoundState(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    CLOSED = "closed"


class CertificateKind(StrEnum):
    """What a certificate is given for."""

    FINISH = "finish"
    RANK = "rank"
    ACHIEVEMENT = "achievement"


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


class RehearsalState(StrEnum):
    ASKED = "asked"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


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
