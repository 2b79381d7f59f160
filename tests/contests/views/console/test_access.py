"""Who may open which console page: every page, as every role, from every side of the tree."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from tests.factories.contests import make_campaign, make_contest, make_pool, make_round
from tests.factories.people import make_account, make_member
from tests.factories.units import make_family, make_grant

from tradeshall.core.authority import Role

pytestmark = pytest.mark.django_db

EDIT_BANK = (
    "pools/{pool}/edit/",
    "pools/{pool}/import/",
    "pools/{pool}/items/new/",
    "items/{item}/edit/",
)
VIEW_BANK = ("pools/{pool}/", "items/{item}/")
VIEW_ROUND = ("contests/{contest}/", "rounds/{draft}/", "rounds/{draft}/blueprint/", "rounds/{draft}/paper/")
MONITOR = ("rounds/{open}/monitor/",)
RUN_ROUND = (
    "contests/{contest}/edit/",
    "contests/{contest}/rounds/new/",
    "rounds/{draft}/edit/",
    "rounds/{draft}/publish/",
    "rounds/{draft}/close/",
    "rounds/{open}/export/",
)
VIEW_CAMPAIGN = ("campaigns/{campaign}/",)
RUN_CAMPAIGN = ("campaigns/{campaign}/edit/", "campaigns/{campaign}/publish/", "campaigns/{campaign}/end/")
EVERY = (*EDIT_BANK, *VIEW_BANK, *VIEW_ROUND, *MONITOR, *RUN_ROUND, *VIEW_CAMPAIGN, *RUN_CAMPAIGN)
POSTED = (
    "rounds/{draft}/blueprint/check/",
    "rounds/{draft}/release/",
    "items/{item}/review/",
    "items/{item}/reopen/",
    "items/{item}/retire/",
)
LISTS = ("", "campaigns/", "contests/", "pools/", "items/")


@pytest.fixture
def family() -> dict[str, Any]:
    return make_family()


@pytest.fixture
def things(family: dict[str, Any]) -> dict[str, Any]:
    own = family["own"]
    campaign = make_campaign(unit=own)
    contest = make_contest(campaign=campaign)
    pool = make_pool(unit=own, items=10)
    return {
        "campaign": campaign.number,
        "contest": contest.activity.number,
        "draft": make_round(contest=contest, pools=[pool], published=False).pk,
        "open": make_round(contest=contest, pools=[pool]).pk,
        "pool": pool.pk,
        "item": pool.items.first().pk,
    }


def as_role(role: Role | None, unit: Any) -> Client:
    client = Client()
    account = make_account(role=role, unit=unit) if role else make_account()
    if role is None:
        make_member(account=account, unit=unit)
    client.force_login(account, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client


def opened(client: Client, pages: tuple[str, ...], things: dict[str, Any]) -> set[int]:
    return {client.get(f"/console/{page.format(**things)}").status_code for page in pages}


@pytest.mark.parametrize("side", ["own", "parent", "root"])
def test_pages_open_to_organisers_of_the_unit_and_above(side, family, things):
    assert opened(as_role(Role.ORGANISER, family[side]), EVERY, things) == {200}


@pytest.mark.parametrize("side", ["sibling", "stranger"])
def test_pages_are_absent_for_organisers_elsewhere(side, family, things):
    client = as_role(Role.ORGANISER, family[side])

    assert opened(client, EVERY, things) == {404}
    assert {client.post(f"/console/{page.format(**things)}").status_code for page in POSTED} == {404}
    assert opened(client, LISTS, things) == {200}
    for page in LISTS:
        body = client.get(f"/console/{page}").content.decode()
        assert things["contest"] not in body
        assert things["campaign"] not in body


def test_what_units_beneath_follow_is_all_that_opens_to_them(family, things):
    client = as_role(Role.ORGANISER, family["child"])
    followed = ("campaigns/{campaign}/", "contests/{contest}/")

    assert opened(client, tuple(page for page in EVERY if page not in followed), things) == {404}
    assert {client.post(f"/console/{page.format(**things)}").status_code for page in POSTED} == {404}
    assert opened(client, (*followed, "rounds/{open}/follow/"), things) == {200}
    assert opened(client, ("rounds/{draft}/follow/",), things) == {404}


def test_whoever_runs_a_round_is_led_from_following_to_the_monitor(family, things):
    for side in ("own", "parent"):
        answer = as_role(Role.AUDITOR, family[side]).get(f"/console/rounds/{things['open']}/follow/")

        assert answer.headers["location"] == f"/console/rounds/{things['open']}/monitor/"


def test_auditors_look_and_do_not_touch(family, things):
    client = as_role(Role.AUDITOR, family["own"])

    assert opened(client, (*VIEW_BANK, *VIEW_ROUND, *MONITOR, *VIEW_CAMPAIGN), things) == {200}
    assert opened(client, (*EDIT_BANK, *RUN_ROUND, *RUN_CAMPAIGN), things) == {404}


def test_item_editors_see_the_bank_alone(family, things):
    client = as_role(Role.ITEM_EDITOR, family["own"])

    assert opened(client, (*EDIT_BANK, *VIEW_BANK, *VIEW_CAMPAIGN), things) == {200}
    assert opened(client, (*VIEW_ROUND, *MONITOR, *RUN_ROUND, *RUN_CAMPAIGN), things) == {404}


def test_members_see_nothing_of_the_console(family, things):
    client = as_role(None, family["own"])

    assert opened(client, (*EVERY, *LISTS), things) == {404}


def test_who_is_not_signed_in_is_asked_to(things):
    answers = [Client().get(f"/console/{page.format(**things)}") for page in (*EVERY, *LISTS)]

    assert {answer.status_code for answer in answers} == {302}
    assert all(answer.headers["location"].startswith("/sign-in/") for answer in answers)


def test_a_draft_has_no_monitor_and_no_results(family, things):
    client = as_role(Role.ORGANISER, family["own"])

    assert opened(client, ("rounds/{draft}/monitor/", "rounds/{draft}/export/"), things) == {404}


def test_an_organiser_of_one_campaign_sees_that_campaign_alone(family):
    mine, other = make_round(unit=family["own"]), make_round(unit=family["own"])
    campaign = mine.contest.activity.campaign
    account = make_account()
    make_grant(account, Role.ORGANISER, family["own"], campaign_number=campaign.number)
    client = Client()
    client.force_login(account, backend=settings.AUTHENTICATION_BACKENDS[0])

    assert client.get(f"/console/rounds/{mine.pk}/monitor/").status_code == 200
    assert client.get(f"/console/rounds/{other.pk}/monitor/").status_code == 404
    assert client.get(f"/console/campaigns/{other.contest.activity.campaign.number}/").status_code == 404
    assert [row.number for row in client.get("/console/campaigns/").context["page"]] == [campaign.number]
    made = client.post("/console/contests/new/", {"campaign": campaign.number, "title": "再来一场"})
    assert made.status_code == 302
