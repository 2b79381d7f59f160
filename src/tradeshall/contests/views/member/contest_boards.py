"""The boards of a whole contest: people over all rounds, and each board of units with its formula and its days."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from tradeshall.contests.models import Contest, UnitBoard
from tradeshall.contests.queries.boards.figures import Scope, scope_of_contest
from tradeshall.contests.queries.boards.history import day_page, days_of, trail_of
from tradeshall.contests.queries.boards.scopes import counting_rounds, scored_rounds
from tradeshall.contests.queries.boards.units import board_of, place_of
from tradeshall.contests.queries.member import results_shown
from tradeshall.contests.queries.rounds import contests_for_member, phase_of
from tradeshall.contests.rules.boards import LEAST_MEMBERS, LEAST_TAKING_PART
from tradeshall.contests.views.board_words import level_in_words, own_parts, parts_in_words
from tradeshall.contests.views.member.boards import page_number, pages_of, people_context, tabs_of
from tradeshall.people.queries import acting_membership
from tradeshall.web.access import SIGNED_IN, opens_to

if TYPE_CHECKING:
    from tradeshall.people.models import Membership

UNITS_SHOWN = 20


@opens_to(SIGNED_IN)
@require_safe
def contest_board(request: HttpRequest, number: str) -> HttpResponse:
    """Show the people over all rounds of a contest."""
    membership, contest, scope = scope_of(request, number)
    rounds = scored_rounds(contest.pk)
    shown = bool(rounds) and (scope.round is None or results_shown(scope.round))
    context = {
        "contest": contest,
        "rounds": rounds,
        "counting": len(counting_rounds(contest.pk)) if scope.round is None else 0,
        "several": scope.round is None,
        "shown": shown,
        "over": all(phase_of(row) == "over" for row in rounds),
        "boards": scope.boards,
        "tabs": tabs_of(contest, "people"),
    }
    if shown:
        context |= people_context(request, scope, membership)
    return render(request, "contests/member/contest_board.html", context)


@opens_to(SIGNED_IN)
@require_safe
def unit_board(request: HttpRequest, number: str, board: int) -> HttpResponse:
    """Show a board of units: my unit's place and how it comes about, the units in order, and the days before."""
    membership, contest, scope = scope_of(request, number)
    row = get_object_or_404(UnitBoard.objects.select_related("contest__activity"), pk=board, contest=contest)
    context = board_context(request, scope, row, membership) | {
        "contest": contest,
        "tabs": tabs_of(contest, f"unit-{row.pk}"),
        "frozen": scope.is_frozen,
        "final": all(one.ranked_at for one in scored_rounds(contest.pk)),
        "boards": scope.boards,
    }
    return render(request, "contests/member/unit_board.html", context)


def scope_of(request: HttpRequest, number: str) -> tuple[Membership, Contest, Scope]:
    """Return who asks, the contest and what its boards are about, or 404."""
    membership = acting_membership(request)
    if membership is None:
        raise Http404
    contest = get_object_or_404(contests_for_member(membership), activity__number=number)
    return membership, contest, scope_of_contest(contest)


def board_context(
    request: HttpRequest, scope: Scope, board: UnitBoard, membership: Membership | None, *, live: bool = False
) -> dict[str, Any]:
    """Return what a board of units shows; of a day that is over if the address names one."""
    number = page_number(request)
    offset = (number - 1) * UNITS_SHOWN
    days = days_of(scope, board)
    day = next((one for one in days if one.day.isoformat() == request.GET.get("day")), None)
    now = board_of(scope, board, limit=UNITS_SHOWN, offset=offset, live=live)
    rows, of = now.rows, now.of
    if day is not None:
        rows, of = day_page(scope, board, day.day, limit=UNITS_SHOWN, offset=offset) or ([], 0)
    place = place_of(scope, board, membership.unit_id, live=live) if membership is not None else None
    trail = trail_of(scope, board, place.unit) if place and len(days) > 1 else []
    return {
        "board": board,
        "level": level_in_words(board),
        "parts": parts_in_words(board),
        "units": now,
        "rows": rows,
        "of": of,
        "pages": pages_of(of, UNITS_SHOWN, number),
        "place": place,
        "own": own_parts(board, place.parts) if place else [],
        "page_of_mine": place.position // UNITS_SHOWN + 1 if place and place.rank else 0,
        "days": [{"day": one.day, "current": one == day} for one in days],
        "day": day,
        "trail": [(step.day, step.rank) for step in trail] if any(step.rank for step in trail) else [],
        "least_members": LEAST_MEMBERS,
        "least_taking_part": LEAST_TAKING_PART,
    }
