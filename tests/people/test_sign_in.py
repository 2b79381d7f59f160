"""Signing in by phone and code, by password, by authenticator app; and what none of it gives away."""

from __future__ import annotations

import re
import threading
import time
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest
from allauth.core import ratelimit
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client
from tests.factories.people import make_account, make_member
from tests.factories.units import make_grant, make_unit

from tradeshall.config import one_port
from tradeshall.core import clock
from tradeshall.core.authority import Role
from tradeshall.journal.models import Entry
from tradeshall.people.models import Account, Membership
from tradeshall.people.ports import MemorySms
from tradeshall.people.tasks import forget_sessions, forget_sessions_until
from tradeshall.people.views.sign_in import PASSWORD_CHECKS

pytestmark = pytest.mark.django_db

PHONE = "13800138000"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture(autouse=True)
def _empty_box() -> None:
    MemorySms.sent.clear()


def sent_code() -> str:
    found = re.search(r"\d{6}", MemorySms.sent[-1][1])
    assert found
    return found.group()


def ask(client: Client, phone: str = PHONE, **extra: Any) -> Any:
    return client.post("/sign-in/", {"phone": phone}, **extra)


def prove(client: Client, phone: str = PHONE) -> Any:
    ask(client, phone)
    return client.post("/sign-in/code/", {"code": sent_code()})


def account_of(client: Client) -> Account | None:
    key = client.session.get("_auth_user_id")
    return Account.objects.get(pk=key) if key else None


def app_code(secret: str = SECRET) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def add_app(account: Account) -> None:
    TOTP.activate(account, SECRET)


def test_proving_a_phone_offers_its_line_and_makes_the_account(client: Client) -> None:
    member = make_member(phone=PHONE)
    response = prove(client)
    assert response["Location"] == "/sign-in/who/"
    assert Account.objects.count() == 0
    page = client.get("/sign-in/who/").content.decode()
    assert member.unit.name in page
    assert member.member_no not in page
    assert member.name not in page
    response = client.post("/sign-in/who/", {"line": member.pk})
    assert response["Location"] == "/"
    member.refresh_from_db()
    assert member.account is not None
    assert member.account.phone == PHONE
    assert account_of(client) == member.account
    assert Entry.objects.filter(verb="people:member:claim").count() == 1


def test_a_second_sign_in_asks_no_more_which_line(client: Client) -> None:
    account = make_account(phone=PHONE)
    make_member(phone=PHONE, account=account)
    assert prove(client)["Location"] == "/"
    assert account_of(client) == account


def test_signing_in_goes_on_to_where_the_person_wanted(client: Client) -> None:
    account = make_account(phone=PHONE)
    make_member(phone=PHONE, account=account)
    assert client.get("/me/")["Location"] == "/sign-in/?next=/me/"
    assert client.post("/sign-in/?next=/me/", {"phone": PHONE})["Location"] == "/sign-in/code/?next=%2Fme%2F"
    assert client.post("/sign-in/code/?next=%2Fme%2F", {"code": sent_code()})["Location"] == "/me/"


def test_signing_in_never_goes_on_to_another_site(client: Client) -> None:
    make_member(phone=PHONE, account=make_account(phone=PHONE))
    client.post("/sign-in/?next=https://evil.example/", {"phone": PHONE})
    assert client.post("/sign-in/code/?next=https://evil.example/", {"code": sent_code()})["Location"] == "/"


def test_full_width_digits_and_spaces_are_a_phone_too(client: Client) -> None:
    make_member(phone=PHONE)
    ask(client, "+86 １３８ 0013 8000")
    assert MemorySms.sent[0][0] == PHONE
    code = sent_code()
    assert client.post("/sign-in/code/", {"code": f"{code[:3]} {code[3:]}"})["Location"] == "/sign-in/who/"


def masked(response: Any) -> tuple[int, str, str]:
    text = re.sub(r'value="[A-Za-z0-9]{64}"|"X-CSRFToken": "[A-Za-z0-9]+"|\d{11}', "", response.content.decode())
    return response.status_code, response.get("Location", ""), text


def test_an_unknown_phone_gets_the_same_answers_and_no_message() -> None:
    make_member(phone=PHONE)
    known, unknown = Client(), Client()
    for step in (
        lambda c, p: c.post("/sign-in/", {"phone": p}),
        lambda c, p: c.get("/sign-in/code/"),
        lambda c, p: c.post("/sign-in/code/", {"code": "000000"}),
        lambda c, p: c.post("/sign-in/code/", {"action": "resend"}),
        lambda c, p: c.post("/sign-in/", {"phone": p}),
        lambda c, p: c.get("/sign-in/who/"),
        *[lambda c, p: c.post("/sign-in/code/", {"code": "000000"})] * 6,
    ):
        assert masked(step(known, PHONE)) == masked(step(unknown, "13900139000"))
    assert [phone for phone, _ in MemorySms.sent] == [PHONE]


