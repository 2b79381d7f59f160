"""The door: a route stays closed unless it says who may open it."""

from __future__ import annotations

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path
from tests.factories.people import make_account
from tests.factories.units import make_federation

from tradeshall.config import urls as configured
from tradeshall.core.authority import Role
from tradeshall.web.access import PUBLIC, SIGNED_IN, opens_to, route


def silent(request: HttpRequest) -> HttpResponse:
    return HttpResponse("open")


@opens_to(PUBLIC)
def public(request: HttpRequest) -> HttpResponse:
    return HttpResponse("open")


@opens_to(SIGNED_IN)
def members(request: HttpRequest) -> HttpResponse:
    return HttpResponse("open")


@opens_to("web:gallery:view")
def staff(request: HttpRequest) -> HttpResponse:
    return HttpResponse("open")


urlpatterns = [
    path("silent/", silent, name="silent"),
    path("library/", silent, name="library"),
    route("public/", public, "public"),
    route("members/", members, "members"),
    route("staff/", staff, "staff"),
    *configured.urlpatterns,
]
LIBRARY_ACCESS = {**configured.LIBRARY_ACCESS, "library": PUBLIC}
handler404 = configured.handler404

pytestmark = [pytest.mark.urls(__name__), pytest.mark.django_db]


def sign_in(client: Client, role: Role | None = None) -> None:
    account = make_account(role=role, unit=make_federation() if role else None)
    client.force_login(account, backend="allauth.account.auth_backends.AuthenticationBackend")


def test_route_without_an_access_rule_fails_at_import() -> None:
    with pytest.raises(ImproperlyConfigured, match="who may open it"):
        route("x/", silent, "x")


@pytest.mark.parametrize("rule", ["", "everybody", "web:gallery", "a:b:c:d"])
def test_unknown_access_rule_is_refused(rule: str) -> None:
    with pytest.raises(ImproperlyConfigured):
        opens_to(rule)


def test_view_that_says_nothing_stays_closed(client: Client) -> None:
    sign_in(client, Role.ADMINISTRATOR)
    assert client.get("/silent/").status_code == 404


def test_view_of_a_library_opens_as_declared(client: Client) -> None:
    assert client.get("/library/").content == b"open"


def test_public_view_is_open(client: Client) -> None:
    assert client.get("/public/").content == b"open"


@pytest.mark.parametrize("address", ["/members/", "/staff/"])
def test_stranger_is_sent_to_sign_in_and_back(client: Client, address: str) -> None:
    response = client.get(f"{address}?a=1")
    assert response.status_code == 302
    assert response["Location"].endswith(f"?next={address}%3Fa%3D1")


def test_member_opens_what_needs_an_account_alone(client: Client) -> None:
    sign_in(client)
    assert client.get("/members/").content == b"open"
    assert client.get("/staff/").status_code == 404


def test_role_opens_what_it_is_granted(client: Client) -> None:
    sign_in(client, Role.ADMINISTRATOR)
    assert client.get("/staff/").content == b"open"
