"""A new organiser sets a contest up, publishes it and watches it run; another brings questions in. In a browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from tests.browser import DESKTOP, PHONE, assert_accessible, assert_no_overflow, assert_targets, take

pytestmark = pytest.mark.browser

Visit = Callable[..., Page]
LANGUAGES = ["zh-CN", "en-GB"]
MATES = {"zh-CN": "mate0", "en-GB": "mate1"}
BRANCH = {"zh-CN": "市政工程工会", "en-GB": "Public Works"}
POOL = "安全生产题库"
FILE = (
    "题型,题干,选项A,选项B,选项C,选项D,答案,难度,标签,出处\n"
    "单选,{word}第一题：灭火器压力表指针在哪里表示正常？,红区,绿区,黄区,黑区,B,2,消防,《消防法》第十六条\n"
    "单选,{word}第二题：两个选项一样？,甲,甲,丙,丁,A,2,,\n"
    "多选,{word}第三题：只有一个答案？,甲,乙,丙,,A,3,,\n"
    "判断,{word}第四题：高处作业要系安全带。,,,,,对,1,高处,《安全生产法》第五十七条\n"
)


def looked_at(page: Page, name: str) -> None:
    """Hold a page to what every page must pass, and keep a picture of it."""
    width = page.viewport_size["width"] if page.viewport_size else 0
    assert_accessible(page)
    assert_no_overflow(page)
    assert_targets(page)
    take(page, f"console-{name}-{page.evaluate('document.documentElement.lang')}-{width}")


def save(page: Page) -> None:
    page.locator("main form .submit button:visible").first.click()


def stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M")


@pytest.mark.parametrize("locale", LANGUAGES)
def test_an_organiser_sets_a_contest_up_and_watches_it(visit: Visit, locale: str) -> None:
    page = visit("organiser", size=DESKTOP, locale=locale)
    page.goto("/console/")
    looked_at(page, "desk")

    # A campaign
    page.locator('a[href="/console/campaigns/new/"]').click()
    page.select_option("[name=unit]", label=page.locator("[name=unit] option", has_text=BRANCH[locale]).inner_text())
    save(page)  # too soon: the title is missing
    expect(page.locator(".error-summary")).to_be_focused()
    looked_at(page, "campaign-refused")
    title = f"班组安全月 {locale}"
    page.fill("[name=title]", title)
    today = datetime.now()  # noqa: DTZ005 (typed as a person types it)
    page.fill("[name=starts_on]", today.strftime("%Y-%m-%d"))
    page.fill("[name=ends_on]", (today + timedelta(days=30)).strftime("%Y-%m-%d"))
    save(page)
    page.wait_for_url(re.compile(r"/console/campaigns/ZT-"))
    looked_at(page, "campaign")
    page.locator('a[href$="/publish/"]').click()
    looked_at(page, "campaign-publish")
    page.locator("main form button.primary").click()
    page.wait_for_url(re.compile(r"/console/campaigns/ZT-[\d-]+/$"))

    # A contest in it
    page.locator('main a[href^="/console/contests/new/"]').first.click()
    page.fill("[name=title]", "班组安全竞赛")
    save(page)
    page.wait_for_url(re.compile(r"/console/contests/JS-"))
    looked_at(page, "contest")

    # A round: first with its window the wrong way round, which keeps what was typed
    page.locator('main a[href$="/rounds/new/"]').first.click()
    page.fill("[name=title]", "第一轮")
    page.fill("[name=opens_at]", stamp(today - timedelta(days=1)))
    page.fill("[name=closes_at]", stamp(today - timedelta(days=2)))
    page.fill("[name=time_limit_minutes]", "7.5")
    save(page)
    expect(page.locator(".error-summary")).to_be_focused()
    expect(page.locator("[name=title]")).to_have_value("第一轮")
    looked_at(page, "round-refused")
    page.fill("[name=closes_at]", stamp(today + timedelta(days=5)))
    save(page)

    # Its blueprint, checked while it is typed
    page.wait_for_url(re.compile(r"/blueprint/$"))
    page.get_by_label(POOL).check(force=True)
    page.locator("[name=s0-count]").fill("200")
    expect(page.locator("#check .notice.warn")).to_be_visible()
    looked_at(page, "blueprint-short")
    page.locator("[name=s0-count]").fill("5")
    expect(page.locator("#check .notice.ok")).to_be_visible()
    expect(page.locator("#check tfoot .n").last).to_have_text("25")
    page.locator('button[value="add"]').click()
    expect(page.locator("fieldset.section")).to_have_count(2)
    expect(page.locator("[name=s0-count]")).to_have_value("5")
    page.locator('button[value="remove 1"]').click()
    expect(page.locator("fieldset.section")).to_have_count(1)
    page.locator('.submit button[value="save"]').click()
    expect(page.locator(".notice").first).to_be_visible()
    looked_at(page, "blueprint")

    # What the check said while typing is what the page says once it is loaded again
    live = page.locator("#check").inner_html()
    page.reload()
    assert " ".join(page.locator("#check").inner_html().split()) == " ".join(live.split())

    # A sample paper, publication, the seal
    page.locator('.sub-nav a[href$="/paper/"]').click()
    expect(page.locator(".item-card")).to_have_count(15)  # three papers
    looked_at(page, "paper")
    round_url = page.url.replace("/paper/", "/")
    page.goto(round_url)
    page.locator('a[href$="/publish/"]').click()
    looked_at(page, "round-publish")
    page.locator("main form button.primary").click()
    page.wait_for_url(re.compile(r"/console/rounds/\d+/$"))
    expect(page.locator("code.hash").first).to_have_text(re.compile(r"^[0-9a-f]{64}$"))
    looked_at(page, "round-published")

    # Watch: a member begins, and the page says so by itself
    page.goto(round_url + "monitor/")
    expect(page.locator(".stamp.stale")).to_have_count(0)
    answering = page.locator(".plate .value").first
    expect(answering).to_have_text("0")
    mate = visit(MATES[locale], size=PHONE, locale=locale)
    mate.goto(re.sub(r".*/console", "", round_url))
    mate.locator("main form button.primary, main form button").first.click()
    expect(answering).to_have_text("1")
    looked_at(page, "monitor")

    # On a phone nothing of it falls apart
    phone = visit("organiser", size=PHONE, locale=locale)
    for name in ("", "monitor/", "paper/", "blueprint/", "export/", "close/"):
        phone.goto(round_url + name)
        looked_at(phone, f"round-{name.strip('/') or 'show'}")


@pytest.mark.parametrize("locale", LANGUAGES)
def test_an_item_editor_brings_a_file_in(visit: Visit, locale: str, tmp_path: Path) -> None:
    page = visit("organiser", size=DESKTOP, locale=locale)
    page.goto("/console/pools/new/")
    page.fill("[name=name]", f"导入 {locale}")
    page.select_option("[name=unit]", index=1)
    save(page)
    page.wait_for_url(re.compile(r"/console/pools/\d+/$"))
    looked_at(page, "pool-empty")
    file = tmp_path / "items.csv"
    file.write_text(FILE.format(word=locale), encoding="gb18030")

    page.locator('main a[href$="/import/"]').first.click()
    looked_at(page, "import")
    page.set_input_files("[type=file]", file)
    save(page)
    page.wait_for_url(re.compile(r"/console/imports/\d+/$"))
    expect(page.locator("tbody tr")).to_have_count(2)
    looked_at(page, "import-report")
    with page.expect_download() as download:
        page.locator('a[href$="/report/"]').click()
    report = download.value.path().read_text(encoding="utf-8-sig")
    assert len(report.strip().splitlines()) == 3
    page.locator("form[action$='/apply/'] button").click()
    page.wait_for_load_state()
    looked_at(page, "import-applied")

    # The sound rows are there; one is looked at, edited with its preview, and saved
    page.locator('main a[href^="/console/pools/"]').first.click()
    expect(page.locator("tbody tr")).to_have_count(2)
    page.locator("tbody th a", has_text="灭火器").click()
    looked_at(page, "item")
    page.locator('main a[href$="/edit/"]').click()
    page.fill("[name=stem]", f"{locale} 指针在哪里表示压力正常？")
    expect(page.locator("#preview .stem")).to_have_text(f"{locale} 指针在哪里表示压力正常？")
    page.locator("#right-2").check(force=True)
    expect(page.locator("#preview .option.right .text")).to_have_text("黄区")
    looked_at(page, "item-edit")
    page.locator('.submit button[value="save"]').click()
    page.wait_for_url(re.compile(r"/console/items/\d+/$"))
    expect(page.locator(".item-card .stem")).to_have_text(f"{locale} 指针在哪里表示压力正常？")


def test_a_blueprint_is_made_without_javascript(visit: Visit) -> None:
    page = visit("organiser", size=DESKTOP, locale="en-GB", script=False)
    page.goto("/console/contests/")
    page.locator("tbody th a").first.click()
    page.locator('main a[href$="/rounds/new/"]').first.click()
    today = datetime.now()  # noqa: DTZ005
    page.fill("[name=title]", "No script")
    page.fill("[name=opens_at]", stamp(today + timedelta(days=20)))
    page.fill("[name=closes_at]", stamp(today + timedelta(days=25)))
    save(page)
    page.wait_for_url(re.compile(r"/blueprint/$"))
    page.locator('button[value="add"]').click()
    expect(page.locator("fieldset.section")).to_have_count(2)
    page.locator('button[value^="remove"]').last.click()
    expect(page.locator("fieldset.section")).to_have_count(1)
    page.get_by_label(POOL).check(force=True)
    page.locator("[name=s0-count]").fill("4")
    page.locator('.submit button[value="save"]').click()
    expect(page.locator("#check .notice.ok")).to_be_visible()