def test_asking_takes_as_many_queries_for_an_unknown_phone(django_assert_num_queries: Any) -> None:
    make_member(phone=PHONE, account=make_account(phone=PHONE))
    counts = []
    for phone in (PHONE, "13900139000"):
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(
            connection,
        ) as queries:
            ask(Client(), phone)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_an_ended_line_gets_no_message(client: Client) -> None:
    make_member(phone=PHONE, ended_on=clock.now().date() - timedelta(days=1))
    ask(client)
    assert MemorySms.sent == []


def test_another_code_is_refused_for_half_a_minute(client: Client) -> None:
    make_member(phone=PHONE)
    ask(client)
    assert ask(Client()).status_code == 422
    assert len(MemorySms.sent) == 1


def test_five_codes_an_hour_for_one_phone(monkeypatch: pytest.MonkeyPatch) -> None:
    make_member(phone=PHONE)
    start = time.time()
    for minute in range(8):
        monkeypatch.setattr(time, "time", lambda minute=minute: start + 60 * minute)
        ask(Client())
    assert len(MemorySms.sent) == 5


def test_a_wrong_code_does_not_sign_in_and_the_sixth_guess_is_not_heard(client: Client) -> None:
    make_member(phone=PHONE)
    ask(client)
    code = sent_code()
    wrong = "111111" if code != "111111" else "222222"
    for _guess in range(5):
        assert client.post("/sign-in/code/", {"code": wrong}).status_code == 422
    assert client.post("/sign-in/code/", {"code": code}).status_code == 422


def test_guesses_are_counted_by_phone_over_sessions() -> None:
    make_member(phone=PHONE)
    first = Client()
    ask(first)
    for _guess in range(5):
        first.post("/sign-in/code/", {"code": "xxxxxx"[:0] + "999999"})
    cache_key_left = Client()
    session = cache_key_left.session
    session["one_time_code"] = first.session["one_time_code"] | {"guesses": 0}
    session.save()
    assert cache_key_left.post("/sign-in/code/", {"code": sent_code()}).status_code == 422
    cache.clear()
    assert cache_key_left.post("/sign-in/code/", {"code": sent_code()}).status_code == 302


def test_the_crowd_does_not_make_limits_forget(client: Client, rf: Any) -> None:
    make_member(phone=PHONE)
    ask(client)
    for _ in range(5):
        client.post("/sign-in/code/", {"code": "000000" if sent_code() != "000000" else "111111"})
    for number in range(1_000):
        ratelimit.consume(rf.post("/"), action="request_login_code", key=f"139{number:08}")
    assert not ratelimit.consume(rf.post("/"), action="login_failed", key=f"code:{PHONE}")


def test_a_code_is_good_for_five_minutes(client: Client) -> None:
    make_member(phone=PHONE)
    with clock.set_to(clock.now()) as move_on:
        ask(client)
        move_on(timedelta(minutes=5, seconds=1))
        assert client.post("/sign-in/code/", {"code": sent_code()}).status_code == 422


def test_a_code_is_good_once(client: Client) -> None:
    make_member(phone=PHONE)
    prove(client)
    assert client.post("/sign-in/code/", {"code": sent_code()})["Location"] == "/sign-in/"


def test_the_code_is_shown_on_the_page_in_a_demonstration_alone(client: Client, settings: Any) -> None:
    make_member(phone=PHONE)
    ask(client)
    assert sent_code() not in client.get("/sign-in/code/").content.decode()
    assert "code" not in client.session["one_time_code"]
    cache.clear()
    settings.DEMO = True
    ask(client)
    assert sent_code() in client.get("/sign-in/code/").content.decode()


def test_the_session_changes_its_key_at_sign_in(client: Client) -> None:
    make_member(phone=PHONE, account=make_account(phone=PHONE))
    ask(client)
    before = client.session.session_key
    client.post("/sign-in/code/", {"code": sent_code()})
    assert client.session.session_key != before


def test_the_session_of_a_stranger_is_short_and_forgotten(client: Client, settings: Any) -> None:
    member = make_member(phone=PHONE)
    ask(client)
    assert client.session.get_expiry_age() == 3600
    client.post("/sign-in/code/", {"code": sent_code()})
    client.post("/sign-in/who/", {"line": member.pk})
    assert client.session.get_expiry_age() == settings.SESSION_COOKIE_AGE

    stranger = Client()
    ask(stranger, "13900139000")
    Session.objects.filter(pk=stranger.session.session_key).update(expire_date=clock.now() - timedelta(seconds=1))
    forget_sessions()
    assert list(Session.objects.values_list("pk", flat=True)) == [client.session.session_key]


