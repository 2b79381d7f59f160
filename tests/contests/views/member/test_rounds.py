"""What members see before an attempt, and what strangers do not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from tests.contests.views.member.conftest import sign_in
from tests.factories.contests import make_campaign, make_contest, make_entrant, make_round
from tests.factories.people import make_account, make_member
from tests.factories.units import make_family, make_federation

from tradeshall.core import clock
from tradeshall.people.models import Membership

pytestmark = pytest.mark.django_db


def pages_of(round: Any) -> list[str]:
    contest = round.contest.activity.number
    return [
        f"/contests/{contest}/",
        f"/rounds/{round.pk}/",
        f"/rounds/{round.pk}/attempt/",
        f"/rounds/{round.pk}/result/1/",
        f"/rounds/{round.pk}/board/",
        f"/campaigns/{round.contest.activity.campaign.number}/",
    ]


@pytest.mark.parametrize("who", ["sibling", "stranger", "parent", "root"])
def test_show_nothing_to_members_of_other_units(engine: Any, client: Client, who: str) -> None:
    family = make_family()
    round = make_round(unit=family["own"], deposited=True)
    sign_in(client, make_member(unit=family[who], account=make_account()).account)
    assert {path: client.get(path).status_code for path in pages_of(round)} == dict.fromkeys(pages_of(round), 404)
    assert client.post(f"/rounds/{round.pk}/attempt/", {"do": "start"}).status_code == 404


@pytest.mark.parametrize("who", ["own", "child"])
def test_show_a_round_to_members_of_the_unit_and_beneath(engine: Any, client: Client, who: str) -> None:
    family = make_family()
    round = make_round(unit=family["own"], deposited=True)
    sign_in(client, make_member(unit=family[who], account=make_account()).account)
    assert client.get(f"/rounds/{round.pk}/").status_code == 200


def test_ask_who_it_is_before_showing_anything(client: Client) -> None:
    round = make_round()
    for path in ["/", "/contests/", *pages_of(round)]:
        answer = client.get(path)
        assert answer.status_code == 302
        assert "sign-in" in answer["Location"]


def test_show_no_round_to_an_account_without_membership(client: Client) -> None:
    round = make_round()
    sign_in(client, make_account())
    assert {client.get(path).status_code for path in pages_of(round)} == {404}
    assert client.get("/").status_code == 200


def test_hide_drafts(signed_in: Client) -> None:
    round = make_round(published=False)
    assert signed_in.get(f"/rounds/{round.pk}/").status_code == 404


def test_offer_to_start_an_open_round(engine: Any, signed_in: Client) -> None:
    round = make_round(deposited=True, attempts_total=2)
    answer = signed_in.get(f"/rounds/{round.pk}/")
    assert b'value="start"' in answer.content
    assert answer.context["left_total"] == 2


def test_say_when_a_coming_round_opens(engine: Any, signed_in: Client) -> None:
    now = clock.now()
    round = make_round(deposited=True, opens_at=now + timedelta(days=1), closes_at=now + timedelta(days=2))
    answer = signed_in.get(f"/rounds/{round.pk}/")
    assert b'value="start"' not in answer.content
    assert answer.context["phase"] == "coming"


def test_say_why_nothing_can_be_started(engine: Any, signed_in: Client, member: Membership) -> None:
    round = make_round(deposited=True, attempts_total=1)
    sit_through(signed_in, round)
    answer = signed_in.get(f"/rounds/{round.pk}/")
    assert b'value="start"' not in answer.content
    assert answer.context["why_not"]
    assert answer.context["left_total"] == 0


def test_looking_enters_nobody(engine: Any, signed_in: Client, member: Membership) -> None:
    round = make_round(deposited=True)
    signed_in.get(f"/rounds/{round.pk}/")
    signed_in.get(f"/rounds/{round.pk}/attempt/")
    assert not round.contest.entrants.exists()


def test_show_the_rules_without_an_engine(no_engine: None, signed_in: Client, member: Membership) -> None:
    round = make_round()
    make_entrant(contest=round.contest, membership=member)
    answer = signed_in.get(f"/rounds/{round.pk}/")
    assert answer.status_code == 200
    assert not answer.context["standing"].known
    assert b'value="start"' in answer.content


def test_contests_take_the_same_queries_for_one_and_three(
    engine: Any, signed_in: Client, member: Membership, django_assert_num_queries: Any
) -> None:
    campaign = make_campaign(unit=make_federation())
    for more in (1, 2):
        for _ in range(more):
            contest = make_contest(campaign=campaign)
            round = make_round(contest=contest, deposited=True)
            make_entrant(contest=round.contest, membership=member)
        signed_in.get("/contests/")
        with django_assert_num_queries(6):
            answer = signed_in.get("/contests/")
        assert len(answer.context["now"]) == (1 if more == 1 else 3)


def test_a_contest_takes_the_same_queries_for_one_and_three_rounds(
    engine: Any, signed_in: Client, member: Membership, django_assert_num_queries: Any
) -> None:
    contest = make_contest(campaign=make_campaign(unit=make_federation()))
    for more in (1, 2):
        for _ in range(more):
            round = make_round(contest=contest, deposited=True)
        make_entrant(contest=round.contest, membership=member)
        signed_in.get(f"/contests/{contest.activity.number}/")
        with django_assert_num_queries(11):
            answer = signed_in.get(f"/contests/{contest.activity.number}/")
        assert len(answer.context["cards"]) == (1 if more == 1 else 3)


def sit_through(client: Client, round: Any) -> Any:
    """Start an attempt and hand it in empty, by the plain form."""
    client.post(f"/rounds/{round.pk}/attempt/", {"do": "start"})
    page = client.get(f"/rounds/{round.pk}/attempt/")
    form = {"token": page.context["token"], "number": page.context["attempt"]["number"], "do": "submit_anyway"}
    return client.post(f"/rounds/{round.pk}/attempt/", form)
