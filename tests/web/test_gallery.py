"""The gallery holds every component, and every component holds up in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Page
from tests.browser import (
    DESKTOP,
    PHONE,
    assert_accessible,
    assert_no_overflow,
    assert_targets,
    choose,
)

from tradeshall.core.authority import Role
from tradeshall.people.models import Account
from tradeshall.units.enums import UnitKind
from tradeshall.units.models import Grant, Unit
from tradeshall.web.queries import components, gallery_pages

# Each pair of language, theme and width is met once.
WAYS = [
    ("zh-hans", "light", PHONE),
    ("en", "dark", PHONE),
    ("zh-hans", "dark", DESKTOP),
    ("en", "light", DESKTOP),
]


@pytest.fixture
def administrator(db: None) -> Account:
    unit = Unit.objects.create(
        code="1", name="城区总工会", kind=UnitKind.FEDERATION, path="1/", depth=1, effective_from=date(2020, 1, 1)
    )
    account = Account.objects.create(phone="13900000000")
    Grant.objects.create(account=account, role=Role.ADMINISTRATOR, unit=unit)
    return account


def test_every_component_has_a_page_in_the_gallery() -> None:
    assert components()
    assert [name for name in components() if name not in gallery_pages()] == []


def test_no_page_of_the_gallery_is_left_over() -> None:
    assert [name for name in gallery_pages() if name not in components()] == []


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_component_renders(client: Client, administrator: Account, language: str) -> None:
    client.force_login(administrator, backend="allauth.account.auth_backends.AuthenticationBackend")
    client.cookies["django_language"] = language
    for name in gallery_pages():
        response = client.get(f"/gallery/{name}/")
        assert response.status_code == 200, name
        assert f'lang="{language}"' in response.content.decode()
        assert "<c-" not in response.content.decode()


def test_gallery_is_closed_to_strangers(client: Client, db: None) -> None:
    client.force_login(
        Account.objects.create(phone="13900000001"), backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    assert client.get("/gallery/").status_code == 404


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
@pytest.mark.parametrize(("language", "theme", "size"), WAYS)
def test_components_hold_up(
    open_page: Callable[..., Page],
    sign_in: Callable[[Page, Any], None],
    administrator: Account,
    language: str,
    theme: str,
    size: dict[str, int],
) -> None:
    page = open_page(size=size, dark=theme == "dark")
    sign_in(page, administrator)
    choose(page, language=language, theme=theme)
    wrong: list[str] = []
    for name in ["", *(f"{name}/" for name in gallery_pages())]:
        page.goto(f"/gallery/{name}")
        for check in (assert_accessible, assert_no_overflow, assert_targets):
            try:
                check(page)
            except AssertionError as error:
                wrong.append(str(error))
    assert not wrong, "\n".join(wrong)


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
def test_components_hold_up_in_larger_type(
    page: Page, sign_in: Callable[[Page, Any], None], administrator: Account
) -> None:
    sign_in(page, administrator)
    choose(page, language="en", size="elder")
    for name in gallery_pages():
        page.goto(f"/gallery/{name}/")
        assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "20px"
        assert_no_overflow(page)