@pytest.mark.django_db(transaction=True)
def test_sessions_are_forgotten_beside_the_pages(client: Client) -> None:
    assert "tradeshall.people.tasks.forget_sessions_until" in one_port.BACKGROUND
    ask(client)
    Session.objects.update(expire_date=clock.now() - timedelta(seconds=1))
    stop = threading.Event()
    threading.Timer(0.2, stop.set).start()
    forget_sessions_until(stop)
    assert not Session.objects.exists()


def test_the_session_changes_its_key_at_the_proof(client: Client) -> None:
    make_member(phone=PHONE)
    ask(client)
    before = client.session.session_key
    assert client.post("/sign-in/code/", {"code": sent_code()})["Location"] == "/sign-in/who/"
    assert client.session.session_key != before


def test_choosing_among_two_lines_links_the_chosen_one(client: Client) -> None:
    first, second = make_member(phone=PHONE, name="王小明"), make_member(phone=PHONE, name="李红")
    prove(client)
    client.post("/sign-in/who/", {"line": second.pk})
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.account, second.account) == (None, account_of(client))


def test_a_line_of_another_phone_cannot_be_chosen(client: Client) -> None:
    make_member(phone=PHONE)
    other = make_member(phone="13900139000")
    prove(client)
    assert client.post("/sign-in/who/", {"line": other.pk}).status_code == 422
    other.refresh_from_db()
    assert other.account is None


def test_nobody_chooses_without_a_proof(client: Client) -> None:
    member = make_member(phone=PHONE)
    assert client.post("/sign-in/who/", {"line": member.pk})["Location"] == "/sign-in/"


def test_a_proof_lasts_ten_minutes(client: Client) -> None:
    member = make_member(phone=PHONE)
    with clock.set_to(clock.now()) as move_on:
        prove(client)
        move_on(timedelta(minutes=10, seconds=1))
        assert client.post("/sign-in/who/", {"line": member.pk})["Location"] == "/sign-in/"


def test_a_phone_shared_by_two_passes_to_whoever_proves_it_last() -> None:
    make_member(phone=PHONE, name="王小明", account=make_account(phone=PHONE))
    his = Account.objects.get()
    hers = make_member(phone=PHONE, name="李红")
    he, she = Client(), Client()
    he.force_login(his, "allauth.account.auth_backends.AuthenticationBackend")
    assert prove(she)["Location"] == "/sign-in/who/"
    she.post("/sign-in/who/", {"line": hers.pk})
    hers.refresh_from_db()
    his.refresh_from_db()
    assert hers.account not in (None, his)
    assert hers.account is not None
    assert (hers.account.phone, his.phone) == (PHONE, None)
    assert he.get("/me/").status_code == 302
    assert Entry.objects.filter(verb="people:account:lose_phone").count() == 1


def test_a_number_given_to_a_stranger_does_not_open_the_old_account(client: Client) -> None:
    old = make_account(phone=PHONE)
    make_member(phone="13700137000", account=old, name="王小明")
    stranger = make_member(phone=PHONE, name="赵六")
    assert prove(client)["Location"] == "/sign-in/who/"
    page = client.get("/sign-in/who/").content.decode()
    assert "王" not in page
    client.post("/sign-in/who/", {"line": stranger.pk})
    old.refresh_from_db()
    assert account_of(client) != old
    assert old.phone is None


def test_a_new_number_on_the_roster_brings_the_phone_to_the_account(client: Client) -> None:
    old = make_account(phone="13700137000")
    member = make_member(phone=PHONE, account=old)
    assert prove(client)["Location"] == "/sign-in/who/"
    client.post("/sign-in/who/", {"line": member.pk})
    old.refresh_from_db()
    assert old.phone == PHONE
    assert account_of(client) == old


def test_the_roster_cannot_bring_a_phone_to_someone_with_a_role(client: Client) -> None:
    """Whoever may edit the roster could else become an administrator."""
    boss = make_account(phone="13700137000", role=Role.ADMINISTRATOR)
    make_member(phone=PHONE, account=boss)
    ask(client)
    assert MemorySms.sent == []


def test_the_awaited_phone_opens_an_account_that_was_made_with_a_role(client: Client) -> None:
    account = make_account(awaited_phone=PHONE)
    Account.objects.update(phone=None)
    make_grant(account, Role.ORGANISER)
    member = make_member(phone=PHONE, account=account)
    assert prove(client)["Location"] == "/sign-in/who/"
    client.post("/sign-in/who/", {"line": member.pk})
    account.refresh_from_db()
    assert (account_of(client), account.phone, account.awaited_phone) == (account, PHONE, "")


def test_another_phone_does_not_open_an_account_that_was_made_with_a_role(client: Client) -> None:
    account = make_account(awaited_phone="13700137000")
    Account.objects.update(phone=None)
    make_grant(account, Role.ORGANISER)
    make_member(phone=PHONE, account=account)
    ask(client)
    assert MemorySms.sent == []


