"""Group commit: everybody waits in one list, a writer commits all that wait, and only then are they answered.

The list lives on the event loop alone. When the writer is free the loop seals what waits: scores, rows, the
tree and its one signature. The writer's thread gets that sealed object and nothing else, and says afterwards
whether it is in the ledger. Then, back on the loop, memory changes and answers go out. One batch is under way
at a time, so a sealed batch knows exactly what stands before it.
"""

from __future__ import annotations

import asyncio
import logging
import os
import queue
import threading
import time
from collections.abc import Callable
from typing import Any

import orjson

from tradeshall.core import clock
from tradeshall.engine import answers, receipts
from tradeshall.engine.attempts import OpenAttempt, Response, newest
from tradeshall.engine.codes import Code, EngineBusy, refused
from tradeshall.engine.ledger.interface import FINISH, SAVE, START, Batch, Conflict, Ledger, Row
from tradeshall.engine.load import Load
from tradeshall.engine.memory import Memory, responses_json
from tradeshall.engine.operations import Finish, Operation, Save, Sealed, Start
from tradeshall.engine.passes import Keys, issue_attempt_token
from tradeshall.engine.waiting import Waiting
from tradeshall.engine.wire import FinishedBy

log = logging.getLogger(__name__)

BATCH_ROWS = 512
MAX_RETRIES = 3
CROWD = 8
LINGER_SECONDS = 0.004
"""After a batch of `CROWD` or more, how long the next one waits until nine in ten of those who took part lately are
together again. A commit costs what it costs, whatever it holds: two half batches cost a submission 15 µs more."""
NEWS_ROWS = 2000
SLOW_NS, MOST_SLOW_MS = 250_000_000, 10_000
Job = tuple[Callable[[], Any], Callable[[Any, BaseException | None], None]]


