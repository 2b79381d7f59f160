"""Prize draws as everybody sees them, with the files to check them by, and a member's own ticket."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tradeshall.contests import ports, texts
from tradeshall.contests.actions import prizes as actions
from tradeshall.contests.enums import WinnerState
from tradeshall.contests.forms.draws import ClaimForm
from tradeshall.contests.models import DrawWinner, PrizeDraw
from tradeshall.contests.queries import draws as queries
from tradeshall.contests.views.draw_words import WINNER_TAGS, conditions_in_words, labelled
from tradeshall.core.refusal import Refused
from tradeshall.people.queries import acting_membership
from tradeshall.web.access import PUBLIC, SIGNED_IN, opens_to
from tradeshall.web.editing import posted
from tradeshall.web.forms import add_refusals, render_form
from tradeshall.web.texts import sentence

PAGE = 50


@opens_to(PUBLIC)
@require_safe
def draw_show(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a draw from its announcement on: prizes, conditions, events, list, winners, and how to check them."""
    draw = labelled(load_public(pk))
    shown = queries.winners_shown(draw)
    page = Paginator(queries.winners_of(draw) if shown else DrawWinner.objects.none(), PAGE).get_page(
        request.GET.get("page")
    )
    asked = request.GET.get("ticket", "").strip().lower()
    membership = acting_membership(request) if request.user.is_authenticated else None
    context = {
        "draw": draw,
        "contest": draw.contest,
        "prizes": draw.prizes.all(),
        "events": draw.events.all(),
        "conditions": conditions_in_words(draw),
        "shown": shown,
        "page": page,
        "winners": [
            {"row": row, "label": texts.WINNER_STATES[row.state], "tag": WINNER_TAGS[row.state]}
            for row in page.object_list
        ],
        "asked": asked,
        "found": queries.checked_ticket(draw, asked) if asked and draw.run else None,
        "seed": queries.seed_of(draw).hex() if shown else "",
        "public_key": ports.draw_signer().public_hex,
        "mine": membership is not None and queries.draws_for_member(membership).filter(pk=pk).exists(),
    }
    return render(request, "contests/member/draw.html", context)


@opens_to(PUBLIC)
@require_safe
def draw_tickets(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Give the sealed list as text, piece by piece, one ticket a line."""
    draw = load_public(pk)
    if not draw.run:
        raise Http404
    answer = StreamingHttpResponse(queries.list_lines(draw), content_type="text/plain; charset=us-ascii")
    answer["Content-Disposition"] = f'attachment; filename="draw-{pk}-tickets.txt"'
    return answer


@opens_to(PUBLIC)
@require_safe
def draw_file(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the draw file: list root, randomness and who was drawn."""
    return _file(pk, "application/json", "json", queries.draw_file)


@opens_to(PUBLIC)
@require_safe
def draw_signature(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the Ed25519 signature over the bytes of the draw file, in hex."""
    return _file(
        pk, "text/plain; charset=us-ascii", "sig", lambda draw: signature_of(queries.draw_file(draw)).encode()
    )


def signature_of(file: bytes) -> str:
    """Return the signature of a draw file as it is published."""
    return ports.draw_signer().sign(file).hex() + "\n"


def _file(pk: int, kind: str, ending: str, content: object) -> HttpResponse:
    draw = load_public(pk)
    if not queries.winners_shown(draw):
        raise Http404
    answer = HttpResponse(content(draw), content_type=kind)  # type: ignore[operator]
    answer["Content-Disposition"] = f'attachment; filename="draw-{pk}.{ending}"'
    return answer


@opens_to(SIGNED_IN)
def draw_mine(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a member's own ticket and what it won, and let them claim it."""
    membership = acting_membership(request)
    if membership is None:
        raise Http404
    draw = labelled(get_object_or_404(queries.draws_for_member(membership), pk=pk))
    form = ClaimForm(posted(request), initial={"name": membership.name, "phone": membership.phone})
    if request.method == "POST" and form.is_valid():
        fields = dict(form.cleaned_data)
        shows_name = fields.pop("shows_name")
        try:
            actions.claim_prize(
                actor=request.user, membership=membership, draw=draw, fields=fields, shows_name=shows_name
            )
        except Refused as refused:
            add_refusals(form, refused)
        else:
            messages.success(request, _("Your claim has arrived. The organiser will be in touch."))
            return redirect("contests:draw_mine", pk)
    own = queries.own_ticket(membership, draw)
    winner = own.winner if own else None
    context = {
        "draw": draw,
        "contest": draw.contest,
        "shown": queries.winners_shown(draw),
        "own": own,
        "winner": winner,
        "overdue": winner is not None and queries.is_overdue(winner),
        "claimable": winner is not None and winner.state == WinnerState.WON and not queries.is_overdue(winner),
        "winner_label": texts.WINNER_STATES[winner.state] if winner else "",
        "kept_days": actions.KEPT_DAYS,
        "cancel_url": reverse("contests:draw_show", args=[pk]),
    }
    return render_form(request, "contests/member/draw_mine.html", context, form=form)


@opens_to(SIGNED_IN)
@require_POST
def draw_decline(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a prize back."""
    membership = acting_membership(request)
    if membership is None:
        raise Http404
    draw = get_object_or_404(queries.draws_for_member(membership), pk=pk)
    try:
        actions.decline_prize(actor=request.user, membership=membership, draw=draw)
    except Refused as refused:
        for refusal in refused.refusals:
            messages.error(request, sentence(refusal))
    else:
        messages.success(request, _("You gave the prize back. It goes to the next reserve."))
    return redirect("contests:draw_mine", pk)


def load_public(pk: int) -> PrizeDraw:
    """Return a draw everybody may see, or 404."""
    return get_object_or_404(queries.public_draws(), pk=pk)
