"""The pages on which everybody can check a round, in a browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page
from tests.browser import DESKTOP, PHONE, assert_accessible, assert_no_overflow, assert_targets, take
from tests.contests.test_proofs import finish, public_sources, sit
from tests.factories.contests import make_contest, make_entrant, make_round
from tests.factories.people import make_account, make_member
from tests.factories.units import make_grant, make_unit

from tradeshall.contests.actions.integrating import keep_log
from tradeshall.contests.actions.publishing import open_secrets
from tradeshall.contests.models import Round
from tradeshall.core.authority import OPERATOR, Role
from tradeshall.engine.client import LocalClient

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def shown(engine: LocalClient) -> Round:
    """A round that is over and opened, sat by eleven of one unit and two of another."""
    contest = make_contest(title="安全生产月知识竞赛")
    row = make_round(contest=contest, deposited=True, count=4, grace_seconds=0, title="预赛", title_en="Heats")
    units = [make_unit(parent=row.contest.activity.unit) for _ in range(2)]
    for number in range(13):
        unit = units[number // 11]
        sit(engine, row, make_entrant(contest=row.contest, membership=make_member(unit=unit)))
    row = finish(row)
    open_secrets(actor=OPERATOR, round=row)
    keep_log()
    return row


@pytest.mark.parametrize(("size", "locale", "dark"), [(PHONE, "zh-CN", False), (DESKTOP, "en-GB", True)])
def test_pages_for_everybody(
    shown: Round, open_page: Callable[..., Page], size: dict[str, int], locale: str, dark: bool
) -> None:
    page = open_page(size=size, locale=locale, dark=dark)
    for name, url in (
        ("public-round", reverse("contests:public_round", args=[shown.pk])),
        ("public-log", reverse("contests:public_log")),
        ("verifier", reverse("contests:verifier")),
    ):
        page.goto(url)
        assert_accessible(page)
        assert_no_overflow(page)
        assert_targets(page)
        take(page, f"{name}.{locale}")


@pytest.mark.parametrize(("size", "locale"), [(DESKTOP, "en-GB"), (PHONE, "zh-CN")])
def test_the_console_opens_what_was_sealed(
    engine: LocalClient,
    open_page: Callable[..., Page],
    sign_in: Any,
    size: dict[str, int],
    locale: str,
    settings: Any,
) -> None:
    settings.TRADESHALL_REQUIRE_TOTP = False
    row = finish(make_round(contest=make_contest(), deposited=True, count=4, grace_seconds=0))
    organiser = make_account()
    make_grant(organiser, Role.ORGANISER, row.contest.activity.unit)
    page = open_page(size=size, locale=locale)
    sign_in(page, organiser)
    page.goto(reverse("contests:console_round_proofs", args=[row.pk]))
    assert_accessible(page)
    assert_no_overflow(page)
    take(page, f"console-proofs.{locale}")
    page.click("main form button")
    page.click("dialog[open] .danger")
    page.wait_for_selector(f'a[href$="round-{row.pk}-opening.json"]')


def test_a_stranger_checks_a_round_from_its_page(
    shown: Round, open_page: Callable[..., Page], tmp_path: Path, live_server: Any
) -> None:
    page = open_page(locale="en-GB")
    page.goto(reverse("contests:public_round", args=[shown.pk]))
    page.get_by_role("link", name="Open the verifier").click()
    paths = []
    for number, source in enumerate(public_sources(shown)):
        path = tmp_path / f"{number}"
        path.write_bytes(source.read())
        paths.append(path)
    page.set_input_files("#files", paths)
    page.wait_for_selector(".verdict.good")
    assert "Wrong" not in page.inner_text("#found")
    paths[0].write_bytes(paths[0].read_bytes().replace(b"receipts", b"receipt5"))
    page.set_input_files("#files", paths)
    page.wait_for_selector(".verdict.bad")
    assert_accessible(page)
    assert_no_overflow(page)