class Committer:
    """Seals, commits and answers."""

    def __init__(self, ledger: Ledger, memory: Memory, keys: Keys, writer: str) -> None:
        self._ledger = ledger
        self.memory = memory
        self._keys = keys
        self._signer = receipts.Signer(keys.receipt_seed)
        self.writer = writer
        self.last_seq = self.last_batch = 0
        self.public_key = self._signer.public_hex
        self.entries_written = 0
        self.on_elsewhere: Callable[[Finish], None] = lambda finish: finish.fail(
            EngineBusy(1, Code.BUSY_NOT_COMMITTED)
        )
        self.load = Load()
        self.waiting = Waiting()
        self._under_way = 0
        self._sealed = False  # a batch is on its way, and the boards stand as if it had arrived
        self._news: list[tuple[list[tuple[str, int, Row]], asyncio.Future[None]]] = []
        self._called = False
        self._lingering: asyncio.TimerHandle | None = None
        self._crowd = 0
        self._unsure = False
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._idle = asyncio.Event()
        self._idle.set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._began_ns = 0
        self._slow_ms = 0  # how long the last commit took, if that was long: the next is likely to take as long

    def run(self, loop: asyncio.AbstractEventLoop) -> None:
        """Start the writer's thread."""
        self._loop = loop
        self._thread = threading.Thread(target=self._write, name="ledger-writer", daemon=True)
        self._thread.start()

    async def stop(self) -> None:
        """Commit what waits, answer it, and end the thread."""
        await self._idle.wait()
        self._jobs.put(None)
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join)

    def depth(self) -> int:
        """Return how many operations wait or are under way."""
        return len(self.waiting) + self._under_way

    def add(self, operation: Operation) -> asyncio.Future[bytes]:
        """Put an operation at the end of the list and return the future of its answer."""
        assert self._loop is not None
        waiter = operation.wait(self._loop)
        self.add_unasked(operation)
        return waiter

    def add_unasked(self, operation: Operation) -> None:
        """Put an operation at the end of the list for whose answer nobody waits."""
        self.waiting.append(operation)
        self._call()

    # sealing, on the loop ----------------------------------------------------------------------------------

    def _call(self) -> None:
        """Have sealed what waits: in this turn of the loop, or once the crowd is together or has been waited for."""
        if self._under_way or not self.waiting:
            return
        assert self._loop is not None
        together = len(self.waiting) >= self._crowd
        if self._lingering is not None:
            if not together:
                return
            self._lingering.cancel()
            self._lingering = None
        elif self._called:
            return
        self._called = True
        self._idle.clear()
        if together:
            self._loop.call_soon(self._seal_next)  # everyone who is ready in this turn of the loop joins
        else:
            self._lingering = self._loop.call_later(LINGER_SECONDS, self._seal_next)

    def _seal_next(self) -> None:
        self._called = False
        self._lingering = None
        if self._under_way:
            return
        if self._unsure:
            self._recover()
            return
        operations = self.waiting.take(BATCH_ROWS)
        if self._ledger.shared:
            self._look_first(operations)
        else:
            self._seal_and_commit(operations)

    def _look_first(self, operations: list[Operation]) -> None:
        """Take in what other processes wrote before these were asked: any of them may have served these people."""
        self._under_way = len(operations)

        def looked(rows: Any, error: BaseException | None) -> None:
            self._under_way = 0
            if error is not None:
                self.waiting.put_back(operations)
                self._refuse_all(error)
                return
            self.catch_up(rows)
            self._seal_and_commit(operations)

        marks = dict(self.memory.watermarks)
        self._jobs.put((lambda: self.read_news(marks), looked))

    def _seal_and_commit(self, operations: list[Operation]) -> None:
        sealed = self._seal(operations)
        if not sealed.rows:
            self._call()
            if not self._called:
                self._idle.set()
            return
        self._under_way = len(sealed.operations)
        self._sealed = True
        self._began_ns = time.monotonic_ns()
        self._jobs.put(
            (
                lambda: self._ledger.commit(sealed.rows, sealed.batch),
                lambda _, error: self._written(sealed, error),
            )
        )

    def _seal(self, operations: list[Operation]) -> Sealed:
        now_ms = clock.now_ms()
        kept: list[Operation] = []
        finishes: list[Finish] = []
        salts = memoryview(os.urandom(16 * len(operations)))
        for position, operation in enumerate(operations):
            try:
                if isinstance(operation, Finish):
                    if not self._seal_finish(operation, bytes(salts[16 * position : 16 * position + 16])):
                        continue
                    operation.index = len(finishes)
                    finishes.append(operation)
                elif isinstance(operation, Save):
                    if not self._seal_save(operation, now_ms):
                        continue
                elif isinstance(operation, Start) and not self._seal_start(operation, now_ms):
                    continue
            except Exception:
                log.exception("an operation could not be sealed")
                self._refuse(operation)
                continue
            kept.append(operation)
        levels = receipts.tree_levels([finish.leaf for finish in finishes])
        for finish in finishes:
            self._rank(finish)
            finish.row = self._finish_row(finish, now_ms)
        number = self.last_batch + 1
        root = receipts.tree_root(levels)
        signature = (
            self._signer.sign(receipts.batch_bytes(self.writer, number, len(finishes), now_ms, root))
            if finishes
            else b""
        )
        rows = [operation.row for operation in kept if operation.row is not None]
        batch = Batch(number, self.last_seq + 1, self.last_seq + len(rows), now_ms, len(finishes), root, signature)
        return Sealed(kept, rows, batch, levels)

    def _seal_start(self, start: Start, now_ms: int) -> bool:
        state, granted = start.state, start.granted
        known = state.open.get(granted.participant)
        if known is not None:  # another engine process was first
            state.starting.pop(granted.participant, None)
            start.answer(self.started_answer(known))
            return False
        if self._ledger.shared and (why := state.may_start(granted.participant, now_ms)) is not None:
            state.starting.pop(granted.participant, None)  # used up through another process meanwhile
            start.fail(refused(why[0], **why[1]))
            return False
        row = state.standings.index.get(granted.participant)
        start.number = (state.standings.starts[row] if row is not None else 0) + 1
        start.started_at_ms = now_ms + self._slow_ms  # waiting in the queue, or for the disk, is not playing time
        limit_ms = int(state.rules.time_limit_seconds * 1000 * granted.time_multiplier)
        start.deadline_ms = min(start.started_at_ms + limit_ms, state.closes_at_ms)
        start.row = Row(
            start.started_at_ms,
            START,
            state.round_id,
            granted.participant,
            start.number,
            granted.unit,
            int(state.rehearsal),
            0,
            0,
            start.deadline_ms,
            answers.start_payload(granted.variant),
        )
        return True

    def _seal_save(self, save: Save, now_ms: int) -> bool:
        attempt = save.attempt
        if attempt.finishing is not None or not self.memory.is_open(attempt):
            save.fail(refused(Code.ATTEMPT_FINISHED, number=attempt.number))
            return False
        stands = newest(attempt.saved, attempt.staged)
        fresh = {
            no: response for no, response in save.given.items() if no not in stands or response[0] > stands[no][0]
        }
        attempt.staged = newest(attempt.staged, fresh)
        save.row = self._row(attempt, now_ms, SAVE, orjson.dumps({"responses": responses_json(fresh)}))
        return True

    def _seal_finish(self, finish: Finish, salt: bytes) -> bool:
        attempt = finish.attempt
        state = attempt.state
        if not self.memory.is_open(attempt):  # another engine process was first
            attempt.finishing = None
            self.on_elsewhere(finish)
            return False
        stands = newest(attempt.saved, attempt.staged, finish.given)
        paper = attempt.the_paper()
        empty: Response = (0, ())
        finish.responses = [stands.get(no, empty)[1] for no in range(1, len(paper.items) + 1)]
        finish.per_item = state.compiled.score(paper, finish.responses)
        finish.score_points = sum(finish.per_item)
        ends_at_ms = attempt.ends_at_ms()
        if finish.by is FinishedBy.DEADLINE:
            finish.at_ms = ends_at_ms
        finish.time_used_ms = max(0, min(finish.at_ms, ends_at_ms) - attempt.started_at_ms)
        finish.salt = salt
        finish.score_salt = receipts.score_salt(self._keys.score_salts, salt)
        finish.body = answers.receipt_body(
            state,
            attempt.participant,
            attempt.number,
            (attempt.started_at_ms, finish.at_ms),
            finish.by.value,
            finish.responses,
            (finish.score_points, state.compiled.max_points),
            salt,
            finish.score_salt,
        )
        finish.leaf = receipts.leaf_hash(finish.body)
        standings = state.standings
        finish.counted = standings.counted(attempt.row, finish.score_points, finish.time_used_ms, finish.at_ms)
        finish.left, finish.entered = standings.place_on_board(attempt.row, finish.counted)
        return True

    def _rank(self, finish: Finish) -> None:
        if finish.entered is not None:
            board = finish.attempt.state.standings.board
            finish.rank, finish.of = board.rank(finish.entered), len(board)

    def _finish_row(self, finish: Finish, now_ms: int) -> Row:
        attempt = finish.attempt
        return Row(
            now_ms,
            FINISH,
            attempt.state.round_id,
            attempt.participant,
            attempt.number,
            attempt.unit,
            int(attempt.state.rehearsal),
            finish.score_points,
            finish.time_used_ms,
            finish.at_ms,
            answers.finish_payload(finish, attempt.state.compiled.max_points),
            attempt.origin,
        )

    @staticmethod
    def _row(attempt: OpenAttempt, now_ms: int, kind: int, payload: bytes) -> Row:
        return Row(
            now_ms,
            kind,
            attempt.state.round_id,
            attempt.participant,
            attempt.number,
            attempt.unit,
            int(attempt.state.rehearsal),
            0,
            0,
            0,
            payload,
        )

    # committing, in the writer's thread --------------------------------------------------------------------

    def _write(self) -> None:
        assert self._loop is not None
        while (job := self._jobs.get()) is not None:
            work, done = job
            result: Any = None
            error: BaseException | None = None
            try:
                result = work()
            except BaseException as raised:  # whatever it was, those who wait must be told
                error = raised
            self._loop.call_soon_threadsafe(done, result, error)

    # answering, on the loop again --------------------------------------------------------------------------

    def _written(self, sealed: Sealed, error: BaseException | None) -> None:
        try:
            took_ns = time.monotonic_ns() - self._began_ns
            self._slow_ms = min(MOST_SLOW_MS, took_ns // 1_000_000) if took_ns > SLOW_NS else 0
            self.load.committed(len(sealed.rows), took_ns, error is None, len(self.waiting))
            if error is None:
                self._take_in(sealed)
            else:
                self._take_back(sealed, error)
        finally:
            took_part = self._under_way + len(self.waiting)
            self._crowd = took_part * 9 // 10 if self._under_way >= CROWD else 0
            self._under_way = 0
            self._sealed = False
            self._take_in_news()
            self._call()
            if not self._called:
                self._idle.set()

    def _take_in(self, sealed: Sealed) -> None:
        self.last_seq = sealed.batch.last_seq
        self.memory.watermarks[self.writer] = self.last_seq
        self.entries_written += len(sealed.rows)
        shared = b""
        if sealed.batch.leaves:
            self.last_batch = sealed.batch.number
            shared = answers.batch_json(self.writer, sealed.batch)
        now_ms = clock.now_ms()
        for seq, operation in enumerate(sealed.operations, sealed.batch.first_seq):
            try:
                if isinstance(operation, Finish):
                    self._finished(operation, sealed, shared, now_ms)
                elif isinstance(operation, Save):
                    self._saved(operation, now_ms)
                elif isinstance(operation, Start):
                    self._started(operation, seq)
            except Exception as raised:  # it is in the ledger all the same: asking again will find it there
                log.exception("an answer could not be made")
                operation.fail(raised)

    def _finished(self, finish: Finish, sealed: Sealed, shared: bytes, now_ms: int) -> None:
        attempt = finish.attempt
        state = attempt.state
        self.memory.finish(state, attempt.participant, finish.counted, finish.at_ms)
        if not finish.waiters:
            return
        visible = state.results_visible(now_ms)
        score_salt = finish.score_salt if visible else b""
        receipt = answers.receipt_json(finish.body, finish.index, sealed.levels, shared, score_salt)
        answer = answers.finished(finish, receipt, visible)
        if finish.by is FinishedBy.MEMBER:
            key = (state.round_id, state.rehearsal, attempt.participant, attempt.number)
            self.memory.remember(key, visible, answer)
        finish.answer(answer)

    def _saved(self, save: Save, now_ms: int) -> None:
        attempt = save.attempt
        if attempt.staged is not None:
            attempt.saved, attempt.staged = newest(attempt.saved, attempt.staged), None
        save.answer(answers.saved(attempt, save.given, now_ms))

    def _started(self, start: Start, seq: int) -> None:
        granted, state = start.granted, start.state
        state.starting.pop(granted.participant, None)
        attempt = self.memory.begin(
            state,
            granted.participant,
            granted.unit,
            granted.variant,
            start.number,
            start.started_at_ms,
            start.deadline_ms,
        )
        attempt.origin = (self.writer, seq)
        start.answer(self.started_answer(attempt))

    def started_answer(self, attempt: OpenAttempt) -> bytes:
        token = issue_attempt_token(self._keys.attempts, attempt.token())
        return answers.started(attempt, token, clock.now_ms())

    def _take_back(self, sealed: Sealed, error: BaseException) -> None:
        """Undo what sealing did to memory; nothing of the batch may be believed."""
        conflict = error.positions if isinstance(error, Conflict) else frozenset()
        if not conflict:
            log.error("a batch of %d could not be committed: %s", len(sealed.rows), error)
        again: list[Operation] = []
        for position, operation in reversed(list(enumerate(sealed.operations))):
            if isinstance(operation, Finish) and operation.attempt.state.standings.ranked:
                standings = operation.attempt.state.standings
                standings.board.move(operation.attempt.row, operation.entered, operation.left)
            if isinstance(operation, Save):
                operation.attempt.staged = None
            operation.row = None
            operation.retries += position in conflict
            if conflict and operation.retries <= MAX_RETRIES:
                again.append(operation)
            else:
                self._refuse(operation)
        # what other processes wrote is looked for before the next batch anyhow
        self._unsure = self._unsure or not (conflict and self._ledger.shared)
        self.waiting.put_back(again[::-1])

    def _refuse(self, operation: Operation) -> None:
        if isinstance(operation, Start):
            operation.state.starting.pop(operation.granted.participant, None)
        elif isinstance(operation, Finish):
            operation.attempt.finishing = None
            self.memory.watch(operation.attempt)
        operation.fail(EngineBusy(1, Code.BUSY_NOT_COMMITTED))

    # finding out where the ledger stands -------------------------------------------------------------------

    def _recover(self) -> None:
        """Read what is in the ledger beyond our memory: a commit may have happened though we were not told."""
        self._under_way = 1
        marks = dict(self.memory.watermarks)

        def look() -> tuple[Any, list[tuple[str, int, Row]]]:
            position = self._ledger.claim(self.writer)
            if self._ledger.shared:  # one view of everything: with two, what is written between them would be missed
                return position, self.read_news(marks)
            return position, [*self._ledger.replay(marks, saves=False), *self._ledger.replay(marks, saves=True)]

        def looked(found: Any, error: BaseException | None) -> None:
            self._under_way = 0
            if error is not None:
                self._refuse_all(error)
                return
            position, rows = found
            self.catch_up(rows)
            self.last_seq, self.last_batch = position
            self._unsure = False
            self._call()
            if not self._called:
                self._idle.set()

        self._jobs.put((look, looked))

    def _refuse_all(self, error: BaseException) -> None:
        if not self._unsure:  # else it has been said
            log.error("the ledger cannot be reached: %s", error)
        self.load.committed(0, 0, False, len(self.waiting))
        for operation in self.waiting.drain():
            self._refuse(operation)
        self._unsure = True
        self._idle.set()

    # what other processes wrote ----------------------------------------------------------------------------

    def read_news(self, marks: dict[str, int]) -> list[tuple[str, int, Row]]:
        """Read, in whatever thread, all that was written after the marks. To be taken in at once, or not at all.

        Our own rows too: a commit may have happened though we were not told, and others have served it since.
        """
        found: list[tuple[str, int, Row]] = []
        marks = dict(marks)
        while True:
            rows = self._ledger.news(marks, NEWS_ROWS)
            found += rows
            count: dict[str, int] = {}
            for writer, seq, _ in rows:
                marks[writer] = seq
                count[writer] = count.get(writer, 0) + 1
            if max(count.values(), default=0) < NEWS_ROWS:
                return found

    async def take_in(self, rows: list[tuple[str, int, Row]]) -> None:
        """Take in news as soon as no batch is on its way: taking that back would move who has moved since."""
        if not rows:
            return
        if self._sealed:
            assert self._loop is not None
            done = self._loop.create_future()
            self._news.append((rows, done))
            await done
        else:
            self.catch_up(rows)

    def _take_in_news(self) -> None:
        news, self._news = self._news, []
        for rows, done in news:
            self.catch_up(rows)
            if not done.done():
                done.set_result(None)

    def catch_up(self, rows: list[tuple[str, int, Row]]) -> None:
        """Take in rows that this process did not know of, each once.

        Saves come last: one may have been written by another process than the start it belongs to.
        """
        memory = self.memory
        marks = dict(memory.watermarks)
        for writer, seq, row in sorted(rows, key=lambda one: one[2].kind == SAVE):
            if seq > marks.get(writer, 0):
                if row.kind == SAVE:
                    memory.apply_save(row)
                else:
                    memory.apply(writer, seq, row)
                memory.watermarks[writer] = max(seq, memory.watermarks.get(writer, 0))
