"""The board of a round: my unit's place first, then the units, then the people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tradeshall.contests.models import Contest
from tradeshall.contests.queries.boards.figures import Scope, scope_of_round, unit_boards_of
from tradeshall.contests.queries.boards.people import AROUND, BoardPage, board_page, contest_page, unit_people
from tradeshall.contests.queries.boards.units import board_of, place_of, plain_board
from tradeshall.contests.queries.member import results_shown
from tradeshall.contests.queries.rounds import phase_of
from tradeshall.contests.queries.taking_part import entrant_of
from tradeshall.contests.queries.versions import current_version
from tradeshall.contests.rules.boards import LEAST_MEMBERS, LEAST_TAKING_PART
from tradeshall.contests.rules.frozen import MOST_LINES
from tradeshall.contests.views.member.attempts import round_of
from tradeshall.web.access import SIGNED_IN, opens_to
from tradeshall.web.naming import called

if TYPE_CHECKING:
    from tradeshall.people.models import Membership

UNITS_SHOWN = 10
PEOPLE_SHOWN = 20
MOST_OF_UNIT = 100
TOP, MINE, UNIT = "top", "around", "unit"


@opens_to(SIGNED_IN)
@require_safe
def board_show(request: HttpRequest, pk: int) -> HttpResponse:
    membership, round = round_of(request, pk)
    if round.practice:
        raise Http404
    context = {
        "round": round,
        "contest": round.contest,
        "phase": phase_of(round),
        "shown": results_shown(round),
        "least_members": LEAST_MEMBERS,
        "least_taking_part": LEAST_TAKING_PART,
    }
    if context["shown"]:
        scope = scope_of_round(round)
        context |= people_context(request, scope, membership) | {
            "place": place_of(scope, plain_board(), membership.unit_id),
            "units": board_of(scope, plain_board(), limit=UNITS_SHOWN),
            "tabs": tabs_of(round.contest, current=""),
            "version": current_version(round) if round.ranked_at else None,
        }
    return render(request, "contests/member/board.html", context)


def people_context(request: HttpRequest, scope: Scope, membership: Membership) -> dict[str, Any]:
    """Return what the list of people shows: the top or a page further down, those around me, or those of my unit."""
    chosen = request.GET.get("people", TOP)
    number = page_number(request)
    limit, offset = PEOPLE_SHOWN, (number - 1) * PEOPLE_SHOWN
    pages = board_page if scope.round is not None else contest_page
    subject: Any = scope.round if scope.round is not None else scope.contest
    people: BoardPage = pages(subject, membership, limit, offset, around=chosen == MINE, scope=scope)
    mates = unit_people(scope, membership, MOST_OF_UNIT) if chosen == UNIT else None
    if chosen == MINE and people.me is None:
        chosen = TOP
    listed = min(people.of, MOST_LINES) if people.frozen else people.of
    return {
        "people": people,
        "me_below": people.me is not None and chosen == TOP and not any(row.is_me for row in people.rows),
        "chosen": chosen,
        "ways": ways(request, chosen),
        "unit_people": mates,
        "people_pages": pages_of(listed, PEOPLE_SHOWN, number) if chosen == TOP else None,
        "around_count": AROUND,
        "entrant": entrant_of(membership, scope.contest),
        "frozen": scope.is_frozen,
    }


def ways(request: HttpRequest, chosen: str) -> list[dict[str, object]]:
    """Return the ways to look at a list of people."""
    labels = {TOP: _("Top"), MINE: _("Around me"), UNIT: _("My unit’s people")}
    return [
        {"label": label, "url": f"?people={way}#people", "current": way == chosen} for way, label in labels.items()
    ]


def page_number(request: HttpRequest) -> int:
    text = request.GET.get("page", "")
    return min(max(1, int(text)), 10**6) if text.isascii() and text.isdigit() and len(text) < 8 else 1


def pages_of(count: int, size: int, number: int) -> Page[int]:
    """Return a page as the pager shows it, of so many lines that are read elsewhere."""
    return Paginator(range(count), size).get_page(number)


def tabs_of(contest: Contest, current: str) -> list[dict[str, object]]:
    """Return the boards of a contest: the people over all rounds, and each board of units. One query."""
    number = contest.activity.number
    found = [("people", _("People"), reverse("contests:contest_board", args=[number]))]
    for board in unit_boards_of(contest.pk):
        url = reverse("contests:unit_board", args=[number, board.pk])
        found.append((f"unit-{board.pk}", called(board, "name"), url))
    return [{"label": label, "url": url, "current": name == current} for name, label, url in found]
