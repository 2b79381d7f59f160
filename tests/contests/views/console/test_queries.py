"""How many queries a page takes: as many for three rows as for one."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from tests.factories.contests import make_campaign, make_contest, make_item, make_pool, make_round
from tests.factories.people import make_account
from tests.factories.units import make_unit

from tradeshall.contests.actions.rounds import SectionDraft, set_blueprint
from tradeshall.contests.models import Pool
from tradeshall.core.authority import OPERATOR, Role

pytestmark = pytest.mark.django_db

CAMPAIGN_LIST = 7
CAMPAIGN_SHOW = 6
CONTEST_LIST = 7
CONTEST_SHOW = 6
POOL_LIST = 6
ITEM_LIST = 7
POOL_SHOW = 7
ROUND_SHOW = 11
BLUEPRINT = 13
PAPER = 10
MONITOR = 13
DESK = 15


@pytest.fixture
def unit() -> Any:
    return make_unit()


@pytest.fixture
def organiser(client, unit) -> Any:
    client.force_login(make_account(role=Role.ORGANISER, unit=unit), backend=settings.AUTHENTICATION_BACKENDS[0])
    client.get("/console/")  # what is cached once a process is cached now
    return client


@pytest.mark.parametrize("rows", [1, 3])
def test_campaigns(rows, organiser, unit, django_assert_num_queries):
    for _ in range(rows):
        make_campaign(unit=unit)

    with django_assert_num_queries(CAMPAIGN_LIST):
        organiser.get("/console/campaigns/")


@pytest.mark.parametrize("rows", [1, 3])
def test_campaign(rows, organiser, unit, django_assert_num_queries):
    campaign = make_campaign(unit=unit)
    for _ in range(rows):
        make_contest(campaign=campaign)

    with django_assert_num_queries(CAMPAIGN_SHOW):
        organiser.get(f"/console/campaigns/{campaign.number}/")


@pytest.mark.parametrize("rows", [1, 3])
def test_contests(rows, organiser, unit, django_assert_num_queries):
    for _ in range(rows):
        make_contest(unit=unit)

    with django_assert_num_queries(CONTEST_LIST):
        organiser.get("/console/contests/")


@pytest.mark.parametrize("rows", [1, 3])
def test_contest(rows, organiser, unit, django_assert_num_queries):
    contest = make_contest(unit=unit)
    pool = make_pool(unit=unit, items=10)
    for _ in range(rows):
        make_round(contest=contest, pools=[pool], published=False)

    with django_assert_num_queries(CONTEST_SHOW):
        organiser.get(f"/console/contests/{contest.activity.number}/")


@pytest.mark.parametrize("rows", [1, 3])
def test_pools(rows, organiser, unit, django_assert_num_queries):
    for _ in range(rows):
        make_pool(unit=unit, items=2)

    with django_assert_num_queries(POOL_LIST):
        organiser.get("/console/pools/")


@pytest.mark.parametrize("rows", [1, 3])
def test_items(rows, organiser, unit, django_assert_num_queries):
    for _ in range(rows):
        make_item(pool=make_pool(unit=unit))

    with django_assert_num_queries(ITEM_LIST):
        organiser.get("/console/items/")


@pytest.mark.parametrize("rows", [1, 3])
def test_pool(rows, organiser, unit, django_assert_num_queries):
    pool = make_pool(unit=unit, items=rows)

    with django_assert_num_queries(POOL_SHOW):
        organiser.get(f"/console/pools/{pool.pk}/")


def sectioned(unit: Any, rows: int) -> Any:
    pools = [make_pool(unit=unit, items=4) for _ in range(rows)]
    one = make_round(unit=unit, pools=pools[:1], count=1, published=False)
    sections = [SectionDraft(pools=[pool], count=1) for pool in Pool.objects.filter(pk__in=[p.pk for p in pools])]
    return set_blueprint(actor=OPERATOR, round=one, sections=sections)


@pytest.mark.parametrize("rows", [1, 3])
def test_round(rows, organiser, unit, django_assert_num_queries):
    one = sectioned(unit, rows)

    with django_assert_num_queries(ROUND_SHOW):
        organiser.get(f"/console/rounds/{one.pk}/")


@pytest.mark.parametrize("rows", [1, 3])
def test_blueprint(rows, organiser, unit, django_assert_num_queries):
    one = sectioned(unit, rows)

    with django_assert_num_queries(BLUEPRINT):
        organiser.get(f"/console/rounds/{one.pk}/blueprint/")


@pytest.mark.parametrize("rows", [1, 3])
def test_paper(rows, organiser, unit, django_assert_num_queries):
    one = sectioned(unit, rows)

    with django_assert_num_queries(PAPER):
        organiser.get(f"/console/rounds/{one.pk}/paper/")


@pytest.mark.parametrize("rows", [1, 3])
def test_monitor(rows, organiser, unit, django_assert_num_queries):
    for _ in range(rows):
        make_unit(parent=unit)
    one = make_round(unit=unit)

    with django_assert_num_queries(MONITOR):
        organiser.get(f"/console/rounds/{one.pk}/monitor/")


@pytest.mark.parametrize("rows", [1, 3])
def test_desk(rows, organiser, unit, django_assert_num_queries):
    contest = make_contest(unit=unit)
    pool = make_pool(unit=unit, items=10)
    for _ in range(rows):
        make_round(contest=contest, pools=[pool], published=False)

    with django_assert_num_queries(DESK):
        organiser.get("/console/")
