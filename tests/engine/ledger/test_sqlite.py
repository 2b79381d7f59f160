from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest
from tests.engine.contest import pack
from tests.engine.ledger.test_conformance import batch, row

from tradeshall.engine.ledger.interface import FINISH, START, CommitFailed, Conflict, LedgerUnsafe
from tradeshall.engine.ledger.opening import open_ledger
from tradeshall.engine.ledger.sqlite import SqliteLedger


@pytest.mark.parametrize("level", ["OFF", "NORMAL"])
def test_check_synchronous_refuses_levels_below_full(tmp_path: Path, level: str) -> None:
    ledger = open_ledger(f"sqlite:///{tmp_path}/ledger.sqlite3?synchronous={level}")
    with pytest.raises(LedgerUnsafe):
        ledger.check_synchronous()
    ledger.close()


def test_open_refuses_other_addresses(tmp_path: Path) -> None:
    for url in ("sqlite:///relative", "mysql://x/y", "nonsense"):
        with pytest.raises(ValueError):
            open_ledger(url)


def test_commit_waits_for_another_transaction_and_loses_nothing(tmp_path: Path) -> None:
    ledger = SqliteLedger(tmp_path / "ledger.sqlite3")
    ledger.claim("a")
    other = sqlite3.connect(tmp_path / "ledger.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    committed = threading.Event()

    def commit() -> None:
        ledger.commit([row(START, 1)], batch(1, [row(START, 1)]))
        committed.set()

    thread = threading.Thread(target=commit)
    thread.start()
    assert not committed.wait(0.2)
    assert ledger.read_since({}, 10) == []
    other.execute("ROLLBACK")
    thread.join()
    assert committed.is_set()
    assert len(ledger.read_since({}, 10)) == 1
    other.close()
    ledger.close()


def test_commit_fails_whole_when_the_disk_is_full(tmp_path: Path) -> None:
    ledger = SqliteLedger(tmp_path / "ledger.sqlite3")
    ledger.claim("a")
    pages = ledger._writing.execute("PRAGMA page_count").fetchone()[0]
    ledger._writing.execute(f"PRAGMA max_page_count={pages + 4}")
    rows = [row(START, n + 1) for n in range(500)]
    with pytest.raises(CommitFailed):
        ledger.commit(rows, batch(1, rows))
    assert ledger.positions() == {"a": 0}
    ledger._writing.execute("PRAGMA max_page_count=1000000")
    ledger.commit(rows, batch(1, rows))
    assert ledger.positions() == {"a": 500}
    ledger.close()


def test_deposit_does_not_join_a_batch_that_rolls_back(tmp_path: Path) -> None:
    ledger = SqliteLedger(tmp_path / "ledger.sqlite3")
    ledger.claim("a")
    ledger._writing.execute("BEGIN DEFERRED")
    ledger.deposit_pack(pack())
    ledger._writing.execute("ROLLBACK")
    assert len(ledger.rounds_since(0)) == 1
    ledger.close()


def test_ledger_of_the_first_form_is_brought_up(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite3"
    ledger = SqliteLedger(path)
    ledger.claim("a")
    rows = [row(START, 5), row(START, 6), row(FINISH, 6, start=2)]
    ledger.commit(rows, batch(1, rows))
    before = ledger.entries_of(1, 6)
    ledger.close()
    with sqlite3.connect(path) as old:  # as it was: no origin, one index for starts and finishes
        old.execute("DROP INDEX entry_finish_once")
        old.execute("DROP INDEX entry_start_once")
        old.execute("ALTER TABLE entry DROP COLUMN origin")
        old.execute(
            "CREATE UNIQUE INDEX entry_once ON entry (round_id, participant, attempt_number, kind, rehearsal)"
            " WHERE kind <> 2"
        )
    old.close()

    ledger = SqliteLedger(path)

    assert ledger.claim("a") == (3, 1)
    assert ledger.entries_of(1, 6) == before
    with pytest.raises(Conflict):
        ledger.commit([row(FINISH, 6, start=2)], batch(4, [row(FINISH, 6)], 2))
    more = [row(FINISH, 5, start=1)]
    ledger.commit(more, batch(4, more, 2))
    assert [entry.kind for entry in ledger.entries_of(1, 5)] == ["start", "finish"]
    ledger.close()
