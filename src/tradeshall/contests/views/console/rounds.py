"""Rounds in the console: their rules, their publication, their end."""

from __future__ import annotations

from dataclasses import replace

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from tradeshall.contests import permissions, texts
from tradeshall.contests.actions import rounds as actions
from tradeshall.contests.actions.bank import draft_of
from tradeshall.contests.enums import Results, RoundState
from tradeshall.contests.forms import labels
from tradeshall.contests.forms.rounds import CloseRoundForm, RoundForm, new_round, stored_round
from tradeshall.contests.models import Round
from tradeshall.contests.queries import rounds as queries
from tradeshall.contests.rules.difficulty import facility_of
from tradeshall.contests.rules.rounds import ROUND
from tradeshall.contests.views.console.contests import crumbs_of, load_contest
from tradeshall.contests.views.questions import as_on_a_paper, points_label, question_of
from tradeshall.contests.views.words import rules_in_words
from tradeshall.core import authority
from tradeshall.core.refusal import Refused
from tradeshall.units.queries import federation_zone
from tradeshall.web.access import opens_to
from tradeshall.web.editing import posted
from tradeshall.web.forms import add_refusals, render_form
from tradeshall.web.naming import called
from tradeshall.web.texts import sentence

SAMPLES = 3


@opens_to(permissions.ROUND_EDIT)
def round_create(request: HttpRequest, number: str) -> HttpResponse:
    """Draft a round of a contest."""
    contest = load_contest(request, number, permissions.ROUND_EDIT)
    form = RoundForm(posted(request), initial=new_round(), rounds=contest.rounds.order_by("position", "pk"))
    if request.method == "POST" and form.is_valid():
        try:
            one = actions.create_round(actor=request.user, contest=contest, **form.values())
        except Refused as refused:
            add_refusals(form, refused)
        else:
            messages.success(request, _("The rules are saved. Now say which questions a paper is made of."))
            return redirect("contests:console_round_blueprint", one.pk)
    context = {
        "contest": contest,
        "zone": federation_zone(),
        "crumbs": [*crumbs_of(contest), (_("New round"), "")],
        "cancel_url": reverse("contests:console_contest_show", args=[number]),
    }
    return render_form(request, "contests/console/round_edit.html", context, form=form)


