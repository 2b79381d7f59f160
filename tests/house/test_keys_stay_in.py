"""Answer keys leave the house only when they are due: a recognisable one is looked for wherever anything leaves."""

from __future__ import annotations

import io
import logging
import zipfile
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from django.test import Client
from tests.contests.test_proofs import sit
from tests.factories.contests import make_campaign, make_contest, make_entrant, make_item, make_pool, make_round
from tests.factories.engines import engine
from tests.factories.ledgers import ledger_path
from tests.factories.people import make_account, make_member
from tests.factories.units import make_family, make_grant
from tests.house.test_access import ROUTES, World

from tradeshall.contests.actions.integrating import keep_log
from tradeshall.contests.actions.ledger import ingest_ledger
from tradeshall.contests.actions.publishing import publish_commitments
from tradeshall.contests.actions.results import export_results
from tradeshall.contests.models import Entrant, Round
from tradeshall.contests.queries import proofs
from tradeshall.contests.queries.taking_part import signed_pass
from tradeshall.core.authority import OPERATOR, Role
from tradeshall.core.refusal import Refused
from tradeshall.engine.client import LocalClient
from tradeshall.engine.rounds import CompiledItem
from tradeshall.intake.models import ImportRun

__all__ = ["engine", "ledger_path"]
pytestmark = pytest.mark.django_db

MARK = "VERRATENESZEICHEN"
SESSION = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def house(engine: LocalClient) -> tuple[World, Round, Entrant, LocalClient]:
    """A round whose every key is recognisable, sat by one member and still open."""
    units = make_family()
    own = units["own"]
    campaign = make_campaign(unit=own)
    contest = make_contest(campaign=campaign)
    pool = make_pool(unit=own, shared_downward=True)
    items = [make_item(pool=pool, explanation=f"{MARK} {number}") for number in range(10)]
    row = make_round(contest=contest, pools=[pool], deposited=True, review="after_round")
    member = make_member(unit=own, account=make_account())
    entrant = make_entrant(contest=row.contest, membership=member)
    sit(engine, row, entrant)
    while ingest_ledger():
        pass
    publish_commitments(actor=OPERATOR, round_id=row.pk)
    keep_log()
    run = ImportRun.objects.create(kind="units", unit_path=own.path, file_name="a.csv", actor="operator")
    grant = make_grant(make_account(), Role.ORGANISER, own)
    file = proofs.files_of(proofs.subject_of_round(row.pk))[0]
    world = World(
        units,
        {
            "web": {"component": "button"},
            "units": {"pk": own.pk},
            "units:grant": {"pk": grant.pk},
            "people": {"pk": member.pk, "grant": grant.pk},
            "intake": {"pk": run.pk, "kind": "units", "form": "csv"},
            "campaigns": {"number": campaign.number},
            "contests": {"number": contest.activity.number, "pk": row.pk},
            "contests:pool": {"pk": pool.pk},
            "contests:item": {"pk": items[0].pk},
            "contests:console_item_create": {"pk": pool.pk},
            "contests:receipt_file": {"pk": row.pk, "number": 1},
            "contests:result_show": {"pk": row.pk, "number": 1},
            "contests:public_file": {"name": file.name},
            "contests:public_log_page": {"number": 0},
            "contests:public_log_proof": {"writer": "main", "number": 1},
            "contests:public_log_consistency": {"first": 1, "second": 1},
        },
    )
    return world, row, entrant, engine


def pages(world: World, row: Round, entrant: Entrant) -> Iterator[tuple[str, bytes]]:
    """Yield what every route answers to whoever may not see keys."""
    own, child, sibling = (world.units[name] for name in ("own", "child", "sibling"))
    readers: dict[str, Any] = {"stranger": None, "member": entrant.membership.account if entrant.membership else None}
    for name, unit in (("organiser beneath", child), ("organiser beside", sibling)):
        readers[name] = make_account()
        make_grant(readers[name], Role.ORGANISER, unit)
    readers["member beneath"] = make_account()
    make_member(unit=child, account=readers["member beneath"])
    assert own.path
    for name, account in readers.items():
        client = Client()
        if account is not None:
            client.force_login(account, backend=SESSION)
        for route in ROUTES:
            try:
                url = world.url(route)
            except KeyError:
                continue  # a route of a kind of thing this house has none of
            answer = client.get(url)
            content = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
            yield f"{route.name} as {name}", content


