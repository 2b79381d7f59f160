"""What binds the rounds of a contest together, in the console: rules in words, achievements, lists, time."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tradeshall.contests import permissions
from tradeshall.contests.actions import achievements as achievement_actions
from tradeshall.contests.actions import advancing, allowances, series
from tradeshall.contests.actions.achievements import AchievementDraft
from tradeshall.contests.forms.policies import (
    JoiningForm,
    MaterialForm,
    TimeForm,
    achievement_forms,
    stored_joining,
)
from tradeshall.contests.models import TimeAllowance
from tradeshall.contests.queries import advancing as lists
from tradeshall.contests.views.console.contests import crumbs_of, load_contest
from tradeshall.contests.views.console.rounds import load_round, round_context
from tradeshall.contests.views.words import contest_in_words, entry_in_words
from tradeshall.core import authority
from tradeshall.core.ids import parse_number
from tradeshall.core.refusal import Refused, refuse
from tradeshall.people.queries import members_visible_to
from tradeshall.web.access import opens_to
from tradeshall.web.editing import posted
from tradeshall.web.forms import add_refusals, render_form
from tradeshall.web.texts import sentence


@opens_to(permissions.ROUND_VIEW)
def contest_rules(request: HttpRequest, number: str) -> HttpResponse:
    """Say in plain words what the rules now are, as members read them, drafts included."""
    contest = load_contest(request, number, permissions.ROUND_VIEW)
    rounds = contest.rounds.select_related("opens_after", "advances_from").prefetch_related("sections")
    context = {
        "contest": contest,
        "chapters": contest_in_words(contest, rounds.order_by("position", "pk")),
        "crumbs": [*crumbs_of(contest), (_("The rules"), "")],
    }
    return render(request, "contests/console/contest_rules.html", context)


@opens_to(permissions.ROUND_EDIT)
def contest_achievements(request: HttpRequest, number: str) -> HttpResponse:
    """Say what can be achieved over a contest, and until when one may join."""
    contest = load_contest(request, number, permissions.ROUND_EDIT)
    stored = list(contest.achievements.all())
    data = request.POST if request.method == "POST" else None
    rows = achievement_forms(data, stored)
    form = JoiningForm(posted(request), initial=stored_joining(contest))
    if data is not None and all([form.is_valid(), *(row.is_valid() for row in rows)]):
        drafts = [AchievementDraft(**row.cleaned_data) for row in rows if row.cleaned_data["title"].strip()]
        try:
            achievement_actions.set_achievements(actor=request.user, contest=contest, achievements=drafts)
            achievement_actions.set_joining(
                actor=request.user, contest=contest, joining_ends_at=form.cleaned_data["joining_ends_at"]
            )
        except Refused as refused:
            add_refusals(form, refused)
        else:
            messages.success(request, _("Saved."))
            return redirect("contests:console_contest_rules", number)
    context = {
        "contest": contest,
        "rows": rows,
        "frozen": achievement_actions.refuse_if_played(contest) is not None,
        "crumbs": [*crumbs_of(contest), (_("Achievements and joining"), "")],
        "cancel_url": reverse("contests:console_contest_show", args=[number]),
    }
    return render_form(request, "contests/console/contest_achievements.html", context, form=form)


@opens_to(permissions.ROUND_EDIT)
def round_material(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what to read or watch before a round; also after it is published, since it is no rule."""
    one = load_round(request, pk, permissions.ROUND_EDIT)
    form = MaterialForm(posted(request), initial={"material": one.material, "material_url": one.material_url})
    if request.method == "POST" and form.is_valid():
        try:
            series.set_material(actor=request.user, round=one, **form.cleaned_data)
        except Refused as refused:
            add_refusals(form, refused)
        else:
            messages.success(request, _("Saved."))
            return redirect("contests:console_round_show", pk)
    context = round_context(request, one, "material") | {
        "cancel_url": reverse("contests:console_round_show", args=[pk])
    }
    return render_form(request, "contests/console/round_material.html", context, form=form)


@opens_to(permissions.ROUND_VIEW)
def round_finalists(request: HttpRequest, pk: int) -> HttpResponse:
    """Show who goes on to a round, and let who may publish confirm it."""
    one = load_round(request, pk, permissions.ROUND_VIEW)
    refusals: list[str] = []
    if request.method == "POST":
        try:
            count = advancing.confirm_finalists(actor=request.user, final=one)
        except Refused as refused:
            refusals = [sentence(refusal) for refusal in refused.refusals]
        else:
            done = ngettext(
                "The list is confirmed: %(count)s goes on.", "The list is confirmed: %(count)s go on.", count
            )
            messages.success(request, done % {"count": count})
            return redirect("contests:console_round_finalists", pk)
    waiting = lists.refuse_list(one) if one.advanced_at is None else None
    context = round_context(request, one, "finalists") | {
        "list": lists.list_of(one),
        "rule": [words for _heading, words in entry_in_words(one)],
        "waiting": sentence(waiting) if waiting else "",
        "refusals": refusals,
        "has_errors": bool(refusals),
        "may_confirm": waiting is None
        and one.advanced_at is None
        and authority.may(request.user, permissions.ROUND_PUBLISH, one),
    }
    return render(request, "contests/console/round_finalists.html", context, status=422 if refusals else 200)


@opens_to(permissions.TIME_GRANT)
def contest_time(request: HttpRequest, number: str) -> HttpResponse:
    """Grant members more time, see to whom it was granted, take it back."""
    contest = load_contest(request, number, permissions.TIME_GRANT)
    granted = TimeAllowance.objects.filter(contest=contest).select_related("membership__unit")
    if request.method == "POST" and (key := parse_number(request.POST.get("withdraw", ""))) is not None:
        allowance = get_object_or_404(granted, pk=key)
        try:
            allowances.withdraw_time(actor=request.user, allowance=allowance)
        except Refused as refused:
            messages.error(request, sentence(refused.refusals[0]))
        else:
            messages.success(request, _("Taken back. Attempts under way keep their time."))
        return redirect("contests:console_contest_time", number)
    form = TimeForm(posted(request), initial={"percent": 150})
    if request.method == "POST" and form.is_valid():
        members = members_visible_to(request.user).current().select_related("unit")
        member = members.filter(member_no=form.cleaned_data["member_no"].strip()).first()
        try:
            if member is None:
                raise Refused(refuse("contests:time:member_unknown", field_name="member_no"))
            allowances.grant_time(
                actor=request.user, contest=contest, membership=member, percent=form.cleaned_data["percent"]
            )
        except Refused as refused:
            add_refusals(form, refused)
        else:
            messages.success(request, _("Granted."))
            return redirect("contests:console_contest_time", number)
    context = {
        "contest": contest,
        "granted": granted[:200],
        "crumbs": [*crumbs_of(contest), (_("More time"), "")],
        "cancel_url": reverse("contests:console_contest_show", args=[number]),
    }
    return render_form(request, "contests/console/contest_time.html", context, form=form)
