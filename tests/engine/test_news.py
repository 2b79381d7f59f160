"""Entries of several writers come in any order; memory stands the same in the end."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine.contest import KEYS, pack

from tradeshall.engine.committing import Committer
from tradeshall.engine.ledger.interface import FINISH, SAVE, START, DepositedRound, Row
from tradeshall.engine.memory import Memory

SEALED = DepositedRound(1, pack(attempts_total=0).to_bytes(), None, None, 1)
PEOPLE, WRITERS = 4, "abc"
Written = list[tuple[str, int, Row]]


def played(rng: Random, steps: int) -> Written:
    """Return entries in the order in which they happened, each by whichever writer served it."""
    open_since: dict[int, int] = {}
    made = dict.fromkeys(range(1, PEOPLE + 1), 0)
    seqs = dict.fromkeys(WRITERS, 0)
    happened: Written = []
    for moment in range(steps):
        person, writer = rng.randint(1, PEOPLE), rng.choice(WRITERS)
        if person not in open_since:
            made[person] += 1
            open_since[person] = moment
            row = Row(moment, START, 1, person, made[person], 7, 0, 0, 0, 10**15, b"{}")
        elif rng.random() < 0.5:
            saved = b'{"responses":[[%d,%d,[%d]]]}' % (rng.randint(1, 3), moment + 1, rng.randint(0, 3))
            row = Row(moment, SAVE, 1, person, made[person], 7, 0, 0, 0, 0, saved)
        else:
            del open_since[person]
            row = Row(moment, FINISH, 1, person, made[person], 7, 0, rng.randint(0, 100), moment, moment, b"")
        seqs[writer] += 1
        happened.append((writer, seqs[writer], row))
    return happened


def fresh() -> tuple[Memory, Committer]:
    memory = Memory()
    memory.take_round(SEALED)
    memory.replay_ends()
    ledger: Any = None
    return memory, Committer(ledger, memory, KEYS, "reader")


def stands(memory: Memory) -> Any:
    """Return what must be the same whoever read in whatever order."""
    state = memory.rounds[1, False]
    standings = state.standings
    rows = range(len(standings.participants))
    return (
        {person: (one.number, one.saved) for person, one in state.open.items()},
        {
            standings.participants[row]: (
                standings.starts[row],
                standings.finishes[row],
                standings.scores[row] if standings.finishes[row] else 0,
                standings.times_ms[row] if standings.finishes[row] else 0,
            )
            for row in rows
        },
        len(standings.board),
        {
            standings.participants[row]: standings.board.rank(cell)
            for row in rows
            if (cell := standings.cell(row)) is not None
        },
        (standings.started, standings.finished),
    )


def in_order(happened: Written) -> Any:
    memory, committer = fresh()
    for one in happened:
        committer.catch_up([one])
    return stands(memory)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10**9), st.integers(1, 60), st.lists(st.integers(0, 60), max_size=6))
def test_news_read_at_any_moments_leads_to_the_same(seed: int, steps: int, moments: list[int]) -> None:
    """Each look sees all that had happened by then, writer by writer, as the ledger gives it."""
    happened = played(Random(seed), steps)
    memory, committer = fresh()
    for moment in [*sorted(moments), steps]:
        marks = memory.watermarks
        news = [one for one in happened[:moment] if one[1] > marks.get(one[0], 0)]
        committer.catch_up(sorted(news, key=lambda one: (one[0], one[1])))
        committer.catch_up(news)  # the same once more, as when two looks cross
    assert stands(memory) == in_order(happened)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10**9), st.integers(1, 60), st.integers(0, 60))
def test_a_replay_writer_by_writer_leads_to_the_same(seed: int, steps: int, snapshot_at: int) -> None:
    """From the beginning, or from what was known when a snapshot was taken."""
    happened = played(Random(seed), steps)
    memory, committer = fresh()
    committer.catch_up(happened[:snapshot_at])
    rest = sorted(happened[snapshot_at:], key=lambda one: (one[0], one[1]))
    blocks = [
        (
            writer,
            [
                (
                    *(seq, row.kind, row.round_id, row.rehearsal, row.participant, row.unit, row.attempt_number),
                    *(row.at_ms, row.score_points, row.time_used_ms, row.ends_at_ms),
                    row.payload if row.kind == START else None,
                )
            ],
        )
        for writer, seq, row in rest
        if row.kind != SAVE
    ]
    memory.replay(blocks)
    for _, _, row in rest:
        memory.apply_save(row)
    memory.replay_ends()
    assert stands(memory) == in_order(happened)


def test_control_that_opens_every_start_it_reads_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the rule, a start read after its finish opens an attempt that is over."""

    def apply(self: Memory, writer: str, seq: int, row: Row) -> None:
        state = self.rounds[1, False]
        if row.kind == START:
            self.begin(state, row.participant, row.unit, "", row.attempt_number, row.at_ms, row.ends_at_ms)
        elif row.kind == FINISH:
            state.standings.player(row.participant, row.unit)
            self.finish(state, row.participant, (row.score_points, row.time_used_ms, row.ends_at_ms), row.at_ms)

    start = Row(1, START, 1, 1, 1, 7, 0, 0, 0, 10**15, b"{}")
    finish = Row(2, FINISH, 1, 1, 1, 7, 0, 5, 1, 2, b"")
    found = []
    for kind in (Memory.apply, apply):
        memory, committer = fresh()
        monkeypatch.setattr(Memory, "apply", kind)
        committer.catch_up([("a", 1, finish), ("b", 1, start)])
        found.append(len(memory.rounds[1, False].open))
    assert found == [0, 1]
