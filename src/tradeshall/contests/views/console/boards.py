"""Boards in the console: what they are made of, the freeze, and how they stand now."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tradeshall.contests import permissions
from tradeshall.contests.actions import boards as actions
from tradeshall.contests.forms.boards import (
    BestRoundsForm,
    FreezeForm,
    UnitBoardForm,
    level_code,
    new_board,
    stored_board,
    stored_boards,
)
from tradeshall.contests.models import Contest, UnitBoard
from tradeshall.contests.queries.boards.examples import examples_of
from tradeshall.contests.queries.boards.figures import scope_of_contest, unit_boards_of
from tradeshall.contests.queries.boards.levels import industries_beneath, kinds_beneath
from tradeshall.contests.queries.boards.people import contest_page
from tradeshall.contests.queries.boards.scopes import boards_of, is_frozen, scored_rounds
from tradeshall.contests.queries.rounds import contests_visible_to
from tradeshall.contests.rules.boards import LEAST_MEMBERS, LEAST_TAKING_PART
from tradeshall.contests.views.board_words import level_in_words, own_parts, parts_in_words
from tradeshall.contests.views.console.contests import crumbs_of, load_contest
from tradeshall.contests.views.member.contest_boards import board_context
from tradeshall.core import authority, clock
from tradeshall.core.refusal import Refused
from tradeshall.people.queries import acting_membership
from tradeshall.units.queries import federation_zone
from tradeshall.units.texts import KINDS
from tradeshall.web.access import opens_to
from tradeshall.web.editing import posted
from tradeshall.web.forms import add_refusals, render_form
from tradeshall.web.naming import called
from tradeshall.web.texts import sentence

ENTRY = "contests:console_contest_list"
PEOPLE_SHOWN = 20


@opens_to(permissions.ROUND_VIEW)
def boards_show(request: HttpRequest, number: str) -> HttpResponse:
    """Show the boards of a contest: how each counts, with an example, and the freeze."""
    contest = load_contest(request, number, permissions.ROUND_VIEW)
    return render_boards(request, contest)


def render_boards(
    request: HttpRequest, contest: Contest, best: BestRoundsForm | None = None, freeze: FreezeForm | None = None
) -> HttpResponse:
    """Return the page of a contest's boards, with what was typed into one of its forms."""
    boards = boards_of(contest.pk)
    fixed = actions.boards_are_fixed(contest)
    begun = boards.freeze_at is not None and boards.freeze_at <= clock.now()
    scope, found = scope_of_contest(contest), unit_boards_of(contest.pk)
    may_edit = authority.may(request.user, permissions.ROUND_EDIT, contest)
    context = {
        "contest": contest,
        "current_entry": ENTRY,
        "crumbs": [*crumbs_of(contest), (_("Boards"), "")],
        "boards": boards,
        "fixed": fixed,
        "may_edit": may_edit and not fixed,
        "may_freeze": authority.may(request.user, permissions.ROUND_PUBLISH, contest),
        "begun": begun,
        "frozen": is_frozen(boards),
        "zone": federation_zone(),
        "best": best or BestRoundsForm(initial=stored_boards(boards)),
        "freeze": freeze or FreezeForm(initial=stored_boards(boards)),
        "rows": [
            {
                "board": board,
                "level": level_in_words(board),
                "parts": parts_in_words(board),
                "example": example,
                "own": own_parts(board, example.parts),
            }
            for board, example in zip(found, examples_of(scope, found), strict=True)
        ],
    }
    form = next((one for one in (best, freeze) if one is not None), None)
    return render_form(request, "contests/console/boards.html", context, form=form)


@opens_to(permissions.ROUND_EDIT)
@require_POST
def boards_best(request: HttpRequest, number: str) -> HttpResponse:
    """Say how many of somebody's best rounds count."""
    contest = load_contest(request, number, permissions.ROUND_EDIT)
    form = BestRoundsForm(request.POST, initial=stored_boards(boards_of(contest.pk)))
    if form.is_valid():
        try:
            actions.set_best_rounds(actor=request.user, contest=contest, **form.cleaned_data)
        except Refused as refused:
            add_refusals(form, refused)
        else:
            messages.success(request, _("Saved."))
            return redirect("contests:console_boards", number)
    return render_boards(request, contest, best=form)


@opens_to(permissions.ROUND_PUBLISH)
@require_POST
def boards_freeze(request: HttpRequest, number: str) -> HttpResponse:
    """Say from when the boards stand still for members."""
    contest = load_contest(request, number, permissions.ROUND_PUBLISH)
    form = FreezeForm(request.POST, initial=stored_boards(boards_of(contest.pk)))
    if form.is_valid():
        try:
            actions.set_freeze(actor=request.user, contest=contest, **form.cleaned_data)
        except Refused as refused:
            add_refusals(form, refused)
        else:
            messages.success(request, _("Saved."))
            return redirect("contests:console_boards", number)
    return render_boards(request, contest, freeze=form)


@opens_to(permissions.ROUND_PUBLISH)
@require_POST
def boards_lift(request: HttpRequest, number: str) -> HttpResponse:
    """Let members see the boards as they are again."""
    contest = load_contest(request, number, permissions.ROUND_PUBLISH)
    try:
        actions.lift_freeze(actor=request.user, contest=contest)
    except Refused as refused:
        messages.error(request, sentence(refused.refusals[0]))
    else:
        messages.success(request, _("Members see the boards as they are again."))
    return redirect("contests:console_boards", number)


