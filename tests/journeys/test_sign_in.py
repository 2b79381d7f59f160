"""A member signs in on a phone; an organiser finds a unit and adds a person. In a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page
from tests.browser import DESKTOP, PHONE, assert_accessible, assert_no_overflow, assert_targets, take
from tests.factories.people import make_account, make_member
from tests.factories.units import make_family, make_grant, make_unit

from tradeshall.core.authority import Role
from tradeshall.people.models import Membership
from tradeshall.people.ports import MemorySms
from tradeshall.units.enums import UnitKind
from tradeshall.units.models import Unit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NUMBER = "13800138000"
SIZES = [PHONE, DESKTOP]
LANGUAGES = ["zh-CN", "en-GB"]


def look(page: Page, name: str) -> None:
    """Hold a page to what every page must pass, and keep a picture of it."""
    width = page.viewport_size["width"] if page.viewport_size else 0
    take(page, f"{name}-{page.evaluate('document.documentElement.lang')}-{width}")
    assert_accessible(page)
    assert_no_overflow(page)
    assert_targets(page)


def press(page: Page) -> None:
    page.locator("main form button.primary").first.click()


@pytest.fixture
def units() -> dict[str, Unit]:
    units = make_family()
    Unit.objects.filter(pk=units["own"].pk).update(name="澜栖机械厂工会", name_en="Lanqi Machinery Works Branch")
    Unit.objects.filter(pk=units["sibling"].pk).update(
        name="海川港务公司工会", name_en="Haichuan Port Company Branch"
    )
    Unit.objects.filter(pk=units["parent"].pk).update(name="潮东区总工会", name_en="Chaodong District Federation")
    MemorySms.sent.clear()
    return units


def sent_code() -> str:
    found = re.search(r"\d{6}", MemorySms.sent[-1][1])
    assert found
    return found.group()


@pytest.mark.parametrize("locale", LANGUAGES)
@pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])
def test_a_member_signs_in_and_chooses_among_two_lines(
    open_page: Callable[..., Page], units: dict[str, Unit], locale: str, script: bool
) -> None:
    mine = make_member(unit=units["own"], name="王小明", phone=NUMBER, member_no="HC0004711")
    make_member(unit=units["sibling"], name="李红", phone=NUMBER, member_no="HC0000815")
    page = open_page(PHONE, locale, script=script)
    page.goto("/me/")
    if script:
        look(page, "sign-in")
        press(page)
        look(page, "sign-in-error")
    page.fill("#id_phone", "138 0013 8000")
    press(page)
    if script:
        look(page, "code")
    page.fill("#id_code", "000000" if sent_code() != "000000" else "111111")
    press(page)
    page.wait_for_selector(".error-summary")
    page.fill("#id_code", sent_code())
    press(page)
    page.wait_for_url("**/sign-in/who/**")
    if script:
        look(page, "choose")
    page.locator(f"input[value='{mine.pk}']").check(force=True)
    press(page)
    page.wait_for_url("**/me/")
    assert mine.name in page.inner_text("h1")
    if script:
        look(page, "me")
        page.goto("/me/security/")
        look(page, "security")
        page.goto("/me/security/password/")
        look(page, "password")
        page.goto("/me/security/app/")
        look(page, "add-app")
        page.goto("/me/erase/")
        look(page, "erase")
    assert Membership.objects.get(pk=mine.pk).account is not None


@pytest.mark.parametrize("locale", LANGUAGES)
def test_a_member_on_one_line_confirms_it(
    open_page: Callable[..., Page], units: dict[str, Unit], locale: str
) -> None:
    make_member(unit=units["own"], name="王小明", phone=NUMBER, member_no="HC0004711")
    page = open_page(PHONE, locale)
    page.goto("/sign-in/?next=/me/")
    page.fill("#id_phone", NUMBER)
    press(page)
    page.fill("#id_code", sent_code())
    press(page)
    look(page, "confirm")
    press(page)
    page.wait_for_url("**/me/")
    page.goto("/sign-in/again/?next=/me/")
    look(page, "prove-again")


@pytest.mark.parametrize("locale", LANGUAGES)
@pytest.mark.parametrize("size", SIZES, ids=["phone", "desktop"])
def test_an_organiser_finds_a_unit_and_adds_a_person(
    open_page: Callable[..., Page],
    sign_in: Callable[[Page, Any], None],
    units: dict[str, Unit],
    locale: str,
    size: dict[str, int],
) -> None:
    boss = make_account(role=Role.ADMINISTRATOR, unit=units["parent"])
    make_member(unit=units["parent"], account=boss, name="陈主席", phone="13900139000")
    for number in range(3):
        make_unit(parent=units["own"], name=f"第{number + 1}车间工会小组", kind=UnitKind.GROUP)
        make_member(unit=units["own"], name=f"会员{number}", phone=f"1370013700{number}")
    helper = make_member(unit=units["own"], name="李组织", phone="13600136000", account=make_account())
    make_grant(helper.account, Role.ORGANISER, units["own"])
    page = open_page(size, locale)
    sign_in(page, boss)
    page.goto("/console/units/")
    look(page, "units")
    toggle = page.locator(f"#toggle-{units['own'].pk}")
    if toggle.count():
        toggle.click()
        page.wait_for_url(re.compile(r"open="))
        page.wait_for_selector(f"text={Unit.objects.filter(parent=units['own'], kind='group').last().name}")
        swapped = page.inner_html("#units")
        page.reload()
        assert plain(page.inner_html("#units")) == plain(swapped)
        look(page, "units-open")
    page.fill("#id_q", "机械" if locale == "zh-CN" else "Machinery")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("q="))
    page.locator("#units th a").first.wait_for()
    look(page, "units-found")
    page.locator("#units th a").first.click()
    page.wait_for_url(f"**/console/units/{units['own'].pk}/")
    look(page, "unit")
    page.goto(f"/console/units/{units['own'].pk}/add/")
    look(page, "unit-add")
    page.goto(f"/console/people/?unit={units['own'].pk}")
    look(page, "people")
    page.goto(f"/console/people/add/?unit={units['own'].pk}")
    page.fill("#id_member_no", "HC 1")
    page.fill("#id_name", "王小明")
    page.fill("#id_phone", NUMBER)
    press(page)
    page.wait_for_selector(".error-summary")
    look(page, "person-add-error")
    page.fill("#id_member_no", "HC1")
    press(page)
    page.wait_for_url(re.compile(r"/console/people/\?unit="))
    row = Membership.objects.get(member_no="HC1")
    page.goto(f"/console/people/{row.pk}/roles/give/")
    look(page, "role-give")
    page.locator("input[value='auditor']").check(force=True)
    press(page)
    page.wait_for_url(f"**/console/people/{row.pk}/")
    look(page, "person")
    page.goto(f"/console/people/{row.pk}/end/")
    look(page, "person-end")


def plain(html: str) -> str:
    """Return markup without what htmx itself leaves on elements, and without blanks between them."""
    html = re.sub(r' (?:class="[^"]*htmx[^"]*"|data-htmx-[a-z-]+="[^"]*")', "", html)
    return re.sub(r"\s+", " ", html)


@pytest.mark.parametrize("locale", LANGUAGES)
def test_an_administrator_brings_a_spreadsheet_in(
    open_page: Callable[..., Page], sign_in: Callable[[Page, Any], None], units: dict[str, Unit], locale: str
) -> None:
    boss = make_account(role=Role.ADMINISTRATOR, unit=units["parent"])
    page = open_page(DESKTOP, locale)
    sign_in(page, boss)
    page.goto("/console/imports/")
    look(page, "imports")
    page.goto("/console/imports/roster/")
    look(page, "import-file")
    lines = [
        "会员号,姓名,手机,邮箱,单位编码,入会日期",
        f"HC1,王小明,{NUMBER},,{units['own'].code},2020-01-01",
        "HC2,,,,X,9",
    ]
    page.set_input_files(
        "#id_file", {"name": "名册.csv", "mimeType": "text/csv", "buffer": "\n".join(lines).encode()}
    )
    press(page)
    page.wait_for_url(re.compile(r"/console/imports/\d+/"))
    look(page, "import-report")
    page.locator("main form[action$='/apply/'] button").click()
    page.wait_for_selector("#messages .notice, #messages li, #messages *")
    assert Membership.objects.filter(member_no="HC1").exists()
    page.goto("/console/imports/")
    look(page, "imports-done")
