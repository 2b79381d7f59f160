"""The console pages of units."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from django.test import Client
from tests.factories.people import make_account, make_member
from tests.factories.units import make_family, make_federation, make_grant, make_unit

from tradeshall.core.authority import Role
from tradeshall.people.models import Account
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
def boss(units: dict[str, Unit]) -> Client:
    return signed_in(make_account(role=Role.ADMINISTRATOR, unit=units["own"]))


def shown(client: Client, path: str) -> str:
    """Return the part of a page that the tree's links swap."""
    page = client.get(path).content.decode()
    return page[page.index('id="units"') : page.index("</section>")]


@pytest.mark.parametrize("where", ["root", "parent", "own", "child", "sibling", "stranger"])
@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.ORGANISER, Role.ITEM_EDITOR, Role.AUDITOR])
def test_pages_of_a_unit_open_to_the_roles_that_reach_it(units: dict[str, Unit], role: Role, where: str) -> None:
    client = signed_in(make_account(role=role, unit=units[where]))
    reaches = where in ("root", "parent", "own")
    for action, roles in (
        ("", {Role.ADMINISTRATOR, Role.ORGANISER, Role.AUDITOR}),
        ("add/", {Role.ADMINISTRATOR, Role.ORGANISER}),
        ("edit/", {Role.ADMINISTRATOR, Role.ORGANISER}),
        ("end/", {Role.ADMINISTRATOR, Role.ORGANISER}),
    ):
        path = f"/console/units/{units['own'].pk}/{action}"
        assert client.get(path).status_code == (200 if reaches and role in roles else 404), path
        if not (reaches and role in roles):
            assert client.post(path, {"name": "x", "ends_on": "2026-01-01"}).status_code in (404, 405)
    units["own"].refresh_from_db()
    assert (units["own"].name, units["own"].effective_until) != ("x", date(2026, 1, 1))


def test_absent_and_forbidden_are_one_404(units: dict[str, Unit]) -> None:
    client = signed_in(make_account(role=Role.ADMINISTRATOR, unit=units["sibling"]))
    pages = [client.get(f"/console/units/{pk}/") for pk in (units["own"].pk, 99999)]
    assert [page.status_code for page in pages] == [404, 404]


def test_members_find_no_tree(units: dict[str, Unit]) -> None:
    row = make_member(unit=units["own"], account=make_account())
    assert row.account is not None
    client = signed_in(row.account)
    assert client.get("/console/units/").status_code == 404
    assert client.get(f"/console/units/{units['own'].pk}/").status_code == 404


def test_the_tree_begins_at_ones_own_units(boss: Client, units: dict[str, Unit]) -> None:
    page = shown(boss, "/console/units/")
    assert units["own"].name in page
    assert units["child"].name in page
    for hidden in ("root", "parent", "sibling", "stranger"):
        assert units[hidden].name not in page


def test_branches_open_and_fold_by_the_address(units: dict[str, Unit]) -> None:
    client = signed_in(make_account(role=Role.ORGANISER, unit=units["root"]))
    root, parent = units["root"], units["parent"]
    page = shown(client, f"/console/units/?open={root.pk}")
    assert parent.name in page
    assert units["own"].name not in page
    assert f'href="?open={root.pk}%2C{parent.pk}"' in page
    assert units["own"].name in shown(client, f"/console/units/?open={root.pk},{parent.pk}")
    assert parent.name not in shown(client, "/console/units/?open=")
    assert client.get("/console/units/?open=x,-1,999999").status_code == 200


def test_a_branch_out_of_reach_does_not_open(boss: Client, units: dict[str, Unit]) -> None:
    assert units["sibling"].name not in shown(boss, f"/console/units/?open={units['parent'].pk}")


def test_a_swap_equals_a_reload(units: dict[str, Unit]) -> None:
    client = signed_in(make_account(role=Role.ORGANISER, unit=units["root"]))
    path = f"/console/units/?open={units['root'].pk}"
    swapped = client.get(path, headers={"HX-Request": "true", "HX-Request-Type": "partial"}).content.decode()
    swapped = swapped[swapped.index('id="units"') : swapped.index("</section>")]
    assert swapped == shown(client, path)


def test_the_tree_takes_the_same_queries_for_one_and_three(
    units: dict[str, Unit], django_assert_num_queries: Any
) -> None:
    client = signed_in(make_account(role=Role.ORGANISER, unit=units["root"]))
    own = units["own"]
    opened = f"/console/units/?open={units['root'].pk},{units['parent'].pk},{own.pk}"
    client.get(opened)
    for _more in range(2):
        with django_assert_num_queries(7):
            client.get(opened)
        for _unit in range(2):
            make_member(unit=make_unit(parent=own))


def test_counts_are_those_of_everything_beneath(boss: Client, units: dict[str, Unit]) -> None:
    for where in ("own", "child", "child"):
        make_member(unit=units[where])
    figures = re.findall(r'number figure">\s*(\d+)', shown(boss, "/console/units/"))
    assert figures == ["3", "2"]


