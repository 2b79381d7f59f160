"""Setting up a contest by hand: what is stored, what is refused, what of the typing is kept."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from tests.factories.contests import make_campaign, make_contest, make_item, make_pool, make_round
from tests.factories.items import OTHER_FORMS
from tests.factories.people import make_account
from tests.factories.units import make_unit

from tradeshall.campaigns.models import Campaign
from tradeshall.contests.actions.bank import create_item
from tradeshall.contests.actions.rounds import edit_round
from tradeshall.contests.enums import ItemState, RoundState
from tradeshall.contests.models import Contest, Round
from tradeshall.core import clock
from tradeshall.core.authority import OPERATOR, Role

pytestmark = pytest.mark.django_db

RULES = {
    "title": "初赛",
    "title_en": "Preliminary",
    "opens_at": "2026-05-05T09:00",
    "closes_at": "2026-05-20T18:00",
    "time_limit_minutes": "7.5",
    "grace_seconds": "60",
    "attempts_per_day": "2",
    "attempts_total": "6",
    "counting": "best",
    "tie_break_1": "time_used",
    "tie_break_2": "earlier_finish",
    "tie_break_3": "",
    "pass_points": "0",
    "results": "at_once",
    "review": "after_round",
    "shuffle_options": "on",
    "exposure_cap_percent": "50",
}


@pytest.fixture
def unit() -> Any:
    return make_unit()


@pytest.fixture
def organiser(client, unit) -> Any:
    client.force_login(make_account(role=Role.ORGANISER, unit=unit), backend=settings.AUTHENTICATION_BACKENDS[0])
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def seen_on(page: Any) -> str:
    return re.search(r'name="seen" value="(\w+)"', page.content.decode())[1]  # type: ignore[index]


def figures(check: Any) -> list[str]:
    row = check.content.decode().split("<tbody>")[1].split("</tr>")[0]
    return [re.sub(r"<.*?>", "", cell).strip() for cell in re.findall(r'<td class="n">(.*?)</td>', row, re.DOTALL)]


def section(pool: Any, key: int = 0, **fields: Any) -> dict[str, Any]:
    values = {
        "title": "",
        "pools": [pool.pk],
        "forms_": [],
        "tags": "",
        "difficulty_from": 1,
        "difficulty_to": 5,
        "count": 5,
        "points": 10,
        "scoring": "all_or_nothing",
        **fields,
    }
    return {f"s{key}-{name}": value for name, value in values.items()}


def test_a_contest_is_set_up_from_nothing(organiser, unit):
    today = clock.now().date()
    pool = make_pool(unit=unit, items=20)
    organiser.post(
        "/console/campaigns/new/",
        {"unit": unit.code, "title": "安康杯", "starts_on": today, "ends_on": today + timedelta(days=30)},
    )
    campaign = Campaign.objects.get()
    organiser.post(f"/console/campaigns/{campaign.number}/publish/")
    organiser.post("/console/contests/new/", {"campaign": campaign.number, "title": "知识竞赛"})
    contest = Contest.objects.get()
    window = {
        "opens_at": f"{today + timedelta(days=1)}T09:00",
        "closes_at": f"{today + timedelta(days=9)}T18:00",
    }
    made = organiser.post(f"/console/contests/{contest.activity.number}/rounds/new/", {**RULES, **window})
    one = Round.objects.get()
    assert made.headers["location"] == f"/console/rounds/{one.pk}/blueprint/"
    organiser.post(made.headers["location"], {"action": "save", "section": "0", **section(pool)})
    assert one.sections.get().points == 10

    published = organiser.post(f"/console/rounds/{one.pk}/publish/")

    one.refresh_from_db()
    assert published.status_code == 302
    assert one.state == RoundState.PUBLISHED.value
    assert one.pack.content_hash in organiser.get(f"/console/rounds/{one.pk}/").content.decode()


def test_rules_are_stored_in_the_federations_zone_and_in_seconds(organiser, unit):
    contest = make_contest(unit=unit)

    organiser.post(f"/console/contests/{contest.activity.number}/rounds/new/", RULES)

    one = Round.objects.get()
    assert one.opens_at == datetime(2026, 5, 5, 1, 0, tzinfo=UTC)
    assert one.time_limit_seconds == 450
    assert one.tie_breaks == ["score", "time_used", "earlier_finish"]


def test_an_odd_time_limit_survives_an_edit_of_something_else(organiser, unit):
    one = edit_round(actor=OPERATOR, round=make_round(unit=unit, published=False), time_limit_seconds=100)
    page = organiser.get(f"/console/rounds/{one.pk}/edit/")
    shown = page.context["form"]["time_limit_minutes"].value()

    organiser.post(f"/console/rounds/{one.pk}/edit/", {**RULES, "time_limit_minutes": str(shown), "title": "复赛"})

    one.refresh_from_db()
    assert (one.title, one.time_limit_seconds) == ("复赛", 100)


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("closes_at", "2026-05-04T09:00", "A round must close after it opens."),
        ("time_limit_minutes", "0", "0.2"),
        ("tie_break_2", "time_used", "This is already used above."),
        ("attempts_per_day", "7", "There cannot be more attempts a day than in all."),
    ],
)
def test_refused_rules_keep_what_was_typed(field, value, sentence, organiser, unit):
    contest = make_contest(unit=unit)
    typed = {**RULES, "title": "我打的字", field: value}

    answer = organiser.post(f"/console/contests/{contest.activity.number}/rounds/new/", typed)

    body = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in body
    assert "我打的字" in body
    assert "<title>Error:" in body
    assert not Round.objects.exists()


def test_a_gap_among_tie_breaks_is_refused(organiser, unit):
    contest = make_contest(unit=unit)

    answer = organiser.post(
        f"/console/contests/{contest.activity.number}/rounds/new/",
        {**RULES, "tie_break_1": "", "tie_break_2": "time_used"},
    )

    assert answer.status_code == 422


def test_an_edit_by_somebody_else_is_shown_and_nothing_is_lost(organiser, unit):
    one = make_round(unit=unit, published=False, title="初赛")
    url = f"/console/rounds/{one.pk}/edit/"
    page = organiser.get(url)
    typed = {**RULES, "title": "我的题目", "seen": seen_on(page)}
    edit_round(actor=OPERATOR, round=one, title="别人的题目")

    first = organiser.post(url, typed)
    second = organiser.post(url, {**typed, "seen": seen_on(first)})

    body = first.content.decode()
    assert first.status_code == 422
    assert "别人的题目" in body
    assert "我的题目" in body
    assert second.status_code == 302
    one.refresh_from_db()
    assert one.title == "我的题目"


def test_a_published_round_is_not_edited(organiser, unit):
    one = make_round(unit=unit)

    answer = organiser.post(f"/console/rounds/{one.pk}/edit/", {**RULES, "title": "改了"})

    assert answer.status_code == 422
    one.refresh_from_db()
    assert one.title != "改了"


def test_sections_are_added_moved_and_removed_without_being_stored(organiser, unit):
    pool = make_pool(unit=unit, items=10)
    one = make_round(unit=unit, pools=[pool], published=False)
    url = f"/console/rounds/{one.pk}/blueprint/"
    typed = {"section": ["0", "1"], **section(pool, 0, title="甲"), **section(pool, 1, title="乙")}

    added = organiser.post(url, {**typed, "action": "add"})
    moved = organiser.post(url, {**typed, "action": "up 1"})
    removed = organiser.post(url, {**typed, "action": "remove 0"})

    assert [form["title"].value() for form in added.context["blueprint"].forms] == ["甲", "乙", None]
    assert [form["title"].value() for form in moved.context["blueprint"].forms] == ["乙", "甲"]
    assert [form["title"].value() for form in removed.context["blueprint"].forms] == ["乙"]
    assert {answer.status_code for answer in (added, moved, removed)} == {200}
    assert one.sections.count() == 1


def test_an_incomplete_section_is_refused_and_kept(organiser, unit):
    pool = make_pool(unit=unit, items=10)
    one = make_round(unit=unit, pools=[pool], published=False)

    answer = organiser.post(
        f"/console/rounds/{one.pk}/blueprint/",
        {"action": "save", "section": "0", **section(pool, title="火灾", count="")},
    )

    assert answer.status_code == 422
    assert "火灾" in answer.content.decode()
    assert '<a href="#id_s0-count">Section A: Enter “Questions”.</a>' in answer.content.decode()
    assert one.sections.get().title == ""


def test_a_blueprint_changed_by_somebody_else_is_not_overwritten_unseen(organiser, unit):
    pool = make_pool(unit=unit, items=10)
    one = make_round(unit=unit, pools=[pool], published=False)
    url = f"/console/rounds/{one.pk}/blueprint/"
    seen = seen_on(organiser.get(url))
    organiser.post(url, {"action": "save", "section": "0", "seen": seen, **section(pool, count=3)})

    answer = organiser.post(url, {"action": "save", "section": "0", "seen": seen, **section(pool, count=4)})

    assert answer.status_code == 422
    assert one.sections.get().count == 3


def test_a_pool_of_a_sibling_cannot_be_drawn_from(organiser, unit):
    mine, other = make_pool(unit=unit, items=10), make_pool(unit=make_unit(), items=10)
    one = make_round(unit=unit, pools=[mine], published=False)
    url = f"/console/rounds/{one.pk}/blueprint/"

    answer = organiser.post(url, {"action": "save", "section": "0", **section(other)})

    assert answer.status_code == 422
    assert other.name not in organiser.get(url).content.decode()


def test_the_check_counts_what_is_there_and_says_what_is_missing(organiser, unit):
    pool = make_pool(unit=unit, items=8)
    make_item(pool=pool, difficulty=5)
    draft = make_item(pool=pool)
    draft.state = ItemState.DRAFT.value
    draft.save()
    one = make_round(unit=unit, pools=[pool], count=2, published=False)
    url = f"/console/rounds/{one.pk}/blueprint/check/"

    enough = organiser.post(url, {"section": "0", **section(pool, count=4)})
    too_many = organiser.post(url, {"section": "0", **section(pool, count=20)})
    narrow = organiser.post(url, {"section": "0", **section(pool, count=1, difficulty_from=5)})

    assert figures(enough) == ["4", "9", "45%", "40"]
    assert "There are questions enough" in enough.content.decode()
    assert "20 items are to be drawn, but only 9" in too_many.content.decode()
    assert figures(narrow) == ["1", "1", "100%", "10"]
    assert "Cannot be published like this" in narrow.content.decode()
    assert one.sections.get().count == 2


def test_publication_is_refused_in_words(organiser, unit):
    contest = make_contest(campaign=make_campaign(unit=unit, published=False))
    pool = make_pool(unit=unit, items=6)
    one = make_round(contest=contest, pools=[pool], count=5, published=False)

    looked = organiser.get(f"/console/rounds/{one.pk}/publish/")
    answer = organiser.post(f"/console/rounds/{one.pk}/publish/")

    assert "Publish and seal" not in looked.content.decode()
    assert answer.status_code == 422
    assert "Publish the campaign first." in answer.content.decode()
    one.refresh_from_db()
    assert one.state == RoundState.DRAFT.value


def test_a_round_is_closed_early_with_a_reason(organiser, unit):
    one = make_round(unit=unit)

    organiser.post(f"/console/rounds/{one.pk}/close/", {"reason": "停电"})
    again = organiser.post(f"/console/rounds/{one.pk}/close/", {"reason": "停电"})

    one.refresh_from_db()
    assert one.state == RoundState.CLOSED.value
    assert again.status_code == 422


def test_results_held_back_are_released_once(organiser, unit):
    one = make_round(unit=unit, results="after_review", closed=True)
    assert "Release the results" in organiser.get(f"/console/rounds/{one.pk}/").content.decode()

    organiser.post(f"/console/rounds/{one.pk}/release/")

    one.refresh_from_db()
    assert one.released_at is not None
    assert "Release the results" not in organiser.get(f"/console/rounds/{one.pk}/").content.decode()


def test_an_organiser_hangs_a_contest_on_a_campaign_from_above(organiser, unit):
    above = make_campaign(unit=unit.parent)
    make_campaign(unit=make_unit(), title="别处的专题")

    page = organiser.get("/console/contests/new/")
    organiser.post("/console/contests/new/", {"campaign": above.number, "unit": unit.code, "title": "自选动作"})

    assert "别处的专题" not in page.content.decode()
    assert Contest.objects.get().activity.unit == unit


def test_a_campaign_that_ends_before_it_starts_is_refused(organiser, unit):
    typed = {
        "unit": unit.code,
        "title": "倒着走",
        "starts_on": date(2026, 5, 2).isoformat(),
        "ends_on": date(2026, 5, 1).isoformat(),
    }

    answer = organiser.post("/console/campaigns/new/", typed)

    assert answer.status_code == 422
    assert "倒着走" in answer.content.decode()
    assert not Campaign.objects.exists()


def test_a_campaign_is_ended_and_its_activities_close(organiser, unit):
    one = make_round(unit=unit)
    campaign = one.contest.activity.campaign

    organiser.post(f"/console/campaigns/{campaign.number}/end/", {"reason": "完成"})

    campaign.refresh_from_db()
    assert campaign.state == "ended"
    assert organiser.get(f"/console/campaigns/{campaign.number}/end/").status_code == 200
    assert organiser.post(f"/console/campaigns/{campaign.number}/end/", {}).status_code == 422


@pytest.mark.parametrize("number", ["²", "9" * 30, "9" * 5000])
def test_sections_that_cannot_be_are_passed_over(organiser, unit, number):
    one = make_round(unit=unit, published=False)
    typed = {"section": [number, "0"], "action": f"remove {number}"}
    assert organiser.post(f"/console/rounds/{one.pk}/blueprint/", typed).status_code == 200


def test_a_sample_paper_gives_no_answers_away_that_the_bank_does_not(organiser, unit):
    above = make_pool(unit=unit.parent)
    make_item(pool=above, stem="上级的题", explanation="解析甲")
    own = make_pool(unit=unit)
    make_item(pool=own, stem="自己的题", explanation="解析乙")
    one = make_round(unit=unit, pools=[above, own], count=2, published=False)

    cards = {line["shown"].stem: line["shown"] for line in paper_of(organiser, one)}

    assert len(cards["上级的题"].right) == 0
    assert cards["上级的题"].explanation == ""
    assert len(cards["自己的题"].right) == 1
    assert cards["自己的题"].explanation == "解析乙"


def test_a_sample_paper_gives_no_answers_of_the_other_forms_away_either(organiser, unit):
    above, own = make_pool(unit=unit.parent), make_pool(unit=unit)
    for pool in (above, own):
        for draft in OTHER_FORMS:
            create_item(actor=OPERATOR, pool=pool, item=draft)
    one = make_round(unit=unit, pools=[above], count=4, published=False)
    for line in paper_of(organiser, one):
        shown = line["shown"]
        assert [list(part) for part in (shown.given, shown.right, shown.accepted, shown.also_right)] == [[]] * 4
    page = organiser.get(f"/console/rounds/{one.pk}/paper/").content.decode()
    assert 'class="gap ' in page
    assert not any(answer in page for answer in ("日内瓦", "瑞士", "2.99", "±1%"))

    one = make_round(unit=unit, pools=[own], count=4, published=False)
    assert all(line["shown"].given for line in paper_of(organiser, one))
    page = organiser.get(f"/console/rounds/{one.pk}/paper/").content.decode()
    assert all(answer in page for answer in ("日内瓦", "瑞士", "2.99", "±1%"))


def test_a_sample_paper_has_its_options_in_an_order_of_its_own(organiser, unit):
    one = make_round(unit=unit, count=1, published=False)
    found = {(tuple(card.options), card.options[card.right[0]]) for card in sampled(organiser, one)}
    assert len({texts for texts, _ in found}) > 1
    assert len({right for _, right in found}) == 1  # wherever it stands, the right answer is the same text

    one.shuffle_options = False
    one.save()
    assert len({tuple(card.options) for card in sampled(organiser, one)}) == 1


def sampled(client: Any, one: Round) -> Any:
    papers = [paper_of(client, one) for _ in range(40)]
    stem = papers[0][0]["shown"].stem
    return [line["shown"] for paper in papers for line in paper if line["shown"].stem == stem]


def paper_of(client: Any, one: Round) -> Any:
    return client.get(f"/console/rounds/{one.pk}/paper/").context["papers"][0]["lines"]


@pytest.mark.parametrize("moment", ["0001-01-01T00:00", "9999-12-31T23:59"])
@pytest.mark.parametrize("field", ["opens_at", "closes_at"])
def test_moments_that_no_clock_shows_are_refused(organiser, unit, field, moment):
    contest = make_contest(unit=unit)
    url = f"/console/contests/{contest.activity.number}/rounds/new/"
    assert organiser.post(url, RULES | {field: moment}).status_code == 422


@pytest.mark.parametrize("key", ["²", "9" * 30, "x"])
def test_pools_that_cannot_be_are_refused(organiser, unit, key):
    one = make_round(unit=unit, published=False)
    typed = {"section": "0", **section(make_pool(unit=unit)), "s0-pools": [key], "action": "save"}
    assert organiser.post(f"/console/rounds/{one.pk}/blueprint/", typed).status_code == 422
