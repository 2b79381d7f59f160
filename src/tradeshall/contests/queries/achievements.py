"""Who has reached what over a contest: computed from results, by the published rule, whenever it is asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.db.models import Count, F, Q, QuerySet, Sum

from tradeshall.contests.enums import Achieved, RoundState
from tradeshall.contests.models import Achievement, AttemptResult, Contest, Entrant, Round, Standing
from tradeshall.contests.rules import achievements as rules
from tradeshall.contests.rules.achievements import Progress, RoundOfMap
from tradeshall.core import clock
from tradeshall.units.queries import federation_zone

if TYPE_CHECKING:
    from collections.abc import Iterable


def rounds_of_map(contest: Contest) -> QuerySet[Round]:
    """Return the rounds that are points of a contest's map: published, no practice, in order."""
    return (
        Round.objects.filter(contest=contest, practice=False)
        .exclude(state=RoundState.DRAFT.value)
        .order_by("position", "pk")
    )


def rounds_asked_for(contest: Contest) -> int:
    """Return how many rounds "all" means: drafts count too, or all would be reached before the last is published."""
    return Round.objects.filter(contest=contest, practice=False).count()


def _counting(contest: Contest, must_pass: bool) -> QuerySet[AttemptResult]:
    rows = AttemptResult.objects.filter(round__contest=contest, round__practice=False)
    return rows.filter(score_points__gte=F("round__pass_points")) if must_pass else rows


def entrants_with(contest: Contest, rule: Achievement) -> QuerySet[Entrant]:
    """Return the entrants who have reached an achievement so far.

    One statement, save for days in a row and for maps that look at when somebody entered: those read days and rounds
    and go through them.
    """
    entrants = Entrant.objects.filter(contest=contest)
    rows = _counting(contest, rule.must_pass)
    if rule.kind == Achieved.POINTS:
        sums = (
            Standing.objects.filter(round__contest=contest, round__practice=False)
            .order_by()
            .values("entrant")
            .annotate(points=Sum("score_points"))
            .filter(points__gte=rule.least)
        )
        return entrants.filter(pk__in=sums.values("entrant"))
    grouped = rows.order_by().values("entrant")
    if rule.kind == Achieved.DAYS:
        reached = grouped.annotate(has=Count("begun_on", distinct=True)).filter(has__gte=rule.least)
        return entrants.filter(pk__in=reached.values("entrant"))
    if rule.kind == Achieved.ROUNDS and not rule.since_joining:
        needs = rule.least or rounds_asked_for(contest)
        if not needs:
            return entrants.none()
        reached = grouped.annotate(has=Count("round", distinct=True)).filter(has__gte=needs)
        return entrants.filter(pk__in=reached.values("entrant"))
    if rule.kind == Achieved.ROUNDS:
        return entrants.filter(pk__in=_since_joining(contest, rule, entrants, rows))
    off = days_off(contest)
    days: dict[int, list[date]] = {}
    pairs = rows.order_by("entrant").values_list("entrant_id", "begun_on").distinct()
    for entrant, day in pairs.iterator(5000):
        days.setdefault(entrant, []).append(day)
    return entrants.filter(pk__in=[one for one, own in days.items() if rules.longest_run(own, off) >= rule.least])


def _since_joining(
    contest: Contest, rule: Achievement, entrants: QuerySet[Entrant], rows: QuerySet[AttemptResult]
) -> list[int]:
    points = map_of(contest)
    done: dict[int, set[int]] = {}
    for entrant, number in rows.order_by().values_list("entrant_id", "round_id").distinct().iterator(5000):
        done.setdefault(entrant, set()).add(number)
    return [
        entrant
        for entrant, entered in entrants.filter(pk__in=done).values_list("pk", "entered_at").iterator(5000)
        if rounds_progress(rule, points, done[entrant], entered).reached
    ]


def map_of(contest: Contest) -> list[RoundOfMap]:
    """Return every round that counts for the map, drafts too: they are still to come."""
    rows = Round.objects.filter(contest=contest, practice=False).values_list("pk", "closes_at")
    return [RoundOfMap(*row) for row in rows]


def rounds_progress(rule: Achievement, points: Iterable[RoundOfMap], done: set[int], entered: object) -> Progress:
    """Return how far somebody is on the map."""
    asked = rules.asked_of(points, entered if rule.since_joining else None)  # type: ignore[arg-type]
    return Progress(len(done & asked), rule.least or len(asked))


def days_off(contest: Contest) -> set[date]:
    """Return the days between the first and the last on which no round of a contest was open."""
    zone = federation_zone()
    windows = [
        (clock.day_of(opens, zone), clock.day_of(closes, zone))
        for opens, closes in Round.objects.filter(contest=contest, practice=False).values_list(
            "opens_at", "closes_at"
        )
    ]
    return rules.days_without_play(windows)


@dataclass(frozen=True, slots=True)
class Own:
    """An achievement, and how far somebody is."""

    achievement: Achievement
    progress: Progress


def own_achievements(contest: Contest, entrant: Entrant | None) -> list[Own]:
    """Return every achievement of a contest with an entrant's progress; five queries at most."""
    found = list(contest.achievements.all())
    if not found:
        return []
    points = map_of(contest)
    rows: list[tuple[int, date, int, int]] = []
    total = 0
    if entrant is not None:
        rows = list(
            AttemptResult.objects.filter(entrant=entrant, round__practice=False).values_list(
                "round_id", "begun_on", "score_points", "round__pass_points"
            )
        )
        if any(one.kind == Achieved.POINTS for one in found):
            sums = Standing.objects.filter(entrant=entrant, round__practice=False).aggregate(
                total=Sum("score_points")
            )
            total = sums["total"] or 0
    off = days_off(contest) if any(one.kind == Achieved.IN_A_ROW for one in found) else set()
    own = []
    for one in found:
        counting = [row for row in rows if not one.must_pass or row[2] >= row[3]]
        days = {row[1] for row in counting}
        if one.kind == Achieved.POINTS:
            progress = Progress(total, one.least)
        elif one.kind == Achieved.DAYS:
            progress = Progress(len(days), one.least)
        elif one.kind == Achieved.IN_A_ROW:
            progress = Progress(rules.longest_run(days, off), one.least)
        else:
            since = entrant.entered_at if entrant is not None else clock.now()
            progress = rounds_progress(one, points, {row[0] for row in counting}, since)
        own.append(Own(one, progress))
    return own


def done_rounds(contest: Contest, entrant: Entrant | None) -> dict[int, bool]:
    """Return the rounds an entrant has finished, each with whether an attempt passed; one query."""
    if entrant is None:
        return {}
    rows = (
        AttemptResult.objects.filter(entrant=entrant, round__contest=contest)
        .order_by()
        .values("round_id")
        .annotate(passed=Count("pk", filter=Q(score_points__gte=F("round__pass_points"))))
    )
    return {row["round_id"]: bool(row["passed"]) for row in rows}
