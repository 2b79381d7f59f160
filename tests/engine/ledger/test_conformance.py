"""What every ledger must do, whichever database keeps it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.engine.contest import pack

from tradeshall.engine.ledger.interface import (
    FINISH,
    SAVE,
    START,
    Batch,
    CommitFailed,
    Conflict,
    Gap,
    Ledger,
    LedgerInUse,
    PackDiffers,
    Row,
)

Opened = Callable[[], Ledger]


def row(kind: int, participant: int, number: int = 1, payload: bytes | None = None, start: int | None = None) -> Row:
    """Return a row; a finish belongs to the start of writer a whose sequence is `start`, else its participant's."""
    usual = {START: b"{}", SAVE: b'{"responses":[[1,1,[0]]]}', FINISH: b'{"leaf":"' + b"ab" * 32 + b'"}'}
    origin = ("a", start or participant) if kind == FINISH else None
    return Row(1000, kind, 1, participant, number, 7, 0, 5, 60, 2000, payload or usual[kind], origin)


def batch(first_seq: int, rows: list[Row], number: int = 1) -> Batch:
    leaves = sum(r.kind == FINISH for r in rows)
    return Batch(number, first_seq, first_seq + len(rows) - 1, 1000, leaves, b"r" * 32, b"s" * 64)


def test_commit_keeps_rows_in_order(ledger: Ledger) -> None:
    assert ledger.claim("a") == (0, 0)
    rows = [row(START, 2**62), row(SAVE, 2**62), row(FINISH, 2**62, start=1)]
    ledger.commit(rows, batch(1, rows))

    entries = ledger.read_since({}, 10)

    assert [(e.writer, e.seq, e.kind) for e in entries] == [("a", 1, "start"), ("a", 2, "save"), ("a", 3, "finish")]
    assert entries[0].participant == 2**62
    assert entries[2].payload["score_points"] == 5
    assert entries[2].payload["finished_at_ms"] == 2000
    assert ledger.read_since({"a": 2}, 10) == entries[2:]
    assert ledger.read_since({}, 2) == entries[:2]
    assert ledger.positions() == {"a": 3}
    finish = rows[2]._replace(origin=None)  # written, not read back
    assert ledger.row_at("a", 3) == finish
    assert ledger.row_at("a", 4) is None
    assert list(ledger.replay({"a": 1}, saves=False)) == [("a", 3, finish)]
    assert list(ledger.history({})) == [
        (
            "a",
            [
                (1, START, 1, 0, 2**62, 7, 1, 1000, 5, 60, 2000, b"{}"),
                (3, FINISH, 1, 0, 2**62, 7, 1, 1000, 5, 60, 2000, None),
            ],
        )
    ]
    assert list(ledger.history({"a": 3})) == []
    assert list(ledger.replay({}, saves=True)) == [("a", 2, rows[1])]


@pytest.mark.parametrize("count", [1, 63, 64, 65, 300])
def test_commit_takes_batches_of_any_size(ledger: Ledger, count: int) -> None:
    ledger.claim("a")
    rows = [row(START, n + 1) for n in range(count)]
    ledger.commit(rows, batch(1, rows))
    assert [e.participant for e in ledger.read_since({}, 1000)] == list(range(1, count + 1))


def test_commit_refuses_a_second_start_or_finish_and_writes_nothing(ledger: Ledger) -> None:
    ledger.claim("a")
    first = [row(START, 1), row(FINISH, 1)]
    ledger.commit(first, batch(1, first))
    for kind in (START, FINISH):
        again = [row(START, 50 + kind), row(kind, 1), row(SAVE, 1)]
        with pytest.raises(Conflict) as caught:
            ledger.commit(again, batch(3, again, 2))
        assert caught.value.positions == {1}
    assert ledger.positions() == {"a": 2}
    saves = [row(SAVE, 1), row(SAVE, 1)]
    ledger.commit(saves, batch(3, saves, 2))
    assert ledger.positions() == {"a": 4}


def test_commit_refuses_a_sequence_used_before(ledger: Ledger) -> None:
    ledger.claim("a")
    ledger.commit([row(START, 1)], batch(1, [row(START, 1)]))
    with pytest.raises(CommitFailed):
        ledger.commit([row(START, 2)], batch(1, [row(START, 2)]))
    assert ledger.positions() == {"a": 1}


