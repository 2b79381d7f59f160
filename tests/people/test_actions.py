"""What may be written about people, by whom, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from tests.factories.people import make_account, make_member
from tests.factories.units import make_family, make_grant, make_unit

from tradeshall.core import clock
from tradeshall.core.authority import OPERATOR, Role
from tradeshall.core.refusal import Refused
from tradeshall.journal.models import Entry, OutboxEvent
from tradeshall.people.actions.accounts import claim_membership
from tradeshall.people.actions.members import add_member, edit_member, end_membership, resume_membership
from tradeshall.people.actions.roles import await_phone, give_role
from tradeshall.people.enums import MembershipState
from tradeshall.people.models import Account, Membership
from tradeshall.people.queries import (
    acting_membership,
    count_members_by_unit,
    count_members_of,
    held_as_member,
    members_visible_to,
    search_members,
)
from tradeshall.units.actions.tree import end_unit
from tradeshall.units.models import Grant

pytestmark = pytest.mark.django_db
PHONE = "13800138000"
LINE: dict[str, Any] = {"member_no": "HC1", "name": "王小明", "joined_on": date(2020, 1, 1), "phone": PHONE}


@contextmanager
def refused(code: str) -> Iterator[None]:
    before = (Membership.objects.count(), Entry.objects.count(), Grant.objects.count(), Account.objects.count())
    with pytest.raises(Refused) as caught:
        yield
    assert code in [one.code for one in caught.value.refusals]
    assert before == (
        Membership.objects.count(),
        Entry.objects.count(),
        Grant.objects.count(),
        Account.objects.count(),
    )


@pytest.mark.parametrize(
    ("where", "allowed"),
    [("root", True), ("parent", True), ("own", True), ("child", False), ("sibling", False), ("stranger", False)],
)
def test_add_member_asks_for_the_role_in_the_unit_or_above(where: str, allowed: bool) -> None:
    units = make_family()
    actor = make_account(role=Role.ORGANISER, unit=units[where])
    if allowed:
        assert add_member(actor=actor, unit=units["own"], **LINE).unit == units["own"]
    else:
        with refused("people:member:not_yours"):
            add_member(actor=actor, unit=units["own"], **LINE)


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ITEM_EDITOR])
def test_add_member_is_refused_to_other_roles(role: Role) -> None:
    unit = make_unit()
    actor = make_account(role=role, unit=unit)
    with refused("people:member:not_yours"):
        add_member(actor=actor, unit=unit, **LINE)


def test_add_member_tidies_what_was_typed() -> None:
    row = add_member(
        actor=OPERATOR,
        unit=make_unit(),
        member_no=" HC2 ",
        name="  Anna   Li ",
        phone="+86 138-0013-8000",
        joined_on=date(2020, 1, 1),
    )
    assert (row.member_no, row.name, row.phone) == ("HC2", "Anna Li", PHONE)


def test_add_member_refuses_a_number_that_is_taken() -> None:
    make_member(member_no="HC1")
    with refused("people:member:number_taken"):
        add_member(actor=OPERATOR, unit=make_unit(), **LINE)


def test_add_member_refuses_a_unit_that_has_ended() -> None:
    unit = make_unit(effective_until=date(2021, 1, 1))
    with refused("people:member:unit_ended"):
        add_member(actor=OPERATOR, unit=unit, **LINE)


def test_the_journal_keeps_no_contact() -> None:
    row = add_member(actor=OPERATOR, unit=make_unit(), email="wang@example.org", **LINE)
    edit_member(actor=OPERATOR, membership=row, name="王晓明", phone="13900139000", joined_on=row.joined_on)
    kept = str(list(Entry.objects.values()))
    for private in (PHONE, "13900139000", "wang@example.org", "王小明", "王晓明"):
        assert private not in kept


def test_edit_member_that_changes_nothing_writes_nothing() -> None:
    row = add_member(actor=OPERATOR, unit=make_unit(), **LINE)
    count = Entry.objects.count()
    edit_member(actor=OPERATOR, membership=row, name=row.name, phone=row.phone, joined_on=row.joined_on)
    assert Entry.objects.count() == count


def test_an_organiser_cannot_change_the_phone_of_a_role_holder() -> None:
    unit = make_unit()
    organiser, boss = make_account(role=Role.ORGANISER, unit=unit), make_account(role=Role.ADMINISTRATOR)
    row = make_member(unit=unit, phone=PHONE, account=boss)
    with refused("people:member:phone_of_role_holder"):
        edit_member(actor=organiser, membership=row, name=row.name, phone="13900139000", joined_on=row.joined_on)
    edit_member(actor=boss, membership=row, name=row.name, phone="13900139000", joined_on=row.joined_on)
    assert Membership.objects.get().phone == "13900139000"


def test_end_membership_ends_once_and_tells() -> None:
    row = make_member()
    day = clock.now().date()
    end_membership(actor=OPERATOR, membership=row, ended_on=day, reason="retired")
    assert list(Membership.objects.current()) == []
    assert OutboxEvent.objects.filter(name="people.MembershipEnded").count() == 1
    with refused("people:member:ended_already"):
        end_membership(actor=OPERATOR, membership=row, ended_on=day)


def test_end_membership_refuses_a_line_somebody_else_ended_meanwhile() -> None:
    row = make_member()
    Membership.objects.update(ended_on=date(2025, 1, 1))
    with refused("people:member:changed_meanwhile"):
        end_membership(actor=OPERATOR, membership=row, ended_on=date(2024, 1, 1))


def test_resume_membership_undoes_the_end() -> None:
    row = make_member()
    with refused("people:member:not_ended"):
        resume_membership(actor=OPERATOR, membership=row)
    end_membership(actor=OPERATOR, membership=row, ended_on=clock.now().date())
    resume_membership(actor=OPERATOR, membership=row)
    assert Membership.objects.get().ended_on is None


def test_give_role_makes_an_account_that_awaits_the_phone() -> None:
    row = make_member(phone=PHONE)
    boss = make_account(role=Role.ADMINISTRATOR)
    give_role(actor=boss, membership=row, role=Role.ORGANISER, unit=row.unit)
    account = Membership.objects.get().account
    assert account is not None
    assert (account.phone, account.awaited_phone) == (None, PHONE)
    assert Grant.objects.filter(account=account, role="organiser", unit=row.unit).count() == 1


def test_a_phone_changed_after_the_role_was_given_opens_nothing() -> None:
    row = make_member(phone=PHONE)
    give_role(actor=OPERATOR, membership=row, role=Role.ADMINISTRATOR, unit=row.unit)
    Membership.objects.update(phone="13900139000")
    with pytest.raises(Refused):
        claim_membership(phone="13900139000", membership_id=row.pk)
    row.refresh_from_db()
    await_phone(actor=OPERATOR, membership=row)
    assert claim_membership(phone="13900139000", membership_id=row.pk).pk == row.account_id


def test_give_role_refuses() -> None:
    units = make_family()
    row, phoneless = make_member(unit=units["own"], phone=PHONE), make_member(unit=units["own"])
    organiser = make_account(role=Role.ORGANISER, unit=units["own"])
    boss = make_account(role=Role.ADMINISTRATOR, unit=units["own"])
    with refused("people:role:not_yours"):
        give_role(actor=organiser, membership=row, role=Role.ORGANISER, unit=units["own"])
    with refused("people:role:not_yours"):
        give_role(actor=boss, membership=row, role=Role.ORGANISER, unit=units["parent"])
    with refused("people:role:no_phone"):
        give_role(actor=boss, membership=phoneless, role=Role.ORGANISER, unit=units["own"])
    ended = make_member(phone=PHONE, ended_on=date(2025, 1, 1))
    with refused("people:role:member_ended"):
        give_role(actor=OPERATOR, membership=ended, role=Role.ORGANISER, unit=units["own"])


def test_await_phone_asks_for_every_role_the_account_holds() -> None:
    units = make_family()
    account = make_account()
    row = make_member(unit=units["own"], phone=PHONE, account=account)
    make_grant(account, Role.ORGANISER, units["parent"])
    below = make_account(role=Role.ADMINISTRATOR, unit=units["own"])
    with refused("people:role:not_yours"):
        await_phone(actor=below, membership=row)
    await_phone(actor=make_account(role=Role.ADMINISTRATOR, unit=units["parent"]), membership=row)
    assert Account.objects.get(pk=account.pk).awaited_phone == PHONE


def test_claiming_a_line_twice_links_it_once() -> None:
    row = make_member(phone=PHONE)
    first = claim_membership(phone=PHONE, membership_id=row.pk)
    assert claim_membership(phone=PHONE, membership_id=row.pk) == first
    assert Account.objects.count() == 1


def test_a_unit_with_members_is_not_ended() -> None:
    unit = make_unit()
    row = make_member(unit=unit)
    with refused("people:member:unit_has_members"):
        end_unit(actor=OPERATOR, unit=unit)
    end_membership(actor=OPERATOR, membership=row, ended_on=clock.now().date())
    end_unit(actor=OPERATOR, unit=unit, ends_on=clock.now().date() + timedelta(days=1))


# Reading


def test_members_are_seen_from_the_unit_and_above() -> None:
    units = make_family()
    row = make_member(unit=units["own"])
    for where in units:
        actor = make_account(role=Role.ORGANISER, unit=units[where])
        assert list(members_visible_to(actor)) == ([row] if where in ("root", "parent", "own") else [])


def test_a_member_sees_no_roster_though_a_member() -> None:
    row = make_member(account=make_account())
    assert row.account is not None
    assert [one.role for one in held_as_member(row.account)] == [Role.MEMBER]
    assert list(members_visible_to(row.account)) == []


def test_search_finds_numbers_names_and_whole_phones() -> None:
    row = make_member(member_no="HC7", name="王小明", phone=PHONE)
    make_member(member_no="XX1", name="李红", phone="13900139000")
    rows = Membership.objects.all()
    for text in ("hc7", "小明", "138 0013 8000"):
        assert list(search_members(rows, text=text, state=MembershipState.ALL)) == [row]
    assert list(search_members(rows, text="1380", state=MembershipState.ALL)) == []


def test_search_tells_current_from_ended() -> None:
    today = clock.now().date()
    current, ending = make_member(), make_member(ended_on=today + timedelta(days=30))
    ended = make_member(ended_on=today - timedelta(days=1))
    rows = Membership.objects.order_by("pk")
    assert list(search_members(rows, text="", state=MembershipState.CURRENT)) == [current, ending]
    assert list(search_members(rows, text="", state=MembershipState.ENDED)) == [ended]
    assert len(search_members(rows, text="", state=MembershipState.ALL)) == 3


def test_members_are_counted_with_everything_beneath() -> None:
    units = make_family()
    for name in ("own", "own", "child", "sibling", "stranger"):
        make_member(unit=units[name])
    make_member(unit=units["own"], ended_on=date(2021, 1, 1))
    assert count_members_of([units["own"], units["sibling"]]) == {units["own"].pk: 3, units["sibling"].pk: 1}
    assert count_members_of([units["root"]]) == {units["root"].pk: 5}
    assert count_members_of([units["root"], units["child"]]) == {units["root"].pk: 5, units["child"].pk: 1}
    assert count_members_by_unit(units["parent"].path) == {
        units["own"].pk: 2,
        units["child"].pk: 1,
        units["sibling"].pk: 1,
    }


def test_acting_membership_is_the_chosen_one_while_it_lasts(rf: Any) -> None:
    account = make_account()
    first, second = make_member(account=account), make_member(account=account)
    request = rf.get("/")
    request.user, request.session = account, {"membership": second.pk}
    assert acting_membership(request) == second
    Membership.objects.filter(pk=second.pk).update(ended_on=date(2021, 1, 1))
    request.user = Account.objects.get(pk=account.pk)
    assert acting_membership(request) == first
