"""Reading campaigns, and the registry of the kinds of activity that hang on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Prefetch, Q, QuerySet

from tradeshall.campaigns.enums import ActivityState, CampaignState
from tradeshall.campaigns.models import Activity, Campaign
from tradeshall.campaigns.rules import paths_above
from tradeshall.core import authority, clock
from tradeshall.core.authority import Actor
from tradeshall.units.queries import above, federation_zone, units_visible_to

if TYPE_CHECKING:
    from tradeshall.people.models import Membership


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of activity: what it is called, and the names of the URLs that show one (argument: its number).

    `console_new_url_name` names the page that makes one; it is told the campaign's number as `?campaign=`.
    """

    kind: str
    label: object  # lazily translated
    member_url_name: str
    console_url_name: str
    console_new_url_name: str = ""


_kinds: dict[str, Kind] = {}


def register_kind(
    kind: str, label: object, member_url_name: str, console_url_name: str, console_new_url_name: str = ""
) -> None:
    """Make a kind of activity known; the app that keeps it calls this in `ready()`."""
    _kinds[kind] = Kind(kind, label, member_url_name, console_url_name, console_new_url_name)


def kinds() -> list[Kind]:
    """Return every kind of activity there is."""
    return list(_kinds.values())


def kind_of(activity: Activity) -> Kind:
    """Return the kind of an activity; KeyError if no app registered it."""
    return _kinds[activity.kind]


def campaigns_visible_to(actor: Actor, code: str = "campaigns:campaign:view") -> QuerySet[Campaign]:
    """Return the campaigns of units in which an actor may do what `code` names."""
    return authority.scope(actor, code, Campaign.objects.select_related("unit"), unit="unit", campaign="number")


def campaigns_open_to(actor: Actor, code: str) -> QuerySet[Campaign]:
    """Return the campaigns on which an actor may hang an activity of their units.

    Those of the units in which the actor may do what `code` names, unless they have ended; and the published
    ones of the units above, since units beneath may add their own activities.
    """
    own = units_visible_to(actor, code)
    tops = own.exclude(parent__in=own.values("pk")).values_list("path", flat=True)
    above = {path for top in tops for path in paths_above(top)}
    mine = Q(pk__in=campaigns_visible_to(actor, code).order_by().values("pk")) & ~Q(state=CampaignState.ENDED.value)
    from_above = Q(unit__path__in=above, state=CampaignState.PUBLISHED.value)
    return Campaign.objects.select_related("unit").filter(mine | from_above)


def activities_visible_to(actor: Actor, code: str = "campaigns:campaign:view") -> QuerySet[Activity]:
    """Return the activities of units in which an actor may do what `code` names."""
    rows = Activity.objects.select_related("unit", "campaign__unit")
    return authority.scope(actor, code, rows, unit="unit", campaign="campaign__number")


def campaigns_followed_by(actor: Actor, code: str = "campaigns:campaign:follow") -> QuerySet[Campaign]:
    """Return the campaigns, no drafts, of the units above those in which an actor may do what `code` names."""
    chosen = above(actor, code, unit="unit", campaign="number")
    return Campaign.objects.select_related("unit").filter(chosen).exclude(state=CampaignState.DRAFT.value)


def activities_followed_by(actor: Actor, code: str = "campaigns:campaign:follow") -> QuerySet[Activity]:
    """Return the activities, no drafts, of the units above those in which an actor may do what `code` names."""
    chosen = above(actor, code, unit="unit", campaign="campaign__number")
    return (
        Activity.objects.select_related("unit", "campaign__unit")
        .filter(chosen)
        .exclude(state=ActivityState.DRAFT.value)
        .exclude(campaign__state=CampaignState.DRAFT.value)
    )


def campaigns_for_member(membership: Membership) -> QuerySet[Campaign]:
    """Return the campaigns meant for a member, running ones and those that are over, newest first.

    `shown_activities` on each holds its activities that are meant for this member. Two queries in all.
    """
    above = paths_above(membership.unit.path)
    shown = (
        Activity.objects.filter(unit__path__in=above).exclude(state=ActivityState.DRAFT.value).select_related("unit")
    )
    return (
        Campaign.objects.filter(unit__path__in=above)
        .exclude(state=CampaignState.DRAFT.value)
        .select_related("unit")
        .prefetch_related(Prefetch("activities", queryset=shown, to_attr="shown_activities"))
        .order_by("-starts_on", "-id")
    )


def running_campaigns_for_member(membership: Membership) -> QuerySet[Campaign]:
    """Return those of a member's campaigns that are published and within their days."""
    today = clock.day_of(clock.now(), federation_zone())
    return campaigns_for_member(membership).filter(
        state=CampaignState.PUBLISHED.value, starts_on__lte=today, ends_on__gte=today
    )
