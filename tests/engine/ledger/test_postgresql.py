from __future__ import annotations

import threading

import psycopg
import pytest
from tests.engine.ledger.test_conformance import batch, row

from tradeshall.engine.ledger.interface import START, Conflict, LedgerUnsafe
from tradeshall.engine.ledger.postgresql import PostgresqlLedger

pytestmark = pytest.mark.postgres


def test_read_since_loses_nothing_while_another_writers_transaction_is_open(postgresql_url: str) -> None:
    """One watermark a writer; the control, one shared sequence, loses the row that commits late."""
    slow, quick, reader = (PostgresqlLedger(postgresql_url) for _ in range(3))
    slow.claim("slow")
    quick.claim("quick")
    with psycopg.connect(postgresql_url, autocommit=True) as control:
        control.execute("CREATE TABLE control (number bigserial PRIMARY KEY, who text)")
        with psycopg.connect(postgresql_url) as held:
            slow._writing, kept = held, slow._writing
            slow._copy(held, [row(START, 1)], 1)  # written, not committed
            held.execute("INSERT INTO control (who) VALUES ('slow')")
            quick.commit([row(START, 2)], batch(1, [row(START, 2)]))
            control.execute("INSERT INTO control (who) VALUES ('quick')")

            news = reader.news({}, 10)
            seen = reader.read_since({}, 10)
            marks = {entry.writer: entry.seq for entry in seen}
            shared = control.execute("SELECT number, who FROM control WHERE number > 0").fetchall()
            shared_mark = max(number for number, _ in shared)
            held.commit()
            slow._writing = kept
        seen += reader.read_since(marks, 10)
        news += reader.news({writer: seq for writer, seq, _ in news}, 10)
        shared += control.execute("SELECT number, who FROM control WHERE number > %s", (shared_mark,)).fetchall()

    assert sorted(entry.participant for entry in seen) == [1, 2]
    assert [row.participant for _, _, row in news] == [2, 1]
    assert [who for _, who in shared] == ["quick"]  # the control loses the slow writer's row
    for ledger in (slow, quick, reader):
        ledger.close()


def test_commit_lets_one_of_two_writers_start_an_attempt(postgresql_url: str) -> None:
    ledgers = [PostgresqlLedger(postgresql_url) for _ in range(4)]
    outcomes: list[str] = []
    ready = threading.Barrier(len(ledgers))
    for number, ledger in enumerate(ledgers):
        ledger.claim(f"w{number}")

    def start(ledger: PostgresqlLedger) -> None:
        ready.wait()
        try:
            ledger.commit([row(START, 7)], batch(1, [row(START, 7)]))
            outcomes.append("started")
        except Conflict:
            outcomes.append("conflict")

    threads = [threading.Thread(target=start, args=(ledger,)) for ledger in ledgers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["conflict"] * 3 + ["started"]
    assert len(ledgers[0].read_since({}, 10)) == 1
    for ledger in ledgers:
        ledger.close()


def test_check_synchronous_refuses_commits_that_are_not_on_disk(postgresql_url: str) -> None:
    ledger = PostgresqlLedger(postgresql_url + "%20-csynchronous_commit%3Doff")
    with pytest.raises(LedgerUnsafe, match="synchronous_commit"):
        ledger.check_synchronous()
    ledger.close()
