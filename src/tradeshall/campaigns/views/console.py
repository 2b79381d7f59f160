"""Campaigns in the console."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from tradeshall.campaigns import actions, permissions, queries, rules
from tradeshall.campaigns.forms import CampaignFilter, CampaignForm, EndCampaignForm, NewCampaignForm, stored
from tradeshall.campaigns.models import Campaign
from tradeshall.campaigns.texts import ACTIVITY_STATES, CAMPAIGN_STATES
from tradeshall.core import authority
from tradeshall.core.refusal import Refused
from tradeshall.units.queries import units_visible_to
from tradeshall.web.access import may_follow, opens_to
from tradeshall.web.editing import posted
from tradeshall.web.forms import add_refusals, render_form
from tradeshall.web.naming import called
from tradeshall.web.texts import sentence

PAGE = 25
MOST_ABOVE = 25
TAGS = {"draft": "warn", "published": "ok", "ended": "", "closed": ""}


@opens_to(permissions.VIEW)
def campaign_list(request: HttpRequest) -> HttpResponse:
    """List the campaigns this person sees, newest first."""
    rows = (
        queries.campaigns_visible_to(request.user)
        .annotate(activity_count=Count("activities"))
        .order_by("-starts_on", "-pk")
    )
    above = queries.campaigns_followed_by(request.user).exclude(pk__in=rows.order_by().values("pk"))
    narrowed = CampaignFilter(request.GET)
    if narrowed.is_valid():
        wanted = Q()
        if state := narrowed.cleaned_data["state"]:
            wanted &= Q(state=state)
        if text := narrowed.cleaned_data["q"].strip():
            wanted &= Q(title__icontains=text) | Q(title_en__icontains=text) | Q(number__icontains=text)
        rows, above = rows.filter(wanted), above.filter(wanted)
    followed = list(above[: MOST_ABOVE + 1])
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    for campaign in page.object_list:
        _label(campaign)
    return render(
        request,
        "campaigns/console/list.html",
        {
            "page": page,
            "followed": [
                {"campaign": one, "state": CAMPAIGN_STATES[one.state], "tag": TAGS[one.state]}
                for one in followed[:MOST_ABOVE]
            ],
            "more_above": len(followed) > MOST_ABOVE,
            "filter": narrowed,
            "narrowed": any(request.GET.get(name) for name in ("q", "state")),
            "may_create": authority.may(request.user, permissions.EDIT),
        },
    )


@opens_to(permissions.EDIT)
def campaign_create(request: HttpRequest) -> HttpResponse:
    """Draft a campaign."""
    units = units_visible_to(request.user, permissions.EDIT).current()
    form = NewCampaignForm(posted(request), units=units)
    if request.method == "POST" and form.is_valid():
        try:
            campaign = actions.create_campaign(actor=request.user, **form.cleaned_data)
        except Refused as refused:
            add_refusals(form, refused)
        else:
            messages.success(request, _("The draft is saved. Add an activity, then publish it."))
            return redirect("campaigns:console_campaign_show", campaign.number)
    crumbs = [*_crumbs(), (_("New campaign"), "")]
    context = {"crumbs": crumbs, "cancel_url": reverse("campaigns:console_campaign_list")}
    return render_form(request, "campaigns/console/edit.html", context, form=form)


@opens_to(permissions.VIEW)
def campaign_show(request: HttpRequest, number: str) -> HttpResponse:
    """Show a campaign and its activities; of one of a unit above, those meant for one's own members."""
    seen = queries.campaigns_visible_to(request.user).filter(number=number).first()
    campaign = seen or get_object_or_404(queries.campaigns_followed_by(request.user), number=number)
    _label(campaign)
    rows = campaign.activities.select_related("unit")
    if seen is None:
        mine = queries.activities_visible_to(request.user).order_by().values("pk")
        from_above = queries.activities_followed_by(request.user).order_by().values("pk")
        rows = rows.filter(Q(pk__in=mine) | Q(pk__in=from_above))
    activities = []
    for activity in rows:
        kind = queries.kind_of(activity)
        url = reverse(kind.console_url_name, args=[activity.number])
        activities.append(
            {
                "activity": activity,
                "kind": kind.label,
                "url": url if may_follow(request, url) else "",
                "state": ACTIVITY_STATES[activity.state],
                "tag": TAGS[activity.state],
            }
        )
    new_urls = [
        (kind.label, reverse(kind.console_new_url_name)) for kind in queries.kinds() if kind.console_new_url_name
    ]
    return render(
        request,
        "campaigns/console/show.html",
        {
            "campaign": campaign,
            "activities": activities,
            "follows": seen is None,
            "kinds": [(label, url) for label, url in new_urls if may_follow(request, url)],
            "crumbs": [*_crumbs(), (called(campaign), "")],
            "may_edit": authority.may(request.user, permissions.EDIT, campaign) and not _refuse_change(campaign),
            "may_publish": _may_move(request, campaign, "publish"),
            "may_end": _may_move(request, campaign, "end"),
        },
    )


