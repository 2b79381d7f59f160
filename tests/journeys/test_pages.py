"""Every page of a member holds up: both languages, light and dark, large text, without script, within its budget."""

from __future__ import annotations

import gzip
import re
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page
from tests.browser import DESKTOP, PHONE, assert_accessible, assert_no_overflow, assert_targets
from tests.journeys.serving import House

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.timeout(240)]

KIB = 1024
WAYS = [("zh-CN", PHONE, False), ("en-GB", PHONE, True), ("zh-CN", DESKTOP, True), ("en-GB", DESKTOP, False)]


def pages_of(house: House) -> list[str]:
    return [
        "/",
        "/contests/",
        f"/contests/{house.contest}/",
        f"/campaigns/{house.campaign}/",
        house.path("", "open"),
        house.path("", "coming"),
        house.path("", "practice"),
        house.path("", "board"),
        house.path("board/", "board"),
        house.path("board/", "withheld"),
        house.path("result/1/", "board"),
    ]


@pytest.mark.parametrize(("locale", "size", "dark"), WAYS)
def test_pages_hold_up(
    visit: Callable[..., Page], house: House, locale: str, size: dict[str, int], dark: bool
) -> None:
    page = visit("look", locale=locale, size=size, dark=dark)
    for path in pages_of(house):
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 200, path
        assert_accessible(page)
        assert_no_overflow(page)
        assert_targets(page)


@pytest.mark.parametrize("large", ["elder", "twice"])
def test_pages_bear_large_text(visit: Callable[..., Page], house: House, large: str) -> None:
    page = visit("look", cookies={"size": "elder"} if large == "elder" else {})
    for path in pages_of(house):
        page.goto(path)
        if large == "twice":
            page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert_no_overflow(page)


def test_pages_work_without_script(visit: Callable[..., Page], house: House) -> None:
    page = visit("look", script=False)
    for path in pages_of(house):
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 200
        assert page.locator("h1").is_visible()


@pytest.mark.parametrize("which", range(11))
def test_pages_stay_within_their_budget(visit: Callable[..., Page], house: House, which: int) -> None:
    path = pages_of(house)[which]
    page = visit("look")
    weights = weigh(page, house, path)
    assert weights["html"] <= 14 * KIB, weights
    assert weights["css"] <= 12 * KIB, weights
    assert weights["js"] <= 30 * KIB, weights
    assert sum(weights.values()) <= 200 * KIB, weights


STILL = """() => new Promise((done) => {
  let shift = 0;
  const add = (one) => { if (!one.hadRecentInput) shift += one.value; };
  new PerformanceObserver((list) => list.getEntries().forEach(add)).observe({ type: "layout-shift", buffered: true });
  setTimeout(() => done(shift), 300);
})"""


def test_pages_do_not_jump_while_they_load(visit: Callable[..., Page], house: House) -> None:
    """Cumulative layout shift stays under 0.05."""
    page = visit("look")
    for path in pages_of(house):
        page.goto(path)
        assert page.evaluate(STILL) <= 0.05, path


def test_an_attempt_stays_within_its_budget(visit: Callable[..., Page], house: House) -> None:
    page = visit("newcomer")
    page.goto(house.path(""))
    page.locator('button[value="start"]').click()
    page.wait_for_url("**/attempt/")
    weights = weigh(page, house, house.path("attempt/"))
    assert sum(weights.values()) <= 120 * KIB, weights
    assert page.evaluate(STILL) <= 0.05
    own = [url for url in loaded(page) if "contests/" in url and url.endswith(".js")]
    assert sum(compressed(url) for url in own) <= 10 * KIB
    assert_no_overflow(page)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert_no_overflow(page)


def weigh(page: Page, house: House, path: str) -> dict[str, int]:
    """Return the compressed bytes of a first view, by kind."""
    answer = page.goto(path)
    assert answer is not None
    weights = {"html": len(gzip.compress(answer.body(), 6)), "css": 0, "js": 0, "other": 0}
    for url in loaded(page):
        kind = re.search(r"\.(css|js)$", url)
        weights[kind.group(1) if kind else "other"] += compressed(url)
    return weights


def loaded(page: Page) -> list[str]:
    page.wait_for_load_state("networkidle")
    found: list[Any] = page.evaluate("performance.getEntriesByType('resource').map((one) => one.name)")
    return sorted({url.split("#")[0] for url in found if "/static/" in url})


def compressed(url: str) -> int:
    """Return what a static file costs on the wire."""
    request = urllib.request.Request(url, headers={"Accept-Encoding": "gzip"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return len(answer.read())