@opens_to(permissions.ROUND_EDIT)
def board_create(request: HttpRequest, number: str) -> HttpResponse:
    """Add a board of units."""
    contest = load_contest(request, number, permissions.ROUND_EDIT)
    form = UnitBoardForm(posted(request), initial=new_board(), **choices_of(contest))
    if request.method == "POST" and form.is_valid():
        try:
            actions.create_unit_board(actor=request.user, contest=contest, board=form.draft())
        except Refused as refused:
            add_refusals(form, refused)
        else:
            messages.success(request, _("Saved."))
            return redirect("contests:console_boards", number)
    return render_form(request, "contests/console/board_edit.html", around(contest, _("New board")), form=form)


@opens_to(permissions.ROUND_EDIT)
def board_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a board of units while no round is published."""
    board = load_board(request, pk, permissions.ROUND_EDIT)
    form = UnitBoardForm(posted(request), initial=stored_board(board), **choices_of(board.contest))
    if request.method == "POST" and form.is_valid():
        try:
            actions.edit_unit_board(actor=request.user, board=board, draft=form.draft())
        except Refused as refused:
            add_refusals(form, refused)
        else:
            messages.success(request, _("Saved."))
            return redirect("contests:console_boards", board.contest.activity.number)
    context = around(board.contest, called(board, "name")) | {"board": board}
    return render_form(request, "contests/console/board_edit.html", context, form=form)


@opens_to(permissions.ROUND_EDIT)
@require_POST
def board_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove a board of units while no round is published."""
    board = load_board(request, pk, permissions.ROUND_EDIT)
    try:
        actions.delete_unit_board(actor=request.user, board=board)
    except Refused as refused:
        messages.error(request, sentence(refused.refusals[0]))
    else:
        messages.success(request, _("The board is removed."))
    return redirect("contests:console_boards", board.contest.activity.number)


@opens_to(permissions.ROUND_VIEW)
def board_show(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a board of units as it is now, whether or not it is frozen for members."""
    board = load_board(request, pk, permissions.ROUND_VIEW)
    contest = board.contest
    scope = scope_of_contest(contest)
    membership = acting_membership(request)
    meant = membership if membership and membership.unit.path.startswith(contest.unit_path) else None
    context = around(contest, called(board, "name")) | board_context(request, scope, board, meant, live=True)
    context |= {"frozen": False, "held": scope.is_frozen, "final": False}
    return render(request, "contests/console/board_show.html", context)


@opens_to(permissions.ROUND_VIEW)
def boards_people(request: HttpRequest, number: str) -> HttpResponse:
    """Show the first people over all rounds as they stand now, whether or not the boards are frozen for members."""
    contest = load_contest(request, number, permissions.ROUND_VIEW)
    scope = scope_of_contest(contest)
    people = (
        contest_page(contest, None, PEOPLE_SHOWN, frozen=False, scope=scope) if scored_rounds(contest.pk) else None
    )
    context = around(contest, _("People now")) | {"people": people, "held": scope.is_frozen}
    return render(request, "contests/console/boards_people.html", context)


def around(contest: Contest, title: str) -> dict[str, object]:
    """Return what pages of a contest's boards show around them."""
    url = reverse("contests:console_boards", args=[contest.activity.number])
    return {
        "contest": contest,
        "current_entry": ENTRY,
        "title": title,
        "crumbs": [*crumbs_of(contest), (_("Boards"), url), (title, "")],
        "cancel_url": url,
        "fixed": actions.boards_are_fixed(contest),
        "least_members": LEAST_MEMBERS,
        "least_taking_part": LEAST_TAKING_PART,
    }


def choices_of(contest: Contest) -> dict[str, Any]:
    """Return the levels and industries a board of a contest can be of; each kind as a whole where it has depths."""
    levels = kinds_beneath(contest)
    counts: dict[str, int] = {}
    for kind, _depth, count in levels:
        counts[kind] = counts.get(kind, 0) + count
    depths = {kind: [depth for one, depth, _ in levels if one == kind] for kind in counts}
    found: list[tuple[str, object]] = []
    for kind, count in counts.items():
        label = _("%(kind)s: %(count)s units") % {"kind": KINDS[kind], "count": count}
        found.append((level_code(kind, None), label))
        if len(depths[kind]) > 1:
            for one, depth, few in levels:
                if one == kind:
                    words = {"kind": KINDS[kind], "depth": depth, "count": few}
                    label = _("%(kind)s, level %(depth)s: %(count)s units") % words
                    found.append((level_code(kind, depth), label))
    return {"levels": found, "industries": industries_beneath(contest)}


def boards_visible_to(request: HttpRequest, code: str) -> QuerySet[UnitBoard]:
    rows = UnitBoard.objects.select_related("contest__activity__campaign__unit", "contest__activity__unit")
    return rows.filter(contest__in=contests_visible_to(request.user, code).order_by().values("pk"))


def load_board(request: HttpRequest, pk: int, code: str) -> UnitBoard:
    """Return a board of a contest in which this person may do what `code` names, or 404."""
    return get_object_or_404(boards_visible_to(request, code), pk=pk)