@opens_to(permissions.EDIT)
def campaign_edit(request: HttpRequest, number: str) -> HttpResponse:
    """Change a campaign."""
    campaign = _campaign(request, number, permissions.EDIT)
    form = CampaignForm(posted(request), initial=stored(campaign))
    if request.method == "POST" and form.is_valid():
        try:
            actions.edit_campaign(actor=request.user, campaign=campaign, **form.cleaned_data)
        except Refused as refused:
            add_refusals(form, refused)
        else:
            messages.success(request, _("Saved."))
            return redirect("campaigns:console_campaign_show", campaign.number)
    context = {
        "campaign": campaign,
        "crumbs": [*_crumbs(campaign), (_("Edit"), "")],
        "cancel_url": reverse("campaigns:console_campaign_show", args=[campaign.number]),
    }
    return render_form(request, "campaigns/console/edit.html", context, form=form)


@opens_to(permissions.PUBLISH)
def campaign_publish(request: HttpRequest, number: str) -> HttpResponse:
    """Say what publishing means, and do it."""
    campaign = _campaign(request, number, permissions.PUBLISH)
    refusals: list[str] = []
    if request.method == "POST":
        try:
            actions.publish_campaign(actor=request.user, campaign=campaign)
        except Refused as refused:
            refusals = [sentence(refusal) for refusal in refused.refusals]
        else:
            messages.success(request, _("The campaign is published. Members of the unit see it now."))
            return redirect("campaigns:console_campaign_show", campaign.number)
    return render(
        request,
        "campaigns/console/publish.html",
        {
            "campaign": campaign,
            "refusals": refusals,
            "possible": _may_move(request, campaign, "publish"),
            "crumbs": [*_crumbs(campaign), (_("Publish"), "")],
            "has_errors": bool(refusals),
        },
        status=422 if refusals else 200,
    )


@opens_to(permissions.PUBLISH)
def campaign_end(request: HttpRequest, number: str) -> HttpResponse:
    """Say what ending means, and do it."""
    campaign = _campaign(request, number, permissions.PUBLISH)
    form = EndCampaignForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            actions.end_campaign(actor=request.user, campaign=campaign, reason=form.cleaned_data["reason"])
        except Refused as refused:
            add_refusals(form, refused)
        else:
            messages.success(request, _("The campaign has ended."))
            return redirect("campaigns:console_campaign_show", campaign.number)
    context = {
        "campaign": campaign,
        "open_activities": campaign.activities.filter(state__in=rules.ACTIVITY.sources("close")).count(),
        "possible": _may_move(request, campaign, "end"),
        "crumbs": [*_crumbs(campaign), (_("End the campaign"), "")],
    }
    return render_form(request, "campaigns/console/end.html", context, form=form)


def _campaign(request: HttpRequest, number: str, code: str) -> Campaign:
    campaign = get_object_or_404(queries.campaigns_visible_to(request.user, code), number=number)
    _label(campaign)
    return campaign


def _label(campaign: Campaign) -> None:
    campaign.state_label = CAMPAIGN_STATES[campaign.state]  # type: ignore[attr-defined]
    campaign.state_tag = TAGS[campaign.state]  # type: ignore[attr-defined]


def _refuse_change(campaign: Campaign) -> bool:
    return rules.refuse_change_of(campaign) is not None


def _may_move(request: HttpRequest, campaign: Campaign, verb: str) -> bool:
    possible = rules.CAMPAIGN.refuse_unless_possible(verb, campaign.state) is None
    return possible and authority.may(request.user, permissions.PUBLISH, campaign)


def _crumbs(campaign: Campaign | None = None) -> list[tuple[str, str]]:
    found = [(_("Campaigns"), reverse("campaigns:console_campaign_list"))]
    if campaign is not None:
        found.append((called(campaign), reverse("campaigns:console_campaign_show", args=[campaign.number])))
    return found
