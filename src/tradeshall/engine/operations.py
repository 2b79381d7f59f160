"""What waits for the ledger: a start, a save, a finish; each with those who wait for its answer."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tradeshall.engine.attempts import Given, OpenAttempt, RoundInPlay
from tradeshall.engine.boards import Cell
from tradeshall.engine.counting import Stands
from tradeshall.engine.forms import Answered
from tradeshall.engine.ledger.interface import Batch, Row
from tradeshall.engine.passes import Pass
from tradeshall.engine.wire import FinishedBy

if TYPE_CHECKING:
    Answer = asyncio.Future[bytes]


class Operation:
    """One thing to be written, and the futures of those who asked for it."""

    __slots__ = ("retries", "row", "waiters")

    def __init__(self) -> None:
        self.waiters: list[Answer] = []
        self.row: Row | None = None
        self.retries = 0

    def unit(self) -> int:
        """Return the unit of whoever asks; see `waiting`."""
        return 0

    def wait(self, loop: asyncio.AbstractEventLoop) -> Answer:
        """Return a future of one's own, so that one who leaves does not cancel the others."""
        waiter: Answer = loop.create_future()
        self.waiters.append(waiter)
        return waiter

    def answer(self, answer: bytes) -> None:
        for waiter in self.waiters:
            if not waiter.done():
                waiter.set_result(answer)

    def fail(self, error: Exception) -> None:
        for waiter in self.waiters:
            if not waiter.done():
                waiter.set_exception(error)


class Start(Operation):
    __slots__ = ("deadline_ms", "granted", "number", "started_at_ms", "state")

    def __init__(self, state: RoundInPlay, granted: Pass) -> None:
        super().__init__()
        self.state = state
        self.granted = granted
        self.number = self.started_at_ms = self.deadline_ms = 0

    def unit(self) -> int:
        return self.granted.unit


class Save(Operation):
    __slots__ = ("attempt", "given")

    def __init__(self, attempt: OpenAttempt, given: Given) -> None:
        super().__init__()
        self.attempt = attempt
        self.given = given

    def unit(self) -> int:
        return self.attempt.unit


class Finish(Operation):
    __slots__ = (
        "at_ms",
        "attempt",
        "body",
        "by",
        "counted",
        "entered",
        "given",
        "index",
        "leaf",
        "left",
        "of",
        "per_item",
        "rank",
        "responses",
        "salt",
        "score_points",
        "score_salt",
        "time_used_ms",
    )

    def __init__(self, attempt: OpenAttempt, by: FinishedBy, given: Given, at_ms: int) -> None:
        super().__init__()
        self.attempt = attempt
        self.by = by
        self.given = given
        self.at_ms = at_ms
        self.index = -1
        self.score_points = self.time_used_ms = 0
        self.responses: list[Answered] = []
        self.per_item: list[int] = []
        self.body = self.leaf = self.salt = self.score_salt = b""
        self.counted: Stands = (0, 0, 0)
        self.left: Cell | None = None
        self.entered: Cell | None = None
        self.rank: int | None = None
        self.of: int | None = None

    def unit(self) -> int:
        return self.attempt.unit


class Sealed:
    """A group commit on its way. The writer's thread gets this object and nothing that still changes.

    The list of those who wait is never shared with that thread or swapped under it: whoever is in `operations`
    is answered when, and only when, exactly these rows are committed.
    """

    __slots__ = ("batch", "levels", "operations", "rows")

    def __init__(self, operations: list[Operation], rows: list[Row], batch: Batch, levels: list[list[bytes]]) -> None:
        self.operations = operations
        self.rows = rows
        self.batch = batch
        self.levels = levels
