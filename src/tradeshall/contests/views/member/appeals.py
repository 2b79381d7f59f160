"""A member says that a question of their paper is wrong; everybody reads what was decided."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from tradeshall.contests import texts
from tradeshall.contests.actions.appeals import file_appeal
from tradeshall.contests.forms.after import AppealForm
from tradeshall.contests.queries import appeals as queries
from tradeshall.contests.queries.taking_part import entrant_of
from tradeshall.contests.queries.versions import versions_of
from tradeshall.contests.rules import appeals as rules
from tradeshall.contests.views.member.attempts import round_of
from tradeshall.contests.views.member.results import review_of
from tradeshall.core import clock
from tradeshall.core.refusal import Refused
from tradeshall.web.access import SIGNED_IN, opens_to
from tradeshall.web.editing import posted
from tradeshall.web.forms import add_refusals, render_form
from tradeshall.web.texts import sentence


@opens_to(SIGNED_IN)
@require_http_methods(["GET", "POST"])
def appeal_file(request: HttpRequest, pk: int, number: int, no: int) -> HttpResponse:
    """Show a question of one's paper with the state of one's appeal against it, and take an appeal."""
    membership, round = round_of(request, pk)
    entrant = entrant_of(membership, round.contest)
    if entrant is None:
        raise Http404
    # Only what the rules let this member see by now: without a review there is nothing to appeal against.
    review, _withheld = review_of(round, entrant, number)
    question = next((one for one in review if one.no == no), None)
    if question is None:
        raise Http404
    appeal = queries.own_appeals(round, entrant).get(question.item)
    refusal = rules.refuse_appealing(round, clock.now())
    form = AppealForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            file_appeal(
                actor=request.user,
                membership=membership,
                round=round,
                attempt_number=number,
                item_number=question.item,
                reason=form.cleaned_data["reason"],
                source=form.cleaned_data["source"],
            )
        except Refused as refused:
            add_refusals(form, refused)
        else:
            messages.success(request, _("Your appeal has arrived. You find the answer on this page."))
            return redirect("contests:appeal_file", pk, number, no)
    context = {
        "round": round,
        "number": number,
        "no": no,
        "stem": question.stem,
        "options": question.options,
        "appeal": appeal,
        "verdict": texts.VERDICTS[appeal.verdict] if appeal and appeal.verdict else "",
        "may_file": refusal is None and (appeal is None or appeal.ruling is not None),
        "why_not": sentence(refusal) if refusal and appeal is None else "",
        "until": rules.appeals_until(round),
    }
    return render_form(request, "contests/member/appeal.html", context, form=form)


@opens_to(SIGNED_IN)
@require_safe
def round_notes(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what was decided about questions of a round, and the versions of its results."""
    _membership, round = round_of(request, pk)
    context = {
        "round": round,
        "notes": [{"note": note, "verdict": texts.VERDICTS[note.verdict]} for note in queries.public_notes(round)],
        "versions": versions_of(round),
    }
    return render(request, "contests/member/notes.html", context)
