"""The ledger in a SQLite file of its own: WAL, synchronous=FULL, one engine process.

A batch is written by few statements of many rows each: SQLite lets go of Python's lock while a statement runs,
so a statement is one more wait for that lock, and a statement a row would cost the group its gain.
"""

from __future__ import annotations

import contextlib
import fcntl
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any
from urllib.parse import parse_qs, urlsplit

from tradeshall.engine.ledger.interface import (
    FINISH,
    HISTORY,
    HISTORY_ROWS,
    SAVE,
    Batch,
    CommitFailed,
    Conflict,
    DepositedRound,
    Entry,
    Gap,
    Happened,
    LedgerInUse,
    LedgerUnsafe,
    PackDiffers,
    Position,
    Row,
    entry_of,
    leaf_of,
)
from tradeshall.engine.pack import SealedPack

SCHEMA = """
CREATE TABLE IF NOT EXISTS writer (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS entry (
  id INTEGER PRIMARY KEY,            -- writer's number * 2^40 + its sequence: appended in order, and gapless
  at_ms INTEGER NOT NULL, kind INTEGER NOT NULL, round_id INTEGER NOT NULL, participant INTEGER NOT NULL,
  attempt_number INTEGER NOT NULL, unit INTEGER NOT NULL, rehearsal INTEGER NOT NULL,
  score_points INTEGER NOT NULL, time_used_ms INTEGER NOT NULL, ends_at_ms INTEGER NOT NULL,
  payload BLOB NOT NULL, origin INTEGER);  -- of a finish: the id of its start
CREATE TABLE IF NOT EXISTS batch (
  writer INTEGER NOT NULL, number INTEGER NOT NULL, first_seq INTEGER NOT NULL, last_seq INTEGER NOT NULL,
  at_ms INTEGER NOT NULL, leaves INTEGER NOT NULL, root BLOB NOT NULL, signature BLOB NOT NULL,
  PRIMARY KEY (writer, number)) WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS batch_seq ON batch (writer, first_seq);
CREATE TABLE IF NOT EXISTS round (
  round_id INTEGER PRIMARY KEY, content_hash TEXT NOT NULL, sealed BLOB NOT NULL,
  closed_at_ms INTEGER, released_at_ms INTEGER, revision INTEGER NOT NULL UNIQUE);
"""
INDEXES = """
CREATE UNIQUE INDEX IF NOT EXISTS entry_start_once
  ON entry (round_id, participant, attempt_number, rehearsal) WHERE kind = 1;
CREATE UNIQUE INDEX IF NOT EXISTS entry_finish_once ON entry (origin) WHERE kind = 3;
"""
# Participants' numbers are random, so every row in an index over them touches a page anywhere in it, which costs
# three times the row itself. A start has to pay that. A finish is held unique by its start's id instead: those who
# finish together started at about the same time, so the same few pages serve them all.
COLUMNS = (
    "id, at_ms, kind, round_id, participant, attempt_number, unit, rehearsal, score_points, time_used_ms,"
    " ends_at_ms, payload"
)
WIDTH = COLUMNS.count(",") + 2
SHIFT = 40
SEQUENCE = (1 << SHIFT) - 1
ROWS = 64
INSERTS = [
    f"INSERT INTO entry ({COLUMNS}, origin) VALUES "  # noqa: S608 nothing of a stranger's
    + ",".join(["(" + ",".join("?" * WIDTH) + ")"] * rows)
    for rows in range(ROWS + 1)
]
LEVELS = {"OFF": 0, "NORMAL": 1, "FULL": 2, "EXTRA": 3}