def test_search_finds_codes_and_names_within_reach(boss: Client, units: dict[str, Unit]) -> None:
    found = shown(boss, f"/console/units/?q={units['child'].code.lower()}")
    assert units["child"].name in found
    assert units["own"].name in found  # where it stands
    assert units["sibling"].name not in shown(boss, f"/console/units/?q={units['sibling'].code}")
    assert client_says_nothing_matches(shown(boss, "/console/units/?q=zzz"))


def client_says_nothing_matches(page: str) -> bool:
    return 'class="empty"' in page


def test_a_branch_of_thousands_shows_a_hundred_and_says_how_many_more(units: dict[str, Unit]) -> None:
    parent = units["own"]
    Unit.objects.bulk_create(
        Unit(
            code=f"T{number:04}",
            name=f"小组{number}",
            kind="group",
            parent=parent,
            path=f"{parent.path}x{number}/",
            depth=parent.depth + 1,
            effective_from=date(2020, 1, 1),
        )
        for number in range(150)
    )
    client = signed_in(make_account(role=Role.ORGANISER, unit=parent))
    page = shown(client, f"/console/units/?open={parent.pk}")
    assert page.count("小组") < 2 * 102 * 2
    assert "51" in page
    page = client.get(f"/console/units/{parent.pk}/?page=2").content.decode()
    assert "T0060" in page


def test_a_unit_takes_the_same_queries_for_one_and_three(
    boss: Client, units: dict[str, Unit], django_assert_num_queries: Any
) -> None:
    path = f"/console/units/{units['own'].pk}/"
    boss.get(path)
    for _more in range(2):
        with django_assert_num_queries(12):
            boss.get(path)
        for _unit in range(2):
            make_member(unit=make_unit(parent=units["own"]))
            make_grant(make_account(), Role.AUDITOR, units["own"])


def test_a_unit_shows_its_way_up_only_as_far_as_one_may_see(boss: Client, units: dict[str, Unit]) -> None:
    page = boss.get(f"/console/units/{units['child'].pk}/").content.decode()
    assert units["own"].name in page
    assert units["parent"].name not in page


def test_an_administrator_adds_edits_and_ends_a_unit(boss: Client, units: dict[str, Unit]) -> None:
    line = {"code": "NEW", "name": "新工会", "name_en": "New Branch", "kind": "group", "industry": ""}
    response = boss.post(f"/console/units/{units['own'].pk}/add/", line)
    unit = Unit.objects.get(code="NEW")
    assert response["Location"] == f"/console/units/{unit.pk}/"
    assert boss.post(f"/console/units/{units['own'].pk}/add/", line).status_code == 422
    boss.post(f"/console/units/{unit.pk}/edit/", {**line, "name": "更名工会"})
    unit.refresh_from_db()
    assert unit.name == "更名工会"
    assert "更名工会" in boss.get(f"/console/units/{unit.pk}/").content.decode()
    boss.post(f"/console/units/{unit.pk}/end/", {"ends_on": "2099-01-01", "reason": "merged"})
    unit.refresh_from_db()
    assert unit.effective_until == date(2099, 1, 1)
    assert "merged" in boss.get(f"/console/units/{unit.pk}/").content.decode()


def test_the_unit_one_administers_is_not_ended_by_oneself(boss: Client, units: dict[str, Unit]) -> None:
    response = boss.post(f"/console/units/{units['own'].pk}/end/", {"ends_on": "2099-01-01"})
    assert response.status_code == 422


def test_a_role_is_ended_from_the_page_of_its_unit(boss: Client, units: dict[str, Unit]) -> None:
    person = make_member(unit=units["own"], account=make_account())
    grant = make_grant(person.account, Role.AUDITOR, units["own"])
    assert person.name in boss.get(f"/console/units/{units['own'].pk}/").content.decode()
    sibling = signed_in(make_account(role=Role.ADMINISTRATOR, unit=units["sibling"]))
    assert sibling.post(f"/console/units/grants/{grant.pk}/end/").status_code == 404
    assert boss.get(f"/console/units/grants/{grant.pk}/end/").status_code == 405
    boss.post(f"/console/units/grants/{grant.pk}/end/")
    assert grant not in Grant.objects.current()


def test_an_organiser_sees_roles_and_ends_none(units: dict[str, Unit]) -> None:
    grant = make_grant(make_account(), Role.AUDITOR, units["own"])
    client = signed_in(make_account(role=Role.ORGANISER, unit=units["own"]))
    assert f"grants/{grant.pk}/end" not in client.get(f"/console/units/{units['own'].pk}/").content.decode()
    assert client.post(f"/console/units/grants/{grant.pk}/end/").status_code == 404


def test_a_campaign_limited_organiser_has_a_tree_without_an_error() -> None:
    account = make_account()
    make_grant(account, Role.ORGANISER, make_federation(), campaign_number="ZT-2026-0001")
    assert signed_in(account).get("/console/units/").status_code in (200, 404)


@pytest.mark.parametrize("number", ["²", "9" * 30, "9" * 5000, "-1"])
def test_the_tree_passes_over_branches_that_cannot_be(boss: Client, number: str) -> None:
    assert boss.get("/console/units/", {"open": f"1,{number}"}).status_code == 200
