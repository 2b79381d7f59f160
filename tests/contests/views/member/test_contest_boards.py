"""The boards of a whole contest as members see them."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from tests.contests.views.member.conftest import sign_in
from tests.contests.views.member.test_results import sit
from tests.factories.boards import again, make_board, take_part
from tests.factories.contests import make_contest, make_round
from tests.factories.ledgers import Writer
from tests.factories.people import make_account, make_member
from tests.factories.units import make_unit

from tradeshall.contests.actions import board_keeping, boards
from tradeshall.contests.actions.ledger import ingest_ledger
from tradeshall.contests.models import Contest
from tradeshall.contests.tasks import keep_boards, keep_rounds
from tradeshall.core import clock
from tradeshall.core.authority import OPERATOR

pytestmark = pytest.mark.django_db


@pytest.fixture
def contest() -> Contest:
    make_unit()
    return make_contest()


def text_of(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def as_member(client: Client, who: Any) -> Client:
    membership = getattr(who, "membership", who)
    membership.account = make_account()
    membership.save()
    sign_in(client, membership.account)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def test_a_board_says_how_it_counts_and_how_my_unit_came_to_its_points(
    client: Client, writer: Writer, contest: Contest
) -> None:
    board = make_board(contest=contest, weights={"rate": 50, "mean": 50})
    round = make_round(contest=contest)
    mine, better = make_unit(name="我厂"), make_unit(name="他厂")
    crowd = take_part(writer, round, mine, 130, [10] * 42)
    take_part(writer, round, better, 40, [20] * 30)
    ingest_ledger()
    keep_boards()
    page = as_member(client, crowd[0]).get(f"/contests/{contest.activity.number}/board/{board.pk}/")
    text = text_of(page)
    assert "42 of 130 members took part 32.30 × 50.0% = 16.15" in text
    assert "10.00 points; the highest mean is 20.00 50.00 × 50.0% = 25.00" in text
    assert "Points of 100 41.15" in text
    assert "How many of all members took part. All of them: 100." in text
    assert [(row.rank, row.name) for row in page.context["rows"]] == [(1, "他厂"), (2, "我厂")]
    assert "30 of 40" in text  # never a number without that of which it is


def test_a_unit_that_is_not_shown_has_no_figures_even_for_its_members(
    client: Client, writer: Writer, contest: Contest
) -> None:
    board = make_board(contest=contest)
    round = make_round(contest=contest)
    small = take_part(writer, round, make_unit(name="小厂"), 25, [10] * 13)
    take_part(writer, round, make_unit(name="大厂"), 40, [20] * 30)
    take_part(writer, round, make_unit(name="微厂"), 20, [20] * 2)
    ingest_ledger()
    page = as_member(client, small[0]).get(f"/contests/{contest.activity.number}/board/{board.pk}/")
    text = text_of(page)
    assert "小厂 Units stand here from 30 members and 10 taking part" in text
    assert "13 of 25" not in text
    assert "2 smaller units" in text
    assert "15 of 45" in text
    assert "微厂" not in text


def test_my_unit_day_by_day_and_a_day_as_it_was(client: Client, writer: Writer, contest: Contest) -> None:
    board = make_board(contest=contest)
    start = clock.now().replace(hour=2, minute=0, second=0, microsecond=0)
    with clock.set_to(start) as move_on:
        round = make_round(contest=contest, opens_at=start, closes_at=start + timedelta(days=5), attempts_total=0)
        crowd = take_part(writer, round, make_unit(name="我厂"), 40, [10] * 12)
        take_part(writer, round, make_unit(name="他厂"), 40, [20] * 30)
        ingest_ledger()
        for _ in range(3):
            move_on(timedelta(days=1))
            board_keeping.keep_days(actor=OPERATOR)
        url = f"/contests/{contest.activity.number}/board/{board.pk}/"
        reader = as_member(client, crowd[0])
        page = reader.get(url)
        assert [rank for _, rank in page.context["trail"]] == [2, 2, 2]
        assert "My unit, day by day" in text_of(page)
        day = page.context["days"][0]["day"].isoformat()
        of_day = reader.get(url, {"day": day})
        assert [(row.rank, row.name, row.points) for row in of_day.context["rows"]] == [
            (1, "他厂", 75.0),
            (2, "我厂", 30.0),
        ]
        assert reader.get(url, {"day": "yesterday"}).context["day"] is None


def test_people_over_all_rounds_at_the_top_around_me_and_of_my_unit(
    client: Client, writer: Writer, contest: Contest
) -> None:
    rounds = [make_round(contest=contest) for _ in range(2)]
    mine = make_unit(name="我厂")
    crowd = take_part(writer, rounds[0], mine, 40, list(range(30)))
    take_part(writer, rounds[0], make_unit(), 40, [40] * 20)
    again(writer, rounds[1], crowd, [1] * 30)
    ingest_ledger()
    keep_boards()
    reader = as_member(client, crowd[3])
    url = f"/contests/{contest.activity.number}/board/"
    top = reader.get(url)
    assert [row.score_points for row in top.context["people"].rows][:2] == [40, 40]
    assert top.context["me_below"]
    assert "2 of 2 rounds count so far." in text_of(top)
    assert [row.rank for row in reader.get(url, {"page": "3"}).context["people"].rows] == list(range(41, 51))
    around = reader.get(url, {"people": "around"}).context["people"]
    assert [row.score_points for row in around.rows] == [9, 8, 7, 6, 5, 4, 3, 2, 1]
    unit = reader.get(url, {"people": "unit"})
    assert unit.context["unit_people"][0] == "我厂"
    assert len(unit.context["unit_people"][1]) == 30


@pytest.mark.parametrize("page", ["0", "-1", "x", "99999999999", "²"])
def test_a_page_that_is_none_is_the_first_or_empty(
    client: Client, writer: Writer, contest: Contest, page: str
) -> None:
    round = make_round(contest=contest)
    crowd = take_part(writer, round, make_unit(), 2, [1, 2])
    ingest_ledger()
    answer = as_member(client, crowd[0]).get(f"/contests/{contest.activity.number}/board/", {"page": page})
    assert answer.status_code == 200


def test_frozen_boards_say_so_and_show_no_rank_of_now(
    engine: Any, signed_in: Client, member: Any, contest: Contest
) -> None:
    round = make_round(contest=contest, deposited=True, count=2, attempts_total=0)
    sit(signed_in, round)
    ingest_ledger()
    begins = clock.now() + timedelta(minutes=10)
    boards.set_freeze(actor=OPERATOR, contest=contest, freeze_at=begins)
    result = f"/rounds/{round.pk}/result/1/"
    signed_in.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    assert "Rank so far" in text_of(signed_in.get(result))
    with clock.set_to(begins + timedelta(seconds=1)):
        keep_rounds()
        page = text_of(signed_in.get(f"/rounds/{round.pk}/board/"))
        assert "The boards are frozen" in page
        assert "Rank so far" not in text_of(signed_in.get(result))
        number = contest.activity.number
        assert "The boards are frozen" in text_of(signed_in.get(f"/contests/{number}/board/"))


def test_a_contest_has_no_board_before_its_first_round(client: Client, contest: Contest) -> None:
    make_round(contest=contest, opens_at=clock.now() + timedelta(days=1), closes_at=clock.now() + timedelta(days=2))
    reader = as_member(client, make_member())
    assert "No results yet" in text_of(reader.get(f"/contests/{contest.activity.number}/board/"))


def test_another_contests_board_is_not_there(client: Client, writer: Writer, contest: Contest) -> None:
    board = make_board(contest=contest)
    other = make_contest()
    crowd = take_part(writer, make_round(contest=contest), make_unit(), 1, [1])
    ingest_ledger()
    reader = as_member(client, crowd[0])
    assert reader.get(f"/contests/{other.activity.number}/board/{board.pk}/").status_code == 404
    assert reader.get(f"/contests/{contest.activity.number}/board/{board.pk}/").status_code == 200


@pytest.mark.parametrize("units", [1, 3])
def test_a_board_of_units_takes_the_same_queries_for_one_and_three(
    client: Client, writer: Writer, contest: Contest, units: int, django_assert_num_queries: Any
) -> None:
    board = make_board(contest=contest)
    round = make_round(contest=contest)
    crowds = [take_part(writer, round, make_unit(), 40, [5] * 12) for _ in range(units)]
    ingest_ledger()
    keep_boards()
    reader = as_member(client, crowds[0][0])
    url = f"/contests/{contest.activity.number}/board/{board.pk}/"
    reader.get(url)
    with django_assert_num_queries(14):
        assert len(reader.get(url).context["rows"]) == units
