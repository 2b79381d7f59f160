from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connections
from tests.factories.people import make_account
from tests.factories.units import make_family, make_federation, make_grant, make_unit

from tradeshall.core import authority, clock
from tradeshall.core.authority import OPERATOR, Role
from tradeshall.core.refusal import Refused
from tradeshall.journal.models import Entry, OutboxEvent
from tradeshall.units.actions.grants import end_grant, grant_role
from tradeshall.units.actions.tree import add_unit, end_unit, found_federation, move_unit, rename_unit
from tradeshall.units.models import Federation, Grant, Unit
from tradeshall.units.queries import (
    accounts_with_roles,
    ancestors_of,
    children_of,
    federation_zone,
    grants_visible_to,
    search_units,
    unsound_units,
)

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 2, 8, tzinfo=UTC)


def refusal(call: Any, **arguments: Any) -> str:
    with pytest.raises(Refused) as caught:
        call(**arguments)
    return caught.value.refusals[0].code


def events() -> list[tuple[str, dict[str, Any]]]:
    return list(OutboxEvent.objects.order_by("id").values_list("name", "payload"))


# the federation


def test_found_federation_makes_the_root_once() -> None:
    unit = found_federation(actor=OPERATOR, code="HC", name="海川市总工会", time_zone="Asia/Shanghai")
    assert (unit.path, unit.depth) == (f"{unit.pk}/", 1)
    assert str(federation_zone()) == "Asia/Shanghai"
    assert Entry.objects.get().verb == "units:federation:found"
    again = {"actor": OPERATOR, "code": "XX", "name": "又一个", "time_zone": "UTC"}
    assert refusal(found_federation, **again) == "units:federation:exists"
    assert Federation.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"code": "=1"}, "units:unit:code_malformed"),
        ({"name": ""}, "units:unit:name_malformed"),
        ({"time_zone": "Mars/Olympus"}, "units:federation:no_such_zone"),
    ],
)
def test_found_federation_refuses_what_is_malformed(wrong: dict[str, str], code: str) -> None:
    arguments = {"code": "HC", "name": "总工会", "time_zone": "Asia/Shanghai"} | wrong
    assert refusal(found_federation, actor=OPERATOR, **arguments) == code


def test_found_federation_is_the_operators_alone() -> None:
    account = make_account()
    given = {"code": "HC", "name": "总工会", "time_zone": "UTC"}
    assert refusal(found_federation, actor=account, **given) == "units:unit:not_yours"


# the tree


def test_add_unit_stands_beneath_its_parent() -> None:
    family = make_family()
    account = make_account(role=Role.ORGANISER, unit=family["own"])
    unit = add_unit(actor=account, parent=family["own"], code="NEW", name=" 新  组 ", kind="group")
    assert unit.name == "新 组"
    assert unit.path == f"{family['own'].path}{unit.pk}/"
    assert unsound_units() == []
    entry = Entry.objects.get(thing=f"units.unit:{unit.pk}")
    assert (entry.actor, entry.acting_unit_code) == (f"account:{account.pk}", family["own"].code)


def test_add_unit_refuses_siblings_taken_codes_and_ended_parents() -> None:
    family = make_family()
    account = make_account(role=Role.ORGANISER, unit=family["own"])
    given: dict[str, Any] = {"code": "NEW", "name": "新组", "kind": "group"}
    assert refusal(add_unit, actor=account, parent=family["sibling"], **given) == "units:unit:not_yours"
    taken = given | {"code": family["stranger"].code}
    assert refusal(add_unit, actor=account, parent=family["own"], **taken) == "units:unit:code_taken"
    assert refusal(add_unit, actor=account, parent=family["own"], **given | {"kind": "federation"}) == (
        "units:unit:one_federation"
    )
    Unit.objects.filter(pk=family["own"].pk).update(effective_until=date(2021, 1, 1))
    assert refusal(add_unit, actor=account, parent=family["own"], **given) == "units:unit:ended"


def test_add_unit_refuses_the_twenty_first_level() -> None:
    unit = make_federation()
    for _ in range(19):
        unit = make_unit(parent=unit)
    given = {"code": "DEEP", "name": "太深", "kind": "group"}
    assert unit.depth == 20
    assert refusal(add_unit, actor=OPERATOR, parent=unit, **given) == "units:unit:too_deep"


def test_rename_unit_journals_what_changed_and_nothing_else() -> None:
    unit = make_unit(name="旧名", name_en="Old")
    rename_unit(actor=OPERATOR, unit=unit, name="新名", name_en="Old")
    rename_unit(actor=OPERATOR, unit=unit, name="新名", name_en="Old")
    assert Entry.objects.get().changes == {"name": ["旧名", "新名"]}
    unit.refresh_from_db()
    assert unit.name == "新名"


