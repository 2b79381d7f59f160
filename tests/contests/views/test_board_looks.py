"""The boards in a real browser: both languages, light and dark, phone and desktop, without JavaScript."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page
from tests.browser import (
    DESKTOP,
    PHONE,
    assert_accessible,
    assert_no_overflow,
    assert_targets,
    choose,
    take,
)
from tests.factories.boards import again, make_board, take_part
from tests.factories.contests import make_campaign, make_contest, make_round
from tests.factories.ledgers import Writer
from tests.factories.people import make_account
from tests.factories.units import make_federation, make_unit

from tradeshall.contests.actions import board_keeping, boards
from tradeshall.contests.actions.ledger import ingest_ledger
from tradeshall.contests.tasks import keep_boards, keep_rounds
from tradeshall.core import clock
from tradeshall.core.authority import OPERATOR, Role
from tradeshall.units.enums import UnitKind

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WAYS = [("zh-hans", "light", PHONE), ("en", "dark", PHONE), ("en", "light", DESKTOP)]
NAMES = ("海川港务集团工会", "东区第一纺织厂工会", "城市轨道交通运营工会", "市第三人民医院工会", "海川热电厂工会")


@pytest.fixture
def contest(writer: Writer) -> Any:
    """A contest of two rounds in its third day, with a weighted board of branches and one of regions."""
    root = make_federation()
    region = make_unit(kind=UnitKind.REGIONAL, name="东区总工会", name_en="East District", parent=root)
    units = [make_unit(parent=region, name=name, name_en=f"Branch {n}") for n, name in enumerate(NAMES)]
    contest = make_contest(campaign=make_campaign(unit=root), title="安全生产月知识竞赛")
    weights = {"rate": 50, "top_mean": 30, "mean": 20}
    board = make_board(contest=contest, name="基层工会综合榜", name_en="Branches, weighted", weights=weights)
    make_board(contest=contest, name="区县榜", name_en="Regions", kind="regional", weights={"rate": 3, "coverage": 2})
    start = clock.now() - timedelta(days=2)
    with clock.set_to(start) as move_on:
        rounds = [make_round(contest=contest, closes_at=start + timedelta(days=6)) for _ in range(2)]
        crowds = [
            take_part(writer, rounds[0], unit, 40, [5 * (n % 6) for n in range(people)])
            for unit, people in zip(units, (12, 20, 15, 31, 9), strict=True)
        ]
        small = make_unit(parent=root, name="小厂工会")
        take_part(writer, rounds[0], small, 25, [10] * 4)
        ingest_ledger()
        for crowd, more in zip(crowds, (8, 4, 6), strict=False):
            board_keeping.keep_days(actor=OPERATOR)
            move_on(timedelta(days=1))
            again(writer, rounds[1], crowd[:more], [20] * more)
        for _ in range(2):
            board_keeping.keep_days(actor=OPERATOR)
    ingest_ledger()
    keep_boards()
    me = crowds[1][3].membership
    me.account = make_account()
    me.save()
    return contest, board, me.account, rounds[0]


@pytest.mark.parametrize(("language", "theme", "size"), WAYS)
def test_boards_hold_up(
    open_page: Callable[..., Page], sign_in: Any, contest: Any, language: str, theme: str, size: dict[str, int]
) -> None:
    one, board, account, round = contest
    page = open_page(size=size, dark=theme == "dark")
    sign_in(page, account)
    choose(page, language=language)
    number = one.activity.number
    pages = {
        "unit": f"/contests/{number}/board/{board.pk}/",
        "people": f"/contests/{number}/board/",
        "mates": f"/contests/{number}/board/?people=unit",
        "round": f"/rounds/{round.pk}/board/",
        "contest": f"/contests/{number}/",
    }
    for name, url in pages.items():
        page.goto(url)
        check(page, f"boards-{name}-{language}-{theme}-{size['width']}")


@pytest.mark.parametrize(("language", "theme", "size"), WAYS)
def test_the_organisers_boards_hold_up(
    open_page: Callable[..., Page], sign_in: Any, contest: Any, language: str, theme: str, size: dict[str, int]
) -> None:
    one, board, _, _ = contest
    draft = make_contest(campaign=make_campaign(unit=one.activity.unit))
    mine = make_board(contest=draft, name="草稿榜", name_en="Draft board", weights={"rate": 60, "top_mean": 40})
    page = open_page(size=size, dark=theme == "dark")
    sign_in(page, make_account(role=Role.ORGANISER))
    choose(page, language=language)
    pages = {
        "console": f"/console/contests/{one.activity.number}/boards/",
        "draft": f"/console/contests/{draft.activity.number}/boards/",
        "edit": f"/console/boards/{mine.pk}/edit/",
        "live": f"/console/boards/{board.pk}/",
        "console-people": f"/console/contests/{one.activity.number}/boards/people/",
    }
    for name, url in pages.items():
        page.goto(url)
        check(page, f"boards-{name}-{language}-{theme}-{size['width']}")


def test_a_frozen_board_and_a_day_before_without_javascript(
    open_page: Callable[..., Page], sign_in: Any, contest: Any
) -> None:
    one, board, account, _ = contest
    boards.set_freeze(actor=OPERATOR, contest=one, freeze_at=clock.now() + timedelta(seconds=1))
    with clock.set_to(clock.now() + timedelta(minutes=1)):
        keep_rounds()
        page = open_page(script=False)
        sign_in(page, account)
        page.goto(f"/contests/{one.activity.number}/board/{board.pk}/")
        take(page, "boards-frozen")
        page.get_by_label("该日结束时").or_(page.locator("#day")).first.select_option(index=1)
        page.locator(".day-choice button").click()
        assert "day=" in page.url
        take(page, "boards-day")  # axe needs scripts; the same page with them is held to it above
        assert_no_overflow(page)
        assert_targets(page)


def check(page: Page, name: str) -> None:
    take(page, name)
    assert_accessible(page)
    assert_no_overflow(page)
    assert_targets(page)
