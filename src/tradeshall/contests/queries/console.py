"""What the console shows of rounds beyond the boards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.cache import cache
from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncMinute
from django.utils import timezone

from tradeshall.contests.models import AttemptResult, Round, Standing
from tradeshall.contests.queries.boards import Monitor, monitor
from tradeshall.core import clock
from tradeshall.units.queries import federation_zone

LAST_KEPT_SECONDS = 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class Watched:
    """The figures of a round, when the engine gave them, and whether that is a while ago."""

    figures: Monitor
    as_of: datetime
    stale: bool


def watch(round: Round) -> Watched:
    """Return a round's figures; while the engine cannot be asked, the last it gave, else what has been read."""
    key = f"contests:last-live:{round.pk}"
    now = clock.now()
    figures = monitor(round)
    if figures.live:
        cache.set(key, (figures, now), LAST_KEPT_SECONDS)
        return Watched(figures, now, False)
    kept: tuple[Monitor, datetime] | None = cache.get(key)
    return Watched(kept[0], kept[1], True) if kept else Watched(figures, now, True)


def finished_by_minute(round: Round, minutes: int) -> list[tuple[str, int]]:
    """Return how many attempts were handed in, minute by minute, up to now or the end of the round. One query."""
    end = min(clock.now(), round.closed_at or round.closes_at).replace(second=0, microsecond=0)
    start = end - timedelta(minutes=minutes - 1)
    counts = dict(
        AttemptResult.objects.filter(round=round, finished_at__gte=start, finished_at__lt=end + timedelta(minutes=1))
        .order_by()
        .annotate(minute=TruncMinute("finished_at"))
        .values_list("minute")
        .annotate(Count("pk"))
    )
    at = [start + timedelta(minutes=step) for step in range(minutes)]
    return [(timezone.localtime(one).strftime("%H:%M"), counts.get(one, 0)) for one in at]


def took_part_today(rounds: QuerySet[Round], besides: Q) -> int:
    """Return how many people handed in an attempt today, in some rounds or among the attempts chosen besides."""
    today = timezone.localtime(clock.now(), federation_zone()).replace(hour=0, minute=0, second=0, microsecond=0)
    chosen = Q(round__in=rounds.order_by().values("pk")) | besides
    found = AttemptResult.objects.filter(chosen, finished_at__gte=today)
    return int(found.aggregate(people=Count("entrant", distinct=True))["people"])


def results_count(round: Round) -> int:
    """Return how many entrants a round's results list."""
    return Standing.objects.filter(round=round).count()
