"""The prize desk: who won, who claimed, what was handed over."""

from __future__ import annotations

import tempfile
from typing import BinaryIO, cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from tradeshall.contests import permissions, texts
from tradeshall.contests.actions import prizes as actions
from tradeshall.contests.enums import WinnerState
from tradeshall.contests.forms.draws import ForfeitForm
from tradeshall.contests.models import DrawWinner, PrizeDraw
from tradeshall.contests.queries.draws import winners_of, winners_shown
from tradeshall.contests.queries.prizes import counts_of, desk_row, overdue_count, winner_at
from tradeshall.contests.views.console.draws import draw_crumbs, load_draw, tell
from tradeshall.contests.views.console.exports import IN_MEMORY_BYTES, KINDS
from tradeshall.contests.views.draw_words import WINNER_TAGS, labelled
from tradeshall.core.ids import parse_number
from tradeshall.core.refusal import Refused
from tradeshall.web.access import opens_to
from tradeshall.web.editing import posted
from tradeshall.web.forms import add_refusals, render_form

PAGE = 50


@opens_to(permissions.PRIZE_DESK)
def prize_desk(request: HttpRequest, pk: int) -> HttpResponse:
    """List the winners with their claims; names and numbers are shown here alone."""
    draw = load_draw(request, pk, permissions.PRIZE_DESK)
    shown = winners_shown(draw)
    page = Paginator(winners_of(draw) if shown else DrawWinner.objects.none(), PAGE).get_page(request.GET.get("page"))
    rows = [
        {"row": desk_row(one), "label": texts.WINNER_STATES[one.state], "tag": WINNER_TAGS[one.state]}
        for one in page.object_list
    ]
    context = {
        "draw": labelled(draw),
        "rows": rows,
        "page": page,
        "shown": shown,
        "counts": counts_of(draw),
        "overdue": overdue_count(draw),
        "crumbs": [*draw_crumbs(draw.contest, draw), (_("Prize desk"), "")],
        "current_entry": "contests:console_contest_list",
    }
    return render(request, "contests/console/prize_desk.html", context)


@opens_to(permissions.PRIZE_DESK)
@require_POST
def prize_hand_over(request: HttpRequest, pk: int) -> HttpResponse:
    """Note that a prize was handed over."""
    draw = load_draw(request, pk, permissions.PRIZE_DESK)
    winner = _winner(draw, request.POST.get("place", ""))
    if winner is not None:
        try:
            actions.hand_over_prize(actor=request.user, winner=winner)
        except Refused as refused:
            tell(request, refused)
    return redirect("contests:console_prize_desk", pk)


@opens_to(permissions.PRIZE_DESK)
def prize_forfeit(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a prize back for a cause and give it to the next reserve."""
    draw = load_draw(request, pk, permissions.PRIZE_DESK)
    place = request.POST.get("place") or request.GET.get("place", "")
    winner = _winner(draw, place)
    form = ForfeitForm(posted(request), initial={"place": place})
    if request.method == "POST" and form.is_valid() and winner is not None:
        try:
            promoted = actions.forfeit_prize(actor=request.user, winner=winner, reason=form.cleaned_data["reason"])
        except Refused as refused:
            add_refusals(form, refused)
        else:
            messages.success(
                request,
                _("The prize goes to the next reserve, who is told on their home page.")
                if promoted
                else _("The prize is taken back. No reserve is left."),
            )
            return redirect("contests:console_prize_desk", pk)
    context = {
        "draw": labelled(draw),
        "winner": winner,
        "crumbs": [*draw_crumbs(draw.contest, draw), (_("Take a prize back"), "")],
        "cancel_url": reverse("contests:console_prize_desk", args=[pk]),
    }
    return render_form(request, "contests/console/prize_forfeit.html", context, form=form)


@opens_to(permissions.PRIZE_DESK)
@require_POST
def prize_overdue(request: HttpRequest, pk: int) -> HttpResponse:
    """Pass on every prize that was not claimed in time."""
    draw = load_draw(request, pk, permissions.PRIZE_DESK)
    done = actions.forfeit_overdue(actor=request.user, draw=draw)
    words = ngettext("%(count)s prize was passed on.", "%(count)s prizes were passed on.", done)
    messages.success(request, words % {"count": done})
    return redirect("contests:console_prize_desk", pk)


@opens_to(permissions.PRIZE_DESK)
def prize_export(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Give the desk its list as a workbook; only when it is sent for, since the journal keeps who took it."""
    draw = load_draw(request, pk, permissions.PRIZE_DESK)
    if request.method != "POST":
        return redirect("contests:console_prize_desk", pk)
    file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES)  # noqa: SIM115 (the response closes it)
    actions.export_winners(actor=request.user, draw=draw, file=cast(BinaryIO, file))
    file.seek(0)
    name = f"{draw.contest.activity.number}-draw-{draw.pk}.xlsx"
    return FileResponse(file, as_attachment=True, filename=name, content_type=KINDS["xlsx"])


def _winner(draw: PrizeDraw, place: str) -> DrawWinner | None:
    number = parse_number(place)
    winner = None if number is None else winner_at(draw, number)
    return None if winner is None or winner.state == WinnerState.RESERVE else winner
