"""Member pages as an old phone sees them: a slow processor and a slow network, on the first view."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from statistics import median

from benchmarks.measuring import folder
from benchmarks.registry import Benchmark, Figure, Unavailable

PAGES = {"home": "/", "contests": "/contests/", "round": "", "board": "board/"}
NETWORK = {"offline": False, "latency": 150, "downloadThroughput": 1_638_400 / 8, "uploadThroughput": 750_000 / 8}
"""Lighthouse's slow 4G: 150 ms round trips, 1.6 Mbit/s down."""

PROCESSOR_SLOWED = 4

PAINTED = """() => new Promise((done) => {
  new PerformanceObserver((list) => done(list.getEntries().at(-1).startTime))
    .observe({ type: "largest-contentful-paint", buffered: true });
})"""


def run(quick: bool) -> Iterator[Figure]:
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if chromium is None:
        raise Unavailable("chromium is absent")
    from playwright.sync_api import sync_playwright
    from tests.browser import ARGUMENTS, PHONE
    from tests.journeys.serving import serve_house

    with folder() as data, serve_house(data) as house, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        for name, path in PAGES.items():
            address = path if path.startswith("/") else house.path(path, "board" if path else "open")
            found = []
            for _ in range(1 if quick else 7):
                context = browser.new_context(base_url=house.url, viewport=PHONE, locale="zh-CN")  # type: ignore[arg-type]
                context.add_cookies([{"name": "sessionid", "value": house.sessions["look"], "url": house.url}])
                page = context.new_page()
                devtools = context.new_cdp_session(page)
                devtools.send("Network.emulateNetworkConditions", NETWORK)
                devtools.send("Emulation.setCPUThrottlingRate", {"rate": PROCESSOR_SLOWED})
                page.goto(address)
                found.append(page.evaluate(PAINTED))
                context.close()
            yield Figure(f"{name}: largest contentful paint", median(found) / 1000, "s", 1.8, at_least=False)
        browser.close()


BENCHMARKS = [Benchmark("pages", "first-view", run)]
