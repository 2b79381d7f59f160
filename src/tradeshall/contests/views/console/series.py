"""A whole contest at once: set up from a ready-made plan, published by one act."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tradeshall.campaigns.queries import campaigns_open_to
from tradeshall.contests import permissions, texts
from tradeshall.contests.actions import presets as preset_actions
from tradeshall.contests.actions import series as actions
from tradeshall.contests.actions.presets import Wanted
from tradeshall.contests.forms.policies import PlanForm, PublishSeriesForm, new_plan
from tradeshall.contests.queries import bank
from tradeshall.contests.queries.rounds import check_publication
from tradeshall.contests.rules.presets import Preset
from tradeshall.contests.rules.series import judge_calendar
from tradeshall.contests.views.console.contests import crumbs_of, load_contest
from tradeshall.contests.views.words import contest_in_words
from tradeshall.core.refusal import Refused, require
from tradeshall.units.queries import federation_zone, units_visible_to
from tradeshall.web.access import opens_to
from tradeshall.web.editing import posted
from tradeshall.web.forms import add_refusals, render_form
from tradeshall.web.texts import sentence


@opens_to(permissions.ROUND_EDIT)
def contest_setup(request: HttpRequest, preset: str) -> HttpResponse:
    """Draft a contest with all its rounds from a ready-made plan."""
    if preset not in set(Preset):
        raise Http404
    chosen = Preset(preset)
    units = units_visible_to(request.user, permissions.ROUND_EDIT).current()
    campaigns = campaigns_open_to(request.user, permissions.ROUND_EDIT)
    top = units.first()
    pools = bank.with_counts(bank.pools_usable_in(top.path if top else ""))
    only = list(campaigns[:2])
    campaign = request.GET.get("campaign", only[0].number if len(only) == 1 else "")
    form = PlanForm(
        posted(request),
        preset=chosen,
        pools=pools,
        campaigns=campaigns,
        units=units,
        initial=new_plan(chosen, campaign, pools),
    )
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            if chosen is Preset.DAILY:
                require(*judge_calendar(form.calendar()))
            contest = preset_actions.set_up_contest(
                actor=request.user,
                preset=chosen,
                wanted=Wanted(
                    campaign=values["campaign"],
                    unit=values["unit"] or values["campaign"].unit,
                    title=values["title"],
                    title_en=values["title_en"],
                    pools=list(values["pools"]),
                    days=form.days(),
                    count=values["count"],
                    points=values["points"],
                    minutes=values["minutes"],
                ),
            )
        except Refused as refused:
            add_refusals(form, refused)
        else:
            messages.success(
                request, _("The contest is drafted with all its rounds. Read its rules, then publish it.")
            )
            return redirect("contests:console_contest_publish", contest.activity.number)
    context = {
        "heading": texts.PRESETS[chosen.value][0],
        "text": texts.PRESETS[chosen.value][1],
        "crumbs": [*crumbs_of(), (str(texts.PRESETS[chosen.value][0]), "")],
        "cancel_url": reverse("contests:console_contest_list"),
        "no_campaign": not only,
        "no_pool": not pools.exists(),
        "zone": federation_zone(),
    }
    return render_form(request, "contests/console/contest_setup.html", context, form=form)


@opens_to(permissions.ROUND_PUBLISH)
def contest_publish(request: HttpRequest, number: str) -> HttpResponse:
    """Say in plain words what is about to be published, round by round, and publish all of it by one act."""
    contest = load_contest(request, number, permissions.ROUND_PUBLISH)
    form = PublishSeriesForm(posted(request), initial={"when": "now"})
    problems: list[str] = []
    if request.method == "POST" and form.is_valid():
        try:
            rounds = actions.publish_series(
                actor=request.user, contest=contest, each_on_its_own=form.cleaned_data["when"] == "each"
            )
        except Refused as refused:
            problems = [sentence(refusal) for refusal in refused.refusals]
        else:
            done = ngettext(
                "%(count)s round is published or will be by itself.",
                "%(count)s rounds are published or will be by themselves.",
                len(rounds),
            )
            messages.success(request, done % {"count": len(rounds)})
            return redirect("contests:console_contest_show", number)
    drafts = actions.drafts_of(contest)
    found = [] if problems else [(one, check_publication(one)) for one in drafts[:1]]
    rounds = list(contest.rounds.select_related("opens_after", "advances_from").prefetch_related("sections"))
    context = {
        "contest": contest,
        "form": form,
        "drafts": drafts,
        "chapters": contest_in_words(contest, rounds),
        "refusals": problems or [sentence(refusal) for _one, refusals in found for refusal in refusals],
        "has_errors": bool(problems),
        "crumbs": [*crumbs_of(contest), (_("Publish"), "")],
        "cancel_url": reverse("contests:console_contest_show", args=[number]),
    }
    return render(request, "contests/console/contest_publish.html", context, status=422 if problems else 200)
