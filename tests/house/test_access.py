"""Every route as every role, from every side of the tree: what is not one's own is not there.

The expectation is read off the declared access of each route and the declared roles of each permission, so a new
route is walked on the day it is written.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from tests.factories.boards import make_board
from tests.factories.contests import make_campaign, make_contest, make_item, make_pool, make_round
from tests.factories.draws import make_draw
from tests.factories.people import make_account, make_member
from tests.factories.units import make_family, make_grant

from tradeshall.config.urls import LIBRARY_ACCESS
from tradeshall.contests.actions.draws import announce_draws
from tradeshall.core.authority import OPERATOR, Role, declared
from tradeshall.intake.models import ImportRun
from tradeshall.units.models import Unit
from tradeshall.web.access import PUBLIC, SIGNED_IN

pytestmark = pytest.mark.django_db

POSITIONS = ("own", "parent", "child", "sibling", "stranger")
COVERING = {"own", "parent"}
GRANTED = (Role.ADMINISTRATOR, Role.ORGANISER, Role.ITEM_EDITOR, Role.AUDITOR)


@dataclass(frozen=True, slots=True)
class Route:
    name: str
    pattern: str
    access: str | None
    kwargs: frozenset[str]


def routes(patterns: list[Any] | None = None, prefix: str = "", space: str = "") -> Iterator[Route]:
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            inner = space + (f"{pattern.namespace}:" if pattern.namespace else "")
            yield from routes(pattern.url_patterns, prefix + str(pattern.pattern), inner)
        elif isinstance(pattern, URLPattern):
            name = space + (pattern.name or "")
            access = getattr(pattern.callback, "access", None) or LIBRARY_ACCESS.get(name)
            yield Route(name, prefix + str(pattern.pattern), access, frozenset(pattern.pattern.converters))


ROUTES = sorted(routes(), key=lambda route: route.name)

NEVER_THERE = {
    "contests:entrant_display": "needs somebody who has entered; tests/contests/test_member_views.py walks it",
    "contests:result_share": "needs somebody who has entered; tests/contests/test_papers.py walks it",
    "contests:receipt_file": "needs an attempt that was handed in; tests/contests/test_proofs.py walks it",
    "contests:appeal_file": "needs a finished attempt; tests/contests/views/member/test_appeals.py walks it",
    "contests:result_show": "needs an attempt that was handed in; tests/contests/test_member_views.py walks it",
}
"""Routes whose example does not exist without an engine, and who walks them instead."""

NARROWER = {
    "contests:console_item_reopen": "contests:item:review",
    "contests:console_item_retire": "contests:item:edit",
    "contests:console_item_review": "contests:item:review",
    "intake:file_upload": "units:unit:import",
    "intake:run_apply": "units:unit:import",
    "intake:run_drop": "units:unit:import",
    "intake:run_report": "units:unit:import",
    "intake:run_view": "units:unit:import",
    "intake:template_download": "units:unit:import",
}
"""Routes that serve several things, each with its own permission: that of the example."""

FOLLOWED = {
    "campaigns:console_campaign_show": "campaigns:campaign:follow",
    "contests:console_contest_show": "contests:round:follow",
    "contests:console_round_follow": "contests:round:follow",
}
"""Routes that also open to those beneath, read-only, and the permission by which; never to those beside."""

QUERY = {"people:member_add": "?unit={own}"}
"""Routes that name their object in the query."""


@dataclass(slots=True)
class World:
    """One unit with one of everything, and its relatives."""

    units: dict[str, Unit]
    examples: dict[str, dict[str, Any]]

    def url(self, route: Route) -> str:
        app, _, verb = route.name.partition(":")
        thing = verb.removeprefix("console_").split("_")[0]
        found = {**self.examples.get(app, {}), **self.examples.get(f"{app}:{thing}", {})}
        found |= self.examples.get(route.name, {})
        address = reverse(route.name, kwargs={name: found[name] for name in route.kwargs})
        return address + QUERY.get(route.name, "").format(own=self.units["own"].pk)


@pytest.fixture
def world() -> World:
    units = make_family()
    own = units["own"]
    campaign = make_campaign(unit=own)
    contest = make_contest(campaign=campaign)
    pool = make_pool(unit=own, items=12, shared_downward=False)
    board = make_board(contest=contest, kind="group")
    row = make_round(contest=contest, pools=[pool])
    draw = make_draw(round=row)
    announce_draws(actor=OPERATOR, draws=[draw])
    account = make_account()
    member = make_member(unit=own, account=account)
    grant = make_grant(account, Role.ORGANISER, own)
    run = ImportRun.objects.create(kind="units", unit_path=own.path, file_name="a.csv", actor="operator")
    return World(
        units,
        {
            "web": {"component": "button"},
            "units": {"pk": own.pk},
            "units:grant": {"pk": grant.pk},
            "people": {"pk": member.pk, "grant": grant.pk},
            "media": {"name": "0" * 64 + ".png"},
            "intake": {"pk": run.pk, "kind": "units", "form": "csv"},
            "campaigns": {"number": campaign.number},
            "contests": {
                "number": contest.activity.number,
                "pk": row.pk,
                "code": "0" * 16,
                "shape": "poster",
                "preset": "daily",
            },
            "contests:pool": {"pk": pool.pk},
            "contests:board": {"pk": board.pk},
            "contests:unit_board": {"board": board.pk},
            "contests:board_show": {"pk": row.pk},
            "contests:draw": {"pk": draw.pk},
            "contests:prize": {"pk": draw.pk},
            "contests:item": {"pk": make_item(pool=pool).pk},
            "contests:console_item_create": {"pk": pool.pk},
            "contests:receipt_file": {"pk": row.pk, "number": 1},
            "contests:result_show": {"pk": row.pk, "number": 1},
            "contests:appeal_file": {"pk": row.pk, "number": 1, "no": 1},
            "contests:console_round_case": {"pk": row.pk, "item": pool.items.values_list("pk", flat=True)[0]},
            "contests:console_version_confirm": {"pk": row.pk},
            "contests:console_version_discard": {"pk": row.pk},
        },
    )


OBJECT = {"pk", "number", "grant"}


def client_of(world: World, role: Role | None, position: str) -> Client:
    account = make_account()
    if role is Role.MEMBER:
        make_member(unit=world.units[position], account=account)
    elif role is not None:
        make_grant(account, role, world.units[position])
    client = Client()
    client.force_login(account, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def is_there(client: Client, url: str) -> bool:
    """Answer whether a page is found; a route that only takes posts is posted to, and what it did is undone."""
    with transaction.atomic():
        status = client.get(url).status_code
        if status == 405:
            status = client.post(url).status_code
        transaction.set_rollback(True)
    assert status < 500, f"{url} answered {status}"
    return status != 404


def test_every_route_says_who_may_open_it() -> None:
    assert [route.name for route in ROUTES if route.access is None] == []
    assert {route.access for route in ROUTES} - {PUBLIC, SIGNED_IN} <= set(declared())


@pytest.mark.parametrize("route", [r for r in ROUTES if r.access != PUBLIC], ids=lambda route: route.name)
def test_a_closed_route_sends_strangers_to_sign_in(world: World, route: Route) -> None:
    answer = Client().get(world.url(route))
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("account_login"))


CONSOLE = [route for route in ROUTES if route.access not in (None, PUBLIC, SIGNED_IN)]


@pytest.mark.parametrize("route", CONSOLE, ids=lambda route: route.name)
def test_a_console_route_opens_to_its_roles_alone(world: World, route: Route) -> None:
    assert route.access is not None
    url = world.url(route)
    roles = declared()[NARROWER.get(route.name, route.access)]
    has_object = bool(route.kwargs & OBJECT) or route.name in QUERY
    wrong = []
    for role in GRANTED:
        for position in POSITIONS:
            reaches = position in COVERING or not has_object
            follows = position == "child" and role in declared().get(FOLLOWED.get(route.name, ""), ())
            expected = (role in roles and reaches) or follows
            if is_there(client_of(world, role, position), url) is not expected:
                wrong.append(f"{role} of {position}: expected {'a page' if expected else '404'}")
    for position in ("own", "sibling"):
        if is_there(client_of(world, Role.MEMBER, position), url):
            wrong.append(f"member of {position}: expected 404")
    if is_there(client_of(world, None, ""), url):
        wrong.append("an account without any role: expected 404")
    assert wrong == []


MEMBERS = [r for r in ROUTES if r.access == SIGNED_IN and r.kwargs & OBJECT and r.name not in NEVER_THERE]


@pytest.mark.parametrize("route", MEMBERS, ids=lambda route: route.name)
def test_a_members_route_opens_beneath_its_unit_alone(world: World, route: Route) -> None:
    url = world.url(route)
    there = {position: is_there(client_of(world, Role.MEMBER, position), url) for position in POSITIONS}
    assert there == {position: position in ("own", "child") for position in POSITIONS}
