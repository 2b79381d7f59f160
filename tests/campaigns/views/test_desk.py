"""The desk: what waits, the figures, and the set-up of a new installation."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from tests.factories.contests import make_campaign, make_contest, make_item, make_pool, make_round
from tests.factories.people import make_account, make_member
from tests.factories.units import make_federation, make_unit

from tradeshall.contests.actions.items import import_items
from tradeshall.contests.enums import ItemState
from tradeshall.contests.models import Item
from tradeshall.core import clock
from tradeshall.core.authority import Role

pytestmark = pytest.mark.django_db


def enter(client: Any, role: Role, unit: Any) -> Any:
    account = make_account(role=role, unit=unit)
    client.force_login(account, backend=settings.AUTHENTICATION_BACKENDS[0])
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return account


def titles(client: Any) -> list[str]:
    return [
        ticket.title for ticket in client.get("/console/").context["tickets"] if ticket.action_url != "/me/security/"
    ]


def done(client: Any) -> list[bool]:
    return [step.done for step in client.get("/console/").context["steps"]]


def test_a_new_installation_shows_what_is_still_to_do(client):
    root = make_federation()
    first = enter(client, Role.ADMINISTRATOR, root)
    assert done(client) == [False] * 6

    branch = make_unit(parent=root)
    assert done(client) == [True, False, False, False, False, False]
    make_member(unit=root)  # the founder alone is no roster
    assert done(client) == [True, False, False, False, False, False]
    make_member(unit=branch)
    assert done(client) == [True, True, False, False, False, False]
    make_account(role=Role.ADMINISTRATOR, unit=root)
    assert done(client) == [True, True, True, False, False, False]
    pool = make_pool(unit=root, items=10)
    assert done(client) == [True, True, True, True, False, False]
    campaign = make_campaign(unit=root)
    assert done(client) == [True, True, True, True, True, False]
    assert "Set up the house" in client.get("/console/").content.decode()
    make_round(contest=make_contest(campaign=campaign), pools=[pool])
    assert done(client) == [True] * 6
    assert "Set up the house" not in client.get("/console/").content.decode()
    assert first.pk


def test_organisers_are_not_asked_to_set_up_the_house(client):
    enter(client, Role.ORGANISER, make_unit())

    assert done(client) == []


def test_rounds_that_need_somebody_are_on_the_desk(client):
    unit = make_unit()
    enter(client, Role.ORGANISER, unit)
    now = clock.now()
    contest = make_contest(unit=unit, title="竞赛")
    pool = make_pool(unit=unit, items=10)
    common = {"contest": contest, "pools": [pool]}
    days = timedelta(days=1)
    make_round(title="晚了", published=False, opens_at=now - timedelta(hours=1), **common)
    make_round(title="将开", published=False, opens_at=now + 2 * days, closes_at=now + 4 * days, **common)
    make_round(title="还早", published=False, opens_at=now + 20 * days, closes_at=now + 30 * days, **common)
    make_round(title="将关", closes_at=now + days, **common)
    make_round(title="久开", closes_at=now + 30 * days, **common)
    make_round(title="待发", results="after_review", closed=True, **common)
    make_round(title="别人的", published=False, opens_at=now - timedelta(hours=1))

    assert titles(client)[0] == "竞赛: 晚了"
    assert set(titles(client)) == {"竞赛: 晚了", "竞赛: 将开", "竞赛: 将关", "竞赛: 待发"}


def test_drafts_and_files_left_lying_are_on_the_desk(client):
    unit = make_unit()
    account = enter(client, Role.ORGANISER, unit)
    pool = make_pool(unit=unit)
    for _ in range(2):
        make_item(pool=pool)
    Item.objects.update(state=ItemState.DRAFT.value)
    content = "题型,题干,选项A,选项B,答案\n单选,坏题？,甲,甲,A\n".encode()
    import_items(actor=account, pool=pool, file=io.BytesIO(content), name="题.csv", dry_run=True)

    assert set(titles(client)) == {"2 questions to review", "题.csv"}


def test_an_item_editor_is_asked_about_files_alone(client):
    unit = make_unit()
    enter(client, Role.ITEM_EDITOR, unit)
    make_item(pool=make_pool(unit=unit))
    Item.objects.update(state=ItemState.DRAFT.value)
    make_round(unit=unit, published=False)

    assert titles(client) == []


def test_figures_count_what_the_person_sees(client):
    unit = make_unit()
    enter(client, Role.ORGANISER, unit)
    make_member(unit=unit)
    make_member(unit=make_unit(parent=unit))
    make_member(unit=make_unit())
    make_member(unit=unit, ended_on=clock.now().date())
    make_campaign(unit=unit)
    make_campaign(unit=unit, published=False)
    make_round(unit=unit)

    figures = {figure.label: figure.value for figure in client.get("/console/").context["figures"]}

    assert figures["Members"] == 2
    assert figures["Running campaigns"] == 2
    assert figures["Open rounds"] == 1
    assert figures["Took part today"] == 0