@opens_to(permissions.ROUND_VIEW)
def round_show(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a round: where it stands, its rules in plain words, and what comes next."""
    one = load_round(request, pk, permissions.ROUND_VIEW)
    context = round_context(request, one, "show")
    is_draft = one.state == RoundState.DRAFT.value
    context |= {
        "rules": rules_in_words(one),
        "refusals": [sentence(refusal) for refusal in queries.check_publication(one)] if is_draft else [],
        "pack": getattr(one, "pack", None),
        "may_release": context["may_publish"] and releasable(one),
    }
    return render(request, "contests/console/round_show.html", context)


@opens_to(permissions.ROUND_EDIT)
def round_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change the rules of a round that is still a draft."""
    one = load_round(request, pk, permissions.ROUND_EDIT)
    others = one.contest.rounds.exclude(pk=pk).order_by("position", "pk")
    form = RoundForm(posted(request), initial=stored_round(one), rounds=others)
    if request.method == "POST" and form.is_valid():
        try:
            actions.edit_round(actor=request.user, round=one, **form.values())
        except Refused as refused:
            add_refusals(form, refused)
        else:
            messages.success(request, _("Saved."))
            return redirect("contests:console_round_show", pk)
    context = round_context(request, one, "edit") | {
        "contest": one.contest,
        "zone": federation_zone(),
        "cancel_url": reverse("contests:console_round_show", args=[pk]),
    }
    return render_form(request, "contests/console/round_edit.html", context, form=form)


@opens_to(permissions.ROUND_VIEW)
def round_paper(request: HttpRequest, pk: int) -> HttpResponse:
    """Show some papers such as members might get, with the right answers marked.

    Those of questions that others share are marked for whoever may open them in the bank: an organiser who may draw
    from a pool of the units above sits those units' contests too.
    """
    one = load_round(request, pk, permissions.ROUND_VIEW)
    context = round_context(request, one, "paper")
    papers = []
    for paper in queries.sample_papers(one, SAMPLES):
        lines = []
        for line in paper:
            answered = authority.may(request.user, permissions.ITEM_VIEW, line.item)
            draft = as_on_a_paper(draft_of(line.item), one.shuffle_options)
            card = replace(question_of(draft, answered=answered), no=line.no, points_label=points_label(line.points))
            lines.append({"no": line.no, "section": line.section, "points": line.points, "shown": card})
        expected = sum(line.points * facility_of(line.item.difficulty) for line in paper)
        papers.append({"lines": lines, "total": sum(line.points for line in paper), "expected": expected})
    context |= {"papers": papers}
    return render(request, "contests/console/round_paper.html", context)


@opens_to(permissions.ROUND_PUBLISH)
def round_publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Say in plain words what is about to be published and what freezes, and do it."""
    one = load_round(request, pk, permissions.ROUND_PUBLISH)
    found = queries.check_publication(one)
    status = 200
    if request.method == "POST":
        try:
            actions.publish_round(actor=request.user, round=one)
        except Refused as refused:
            found, status = list(refused.refusals), 422
        else:
            messages.success(request, _("The round is published. Its rules and questions are sealed."))
            return redirect("contests:console_round_show", pk)
    context = round_context(request, one, "publish") | {
        "rules": rules_in_words(one),
        "refusals": [sentence(refusal) for refusal in found],
        "has_errors": status == 422,
    }
    return render(request, "contests/console/round_publish.html", context, status=status)


@opens_to(permissions.ROUND_PUBLISH)
def round_close(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what closing early means, and do it."""
    one = load_round(request, pk, permissions.ROUND_PUBLISH)
    form = CloseRoundForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            actions.close_round(actor=request.user, round=one, reason=form.cleaned_data["reason"])
        except Refused as refused:
            add_refusals(form, refused)
        else:
            messages.success(request, _("The round is closed. The final ranks follow in a moment."))
            return redirect("contests:console_round_show", pk)
    return render_form(request, "contests/console/round_close.html", round_context(request, one, "close"), form=form)


@opens_to(permissions.ROUND_PUBLISH)
def round_release(request: HttpRequest, pk: int) -> HttpResponse:
    """Show results to members that were held back for review."""
    one = load_round(request, pk, permissions.ROUND_PUBLISH)
    if request.method == "POST":
        try:
            actions.release_results(actor=request.user, round=one)
        except Refused as refused:
            for refusal in refused.refusals:
                messages.error(request, sentence(refusal))
        else:
            messages.success(request, _("Members see their results now."))
    return redirect("contests:console_round_show", pk)


def load_round(request: HttpRequest, pk: int, code: str) -> Round:
    """Return a round in which this person may do what `code` names, or 404."""
    return get_object_or_404(queries.rounds_visible_to(request.user, code), pk=pk)


def releasable(one: Round) -> bool:
    """Answer whether results of a round are still held back for review."""
    held = one.results == Results.AFTER_REVIEW.value and one.released_at is None
    return held and one.state == RoundState.CLOSED.value


def round_context(request: HttpRequest, one: Round, page: str) -> dict[str, object]:
    """Return what every page of a round shows: its heading, its state, the ways to its other pages."""
    phase = queries.phase_of(one)
    is_draft = one.state == RoundState.DRAFT.value
    may = {
        verb: authority.may(request.user, code, one)
        for verb, code in (
            ("edit", permissions.ROUND_EDIT),
            ("publish", permissions.ROUND_PUBLISH),
            ("monitor", permissions.ROUND_MONITOR),
            ("export", permissions.ROUND_EXPORT),
            ("appeals", permissions.APPEAL_VIEW),
            ("rescore", permissions.RESULTS_RESCORE),
            ("analysis", permissions.ANALYSIS_VIEW),
            ("outliers", permissions.OUTLIER_VIEW),
            ("view", permissions.ROUND_VIEW),
        )
    }
    tabs = [("show", _("Overview"), may["view"])]
    tabs += [("edit", _("Rules"), may["edit"] and is_draft), ("blueprint", _("Blueprint"), may["view"])]
    tabs += [("paper", _("Sample paper"), may["view"])]
    tabs += [("material", _("Material"), may["edit"])]
    tabs += [("finalists", _("Who goes on"), may["view"] and one.advances_from_id is not None)]
    tabs += [("monitor", _("Monitor"), may["monitor"] and not is_draft)]
    tabs += [("rehearse", _("Rehearsal"), may["publish"] and one.state == RoundState.PUBLISHED.value)]
    tabs += [("export", _("Results"), may["export"] and not is_draft)]
    tabs += [("proofs", _("Proofs"), may["view"] and not is_draft)]
    tabs += [("certificates", _("Certificates"), may["export"] and not is_draft and not one.practice)]
    tabs += [("appeals", _("Appeals"), may["appeals"] and not is_draft)]
    tabs += [("versions", _("Corrections"), may["rescore"] and not is_draft)]
    tabs += [("analysis", _("Analysis"), may["analysis"] and not is_draft)]
    tabs += [("outliers", _("To look at"), may["outliers"] and not is_draft)]
    url = reverse("contests:console_round_show", args=[one.pk])
    return {
        "round": one,
        "current_entry": "contests:console_contest_list",
        "crumbs": [*crumbs_of(one.contest), (called(one), "" if page == "show" else url)],
        "phase": phase,
        "phase_label": texts.PHASES[phase],
        "phase_tag": labels.PHASE_TAGS[phase],
        "is_draft": is_draft,
        "may_edit": may["edit"] and is_draft,
        "may_publish": may["publish"],
        "may_monitor": may["monitor"],
        "may_export": may["export"],
        "may_close": may["publish"] and ROUND.refuse_unless_possible("close", one.state) is None,
        "tabs": [
            {"label": label, "url": reverse(f"contests:console_round_{name}", args=[one.pk]), "current": name == page}
            for name, label, shown in tabs
            if shown
        ],
    }
