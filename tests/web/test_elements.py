"""The small elements and the checks of the browser harness itself, in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_protect
from playwright.sync_api import Page, expect
from tests.browser import assert_accessible, assert_no_overflow, assert_same_after_reload, assert_targets, choose

from tradeshall.config import urls as configured
from tradeshall.web.access import PUBLIC, opens_to, route
from tradeshall.web.forms import GalleryForm, render_form

taken: list[str] = []


@opens_to(PUBLIC)
def elements(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/elements.html", {"form": GalleryForm()})


@opens_to(PUBLIC)
def timer(request: HttpRequest) -> HttpResponse:
    """A page that asks for nothing: where a test moves the clock, a request under way would give up."""
    return render(request, "pages/timer.html")


@opens_to(PUBLIC)
@csrf_protect
def save(request: HttpRequest) -> HttpResponse:
    """Take a form, or answer 422 with its page; htmx asks for the form alone."""
    form = GalleryForm(request.POST)
    if form.is_valid():
        taken.append(form.cleaned_data["name"])
        return HttpResponse("<p id='thanks'>thanks</p>")
    partial = request.headers.get("HX-Request-Type") == "partial"
    return render_form(request, "pages/part.html" if partial else "pages/form.html", {}, form=form)


@opens_to(PUBLIC)
def part(request: HttpRequest) -> HttpResponse:
    taken.append("polled")
    return HttpResponse(f"<p>{len(taken)}</p>", status=503 if request.GET.get("busy") else 200)


urlpatterns = [
    route("elements/", elements, "elements"),
    route("timer/", timer, "timer"),
    route("save/", save, "save"),
    route("part/", part, "part"),
    *configured.urlpatterns,
]
LIBRARY_ACCESS = configured.LIBRARY_ACCESS
handler404 = configured.handler404

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("browser"),
    pytest.mark.urls(__name__),
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture(autouse=True)
def own_pages(settings: Any) -> None:
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [Path(__file__).parent / "templates"]}]
    taken.clear()


@pytest.fixture
def shown(page: Page) -> Page:
    choose(page, language="en")
    page.goto("/elements/")
    return page


def test_time_left_counts_down_whatever_the_clock_of_the_browser_says(page: Page) -> None:
    choose(page, language="en")
    page.clock.install(time="2031-01-01T00:00:00Z")
    page.goto("/timer/")
    left = page.locator("time-left").first
    expect(left).to_have_text("01:05")
    page.clock.run_for(6_000)
    expect(left).to_have_text("00:59")
    expect(left).to_have_class("number soon")
    expect(page.get_by_role("status")).to_have_text("One minute left")
    page.clock.fast_forward(59_500)
    expect(left).to_have_text("00:00")
    expect(page.get_by_role("status")).to_have_text("Time is up")


def test_confirm_button_asks_before_it_sends(shown: Page) -> None:
    shown.get_by_role("button", name="Remove").click()
    dialog = shown.get_by_role("dialog")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
    assert_accessible(shown)
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_have_count(0)
    assert shown.url.endswith("/elements/")
    shown.get_by_role("button", name="Remove").click()
    shown.get_by_role("dialog").get_by_role("button", name="Remove").click()
    shown.wait_for_url("**/save/")


def test_dialog_opens_and_gives_the_focus_back(shown: Page) -> None:
    opener = shown.get_by_role("button", name="Open the sheet")
    opener.click()
    expect(shown.get_by_role("dialog", name="A sheet")).to_be_visible()
    assert_accessible(shown)
    shown.keyboard.press("Escape")
    expect(shown.get_by_role("dialog")).to_have_count(0)
    expect(opener).to_be_focused()


def test_wrong_form_gives_the_focus_to_the_summary_that_leads_to_the_field(shown: Page) -> None:
    shown.get_by_role("button", name="Save plainly").click()
    shown.wait_for_url("**/save/")
    expect(shown.locator(".error-summary")).to_be_focused()
    assert shown.title().startswith("Error: ")
    shown.get_by_role("link", name="Choose “Which attempt counts”.").click()
    expect(shown.locator("#id_counts_0")).to_be_focused()


def test_htmx_sends_the_token_and_swaps_a_422(shown: Page) -> None:
    shown.locator("#swapped").get_by_role("button", name="Save by htmx").click()
    expect(shown.locator("#swapped .error-summary")).to_be_focused()
    assert shown.url.endswith("/elements/")


def test_live_part_renews_itself_and_keeps_what_it_showed_when_refused(shown: Page) -> None:
    expect(shown.locator("#live")).not_to_have_text("before")
    shown.wait_for_timeout(1_500)
    expect(shown.locator("#busy")).to_have_text("kept")


def test_swap_that_differs_from_a_reload_is_found(shown: Page) -> None:
    assert_same_after_reload(shown, ".page-head")
    shown.evaluate("document.querySelector('h1').textContent = 'Something else'")
    with pytest.raises(AssertionError):
        assert_same_after_reload(shown, ".page-head")


def test_forms_work_without_javascript(open_page: Callable[..., Page]) -> None:
    page = open_page(script=False)
    choose(page, language="en")
    page.goto("/elements/")
    expect(page.locator("time-left").first).to_have_text("01:05")
    page.get_by_role("button", name="Larger type").click()
    expect(page.locator("html")).to_have_attribute("data-size", "elder")
    page.get_by_role("button", name="中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-hans")
    page.get_by_role("button", name="Remove").click()
    page.wait_for_url("**/save/")


@pytest.mark.parametrize(
    ("check", "markup"),
    [
        (assert_accessible, "<p style='color:#ccc;background:#fff'>too pale</p>"),
        (assert_no_overflow, "<p style='width:500px'>too wide</p>"),
        (assert_targets, "<button style='width:10px;height:10px;padding:0;overflow:hidden'>x</button>"),
    ],
)
def test_checks_find_what_they_are_for(page: Page, check: Callable[[Page], None], markup: str) -> None:
    viewport = "<meta name=viewport content='width=device-width'>"
    good = f"<!doctype html><html lang=en><title>t</title>{viewport}<main><h1>t</h1>"
    page.set_content(f"{good}<p>fine</p></main>")
    check(page)
    page.set_content(f"{good}{markup}</main>")
    with pytest.raises(AssertionError):
        check(page)
