"""Writing campaigns and the activities that hang on them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import F

from tradeshall.campaigns import permissions, rules
from tradeshall.campaigns.events import ActivityClosed, ActivityPublished, CampaignEnded, CampaignPublished
from tradeshall.campaigns.models import Activity, Campaign, NumberSeries
from tradeshall.core import clock
from tradeshall.core.authority import Actor
from tradeshall.core.refusal import Refused, require
from tradeshall.journal.actions import emit, record_change
from tradeshall.units.queries import federation_zone

if TYPE_CHECKING:
    from tradeshall.units.models import Unit


def create_campaign(
    *,
    actor: Actor,
    unit: Unit,
    title: str,
    starts_on: date,
    ends_on: date,
    title_en: str = "",
    summary: str = "",
    summary_en: str = "",
) -> Campaign:
    """Draft a campaign of a unit and give it its number.

    Refuses an actor who may not edit campaigns there, an empty title, and an end before the start.
    """
    with transaction.atomic():
        require(permissions.refuse_unless_may(actor, permissions.EDIT, unit))
        require(rules.refuse_title(title), rules.refuse_dates(starts_on, ends_on))
        campaign = Campaign.objects.create(
            number=next_number(rules.CAMPAIGN_PREFIX),
            unit=unit,
            title=title.strip(),
            title_en=title_en.strip(),
            summary=summary.strip(),
            summary_en=summary_en.strip(),
            starts_on=starts_on,
            ends_on=ends_on,
        )
        record_change(
            actor=actor,
            verb="campaigns:campaign:create",
            thing=campaign,
            acting_unit_code=unit.code,
            changes={"number": [None, campaign.number], "title": [None, campaign.title]},
        )
    return campaign


CAMPAIGN_FIELDS = ("title", "title_en", "summary", "summary_en", "starts_on", "ends_on")


def edit_campaign(*, actor: Actor, campaign: Campaign, **values: Any) -> Campaign:
    """Change a campaign's title, summary (each also `_en`) or days; fields left out stay as they are.

    Refuses an actor who may not edit it, an empty title, an end before the start, and a campaign that is over.
    """
    if unknown := set(values) - set(CAMPAIGN_FIELDS):
        raise TypeError(f"a campaign has no {sorted(unknown)}")
    with transaction.atomic():
        campaign = Campaign.objects.select_for_update(of=("self",)).select_related("unit").get(pk=campaign.pk)
        require(permissions.refuse_unless_may(actor, permissions.EDIT, campaign))
        before = {name: getattr(campaign, name) for name in values}
        after = {name: value.strip() if isinstance(value, str) else value for name, value in values.items()}
        for name, value in after.items():
            setattr(campaign, name, value)
        require(
            rules.refuse_change_of(campaign),
            rules.refuse_title(campaign.title),
            rules.refuse_dates(campaign.starts_on, campaign.ends_on),
        )
        changes = {n: [_plain(before[n]), _plain(after[n])] for n in after if before[n] != after[n]}
        if changes:
            campaign.save(update_fields=list(changes))
            record_change(
                actor=actor,
                verb="campaigns:campaign:edit",
                thing=campaign,
                acting_unit_code=campaign.unit.code,
                changes=changes,
            )
    return campaign


def publish_campaign(*, actor: Actor, campaign: Campaign) -> Campaign:
    """Show a campaign to the members of its unit and of those beneath; emits CampaignPublished."""
    with transaction.atomic():
        _move_campaign(actor, campaign, "publish")
        emit(CampaignPublished(campaign.pk, campaign.number))
    return campaign


def end_campaign(*, actor: Actor, campaign: Campaign, reason: str = "") -> Campaign:
    """End a campaign and close its activities; emits CampaignEnded and an ActivityClosed for each."""
    with transaction.atomic():
        _move_campaign(actor, campaign, "end", reason)
        for activity in campaign.activities.filter(state__in=rules.ACTIVITY.sources("close")):
            _move_activity(actor, activity, "close")
            emit(ActivityClosed(activity.pk, activity.kind, activity.number))
        emit(CampaignEnded(campaign.pk, campaign.number))
    return campaign


def add_activity(
    *, actor: Actor, campaign: Campaign, unit: Unit, kind: str, prefix: str, title: str, title_en: str = ""
) -> Activity:
    """Draft an activity within a campaign. Kinds call this from their own actions, permission already asked.

    Refuses an empty title, a unit that is not at or beneath the campaign's, and a campaign that is over.
    """
    with transaction.atomic():
        require(
            rules.refuse_title(title),
            rules.refuse_unit_outside(campaign.unit, unit),
            rules.refuse_change_of(campaign),
        )
        activity = Activity.objects.create(
            campaign=campaign,
            unit=unit,
            kind=kind,
            number=next_number(prefix),
            title=title.strip(),
            title_en=title_en.strip(),
            position=campaign.activities.count() + 1,
        )
        record_change(
            actor=actor,
            verb="campaigns:activity:create",
            thing=activity,
            acting_unit_code=unit.code,
            changes={"number": [None, activity.number], "title": [None, activity.title]},
        )
    return activity


def rename_activity(*, actor: Actor, activity: Activity, title: str, title_en: str = "") -> Activity:
    """Change an activity's titles. Kinds call this from their own actions, permission already asked."""
    with transaction.atomic():
        require(rules.refuse_title(title))
        before = [activity.title, activity.title_en]
        activity.title, activity.title_en = title.strip(), title_en.strip()
        if before != [activity.title, activity.title_en]:
            activity.save(update_fields=["title", "title_en"])
            record_change(
                actor=actor,
                verb="campaigns:activity:rename",
                thing=activity,
                acting_unit_code=activity.unit.code,
                changes={"title": [before[0], activity.title], "title_en": [before[1], activity.title_en]},
            )
    return activity


