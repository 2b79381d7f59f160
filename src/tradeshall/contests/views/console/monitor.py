"""A round while it runs: attempts now, a minute, done, and how many take part where."""

from __future__ import annotations

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from tradeshall.contests import permissions
from tradeshall.contests.enums import RoundState
from tradeshall.contests.models import Round
from tradeshall.contests.queries.boards import UnitRow, participation_by_unit
from tradeshall.contests.queries.console import finished_by_minute, watch
from tradeshall.contests.queries.rounds import phase_of
from tradeshall.contests.rules.boards import LEAST_MEMBERS, LEAST_TAKING_PART
from tradeshall.contests.views.console.rounds import load_round, round_context
from tradeshall.web.access import opens_to

EVERY_SECONDS = 3
MINUTES = 60
COMMON = {"least_members": LEAST_MEMBERS, "least_taking_part": LEAST_TAKING_PART, "every": EVERY_SECONDS}


@opens_to(permissions.ROUND_MONITOR)
def round_monitor(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a round as it runs. Asked for a part of the page, answer with that part alone."""
    one = load_round(request, pk, permissions.ROUND_MONITOR)
    if one.state == RoundState.DRAFT.value:
        raise Http404
    return live_page(
        request, "contests/console/round_monitor.html", watched(one), lambda: round_context(request, one, "monitor")
    )


def live_page(
    request: HttpRequest, template: str, live: dict[str, object], rest: Callable[[], dict[str, object]]
) -> HttpResponse:
    """Return a page with a live part, or, asked for that part, what is swapped in."""
    if request.headers.get("HX-Request-Type") == "partial":
        response = render(request, f"{template}#live", live)
    else:
        response = render(request, template, rest() | live)
    response.headers["Vary"] = "HX-Request-Type, Cookie"
    return response


def watched(one: Round) -> dict[str, object]:
    """Return what the live part of the page shows."""
    seen = watch(one)
    return {
        "round": one,
        "figures": seen.figures,
        "as_of": seen.as_of,
        "stale": seen.stale,
        "running": phase_of(one) == "open",
        "points": finished_by_minute(one, MINUTES),
        "participation": [shown(row) for row in participation_by_unit(one, one.contest.activity.unit)],
        "live_url": reverse("contests:console_round_monitor", args=[one.pk]),
        **COMMON,
    }


def shown(row: UnitRow) -> dict[str, object]:
    """Return a line of the table of units, without scores."""
    return {
        "named": row.unit is not None,
        "hidden": row.hidden,
        "name": row.name,
        "taking_part": row.taking_part,
        "members": row.members,
        "percent": int(row.rate * 100),
        "attempts": row.attempts,
    }