def engine_answers(row: Round, entrant: Entrant, engine: LocalClient) -> Iterator[tuple[str, bytes]]:
    """Yield what the engine says to a member, refusals included."""
    granted = signed_pass(entrant, row)
    other = make_entrant(contest=row.contest, membership=make_member(unit=entrant.unit))
    started = engine.start(signed_pass(other, row))
    yield "start", orjson.dumps(started)
    token = started["token"]
    yield "save", orjson.dumps(engine.save(token, [[1, 1, [0]]]))
    yield "submit", orjson.dumps(engine.submit(token, []))
    for name, ask in (
        ("result", lambda: engine.result_of(granted, 1)),
        ("review", lambda: engine.review_of(granted, 1)),
        ("board", lambda: engine.board(row.pk, 10, 0)),
        ("place", lambda: engine.place(row.pk, entrant.number)),
    ):
        try:
            yield name, orjson.dumps(ask())
        except Refused as refused:
            yield name, repr(refused.refusals).encode()


def files(row: Round) -> Iterator[tuple[str, bytes]]:
    """Yield every file that leaves the house, unpacked."""
    for ending in ("csv", "xlsx"):
        out = io.BytesIO()
        export_results(actor=OPERATOR, round=row, file=out, format=ending)
        yield f"results.{ending}", out.getvalue()
        if ending == "xlsx":
            with zipfile.ZipFile(out) as book:
                for name in book.namelist():
                    yield f"results.xlsx/{name}", book.read(name)
    for file in proofs.files_of(proofs.subject_of_round(row.pk)):
        yield file.name, b"".join(proofs.content_of(file))


def leaks(house: tuple[World, Round, Entrant, LocalClient], caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return every place where the mark, or the positions of a key, can be read."""
    world, row, entrant, engine = house
    seen = [*pages(world, row, entrant), *files(row)]
    found = [name for name, content in seen if MARK.encode() in content]
    for name, content in engine_answers(row, entrant, engine):
        if MARK.encode() in content or b'"key":' in content:
            found.append(f"engine {name}")
    found += ["log" for record in caplog.records if MARK in record.getMessage()]
    assert len(seen) > 200
    return found


def test_no_key_leaves_before_it_is_due(
    house: tuple[World, Round, Entrant, LocalClient], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    assert leaks(house, caplog) == []


def test_keys_that_leak_are_found(
    house: tuple[World, Round, Entrant, LocalClient],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The control: a paper, a public page and a line of the log that each give one away."""
    caplog.set_level(logging.DEBUG)
    shown = CompiledItem.shown

    def talkative(self: CompiledItem, no: int, order: Any) -> bytes:
        logging.getLogger("tradeshall.engine").debug("drawn: %s", self.spec.explanation)
        return shown(self, no, order)[:-1] + b',"explanation":"%s"}' % self.spec.explanation.encode()

    monkeypatch.setattr(CompiledItem, "shown", talkative)
    monkeypatch.setattr(proofs, "content_hash_of", lambda row: MARK)
    found = leaks(house, caplog)
    assert {"engine start", "log", "contests:public_round as stranger"} <= set(found)


def test_a_key_can_be_read_once_it_is_due(house: tuple[World, Round, Entrant, LocalClient]) -> None:
    """And where it is due the mark is found: the search does not look past it."""
    world, row, _entrant, _engine = house
    editor = make_account()
    make_grant(editor, Role.ITEM_EDITOR, world.units["own"])
    client = Client()
    client.force_login(editor, backend=SESSION)
    route = next(route for route in ROUTES if route.name == "contests:console_item_show")
    assert MARK.encode() in client.get(world.url(route)).content
    assert row.pk
