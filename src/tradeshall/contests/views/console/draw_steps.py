"""The steps of an announced draw in the console."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from tradeshall.contests import permissions
from tradeshall.contests.actions import draw_steps as actions
from tradeshall.contests.forms.draws import ResultsForm
from tradeshall.contests.views.console.draws import draw_context, draw_crumbs, load_draw, tell
from tradeshall.core.refusal import Refused
from tradeshall.web.access import opens_to
from tradeshall.web.editing import posted
from tradeshall.web.forms import add_refusals, render_form


@opens_to(permissions.DRAW_RUN)
@require_POST
def draw_seal(request: HttpRequest, pk: int) -> HttpResponse:
    """Issue the tickets and seal the list."""
    draw = load_draw(request, pk, permissions.DRAW_RUN)
    try:
        actions.seal_draw(actor=request.user, draw=draw)
    except Refused as refused:
        tell(request, refused)
    else:
        count = draw.count or 0
        words = ngettext("The list is sealed: %(count)s ticket.", "The list is sealed: %(count)s tickets.", count)
        messages.success(request, words % {"count": count})
    return redirect("contests:console_draw_show", pk)


@opens_to(permissions.DRAW_RUN)
def draw_results(request: HttpRequest, pk: int) -> HttpResponse:
    """Enter the results of the announced events: the first person."""
    draw = load_draw(request, pk, permissions.DRAW_RUN)
    events = list(draw.events.all())
    initial = {f"value_{at}": event.value for at, event in enumerate(events, 1)}
    form = ResultsForm(posted(request), events=events, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            actions.enter_results(actor=request.user, draw=draw, values=form.values())
        except Refused as refused:
            add_refusals(form, refused)
        else:
            messages.success(request, _("Entered. Now somebody else has to confirm the results."))
            return redirect("contests:console_draw_show", pk)
    context = draw_context(request, draw) | {
        "confirming": False,
        "crumbs": [*draw_crumbs(draw.contest, draw), (_("Enter the results"), "")],
        "cancel_url": reverse("contests:console_draw_show", args=[pk]),
    }
    return render_form(request, "contests/console/draw_results.html", context, form=form)


@opens_to(permissions.DRAW_CONFIRM)
def draw_confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Type the results once more, upon which it is drawn: the second person. What was entered is not shown here."""
    draw = load_draw(request, pk, permissions.DRAW_CONFIRM)
    form = ResultsForm(posted(request), events=list(draw.events.all()))
    if request.method == "POST" and form.is_valid():
        try:
            actions.confirm_results(actor=request.user, draw=draw, values=form.values())
        except Refused as refused:
            add_refusals(form, refused)
        else:
            messages.success(request, _("It is drawn. Look at the winners, then publish them."))
            return redirect("contests:console_draw_show", pk)
    context = draw_context(request, draw) | {
        "confirming": True,
        "crumbs": [*draw_crumbs(draw.contest, draw), (_("Confirm and draw"), "")],
        "cancel_url": reverse("contests:console_draw_show", args=[pk]),
    }
    return render_form(request, "contests/console/draw_results.html", context, form=form)


@opens_to(permissions.DRAW_RUN)
@require_POST
def draw_publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Publish the winners."""
    draw = load_draw(request, pk, permissions.DRAW_RUN)
    try:
        actions.publish_draw(actor=request.user, draw=draw)
    except Refused as refused:
        tell(request, refused)
    else:
        messages.success(request, _("The winners are public, and find their prize on their own home page."))
    return redirect("contests:console_draw_show", pk)


@opens_to(permissions.DRAW_RUN)
@require_POST
def draw_close(request: HttpRequest, pk: int) -> HttpResponse:
    """Close a draw."""
    draw = load_draw(request, pk, permissions.DRAW_RUN)
    try:
        actions.close_draw(actor=request.user, draw=draw)
    except Refused as refused:
        tell(request, refused)
    else:
        messages.success(request, _("The draw is closed."))
    return redirect("contests:console_draw_show", pk)
