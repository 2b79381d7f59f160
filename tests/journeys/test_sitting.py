"""Members sit a contest in a real browser: on a good day, and on the bad ones."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect
from tests.browser import DESKTOP, assert_accessible, assert_no_overflow, assert_targets
from tests.journeys.serving import House

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.timeout(180)]
Visit = Callable[..., Page]


def part(page: Page, name: str) -> Any:
    return page.locator(f'[data-part="{name}"]')


def begin(page: Page, house: House, round: str = "open") -> None:
    page.goto(house.path("", round))
    page.locator('button[value="start"]').click()
    page.wait_for_url("**/attempt/")


def answer(page: Page, place: int = 0) -> None:
    """Answer the question on the screen and go to the next."""
    choose(page, place)
    part(page, "next").click()


def choose(page: Page, place: int = 0) -> None:
    page.locator(".question.is-current .option").nth(place).click()


def hand_in(page: Page) -> None:
    part(page, "sheet").click()
    part(page, "sheet-finish").click()
    part(page, "finish-confirm").click()


def figure(page: Page, name: str) -> int:
    """Return the figure in one of the two states."""
    found = re.search(r"\d+", part(page, name).inner_text())
    return int(found.group()) if found else -1


def expect_delivered(page: Page, count: int) -> None:
    expect(part(page, "delivered")).to_have_text(re.compile(rf"\D{count}$"), timeout=30_000)


def check(page: Page) -> None:
    assert_accessible(page)
    assert_no_overflow(page)
    assert_targets(page)


@pytest.mark.parametrize(("member", "locale", "size"), [("zh", "zh-CN", None), ("english", "en-GB", DESKTOP)])
def test_sit_a_contest_from_home_to_result(
    visit: Visit, house: House, member: str, locale: str, size: dict[str, int] | None
) -> None:
    page = visit(member, locale=locale, **({"size": size} if size else {}))
    page.goto("/")
    assert page.locator("html").get_attribute("lang") == ("zh-hans" if locale == "zh-CN" else "en")
    check(page)
    page.locator(f'a[href="{house.path("")}"]').first.click()
    check(page)
    page.locator('button[value="start"]').click()
    page.wait_for_url("**/attempt/")
    expect(page.locator(".question:visible")).to_have_count(1)
    check(page)
    for number in range(10):
        answer(page, number % 2)
    # after the last question the page asks whether to hand in
    expect(page.locator("#finish")).to_be_visible()
    check(page)
    part(page, "finish-close").click()
    part(page, "flag").click()
    part(page, "sheet").click()
    expect(page.locator("#sheet .cell.is-answered:not(.legend-row *)")).to_have_count(10)
    check(page)
    part(page, "sheet-finish").click()
    part(page, "finish-confirm").click()
    page.wait_for_url(f"**{house.path('result/1/')}")
    check(page)
    assert page.locator(".reviewed").count() == 10
    code = page.locator(".receipt-code").inner_text()
    assert re.fullmatch(r"([0-9A-F]{4}-){3}[0-9A-F]{4}", code)
    kept = page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('tradeshall:'))")
    assert [key.split(":")[1] for key in kept] == ["receipt"]
    page.goto(house.path("board/"))
    check(page)
    expect(page.locator("tr.mine").last).to_be_visible()


def test_answers_survive_a_lost_network_and_a_closed_page(visit: Visit, house: House) -> None:
    page = visit("offline")
    begin(page, house)
    answer(page, 1)
    page.context.set_offline(True)
    for place in (2, 0, 1):
        choose(page, min(place, page.locator(".question.is-current .option").count() - 1))
        part(page, "next").click()
    expect(part(page, "band")).to_be_visible()
    assert_accessible(page)
    assert (figure(page, "kept"), figure(page, "delivered") < 4) == (4, True)
    page.close()  # the battery is dead; nothing more leaves the device
    page = page.context.new_page()
    page.context.set_offline(False)
    page.goto(house.path("attempt/"))
    expect_delivered(page, 4)
    assert figure(page, "kept") == 4
    expect(part(page, "where")).to_contain_text("5")
    # hand in while the network is away: it goes on by itself once it is back
    page.context.set_offline(True)
    choose(page, 0)
    hand_in(page)
    expect(part(page, "finish-text")).to_contain_text("4")
    page.context.set_offline(False)
    page.wait_for_url("**/result/1/")
    assert page.locator(".reviewed").count() == 10
    expect(page.locator("#left-behind")).to_be_hidden()


def test_go_on_from_another_device(visit: Visit, house: House) -> None:
    first = visit("resume")
    begin(first, house)
    for _ in range(7):
        answer(first, 1)
    expect_delivered(first, 7)  # seven answers leave at once, without waiting for the twenty seconds
    first.context.close()
    second = visit("resume", size=DESKTOP)
    second.goto("/")
    second.locator(f'a[href="{house.path("attempt/")}"]').click()
    expect_delivered(second, 7)
    assert second.locator(".question.is-current input").count() > 1
    assert second.locator("#paper input:checked").count() == 7
    expect(second.locator(".question.is-current")).to_have_id("q8")
    part(second, "previous").click()
    second.reload()
    expect(second.locator(".question.is-current")).to_have_id("q7")
    hand_in(second)
    second.wait_for_url("**/result/1/")


def test_two_devices_at_once_are_told_of_each_other(visit: Visit, house: House) -> None:
    first, second = visit("asleep"), visit("asleep")
    begin(first, house)
    second.goto(house.path("attempt/"))
    for page in (first, second):
        choose(page, 0)
        page.evaluate("window.dispatchEvent(new Event('online'))")
        expect_delivered(page, 1)
    choose(second, 1)
    second.evaluate("window.dispatchEvent(new Event('online'))")
    expect_delivered(second, 1)
    first.reload()
    assert first.locator("#q1 input").nth(1).is_checked(), "the newest answer stands on both"


def test_sit_without_any_script(visit: Visit, house: House) -> None:
    page = visit("plain", script=False)
    begin(page, house)
    assert page.locator("fieldset.question").count() == 10
    assert page.locator("fieldset.question").last.is_visible()
    page.locator("#q1 .option").nth(1).click()
    page.locator("#q2 .option").nth(0).click()
    page.locator('button[value="save"]').click()
    assert page.locator("#paper input:checked").count() == 2
    page.locator("#q3 .option").nth(0).click()
    page.locator('button[value="submit"]').click()
    expect(page.locator(".jump")).to_have_count(7)
    page.locator(".jump").first.click()
    expect(page.locator("#q4")).to_be_visible()
    expect(page.locator("#paper input:checked")).to_have_count(3)
    page.locator('button[value="submit"]').click()
    page.locator('button[value="submit_anyway"]').click()
    page.wait_for_url("**/result/1/")
    assert page.locator(".reviewed").count() == 10
    assert page.locator(".receipt-code").is_visible()


def test_the_paper_is_handed_in_when_the_time_is_over(visit: Visit, house: House) -> None:
    page = visit("deadline")
    begin(page, house, "short")
    choose(page, 0)
    assert page.locator("#paper").get_attribute("class") == "paper is-stepped"
    page.wait_for_url("**/result/1/", timeout=60_000)
    assert page.locator(".reviewed .tag").count() == 3
    answered = page.locator(".option.is-given").count()
    assert answered == 1, "what was kept on the device went with it, within the grace"


def test_late_answers_are_refused_in_words(visit: Visit, house: House) -> None:
    page = visit("late")
    begin(page, house, "tight")
    page.context.set_offline(True)
    choose(page, 0)
    expect(page.locator("#finish")).to_be_visible(timeout=60_000)  # the time is over, and nobody to hand in to
    assert_accessible(page)
    page.context.set_offline(False)
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(part(page, "finish-result")).to_be_visible(timeout=60_000)
    assert_accessible(page)
    part(page, "finish-result").click()
    page.wait_for_url("**/result/1/")
    expect(page.locator("#left-behind")).to_be_visible()
    assert page.locator(".option.is-given").count() == 0


def test_two_tabs_show_the_same_answers(visit: Visit, house: House) -> None:
    one = visit("tabs")
    begin(one, house)
    two = one.context.new_page()
    two.goto(house.path("attempt/"))
    choose(one, 1)
    expect(two.locator("#q1 input").nth(1)).to_be_checked()
    choose(two, 0)
    expect(one.locator("#q1 input").nth(0)).to_be_checked()
    hand_in(one)
    one.wait_for_url("**/result/1/")
    choose(two, 1)
    two.evaluate("window.dispatchEvent(new Event('online'))")
    expect(part(two, "finish-result")).to_be_visible()


def test_a_browser_that_keeps_nothing_delivers_at_once(visit: Visit, house: House) -> None:
    page = visit("unkept")
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError'); } });"
    )
    begin(page, house)
    expect(part(page, "band")).to_be_visible()
    choose(page, 0)
    expect_delivered(page, 1)
    hand_in(page)
    page.wait_for_url("**/result/1/")


def test_a_wrong_clock_changes_nothing(visit: Visit, house: House) -> None:
    page = visit("withheld")
    page.add_init_script("const now = Date.now; Date.now = () => now() + 3 * 3600 * 1000;")
    begin(page, house, "withheld")
    choose(page, 0)
    shown = part(page, "left").inner_text()
    assert 13 <= int(shown.split(":")[0]) <= 15, shown
    hand_in(page)
    page.wait_for_url("**/result/1/")
    check(page)
    assert page.locator(".reviewed").count() == 0, "held back until the round is over"
    assert page.locator(".receipt-code").is_visible()


def test_a_portal_that_answers_for_everyone_delivers_nothing(visit: Visit, house: House) -> None:
    page = visit("portal")
    begin(page, house)

    def log_in_page(route: Route) -> None:
        route.fulfill(status=200, content_type="text/html", body="<h1>Pay for the network</h1>")

    page.route("**/engine/*", log_in_page)
    for _ in range(7):
        answer(page, 0)
    expect(part(page, "band")).to_be_visible()
    assert figure(page, "delivered") == 0
    page.unroute("**/engine/*")
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect_delivered(page, 7)
    expect(part(page, "band")).to_be_hidden()


def test_a_busy_server_is_asked_again(visit: Visit, house: House) -> None:
    page = visit("busy")
    begin(page, house)
    turned_away: list[str] = []

    def busy(route: Route) -> None:
        turned_away.append(route.request.url)
        if len(turned_away) > 1:
            route.continue_()
            return
        route.fulfill(status=503, headers={"Retry-After": "1"}, json={"code": "engine:busy:saves"})

    page.route("**/engine/save", busy)
    for _ in range(7):
        answer(page, 0)
    expect_delivered(page, 7)
    assert len(turned_away) >= 2
