"""The page of the contest day, and rehearsals from the console."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings
from tests.contests.views.console.test_monitor import text_of
from tests.factories.contests import make_round
from tests.factories.engines import engine
from tests.factories.ledgers import ledger_path
from tests.factories.people import make_account
from tests.factories.units import make_unit

from tradeshall.contests import ports
from tradeshall.contests.actions.ledger import ingest_ledger
from tradeshall.contests.actions.rehearsals import FORGOTTEN, ask_rehearsal, play_next_rehearsal
from tradeshall.contests.enums import RehearsalState
from tradeshall.contests.models import AttemptResult, LedgerWatermark, Rehearsal, Standing
from tradeshall.contests.queries import contest_day as queries
from tradeshall.contests.rules.contest_day import Finding, Grade, Process, findings
from tradeshall.contests.views.console.contest_day import worded
from tradeshall.contests.views.console.day_words import FINDINGS
from tradeshall.core import clock
from tradeshall.core.authority import OPERATOR, Role
from tradeshall.core.refusal import Refused
from tradeshall.engine import client as engine_client
from tradeshall.engine.codes import EngineUnreachable
from tradeshall.engine.load import KINDS, OUTCOMES, Load
from tradeshall.engine.rehearsal import playing
from tradeshall.journal.models import Entry
from tradeshall.record.models import Statement

__all__ = ["engine", "ledger_path"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def organiser(client) -> Any:
    unit = make_unit()
    client.force_login(make_account(role=Role.ORGANISER, unit=unit), backend=settings.AUTHENTICATION_BACKENDS[0])
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    client.unit = unit
    return client


def told(**changes: Any) -> dict[str, Any]:
    """Return what an engine says of itself when nothing happens."""
    return {
        **Load().told(),
        "writer": "main",
        "at_ms": clock.now_ms(),
        "up_seconds": 60,
        "queue": 0,
        "open_attempts": 3,
        "memory_mb": 100.0,
        "machine_memory_mb": 4000.0,
        "disk_free_mb": 50_000,
        "clock_off_ms": 3,
        **changes,
    }


def busy(kind: str, outcome: str, rate: float) -> dict[str, Any]:
    calm: dict[str, Any] = {name: {"p50_ms": None, "p95_ms": None, **dict.fromkeys(OUTCOMES, 0.0)} for name in KINDS}
    calm[kind][outcome] = rate
    return calm


WELL: dict[str, Any] = {"lag_entries": 0, "disk_free_mb": 50_000, "stuck_events": 0}
TROUBLE: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("uncommitted", {"uncommitted": 2}, {}),
    ("failed", {"failed": 1}, {}),
    ("saves_wait", {"kinds": busy("save", "busy", 4.0)}, {}),
    ("starts_wait", {"kinds": busy("start", "busy", 4.0)}, {}),
    ("slow", {"kinds": busy("read", "p95_ms", 1500.0)}, {}),
    ("late", {"late_ms": 900}, {}),
    ("clock_off", {"clock_off_ms": -600_000}, {}),
    ("memory", {"memory_mb": 3500.0}, {}),
    ("disk_full", {}, {"disk_free_mb": 100}),
    ("disk_low", {"disk_free_mb": 3000}, {}),
    ("lag", {}, {"lag_entries": 30_000}),
    ("events_stuck", {}, {"stuck_events": 2}),
]


def test_nothing_is_said_when_all_is_well() -> None:
    assert findings([Process("main", 0, told())], **WELL) == []


@pytest.mark.parametrize(("code", "change", "house"), TROUBLE, ids=[code for code, _, _ in TROUBLE])
def test_each_trouble_is_said_and_worded(code: str, change: Any, house: Any) -> None:
    found = findings([Process("main", 0, told(**change))], **{**WELL, **house})
    assert [one.code for one in found] == [code]
    assert "%" not in worded(found[0]).title.replace("%%", "") + worded(found[0]).text


def test_a_silent_process_and_an_absent_engine_are_said_first() -> None:
    found = findings([Process("a", 40, told())], **{**WELL, "stuck_events": 1})
    assert [(one.code, one.grade) for one in found[:2]] == [("no_engine", Grade.BAD), ("silent", Grade.BAD)]
    assert findings([], **WELL) == [Finding("no_engine", Grade.BAD)]
    assert {code for code, _, _ in TROUBLE} | {"no_engine", "silent"} == set(FINDINGS)


def test_the_page_shows_the_engine_that_runs(organiser, engine, monkeypatch) -> None:
    steady = told()
    assert set(steady) <= set(engine.load())
    monkeypatch.setattr(type(engine), "load", lambda self: steady)
    monkeypatch.setattr(queries, "disk_free_mb", lambda: 50_000)
    one = make_round(unit=organiser.unit, deposited=True)
    text = text_of(organiser.get("/console/contest-day/"))
    assert "All is well" in text
    assert "Engine process main" in text
    assert "Entries still to take in 0" in text
    assert one.title in text


def test_what_is_swapped_in_equals_a_reload(organiser, engine, monkeypatch) -> None:
    steady = told()
    monkeypatch.setattr(type(engine), "load", lambda self: steady)
    monkeypatch.setattr(queries, "disk_free_mb", lambda: 50_000)
    with clock.set_to(clock.now()):
        page = organiser.get("/console/contest-day/").content.decode()
        part = organiser.get(
            "/console/contest-day/", headers={"HX-Request": "true", "HX-Request-Type": "partial"}
        ).content.decode()
    assert " ".join(part.split()) in " ".join(page.split())
    assert "<main" not in part


def test_the_page_comes_though_the_engine_and_the_ledger_do_not(organiser, ledger_path, monkeypatch) -> None:
    class Gone:
        def load(self) -> Any:
            raise EngineUnreachable("gone")

    def no_ledger() -> Any:
        raise OSError("no such machine")

    monkeypatch.setattr(ports, "ledger", no_ledger)
    engine_client.install(Gone())  # type: ignore[arg-type]
    try:
        text = text_of(organiser.get("/console/contest-day/"))
    finally:
        engine_client.install(None)
    assert "No engine answers" in text
    assert "delivered when the engine is back" in text


def test_every_process_that_has_reported_is_shown(organiser, ledger_path, monkeypatch, engine) -> None:
    now_ms = clock.now_ms()
    import json

    reports = [
        ("a", now_ms - 1000, json.dumps(told(writer="a")).encode()),
        ("b", now_ms - 60_000, json.dumps(told(writer="b")).encode()),
        ("old", now_ms - 7_200_000, json.dumps(told(writer="old")).encode()),
    ]
    monkeypatch.setattr(type(ports.ledger()), "reports", lambda self: reports)
    text = text_of(organiser.get("/console/contest-day/"))
    assert re.findall(r"Engine process (\w+)", text) == ["a", "b", "main"]
    assert "The process “b” has not reported for 60 seconds" in text


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_takes_as_many_queries_for_three_rounds_as_for_one(
    rows, organiser, engine, django_assert_num_queries
) -> None:
    for _ in range(rows):
        make_round(unit=organiser.unit)
    organiser.get("/console/contest-day/")
    with django_assert_num_queries(7):
        organiser.get("/console/contest-day/")


# Rehearsals


@pytest.fixture
def quick(monkeypatch) -> None:
    """Let a rehearsal of a minute last a second."""
    from tradeshall.contests.actions import rehearsals

    monkeypatch.setattr(
        rehearsals, "Plan", lambda seconds, **rest: playing.Plan(seconds=seconds / 60, seed=1, **rest)
    )


def test_a_rehearsal_is_asked_for_played_and_reported_and_leaves_no_trace(organiser, engine, quick) -> None:
    one = make_round(unit=organiser.unit, deposited=True)
    url = f"/console/rounds/{one.pk}/rehearse/"
    assert organiser.post(url, {"members": 40, "minutes": 1}).headers["Location"] == url
    assert "A rehearsal is under way" in text_of(organiser.get(url))
    assert play_next_rehearsal(actor=OPERATOR)
    assert not play_next_rehearsal(actor=OPERATOR)
    row = Rehearsal.objects.get()
    assert row.state == RehearsalState.DONE.value
    assert row.report["sound"] is True
    assert row.report["begun"] == 40
    assert row.report["ledger_after"]["found"] == row.report["finished"] >= 30
    text = text_of(organiser.get(url))
    assert "40 invented people" in text
    assert "Everybody was answered" in text
    while ingest_ledger():
        pass
    assert sum(LedgerWatermark.objects.values_list("sequence", flat=True)) > 100  # all of it was read
    assert not AttemptResult.objects.exists()
    assert not Standing.objects.exists()
    assert not Statement.objects.exists()
    assert engine.board(one.pk)["of"] == 0
    assert engine.monitor(one.pk)["started"] == 0
    assert engine.monitor(one.pk, rehearsal=True)["started"] == 40
    assert Entry.objects.filter(verb="contests:round:rehearse").count() == 1


def test_one_rehearsal_of_a_round_at_a_time(organiser) -> None:
    one = make_round(unit=organiser.unit)
    ask_rehearsal(actor=OPERATOR, round=one, members=10, minutes=1)
    answer = organiser.post(f"/console/rounds/{one.pk}/rehearse/", {"members": 10, "minutes": 1})
    assert answer.status_code == 422
    assert "under way already" in text_of(answer)
    assert Rehearsal.objects.count() == 1


@pytest.mark.parametrize(("members", "minutes"), [(0, 1), (2001, 1), (1, 0), (1, 11)])
def test_a_rehearsal_from_the_console_is_small(members: int, minutes: int, organiser) -> None:
    one = make_round(unit=organiser.unit)
    with pytest.raises(Refused):
        ask_rehearsal(actor=OPERATOR, round=one, members=members, minutes=minutes)
    answer = organiser.post(f"/console/rounds/{one.pk}/rehearse/", {"members": members, "minutes": minutes})
    assert answer.status_code == 422


def test_a_draft_is_not_rehearsed(organiser) -> None:
    one = make_round(unit=organiser.unit, published=False)
    assert organiser.get(f"/console/rounds/{one.pk}/rehearse/").status_code == 404
    with pytest.raises(Refused):
        ask_rehearsal(actor=OPERATOR, round=one, members=1, minutes=1)


def test_a_rehearsal_without_an_engine_or_cut_off_has_failed(organiser, ledger_path) -> None:
    one = make_round(unit=organiser.unit)
    ask_rehearsal(actor=OPERATOR, round=one, members=1, minutes=1)
    assert play_next_rehearsal(actor=OPERATOR)
    assert Rehearsal.objects.get().state == RehearsalState.FAILED.value
    ask_rehearsal(actor=OPERATOR, round=one, members=1, minutes=1)
    Rehearsal.objects.filter(state="asked").update(
        state=RehearsalState.RUNNING.value, began_at=clock.now() - 2 * FORGOTTEN
    )
    assert not play_next_rehearsal(actor=OPERATOR)
    assert set(Rehearsal.objects.values_list("state", flat=True)) == {RehearsalState.FAILED.value}
    assert "could not be played" in text_of(organiser.get(f"/console/rounds/{one.pk}/rehearse/"))