def publish_activity(*, actor: Actor, activity: Activity) -> Activity:
    """Show an activity to members; emits ActivityPublished. Kinds call this, permission already asked."""
    with transaction.atomic():
        _move_activity(actor, activity, "publish")
        emit(ActivityPublished(activity.pk, activity.kind, activity.number))
    return activity


def next_number(prefix: str) -> str:
    """Take the next number of a prefix in the present year: `ZT-2026-0007`.

    The update locks the counter's row until the caller's transaction ends, so no number is given twice; one
    that is rolled back is given again.
    """
    year = clock.day_of(clock.now(), federation_zone()).year
    series = NumberSeries.objects.filter(prefix=prefix, year=year)
    if not series.update(last=F("last") + 1):
        NumberSeries.objects.bulk_create([NumberSeries(prefix=prefix, year=year, last=0)], ignore_conflicts=True)
        series.update(last=F("last") + 1)
    return rules.number_of(prefix, year, series.values_list("last", flat=True).get())


def _move_campaign(actor: Actor, campaign: Campaign, verb: str, reason: str = "") -> None:
    require(permissions.refuse_unless_may(actor, permissions.PUBLISH, campaign))
    before, target = campaign.state, rules.CAMPAIGN.target(verb)
    sources = rules.CAMPAIGN.sources(verb)
    if not Campaign.objects.filter(pk=campaign.pk, state__in=sources).update(state=target):
        campaign.refresh_from_db(fields=["state"])
        refusal = rules.CAMPAIGN.refuse_unless_possible(verb, campaign.state)
        assert refusal
        raise Refused(refusal)
    campaign.state = target
    record_change(
        actor=actor,
        verb=f"campaigns:campaign:{verb}",
        thing=campaign,
        acting_unit_code=campaign.unit.code,
        reason=reason,
        changes={"state": [before, target]},
    )


def _move_activity(actor: Actor, activity: Activity, verb: str) -> None:
    before, target = activity.state, rules.ACTIVITY.target(verb)
    sources = rules.ACTIVITY.sources(verb)
    if not Activity.objects.filter(pk=activity.pk, state__in=sources).update(state=target):
        activity.refresh_from_db(fields=["state"])
        refusal = rules.ACTIVITY.refuse_unless_possible(verb, activity.state)
        assert refusal
        raise Refused(refusal)
    activity.state = target
    record_change(
        actor=actor,
        verb=f"campaigns:activity:{verb}",
        thing=activity,
        acting_unit_code=activity.unit.code,
        changes={"state": [before, target]},
    )


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value
