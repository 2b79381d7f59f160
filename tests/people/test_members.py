"""The console pages of people."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.utils.html import escape
from tests.factories.people import make_account, make_member
from tests.factories.units import make_family, make_grant

from tradeshall.core.authority import Role
from tradeshall.people.models import Account, Membership
from tradeshall.units.models import Grant, Unit

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def signed_in(account: Account) -> Client:
    client = Client()
    client.force_login(account, BACKEND)
    return client


@pytest.fixture
def units() -> dict[str, Unit]:
    return make_family()


@pytest.fixture
def organiser(units: dict[str, Unit]) -> Client:
    return signed_in(make_account(role=Role.ORGANISER, unit=units["own"]))


@pytest.fixture
def boss(units: dict[str, Unit]) -> Client:
    return signed_in(make_account(role=Role.ADMINISTRATOR, unit=units["own"]))


READING = ["/console/people/{pk}/"]
EDITING = ["/console/people/{pk}/edit/", "/console/people/{pk}/end/", "/console/people/add/?unit={unit}"]
GRANTING = ["/console/people/{pk}/roles/give/"]


@pytest.mark.parametrize("where", ["root", "parent", "own", "child", "sibling", "stranger"])
@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.ORGANISER, Role.ITEM_EDITOR, Role.AUDITOR])
def test_pages_of_a_person_open_to_the_roles_that_reach_the_unit(
    units: dict[str, Unit], role: Role, where: str
) -> None:
    row = make_member(unit=units["own"])
    client = signed_in(make_account(role=role, unit=units[where]))
    reaches = where in ("root", "parent", "own")
    for paths, roles in (
        (READING, {Role.ADMINISTRATOR, Role.ORGANISER, Role.AUDITOR}),
        (EDITING, {Role.ADMINISTRATOR, Role.ORGANISER}),
        (GRANTING, {Role.ADMINISTRATOR}),
    ):
        for path in paths:
            found = client.get(path.format(pk=row.pk, unit=row.unit_id)).status_code
            assert found == (200 if reaches and role in roles else 404), path


@pytest.mark.parametrize("path", [*READING, *EDITING, *GRANTING, "/console/people/?unit={unit}"])
def test_absent_and_forbidden_are_one_404(units: dict[str, Unit], path: str) -> None:
    row = make_member(unit=units["own"])
    client = signed_in(make_account(role=Role.ADMINISTRATOR, unit=units["sibling"]))
    asked = [path.format(pk=pk, unit=unit) for pk, unit in ((row.pk, row.unit_id), (99999, 99999))]
    forbidden, absent = (client.get(one) for one in asked)
    assert forbidden.status_code == absent.status_code == 404
    assert plain(forbidden, asked[0]) == plain(absent, asked[1])


def plain(response: Any, path: str) -> str:
    """Return a page without what differs from request to request."""
    return re.sub(r"[A-Za-z0-9]{64}", "", response.content.decode().replace(escape(path), ""))


@pytest.mark.parametrize("action", ["edit/", "end/", "resume/", "roles/give/", "roles/1/end/", "await-phone/"])
def test_a_sibling_writes_nothing(units: dict[str, Unit], action: str) -> None:
    account = make_account()
    row = make_member(unit=units["own"], account=account, ended_on=date(2025, 1, 1), phone="13800138000")
    make_grant(account, Role.ORGANISER, units["own"])
    client = signed_in(make_account(role=Role.ADMINISTRATOR, unit=units["sibling"]))
    before = list(Membership.objects.values()), list(Grant.objects.values())
    assert client.post(f"/console/people/{row.pk}/{action}", {"name": "x"}).status_code == 404
    assert (list(Membership.objects.values()), list(Grant.objects.values())) == before


def test_members_and_visitors_find_no_console(units: dict[str, Unit]) -> None:
    row = make_member(unit=units["own"], account=make_account())
    assert row.account is not None
    assert signed_in(row.account).get("/console/people/").status_code == 404
    assert Client().get("/console/people/")["Location"] == "/sign-in/?next=/console/people/"


def test_the_list_shows_ones_own_people_and_nobody_elses(organiser: Client, units: dict[str, Unit]) -> None:
    mine, below, other = (make_member(unit=units[where]) for where in ("own", "child", "sibling"))
    page = organiser.get("/console/people/").content.decode()
    assert mine.name in page
    assert below.name in page
    assert other.name not in page
    page = organiser.get(f"/console/people/?unit={units['own'].pk}").content.decode()
    assert below.member_no not in page
    assert below.member_no in organiser.get(f"/console/people/?unit={units['own'].pk}&below=1").content.decode()
    assert organiser.get(f"/console/people/?unit={units['sibling'].pk}").status_code == 404
    assert organiser.get("/console/people/?unit=x").status_code == 404


def test_the_list_is_searched_filtered_and_paged(organiser: Client, units: dict[str, Unit]) -> None:
    ended = make_member(unit=units["own"], ended_on=date(2021, 1, 1), name="赵六")
    for number in range(51):
        make_member(unit=units["own"], name=f"钱{number:02}", member_no=f"P{number:02}")
    assert "赵六" not in organiser.get("/console/people/").content.decode()
    assert ended.member_no in organiser.get("/console/people/?state=ended").content.decode()
    assert "P50" not in organiser.get("/console/people/").content.decode()
    assert "P50" in organiser.get("/console/people/?page=2").content.decode()
    found = organiser.get("/console/people/?q=钱07").content.decode()
    assert "P07" in found
    assert "P08" not in found
    assert organiser.get("/console/people/?q=nobody&state=bogus&page=x").status_code == 200


def test_the_list_takes_the_same_queries_for_one_and_three(
    organiser: Client, units: dict[str, Unit], django_assert_num_queries: Any
) -> None:
    make_member(unit=units["own"], account=make_account())
    organiser.get("/console/people/")
    with django_assert_num_queries(6):
        organiser.get("/console/people/")
    for _more in range(2):
        make_member(unit=units["child"], account=make_account())
    with django_assert_num_queries(6):
        organiser.get("/console/people/")


def test_a_person_takes_the_same_queries_for_one_and_three_roles(
    boss: Client, units: dict[str, Unit], django_assert_num_queries: Any
) -> None:
    account = make_account()
    row = make_member(unit=units["own"], account=account, phone="13800138000")
    boss.get(f"/console/people/{row.pk}/")
    for roles in ([Role.ORGANISER], [Role.AUDITOR, Role.ITEM_EDITOR]):
        for role in roles:
            make_grant(account, role, units["own"])
        with django_assert_num_queries(7):
            boss.get(f"/console/people/{row.pk}/")


def test_an_organiser_adds_a_person(organiser: Client, units: dict[str, Unit]) -> None:
    path = f"/console/people/add/?unit={units['own'].pk}"
    line = {"member_no": "HC9", "name": "王小明", "phone": "138 0013 8000", "joined_on": "2020-01-02"}
    assert organiser.post(path, line)["Location"] == f"/console/people/?unit={units['own'].pk}"
    row = Membership.objects.get()
    assert (row.unit, row.phone, row.joined_on) == (units["own"], "13800138000", date(2020, 1, 2))
    again = organiser.post(path, {**line, "again": "1"})
    assert again.status_code == 422
    assert "HC9" in again.content.decode()
    assert organiser.post(path, {**line, "member_no": "HC10", "again": "1"})["Location"] == path


def test_what_was_typed_is_kept_when_it_is_refused(organiser: Client, units: dict[str, Unit]) -> None:
    response = organiser.post(
        f"/console/people/add/?unit={units['own'].pk}",
        {"member_no": "a b", "name": "王小明", "phone": "call me", "joined_on": "2020-01-02"},
    )
    assert response.status_code == 422
    for typed in ("a b", "王小明", "call me", "2020-01-02"):
        assert f'value="{typed}"' in response.content.decode()


def test_an_organiser_edits_ends_and_resumes(organiser: Client, units: dict[str, Unit]) -> None:
    row = make_member(unit=units["own"])
    path = f"/console/people/{row.pk}/"
    organiser.post(path + "edit/", {"name": "新名", "joined_on": "2020-01-02"})
    organiser.post(path + "end/", {"ended_on": "2024-01-02", "reason": "retired"})
    row.refresh_from_db()
    assert (row.name, row.ended_on) == ("新名", date(2024, 1, 2))
    page = organiser.get(path).content.decode()
    assert "retired" in page
    organiser.post(path + "resume/")
    row.refresh_from_db()
    assert row.ended_on is None


def test_an_administrator_gives_and_ends_a_role(boss: Client, units: dict[str, Unit]) -> None:
    row = make_member(unit=units["own"], phone="13800138000")
    path = f"/console/people/{row.pk}/"
    response = boss.post(
        path + "roles/give/", {"role": "organiser", "unit": units["own"].pk, "until_on": "2099-12-31"}
    )
    assert response.status_code == 302
    grant = Grant.objects.get(role="organiser")
    assert grant.until_at is not None
    assert grant.until_at.isoformat() == "2099-12-31T16:00:00+00:00"
    assert boss.post(path + "roles/give/", {"role": "organiser", "unit": units["parent"].pk}).status_code == 422
    assert boss.post(path + "roles/give/", {"role": "member", "unit": units["own"].pk}).status_code == 422
    boss.post(f"{path}roles/{grant.pk}/end/")
    assert list(Grant.objects.current().filter(role="organiser")) == []


def test_a_grant_of_somebody_else_is_not_ended_through_a_person(boss: Client, units: dict[str, Unit]) -> None:
    row = make_member(unit=units["own"], account=make_account())
    other = make_grant(make_account(), Role.AUDITOR, units["own"])
    assert boss.post(f"/console/people/{row.pk}/roles/{other.pk}/end/").status_code == 404


def test_a_role_above_ones_own_is_seen_but_not_ended(boss: Client, units: dict[str, Unit]) -> None:
    account = make_account()
    row = make_member(unit=units["own"], account=account)
    above = make_grant(account, Role.ADMINISTRATOR, units["parent"])
    assert boss.post(f"/console/people/{row.pk}/roles/{above.pk}/end/").status_code == 404


def test_changes_need_a_post(organiser: Client, units: dict[str, Unit]) -> None:
    row = make_member(unit=units["own"], ended_on=date(2024, 1, 1))
    assert organiser.get(f"/console/people/{row.pk}/resume/").status_code == 405


def test_a_new_phone_of_a_role_holder_is_admitted_by_an_administrator(boss: Client, units: dict[str, Unit]) -> None:
    account = make_account(phone="13700137000")
    row = make_member(unit=units["own"], account=account, phone="13800138000")
    make_grant(account, Role.ORGANISER, units["own"])
    assert "await-phone" in boss.get(f"/console/people/{row.pk}/").content.decode()
    boss.post(f"/console/people/{row.pk}/await-phone/")
    account.refresh_from_db()
    assert account.awaited_phone == "13800138000"
    assert "await-phone" not in boss.get(f"/console/people/{row.pk}/").content.decode()


def test_the_console_does_not_tell_who_never_signed_in(organiser: Client, units: dict[str, Unit]) -> None:
    """Whether somebody uses the platform is participation, and no list of that is shown to anyone."""
    with_account = make_member(unit=units["own"], account=make_account(), name="王小明", member_no="A1")
    without = make_member(unit=units["own"], name="王小明", member_no="A1x", joined_on=with_account.joined_on)
    pages = []
    for row in (with_account, without):
        page = organiser.get(f"/console/people/{row.pk}/").content.decode()
        page = re.sub(r"[A-Za-z0-9]{64}", "", page)  # tokens first: a random one may hold the number
        pages.append(page.replace(row.member_no, "").replace(f"/{row.pk}/", ""))
    assert pages[0] == pages[1]
    rows = organiser.get("/console/people/").content.decode()
    assert rows.count('class="tag ok"') == 2


@pytest.mark.parametrize("number", ["²", "9" * 30, "9" * 5000, "-1"])
def test_a_unit_that_cannot_be_is_absent(boss: Client, number: str) -> None:
    assert boss.get("/console/people/", {"unit": number}).status_code == 404
    assert boss.get("/console/people/add/", {"unit": number}).status_code == 404


def test_a_role_without_a_day_after_its_last_is_refused(boss: Client, units: dict[str, Unit]) -> None:
    row = make_member(unit=units["own"])
    given = {"role": "auditor", "unit": units["own"].pk, "until_on": "9999-12-31"}
    assert boss.post(f"/console/people/{row.pk}/roles/give/", given).status_code == 422
