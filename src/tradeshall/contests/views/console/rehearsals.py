"""Rehearsing a round: ask for it, and read what it has shown."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tradeshall.contests import permissions
from tradeshall.contests.actions import rehearsals as actions
from tradeshall.contests.enums import RehearsalState, RoundState
from tradeshall.contests.views.console.day_words import KINDS
from tradeshall.contests.views.console.rounds import load_round, round_context
from tradeshall.core.refusal import Refused
from tradeshall.web.access import opens_to
from tradeshall.web.editing import posted
from tradeshall.web.forms import Form, add_refusals, render_form

SHOWN = 5
UNDER_WAY = {RehearsalState.ASKED.value, RehearsalState.RUNNING.value}


class RehearsalForm(Form):
    """How many invented people, within how many minutes."""

    members = forms.IntegerField(
        label=gettext_lazy("Invented people"), min_value=actions.LEAST_MEMBERS, max_value=actions.MOST_MEMBERS
    )
    minutes = forms.IntegerField(
        label=gettext_lazy("Within how many minutes"),
        min_value=actions.LEAST_MINUTES,
        max_value=actions.MOST_MINUTES,
    )


@opens_to(permissions.ROUND_PUBLISH)
def round_rehearse(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the last rehearsals of a round, and ask for another."""
    one = load_round(request, pk, permissions.ROUND_PUBLISH)
    if one.state != RoundState.PUBLISHED.value:
        raise Http404
    form = RehearsalForm(posted(request), initial={"members": 200, "minutes": 1})
    if request.method == "POST" and form.is_valid():
        try:
            actions.ask_rehearsal(actor=request.user, round=one, **form.cleaned_data)
        except Refused as refused:
            add_refusals(form, refused)
        else:
            messages.success(request, _("The rehearsal begins in a moment."))
            return redirect("contests:console_round_rehearse", pk)
    rows = list(one.rehearsals.order_by("-pk")[:SHOWN])
    context = round_context(request, one, "rehearse") | {
        "rehearsals": [{"row": row, "times": times_of(row.report)} for row in rows],
        "under_way": any(row.state in UNDER_WAY for row in rows),
    }
    return render_form(request, "contests/console/round_rehearse.html", context, form=form)


def times_of(report: dict[str, object]) -> list[dict[str, object]]:
    """Return how long each kind of request took, as the page draws it."""
    times = report.get("times_ms", {})
    assert isinstance(times, dict)
    return [{"label": KINDS[kind], **figures, "p999": figures["p99.9"]} for kind, figures in times.items()]
