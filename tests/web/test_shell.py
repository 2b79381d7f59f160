"""What layouts show around every page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.template import Context, engines
from django.test import Client, RequestFactory, override_settings
from django.utils import translation
from django_cotton.compiler_regex import CottonCompiler
from tests.factories.people import make_account
from tests.factories.units import make_federation

from tradeshall.core.authority import Role
from tradeshall.web import ports
from tradeshall.web.access import PUBLIC, SIGNED_IN
from tradeshall.web.context import Shell
from tradeshall.web.ports import NavigationEntry
from tradeshall.web.templatetags.web import current_entry, links_of

HOME = (NavigationEntry("Home", "x:home", "house", SIGNED_IN, 1), "/")
DESK = (NavigationEntry("Desk", "y:desk", "kanban", SIGNED_IN, 1), "/console/")
UNITS = (NavigationEntry("Units", "units:unit_list", "tree-structure", SIGNED_IN, 2), "/console/units/")
ME = (NavigationEntry("Me", "people:me", "user", SIGNED_IN, 9), "/me/")


@pytest.fixture
def ask(rf: RequestFactory) -> Callable[..., HttpRequest]:
    def asked(path: str, **cookies: str) -> HttpRequest:
        request = rf.get(path)
        request.user = AnonymousUser()
        request.COOKIES.update(cookies)
        return request

    return asked


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/", "x:home"),
        ("/me/", "people:me"),
        ("/me/security/", "people:me"),
        ("/console/", "y:desk"),
        ("/console/units/7/", "units:unit_list"),
        ("/console/elsewhere/", None),
        ("/elsewhere/", None),
    ],
)
def test_current_entry_is_the_nearest(ask: Callable[..., HttpRequest], path: str, expected: str | None) -> None:
    request = ask(path)
    request.resolver_match = None
    assert current_entry([HOME, DESK, UNITS, ME], request) == expected


def test_view_may_name_its_entry(ask: Callable[..., HttpRequest]) -> None:
    context = Context({"request": ask("/elsewhere/"), "current_entry": "web:gallery_list"})
    entries = [NavigationEntry("Gallery", "web:gallery_list", "books", PUBLIC, 1)]
    assert [link.current for link in links_of(context, entries)] == [True]


def test_entry_without_a_page_is_left_out(ask: Callable[..., HttpRequest]) -> None:
    context = Context({"request": ask("/")})
    assert links_of(context, [NavigationEntry("Gone", "nobody:nowhere", "x", PUBLIC, 1)]) == []


@pytest.mark.django_db
def test_entries_are_those_one_may_open(ask: Callable[..., HttpRequest], monkeypatch: pytest.MonkeyPatch) -> None:
    open_to_all = NavigationEntry("B", "b", "x", SIGNED_IN, 2)
    gallery = NavigationEntry("A", "a", "x", "web:gallery:view", 1)
    monkeypatch.setattr(ports, "console_entries", [open_to_all, gallery])
    request = ask("/")
    assert Shell(request).console_entries == []
    request.user = make_account()
    assert Shell(request).console_entries == [open_to_all]
    request.user = make_account(role=Role.ADMINISTRATOR, unit=make_federation())
    assert Shell(request).console_entries == [gallery, open_to_all]


@pytest.mark.parametrize(("language", "offered"), [("zh-hans", "en"), ("en", "zh-hans"), ("fr", "zh-hans")])
def test_masthead_offers_the_other_language(ask: Callable[..., HttpRequest], language: str, offered: str) -> None:
    with translation.override(language):
        assert Shell(ask("/")).other_language.code == offered


@pytest.mark.parametrize(("cookie", "theme"), [("dark", "dark"), ("light", "light"), ("auto", ""), ("x", "")])
def test_theme_is_what_was_chosen(ask: Callable[..., HttpRequest], cookie: str, theme: str) -> None:
    assert Shell(ask("/", theme=cookie)).theme == theme


def test_component_does_not_see_the_variables_of_its_page() -> None:
    source = CottonCompiler().process('<c-tag kind="ok" />')
    assert "leaked" not in engines["django"].from_string(source).render({"label": "leaked"})


@pytest.mark.django_db
@override_settings(DEMO=True)
def test_demonstration_says_so_on_every_page(client: Client) -> None:
    client.cookies["django_language"] = "en"
    assert "Demonstration" in client.get("/sign-in/").content.decode()


@pytest.mark.django_db
def test_installation_is_no_demonstration(client: Client) -> None:
    client.cookies["django_language"] = "en"
    assert "Demonstration" not in client.get("/sign-in/").content.decode()


def test_empty_parts_of_a_ticket_are_left_out() -> None:
    source = CottonCompiler().process('<c-ticket title="T"><c-slot name="stub">\n  </c-slot></c-ticket>')
    html = engines["django"].from_string(source).render()
    assert "<header" not in html
    assert "stub" not in html
