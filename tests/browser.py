"""A real browser for tests: fixtures, and the checks every page must pass.

    @pytest.mark.browser
    def test_something(page, sign_in):
        sign_in(page, account)
        page.goto("/")
        assert_accessible(page)
        assert_no_overflow(page)
        assert_targets(page)
        take(page, "member-home")          # a picture in test-results/

The browser is Debian's (or the one CHROMIUM names). Where there is none these tests are skipped, save under CI.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--font-render-hinting=none"]
PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1280, "height": 800}
RULES = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]
PICTURES = Path(__file__).parents[1] / "test-results"
LEAST_TARGET = 24  # CSS pixels, WCAG 2.2 SC 2.5.8


def executable() -> str | None:
    return os.environ.get("CHROMIUM") or shutil.which("chromium")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser, started once."""
    path = executable()
    if path is None:
        if os.environ.get("CI") == "true":
            pytest.fail("chromium is absent")
        pytest.skip("chromium is absent")
    with sync_playwright() as playwright:
        # Playwright's loop runs in this thread, and Django would refuse queries beside it; no query here is async.
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()
        os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE")


@pytest.fixture
def open_page(chromium: Browser, live_server: Any) -> Iterator[Callable[..., Page]]:
    """A function that opens a page of its own: width and height, language, theme, JavaScript on or off.

    What the browser complains of (a refused style, an exception) fails the test.
    """
    complaints: list[str] = []
    contexts = []

    def hear(message: ConsoleMessage) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            complaints.append(message.text)

    def opened(size: dict[str, int] = PHONE, locale: str = "zh-CN", dark: bool = False, script: bool = True) -> Page:
        context = chromium.new_context(
            base_url=live_server.url,
            viewport=size,  # type: ignore[arg-type]
            locale=locale,
            color_scheme="dark" if dark else "light",
            java_script_enabled=script,
            reduced_motion="reduce",
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.on("console", hear)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not complaints, complaints


@pytest.fixture
def page(open_page: Callable[..., Page]) -> Page:
    """A page on a phone, in Chinese, light."""
    return open_page()


@pytest.fixture
def sign_in(live_server: Any) -> Callable[[Page, Any], None]:
    """A function that signs an account in on a page, without its sign-in pages."""

    def signed_in(page: Page, account: Any) -> None:
        client = Client()
        client.force_login(account, backend=settings.AUTHENTICATION_BACKENDS[0])
        value = client.cookies[settings.SESSION_COOKIE_NAME].value
        page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": live_server.url}])

    return signed_in


def choose(page: Page, **cookies: str) -> None:
    """Set what the page's footer and masthead set: language, theme, size."""
    names = {"language": settings.LANGUAGE_COOKIE_NAME}
    chosen = [{"name": names.get(name, name), "value": value} for name, value in cookies.items()]
    page.context.add_cookies([{**one, "domain": "localhost", "path": "/"} for one in chosen])  # type: ignore[list-item]


def assert_accessible(page: Page) -> None:
    """Require that axe finds nothing."""
    results = Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}})
    found = [
        f"{one['id']}: {one['help']}: " + " | ".join(node["html"][:160] for node in one["nodes"][:4])
        for one in results.response["violations"]
    ]
    assert found == [], f"{page.url}\n" + "\n".join(found)


def assert_no_overflow(page: Page) -> None:
    """Require that nothing makes the page scroll sideways, and no text is cut off by its box."""
    wide = page.evaluate(
        """() => {
          const width = document.documentElement.clientWidth;
          if (document.documentElement.scrollWidth <= width) return [];
          return [...document.body.querySelectorAll("*")]
            .filter((e) => e.getBoundingClientRect().right > width + 1)
            .slice(0, 5).map((e) => e.outerHTML.slice(0, 160));
        }"""
    )
    assert wide == [], f"{page.url} scrolls sideways: {wide}"


def assert_targets(page: Page) -> None:
    """Require that everything to press is at least 24 px each way; links inside sentences are exempt."""
    small = page.evaluate(
        """(least) => [...document.querySelectorAll("a[href], button, input, select, textarea, summary")]
          .filter((e) => {
            if (e.type === "hidden" || e.closest(".visually-hidden, .skip, [hidden]")) return false;
            const box = e.getBoundingClientRect();
            if (!box.width || !box.height) return false;
            if (e.tagName === "A" && getComputedStyle(e).display === "inline") {
              const parent = e.parentElement;
              if (parent.textContent.trim().length > e.textContent.trim().length) return false;
            }
            return box.width < least || box.height < least;
          }).slice(0, 5).map((e) => e.outerHTML.slice(0, 160))""",
        LEAST_TARGET,
    )
    assert small == [], f"{page.url} has small targets: {small}"


def assert_same_after_reload(page: Page, selector: str = "main") -> None:
    """Require that what htmx swapped in is what the page shows when it is asked for again."""
    plain = """(selector) => {
      const copy = document.querySelector(selector).cloneNode(true);
      for (const e of [copy, ...copy.querySelectorAll("*")]) {
        for (const name of ["data-htmx-powered"]) e.removeAttribute(name);
        e.classList.remove("htmx-request", "htmx-settling", "htmx-swapping", "htmx-added");
        if (!e.classList.length) e.removeAttribute("class");
        if (e.name === "csrfmiddlewaretoken") e.remove();
      }
      return copy.outerHTML.replace(/\\s+/g, " ");
    }"""
    swapped = page.evaluate(plain, selector)
    page.reload()
    assert swapped == page.evaluate(plain, selector)


def take(page: Page, name: str) -> Path:
    """Write a picture of the whole page to test-results/ and return its path."""
    PICTURES.mkdir(exist_ok=True)
    path = PICTURES / f"{name}.png"
    page.screenshot(path=path, full_page=True)
    return path
