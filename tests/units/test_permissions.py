"""The authority against a naive model of it: every role of an actor, asked row by row."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.factories.people import make_account, make_member
from tests.factories.units import make_family, make_grant

from tradeshall.core import authority, clock
from tradeshall.core.authority import OPERATOR, Role
from tradeshall.people.models import Account
from tradeshall.units.models import Grant, Unit
from tradeshall.units.permissions import paths_of
from tradeshall.units.queries import units_visible_to
from tradeshall.units.rules import Held, covers, paths_with

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 2, 8, tzinfo=UTC)
CODE = "units:unit:view"
GIVEN = [role for role in Role if role is not Role.MEMBER]


def fresh(account: Account) -> Account:
    """Return the account as a new request would have it."""
    return Account.objects.get(pk=account.pk)


def seen_by(account: Account, code: str = CODE) -> set[str]:
    return set(units_visible_to(fresh(account), code).values_list("code", flat=True))


@pytest.mark.parametrize("where", ["root", "parent", "own", "child", "sibling", "stranger"])
def test_may_covers_the_unit_and_what_is_beneath_it(where: str) -> None:
    family = make_family()
    account = make_account(role=Role.ORGANISER, unit=family[where])
    expected = {name for name, unit in family.items() if unit.path.startswith(family[where].path)}
    assert {name for name, unit in family.items() if authority.may(account, CODE, unit)} == expected
    beneath = set(Unit.objects.under(family[where]).values_list("code", flat=True))
    assert seen_by(account) == beneath


def test_may_is_not_misled_by_keys_that_begin_alike() -> None:
    """Unit 1 is not above unit 12: paths end each key with a slash."""
    assert not covers(Held(Role.ORGANISER, "1/"), "12/")
    assert covers(Held(Role.ORGANISER, "1/"), "1/12/")


def test_may_and_scope_of_nobody_and_of_the_operator() -> None:
    family = make_family()
    nobody: Any = AnonymousUser()
    assert not authority.may(nobody, CODE, family["own"])
    assert not authority.may(nobody, CODE)
    assert not units_visible_to(nobody).exists()
    assert paths_of(nobody, CODE) == []
    assert authority.may(OPERATOR, "units:grant:edit", family["root"])
    assert units_visible_to(OPERATOR).count() == Unit.objects.count()
    assert paths_of(OPERATOR, CODE) is None


def test_may_of_a_code_nobody_declared_raises() -> None:
    with pytest.raises(KeyError):
        authority.may(OPERATOR, "units:unit:paint")
    with pytest.raises(KeyError):
        units_visible_to(OPERATOR, "units:unit:paint")


@pytest.mark.parametrize(
    ("from_at", "until_at", "holds"),
    [
        (NOW - timedelta(days=1), None, True),
        (NOW, None, True),
        (NOW + timedelta(seconds=1), None, False),
        (NOW - timedelta(days=1), NOW, False),
        (NOW - timedelta(days=1), NOW + timedelta(seconds=1), True),
    ],
)
def test_may_heeds_the_time_of_a_grant(from_at: datetime, until_at: datetime | None, holds: bool) -> None:
    family = make_family()
    account = make_account()
    make_grant(account, Role.AUDITOR, family["own"], from_at=from_at, until_at=until_at)
    with clock.set_to(NOW):
        assert authority.may(account, CODE, family["child"]) is holds
        assert bool(seen_by(account)) is holds


def test_may_of_a_grant_within_a_campaign_reaches_that_campaign_alone() -> None:
    family = make_family()
    account = make_account()
    make_grant(account, Role.ORGANISER, family["own"], campaign_number="ZT-2026-0001")
    of_it = SimpleNamespace(unit_path=family["child"].path, campaign_number="ZT-2026-0001")
    of_another = SimpleNamespace(unit_path=family["child"].path, campaign_number="ZT-2026-0002")
    assert authority.may(account, CODE, of_it)
    assert not authority.may(account, CODE, of_another)
    assert not authority.may(account, CODE, family["own"])
    assert seen_by(account) == set()
    assert paths_of(fresh(account), CODE) == []


def test_scope_of_a_grant_within_a_campaign_takes_rows_of_that_campaign() -> None:
    """Grants stand for rows here: they have both a unit and the number of a campaign."""
    family = make_family()
    account = make_account()
    make_grant(account, Role.ORGANISER, family["own"], campaign_number="ZT-1")
    other = make_account()
    rows = [
        make_grant(other, Role.AUDITOR, family["child"], campaign_number=number) for number in ("", "ZT-1", "ZT-2")
    ]
    scoped = authority.scope(
        fresh(account), CODE, Grant.objects.filter(account=other), unit="unit", campaign="campaign_number"
    )
    assert list(scoped) == [rows[1]]


def test_a_campaign_grant_above_does_not_swallow_a_full_one_beneath() -> None:
    family = make_family()
    account = make_account()
    make_grant(account, Role.ORGANISER, family["parent"], campaign_number="ZT-1")
    make_grant(account, Role.ORGANISER, family["own"])
    assert seen_by(account) == {family["own"].code, family["child"].code}


def test_may_of_an_account_without_the_role_for_a_code() -> None:
    family = make_family()
    account = make_account(role=Role.AUDITOR, unit=family["root"])
    assert authority.may(account, CODE, family["own"])
    assert not authority.may(account, "units:grant:edit", family["own"])
    assert not authority.may(account, "units:grant:edit")


def test_roles_are_read_by_one_query_for_an_actor() -> None:
    family = make_family()
    account = make_account(role=Role.ORGANISER, unit=family["own"])
    make_grant(account, Role.AUDITOR, family["stranger"])
    make_member(unit=family["own"], account=account)
    actor = fresh(account)
    with CaptureQueriesContext(
        connection,
    ) as first:
        authority.may(actor, CODE, family["own"])
    with CaptureQueriesContext(connection) as more:
        for unit in family.values():
            authority.may(actor, CODE, unit)
            authority.may(actor, "units:grant:edit", unit)
    assert len([query for query in first if "units_grant" in query["sql"]]) == 1
    assert len(more) == 0


HELD = st.tuples(
    st.sampled_from(GIVEN),
    st.sampled_from(["root", "parent", "own", "child", "sibling", "stranger"]),
    st.sampled_from(["", "ZT-1", "ZT-2"]),
    st.sampled_from([-2, -1, 0, 1]),  # begins so many hours from now
    st.sampled_from([None, -1, 0, 1]),  # ends so many hours from now
)


@given(
    held=st.lists(HELD, max_size=6),
    code=st.sampled_from([CODE, "units:unit:edit", "units:grant:edit", "units:unit:import"]),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_may_and_scope_agree_with_a_naive_model(
    held: list[tuple[Role, str, str, int, int | None]], code: str
) -> None:
    Grant.objects.all().delete()
    if not Unit.objects.exists():
        make_family()
    units = list(Unit.objects.order_by("depth", "pk"))
    names = dict(zip(["root", "parent", "own", "child", "sibling", "stranger"], _by_relation(units), strict=True))
    account = make_account()
    expected: set[str] = set()
    roles = authority.declared()[code]
    for role, where, campaign, begins, ends in held:
        if ends is not None and ends <= begins:
            continue
        if ends is None and Grant.objects.filter(
            account=account, role=role.value, unit=names[where], campaign_number=campaign, until_at=None
        ):
            continue
        make_grant(
            account,
            role,
            names[where],
            campaign_number=campaign,
            from_at=NOW + timedelta(hours=begins),
            until_at=None if ends is None else NOW + timedelta(hours=ends),
        )
        if role in roles and not campaign and begins <= 0 and (ends is None or ends > 0):
            expected |= {unit.code for unit in units if unit.path.startswith(names[where].path)}
    with clock.set_to(NOW):
        actor = fresh(account)
        assert {unit.code for unit in units if authority.may(actor, code, unit)} == expected
        assert set(units_visible_to(actor, code).values_list("code", flat=True)) == expected
        reached = paths_of(actor, code) or []
        assert {unit.code for unit in units if unit.path.startswith(tuple(reached))} == expected


def _by_relation(units: list[Unit]) -> list[Unit]:
    """Return the units of a family in the order of its names."""
    root = units[0]
    parent, other = [unit for unit in units if unit.parent_id == root.pk]
    own, sibling = [unit for unit in units if unit.parent_id == parent.pk]
    child = next(unit for unit in units if unit.parent_id == own.pk)
    stranger = next(unit for unit in units if unit.parent_id == other.pk)
    return [root, parent, own, child, sibling, stranger]


PATHS = st.lists(st.integers(1, 3), min_size=1, max_size=4).map(lambda keys: "".join(f"{key}/" for key in keys))
ANY_HELD = st.builds(Held, st.sampled_from(list(Role)), PATHS, st.sampled_from(["", "ZT-1"]), st.booleans())


@given(held=st.lists(ANY_HELD, max_size=8), path=PATHS, campaign=st.sampled_from(["", "ZT-1", "ZT-2"]))
def test_paths_with_drops_nothing_that_reaches_further(held: list[Held], path: str, campaign: str) -> None:
    roles = frozenset({Role.ORGANISER, Role.MEMBER})

    def reaches(one: Held) -> bool:
        return one.role in roles and covers(one, path) and one.campaign_number in ("", campaign)

    assert any(map(reaches, paths_with(held, roles))) is any(map(reaches, held))