class SqliteLedger:
    """A ledger in one file."""

    kind = "sqlite"
    shared = False

    def __init__(self, path: Path, synchronous: str = "FULL") -> None:
        self.path = path
        self._synchronous = LEVELS[synchronous.upper()]
        path.parent.mkdir(parents=True, exist_ok=True)
        self._writing = self._connect()
        self._writing.executescript(SCHEMA)
        self._numbers: dict[str, int] = {}
        self._reading = threading.local()
        self._readers: list[sqlite3.Connection] = []
        self._upgrade()
        self._lock: IO[bytes] | None = None
        self._writer = 0
        self._last_seq = 0

    @classmethod
    def from_url(cls, url: str) -> SqliteLedger:
        """Open `sqlite:////absolute/path`; `?synchronous=NORMAL` is understood, and refused by the engine."""
        parts = urlsplit(url)
        if parts.netloc or not parts.path.startswith("//"):
            raise ValueError("a SQLite ledger is given as sqlite:////absolute/path")
        return cls(Path(parts.path[1:]), parse_qs(parts.query).get("synchronous", ["FULL"])[0])

    # rounds ------------------------------------------------------------------------------------------------

    def deposit_pack(self, sealed: SealedPack) -> None:
        with self._transaction() as write:
            known = write("SELECT content_hash FROM round WHERE round_id = ?", (sealed.round_id,)).fetchone()
            if known is None:
                write(
                    "INSERT INTO round (round_id, content_hash, sealed, revision)"
                    " VALUES (?, ?, ?, (SELECT coalesce(max(revision), 0) + 1 FROM round))",
                    (sealed.round_id, sealed.content_hash, sealed.to_bytes()),
                )
            elif known[0] != sealed.content_hash:
                raise PackDiffers(f"round {sealed.round_id} was deposited with another content")

    def close_round(self, round_id: int, at_ms: int) -> None:
        self._date_round(round_id, "closed_at_ms", at_ms)

    def release_results(self, round_id: int, at_ms: int) -> None:
        self._date_round(round_id, "released_at_ms", at_ms)

    def _date_round(self, round_id: int, column: str, at_ms: int) -> None:
        with self._transaction() as write:
            write(
                f"UPDATE round SET {column} = min(coalesce({column}, ?), ?),"  # noqa: S608 our own column names
                " revision = (SELECT max(revision) + 1 FROM round) WHERE round_id = ?",
                (at_ms, at_ms, round_id),
            )

    def rounds_since(self, revision: int) -> list[DepositedRound]:
        rows = self._read(
            "SELECT round_id, sealed, closed_at_ms, released_at_ms, revision FROM round"
            " WHERE revision > ? ORDER BY revision",
            (revision,),
        )
        return [DepositedRound(*row) for row in rows]

    # reading -----------------------------------------------------------------------------------------------

    def read_since(self, watermarks: Mapping[str, int], limit: int) -> list[Entry]:
        entries: list[Entry] = []
        for number, name in self._writers():
            mark = watermarks.get(name, 0)
            rows = self._read(
                f"SELECT {COLUMNS} FROM entry WHERE id > ? AND id < ? ORDER BY id LIMIT ?",  # noqa: S608
                ((number << SHIFT) + mark, (number + 1) << SHIFT, limit - len(entries)),
            )
            for row in rows:
                mark += 1
                if row[0] & SEQUENCE != mark:
                    raise Gap(f"writer {name} has no entry {mark}")
                entries.append(entry_of(name, mark, row[1:]))
            if len(entries) >= limit:
                break
        return entries

    def entries_of(self, round_id: int, participant: int, rehearsal: bool = False) -> list[Entry]:
        started = "FROM entry WHERE round_id = ? AND participant = ? AND rehearsal = ? AND kind = 1"
        rows = self._read(
            f"SELECT {COLUMNS} {started} UNION ALL SELECT {COLUMNS} FROM entry"  # noqa: S608
            f" WHERE kind = 3 AND origin IN (SELECT id {started}) ORDER BY attempt_number, kind",
            (round_id, participant, int(rehearsal)) * 2,
        )
        names = dict(self._writers())
        return [entry_of(names[row[0] >> SHIFT], row[0] & SEQUENCE, row[1:]) for row in rows]

    def finish_of(
        self, round_id: int, participant: int, number: int, rehearsal: bool = False
    ) -> tuple[Entry, Batch, list[bytes]] | None:
        found = next(
            (
                entry
                for entry in self.entries_of(round_id, participant, rehearsal)
                if entry.kind == "finish" and entry.attempt_number == number
            ),
            None,
        )
        if found is None:
            return None
        writer = next(number for number, name in self._writers() if name == found.writer)
        columns = self._read(
            "SELECT number, first_seq, last_seq, at_ms, leaves, root, signature FROM batch"
            " WHERE writer = ? AND first_seq <= ? ORDER BY first_seq DESC LIMIT 1",
            (writer, found.seq),
        )[0]
        batch = Batch(*columns)
        payloads = self._read(
            "SELECT payload FROM entry WHERE id BETWEEN ? AND ? AND kind = ? ORDER BY id",
            ((writer << SHIFT) + batch.first_seq, (writer << SHIFT) + batch.last_seq, FINISH),
        )
        return found, batch, [leaf_of(payload) for (payload,) in payloads]

    def batches_since(self, numbers: Mapping[str, int], limit: int) -> list[tuple[str, Batch]]:
        found: list[tuple[str, Batch]] = []
        for writer, name in sorted(self._writers(), key=lambda one: one[1]):
            rows = self._read(
                "SELECT number, first_seq, last_seq, at_ms, leaves, root, signature FROM batch"
                " WHERE writer = ? AND number > ? ORDER BY number LIMIT ?",
                (writer, numbers.get(name, 0), limit - len(found)),
            )
            found += [(name, Batch(*row)) for row in rows]
            if len(found) >= limit:
                break
        return found

    def finishes_between(self, round_id: int, low: int, high: int) -> list[Entry]:
        columns = ", ".join(f"f.{name.strip()}" for name in COLUMNS.split(","))
        rows = self._read(
            f"SELECT {columns} FROM entry AS s JOIN entry AS f ON f.kind = 3 AND f.origin = s.id"  # noqa: S608
            " WHERE s.kind = 1 AND s.round_id = ? AND s.participant >= ? AND s.participant <= ? AND s.rehearsal = 0"
            " ORDER BY s.participant, s.attempt_number",
            (round_id, low, high),
        )
        names = dict(self._writers())
        return [entry_of(names[row[0] >> SHIFT], row[0] & SEQUENCE, row[1:]) for row in rows]

    def replay(self, watermarks: Mapping[str, int], *, saves: bool) -> Iterator[tuple[str, int, Row]]:
        reader = self._reader()
        for number, name in self._writers():
            mark = (number << SHIFT) + watermarks.get(name, 0)
            rows = reader.execute(
                f"SELECT {COLUMNS} FROM entry WHERE id > ? AND id < ?"  # noqa: S608
                f" AND kind {'=' if saves else '<>'} {SAVE} ORDER BY id",
                (mark, (number + 1) << SHIFT),
            )
            while block := rows.fetchmany(1000):
                for row in block:
                    yield name, row[0] & SEQUENCE, Row(*row[1:])

    def history(self, watermarks: Mapping[str, int]) -> Iterator[tuple[str, list[Happened]]]:
        reader = self._reader()
        for number, name in self._writers():
            mark = (number << SHIFT) + watermarks.get(name, 0)
            rows = reader.execute(
                f"SELECT id & {SEQUENCE}, {HISTORY} FROM entry"  # noqa: S608
                f" WHERE id > ? AND id < ? AND kind <> {SAVE} ORDER BY id",
                (mark, (number + 1) << SHIFT),
            )
            while block := rows.fetchmany(HISTORY_ROWS):
                yield name, block

    def row_at(self, writer: str, seq: int) -> Row | None:
        for number, name in self._writers():
            if name == writer:
                rows = self._read(f"SELECT {COLUMNS} FROM entry WHERE id = ?", ((number << SHIFT) + seq,))  # noqa: S608
                return Row(*rows[0][1:]) if rows else None
        return None

    def positions(self) -> dict[str, int]:
        return {name: self._position(number, self._read).last_seq for number, name in self._writers()}

    def news(self, watermarks: Mapping[str, int], limit: int) -> list[tuple[str, int, Row]]:
        return []

    def now_ms(self) -> int | None:
        return None

    def report(self, writer: str, at_ms: int, report: bytes | None) -> None:
        """Nobody needs it: there is one process, and it can be asked."""

    def reports(self) -> list[tuple[str, int, bytes]]:
        return []

    # writing -----------------------------------------------------------------------------------------------

    def claim(self, writer: str) -> Position:
        if self._lock is None:
            lock = open(f"{self.path}.lock", "ab")  # noqa: SIM115 held for as long as the process lives
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                lock.close()
                raise LedgerInUse(f"another engine process writes to {self.path}") from error
            self._lock = lock
        with self._transaction() as write:
            write("INSERT INTO writer (name) VALUES (?) ON CONFLICT DO NOTHING", (writer,))
            self._writer = write("SELECT number FROM writer WHERE name = ?", (writer,)).fetchone()[0]
            self._numbers = {name: number for number, name in write("SELECT number, name FROM writer")}
            position = self._position(self._writer, lambda sql, values: write(sql, values).fetchall())
        self._last_seq = position.last_seq
        return position

    def check_synchronous(self) -> None:
        level = self._writing.execute("PRAGMA synchronous").fetchone()[0]
        mode = self._writing.execute("PRAGMA journal_mode").fetchone()[0]
        if level < LEVELS["FULL"]:
            raise LedgerUnsafe(f"{self.path}: synchronous is {level}, below FULL: a power cut would lose answers")
        if mode != "wal":
            raise LedgerUnsafe(f"{self.path}: journal_mode is {mode}, not WAL")

    def commit(self, rows: Sequence[Row], batch: Batch) -> None:
        if not self._writer:
            raise CommitFailed("no writer's name was claimed")
        write = self._writing.execute
        try:
            write("BEGIN IMMEDIATE")
            self._insert(rows, (self._writer << SHIFT) + batch.first_seq)
            if batch.leaves:
                write(
                    "INSERT INTO batch VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        self._writer,
                        batch.number,
                        batch.first_seq,
                        batch.last_seq,
                        batch.at_ms,
                        batch.leaves,
                        batch.root,
                        batch.signature,
                    ),
                )
            write("COMMIT")
        except sqlite3.IntegrityError as error:
            self._roll_back()
            if taken := self._taken(rows):
                raise Conflict(taken) from error
            raise CommitFailed(str(error)) from error
        except sqlite3.Error as error:
            self._roll_back()
            raise CommitFailed(str(error)) from error
        except BaseException:
            self._roll_back()
            raise

    def close(self) -> None:
        for reader in self._readers:
            reader.close()
        self._writing.close()
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    # -------------------------------------------------------------------------------------------------------

    def _insert(self, rows: Sequence[Row], first_id: int) -> None:
        for at in range(0, len(rows), ROWS):
            group = rows[at : at + ROWS]
            values: list[Any] = []
            for entry_id, row in enumerate(group, first_id + at):
                values.append(entry_id)
                values += row[:-1]
                values.append(self._id(row.origin) if row.kind == FINISH else None)
            self._writing.execute(INSERTS[len(group)], values)

    def _id(self, origin: tuple[str, int] | None) -> int:
        if origin is None:
            raise CommitFailed("a finish belongs to a start")
        return (self._numbers[origin[0]] << SHIFT) + origin[1]

    def _taken(self, rows: Sequence[Row]) -> list[int]:
        """Return the positions of starts and finishes that are in the ledger already."""

        def is_there(row: Row) -> bool:
            if row.kind == FINISH:
                sql, values = "SELECT 1 FROM entry WHERE kind = 3 AND origin = ?", [self._id(row.origin)]
            else:
                sql = (
                    "SELECT 1 FROM entry WHERE kind = 1 AND round_id = ? AND participant = ?"
                    " AND attempt_number = ? AND rehearsal = ?"
                )
                values = [row.round_id, row.participant, row.attempt_number, row.rehearsal]
            return self._writing.execute(sql, values).fetchone() is not None

        return [position for position, row in enumerate(rows) if row.kind != SAVE and is_there(row)]

    def _upgrade(self) -> None:
        """Bring a ledger of the first form, whose finishes did not name their start, to this one."""
        with self._transaction() as write:
            if "origin" not in {column[1] for column in write("PRAGMA table_info(entry)")}:
                write("ALTER TABLE entry ADD COLUMN origin INTEGER")
                write(
                    "UPDATE entry SET origin = (SELECT s.id FROM entry AS s WHERE s.kind = 1"
                    " AND s.kind <> 2 AND s.round_id = entry.round_id AND s.participant = entry.participant"
                    " AND s.attempt_number = entry.attempt_number AND s.rehearsal = entry.rehearsal)"
                    " WHERE kind = 3"
                )
                write("DROP INDEX entry_once")
            for statement in INDEXES.split(";")[:-1]:
                write(statement)

    def _position(self, writer: int, read: Any) -> Position:
        last = read("SELECT max(id) FROM entry WHERE id > ? AND id < ?", (writer << SHIFT, (writer + 1) << SHIFT))[0][
            0
        ]
        batch = read("SELECT max(number) FROM batch WHERE writer = ?", (writer,))[0][0]
        return Position((last or 0) & SEQUENCE, batch or 0)

    def _writers(self) -> list[tuple[int, str]]:
        return self._read("SELECT number, name FROM writer ORDER BY number", ())

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path, timeout=5, isolation_level=None, check_same_thread=False, cached_statements=2 * ROWS
        )
        # participants' numbers are random, so each row touches a page of the index anywhere in it: small pages
        # halve what a row costs (16 against 22 µs), and only an empty file takes a page size
        connection.execute("PRAGMA page_size=1024")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(f"PRAGMA synchronous={self._synchronous}")
        connection.execute("PRAGMA wal_autocheckpoint=16000")
        connection.execute("PRAGMA cache_size=-65536")
        return connection

    def _reader(self) -> sqlite3.Connection:
        reader: sqlite3.Connection | None = getattr(self._reading, "connection", None)
        if reader is None:
            reader = self._reading.connection = self._connect()
            reader.execute("PRAGMA cache_size=-8192")
            self._readers.append(reader)
        return reader

    def _read(self, sql: str, values: Sequence[Any]) -> list[Any]:
        return self._reader().execute(sql, values).fetchall()

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[Any]:
        """Write with a connection of this thread, so that depositing a pack never joins a batch."""
        connection = self._reader()
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection.execute
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")

    def _roll_back(self) -> None:
        if self._writing.in_transaction:
            with contextlib.suppress(sqlite3.Error):
                self._writing.execute("ROLLBACK")
