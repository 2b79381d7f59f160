"""What units above run, as the organiser beneath sees it: numbers of one's own members, and nothing of others."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from tests.factories.contests import make_campaign, make_contest, make_entrant, make_pool, make_round
from tests.factories.people import make_account, make_member
from tests.factories.units import make_family, make_grant, make_unit

from tradeshall.contests.actions.tallies import rebuild_tallies
from tradeshall.contests.models import AttemptResult, Round, Standing
from tradeshall.contests.queries import following
from tradeshall.core import clock
from tradeshall.core.authority import OPERATOR, Role
from tradeshall.units.enums import UnitKind

pytestmark = pytest.mark.django_db

DESK = 17
FOLLOW = 14
CONTEST_LIST = 6
CONTEST_SHOW = 9
CAMPAIGN_LIST = 6
CAMPAIGN_SHOW = 7


@pytest.fixture
def family() -> dict[str, Any]:
    return make_family()


def as_role(role: Role, unit: Any) -> Client:
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    account = make_account(role=role, unit=unit)
    client.force_login(account, backend=settings.AUTHENTICATION_BACKENDS[0])
    client.get("/console/")  # what is cached once a process is cached now
    return client


def take_part(one: Round, unit: Any, members: int, taking_part: int) -> None:
    for place in range(members):
        member = make_member(unit=unit, name=f"某某{unit.pk}号{place}")
        if place < taking_part:
            entrant = make_entrant(contest=one.contest, membership=member)
            scored = {"score_points": 5, "time_used_ms": 60_000, "finished_at": clock.now()}
            AttemptResult.objects.create(
                round=one, entrant=entrant, number=1, max_points=100, leaf="0" * 64, **scored
            )
            Standing.objects.create(
                round=one, entrant=entrant, unit=unit, attempt_number=2, attempts_count=2, **scored
            )
    rebuild_tallies(one.pk)


def text_of(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, url
    main = re.search(r"<main.*</main>", answer.content.decode(), re.DOTALL)
    assert main
    return " ".join(re.sub(r"<[^>]+>", " ", main[0]).split())


def test_the_desk_shows_what_is_run_above_for_ones_members(family):
    one = make_round(unit=family["root"], title="初赛", title_en="Preliminary")
    take_part(one, family["own"], 4, 3)
    take_part(one, family["sibling"], 5, 5)
    client = as_role(Role.ORGANISER, family["own"])

    page = client.get("/console/")

    assert [(row.taking_part, row.members, row.state_label) for row in page.context["followed"]] == [
        (3, 4, "Open now")
    ]
    assert page.context["followed"][0].title.endswith(": Preliminary")
    figures = {figure.label: figure.value for figure in page.context["figures"]}
    assert figures == {"Took part today": 3, "Members": 4, "Running campaigns": 1, "Open rounds": 1}
    assert "3 of 4" in text_of(client, "/console/")


def test_a_round_that_is_over_leads_to_its_figures_for_a_while(family):
    make_round(unit=family["root"], closed=True)
    client = as_role(Role.ORGANISER, family["own"])

    assert [row.action_label for row in client.get("/console/").context["followed"]] == ["See the figures"]
    with clock.set_to(clock.now() + timedelta(days=20)):
        assert as_role(Role.ORGANISER, family["own"]).get("/console/").context["followed"] == []


def test_drafts_and_what_lies_beside_are_not_followed(family):
    make_round(unit=family["root"], published=False)
    make_round(unit=family["sibling"])
    make_round(unit=family["own"])
    make_round(unit=family["child"])
    account = make_account(role=Role.ORGANISER, unit=family["own"])

    assert list(following.rounds_followed_by(account)) == []
    assert list(following.rounds_followed_by(OPERATOR)) == []


def test_a_role_within_one_campaign_follows_that_campaign_alone(family):
    mine, other = make_round(unit=family["root"]), make_round(unit=family["root"])
    account = make_account()
    make_grant(account, Role.ORGANISER, family["own"], campaign_number=mine.campaign_number)

    assert list(following.rounds_followed_by(account)) == [mine]
    assert following.paths_beneath(account, mine) == [family["own"].path]
    assert following.paths_beneath(account, other) == []


def test_item_editors_follow_nothing(family):
    one = make_round(unit=family["root"])
    client = as_role(Role.ITEM_EDITOR, family["own"])

    assert client.get("/console/").context["followed"] == []
    assert client.get(f"/console/rounds/{one.pk}/follow/").status_code == 404
    assert client.get(f"/console/campaigns/{one.campaign_number}/").status_code == 404


def test_a_unit_sees_its_own_exact_figures_and_pools_the_small_ones_beneath(family):
    own = family["own"]
    large, small, tiny = (make_unit(parent=own, name=name, kind=UnitKind.GROUP) for name in ("大组", "小组", "微组"))
    one = make_round(unit=family["root"])
    take_part(one, large, 31, 10)
    take_part(one, small, 29, 20)
    take_part(one, tiny, 3, 1)
    take_part(one, family["sibling"], 40, 37)

    client = as_role(Role.AUDITOR, own)
    url = f"/console/rounds/{one.pk}/follow/"
    text = text_of(client, url)

    assert [unit["members"] for unit in client.get(url).context["units"]] == [63]
    assert "31 of 63" in text
    assert "大组 10 31 32% 20" in text
    assert "Smaller units together 21 32 65% 42" in text
    assert "小组" not in text
    assert "微组" not in text
    assert family["sibling"].name not in text


def test_one_small_unit_is_never_alone_in_the_pool_beside_a_shown_one(family):
    large, small = (make_unit(parent=family["own"], name=name, kind=UnitKind.GROUP) for name in ("大组", "小组"))
    one = make_round(unit=family["root"])
    take_part(one, large, 31, 11)
    take_part(one, small, 5, 2)

    text = text_of(as_role(Role.ORGANISER, family["own"]), f"/console/rounds/{one.pk}/follow/")

    assert "Smaller units together 13 36 36% 26" in text
    assert "大组" not in text


def test_each_of_ones_units_has_its_own_figures(family):
    one = make_round(unit=family["root"])
    take_part(one, family["own"], 4, 1)
    take_part(one, family["stranger"], 5, 2)
    account = make_account(role=Role.ORGANISER, unit=family["own"])
    make_grant(account, Role.AUDITOR, family["stranger"])
    make_grant(account, Role.AUDITOR, family["child"])  # within the first, and not counted twice
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(account, backend=settings.AUTHENTICATION_BACKENDS[0])

    text = text_of(client, f"/console/rounds/{one.pk}/follow/")

    assert "1 of 4" in text
    assert "2 of 5" in text
    assert family["child"].name not in text
    assert "3 of 9" in text_of(client, "/console/")


def test_nobody_is_named(family):
    one = make_round(unit=family["root"])
    take_part(one, family["own"], 12, 6)
    client = as_role(Role.ORGANISER, family["own"])

    number = one.contest.activity.number
    pages = ("", "campaigns/", "contests/", f"contests/{number}/", f"campaigns/{one.campaign_number}/")
    for page in (*pages, f"rounds/{one.pk}/follow/"):
        assert "某某" not in client.get(f"/console/{page}").content.decode()


def test_the_place_shows_once_the_rules_show_results(family):
    at_once = make_round(unit=family["root"], results="at_once")
    later = make_round(unit=family["root"], results="after_round")
    for one in (at_once, later):
        take_part(one, family["own"], 30, 12)
    client = as_role(Role.ORGANISER, family["own"])

    assert "Place among units of its kind 1 / 1" in text_of(client, f"/console/rounds/{at_once.pk}/follow/")
    assert "Place among units" not in text_of(client, f"/console/rounds/{later.pk}/follow/")


def test_the_board_is_offered_to_those_who_may_open_it(family):
    one = make_round(unit=family["root"])
    client = as_role(Role.ORGANISER, family["own"])
    url = f"/console/rounds/{one.pk}/follow/"
    assert f"/rounds/{one.pk}/board/" not in client.get(url).content.decode()

    account = make_account(role=Role.ORGANISER, unit=family["own"])
    make_member(unit=family["own"], account=account)
    client.force_login(account, backend=settings.AUTHENTICATION_BACKENDS[0])
    assert f"/rounds/{one.pk}/board/" in client.get(url).content.decode()
    assert client.get(f"/rounds/{one.pk}/board/").status_code == 200


def test_what_is_swapped_in_equals_a_reload(family):
    one = make_round(unit=family["root"])
    take_part(one, family["child"], 40, 12)
    client = as_role(Role.ORGANISER, family["own"])
    url = f"/console/rounds/{one.pk}/follow/"

    with clock.set_to(clock.now()):
        answer = client.get(url)
        part = client.get(url, headers={"HX-Request": "true", "HX-Request-Type": "partial"}).content.decode()

    body = answer.content.decode()
    live = re.search(r'<div class="live"[^>]*>(.*?)</div>\s*<div class="section-head">\s*<h2>Rules', body, re.DOTALL)
    assert live
    assert " ".join(part.split()) == " ".join(live[1].split())
    assert "<main" not in part
    assert "HX-Request-Type" in answer.headers["Vary"]


def test_a_round_that_is_over_is_not_asked_for_again(family):
    client = as_role(Role.ORGANISER, family["own"])
    running, over = make_round(unit=family["root"]), make_round(unit=family["root"], closed=True)

    assert "hx-trigger" in client.get(f"/console/rounds/{running.pk}/follow/").content.decode()
    assert "hx-trigger" not in client.get(f"/console/rounds/{over.pk}/follow/").content.decode()


def test_questions_and_changes_are_not_offered(family):
    one = make_round(unit=family["root"])
    client = as_role(Role.ADMINISTRATOR, family["own"])
    number = one.contest.activity.number

    for page in (f"rounds/{one.pk}/follow/", f"contests/{number}/", f"campaigns/{one.campaign_number}/"):
        body = client.get(f"/console/{page}").content.decode()
        for verb in ("edit", "publish", "blueprint", "paper", "export", "close", "end"):
            assert f"/{verb}/" not in body, (page, verb)
    assert "5 questions, 25 points in all." in text_of(client, f"/console/rounds/{one.pk}/follow/")


def test_a_campaign_from_above_lists_what_is_meant_for_ones_members(family):
    campaign = make_campaign(unit=family["root"])
    made = {side: make_contest(campaign=campaign, unit=family[side]) for side in ("root", "own", "sibling")}
    pool = make_pool(unit=family["root"], items=10)
    draft = make_contest(campaign=campaign, unit=family["root"])
    for contest in made.values():
        make_round(contest=contest, pools=[pool])

    body = as_role(Role.ORGANISER, family["own"]).get(f"/console/campaigns/{campaign.number}/").content.decode()

    assert made["root"].activity.number in body
    assert made["own"].activity.number in body
    assert made["sibling"].activity.number not in body
    assert draft.activity.number not in body


def test_lists_name_what_is_run_above_apart(family):
    one = make_round(unit=family["root"])
    client = as_role(Role.ORGANISER, family["own"])

    for page, number in (("campaigns", one.campaign_number), ("contests", one.contest.activity.number)):
        text = text_of(client, f"/console/{page}/")
        assert text.index("Run above you") < text.index(number)
        assert number not in text_of(client, f"/console/{page}/?q=nothing")
        assert "Run above you" not in text_of(as_role(Role.ORGANISER, family["root"]), f"/console/{page}/")


def rounds_above(family: dict[str, Any], rows: int) -> list[Round]:
    pool = make_pool(unit=family["root"], items=10)
    contest = make_contest(unit=family["root"])
    return [make_round(contest=contest, pools=[pool]) for _ in range(rows)]


@pytest.mark.parametrize("rows", [1, 3])
def test_queries_of_the_desk(rows, family, django_assert_num_queries):
    for one in rounds_above(family, rows):
        take_part(one, family["own"], 2, 1)
    client = as_role(Role.ORGANISER, family["own"])

    with django_assert_num_queries(DESK):
        client.get("/console/")


@pytest.mark.parametrize("rows", [1, 3])
def test_queries_of_a_round_followed(rows, family, django_assert_num_queries):
    for _ in range(rows):
        make_unit(parent=family["own"], kind=UnitKind.GROUP)
    one = make_round(unit=family["root"])
    client = as_role(Role.ORGANISER, family["own"])

    with django_assert_num_queries(FOLLOW):
        client.get(f"/console/rounds/{one.pk}/follow/")


@pytest.mark.parametrize("rows", [1, 3])
def test_queries_of_a_contest_followed(rows, family, django_assert_num_queries):
    one = rounds_above(family, rows)[0]
    client = as_role(Role.ORGANISER, family["own"])

    with django_assert_num_queries(CONTEST_SHOW):
        client.get(f"/console/contests/{one.contest.activity.number}/")


@pytest.mark.parametrize("rows", [1, 3])
def test_queries_of_lists_and_of_a_campaign_followed(rows, family, django_assert_num_queries):
    campaign = make_campaign(unit=family["root"])
    pool = make_pool(unit=family["root"], items=10)
    for _ in range(rows):
        make_campaign(unit=family["root"])
        make_round(contest=make_contest(campaign=campaign), pools=[pool])
    client = as_role(Role.ORGANISER, family["own"])

    with django_assert_num_queries(CONTEST_LIST):
        client.get("/console/contests/")
    with django_assert_num_queries(CAMPAIGN_LIST):
        client.get("/console/campaigns/")
    with django_assert_num_queries(CAMPAIGN_SHOW):
        client.get(f"/console/campaigns/{campaign.number}/")
