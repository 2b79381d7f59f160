"""Take the pictures of the docs again, from the demonstration federation, in a real browser.

Builds the demonstration in a folder of its own (or uses the one in DATA, if it holds one), serves it, signs in as the
people it names, and writes docs/pictures. Needs chromium and a font with Chinese characters.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "pictures"
PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1280, "height": 800}
MEMBER, ORGANISER, REGION, ADMINISTRATOR = "19400000001", "19400000002", "19400000003", "19400003001"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--font-render-hinting=none", "--disable-background-networking"]


@contextmanager
def demonstration() -> Iterator[str]:
    """Serve the demonstration and yield its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        data = os.environ.get("DATA", "")
        if not (Path(data) / "demonstration").exists():
            data = str(Path(folder) / "data")
        process = subprocess.Popen(
            [sys.executable, str(ROOT / "demo" / "run.py")],
            env={**os.environ, "DATA": data, "PORT": str(port)},
        )
        try:
            address = f"http://127.0.0.1:{port}"
            for _ in range(1800):
                try:
                    urllib.request.urlopen(f"{address}/engine/health", timeout=2).close()
                    break
                except OSError:
                    if process.poll() is not None:
                        raise SystemExit("the demonstration did not start") from None
                    time.sleep(0.1)
            yield address
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(30)


def sign_in(page: Page, address: str, phone: str) -> None:
    """Sign in by one-time code, which a demonstration shows on the page, and confirm the roster line."""
    page.goto(f"{address}/sign-in/")
    page.fill("main input:not([type=hidden])", phone)
    page.click("main button[type=submit]")
    page.wait_for_url("**/sign-in/code/")
    found = re.search(r"(?<!\d)\d{6}(?!\d)", page.inner_text("main"))
    assert found, "the page shows no code"
    page.fill("input[autocomplete=one-time-code]", found.group())
    page.click("main button[type=submit]")
    page.wait_for_load_state()
    if page.url.endswith("/sign-in/who/"):
        page.click("main button[type=submit]")
        page.wait_for_load_state()


def take(page: Page, name: str) -> None:
    page.wait_for_load_state("networkidle")
    page.evaluate("document.fonts.ready")
    page.screenshot(path=PICTURES / f"{name}.png")
    print(f"taken: docs/pictures/{name}.png", flush=True)


def visit(browser: Browser, address: str, phone: str, language: str, size: dict[str, int], **options: str) -> Page:
    context = browser.new_context(
        viewport={"width": size["width"], "height": size["height"]},
        locale={"zh": "zh-CN", "en": "en-GB"}[language],
        color_scheme=options.get("scheme", "light"),  # type: ignore[arg-type]
        reduced_motion="reduce",
    )
    page = context.new_page()
    sign_in(page, address, phone)
    return page


def as_a_member(browser: Browser, address: str) -> None:
    page = visit(browser, address, MEMBER, "zh", PHONE)
    page.goto(f"{address}/")
    take(page, "home.zh.phone")
    page.goto(f"{address}/rounds/1/board/")
    take(page, "board.zh.phone")
    page.goto(f"{address}/rounds/3/")
    page.click("main form button[type=submit]")
    page.wait_for_url("**/attempt/")
    page.wait_for_selector("[data-item]:not([hidden]) label, fieldset:not([hidden]) label")
    page.locator("fieldset:visible label, [data-item]:visible label").nth(1).click()
    take(page, "attempt.zh.phone")
    page.context.close()


def as_organisers(browser: Browser, address: str) -> None:
    page = visit(browser, address, REGION, "en", DESKTOP)
    for path, name in (("/console/", "desk"), ("/console/units/", "units")):
        page.goto(f"{address}{path}")
        take(page, f"{name}.en.desktop")
    page.context.close()
    page = visit(browser, address, ADMINISTRATOR, "en", DESKTOP)
    for path, name in (
        ("/console/rounds/2/monitor/", "monitor"),
        ("/console/rounds/2/blueprint/", "blueprint"),
        ("/console/items/", "items"),
    ):
        page.goto(f"{address}{path}")
        take(page, f"{name}.en.desktop")
    page.context.close()


def as_a_stranger(browser: Browser, address: str) -> None:
    context = browser.new_context(viewport=PHONE, locale="zh-CN", reduced_motion="reduce")  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{address}/public/rounds/1/")
    take(page, "public.zh.phone")
    context.close()


def a_certificate(browser: Browser, address: str) -> None:
    """Draw the certificate the member of the demonstration takes for the finished round."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tradeshall.config.settings.test")
    sys.path.insert(0, str(ROOT / "src"))
    import django

    django.setup()
    from tradeshall.web.typesetting import qr_svg, set_png

    url = f"{address}/certificates/7K3M-9QXA-PDVT-2H4C/"
    page = {
        "number": "JS-2026-0001 · 7K3M-9QXA-PDVT-2H4C",
        "heading": "参赛证书",
        "heading_other": "Certificate of completion",
        "name": "徐清蓉",
        "words": "完成“职工知识竞赛”的“第一轮”，得 85 分（满分 100 分），特发此证。",
        "words_other": "finished “Round 1” of the contest “Workers’ Knowledge” with 85 of 100 points.",
        "figure_label": "得分",
        "figure": "85",
        "figure_note": "共 100",
        "stamp": "完成",
        "qr": qr_svg(url),
        "url": url,
        "date": "2026年11月22日",
    }
    content = {
        "title": "证书",
        "issuer": "海川市总工会",
        "lang": "zh",
        "check": "扫码或打开网址，即可核验这张证书。",
        "pages": [page],
    }
    picture = set_png("contests/print/certificate.typ", content, width_px=1120, width_pt=842)
    (PICTURES / "certificate.zh.png").write_bytes(picture)
    print("taken: docs/pictures/certificate.zh.png", flush=True)


def main() -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    chromium = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    with demonstration() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        as_a_member(browser, address)
        as_organisers(browser, address)
        as_a_stranger(browser, address)
        a_certificate(browser, "https://tradeshall.example")
        browser.close()


if __name__ == "__main__":
    main()
