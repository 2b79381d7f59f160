"""What the organiser watches while a round runs."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Sum

from tradeshall.contests import ports
from tradeshall.contests.enums import RoundState
from tradeshall.contests.models import Round, Standing
from tradeshall.core import clock
from tradeshall.engine.codes import EngineBusy, EngineRefused, EngineUnreachable
from tradeshall.people.queries import count_members_by_unit


@dataclass(frozen=True, slots=True)
class Monitor:
    """What happens in a round now; `live` is false if the engine could not be asked, and then only sums are known."""

    live: bool
    open_now: int
    started: int
    finished: int
    started_last_minute: int
    finished_last_minute: int
    participants: int
    eligible: int
    lag_entries: int | None

    @property
    def rate(self) -> float:
        """The share of those who may take part that have begun."""
        return min(1.0, self.participants / self.eligible) if self.eligible else 0.0


def monitor(round: Round) -> Monitor:
    """Return what happens in a round now: from the engine, or, if it cannot be asked, what has been read so far."""
    eligible = sum(count_members_by_unit(round.unit_path).values())
    try:
        seen = ports.engine().monitor(round.pk)
    except (EngineBusy, EngineUnreachable, EngineRefused, RuntimeError):
        totals = Standing.objects.filter(round=round).aggregate(people=Count("pk"), attempts=Sum("attempts_count"))
        attempts = totals["attempts"] or 0
        return Monitor(False, 0, attempts, attempts, 0, 0, totals["people"], eligible, None)
    read = Standing.objects.filter(round=round).aggregate(attempts=Sum("attempts_count"))["attempts"] or 0
    return Monitor(
        True,
        seen["open_now"],
        seen["started"],
        seen["finished"],
        seen["started_last_minute"],
        seen["finished_last_minute"],
        seen["participants"],
        eligible,
        max(0, seen["finished"] - read),
    )


def is_over(round: Round) -> bool:
    """Answer whether a round takes no more attempts."""
    return round.state == RoundState.CLOSED or round.closes_at <= clock.now()
