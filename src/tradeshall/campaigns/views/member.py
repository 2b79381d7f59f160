"""A campaign as its members see it."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from tradeshall.campaigns.enums import ActivityState, CampaignState
from tradeshall.campaigns.models import Activity
from tradeshall.campaigns.queries import campaigns_for_member, kind_of
from tradeshall.core import clock
from tradeshall.people.queries import acting_membership
from tradeshall.units.queries import federation_zone
from tradeshall.web.access import SIGNED_IN, opens_to


@dataclass(frozen=True, slots=True)
class Line:
    """One activity of a campaign, with the page its kind keeps for it."""

    activity: Activity
    label: object
    url: str

    @property
    def closed(self) -> bool:
        return self.activity.state == ActivityState.CLOSED


@opens_to(SIGNED_IN)
@require_safe
def campaign_show(request: HttpRequest, number: str) -> HttpResponse:
    membership = acting_membership(request)
    if membership is None:
        raise Http404
    campaign = get_object_or_404(campaigns_for_member(membership), number=number)
    today = clock.day_of(clock.now(), federation_zone())
    lines = []
    for activity in campaign.shown_activities:  # type: ignore[attr-defined]
        kind = kind_of(activity)
        lines.append(Line(activity, kind.label, reverse(kind.member_url_name, args=[activity.number])))
    context = {
        "campaign": campaign,
        "lines": lines,
        "over": campaign.state == CampaignState.ENDED or campaign.ends_on < today,
        "coming": campaign.starts_on > today,
        "days_left": (campaign.ends_on - today).days,
        "days_until": (campaign.starts_on - today).days,
    }
    return render(request, "campaigns/campaign.html", context)