def test_commit_needs_a_claim(ledger: Ledger) -> None:
    with pytest.raises(CommitFailed):
        ledger.commit([row(START, 1)], batch(1, [row(START, 1)]))


def test_claim_refuses_a_writer_at_work_and_goes_on_after_it(opened: Opened) -> None:
    first, second = opened(), opened()
    first.claim("a")
    first.commit([row(START, 1), row(FINISH, 1)], batch(1, [row(START, 1), row(FINISH, 1)]))
    with pytest.raises(LedgerInUse):
        second.claim("a")
    assert first.claim("a") == (2, 1)
    first.close()
    assert second.claim("a") == (2, 1)


def test_deposit_refuses_another_pack_for_a_round(opened: Opened) -> None:
    ledger, sealed = opened(), pack()
    ledger.deposit_pack(sealed)
    opened().deposit_pack(sealed)
    assert [r.round_id for r in ledger.rounds_since(0)] == [1]
    with pytest.raises(PackDiffers):
        ledger.deposit_pack(pack(title="another"))


def test_close_round_keeps_the_earliest_moment(ledger: Ledger) -> None:
    ledger.deposit_pack(pack())
    ledger.deposit_pack(pack(2))
    revision = ledger.rounds_since(0)[-1].revision
    assert ledger.rounds_since(revision) == []
    ledger.close_round(1, 500)
    ledger.close_round(1, 900)
    ledger.release_results(1, 700)
    changed = ledger.rounds_since(revision)
    assert [(r.round_id, r.closed_at_ms, r.released_at_ms) for r in changed] == [(1, 500, 700)]


def test_finish_of_brings_the_leaves_of_its_batch(ledger: Ledger) -> None:
    ledger.claim("a")
    leaves = [bytes([n]) * 32 for n in (1, 2, 3)]
    starts = [row(START, 1), row(START, 2), row(START, 3), row(START, 9)]
    rows = starts + [
        row(FINISH, n, payload=b'{"leaf":"%s"}' % leaf.hex().encode()) for n, leaf in enumerate(leaves, 1)
    ]
    ledger.commit(rows, batch(1, rows))
    more = [row(FINISH, 9, start=4)]
    ledger.commit(more, batch(8, more, 2))

    found = ledger.finish_of(1, 2, 1)

    assert found is not None
    assert found[0].participant == 2
    assert found[1] == batch(1, rows)
    assert found[2] == leaves
    assert ledger.finish_of(1, 9, 1)[1].number == 2  # type: ignore[index]
    assert ledger.finish_of(1, 10, 1) is None
    assert [e.kind for e in ledger.entries_of(1, 9)] == ["start", "finish"]
    assert ledger.entries_of(1, 9, rehearsal=True) == []


def test_read_since_notices_a_missing_row(ledger: Ledger) -> None:
    ledger.claim("a")
    for first in (1, 3):  # number 2 never came
        ledger.commit([row(START, first)], batch(first, [row(START, first)], first))
    with pytest.raises(Gap):
        ledger.read_since({}, 10)


def test_check_synchronous_accepts_the_usual(ledger: Ledger) -> None:
    ledger.check_synchronous()


def test_finishes_between_has_a_range_of_participants_without_rehearsals(ledger: Ledger) -> None:
    ledger.claim("a")
    people = (30, 10, 20, 40)
    rows = [row(START, person) for person in people]
    rows += [row(FINISH, person, start=place) for place, person in enumerate(people, 1)]
    rehearsal = [row(START, 15)._replace(rehearsal=1), row(FINISH, 15, start=9)._replace(rehearsal=1)]
    elsewhere = [row(START, 16)._replace(round_id=2), row(FINISH, 16, start=11)._replace(round_id=2)]
    rows += rehearsal + elsewhere
    ledger.commit(rows, batch(1, rows))
    assert [entry.participant for entry in ledger.finishes_between(1, 10, 30)] == [10, 20, 30]
    assert [entry.participant for entry in ledger.finishes_between(1, 11, 29)] == [20]
    assert [entry.kind for entry in ledger.finishes_between(1, 0, 2**63 - 1)] == ["finish"] * 4
    assert ledger.finishes_between(3, 0, 2**63 - 1) == []
