"""Members sit a paper of all seven forms in a real browser: with the script, without it, and from another device."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from tests.browser import DESKTOP, assert_accessible, assert_no_overflow, assert_targets, take
from tests.factories.items import ORDER, PAIRS
from tests.journeys.serving import House
from tests.journeys.test_sitting import begin, check, expect_delivered, hand_in, part

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.timeout(180)]
Visit = Callable[..., Page]
CHOICES = {"single": ["立即撤离"], "multiple": ["维护职工合法权益", "竭诚服务职工群众"], "true_false": ["正确"]}
GAPS = ["一九一九", "瑞士　日内瓦。"]
STEPS = [ORDER.options[at] for at in ORDER.key]
USES = {text: PAIRS.matches[place] for text, place in zip(PAIRS.options, PAIRS.key, strict=True)}


def answer(page: Page, question: Any) -> None:
    """Give the right answer to a question on the screen."""
    form = question.get_attribute("data-form")
    if form in CHOICES:
        for text in CHOICES[form]:
            question.locator(".option", has_text=text).click()
    elif form == "fill_in":
        for at, text in enumerate(GAPS):
            question.locator(".gap").nth(at).fill(text)
    elif form == "numeric":
        question.locator(".figure input").fill("２．９９８")
    elif form == "matching":
        for text, match in USES.items():
            question.locator(".match-pair", has_text=text).locator("select").select_option(label=match)
    else:
        put_in_order(page, question)


def put_in_order(page: Page, question: Any) -> None:
    """Move lines up by keyboard until they stand as they should; if they do already, say so."""
    for place, text in enumerate(STEPS):
        while lines_of(question).index(text) > place:
            up = question.locator(".line", has_text=text).locator('[data-move="-1"]')
            up.focus()
            page.keyboard.press("Enter")
            expect(up).to_be_focused()
    keep = question.locator("[data-keep]")
    if keep.is_visible():
        keep.click()


def lines_of(question: Any) -> list[str]:
    found: list[str] = question.locator(".line .text").all_inner_texts()
    return found


@pytest.mark.parametrize(
    ("member", "locale", "size"), [("forms", "zh-CN", None), ("forms_english", "en-GB", DESKTOP)]
)
def test_sit_all_seven_forms(
    visit: Visit, house: House, member: str, locale: str, size: dict[str, int] | None
) -> None:
    page = visit(member, locale=locale, **({"size": size} if size else {}))
    begin(page, house, "forms")
    seen = []
    for number in range(1, 8):
        question = page.locator(".question.is-current")
        seen.append(question.get_attribute("data-form"))
        check(page)
        answer(page, question)
        check(page)
        take(page, f"form-{seen[-1]}-{locale}")
        expect(part(page, "answered")).to_have_text(f"{number}/7")
        part(page, "next").click()
    assert sorted(map(str, seen)) == sorted([*CHOICES, "fill_in", "numeric", "matching", "ordering"])
    expect_delivered(page, 7)
    page.reload()
    expect(part(page, "answered")).to_have_text("7/7")
    expect(page.locator("#finish")).to_be_hidden()
    hand_in(page)
    page.wait_for_url("**/result/*/")
    check(page)
    assert page.locator(".reviewed.is-right").count() == 7
    take(page, f"form-review-{locale}")


def test_sit_all_seven_forms_without_the_script(visit: Visit, house: House) -> None:
    page = visit("forms_plain", script=False)
    begin(page, house, "forms")
    for question in page.locator(".question").all():
        if question.get_attribute("data-form") != "ordering":
            answer(page, question)
            continue
        assert question.locator("button:visible").count() == 0
        for text in STEPS:  # all of them in one place
            question.locator(".line", has_text=text).locator("select").select_option("2")
    take(page, "form-plain")
    page.locator('button[value="submit"]').click()
    expect(page.locator("#messages .messages")).to_be_visible()  # how they have been read is shown first
    order = page.locator('.question[data-form="ordering"]')
    assert sorted(order.locator("select").evaluate_all("all => all.map((one) => one.value)")) == ["1", "2", "3", "4"]
    for place, text in enumerate(STEPS, 1):
        order.locator(".line", has_text=text).locator("select").select_option(str(place))
    page.locator('button[value="submit"]').click()
    page.wait_for_url("**/result/1/")
    assert page.locator(".reviewed.is-right").count() == 7


def test_what_is_typed_survives_a_closed_page_and_comes_along(visit: Visit, house: House) -> None:
    page = visit("forms_resume")
    begin(page, house, "forms")
    go_to(page, "fill_in")
    gap = page.locator(".question.is-current .gap").first
    gap.press_sequentially("一九")  # the field is not left, nothing is sent
    page.context.set_offline(True)
    page.close()
    page = page.context.new_page()
    page.context.set_offline(False)
    page.goto(house.path("attempt/", "forms"))
    assert page.locator('.question[data-form="fill_in"] .gap').first.input_value() == "一九"
    go_to(page, "fill_in")
    page.locator(".question.is-current .gap").first.press("Enter")  # goes to the next gap, not to the next question
    expect(page.locator(".question.is-current .gap").nth(1)).to_be_focused()
    go_to(page, "matching")
    page.locator(".question.is-current select").first.select_option(index=1)
    go_to(page, "ordering")
    order = page.locator(".question.is-current")
    shown = lines_of(order)
    order.locator('[data-move="1"]').first.click()
    moved = [shown[1], shown[0], *shown[2:]]
    assert lines_of(order) == moved
    assert re.search(r"2\D*4", part(page, "spoken").inner_text())
    expect_delivered(page, 3)
    page.context.close()

    other = visit("forms_resume", size=DESKTOP)
    other.goto(house.path("attempt/", "forms"))
    expect_delivered(other, 3)
    assert other.locator('.question[data-form="fill_in"] .gap').first.input_value() == "一九"
    assert other.locator('.question[data-form="matching"] select').first.input_value() == "0"
    assert lines_of_hidden(other) == moved


def lines_of_hidden(page: Page) -> list[str]:
    found: list[str] = page.locator('.question[data-form="ordering"] .line .text').all_text_contents()
    return found


def go_on(page: Page, house: House) -> None:
    """Come back to the paper, or begin it."""
    page.goto(house.path("attempt/", "forms"))
    if not page.url.endswith("/attempt/"):
        begin(page, house, "forms")


def go_to(page: Page, form: str) -> None:
    no = page.locator(f'.question[data-form="{form}"]').get_attribute("data-no")
    part(page, "sheet").click()
    page.locator("#sheet .cells button").nth(int(str(no)) - 1).click()
    expect(page.locator(f'.question.is-current[data-form="{form}"]')).to_be_visible()


@pytest.mark.parametrize("size", ["", "elder"])
@pytest.mark.parametrize("dark", [False, True])
def test_every_form_is_readable_dark_and_large(visit: Visit, house: House, dark: bool, size: str) -> None:
    page = visit("forms_look", dark=dark, cookies={"size": size} if size else None)
    go_on(page, house)
    for form in ("fill_in", "numeric", "matching", "ordering", "single"):
        go_to(page, form)
        assert_accessible(page)
        assert_no_overflow(page)
        assert_targets(page)
        take(page, f"form-{form}-{'dark' if dark else 'light'}-{size or 'usual'}")


def test_the_sign_of_a_number_is_turned_without_a_minus_key(visit: Visit, house: House) -> None:
    page = visit("forms_look")
    go_on(page, house)
    go_to(page, "numeric")
    field = page.locator(".question.is-current .figure input")
    field.fill("5")
    page.locator(".question.is-current [data-sign]").click()
    expect(field).to_have_value("-5")
    page.locator(".question.is-current [data-sign]").click()
    expect(field).to_have_value("5")


@pytest.mark.parametrize(("size", "locale"), [(None, "zh-CN"), (DESKTOP, "en-GB")])
def test_an_organiser_writes_every_form(visit: Visit, house: House, size: dict[str, int] | None, locale: str) -> None:
    page = visit("organiser", locale=locale, **({"size": size} if size else {}))
    for form in ("fill_in", "numeric", "matching", "ordering"):
        page.goto(f"/console/items/?form={form}")
        page.locator("tbody th a").first.click()
        check(page)
        page.goto(f"{page.url}edit/")
        check(page)
        expect(page.locator("#preview fieldset.question")).to_be_visible()
    page.goto("/console/items/?form=fill_in")
    page.goto(str(page.locator("tbody th a").first.get_attribute("href")) + "edit/")
    boxes = page.locator("[name=accepted]")
    expect(boxes).to_have_count(2)
    page.locator("[name=stem]").fill("____和____和____。")
    expect(boxes).to_have_count(3)  # a box comes with the gap
    expect(page.locator("[name=stem]")).to_be_focused()
    expect(page.locator("#preview .gap")).to_have_count(3)
    boxes.nth(2).fill("三")
    expect(page.locator("#preview .gap").nth(2)).to_have_value("三")
