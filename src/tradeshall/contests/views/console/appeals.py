"""Appeals in the console: question by question, with what is decided."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from tradeshall.contests import permissions, texts
from tradeshall.contests.actions.appeals import rule_on_item
from tradeshall.contests.forms.after import RulingForm
from tradeshall.contests.models import Round
from tradeshall.contests.queries import appeals as queries
from tradeshall.contests.rules.appeals import appeals_until
from tradeshall.contests.rules.items import letter_of
from tradeshall.contests.views.console.rounds import load_round, round_context
from tradeshall.core import authority
from tradeshall.core.refusal import Refused
from tradeshall.web.access import opens_to
from tradeshall.web.editing import posted
from tradeshall.web.forms import add_refusals, render_form


@opens_to(permissions.APPEAL_VIEW)
def round_appeals(request: HttpRequest, pk: int) -> HttpResponse:
    """List the questions that somebody appealed against or ruled upon."""
    one = load_published(request, pk, permissions.APPEAL_VIEW)
    found = queries.cases_of(one)
    cases = [
        {
            "case": case,
            "stem": case.spec.stem if case.spec else "",
            "verdict": texts.VERDICTS[case.ruling.verdict] if case.ruling else "",
            "url": reverse("contests:console_round_case", args=[pk, case.number]),
        }
        for case in found
    ]
    context = round_context(request, one, "appeals") | {
        "cases": cases,
        "waiting": sum(case.waiting for case in found),
        "until": appeals_until(one),
    }
    return render(request, "contests/console/round_appeals.html", context)


@opens_to(permissions.APPEAL_VIEW)
def round_case(request: HttpRequest, pk: int, item: int) -> HttpResponse:
    """Show one question with its appeals, and take the decision about it."""
    one = load_published(request, pk, permissions.APPEAL_VIEW)
    case = queries.case_of(one, item)
    if case is None or case.spec is None:
        raise Http404
    may_rule = authority.may(request.user, permissions.APPEAL_RULE, one)
    chooses = case.spec.form in texts.FORMS and bool(case.spec.options)
    form = RulingForm(posted(request), options=list(case.spec.options) if chooses else [])
    if request.method == "POST" and form.is_valid():
        try:
            rule_on_item(
                actor=request.user,
                round=one,
                item_number=item,
                verdict=form.cleaned_data["verdict"],
                words=form.cleaned_data["words"],
                key=form.key_positions(),
            )
        except Refused as refused:
            add_refusals(form, refused)
        else:
            messages.success(request, _("Decided. All appeals against this question have their answer."))
            return redirect("contests:console_round_appeals", pk)
    context = round_context(request, one, "appeals") | {
        "case": case,
        "options": [
            {"letter": letter_of(at), "text": text, "right": at in case.spec.key}
            for at, text in enumerate(case.spec.options)
        ],
        "verdict": texts.VERDICTS[case.ruling.verdict] if case.ruling else "",
        "new_key": "".join(letter_of(at) for at in case.ruling.key) if case.ruling else "",
        "may_rule": may_rule and one.closed_at is not None,
    }
    return render_form(request, "contests/console/round_case.html", context, form=form)


def load_published(request: HttpRequest, pk: int, code: str) -> Round:
    """Return a round that has been published and in which this person may do what `code` names, or 404."""
    one = load_round(request, pk, code)
    if one.published_at is None:
        raise Http404
    return one
