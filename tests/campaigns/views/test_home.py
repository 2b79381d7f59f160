"""The member's home: what is there for me today; and the page of a campaign."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from tests.contests.views.member.conftest import engine, ledger_path, member, run_engine, sign_in, signed_in
from tests.contests.views.member.test_attempts import start
from tests.contests.views.member.test_results import sit
from tests.factories.contests import make_campaign, make_contest, make_round
from tests.factories.people import make_account
from tests.factories.units import make_federation

from tradeshall.campaigns.actions import end_campaign
from tradeshall.contests.actions.ledger import ingest_ledger
from tradeshall.core import clock
from tradeshall.core.authority import OPERATOR, Role
from tradeshall.engine.core import Engine
from tradeshall.people.models import Membership

__all__ = ["engine", "ledger_path", "member", "run_engine", "signed_in"]

pytestmark = pytest.mark.django_db
MOST_QUERIES = 12


def test_home_says_that_nothing_is_due(signed_in: Client) -> None:
    page = signed_in.get("/")
    assert page.context["tickets"] == []
    assert "empty" in page.content.decode()


def test_home_shows_open_rounds_by_what_is_due_first(engine: Engine, signed_in: Client) -> None:
    contest = make_contest(campaign=make_campaign(unit=make_federation()))
    now = clock.now()
    for title, hours in (("later", 20), ("sooner", 2), ("middle", 9)):
        make_round(contest=contest, deposited=True, title=title, closes_at=now + timedelta(hours=hours))
    titles = [ticket.title.split(" · ")[1] for ticket in signed_in.get("/").context["tickets"]]
    assert titles == ["sooner", "middle", "later"]


def test_a_running_attempt_stands_before_everything(engine: Engine, signed_in: Client) -> None:
    contest = make_contest(campaign=make_campaign(unit=make_federation()))
    now = clock.now()
    make_round(contest=contest, deposited=True, title="sooner", closes_at=now + timedelta(minutes=5))
    running = make_round(contest=contest, deposited=True, title="running", closes_at=now + timedelta(hours=9))
    start(signed_in, running)
    first = signed_in.get("/").context["tickets"][0]
    assert first.title.endswith("running")
    assert first.action_url == f"/rounds/{running.pk}/attempt/"


def test_a_round_with_no_attempts_left_is_no_ticket(engine: Engine, signed_in: Client) -> None:
    round = make_round(deposited=True, attempts_total=1)
    sit(signed_in, round)
    assert signed_in.get("/").context["tickets"] == []


def test_home_counts_what_was_done(engine: Engine, signed_in: Client, member: Membership) -> None:
    sit(signed_in, make_round(deposited=True, count=2, pass_points=5))
    ingest_ledger(actor=OPERATOR)
    page = signed_in.get("/")
    assert (page.context["attempted"], page.context["passed"]) == (1, 1)


def test_home_takes_the_same_queries_for_one_and_three(
    engine: Engine, signed_in: Client, member: Membership, django_assert_num_queries: Any
) -> None:
    contest = make_contest(campaign=make_campaign(unit=make_federation()))
    for more in (1, 2):
        for _ in range(more):
            start(signed_in, make_round(contest=contest, deposited=True))
        signed_in.get("/")
        with django_assert_num_queries(11):
            page = signed_in.get("/")
        assert len(page.context["tickets"]) == (1 if more == 1 else 3)
    assert MOST_QUERIES >= 10


def test_home_leads_an_organiser_without_membership_to_the_console(client: Client) -> None:
    sign_in(client, make_account(role=Role.ORGANISER))
    page = client.get("/")
    assert page.status_code == 200
    assert "tickets" not in page.context


def test_a_campaign_shows_its_activities(signed_in: Client) -> None:
    campaign = make_campaign(unit=make_federation(), summary="一起学安全")
    make_round(contest=make_contest(campaign=campaign, title="安全竞赛"))
    text = signed_in.get(f"/campaigns/{campaign.number}/").content.decode()
    assert "一起学安全" in text
    assert "安全竞赛" in text


def test_a_campaign_that_is_over_leads_to_its_results(signed_in: Client) -> None:
    campaign = make_campaign(unit=make_federation())
    make_round(contest=make_contest(campaign=campaign))
    end_campaign(actor=OPERATOR, campaign=campaign)
    page = signed_in.get(f"/campaigns/{campaign.number}/")
    assert page.context["over"]


def test_a_draft_of_a_campaign_is_not_found(signed_in: Client) -> None:
    campaign = make_campaign(unit=make_federation(), published=False)
    assert signed_in.get(f"/campaigns/{campaign.number}/").status_code == 404


def test_a_campaign_takes_the_same_queries_for_one_and_three_activities(
    signed_in: Client, django_assert_num_queries: Any
) -> None:
    campaign = make_campaign(unit=make_federation())
    for more in (1, 2):
        for _ in range(more):
            make_round(contest=make_contest(campaign=campaign))
        signed_in.get(f"/campaigns/{campaign.number}/")
        with django_assert_num_queries(6):
            page = signed_in.get(f"/campaigns/{campaign.number}/")
        assert len(page.context["lines"]) == (1 if more == 1 else 3)
