"""The board of a round: my unit's place first, then the units, then the people."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tradeshall.contests.queries.boards import board_page, unit_board, unit_place
from tradeshall.contests.queries.member import results_shown
from tradeshall.contests.queries.rounds import phase_of
from tradeshall.contests.queries.taking_part import entrant_of
from tradeshall.contests.queries.versions import current_version
from tradeshall.contests.rules.boards import LEAST_MEMBERS, LEAST_TAKING_PART
from tradeshall.contests.views.member.attempts import round_of
from tradeshall.web.access import SIGNED_IN, opens_to

UNITS_SHOWN = 10
PEOPLE_SHOWN = 20


@opens_to(SIGNED_IN)
@require_safe
def board_show(request: HttpRequest, pk: int) -> HttpResponse:
    membership, round = round_of(request, pk)
    if round.practice:
        raise Http404
    phase = phase_of(round)
    context = {
        "round": round,
        "contest": round.contest,
        "phase": phase,
        "shown": results_shown(round),
        "least_members": LEAST_MEMBERS,
        "least_taking_part": LEAST_TAKING_PART,
    }
    if context["shown"]:
        people = board_page(round, membership, limit=PEOPLE_SHOWN)
        context |= {
            "place": unit_place(round, membership.unit),
            "units": unit_board(round, limit=UNITS_SHOWN),
            "people": people,
            "me_below": people.me is not None and not any(row.is_me for row in people.rows),
            "version": current_version(round),
            "entrant": entrant_of(membership, round.contest),
        }
    return render(request, "contests/member/board.html", context)
