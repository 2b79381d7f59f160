"""A round of a unit above, as it goes among the members of one's own units: numbers alone."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from tradeshall.contests import permissions
from tradeshall.contests.models import Round
from tradeshall.contests.queries import following
from tradeshall.contests.queries.boards import figures_of, participation_by_unit, place_among_kind
from tradeshall.contests.queries.boards.figures import scope_of_round
from tradeshall.contests.queries.member import results_shown
from tradeshall.contests.queries.rounds import phase_of
from tradeshall.contests.views.console.contests import crumbs_of
from tradeshall.contests.views.console.monitor import COMMON, live_page, shown
from tradeshall.contests.views.console.rounds import load_round, round_context
from tradeshall.contests.views.words import rules_in_words
from tradeshall.people.queries import acting_membership
from tradeshall.units.enums import UnitKind
from tradeshall.web.access import opens_to
from tradeshall.web.naming import called


@opens_to(permissions.ROUND_FOLLOW)
def round_follow(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how one's own members take part in a round from above. Whoever runs the round has the monitor instead."""
    one = following.rounds_followed_by(request.user).filter(pk=pk).first()
    if one is None:
        load_round(request, pk, permissions.ROUND_MONITOR)
        return redirect("contests:console_round_monitor", pk)
    live = followed(request, one)
    return live_page(request, "contests/console/round_follow.html", live, lambda: page_around(request, one))


def page_around(request: HttpRequest, one: Round) -> dict[str, object]:
    """Return what the page shows besides: the rules in plain words, and the way to the board."""
    membership = acting_membership(request)
    meant = membership is not None and membership.unit.path.startswith(one.unit_path)
    return round_context(request, one, "follow") | {
        "tabs": [],
        "crumbs": [*crumbs_of(one.contest), (called(one), "")],
        "contest": one.contest,
        "rules": rules_in_words(one),
        "may_see_board": meant and not one.practice,
    }


def followed(request: HttpRequest, one: Round) -> dict[str, object]:
    """Return what the live part of the page shows."""
    ranked = results_shown(one) and not one.practice
    units, as_of = [], None
    scope = scope_of_round(one)
    for unit in following.units_beneath(request.user, one):
        row, as_of = figures_of(scope, unit)
        kind = UnitKind.BRANCH.value if unit.kind == UnitKind.GROUP.value else unit.kind
        units.append(
            {
                **shown(row),
                "place": place_among_kind(scope, unit, kind=kind) if ranked else None,
                "participation": [shown(child) for child in participation_by_unit(scope, unit)],
            }
        )
    return {
        "round": one,
        "units": units,
        "as_of": as_of,
        "ranked": ranked,
        "running": phase_of(one) == "open",
        "live_url": reverse("contests:console_round_follow", args=[one.pk]),
        **COMMON,
    }
