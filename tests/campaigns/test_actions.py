"""Campaigns and activities: numbered, published, ended; by those who may."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import transaction
from tests.contests.test_ingest import run_at_once
from tests.factories.contests import make_campaign, make_contest, make_round
from tests.factories.people import make_account, make_member
from tests.factories.units import make_family, make_federation

from tradeshall.campaigns.actions import (
    create_campaign,
    edit_campaign,
    end_campaign,
    next_number,
    publish_campaign,
)
from tradeshall.campaigns.models import Campaign
from tradeshall.campaigns.queries import (
    activities_visible_to,
    campaigns_for_member,
    campaigns_visible_to,
    kind_of,
    kinds,
    running_campaigns_for_member,
)
from tradeshall.core import clock
from tradeshall.core.authority import OPERATOR, Role
from tradeshall.core.refusal import Refused
from tradeshall.journal.models import Entry, OutboxEvent

pytestmark = pytest.mark.django_db
DAYS = {"starts_on": date(2026, 5, 1), "ends_on": date(2026, 5, 31)}


def codes(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [refusal.code for refusal in refused.value.refusals]


def test_create_campaign_numbers_it_by_the_year_of_the_federation() -> None:
    root = make_federation()  # Asia/Shanghai
    with clock.set_to(datetime(2026, 12, 31, 15, 59, tzinfo=UTC)):
        assert create_campaign(actor=OPERATOR, unit=root, title="一", **DAYS).number == "ZT-2026-0001"
        assert create_campaign(actor=OPERATOR, unit=root, title="二", **DAYS).number == "ZT-2026-0002"
    with clock.set_to(datetime(2026, 12, 31, 16, 0, tzinfo=UTC)):
        assert create_campaign(actor=OPERATOR, unit=root, title="三", **DAYS).number == "ZT-2027-0001"


@pytest.mark.django_db(transaction=True)
def test_numbers_taken_at_once_are_all_different() -> None:
    make_federation()
    taken: list[str] = []

    def take() -> None:
        for _ in range(5):
            with transaction.atomic():
                taken.append(next_number("JS"))

    run_at_once(4, take)
    assert len(set(taken)) == 20
    assert sorted(number[-4:] for number in taken) == [f"{n:04d}" for n in range(1, 21)]


def test_create_campaign_refuses_what_makes_no_sense() -> None:
    with pytest.raises(Refused) as refused:
        create_campaign(
            actor=OPERATOR,
            unit=make_federation(),
            title=" ",
            starts_on=date(2026, 5, 2),
            ends_on=date(2026, 5, 1),
        )
    assert {(r.code, r.field_name) for r in refused.value.refusals} == {
        ("campaigns:title:empty", "title"),
        ("campaigns:dates:reversed", "ends_on"),
    }
    assert not Campaign.objects.exists()


def test_publish_and_end_go_one_way_and_close_the_activities() -> None:
    campaign = make_campaign(published=False)
    with pytest.raises(Refused) as refused:
        end_campaign(actor=OPERATOR, campaign=campaign)
    assert codes(refused) == ["campaigns:campaign:cannot_end"]
    publish_campaign(actor=OPERATOR, campaign=campaign)
    published = make_round(contest=make_contest(campaign=campaign)).contest.activity
    draft = make_contest(campaign=campaign).activity
    end_campaign(actor=OPERATOR, campaign=campaign, reason="over")
    published.refresh_from_db()
    draft.refresh_from_db()
    assert (campaign.state, published.state, draft.state) == ("ended", "closed", "draft")
    names = set(OutboxEvent.objects.values_list("name", flat=True))
    assert {"campaigns.CampaignPublished", "campaigns.CampaignEnded", "campaigns.ActivityClosed"} <= names
    assert Entry.objects.get(verb="campaigns:campaign:end").reason == "over"
    for action in (publish_campaign, end_campaign):
        with pytest.raises(Refused):
            action(actor=OPERATOR, campaign=campaign)
    with pytest.raises(Refused) as refused:
        edit_campaign(actor=OPERATOR, campaign=campaign, title="新")
    assert codes(refused) == ["campaigns:campaign:over"]
    with pytest.raises(Refused) as refused:
        make_contest(campaign=campaign)
    assert codes(refused) == ["campaigns:campaign:over"]


def test_edit_campaign_journals_what_changed_and_nothing_else() -> None:
    campaign = make_campaign(title="旧")
    lines = Entry.objects.filter(verb="campaigns:campaign:edit")
    edit_campaign(actor=OPERATOR, campaign=campaign, title="旧")
    assert not lines.exists()
    edited = edit_campaign(actor=OPERATOR, campaign=campaign, title=" 新 ", summary=campaign.summary)
    assert edited.title == "新"
    assert lines.get().changes == {"title": ["旧", "新"]}


def test_only_who_may_makes_edits_and_publishes() -> None:
    family = make_family()
    campaign = make_campaign(unit=family["own"], published=False)
    attempts: list[Any] = [
        lambda who: create_campaign(actor=who, unit=family["own"], title="题", **DAYS),
        lambda who: edit_campaign(actor=who, campaign=campaign, title="新"),
        lambda who: publish_campaign(actor=who, campaign=campaign),
        lambda who: end_campaign(actor=who, campaign=campaign),
    ]
    strangers = [
        make_account(),
        make_member(unit=family["own"], account=make_account()).account,
        make_account(role=Role.ORGANISER, unit=family["sibling"]),
        make_account(role=Role.ORGANISER, unit=family["child"]),
        make_account(role=Role.AUDITOR, unit=family["own"]),
    ]
    for attempt in attempts:
        for stranger in strangers:
            with pytest.raises(Refused) as refused:
                attempt(stranger)
            assert codes(refused) == ["core:authority:denied"]
    organiser = make_account(role=Role.ORGANISER, unit=family["parent"])
    for attempt in attempts:
        attempt(organiser)


def test_campaigns_are_seen_by_those_they_are_for() -> None:
    family = make_family()
    own = make_campaign(unit=family["own"])
    above = make_campaign(unit=family["root"])
    make_campaign(unit=family["sibling"])
    make_campaign(unit=family["own"], published=False)
    member = make_member(unit=family["own"])
    assert set(campaigns_for_member(member)) == {own, above}
    organiser = make_account(role=Role.ORGANISER, unit=family["own"])
    assert {campaign.unit for campaign in campaigns_visible_to(organiser)} == {family["own"]}
    assert not campaigns_visible_to(make_account()).exists()
    assert not activities_visible_to(organiser).exists()


def test_running_campaigns_keep_to_the_days_of_the_federation() -> None:
    campaign = make_campaign(**DAYS)
    member = make_member(unit=campaign.unit)
    for moment, running in (
        (datetime(2026, 4, 30, 15, 59, tzinfo=UTC), False),
        (datetime(2026, 4, 30, 16, 0, tzinfo=UTC), True),
        (datetime(2026, 5, 31, 15, 59, tzinfo=UTC), True),
        (datetime(2026, 5, 31, 16, 0, tzinfo=UTC), False),
    ):
        with clock.set_to(moment):
            assert running_campaigns_for_member(member).exists() is running


@pytest.mark.parametrize("count", [1, 3])
def test_campaigns_for_member_take_two_queries_however_many(count: int, django_assert_num_queries: Any) -> None:
    root = make_federation()
    for _ in range(count):
        make_round(contest=make_contest(campaign=make_campaign(unit=root)))
    member = make_member(unit=root)
    with django_assert_num_queries(2):
        shown = [(campaign.unit.name, campaign.shown_activities) for campaign in campaigns_for_member(member)]
    assert len(shown) == count
    assert all(len(activities) == 1 for _, activities in shown)


def test_contest_registers_itself_as_a_kind_of_activity() -> None:
    activity = make_contest().activity
    assert kind_of(activity) in kinds()
    assert kind_of(activity).kind == "contest"
