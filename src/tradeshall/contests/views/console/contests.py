"""Contests in the console."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from tradeshall.campaigns.queries import campaigns_open_to
from tradeshall.campaigns.texts import ACTIVITY_STATES
from tradeshall.contests import permissions, texts
from tradeshall.contests.actions import rounds as actions
from tradeshall.contests.enums import RoundState
from tradeshall.contests.forms import labels
from tradeshall.contests.forms.rounds import ContestFilter, ContestForm, NewContestForm, stored_contest
from tradeshall.contests.models import Contest, Round
from tradeshall.contests.queries import following
from tradeshall.contests.queries import rounds as queries
from tradeshall.contests.rules.presets import Preset
from tradeshall.core import authority
from tradeshall.core.refusal import Refused
from tradeshall.units.queries import units_visible_to
from tradeshall.web.access import opens_to
from tradeshall.web.editing import posted
from tradeshall.web.forms import add_refusals, render_form
from tradeshall.web.naming import called

PAGE = 25
MOST_ABOVE = 25


@opens_to(permissions.ROUND_VIEW)
def contest_list(request: HttpRequest) -> HttpResponse:
    """List the contests this person sees, newest first."""
    rows = queries.contests_visible_to(request.user).annotate(round_count=Count("rounds")).order_by("-pk")
    published = Count("rounds", filter=~Q(rounds__state=RoundState.DRAFT.value))
    above = following.contests_followed_by(request.user).annotate(round_count=published)
    narrowed = ContestFilter(request.GET)
    if narrowed.is_valid() and (text := narrowed.cleaned_data["q"].strip()):
        named = Q(activity__title__icontains=text) | Q(activity__title_en__icontains=text)
        named |= Q(activity__number__icontains=text)
        rows, above = rows.filter(named), above.filter(named)
    followed = list(above[: MOST_ABOVE + 1])
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    for contest in page.object_list:
        label(contest)
    return render(
        request,
        "contests/console/contest_list.html",
        {
            "page": page,
            "followed": [
                {
                    "contest": one,
                    "state": ACTIVITY_STATES[one.activity.state],
                    "tag": labels.TAGS[one.activity.state],
                }
                for one in followed[:MOST_ABOVE]
            ],
            "more_above": len(followed) > MOST_ABOVE,
            "filter": narrowed,
            "narrowed": bool(request.GET.get("q")),
            "may_create": authority.may(request.user, permissions.ROUND_EDIT),
        },
    )


@opens_to(permissions.ROUND_EDIT)
def contest_create(request: HttpRequest) -> HttpResponse:
    """Draft a contest within a campaign."""
    units = units_visible_to(request.user, permissions.ROUND_EDIT).current()
    campaigns = campaigns_open_to(request.user, permissions.ROUND_EDIT)
    form = NewContestForm(
        posted(request),
        campaigns=campaigns,
        units=units,
        initial={"campaign": request.GET.get("campaign", "")},
    )
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        values["unit"] = values["unit"] or values["campaign"].unit
        try:
            contest = actions.create_contest(actor=request.user, **values)
        except Refused as refused:
            add_refusals(form, refused)
        else:
            messages.success(request, _("The contest is saved as a draft. Now add its first round."))
            return redirect("contests:console_contest_show", contest.activity.number)
    context = {
        "crumbs": [*crumbs_of(), (_("New contest"), "")],
        "cancel_url": reverse("contests:console_contest_list"),
        "no_campaign": not campaigns.exists(),
        "presets": preset_cards(),
    }
    return render_form(request, "contests/console/contest_edit.html", context, form=form)


@opens_to(permissions.ROUND_VIEW)
def contest_show(request: HttpRequest, number: str) -> HttpResponse:
    """Show a contest and its rounds; one of a unit above, as it goes among one's own members."""
    contest = queries.contests_visible_to(request.user).filter(activity__number=number).first()
    follows = contest is None
    if contest is None:
        above = following.contests_followed_by(request.user)
        contest = get_object_or_404(above, activity__number=number)
        found = following.rounds_followed_by(request.user).filter(contest=contest).order_by("position", "pk")
        counts = following.counted(request.user, list(found))
        rounds = [round_row(row.round, "follow") | {"followed": row} for row in counts]
    else:
        rounds = [round_row(one, "show") for one in contest.rounds.order_by("position", "pk")]
    label(contest)
    return render(
        request,
        "contests/console/contest_show.html",
        {
            "contest": contest,
            "rounds": rounds,
            "follows": follows,
            "crumbs": [*crumbs_of(), (called(contest.activity), "")],
            "may_edit": authority.may(request.user, permissions.ROUND_EDIT, contest),
            "may_publish": authority.may(request.user, permissions.ROUND_PUBLISH, contest),
            "may_grant_time": authority.may(request.user, permissions.TIME_GRANT, contest),
            "has_drafts": any(row["round"].state == RoundState.DRAFT for row in rounds),  # type: ignore[attr-defined]
        },
    )


def round_row(one: Round, page: str) -> dict[str, object]:
    """Return what a list of rounds shows of one, and the page it leads to."""
    phase = queries.phase_of(one)
    url = reverse(f"contests:console_round_{page}", args=[one.pk])
    return {"round": one, "phase": texts.PHASES[phase], "tag": labels.PHASE_TAGS[phase], "url": url}


@opens_to(permissions.ROUND_EDIT)
def contest_edit(request: HttpRequest, number: str) -> HttpResponse:
    """Rename a contest."""
    contest = load_contest(request, number, permissions.ROUND_EDIT)
    form = ContestForm(posted(request), initial=stored_contest(contest))
    if request.method == "POST" and form.is_valid():
        try:
            actions.edit_contest(actor=request.user, contest=contest, **form.cleaned_data)
        except Refused as refused:
            add_refusals(form, refused)
        else:
            messages.success(request, _("Saved."))
            return redirect("contests:console_contest_show", number)
    context = {
        "contest": contest,
        "crumbs": [*crumbs_of(contest), (_("Edit"), "")],
        "cancel_url": reverse("contests:console_contest_show", args=[number]),
    }
    return render_form(request, "contests/console/contest_edit.html", context, form=form)


def load_contest(request: HttpRequest, number: str, code: str) -> Contest:
    """Return a contest in which this person may do what `code` names, or 404."""
    return get_object_or_404(queries.contests_visible_to(request.user, code), activity__number=number)


def label(contest: Contest) -> None:
    """Give a contest the words its state is shown with."""
    contest.state_label = ACTIVITY_STATES[contest.activity.state]  # type: ignore[attr-defined]
    contest.state_tag = labels.TAGS[contest.activity.state]  # type: ignore[attr-defined]


def preset_cards() -> list[dict[str, object]]:
    """Return the ready-made plans an organiser picks from."""
    return [
        {
            "title": texts.PRESETS[one.value][0],
            "text": texts.PRESETS[one.value][1],
            "url": reverse("contests:console_contest_setup", args=[one.value]),
        }
        for one in Preset
    ]


def crumbs_of(contest: Contest | None = None) -> list[tuple[str, str]]:
    """Return the way to a contest's pages."""
    found = [(_("Contests"), reverse("contests:console_contest_list"))]
    if contest is not None:
        url = reverse("contests:console_contest_show", args=[contest.activity.number])
        found.append((called(contest.activity), url))
    return found