def test_a_phone_on_no_roster_is_told_so_after_its_proof(client: Client, settings: Any) -> None:
    settings.DEMO = True
    ask(client)
    code = client.session["one_time_code"]["code"]
    assert client.post("/sign-in/code/", {"code": code})["Location"] == "/sign-in/who/"
    assert client.get("/sign-in/who/").status_code == 200
    assert Account.objects.count() == 0


def test_five_hundred_people_sign_in_from_one_address_within_a_minute() -> None:
    unit = make_unit()
    Membership.objects.bulk_create(
        Membership(unit=unit, member_no=f"M{n}", name="会员", phone=f"138{n:08}", joined_on="2020-01-01")
        for n in range(500)
    )
    rows = dict(Membership.objects.values_list("phone", "pk"))
    with clock.set_to(clock.now()):
        for phone, key in rows.items():
            client = Client(REMOTE_ADDR="203.0.113.7")
            prove(client, phone)
            assert client.post("/sign-in/who/", {"line": key})["Location"] == "/"
    assert Account.objects.count() == 500


# Passwords


def with_password() -> Account:
    account = make_account(phone=PHONE)
    account.set_password("three old lathes")
    account.save()
    return account


def enter(client: Client, password: str = "three old lathes", phone: str = PHONE) -> Any:
    return client.post("/sign-in/password/", {"phone": phone, "password": password})


def test_a_password_signs_in(client: Client) -> None:
    account = with_password()
    assert enter(client)["Location"] == "/"
    assert account_of(client) == account


def test_a_wrong_password_and_an_unknown_phone_get_one_answer() -> None:
    with_password()
    answers = [masked(enter(Client(), "wrong")), masked(enter(Client(), "wrong", "13900139000"))]
    assert answers[0][0] == 422
    assert re.sub(r"\s+", "", answers[0][2]) == re.sub(r"\s+", "", answers[1][2])


def test_passwords_are_limited_by_phone_alone() -> None:
    with_password()
    for _guess in range(5):
        enter(Client(), "wrong")
    assert enter(Client()).status_code == 422
    other = make_account(phone="13900139000")
    other.set_password("three old lathes")
    other.save()
    assert enter(Client(), phone="13900139000").status_code == 302


# Authenticator apps


def test_few_passwords_are_checked_at_once(client: Client) -> None:
    wrong = {"phone": PHONE, "password": "not the password"}
    with ExitStack() as others:
        while PASSWORD_CHECKS.acquire(blocking=False):
            others.callback(PASSWORD_CHECKS.release)
        response = client.post("/sign-in/password/", wrong)
        assert (response.status_code, response["Retry-After"]) == (503, "2")
        assert client.get("/sign-in/password/").status_code == 200
    for _ in range(4):
        assert client.post("/sign-in/password/", wrong).status_code == 422


def test_an_authenticator_app_is_asked_for_after_the_code(client: Client) -> None:
    account = make_account(phone=PHONE)
    make_member(phone=PHONE, account=account)
    add_app(account)
    assert prove(client)["Location"] == "/sign-in/second/"
    assert account_of(client) is None
    assert client.get("/me/").status_code == 302
    assert client.post("/sign-in/second/", {"code": "000000"}).status_code == 422
    assert client.post("/sign-in/second/", {"code": app_code()}).status_code == 302
    assert account_of(client) == account


def test_an_authenticator_app_is_asked_for_after_the_password(client: Client) -> None:
    add_app(with_password())
    assert enter(client)["Location"] == "/sign-in/second/"
    assert account_of(client) is None


def test_the_secret_of_an_app_is_not_in_the_database_in_the_clear() -> None:
    add_app(make_account())
    assert SECRET not in str(Authenticator.objects.get().data)


@pytest.mark.django_db(transaction=True)
def test_adding_an_app_shows_recovery_codes_and_they_open_once(client: Client) -> None:
    account = make_account(phone=PHONE)
    make_member(phone=PHONE, account=account)
    prove(client)
    client.get("/me/security/app/")
    secret = client.session["mfa.totp.secret"]
    assert client.post("/me/security/app/", {"code": "000000"}).status_code == 422
    response = client.post("/me/security/app/", {"code": app_code(secret)})
    assert response["Location"] == "/me/security/recovery-codes/"
    codes = re.findall(r"<li>(\d{8})</li>", client.get("/me/security/recovery-codes/").content.decode())
    assert len(codes) == 10
    assert Entry.objects.filter(verb="people:account:add_second_factor").count() == 1
    cache.clear()
    again = Client()
    prove(again)
    assert again.post("/sign-in/second/", {"code": codes[0]}).status_code == 302
    cache.clear()
    third = Client()
    prove(third)
    assert third.post("/sign-in/second/", {"code": codes[0]}).status_code == 422
