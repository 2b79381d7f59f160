"""Boards in the console: made, explained with figures, frozen and lifted."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from tests.factories.boards import make_board, take_part
from tests.factories.contests import make_campaign, make_contest, make_round
from tests.factories.ledgers import Writer
from tests.factories.people import make_account
from tests.factories.units import make_federation, make_unit

from tradeshall.contests.actions.ledger import ingest_ledger
from tradeshall.contests.models import Contest, ContestBoards, UnitBoard
from tradeshall.contests.tasks import keep_boards, keep_rounds
from tradeshall.core import clock
from tradeshall.core.authority import Role

pytestmark = pytest.mark.django_db

BOARD = {
    "name": "城市榜",
    "name_en": "Cities",
    "level": "branch:",
    "industry": "",
    "weight_rate": "60",
    "weight_coverage": "",
    "weight_mean": "",
    "weight_top_mean": "40",
    "weight_total": "",
    "top_count": "20",
    "least_members": "50",
    "least_taking_part": "15",
    "ranks": "dense",
}


@pytest.fixture
def contest() -> Contest:
    make_unit(name="一厂", industry="冶金")
    return make_contest(campaign=make_campaign(unit=make_federation()))


@pytest.fixture
def organiser(client) -> Any:
    client.force_login(make_account(role=Role.ORGANISER), backend=settings.AUTHENTICATION_BACKENDS[0])
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def text_of(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def url_of(contest: Contest, page: str = "") -> str:
    return f"/console/contests/{contest.activity.number}/boards/{page}"


def test_a_board_is_made_changed_and_removed(organiser: Any, contest: Contest) -> None:
    assert "No board of units yet" in text_of(organiser.get(url_of(contest)))
    assert organiser.post(url_of(contest, "new/"), BOARD).status_code == 302
    board = UnitBoard.objects.get()
    assert (board.weights, board.depth, board.ranks) == ({"rate": 60, "top_mean": 40}, None, "dense")
    text = text_of(organiser.get(url_of(contest)))
    assert "Mean of the best 20" in text
    assert "An example with invented figures" in text
    assert "42 of 130 members took part → 32.30 × 60.0% = 19.38" in text.replace("Participation rate: ", "")
    edited = organiser.post(f"/console/boards/{board.pk}/edit/", BOARD | {"weight_mean": "20", "industry": "冶金"})
    assert edited.status_code == 302
    board.refresh_from_db()
    assert (board.weights["mean"], board.industry) == (20, "冶金")
    assert organiser.post(f"/console/boards/{board.pk}/delete/").status_code == 302
    assert not UnitBoard.objects.exists()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"weight_rate": "", "weight_top_mean": ""}, "Give at least one part a weight."),
        ({"least_members": "12"}, "No unit of fewer than 30 members is shown on a board."),
        ({"weight_coverage": "10"}, "Branches and groups have no branches beneath them."),
        ({"top_count": "3"}, "The mean is taken of the best 10 to 1000."),
    ],
)
def test_what_makes_no_sense_is_said_and_what_was_typed_stays(
    organiser: Any, contest: Contest, typed: dict[str, str], said: str
) -> None:
    answer = organiser.post(url_of(contest, "new/"), BOARD | typed)
    assert answer.status_code == 422
    assert said in text_of(answer)
    assert "城市榜" in answer.content.decode()
    assert not UnitBoard.objects.exists()


def test_the_example_is_the_unit_that_leads_once_there_is_one(
    organiser: Any, writer: Writer, contest: Contest
) -> None:
    board = make_board(contest=contest)
    round = make_round(contest=contest)
    take_part(writer, round, make_unit(name="先锋厂"), 40, [5] * 30)
    ingest_ledger()
    text = text_of(organiser.get(url_of(contest)))
    assert "First now: 先锋厂" in text
    assert "30 of 40 members took part → 75.00 × 100.0% = 75.00" in text
    assert "先锋厂" in text_of(organiser.get(f"/console/boards/{board.pk}/"))


def test_boards_of_a_published_contest_can_only_be_frozen(organiser: Any, contest: Contest) -> None:
    board = make_board(contest=contest)
    make_round(contest=contest)
    assert "New board" not in text_of(organiser.get(url_of(contest)))
    answer = organiser.post(f"/console/boards/{board.pk}/edit/", BOARD)
    assert answer.status_code == 422
    assert "The boards stay as members have read them." in text_of(answer)
    organiser.post(f"/console/boards/{board.pk}/delete/")
    assert UnitBoard.objects.count() == 1
    assert organiser.post(url_of(contest, "best/"), {"best_rounds": "3"}).status_code == 422


def test_rounds_that_count_are_set_before_publication(organiser: Any, contest: Contest) -> None:
    assert organiser.post(url_of(contest, "best/"), {"best_rounds": "20"}).status_code == 302
    assert ContestBoards.objects.get().best_rounds == 20
    make_round(contest=contest)
    assert "The 20 best rounds of each person are added up." in text_of(organiser.get(url_of(contest)))


def test_a_freeze_is_set_seen_and_lifted(organiser: Any, writer: Writer, contest: Contest) -> None:
    board = make_board(contest=contest)
    round = make_round(contest=contest)
    take_part(writer, round, make_unit(name="先锋厂"), 40, [5] * 30)
    ingest_ledger()
    past = organiser.post(url_of(contest, "freeze/"), {"freeze_at": "2020-01-01T00:00"})
    assert past.status_code == 422
    assert "Choose a moment that is still to come." in text_of(past)
    at = clock.now() + timedelta(hours=20)
    assert organiser.post(url_of(contest, "freeze/"), {"freeze_at": f"{at:%Y-%m-%dT%H:%M}"}).status_code == 302
    with clock.set_to(clock.now() + timedelta(hours=23)):
        keep_rounds()
        assert "Members see all boards of this contest as they stood" in text_of(organiser.get(url_of(contest)))
        for page in (f"/console/boards/{board.pk}/", url_of(contest, "people/")):
            assert "Frozen for members" in text_of(organiser.get(page))
        assert organiser.post(url_of(contest, "lift/")).status_code == 302
        assert "The freeze was lifted" in text_of(organiser.get(url_of(contest)))
        assert "The boards are not frozen." in text_of(organiser.post(url_of(contest, "lift/"), follow=True))


@pytest.mark.parametrize("boards", [1, 3])
def test_the_page_of_boards_takes_the_same_queries_for_one_and_three(
    organiser: Any, writer: Writer, contest: Contest, boards: int, django_assert_num_queries: Any
) -> None:
    for _ in range(boards):
        make_board(contest=contest)
    take_part(writer, make_round(contest=contest), make_unit(), 40, [5] * 30)
    ingest_ledger()
    keep_boards()
    organiser.get(url_of(contest))
    with django_assert_num_queries(11):
        assert text_of(organiser.get(url_of(contest))).count("First now:") == boards
