"""The pages on which a pool is kept in order, in a browser: wide and narrow, in both languages."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Page, expect
from tests.browser import DESKTOP, PHONE, assert_accessible, assert_no_overflow, assert_targets, take
from tests.factories.contests import make_item, make_pool
from tests.factories.people import make_account
from tests.factories.units import make_family, make_grant

from tradeshall.contests.actions.bank import draft_of, edit_item
from tradeshall.contests.actions.items import import_items
from tradeshall.contests.models import Pool
from tradeshall.core.authority import OPERATOR, Role

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SIZES = [("zh-CN", PHONE), ("zh-CN", DESKTOP), ("en-GB", PHONE), ("en-GB", DESKTOP)]


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def pool() -> Pool:
    pool = make_pool(unit=make_family()["own"], name="劳动法题库")
    for word in ("工时", "工作"):
        item = make_item(pool=pool, stem=f"国家实行劳动者每日工作时间不超过几小时的{word}制度？")
    from dataclasses import replace

    draft = draft_of(item)
    edit_item(actor=OPERATOR, item=item, draft=replace(draft, explanation="《劳动法》规定八小时。", difficulty=2))
    make_item(pool=pool, form="ordering", stem="按先后排列。", options=("一", "二", "三"), key=(2, 0, 1))
    return pool


@pytest.fixture
def organiser(pool: Pool) -> Any:
    account = make_account()
    make_grant(account, Role.ORGANISER, pool.unit)
    return account


def sign() -> bytes:
    file = io.BytesIO()
    image = Image.new("RGB", (320, 200), "#f4c400")
    ImageDraw.Draw(image).polygon([(160, 20), (290, 180), (30, 180)], outline="black", width=12)
    image.save(file, "PNG")
    return file.getvalue()


def looked_at(page: Page, name: str) -> None:
    width = page.viewport_size["width"] if page.viewport_size else 0
    assert_accessible(page)
    assert_no_overflow(page)
    assert_targets(page)
    take(page, f"keeping-{name}-{page.evaluate('document.documentElement.lang')}-{width}")


@pytest.mark.parametrize(("locale", "size"), SIZES)
def test_a_pool_is_kept_in_order(
    open_page: Callable[..., Page], sign_in: Any, organiser: Any, pool: Pool, locale: str, size: dict[str, int]
) -> None:
    page = open_page(size=size, locale=locale)
    sign_in(page, organiser)
    base = f"/console/pools/{pool.pk}/"
    page.goto(base)
    looked_at(page, "pool")
    if size == PHONE:
        expect(page.locator("[name=state]")).to_be_hidden()
        page.locator(".fold").click()
    expect(page.locator("[name=state]")).to_be_visible()
    page.goto(f"{base}export/")
    looked_at(page, "export")
    page.locator("button[value=aiken]").click()
    expect(page.locator(".notice")).to_be_visible()
    looked_at(page, "export-left-out")
    page.goto(f"{base}duplicates/")
    expect(page.locator(".alike")).to_have_count(1)
    looked_at(page, "duplicates")
    page.locator("button[value=keep]").click()
    expect(page.locator(".alike")).to_have_count(0)
    looked_at(page, "duplicates-none")
    changed = pool.items.order_by("pk")[1]
    page.goto(f"/console/items/{changed.pk}/")
    looked_at(page, "item")
    text = "::1::Look {=a ~b}\n\nEssay {}\n\n"
    text += "::2::国家实行劳动者每日工作时间不超过几小时的工时制？ {=甲 ~%-50%乙 ~丙#不 ~丁}\n"
    run = import_items(actor=organiser, pool=pool, file=io.BytesIO(text.encode()), name="bank.gift", dry_run=True)
    page.goto(f"/console/imports/{run.pk}/")
    looked_at(page, "import")
    page.goto(f"{base}import/")
    looked_at(page, "import-new")


@pytest.mark.parametrize(("locale", "size"), [SIZES[0], SIZES[3]])
@pytest.mark.parametrize("script", [True, False])
def test_a_picture_is_put_under_a_question(
    open_page: Callable[..., Page],
    sign_in: Any,
    organiser: Any,
    pool: Pool,
    locale: str,
    size: dict[str, int],
    script: bool,
) -> None:
    page = open_page(size=size, locale=locale, script=script)
    sign_in(page, organiser)
    page.goto(f"/console/pools/{pool.pk}/items/new/")
    page.fill("[name=stem]", "这是什么标志？")
    page.set_input_files("[name=media_file]", {"name": "s.png", "mimeType": "image/png", "buffer": sign()})
    page.fill("[name=new_words]", "黄底黑框的三角形")
    page.locator("button[value=attach]").click()
    expect(page.locator(".media-row img")).to_be_visible()
    expect(page.locator("[name=stem]")).to_have_value("这是什么标志？")
    assert page.locator(".media-row img").evaluate("image => image.naturalWidth") == 320
    if script:
        looked_at(page, "picture")
    for at, text in enumerate(("注意安全", "禁止通行")):
        page.locator("[name=option]").nth(at).fill(text)
    page.locator("[name=right]").first.check(force=True)
    page.locator(".submit button[value=save]").click()
    page.wait_for_url(f"**/console/pools/{pool.pk}/")
    item = pool.items.latest("pk")
    assert [one["alt"] for one in item.media] == ["黄底黑框的三角形"]
