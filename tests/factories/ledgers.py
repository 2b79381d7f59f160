"""A ledger for tests, and attempts written into it as an engine writes them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zlib import crc32

import orjson
import pytest

from tradeshall.contests import ports
from tradeshall.contests.models import Entrant, Round
from tradeshall.core import clock
from tradeshall.core.ids import random_key
from tradeshall.engine.ledger.interface import FINISH, START, Batch, Row
from tradeshall.engine.ledger.sqlite import SqliteLedger


class Writer:
    """One engine process as the ledger sees it."""

    def __init__(self, path: Path, name: str) -> None:
        self.ledger = SqliteLedger(path)
        self.name = name
        self.position = self.ledger.claim(name)
        self.seq, self.batch = self.position

    def write(self, *rows: Row) -> None:
        """Commit rows in one batch."""
        rows = tuple(
            row if row.kind != FINISH or row.origin else row._replace(origin=self.origin(row)) for row in rows
        )
        first, self.seq = self.seq + 1, self.seq + len(rows)
        leaves = sum(row.kind == FINISH for row in rows)
        self.batch += bool(leaves)  # as the engine counts: only what is signed has a number
        self.ledger.commit(rows, Batch(self.batch, first, self.seq, clock.now_ms(), leaves, bytes(32), bytes(64)))

    def origin(self, row: Row) -> tuple[str, int]:
        """Return where the start of a finish stands: a place of its own for each attempt, written or not."""
        attempt = (row.round_id, row.participant, row.attempt_number, row.rehearsal)
        return self.name, (1 << 32) + crc32(repr(attempt).encode())

    def start(self, round: Round, entrant: Entrant, number: int = 1) -> None:
        self.write(start_row(round, entrant, number))

    def finish(self, round: Round, entrant: Entrant, score: int, **fields: Any) -> None:
        self.write(finish_row(round, entrant, score, **fields))


def start_row(round: Round, entrant: Entrant, number: int = 1) -> Row:
    """Return a start as the ledger holds it."""
    payload = orjson.dumps({})
    return Row(clock.now_ms(), START, round.pk, entrant.number, number, entrant.unit_id, 0, 0, 0, 0, payload)


def finish_row(
    round: Round,
    entrant: Entrant,
    score: int,
    *,
    number: int = 1,
    time_used_ms: int = 60_000,
    finished_at_ms: int | None = None,
    rehearsal: bool = False,
    by: str = "member",
) -> Row:
    """Return a finish as the ledger holds it."""
    at = finished_at_ms or clock.now_ms()
    payload = orjson.dumps(
        {
            "score_points": score,
            "max_points": 25,
            "time_used_ms": time_used_ms,
            "finished_at_ms": at,
            "by": by,
            "responses": [],
            "points": [],
            "leaf": random_key().hex(),
        }
    )
    return Row(
        at, FINISH, round.pk, entrant.number, number, entrant.unit_id, rehearsal, score, time_used_ms, at, payload
    )


@pytest.fixture
def ledger_path(tmp_path: Path, settings: Any) -> Iterator[Path]:
    """Keep the ledger in a folder of the test's own."""
    path = tmp_path / "ledger.sqlite3"
    settings.LEDGER_URL = f"sqlite:///{path}"
    yield path
    known = ports._local.__dict__.get("ledgers", {})
    opened = known.pop(settings.LEDGER_URL, None)
    if opened is not None:
        opened.close()


@pytest.fixture
def writer(ledger_path: Path) -> Iterator[Writer]:
    """An engine process that writes to the test's ledger."""
    one = Writer(ledger_path, "w1")
    yield one
    one.ledger.close()
