"""What a ledger is, whichever database keeps it.

A ledger is an append-only list of entries. Each engine process is a writer with a gapless sequence of its
own, assigned in its commit; a reader keeps one watermark a writer. (One sequence shared by all writers loses
rows: number 2 can commit, and be read past, before number 1 does.) Unique constraints decide races: one start
and one finish for each attempt.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import orjson

from tradeshall.engine.pack import SealedPack


class LedgerUnsafe(RuntimeError):
    """The database does not put commits on disk before it says they are there."""


class LedgerInUse(RuntimeError):
    """Another engine process writes under the same writer's name."""


class CommitFailed(Exception):
    """The batch is not in the ledger, and never will be."""


class Conflict(Exception):
    """Rows of the batch would start or finish an attempt a second time; nothing of the batch was written."""

    def __init__(self, positions: Sequence[int]) -> None:
        super().__init__(f"rows {list(positions)}")
        self.positions = frozenset(positions)


class PackDiffers(ValueError):
    """A different pack was deposited for this round before."""


class Gap(RuntimeError):
    """A writer's sequence has a hole: the ledger was tampered with or restored badly."""


START, SAVE, FINISH = 1, 2, 3
KIND_NAMES = {START: "start", SAVE: "save", FINISH: "finish"}


class Row(NamedTuple):
    """One row as it is written.

    `ends_at_ms` is the deadline in a start and the moment of finishing in a finish; score and time are those of a
    finish; what a kind does not have is 0. `origin` is the writer and sequence of the start that a finish belongs to;
    it is written, not read back.
    """

    at_ms: int
    kind: int
    round_id: int
    participant: int
    attempt_number: int
    unit: int
    rehearsal: int
    score_points: int
    time_used_ms: int
    ends_at_ms: int
    payload: bytes
    origin: tuple[str, int] | None = None


Happened = tuple[int, int, int, int, int, int, int, int, int, int, int, bytes | None]
"""(seq, kind, round_id, rehearsal, participant, unit, attempt_number, at_ms, score_points, time_used_ms, ends_at_ms,
payload of a start): a plain tuple, since a million of anything else would be felt."""

HISTORY = (
    "kind, round_id, rehearsal, participant, unit, attempt_number, at_ms, score_points, time_used_ms, ends_at_ms,"
    " CASE WHEN kind = 1 THEN payload END"
)
HISTORY_ROWS = 5000


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as it is read."""

    writer: str
    seq: int
    at_ms: int
    kind: str
    round_id: int
    participant: int
    attempt_number: int
    unit: int
    rehearsal: bool
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Batch:
    """What one group commit sealed: the rows `first_seq` to `last_seq`, and the tree over its finishes."""

    number: int
    first_seq: int
    last_seq: int
    at_ms: int
    leaves: int
    root: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class DepositedRound:
    """A round the ledger holds; `closed_at_ms` and `released_at_ms` are None until somebody says so."""

    round_id: int
    sealed: bytes
    closed_at_ms: int | None
    released_at_ms: int | None
    revision: int


class Position(NamedTuple):
    """Where a writer stands."""

    last_seq: int
    last_batch: int


class Ledger(Protocol):
    """The face of a ledger towards the engine and towards the web side's reader."""

    kind: str
    shared: bool
    """Whether several engine processes may write at the same time."""

    # rounds
    def deposit_pack(self, sealed: SealedPack) -> None:
        """Put a round in; the same pack again changes nothing, another one raises `PackDiffers`."""

    def close_round(self, round_id: int, at_ms: int) -> None:
        """End a round early; engines notice within two seconds. The earliest moment given stands."""

    def release_results(self, round_id: int, at_ms: int) -> None:
        """Say that results withheld for review may be seen from a moment on."""

    def rounds_since(self, revision: int) -> list[DepositedRound]:
        """Return the rounds deposited, closed or released after a revision of this ledger."""

    # reading
    def read_since(self, watermarks: Mapping[str, int], limit: int) -> list[Entry]:
        """Return up to `limit` entries after each writer's watermark, in its order. Raises `Gap`."""

    def entries_of(self, round_id: int, participant: int, rehearsal: bool = False) -> list[Entry]:
        """Return the starts and finishes of one participant in one round, oldest first."""

    def finish_of(
        self, round_id: int, participant: int, number: int, rehearsal: bool = False
    ) -> tuple[Entry, Batch, list[bytes]] | None:
        """Return the finish of an attempt with its batch and all leaves of that batch, in order."""

    def batches_since(self, numbers: Mapping[str, int], limit: int) -> list[tuple[str, Batch]]:
        """Return up to `limit` signed batches after each writer's number, in the order (writer, number)."""

    def finishes_between(self, round_id: int, low: int, high: int) -> list[Entry]:
        """Return a round's finishes, no rehearsals, of the participants from `low` to `high`, in their order."""

    def replay(self, watermarks: Mapping[str, int], *, saves: bool) -> Iterator[tuple[str, int, Row]]:
        """Yield (writer, seq, row) after the watermarks: the saves alone, or all but the saves."""

    def history(self, watermarks: Mapping[str, int]) -> Iterator[tuple[str, list[Happened]]]:
        """Yield (writer, block of starts and finishes) after the watermarks, for a start that reads millions."""

    def row_at(self, writer: str, seq: int) -> Row | None:
        """Return one row, None if the writer never wrote it."""

    def positions(self) -> dict[str, int]:
        """Return each writer's last sequence number."""

    def news(self, watermarks: Mapping[str, int], limit: int) -> list[tuple[str, int, Row]]:
        """Return up to `limit` rows a writer, after its watermark; one moment's view of all writers.

        A finish comes without its payload. A ledger that is not shared has none.
        """

    def now_ms(self) -> int | None:
        """Return the time by the clock that all engine processes on this ledger share, None if there is none."""

    # what engine processes say of themselves; kept for the page of the contest day, and lost without harm
    def report(self, writer: str, at_ms: int, report: bytes | None) -> None:
        """Keep the last report of an engine process; with None, forget it."""

    def reports(self) -> list[tuple[str, int, bytes]]:
        """Return each engine process's last report: (writer, when, report)."""

    # writing
    def claim(self, writer: str) -> Position:
        """Become this writer and return where it stands; raises `LedgerInUse`."""

    def check_synchronous(self) -> None:
        """Raise `LedgerUnsafe` unless a commit is on disk before it is said to be done."""

    def commit(self, rows: Sequence[Row], batch: Batch) -> None:
        """Write all rows and their batch in one transaction, or none; raises `Conflict`, `CommitFailed`."""

    def close(self) -> None:
        """Let go of the database and of the writer's name."""


def entry_of(writer: str, seq: int, columns: Sequence[Any]) -> Entry:
    """Return the entry in a row's columns (those of `Row`, in its order)."""
    row = Row(*columns)
    payload = orjson.loads(row.payload)
    if row.kind == START:
        payload["deadline_ms"] = row.ends_at_ms
    elif row.kind == FINISH:
        payload["score_points"] = row.score_points
        payload["time_used_ms"] = row.time_used_ms
        payload["finished_at_ms"] = row.ends_at_ms
    return Entry(
        writer,
        seq,
        row.at_ms,
        KIND_NAMES[row.kind],
        row.round_id,
        row.participant,
        row.attempt_number,
        row.unit,
        bool(row.rehearsal),
        payload,
    )


def leaf_of(payload: bytes) -> bytes:
    """Return the leaf in the payload of a finish."""
    return bytes.fromhex(orjson.loads(payload)["leaf"])
