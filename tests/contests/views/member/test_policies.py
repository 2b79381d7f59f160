"""What a member sees of a series: the map, levels that open in turn, what can be reached, what to read first."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from tests.contests.views.member.test_rounds import sit_through
from tests.factories.contests import make_campaign, make_contest, make_round
from tests.factories.units import make_federation

from tradeshall.contests.actions.achievements import AchievementDraft, set_achievements, set_joining
from tradeshall.contests.actions.ledger import deposit_pack, ingest_ledger
from tradeshall.contests.actions.rounds import publish_round
from tradeshall.contests.models import AttemptResult, Entrant
from tradeshall.core import clock
from tradeshall.core.authority import OPERATOR
from tradeshall.people.models import Membership

pytestmark = pytest.mark.django_db(transaction=True)
ENGLISH = {"headers": {"Accept-Language": "en"}}


def levels(**fields: Any) -> tuple[Any, Any]:
    contest = make_contest(campaign=make_campaign(unit=make_federation()))
    first = make_round(contest=contest, deposited=True, pass_points=5, title_en="Level 1", **fields)
    second = make_round(
        contest=contest, deposited=True, opens_after=first, opens_at=first.opens_at, title_en="Level 2"
    )
    return first, second


def test_a_locked_level_says_so_and_cannot_be_begun(engine: Any, signed_in: Client, member: Membership) -> None:
    first, second = levels()
    page = signed_in.get(f"/rounds/{second.pk}/", **ENGLISH).content.decode()
    assert "This level opens once you have passed the one before." in page
    assert "Start now" not in page
    answer = signed_in.post(f"/rounds/{second.pk}/attempt/", {"do": "start"}, **ENGLISH)
    assert answer["Location"] == f"/rounds/{second.pk}/"
    assert signed_in.get(f"/rounds/{second.pk}/attempt/")["Location"] == f"/rounds/{second.pk}/"
    overview = signed_in.get(f"/contests/{first.contest.activity.number}/", **ENGLISH).content.decode()
    assert "Locked" in overview
    home = signed_in.get("/", **ENGLISH).content.decode()
    assert "Level 1" in home
    assert "Level 2" not in home

    # The refused start has entered them into the contest, no more.
    AttemptResult.objects.create(
        round=first,
        entrant=Entrant.objects.get(),
        number=1,
        score_points=5,
        max_points=25,
        time_used_ms=1,
        finished_at=clock.now(),
        leaf="",
    )
    assert "Start now" in signed_in.get(f"/rounds/{second.pk}/", **ENGLISH).content.decode()
    signed_in.post(f"/rounds/{second.pk}/attempt/", {"do": "start"})
    assert signed_in.get(f"/rounds/{second.pk}/attempt/").status_code == 200
    assert "Level 2" in signed_in.get("/", **ENGLISH).content.decode()


def test_the_map_lights_up_and_achievements_are_counted(engine: Any, signed_in: Client, member: Membership) -> None:
    contest = make_contest(campaign=make_campaign(unit=make_federation()))
    first = make_round(contest=contest, published=False)
    set_achievements(
        actor=OPERATOR, contest=contest, achievements=[AchievementDraft("全亮", "rounds", title_en="All lit")]
    )
    first = publish_round(actor=OPERATOR, round=first)
    deposit_pack(actor=OPERATOR, round_id=first.pk)
    make_round(contest=contest, opens_at=clock.now() + timedelta(hours=1))
    url = f"/contests/{contest.activity.number}/"
    before = signed_in.get(url, **ENGLISH)
    assert [card.light for card in before.context["map"]] == ["open", "coming"]
    assert "0/2" in before.content.decode()
    sit_through(signed_in, first)
    ingest_ledger()
    after = signed_in.get(url, **ENGLISH)
    assert [card.light for card in after.context["map"]] == ["lit", "coming"]
    assert after.context["achievements"][0].progress.has == 1
    assert "All lit" in after.content.decode()


def test_material_stands_before_the_rules(engine: Any, signed_in: Client, member: Membership) -> None:
    first, _second = levels()
    type(first).objects.filter(pk=first.pk).update(
        material="第一段 <b>。\n\n第二段。", material_url="https://example.org/film"
    )
    page = signed_in.get(f"/rounds/{first.pk}/", **ENGLISH).content.decode()
    assert "<p>第一段 &lt;b&gt;。</p>" in page
    assert 'href="https://example.org/film"' in page
    assert 'rel="noopener noreferrer"' in page


def test_whoever_comes_too_late_reads_why(engine: Any, signed_in: Client, member: Membership) -> None:
    first = make_round(contest=make_contest(campaign=make_campaign(unit=make_federation())), published=False)
    set_joining(actor=OPERATOR, contest=first.contest, joining_ends_at=clock.now() - timedelta(minutes=1))
    first = publish_round(actor=OPERATOR, round=first)
    for url in (f"/contests/{first.contest.activity.number}/", f"/rounds/{first.pk}/"):
        assert "takes nobody new any more" in signed_in.get(url, **ENGLISH).content.decode()
    assert "Start now" not in signed_in.get(f"/rounds/{first.pk}/", **ENGLISH).content.decode()


def test_members_read_the_same_rules_as_the_organiser(engine: Any, signed_in: Client, member: Membership) -> None:
    first, second = levels()
    page = signed_in.get(f"/contests/{first.contest.activity.number}/rules/", **ENGLISH).content.decode()
    assert "Opens for whoever has passed “Level 1” (5 points)." in page
    own = signed_in.get(f"/rounds/{second.pk}/", **ENGLISH).content.decode()
    assert "Opens for whoever has passed “Level 1” (5 points)." in own


def test_many_rounds_leave_room_for_what_matters_now(engine: Any, signed_in: Client, member: Membership) -> None:
    contest = make_contest(campaign=make_campaign(unit=make_federation()))
    now = clock.now()
    today = make_round(contest=contest, deposited=True)
    later = [
        make_round(contest=contest, opens_at=now + timedelta(days=day), closes_at=now + timedelta(days=day, hours=9))
        for day in range(1, 9)
    ]
    context = signed_in.get(f"/contests/{contest.activity.number}/").context
    assert [card.round for card in context["near"]] == [today, later[0]]
    assert len(context["far"]) == 7
