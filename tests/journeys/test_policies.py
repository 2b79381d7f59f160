"""The pages that bind rounds together, looked at in both languages, on a desk and on a phone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from tests.browser import DESKTOP, PHONE, assert_accessible, assert_no_overflow, assert_targets, take
from tests.journeys.serving import House

pytestmark = pytest.mark.browser

Visit = Callable[..., Page]


def looked_at(page: Page, name: str) -> None:
    width = page.viewport_size["width"] if page.viewport_size else 0
    assert_accessible(page)
    assert_no_overflow(page)
    assert_targets(page)
    take(page, f"policies-{name}-{page.evaluate('document.documentElement.lang')}-{width}")


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desk"])
@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
def test_an_organisers_pages_stand(visit: Visit, house: House, locale: str, size: dict[str, int]) -> None:
    page = visit("organiser", size=size, locale=locale)
    contest = f"/console/contests/{house.contest}"
    for name, url in (
        ("new", "/console/contests/new/"),
        *((preset, f"/console/contests/new/{preset}/") for preset in ("daily", "levels", "exam", "practice")),
        ("contest", f"{contest}/"),
        ("rules", f"{contest}/rules/"),
        ("publish", f"{contest}/publish/"),
        ("achievements", f"{contest}/achievements/"),
        ("time", f"{contest}/time/"),
        ("material", f"/console/rounds/{house.rounds['open']}/material/"),
        ("round-new", f"{contest}/rounds/new/"),
        ("blueprint", f"/console/rounds/{house.rounds['open']}/blueprint/"),
    ):
        page.goto(url)
        looked_at(page, name)


@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
def test_a_members_pages_stand(visit: Visit, house: House, locale: str) -> None:
    organiser = visit("organiser", size=DESKTOP, locale=locale)
    organiser.goto(f"/console/rounds/{house.rounds['practice']}/material/")
    organiser.fill("[name=material]", "先检测，再进入。\n\n监护人不得离开。")
    organiser.fill("[name=material_url]", "https://example.org/film")
    organiser.locator("main form .submit button:visible").first.click()
    organiser.wait_for_url("**/console/rounds/*/")
    page = visit("look", size=PHONE, locale=locale)
    for name, url in (
        ("contest", f"/contests/{house.contest}/"),
        ("rules", f"/contests/{house.contest}/rules/"),
        ("practice", house.path("", "practice")),
    ):
        page.goto(url)
        looked_at(page, f"member-{name}")
    expect(page.get_by_text("监护人不得离开。")).to_be_visible()
    dark = visit("look", size=PHONE, locale=locale, dark=True)
    dark.goto(f"/contests/{house.contest}/")
    looked_at(dark, "member-contest-dark")
