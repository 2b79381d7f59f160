"""The rehearsal says what happened: it is held against a ledger that lost something, and an engine that refuses."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from tests.engine.contest import KEYS, pack, pass_for, someone
from tests.engine.killing import Engine

from tradeshall.engine.ledger.interface import FINISH
from tradeshall.engine.ledger.opening import open_ledger
from tradeshall.engine.rehearsal.line import Lines
from tradeshall.engine.rehearsal.playing import Plan, Played, play
from tradeshall.engine.rehearsal.report import compare, figures_of, is_sound, markdown

PLAN = Plan(seconds=2.0, connections=16, dropped=0.2, unfinished=0.2, repeated=0.5)


def played(engine: Engine, people: list[tuple[int, str]], plan: Plan = PLAN) -> Played:
    async def work() -> Played:
        lines = Lines(f"http://127.0.0.1:{engine.port}", plan.connections)
        try:
            return await play(lines, people, plan, KEYS.service)
        finally:
            lines.close()

    return asyncio.run(work())


class Forgetful:
    """A ledger that lost a submission and changed another."""

    def __init__(self, ledger: Any) -> None:
        self._ledger = ledger

    def replay(self, marks: Any, *, saves: bool) -> Any:
        finishes = 0
        for writer, seq, row in self._ledger.replay(marks, saves=saves):
            finishes += row.kind == FINISH
            if row.kind == FINISH and finishes == 1:
                continue
            if row.kind == FINISH and finishes == 2:
                row = row._replace(payload=row.payload.replace(b'"leaf":"', b'"leaf":"00', 1))
            yield writer, seq, row


def test_a_rehearsal_with_lost_lines_and_late_answers_is_sound_and_the_control_is_not(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/ledger.sqlite3"
    ledger = open_ledger(url)
    ledger.deposit_pack(pack())
    engine = Engine(tmp_path, url, "real")
    engine.start()
    try:
        people = [(person, pass_for(person, rehearsal=True)) for person in (someone() for _ in range(120))]
        seen = played(engine, people)
        held = compare(ledger, {}, 1, seen)
        assert is_sound(seen, held)
        assert seen.begun == 120
        assert seen.finished + seen.given_up == 120
        assert held.finishes == seen.finished > 60
        assert sum(seen.dropped.values()) > 20
        figures = figures_of(seen, held)
        assert figures["answered"] > 400
        assert figures["ledger_after"] == {
            "acknowledged": seen.finished,
            "found": seen.finished,
            "lost": 0,
            "changed": 0,
            "doubled": 0,
            "saves_lost": 0,
        }
        assert "**Sound.**" in markdown(figures)
        forgetful: Any = Forgetful(ledger)
        lost = compare(forgetful, {}, 1, seen)
        assert (lost.lost, lost.changed) == (1, 1)
        assert "**Not sound.**" in markdown(figures_of(seen, lost))
    finally:
        engine.stop()
        ledger.close()


def test_refused_people_are_counted_as_errors(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/ledger.sqlite3"
    ledger = open_ledger(url)
    ledger.deposit_pack(pack())
    engine = Engine(tmp_path, url, "real")
    engine.start()
    try:
        seen = played(engine, [(1, "forged"), (2, pass_for(2, rehearsal=True))], Plan(seconds=0.5, dropped=0))
        assert seen.errors == {"start 403 engine:pass:invalid": 1}
        assert not is_sound(seen, compare(ledger, {}, 1, seen))
    finally:
        engine.stop()
        ledger.close()