def test_move_unit_takes_everything_beneath_it_along() -> None:
    family = make_family()
    old = family["own"].path
    move_unit(actor=OPERATOR, unit=family["own"], parent=family["stranger"], reason="合并")
    assert unsound_units() == []
    family["child"].refresh_from_db()
    assert family["child"].path.startswith(family["stranger"].path)
    assert events() == [
        ("units.UnitMoved", {"unit_id": family["own"].pk, "old_path": old, "new_path": family["own"].path})
    ]
    assert Entry.objects.get().reason == "合并"


def test_move_unit_refuses_circles_depth_and_other_peoples_units() -> None:
    family = make_family()
    assert (
        refusal(move_unit, actor=OPERATOR, unit=family["own"], parent=family["child"]) == "units:unit:beneath_itself"
    )
    assert refusal(move_unit, actor=OPERATOR, unit=family["root"], parent=family["child"]) == "units:unit:root_stays"
    account = make_account(role=Role.ORGANISER, unit=family["own"])
    given = {"actor": account, "unit": family["child"], "parent": family["sibling"]}
    assert refusal(move_unit, **given) == "units:unit:not_yours"
    deep = make_federation()
    for _ in range(18):
        deep = make_unit(parent=deep)
    assert refusal(move_unit, actor=OPERATOR, unit=family["own"], parent=deep) == "units:unit:too_deep"
    assert unsound_units() == []


def test_roles_move_with_the_unit() -> None:
    family = make_family()
    above = make_account(role=Role.ORGANISER, unit=family["stranger"])
    assert not authority.may(above, "units:unit:view", family["child"])
    move_unit(actor=OPERATOR, unit=family["own"], parent=family["stranger"])
    family["child"].refresh_from_db()
    assert authority.may(type(above).objects.get(pk=above.pk), "units:unit:view", family["child"])


def test_end_unit_ends_it_and_only_once() -> None:
    family = make_family()
    account = make_account(role=Role.ORGANISER, unit=family["own"])
    assert refusal(end_unit, actor=account, unit=family["own"]) == "units:unit:not_yours"
    assert refusal(end_unit, actor=OPERATOR, unit=family["own"]) == "units:unit:has_children"
    end_unit(actor=account, unit=family["child"])
    assert not Unit.objects.current().filter(pk=family["child"].pk).exists()
    assert refusal(end_unit, actor=account, unit=family["child"]) == "units:unit:ended"
    end_unit(actor=OPERATOR, unit=family["own"])
    assert [name for name, _ in events()] == ["units.UnitEnded", "units.UnitEnded"]


def test_days_turn_at_the_midnight_of_the_federation() -> None:
    unit = make_unit(effective_from=date(2026, 11, 3))
    with clock.set_to(datetime(2026, 11, 2, 15, 59, tzinfo=UTC)) as move_on:  # 23:59 in Shanghai
        assert not Unit.objects.current().filter(pk=unit.pk).exists()
        move_on(timedelta(minutes=1))
        assert Unit.objects.current().filter(pk=unit.pk).exists()


# grants


def test_grant_role_is_held_at_once_and_told() -> None:
    family = make_family()
    administrator = make_account(role=Role.ADMINISTRATOR, unit=family["parent"])
    account = make_account()
    grant_role(actor=administrator, account=account, role=Role.ORGANISER, unit=family["own"])
    assert authority.may(account, "units:unit:edit", family["child"])
    told = {"account_id": account.pk, "unit_id": family["own"].pk, "role": "organiser", "held": True}
    assert events() == [("units.RoleChanged", told)]
    given: dict[str, Any] = {"actor": administrator, "account": account, "role": "organiser", "unit": family["own"]}
    assert refusal(grant_role, **given) == "units:grant:held_already"


@pytest.mark.parametrize("where", ["child", "sibling", "stranger"])
def test_grant_role_refuses_who_is_no_administrator_at_or_above(where: str) -> None:
    family = make_family()
    other = make_account(role=Role.ADMINISTRATOR, unit=family[where])
    organiser = make_account(role=Role.ORGANISER, unit=family["root"])
    limited = make_account()
    make_grant(limited, Role.ADMINISTRATOR, family["root"], campaign_number="ZT-1")
    for actor in (other, organiser, limited):
        given: dict[str, Any] = {"actor": actor, "account": make_account(), "role": "auditor", "unit": family["own"]}
        assert refusal(grant_role, **given) == "units:grant:not_yours"
    assert not OutboxEvent.objects.exists()


def test_grant_role_refuses_membership_the_past_and_ended_units() -> None:
    unit = make_unit()
    given: dict[str, Any] = {"actor": OPERATOR, "account": make_account(), "unit": unit}
    assert refusal(grant_role, role="member", **given) == "units:grant:role_not_given"
    with clock.set_to(NOW):
        assert refusal(grant_role, role="auditor", until_at=NOW, **given) == "units:grant:ends_in_the_past"
        Unit.objects.filter(pk=unit.pk).update(effective_until=date(2026, 11, 2))
        assert refusal(grant_role, role="auditor", **given) == "units:unit:ended"


