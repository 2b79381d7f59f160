"""The pages on which a whole contest is set up, published, and bound together."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from tests.factories.contests import make_campaign, make_contest, make_entrant, make_pool, make_round
from tests.factories.people import make_account, make_member
from tests.factories.units import make_unit

from tradeshall.contests.actions.ranking import rank_round
from tradeshall.contests.actions.rounds import close_round
from tradeshall.contests.models import Achievement, Contest, Finalist, Round, Standing, TimeAllowance
from tradeshall.core import clock
from tradeshall.core.authority import OPERATOR, Role

pytestmark = pytest.mark.django_db

DAILY = {
    "title": "安全每日答",
    "title_en": "Safety, day by day",
    "unit": "",
    "first_on": "2026-06-01",
    "days": "5",
    "opens": "08:00",
    "closes": "22:00",
    "weekdays_off": ["5", "6"],
    "count": "5",
    "points": "20",
    "minutes": "10",
}


@pytest.fixture
def unit() -> Any:
    return make_unit()


@pytest.fixture
def organiser(client, unit) -> Any:
    client.force_login(make_account(role=Role.ORGANISER, unit=unit), backend=settings.AUTHENTICATION_BACKENDS[0])
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def tomorrow() -> str:
    return (clock.now() + timedelta(days=2)).date().isoformat()


def test_a_daily_contest_is_drafted_read_and_published(organiser, unit):
    campaign, pool = make_campaign(unit=unit), make_pool(unit=unit, items=12)
    page = organiser.get("/console/contests/new/daily/")
    assert str(campaign.number) in page.content.decode()
    assert f'value="{pool.pk}" id="id_pools_0" checked' in " ".join(page.content.decode().split())
    typed = DAILY | {"campaign": campaign.number, "pools": [pool.pk], "first_on": tomorrow()}
    answer = organiser.post("/console/contests/new/daily/", typed)
    contest = Contest.objects.get()
    assert answer["Location"] == f"/console/contests/{contest.activity.number}/publish/"
    rounds = list(contest.rounds.order_by("position"))
    assert [row.title_en for row in rounds] == [f"Day {number}" for number in range(1, 6)]
    shanghai = ZoneInfo("Asia/Shanghai")
    assert not {row.opens_at.astimezone(shanghai).weekday() for row in rounds} & {5, 6}
    assert {row.opens_at.astimezone(shanghai).hour for row in rounds} == {8}
    assert contest.preset == "daily"
    text = organiser.get(answer["Location"]).content.decode()
    assert "Day 1 to Day 5: 5 rounds alike" in text
    assert "08:00 to 22:00" in text
    organiser.post(answer["Location"], {"when": "now"})
    assert set(contest.rounds.values_list("state", flat=True)) == {"published"}


@pytest.mark.parametrize("preset", ["levels", "exam", "practice"])
def test_the_other_plans_are_drafted_from_their_own_proposals(organiser, unit, preset):
    campaign, pool = make_campaign(unit=unit), make_pool(unit=unit, items=70)
    form = organiser.get(f"/console/contests/new/{preset}/").context["form"]
    proposed = {name: form.initial[name] for name in form.fields if name in form.initial}
    typed = {
        **{name: value for name, value in proposed.items() if isinstance(value, int | str)},
        "campaign": campaign.number,
        "title": "竞赛",
        "pools": [pool.pk],
        "opens_at": proposed["opens_at"].strftime("%Y-%m-%dT%H:%M"),
        "closes_at": proposed["closes_at"].strftime("%Y-%m-%dT%H:%M"),
    }
    answer = organiser.post(f"/console/contests/new/{preset}/", typed)
    assert answer.status_code == 302, answer.context["form"].errors
    assert Round.objects.count() == (5 if preset == "levels" else 1)


def test_a_plan_that_makes_no_sense_keeps_what_was_typed(organiser, unit):
    campaign, pool = make_campaign(unit=unit), make_pool(unit=unit, items=12)
    typed = DAILY | {"campaign": campaign.number, "pools": [pool.pk], "weekdays_off": list("0123456")}
    answer = organiser.post("/console/contests/new/daily/", typed)
    assert answer.status_code == 422
    assert "At least one day of the week" in answer.content.decode()
    assert "安全每日答" in answer.content.decode()
    assert not Contest.objects.exists()


def test_an_unknown_plan_is_not_there(organiser):
    assert organiser.get("/console/contests/new/nonsense/").status_code == 404


def test_a_series_that_is_not_ready_says_which_round(organiser, unit):
    one = make_round(unit=unit, pools=[make_pool(unit=unit, items=2)], published=False, title_en="Day one")
    url = f"/console/contests/{one.contest.activity.number}/publish/"
    assert "too few" not in organiser.get(url).content.decode()
    answer = organiser.post(url, {"when": "now"})
    assert answer.status_code == 422
    assert "cannot be published; so none has been" in answer.content.decode()


def test_achievements_and_joining_are_set_and_then_fixed(organiser, unit):
    one = make_round(unit=unit, published=False)
    number = one.contest.activity.number
    url = f"/console/contests/{number}/achievements/"
    typed = {
        "a0-title": "全勤",
        "a0-title_en": "Every day",
        "a0-kind": "days",
        "a0-least": "3",
        "a1-title": "",
        "a1-kind": "days",
        "a1-least": "20",
        "joining_ends_at": "2026-06-05T08:00",
    }
    assert organiser.post(url, typed)["Location"] == f"/console/contests/{number}/rules/"
    assert [(row.title, row.least) for row in Achievement.objects.all()] == [("全勤", 3)]
    text = organiser.get(f"/console/contests/{number}/rules/").content.decode()
    assert "handed in on 3 days or more" in text
    assert "One may join until" in text
    organiser.post(f"/console/rounds/{one.pk}/publish/")
    answer = organiser.post(url, typed | {"a0-least": "1"})
    assert answer.status_code == 422
    assert "can no longer change" in answer.content.decode()


def test_material_can_be_put_right_after_publication(organiser, unit):
    one = make_round(unit=unit)
    organiser.post(f"/console/rounds/{one.pk}/material/", {"material": "先读这一段。", "material_url": ""})
    one.refresh_from_db()
    assert one.material == "先读这一段。"
    answer = organiser.post(
        f"/console/rounds/{one.pk}/material/", {"material": "", "material_url": "javascript:alert(1)"}
    )
    assert answer.status_code == 422


def test_time_is_granted_by_membership_number_and_taken_back(organiser, unit):
    contest = make_contest(unit=unit)
    member = make_member(unit=unit)
    url = f"/console/contests/{contest.activity.number}/time/"
    stranger = make_member(unit=unit.parent)
    organiser_may_see = organiser.post(url, {"member_no": member.member_no, "percent": "150"})
    assert organiser_may_see.status_code == 302
    assert member.member_no in organiser.get(url).content.decode()
    for nobody in (stranger.member_no, "nobody"):
        answer = organiser.post(url, {"member_no": nobody, "percent": "150"})
        assert answer.status_code == 422
        assert "no current member with this number" in answer.content.decode()
    organiser.post(url, {"withdraw": str(TimeAllowance.objects.get().pk)})
    assert not TimeAllowance.objects.exists()


def test_the_list_of_a_final_is_shown_and_confirmed(organiser, unit):
    contest = make_contest(unit=unit)
    first = make_round(contest=contest)
    final = make_round(
        contest=contest,
        advances_from=first,
        advance_by="top",
        advance_top=1,
        opens_at=first.closes_at,
        closes_at=first.closes_at + timedelta(hours=1),
    )
    entrant = make_entrant(contest=first.contest, membership=make_member(unit=unit))
    url = f"/console/rounds/{final.pk}/finalists/"
    assert "Not yet" in organiser.get(url).content.decode()
    close_round(actor=OPERATOR, round=first)
    Standing.objects.create(
        round=first,
        entrant=entrant,
        unit=unit,
        attempt_number=1,
        attempts_count=1,
        score_points=5,
        time_used_ms=1,
        finished_at=clock.now(),
    )
    rank_round(actor=OPERATOR, round=first)
    assert str(entrant.number) in organiser.get(url).content.decode()
    assert organiser.post(url).status_code == 302
    assert "The list is confirmed" in organiser.get(url).content.decode()
    assert organiser.post(url).status_code == 422


def test_every_knob_is_on_the_form_and_in_the_rules(organiser, unit):
    contest = make_contest(unit=unit)
    first = make_round(contest=contest, title="初赛", title_en="Preliminary", pass_points=10, published=False)
    typed = {
        "title": "决赛",
        "opens_at": (first.closes_at + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M"),
        "closes_at": (first.closes_at + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M"),
        "time_limit_minutes": "10",
        "grace_seconds": "60",
        "attempts_per_day": "3",
        "attempts_total": "0",
        "counting": "capped",
        "cap_per_day": "40",
        "cap_total": "200",
        "tie_break_1": "fewer_attempts",
        "tie_break_2": "time_used",
        "tie_break_3": "",
        "rank_style": "lot",
        "opens_after": str(first.pk),
        "advance_by": "top_of_units",
        "advances_from": str(first.pk),
        "advance_top": "3",
        "advance_depth": "2",
        "advance_points": "",
        "pass_points": "0",
        "results": "after_review",
        "review": "never",
        "exposure_cap_percent": "50",
    }
    answer = organiser.post(f"/console/contests/{contest.activity.number}/rounds/new/", typed)
    assert answer.status_code == 302, answer.context["form"].errors
    one = Round.objects.get(title="决赛")
    text = organiser.get(f"/console/rounds/{one.pk}/").content.decode()
    for words in (
        "to at most 40 points a day and 200 in all",
        "equal scores by fewer attempts, then less time used",
        "No rank is shared",
        "Opens for whoever has passed “Preliminary” (10 points).",
        "The best 3 of each unit on level 2 of the tree in “Preliminary”",
        "when an organiser releases them",
        "Right answers are never shown.",
    ):
        assert words in text, words
    # the form shows what is stored
    form = organiser.get(f"/console/rounds/{one.pk}/edit/").context["form"]
    assert form["opens_after"].value() == str(first.pk)
    assert form["cap_total"].value() == 200


@pytest.mark.parametrize("rows", [1, 3])
def test_queries_of_the_rules(rows, organiser, unit, django_assert_num_queries):
    contest = make_contest(unit=unit)
    for _ in range(rows):
        make_round(contest=contest, published=False)
    organiser.get("/console/")
    for page in ("rules", "publish"):
        with django_assert_num_queries(RULES if page == "rules" else PUBLISH):
            organiser.get(f"/console/contests/{contest.activity.number}/{page}/")


RULES = 8
PUBLISH = 13


@pytest.mark.parametrize("rows", [1, 3])
def test_queries_of_time(rows, organiser, unit, django_assert_num_queries):
    contest = make_contest(unit=unit)
    for _ in range(rows):
        TimeAllowance.objects.create(contest=contest, membership=make_member(unit=unit), percent=150)
    organiser.get("/console/")
    with django_assert_num_queries(TIME):
        organiser.get(f"/console/contests/{contest.activity.number}/time/")


TIME = 6


@pytest.mark.parametrize("rows", [1, 3])
def test_queries_of_a_list(rows, organiser, unit, django_assert_num_queries):
    first = make_round(unit=unit)
    final = make_round(
        contest=first.contest,
        advances_from=first,
        advance_by="points",
        advance_points=1,
        opens_at=first.closes_at,
        closes_at=first.closes_at + timedelta(hours=1),
    )
    for _ in range(rows):
        entrant = make_entrant(contest=first.contest, membership=make_member(unit=unit))
        Finalist.objects.create(round=final, entrant=entrant, rank=1)
    Round.objects.filter(pk=final.pk).update(advanced_at=clock.now())
    organiser.get("/console/")
    with django_assert_num_queries(LIST):
        organiser.get(f"/console/rounds/{final.pk}/finalists/")


LIST = 8
