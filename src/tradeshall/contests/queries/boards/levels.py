"""Which levels and industries there are beneath a contest, for boards of units."""

from __future__ import annotations

from typing import Any

from django.db.models import Count

from tradeshall.contests.models import Contest
from tradeshall.core.authority import OPERATOR
from tradeshall.units.queries import units_visible_to


def _beneath(contest: Contest) -> Any:
    path = contest.unit_path
    return units_visible_to(OPERATOR).current().filter(path__startswith=path).exclude(path=path).order_by()


def kinds_beneath(contest: Contest) -> list[tuple[str, int, int]]:
    """Return each kind of unit beneath a contest's own, its depth in the tree, and how many there are; top first."""
    rows = _beneath(contest).values_list("kind", "depth").annotate(n=Count("pk"))
    return sorted(rows, key=lambda row: (row[1], row[0]))


def industries_beneath(contest: Contest) -> list[str]:
    """Return the industries of the units beneath a contest's own."""
    return sorted(_beneath(contest).exclude(industry="").values_list("industry", flat=True).distinct())