def test_end_grant_takes_the_role_back_now() -> None:
    with clock.set_to(NOW) as move_on:
        family = make_family()
        account = make_account()
        grant = make_grant(account, Role.ORGANISER, family["own"])
        move_on(timedelta(hours=1))
        assert accounts_with_roles([account.pk]) == {account.pk}
        end_grant(actor=OPERATOR, grant=grant)
        assert accounts_with_roles([account.pk]) == set()
        assert not authority.may(account, "units:unit:view", family["own"])
        assert refusal(end_grant, actor=OPERATOR, grant=grant) == "units:grant:ended_already"
        assert events()[-1][1]["held"] is False


def test_end_grant_of_one_that_has_not_begun_removes_it() -> None:
    grant = make_grant(make_account(), Role.ORGANISER, from_at=clock.now() + timedelta(days=1))
    end_grant(actor=OPERATOR, grant=grant)
    assert not Grant.objects.filter(pk=grant.pk).exists()
    assert Entry.objects.get().verb == "units:grant:end"


def test_end_grant_keeps_the_last_lasting_administrator() -> None:
    root = make_federation()
    first = make_grant(make_account(), Role.ADMINISTRATOR, root)
    make_grant(make_account(), Role.ADMINISTRATOR, root, until_at=clock.now() + timedelta(days=1))
    make_grant(make_account(), Role.ADMINISTRATOR, root, campaign_number="ZT-1")
    make_grant(make_account(), Role.ADMINISTRATOR, make_unit())
    make_grant(make_account(is_active=False), Role.ADMINISTRATOR, root)
    make_grant(make_account(), Role.ADMINISTRATOR, root, from_at=clock.now() + timedelta(days=1))
    assert refusal(end_grant, actor=OPERATOR, grant=first) == "units:grant:last_administrator"
    second = make_grant(make_account(), Role.ADMINISTRATOR, root)
    end_grant(actor=OPERATOR, grant=first)
    assert refusal(end_grant, actor=OPERATOR, grant=second) == "units:grant:last_administrator"


@pytest.mark.django_db(transaction=True)
def test_two_administrators_ended_at_once_leave_one() -> None:
    root = make_federation()
    grants = [make_grant(make_account(), Role.ADMINISTRATOR, root) for _ in range(2)]
    barrier, results = threading.Barrier(2), []

    def go(grant: Grant) -> None:
        try:
            barrier.wait()
            end_grant(actor=OPERATOR, grant=Grant.objects.select_related("unit").get(pk=grant.pk))
            results.append("ended")
        except Refused as refused:
            results.append(refused.refusals[0].code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=go, args=[grant]) for grant in grants]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["ended", "units:grant:last_administrator"]
    assert Grant.objects.current().count() == 1


# reading


def test_children_carry_how_many_stand_beneath_them(django_assert_num_queries: Any) -> None:
    family = make_family()
    make_unit(parent=family["own"], effective_until=date(2021, 1, 1))
    with django_assert_num_queries(1):
        found = {unit.code: unit.children_count for unit in children_of(family["parent"])}  # type: ignore[attr-defined]
    assert found == {family["own"].code: 1, family["sibling"].code: 0}


def test_ancestors_stand_from_the_root_down(django_assert_num_queries: Any) -> None:
    family = make_family()
    with django_assert_num_queries(1):
        assert ancestors_of(family["child"]) == [family["root"], family["parent"], family["own"]]
    assert ancestors_of(family["root"]) == []


def test_search_finds_codes_first_and_only_what_the_actor_may_see() -> None:
    family = make_family()
    exact = make_unit(parent=family["own"], code="AB", name="甲")
    longer = make_unit(parent=family["own"], code="AB-1", name="乙")
    named = make_unit(parent=family["own"], code="Z", name="AB 车间")
    make_unit(parent=family["sibling"], code="AB-2", name="丙")
    account = make_account(role=Role.ORGANISER, unit=family["own"])
    assert search_units(account, " ab ") == [exact, longer, named]
    assert search_units(account, "") == []
    assert search_units(account, "%") == []
    assert len(search_units(OPERATOR, "AB")) == 4


def test_grants_are_seen_where_the_actor_may_see_them() -> None:
    family = make_family()
    account = make_account(role=Role.ORGANISER, unit=family["own"])
    beneath = make_grant(make_account(), Role.AUDITOR, family["child"])
    make_grant(make_account(), Role.AUDITOR, family["sibling"])
    assert beneath in grants_visible_to(account)
    assert {grant.unit_id for grant in grants_visible_to(account)} == {family["own"].pk, family["child"].pk}
