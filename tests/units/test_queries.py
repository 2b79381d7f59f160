"""What lies above the units in which somebody holds a role."""

from __future__ import annotations

import pytest
from tests.factories.contests import make_campaign
from tests.factories.people import make_account
from tests.factories.units import make_family, make_grant

from tradeshall.campaigns.models import Campaign
from tradeshall.core.authority import OPERATOR, Actor, Role
from tradeshall.units.models import Unit
from tradeshall.units.queries import above, keys_above

pytestmark = pytest.mark.django_db

CODE = "campaigns:campaign:follow"


def chosen(actor: Actor) -> set[Unit]:
    found = Campaign.objects.filter(above(actor, CODE, unit="unit", campaign="number"))
    return {campaign.unit for campaign in found.select_related("unit")}


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("root", set()),
        ("parent", {"root"}),
        ("own", {"root", "parent"}),
        ("child", {"root", "parent", "own"}),
        ("sibling", {"root", "parent"}),
        ("stranger", {"root"}),
    ],
)
def test_above_chooses_what_lies_strictly_above(where: str, expected: set[str]) -> None:
    family = make_family()
    for unit in family.values():
        make_campaign(unit=unit)

    assert chosen(make_account(role=Role.ORGANISER, unit=family[where])) == {family[name] for name in expected}


def test_above_of_nobody_of_the_operator_and_of_another_role_is_nothing() -> None:
    family = make_family()
    make_campaign(unit=family["root"])

    assert chosen(OPERATOR) == set()
    assert chosen(make_account()) == set()
    assert chosen(make_account(role=Role.ITEM_EDITOR, unit=family["own"])) == set()


def test_above_of_a_role_within_one_campaign_chooses_that_campaign_alone() -> None:
    family = make_family()
    mine, _other = make_campaign(unit=family["root"]), make_campaign(unit=family["root"])
    account = make_account()
    make_grant(account, Role.ORGANISER, family["own"], campaign_number=mine.number)

    assert list(Campaign.objects.filter(above(account, CODE, unit="unit", campaign="number"))) == [mine]
    assert not Campaign.objects.filter(above(account, CODE, unit="unit")).exists()


def test_keys_above_leave_out_the_unit_itself() -> None:
    assert keys_above("1/7/42/") == [1, 7]
    assert keys_above("1/") == []
