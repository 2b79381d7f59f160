"""Pages for what went wrong: in both languages, without a database, and never in place of something said already."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings

from tradeshall.config import urls as configured
from tradeshall.web.access import PUBLIC, opens_to, route
from tradeshall.web.texts import PAGES
from tradeshall.web.views.errors import error_page


@opens_to(PUBLIC)
def answer(request: HttpRequest, status: int) -> HttpResponse:
    """Answer a bare status, as libraries do."""
    response = HttpResponse(status=status)
    response["Retry-After"] = "7"
    return response


@opens_to(PUBLIC)
def spoken(request: HttpRequest) -> HttpResponse:
    return HttpResponse("already said", status=429)


@opens_to(PUBLIC)
def fall(request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError


@opens_to(PUBLIC)
def take(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(len(request.body)))


urlpatterns = [
    route("answer/<int:status>/", answer, "answer"),
    route("spoken/", spoken, "spoken"),
    route("fall/", fall, "fall"),
    route("take/", take, "take"),
    *configured.urlpatterns,
]
LIBRARY_ACCESS = configured.LIBRARY_ACCESS
handler400, handler403 = configured.handler400, configured.handler403
handler404, handler500 = configured.handler404, configured.handler500

pytestmark = [pytest.mark.urls(__name__), pytest.mark.django_db]
HTML = {"Accept": "text/html"}


@pytest.fixture
def visitor() -> Client:
    return Client(raise_request_exception=False, enforce_csrf_checks=True)


@pytest.mark.parametrize("status", sorted(PAGES))
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_error_has_a_page(rf: object, status: int, language: str) -> None:
    request = HttpRequest()
    request.method, request.path = "GET", "/somewhere/"
    request.META["HTTP_HOST"] = "hall.example"
    request.COOKIES["django_language"] = language
    page = error_page(request, status)
    text = page.content.decode()
    assert page.status_code == status
    assert f'<html lang="{language}"' in text
    assert f">{status}<" in text
    assert "csrf" not in text


def test_absent_page_is_404_with_a_way_home(visitor: Client) -> None:
    response = visitor.get("/nowhere/", headers=HTML)
    assert response.status_code == 404
    assert 'href="/"' in response.content.decode()


def test_fall_shows_500_without_a_database(visitor: Client, django_db_blocker: Any) -> None:
    with django_db_blocker.block():
        response = visitor.get("/fall/", headers=HTML)
    assert response.status_code == 500
    assert "<h1" in response.content.decode()


def test_fall_of_the_page_itself_leaves_the_last_resort(visitor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(PAGES, 500)
    response = visitor.get("/fall/", headers=HTML)
    assert response.status_code == 500
    assert "Something went wrong" in response.content.decode()


@pytest.mark.parametrize("status", [405, 413, 429, 503])
def test_bare_refusal_gets_words_and_keeps_when_to_retry(visitor: Client, status: int) -> None:
    response = visitor.get(f"/answer/{status}/", headers=HTML)
    assert response.status_code == status
    assert b"<h1" in response.content
    assert response["Retry-After"] == "7"


def test_script_gets_no_page(visitor: Client) -> None:
    assert visitor.get("/answer/503/", headers={"Accept": "application/json"}).content == b""


def test_what_was_said_already_stays(visitor: Client) -> None:
    assert visitor.get("/spoken/", headers=HTML).content == b"already said"


def test_form_without_its_token_is_told_that_nothing_changed(visitor: Client) -> None:
    response = visitor.post("/take/", {"a": "1"}, headers=HTML)
    assert response.status_code == 403
    assert b"<h1" in response.content


@override_settings(REQUEST_BODY_MAX_BYTES=100)
def test_long_body_is_refused_before_it_is_read(visitor: Client) -> None:
    response = visitor.post("/take/", "x" * 101, content_type="text/plain", headers=HTML)
    assert response.status_code == 413
    assert b"<h1" in response.content


@override_settings(REQUEST_BODY_MAX_BYTES=100)
def test_body_of_the_greatest_size_is_taken() -> None:
    response = Client().post("/take/", "x" * 100, content_type="text/plain")
    assert response.content == b"100"


def test_pages_carry_their_headers(visitor: Client) -> None:
    response = visitor.get("/answer/503/", headers=HTML)
    policy = response["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'self'" in policy
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "camera=()" in response["Permissions-Policy"]
    assert {"Cookie", "HX-Request-Type"} <= {name.strip() for name in response["Vary"].split(",")}


def test_pages_of_signed_in_people_are_never_kept(visitor: Client) -> None:
    visitor.cookies["sessionid"] = "anything"
    assert visitor.get("/answer/200/", headers=HTML)["Cache-Control"] == "no-store, private"


def test_pages_of_strangers_may_be_kept(visitor: Client) -> None:
    assert "Cache-Control" not in visitor.get("/answer/200/", headers=HTML).headers


@pytest.mark.parametrize("path", ["/%00/", "/console/campaigns/a%00b/edit/", "/static/%00"])
def test_nul_in_an_address_is_refused(visitor: Client, path: str) -> None:
    assert visitor.get(path).status_code == 400


def test_nul_in_a_cookie_is_refused(visitor: Client) -> None:
    visitor.cookies.load(r'sessionid="\000aaaaaaaaaaaaaaaa"')
    assert visitor.get("/me/").status_code == 400
