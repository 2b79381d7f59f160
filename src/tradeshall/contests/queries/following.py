"""What units above run for the members of one's own units, and how those take part: numbers alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from django.db.models import Count, Q, QuerySet

from tradeshall.contests.models import Contest, Round, Standing
from tradeshall.contests.permissions import ROUND_FOLLOW
from tradeshall.contests.queries.rounds import open_at, published_contests, published_rounds
from tradeshall.core import clock
from tradeshall.core.authority import Actor
from tradeshall.people.queries import count_members_beneath
from tradeshall.units.queries import above, holdings, keys_above, units_at

if TYPE_CHECKING:
    from tradeshall.units.models import Unit


@dataclass(frozen=True, slots=True)
class Followed:
    """A round of a unit above, and how many members of one's own units there are and take part."""

    round: Round
    members: int
    taking_part: int


def contests_followed_by(actor: Actor, code: str = ROUND_FOLLOW) -> QuerySet[Contest]:
    """Return the contests, no drafts, of the units above those in which an actor may do what `code` names."""
    return published_contests().filter(
        above(actor, code, unit="activity__unit", campaign="activity__campaign__number")
    )


def rounds_followed_by(actor: Actor, code: str = ROUND_FOLLOW) -> QuerySet[Round]:
    """Return the rounds, no drafts, of the units above those in which an actor may do what `code` names."""
    return published_rounds().filter(
        above(actor, code, unit="contest__activity__unit", campaign="contest__activity__campaign__number")
    )


def paths_beneath(actor: Actor, round: Round) -> list[str]:
    """Return the paths beneath a round's unit whose members' figures an actor may see; none lies within another."""
    found: list[str] = []
    for one in sorted(holdings(actor, ROUND_FOLLOW), key=lambda one: len(one.path)):
        beneath = one.path.startswith(round.unit_path) and one.path != round.unit_path
        meant = one.campaign_number in ("", round.campaign_number)
        if beneath and meant and not one.path.startswith(tuple(found)):
            found.append(one.path)
    return found


def units_beneath(actor: Actor, round: Round) -> list[Unit]:
    """Return the units at those paths."""
    return units_at(paths_beneath(actor, round))


def counted(actor: Actor, rounds: Sequence[Round]) -> list[Followed]:
    """Count for each of some rounds the actor's own members, and those who take part. Two queries at most."""
    mine = {round.pk: paths_beneath(actor, round) for round in rounds}
    paths = sorted({path for found in mine.values() for path in found})
    if not paths:
        return [Followed(round, 0, 0) for round in rounds]
    members = count_members_beneath(paths)
    chosen = {path: Q(unit__path__startswith=path) for path in paths}
    counts = {f"at_{place}": Count("pk", filter=one) for place, one in enumerate(chosen.values())}
    found = Standing.objects.filter(reduce(or_, chosen.values()), round__in=mine).order_by()
    rows = found.values("round").annotate(**counts).values_list("round", *counts)
    took = {pk: dict(zip(paths, numbers, strict=True)) for pk, *numbers in rows}
    return [
        Followed(
            round,
            sum(members[path] for path in mine[round.pk]),
            sum(took.get(round.pk, {}).get(path, 0) for path in mine[round.pk]),
        )
        for round in rounds
    ]


def rounds_to_follow(actor: Actor, lately: timedelta, most: int) -> list[Followed]:
    """Return the rounds from above that are open, the one that closes first at the top, then those just over.

    Four queries at most.
    """
    now = clock.now()
    rows = rounds_followed_by(actor)
    running = list(rows.filter(open_at(now)).order_by("closes_at", "pk")[:most])
    ended = rows.filter(closes_at__gt=now - lately, opens_at__lte=now).exclude(pk__in=[one.pk for one in running])
    return counted(actor, [*running, *ended.order_by("-closes_at", "-pk")[: most - len(running)]])


def attempts_from_below(actor: Actor) -> Q:
    """Return what chooses, in rounds of the units above, the attempts of the actor's own members."""
    chosen = Q(pk__in=[])
    for one in holdings(actor, ROUND_FOLLOW):
        limit = {"round__contest__activity__campaign__number": one.campaign_number} if one.campaign_number else {}
        chosen |= Q(
            entrant__unit__path__startswith=one.path,
            round__contest__activity__unit__in=keys_above(one.path),
            **limit,
        )
    return chosen
