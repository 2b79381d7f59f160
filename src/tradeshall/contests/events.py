"""What contests tell other apps."""

from __future__ import annotations

from dataclasses import dataclass

from tradeshall.journal.events import event


@event
@dataclass(frozen=True, slots=True)
class RoundPublished:
    """A round's pack is sealed; the engine has yet to be given it."""

    round_id: int
    content_hash: str


@event
@dataclass(frozen=True, slots=True)
class RoundClosed:
    """A round is over from a moment on; the engine has yet to be told."""

    round_id: int
    at_ms: int


@event
@dataclass(frozen=True, slots=True)
class ResultsReleased:
    """Results that were held back for review may be seen from a moment on."""

    round_id: int
    at_ms: int


@event
@dataclass(frozen=True, slots=True)
class RoundRanked:
    """The final ranks of a round stand. Comes again if an attempt is read later."""

    round_id: int


@event
@dataclass(frozen=True, slots=True)
class FinalistsConfirmed:
    """The list of those who go on to a round stands."""

    round_id: int
    count: int


@event
@dataclass(frozen=True, slots=True)
class DrawSealed:
    """The list of tickets of a prize draw is frozen and public; its randomness is still to come."""

    draw_id: int
    root: str
    count: int


@event
@dataclass(frozen=True, slots=True)
class DrawDrawn:
    """Two persons agree on the results, and the winners of a prize draw stand."""

    draw_id: int


@event
@dataclass(frozen=True, slots=True)
class DrawPublished:
    """The winners of a prize draw are public, and prizes can be claimed."""

    draw_id: int


@event
@dataclass(frozen=True, slots=True)
class PrizeClaimed:
    """A winner said where a prize is to go."""

    draw_id: int
    place: int


@event
@dataclass(frozen=True, slots=True)
class ResultsVersionApplied:
    """A new version of a round's results is in force: scores and ranks have changed."""

    round_id: int
    number: int
