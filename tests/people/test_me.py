"""A person's own page, and what protects the account."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.core.cache import cache
from django.test import Client
from tests.factories.people import make_account, make_member
from tests.factories.units import make_grant, make_unit
from tests.people.test_sign_in import PHONE, SECRET, app_code, prove

from tradeshall.core import clock
from tradeshall.core.authority import Role
from tradeshall.journal.models import Entry, OutboxEvent
from tradeshall.journal.tasks import dispatch_waiting
from tradeshall.people.models import Account, Consent, Membership
from tradeshall.people.ports import MemorySms
from tradeshall.people.queries import add_export_source, export_person, gave_consent
from tradeshall.units.actions.grants import end_grant

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def account() -> Account:
    made = make_account(phone=PHONE)
    make_member(account=made, phone=PHONE, name="王小明")
    return made


@pytest.fixture
def signed_in(client: Client, account: Account) -> Client:
    """Signed in for a while already: nothing was proven a moment ago."""
    client.force_login(account, BACKEND)
    return client


def prove_again(client: Client) -> Any:
    client.post("/sign-in/again/", {"action": "send"})
    found = re.search(r"\d{6}", MemorySms.sent[-1][1])
    assert found
    return client.post("/sign-in/again/", {"code": found.group()})


def test_my_page_takes_the_same_queries_for_one_and_three_memberships(
    signed_in: Client, account: Account, django_assert_num_queries: Any
) -> None:
    for _more in range(2):
        with django_assert_num_queries(6):
            assert signed_in.get("/me/").status_code == 200
        make_member(account=account)
        make_member(account=account)


PROTECTED = [
    "/me/security/password/",
    "/me/security/app/",
    "/me/security/recovery-codes/",
    "/me/security/recovery-codes/new/",
    "/me/erase/",
]


@pytest.mark.parametrize("path", PROTECTED)
def test_a_stolen_session_changes_nothing_that_protects_the_account(signed_in: Client, path: str) -> None:
    for answer in (signed_in.get(path), signed_in.post(path, {"password": "three old lathes", "code": "1"})):
        assert answer["Location"].startswith("/sign-in/again/?next=")
    assert not Account.objects.get().has_usable_password()
    assert not Authenticator.objects.exists()


def test_a_fresh_code_opens_them_for_ten_minutes(signed_in: Client) -> None:
    with clock.set_to(clock.now()) as move_on:
        assert prove_again(signed_in).status_code == 302
        assert signed_in.get("/me/security/password/").status_code == 200
        move_on(timedelta(minutes=10, seconds=1))
        assert signed_in.get("/me/security/password/").status_code == 302


def test_a_wrong_code_proves_nothing(signed_in: Client) -> None:
    signed_in.post("/sign-in/again/", {"action": "send"})
    assert signed_in.post("/sign-in/again/", {"code": "000000"}).status_code == 422
    assert signed_in.get("/me/security/password/").status_code == 302


def test_a_code_to_sign_in_does_not_prove_again(signed_in: Client) -> None:
    session = signed_in.session
    session["one_time_code"] = {"phone": PHONE, "purpose": "sign_in", "digest": "x", "at": 0, "guesses": 0}
    session.save()
    assert signed_in.post("/sign-in/again/", {"code": "000000"}).status_code == 200
    assert signed_in.get("/me/security/password/").status_code == 302


def test_with_an_app_its_code_is_the_fresh_proof(signed_in: Client, account: Account) -> None:
    TOTP.activate(account, SECRET)
    signed_in.post("/sign-in/again/", {"action": "send"})
    assert MemorySms.sent == []
    assert signed_in.post("/sign-in/again/", {"code": app_code()}).status_code == 302
    assert signed_in.get("/me/security/app/drop/").status_code == 200


@pytest.fixture(autouse=True)
def _empty_box() -> None:
    MemorySms.sent.clear()


def test_setting_a_password_keeps_this_session_and_ends_the_others(signed_in: Client, account: Account) -> None:
    other = Client()
    other.force_login(account, BACKEND)
    prove_again(signed_in)
    assert signed_in.post("/me/security/password/", {"password": "short"}).status_code == 422
    assert signed_in.post("/me/security/password/", {"password": "three old lathes"}).status_code == 302
    assert signed_in.get("/me/").status_code == 200
    assert other.get("/me/").status_code == 302


def test_removing_the_password_leaves_codes_alone(signed_in: Client, account: Account) -> None:
    prove_again(signed_in)
    signed_in.post("/me/security/password/", {"password": "three old lathes"})
    signed_in.post("/me/security/password/drop/")
    account.refresh_from_db()
    assert not account.has_usable_password()
    assert signed_in.get("/me/").status_code == 200


def test_signing_out_everywhere_ends_every_session(signed_in: Client, account: Account) -> None:
    other = Client()
    other.force_login(account, BACKEND)
    signed_in.post("/me/security/sessions/end/")
    assert signed_in.get("/me/").status_code == 302
    assert other.get("/me/").status_code == 302


@pytest.mark.django_db(transaction=True)
def test_sessions_die_when_a_role_changes(client: Client) -> None:
    boss = make_account(role=Role.ADMINISTRATOR)
    make_grant(boss, Role.ADMINISTRATOR, make_unit())
    account = make_account()
    grant = make_grant(account, Role.ORGANISER)
    client.force_login(account, BACKEND)
    assert client.get("/me/").status_code == 200
    end_grant(actor=boss, grant=grant)
    dispatch_waiting()
    assert client.get("/me/").status_code == 302


def test_the_console_asks_for_an_app_where_it_is_required(client: Client, settings: Any) -> None:
    settings.TRADESHALL_REQUIRE_TOTP = True
    account = make_account(phone=PHONE, role=Role.ORGANISER)
    client.force_login(account, BACKEND)
    answer = client.get("/console/people/?q=x")
    assert answer["Location"] == "/me/security/?next=%2Fconsole%2Fpeople%2F%3Fq%3Dx&why=console"
    assert client.get(answer["Location"]).status_code == 200
    assert client.get("/me/").status_code == 200
    TOTP.activate(account, SECRET)
    assert client.get("/console/people/").status_code == 302
    client.post("/sign-in/again/", {"code": app_code()})
    assert client.get("/console/people/").status_code == 200


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("slow", [False, True])
def test_adding_an_app_leads_on_to_the_console(client: Client, settings: Any, slow: bool) -> None:
    settings.TRADESHALL_REQUIRE_TOTP = True
    client.force_login(make_account(phone=PHONE, role=Role.ORGANISER), BACKEND)

    def follow(page: Any, address: str) -> Any:
        found = re.search(rf'href="({address}\?next=[^"]+)"', page.content.decode())
        assert found
        return client.get(unescape(found.group(1)), follow=True)

    def prove_at(page: Any) -> Any:
        path = page.redirect_chain[-1][0]
        client.post(path, {"action": "send"})
        code = re.search(r"\d{6}", MemorySms.sent[-1][1])
        assert code
        return client.post(path, {"code": code.group()}, follow=True)

    with clock.set_to(clock.now()) as move_on:
        page = prove_at(follow(client.get("/console/people/?q=x&page=1", follow=True), "/me/security/app/"))
        if slow:  # the proof has aged meanwhile
            move_on(timedelta(days=1))
            cache.clear()
            page = client.post(page.redirect_chain[-1][0], {"code": "000000"}, follow=True)
            page = follow(prove_at(page), "/me/security/app/")
        code = app_code(client.session["mfa.totp.secret"])
        page = client.post(
            page.request["PATH_INFO"] + "?" + page.request["QUERY_STRING"], {"code": code}, follow=True
        )
        assert page.redirect_chain[-1][0].startswith("/me/security/recovery-codes/?next=")
        page = follow(page, "/me/security/")
    assert page.redirect_chain[-1][0] == "/console/people/?q=x&page=1"
    assert page.status_code == 200


def test_the_console_asks_a_sign_in_with_an_app_for_nothing_more(client: Client, settings: Any) -> None:
    settings.TRADESHALL_REQUIRE_TOTP = True
    account = make_account(phone=PHONE, role=Role.ORGANISER)
    TOTP.activate(account, SECRET)
    prove(client)
    client.post("/sign-in/second/", {"code": app_code()})
    assert client.get("/console/people/").status_code == 200


def test_acting_for_another_membership_is_remembered(signed_in: Client, account: Account) -> None:
    other = make_member(account=account)
    signed_in.post("/me/membership/", {"membership": other.pk})
    assert signed_in.session["membership"] == other.pk
    stranger = make_member()
    signed_in.post("/me/membership/", {"membership": stranger.pk})
    assert signed_in.session["membership"] == other.pk


def test_another_line_with_ones_phone_and_name_can_be_added(signed_in: Client, account: Account) -> None:
    mine = make_member(phone=PHONE, name="王 小明")
    hers = make_member(phone=PHONE, name="李红")
    page = signed_in.get("/me/").content.decode()
    assert mine.member_no in page
    assert hers.member_no not in page
    for row in (mine, hers):
        signed_in.post("/me/membership/claim/", {"membership": row.pk})
    assert list(Membership.objects.filter(account=None)) == [hers]


def test_consent_is_given_and_taken_back_with_its_dates(signed_in: Client, account: Account) -> None:
    for answer in ("yes", "yes", "no", "yes"):
        signed_in.post("/me/consent/", {"purpose": "reminders", "answer": answer})
    assert Consent.objects.count() == 2
    assert Consent.objects.filter(revoked_at=None).count() == 1
    assert gave_consent([account.pk], "reminders") == {account.pk}
    signed_in.post("/me/consent/", {"purpose": "anything", "answer": "yes"})
    assert Consent.objects.count() == 2


def test_the_export_holds_everything_about_me_and_nothing_of_others(signed_in: Client, account: Account) -> None:
    make_member(name="李红")
    add_export_source("results", lambda person, memberships: [row.member_no for row in memberships])
    answer = signed_in.get("/me/export/")
    assert "attachment" in answer["Content-Disposition"]
    found = answer.json()
    assert [row["name"] for row in found["memberships"]] == ["王小明"]
    assert found["results"] == [found["memberships"][0]["member_no"]]
    assert found["account"]["phone"] == PHONE
    assert "李红" not in answer.content.decode()
    assert set(export_person(account)) >= {"account", "memberships", "roles", "consents"}


def test_erasing_forgets_the_person_and_keeps_the_line(signed_in: Client, account: Account) -> None:
    prove_again(signed_in)
    signed_in.post("/me/consent/", {"purpose": "reminders", "answer": "yes"})
    signed_in.post("/me/erase/")
    account.refresh_from_db()
    assert (account.phone, account.email, account.is_active, account.last_login) == (None, "", False, None)
    assert Membership.objects.get().account is None
    assert not Consent.objects.filter(revoked_at=None).exists()
    assert signed_in.get("/me/").status_code == 302
    assert OutboxEvent.objects.filter(name="people.AccountErased").count() == 1
    assert PHONE not in str(list(Entry.objects.values()))


def test_a_role_holder_cannot_be_erased(signed_in: Client, account: Account) -> None:
    make_grant(account, Role.ORGANISER)
    prove_again(signed_in)
    assert signed_in.post("/me/erase/").status_code == 422
    account.refresh_from_db()
    assert account.is_active


def test_the_chosen_language_stays_with_the_account(signed_in: Client, account: Account) -> None:
    signed_in.post("/language/", {"language": "en", "next": "/me/"})
    account.refresh_from_db()
    assert account.language == "en"
    other = Client()
    assert "My page" not in other.get("/sign-in/").content.decode()
    prove(other)
    assert "My page" in other.get("/me/").content.decode()


def test_signing_out_needs_a_post(signed_in: Client) -> None:
    assert signed_in.get("/sign-out/").status_code == 200
    assert signed_in.get("/me/").status_code == 200
    signed_in.post("/sign-out/")
    assert signed_in.get("/me/").status_code == 302


@pytest.mark.parametrize("number", ["²", "9" * 30, "9" * 5000])
def test_a_membership_that_cannot_be_is_not_claimed(signed_in: Client, number: str) -> None:
    assert signed_in.post("/me/membership/claim/", {"membership": number})["Location"] == "/me/"
