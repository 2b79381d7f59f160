"""Language, theme and size are chosen without JavaScript and kept on the device."""

from __future__ import annotations

import pytest
from django.test import Client

from tradeshall.web import ports

pytestmark = pytest.mark.django_db


def test_language_is_kept_and_the_page_returned_to(client: Client) -> None:
    response = client.post("/language/", {"language": "en", "next": "/x/?page=2"})
    assert (response.status_code, response["Location"]) == (302, "/x/?page=2")
    assert response.cookies["django_language"].value == "en"


def test_language_is_remembered_for_the_account(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(ports, "remember_language", lambda request, code: told.append(code))
    client.post("/language/", {"language": "en"})
    client.post("/language/", {"language": "xx"})
    assert told == ["en"]


@pytest.mark.parametrize("language", ["xx", "de", "", "../en"])
def test_language_we_do_not_speak_changes_nothing(client: Client, language: str) -> None:
    assert "django_language" not in client.post("/language/", {"language": language}).cookies


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", ""])
def test_choice_returns_to_our_own_pages_only(client: Client, target: str) -> None:
    assert client.post("/language/", {"language": "en", "next": target})["Location"] == "/"


def test_size_and_theme_are_kept(client: Client) -> None:
    response = client.post("/display/", {"size": "elder", "theme": "dark"})
    assert (response.cookies["size"].value, response.cookies["theme"].value) == ("elder", "dark")
    page = client.get("/nowhere/").content.decode()
    assert 'data-theme="dark"' in page
    assert 'data-size="elder"' in page


def test_unknown_size_and_theme_change_nothing(client: Client) -> None:
    assert not client.post("/display/", {"size": "huge", "theme": "<b>"}).cookies


def test_forged_cookie_stays_out_of_the_page(client: Client) -> None:
    client.cookies["theme"] = '"><b>'
    assert "<b>" not in client.get("/nowhere/").content.decode()


@pytest.mark.parametrize("address", ["/language/", "/display/"])
def test_choices_are_made_by_post_alone(client: Client, address: str) -> None:
    assert client.get(address).status_code == 405
