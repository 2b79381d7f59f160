"""Reading the participation record: a member's own lines, and counts of units."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Count, QuerySet

from tradeshall.record.models import Statement
from tradeshall.record.rules import Tally, rolled_up

if TYPE_CHECKING:
    from tradeshall.people.models import Membership


def record_of(membership: Membership) -> QuerySet[Statement]:
    """Return what a member did, the latest first."""
    return Statement.objects.filter(membership=membership).order_by("-happened_at")


def tallies_by_unit(object_key: str, verb: str, under_path: str = "") -> dict[int, Tally]:
    """Return person-times and members for each unit itself, beneath a path; exact, for the units' own eyes.

    A unit that was there when it happened keeps what happened in it, wherever its members go afterwards.
    """
    return {unit: tally for unit, _, tally in _tallies(object_key, verb, under_path)}


def tallies_by_path(object_key: str, verb: str, under_path: str = "") -> dict[str, Tally]:
    """Return person-times and members at each path beneath one, all that lies beneath it included."""
    summed = rolled_up((path, tally) for _, path, tally in _tallies(object_key, verb, under_path))
    return {path: tally for path, tally in summed.items() if path.startswith(under_path)}


def _tallies(object_key: str, verb: str, under_path: str) -> list[tuple[int, str, Tally]]:
    rows = (
        Statement.objects.filter(object_key=object_key, verb=verb, unit__path__startswith=under_path)
        .values_list("unit_id", "unit__path")
        .annotate(person_times=Count("pk"), members=Count("membership", distinct=True))
        .order_by("unit_id")
    )
    return [(unit, path, Tally(times, members)) for unit, path, times, members in rows]


def count_by_verb(membership: Membership) -> dict[str, int]:
    """Return how often a member did what each verb says; one query."""
    rows = Statement.objects.filter(membership=membership).order_by().values_list("verb").annotate(Count("pk"))
    return dict(rows)
