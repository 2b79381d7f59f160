"""The whole product for browsers to visit, and a browser to visit it with."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page
from tests.browser import PHONE
from tests.journeys.serving import House, serve_house


@pytest.fixture(scope="session")
def house(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The served house; where there is no browser nothing is started."""
    with serve_house(tmp_path_factory.mktemp("house")) as served:
        yield served


@pytest.fixture
def visit(chromium: Browser, house: House) -> Iterator[Callable[..., Page]]:
    """A function that opens the house as a member on a device of their own; what the browser complains of fails."""
    complaints: list[str] = []
    contexts = []

    def hear(message: ConsoleMessage) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            complaints.append(message.text)

    def visited(
        member: str,
        *,
        size: dict[str, int] = PHONE,
        locale: str = "zh-CN",
        dark: bool = False,
        script: bool = True,
        cookies: dict[str, str] | None = None,
    ) -> Page:
        context = chromium.new_context(
            base_url=house.url,
            viewport=size,  # type: ignore[arg-type]
            locale=locale,
            color_scheme="dark" if dark else "light",
            java_script_enabled=script,
            reduced_motion="reduce",
        )
        contexts.append(context)
        kept = {"sessionid": house.sessions[member], **(cookies or {})}
        context.add_cookies([{"name": name, "value": value, "url": house.url} for name, value in kept.items()])
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.on("console", hear)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield visited
    for context in contexts:
        context.close()
    assert not complaints, complaints
