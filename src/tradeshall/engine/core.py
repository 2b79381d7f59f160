"""The engine: what may be asked of it, and the clockwork behind.

Every method that answers a request takes the moment at which the request arrived, and returns JSON as bytes;
all of them run on one event loop. Nothing is answered that is not in the ledger.
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from zlib import crc32

import orjson

from tradeshall.core import clock
from tradeshall.engine import answers, receipts, snapshots
from tradeshall.engine.attempts import OpenAttempt, RoundInPlay, read_responses
from tradeshall.engine.codes import Code, EngineBusy, EngineRefused, refused
from tradeshall.engine.committing import Committer
from tradeshall.engine.ledger.interface import DepositedRound, Entry, Happened, Ledger, Row
from tradeshall.engine.load import disk_free_mb, machine_memory_mb, memory_mb
from tradeshall.engine.memory import Memory
from tradeshall.engine.operations import Finish, Save, Start
from tradeshall.engine.passes import AttemptToken, Keys, Pass, read_attempt_token, read_pass
from tradeshall.engine.wire import FinishedBy

log = logging.getLogger(__name__)
T = TypeVar("T")
VERSION = "0.1.0"


@dataclass(frozen=True, slots=True)
class Limits:
    """How many may wait before a kind of request is turned away; submissions never are."""

    starts: int = 512
    reads: int = 1024
    saves: int = 2048
    finishes_a_sweep: int = 256
    body_seconds: float = 15.0
    sweep_seconds: float = 0.25
    poll_seconds: float = 1.0
    others_seconds: float = 5.0
    """How much longer than for its own an engine waits before it finishes an attempt that another one began."""
    report_seconds: float = 2.0
    snapshot_seconds: float = 300.0
    snapshot_entries: int = 20_000


class Engine:
    """One engine process: a ledger's writer, and the memory that answers."""

    def __init__(
        self,
        ledger: Ledger,
        keys: Keys,
        *,
        writer: str = "main",
        snapshot: Path | None = None,
        limits: Limits | None = None,
    ) -> None:
        self.ledger = ledger
        self.keys = keys
        self.memory = Memory()
        self.limits = limits or Limits()
        self.committer = Committer(ledger, self.memory, keys, writer)
        self.committer.on_elsewhere = self._answer_elsewhere
        self._snapshot = snapshot
        self._reads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="ledger-reader")
        self._reading_bodies: dict[int, tuple[int, asyncio.Task[Any] | None]] = {}
        self._next_body = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._polled_at = self._snapshot_at = self._reported_at = self._ticked_at = 0.0
        self._snapshot_entries = 0
        self._began_at = time.monotonic()
        self._clock_off_ms: int | None = None
        self._polling: asyncio.Task[None] | None = None
        self._poll_failed = False
        self._open = False

    # life --------------------------------------------------------------------------------------------------

    def load(self) -> None:
        """Become the ledger's writer and rebuild memory. Refuses a ledger that does not synchronise."""
        self.ledger.check_synchronous()
        position = self.ledger.claim(self.committer.writer)
        for deposited in self.ledger.rounds_since(0):
            self.memory.take_round(deposited)
        memory = self.memory
        if self._snapshot is not None and not snapshots.load(self._snapshot, self.ledger, memory):
            self.memory = memory = self._fresh_memory()
        before = dict(memory.watermarks)
        # so far, and no further: what others write while we read is taken in as news, not half of it now
        marks = {**before, **self.ledger.positions()}
        memory.replay(up_to(marks, self.ledger.history(before)))
        memory.watermarks = marks
        for writer, seq, row in self.ledger.replay(self._saves_from(before), saves=True):
            if seq <= marks.get(writer, 0):
                memory.apply_save(row)
        memory.replay_ends()
        self.committer.last_seq, self.committer.last_batch = position
        marks[self.committer.writer] = position.last_seq

    def open(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin to serve on a running loop."""
        self._loop = loop
        self.committer.run(loop)
        self._polled_at = self._snapshot_at = self._ticked_at = time.monotonic()
        self._open = True
        self._timer = loop.call_later(self.limits.sweep_seconds, self._tick)

    async def close(self) -> None:
        """Answer everyone who waits, write a snapshot, let go of the ledger."""
        self._open = False
        if self._timer is not None:
            self._timer.cancel()
        await self.committer.stop()
        for task in list(self._tasks):
            await asyncio.wait([task], timeout=5)
        new = self.committer.entries_written > self._snapshot_entries
        if self._snapshot is not None and (new or not self._snapshot.exists()):
            snapshots.write(self._snapshot, self.ledger, *snapshots.take(self.memory))
        self._reads.shutdown(wait=True)
        if self.ledger.shared:
            try:
                self.ledger.report(self.committer.writer, clock.now_ms(), None)
            except Exception:
                log.warning("the ledger could not be told that this engine has stopped")
        self.ledger.close()

    def _fresh_memory(self) -> Memory:
        memory = Memory()
        for deposited in self.ledger.rounds_since(0):
            memory.take_round(deposited)
        self.committer.memory = memory
        return memory

    def _saves_from(self, before: dict[str, int]) -> dict[str, int]:
        """Return from where saves matter: the first start of an attempt that is still open."""
        last = self.memory.watermarks
        if len(last) > 1:
            return before  # an attempt may have been saved through another process than the one that began it
        first = dict(last)
        for state in self.memory.rounds.values():
            for attempt in state.open.values():
                writer, seq = attempt.origin
                first[writer] = min(first[writer], max(seq, before.get(writer, 0)))
        return first

    # requests that write -----------------------------------------------------------------------------------

    async def start(self, pass_token: Any, arrived_ms: int) -> bytes:
        """Begin an attempt, or return the open one: the same paper, the same deadline."""
        granted = read_pass(self.keys.passes, pass_token, arrived_ms)
        state = await self._round(granted.round_id, granted.rehearsal)
        attempt = state.open.get(granted.participant)
        if attempt is not None and self.ledger.shared:
            await self._catch_up()  # it may have been handed in, or saved, through another process
            attempt = state.open.get(granted.participant)
        if attempt is not None:
            if arrived_ms <= attempt.last_moment_ms():
                return self.committer.started_answer(attempt)
            await self._finish_overdue(attempt)
        under_way = state.starting.get(granted.participant)
        if under_way is not None:
            return await under_way.wait(self._running())
        if (why := state.may_start(granted.participant, arrived_ms)) is not None:
            raise refused(why[0], **why[1])
        self._shed(self.limits.starts, Code.BUSY_STARTS, granted.unit)
        start = state.starting[granted.participant] = Start(state, granted)
        return await self.committer.add(start)

    async def save(self, token: Any, responses: Any, arrived_ms: int) -> bytes:
        """Keep responses of an open attempt; the newest revision of each stands."""
        named = read_attempt_token(self.keys.attempts, token)
        state = await self._round(named.round_id, named.rehearsal)
        attempt = state.open.get(named.participant)
        if attempt is None or attempt.number != named.number:
            attempt = await self._begun_elsewhere(state, named)
            if attempt is None:
                await self._refuse_finished(state, named)
        assert attempt is not None
        if arrived_ms > attempt.last_moment_ms():
            await self._refuse_late(attempt, arrived_ms)
        given = read_responses(responses, attempt.the_paper())
        saved = attempt.saved
        if all(no in saved and response[0] <= saved[no][0] for no, response in given.items()):
            return answers.saved(attempt, given, clock.now_ms())
        if attempt.finishing is not None:
            raise refused(Code.ATTEMPT_FINISHED, number=attempt.number)
        self._shed(self.limits.saves, Code.BUSY_SAVES, attempt.unit)
        return await self.committer.add(Save(attempt, given))

    async def submit(self, token: Any, responses: Any, arrived_ms: int) -> bytes:
        """Hand in an attempt; asking again returns the same answer and the same receipt."""
        named = read_attempt_token(self.keys.attempts, token)
        state = self.memory.rounds.get((named.round_id, named.rehearsal)) or await self._round(
            named.round_id, named.rehearsal
        )
        attempt = state.open.get(named.participant)
        if attempt is None or attempt.number != named.number:
            attempt = await self._begun_elsewhere(state, named)
            if attempt is None:
                return await self._finished_answer(state, named, arrived_ms)
        given = read_responses(responses, attempt.the_paper())
        finishing = attempt.finishing
        if arrived_ms > attempt.last_moment_ms() and (finishing is None or finishing.by is FinishedBy.DEADLINE):
            await self._refuse_late(attempt, arrived_ms)
        if finishing is None:
            finishing = attempt.finishing = Finish(attempt, FinishedBy.MEMBER, given, arrived_ms)
            return await self.committer.add(finishing)
        if finishing.by is FinishedBy.DEADLINE and not finishing.responses:
            # in time after all, and the sweep's own finish is not sealed yet: the member's takes its place
            finishing.by, finishing.given, finishing.at_ms = FinishedBy.MEMBER, given, arrived_ms
        return await finishing.wait(self._running())

    # requests that read ------------------------------------------------------------------------------------

    async def standing(self, pass_token: Any, arrived_ms: int) -> bytes:
        """Return where a participant stands: attempts made and left, the open one, the best one."""
        granted = read_pass(self.keys.passes, pass_token, arrived_ms)
        state = await self._round(granted.round_id, granted.rehearsal)
        self._shed(self.limits.reads, Code.BUSY_READS, granted.unit)
        await self._catch_up()
        standings = state.standings
        row = standings.index.get(granted.participant)
        entries = (
            await self._read(self.ledger.entries_of, state.round_id, granted.participant, state.rehearsal)
            if row is not None
            else []
        )
        now_ms = clock.now_ms()
        visible = state.results_visible(now_ms)
        attempt = state.open.get(granted.participant)
        why = state.may_start(granted.participant, now_ms) if attempt is None else None
        best = None
        if row is not None and visible and standings.finishes[row]:
            best = {
                "score_points": standings.scores[row],
                "time_used_ms": standings.times_ms[row],
                **self._place(state, row),
            }
        return orjson.dumps(
            {
                "attempts_today": (
                    standings.started_today(row, state.compiled.days.day(now_ms)) if row is not None else 0
                ),
                "attempts_total": standings.starts[row] if row is not None else 0,
                "may_start": why is None,
                "why": why[0] if why else "",
                "next_at_ms": why[1].get("next_at_ms", why[1].get("opens_at_ms")) if why else None,
                "open": (
                    {
                        "number": attempt.number,
                        "started_at_ms": attempt.started_at_ms,
                        "deadline_ms": attempt.ends_at_ms(),
                    }
                    if attempt is not None
                    else None
                ),
                "best": best,
                "attempts": [
                    {
                        "number": entry.attempt_number,
                        "finished_at_ms": entry.payload["finished_at_ms"],
                        "score_points": entry.payload["score_points"] if visible else None,
                        "max_points": entry.payload["max_points"],
                        "time_used_ms": entry.payload["time_used_ms"],
                        "by": entry.payload["by"],
                    }
                    for entry in entries
                    if entry.kind == "finish"
                ],
                "now_ms": now_ms,
            }
        )

    async def review(self, token: Any, pass_token: Any, number: Any, arrived_ms: int) -> bytes:
        """Return a finished paper with keys and explanations, once the rules allow it."""
        if token is not None:
            named = read_attempt_token(self.keys.attempts, token)
            round_id, participant, number = named.round_id, named.participant, named.number
            rehearsal = named.rehearsal
        else:
            granted: Pass = read_pass(self.keys.passes, pass_token, arrived_ms)
            round_id, participant, rehearsal = granted.round_id, granted.participant, granted.rehearsal
        if type(number) is not int:
            raise refused(Code.REQUEST_MALFORMED, expected="number")
        state = await self._round(round_id, rehearsal)
        self._shed(self.limits.reads, Code.BUSY_READS)
        attempt = state.open.get(participant)
        if attempt is not None and attempt.number == number and self.ledger.shared:
            await self._catch_up()
            attempt = state.open.get(participant)
        if attempt is not None and attempt.number == number:
            raise refused(Code.REVIEW_UNFINISHED, number=number)
        state.check_review(arrived_ms)
        entry = await self._finish_entry(state, participant, number)
        compiled = state.compiled
        paper = compiled.paper(participant, number, entry.payload.get("variant", ""))
        return orjson.dumps(
            {
                "number": number,
                "score_points": entry.payload["score_points"],
                "max_points": entry.payload["max_points"],
                "items": compiled.review(paper, entry.payload["responses"]),
            }
        )

    async def result(self, pass_token: Any, number: Any, arrived_ms: int) -> bytes:
        """Return what handing in a finished attempt answered, whoever finished it.

        For pages that hold no attempt token.
        """
        granted = read_pass(self.keys.passes, pass_token, arrived_ms)
        if type(number) is not int:
            raise refused(Code.REQUEST_MALFORMED, expected="number")
        state = await self._round(granted.round_id, granted.rehearsal)
        self._shed(self.limits.reads, Code.BUSY_READS)
        entries = await self._read(self.ledger.entries_of, state.round_id, granted.participant, state.rehearsal)
        started_at_ms = {entry.attempt_number: entry.at_ms for entry in entries if entry.kind == "start"}
        if number not in started_at_ms:
            raise refused(Code.ATTEMPT_UNKNOWN, number=number)
        named = AttemptToken(
            round_id=granted.round_id,
            participant=granted.participant,
            number=number,
            unit=granted.unit,
            variant=granted.variant,
            started_at_ms=started_at_ms[number],
            deadline_ms=0,
            rehearsal=granted.rehearsal,
        )
        return (await self._told_again(state, named))[0]

    async def board(self, round_id: int, limit: int, offset: int) -> bytes:
        """Return part of the personal board; exact once the round is over, live before."""
        state = await self._round(round_id, False)
        self._shed(self.limits.reads, Code.BUSY_READS)
        now_ms = clock.now_ms()
        standings = state.standings
        board = standings.board
        board.final = state.ranks_final(now_ms)
        lines = board.lines(min(limit, 1000), offset)
        return orjson.dumps(
            {
                "of": len(board),
                "rows": [
                    {
                        "rank": line.rank,
                        "participant": standings.participants[line.player],
                        "unit": standings.units[line.player],
                        "score_points": standings.scores[line.player],
                        "time_used_ms": standings.times_ms[line.player],
                    }
                    for line in lines
                ],
                "final": board.final,
                "as_of_ms": now_ms,
            }
        )

    async def place(self, round_id: int, participant: int) -> bytes:
        """Return the rank of one participant."""
        state = await self._round(round_id, False)
        self._shed(self.limits.reads, Code.BUSY_READS)
        row = state.standings.index.get(participant)
        if row is None or not state.standings.finishes[row]:
            raise refused(Code.PLACE_NONE)
        return orjson.dumps(
            {
                **self._place(state, row),
                "score_points": state.standings.scores[row],
                "time_used_ms": state.standings.times_ms[row],
                "final": state.ranks_final(clock.now_ms()),
            }
        )

    async def monitor(self, round_id: int, rehearsal: bool = False) -> bytes:
        """Return what is going on in a round, or in its rehearsals, in all and by unit."""
        state = await self._round(round_id, rehearsal)
        now_ms = clock.now_ms()
        return orjson.dumps({**state.standings.monitor(now_ms, len(state.open)), "as_of_ms": now_ms})

    def health(self) -> bytes:
        """Return who answers, and from which ledger."""
        return orjson.dumps(
            {
                "pid": os.getpid(),
                "writer": self.committer.writer,
                "ledger": self.ledger.kind,
                "synchronous": True,
                "rounds": sum(not rehearsal for _, rehearsal in self.memory.rounds),
                "open_attempts": self.memory.open_count(),
                "queue": self.committer.depth(),
                "receipt_key": self.committer.public_key,
                "version": VERSION,
            }
        )

    def told_load(self) -> dict[str, Any]:
        """Return how this process is doing: the page of the contest day draws it."""
        folder = self._snapshot.parent if self._snapshot is not None else Path(".")
        free_mb = disk_free_mb(folder)
        return {
            "writer": self.committer.writer,
            "pid": os.getpid(),
            "version": VERSION,
            "ledger": self.ledger.kind,
            "at_ms": clock.now_ms(),
            "up_seconds": int(time.monotonic() - self._began_at),
            "queue": self.committer.depth(),
            "limits": {"starts": self.limits.starts, "reads": self.limits.reads, "saves": self.limits.saves},
            "open_attempts": self.memory.open_count(),
            "processor_seconds": time.process_time(),
            "memory_mb": round(memory_mb(), 1),
            "machine_memory_mb": machine_memory_mb(),
            "disk_free_mb": None if free_mb is None else round(free_mb),
            "clock_off_ms": self._clock_off_ms,
            **self.committer.load.told(),
        }

    async def load_answer(self) -> bytes:
        """Return how this process is doing, as JSON."""
        return orjson.dumps(self.told_load())

    def metrics(self) -> bytes:
        """Return the counts of this process for Prometheus."""
        told = self.told_load()
        gauges = {
            "queue": told["queue"],
            "open_attempts": told["open_attempts"],
            "memory_bytes": told["memory_mb"] * 1024**2,
            "disk_free_bytes": (told["disk_free_mb"] or 0) * 1024**2,
            "late_seconds": told["late_ms"] / 1000,
            "up_seconds": told["up_seconds"],
        }
        return self.committer.load.prometheus(self.committer.writer, gauges).encode()

    # arrivals ----------------------------------------------------------------------------------------------

    def body_begins(self, arrived_ms: int) -> int:
        """Note a request whose body is still coming in, so that no sweep overtakes it; returns a ticket.

        The task that reads it is cancelled after `body_seconds`: see `body_ends`.
        """
        self._next_body += 1
        self._reading_bodies[self._next_body] = arrived_ms, asyncio.current_task()
        return self._next_body

    def body_ends(self, ticket: int) -> bool:
        """Forget a ticket; answers whether it was still good, that is, the body was not cut off as too slow."""
        return self._reading_bodies.pop(ticket, None) is not None

    # parts -------------------------------------------------------------------------------------------------

    def _running(self) -> asyncio.AbstractEventLoop:
        assert self._loop is not None
        return self._loop

    def _shed(self, limit: int, code: Code, unit: int | None = None) -> None:
        """Turn a request away if too many wait: first those of the units that crowd the line."""
        depth = self.committer.depth()
        if depth >= limit and (unit is None or not self.committer.waiting.may_join(unit, limit)):
            raise EngineBusy(min(30, 1 + depth // limit), code)

    async def _round(self, round_id: int, rehearsal: bool) -> RoundInPlay:
        state = self.memory.rounds.get((round_id, rehearsal))
        if state is None:
            await self._poll()  # published a moment ago, perhaps
            state = self.memory.rounds.get((round_id, rehearsal))
            if state is None:
                raise refused(Code.ROUND_UNKNOWN, round=round_id)
        return state

    async def _begun_elsewhere(self, state: RoundInPlay, named: AttemptToken) -> OpenAttempt | None:
        """Return an open attempt that another process began or went on with, None if it is finished."""
        row = state.standings.index.get(named.participant)
        if not self.ledger.shared or (row is not None and state.standings.finishes[row] >= named.number):
            return None
        await self._catch_up()
        attempt = state.open.get(named.participant)
        return attempt if attempt is not None and attempt.number == named.number else None

    async def _read(self, read: Callable[..., T], *values: Any) -> T:
        return await self._running().run_in_executor(self._reads, read, *values)

    @staticmethod
    def _place(state: RoundInPlay, row: int) -> dict[str, int | None]:
        standings = state.standings
        cell = standings.cell(row)
        if cell is None:
            return {"rank": None, "of": None}
        board = standings.board
        board.final = state.ranks_final(clock.now_ms())
        rank = board.exact_rank(row, cell) if board.final else board.rank(cell)
        return {"rank": rank, "of": len(board)}

    async def _finish_overdue(self, attempt: OpenAttempt) -> bytes:
        """Finish, with what was delivered in time, an attempt the sweep has not come to yet."""
        finishing = attempt.finishing
        if finishing is not None:
            return await finishing.wait(self._running())
        attempt.finishing = Finish(attempt, FinishedBy.DEADLINE, {}, attempt.ends_at_ms())
        return await self.committer.add(attempt.finishing)

    async def _refuse_late(self, attempt: OpenAttempt, arrived_ms: int) -> None:
        result = orjson.loads(await self._finish_overdue(attempt))
        raise self._too_late(attempt.ends_at_ms(), attempt.state, arrived_ms, result)

    @staticmethod
    def _too_late(ends_at_ms: int, state: RoundInPlay, arrived_ms: int, result: Any) -> EngineRefused:
        return refused(
            Code.ATTEMPT_TOO_LATE,
            deadline_ms=ends_at_ms,
            grace_seconds=state.rules.grace_seconds,
            arrived_at_ms=arrived_ms,
            result=result,
        )

    async def _refuse_finished(self, state: RoundInPlay, named: AttemptToken) -> None:
        entry = await self._finish_entry(state, named.participant, named.number)
        raise refused(
            Code.ATTEMPT_FINISHED,
            number=named.number,
            by=entry.payload["by"],
            finished_at_ms=entry.payload["finished_at_ms"],
        )

    async def _finish_entry(self, state: RoundInPlay, participant: int, number: int) -> Entry:
        entries = await self._read(self.ledger.entries_of, state.round_id, participant, state.rehearsal)
        for entry in entries:
            if entry.kind == "finish" and entry.attempt_number == number:
                return entry
        raise refused(Code.ATTEMPT_UNKNOWN, number=number)

    async def _finished_answer(self, state: RoundInPlay, named: AttemptToken, arrived_ms: int) -> bytes:
        answer, late_from_ms = await self._told_again(state, named)
        if late_from_ms is not None:
            raise self._too_late(late_from_ms, state, arrived_ms, orjson.loads(answer))
        return answer

    async def _told_again(self, state: RoundInPlay, named: AttemptToken) -> tuple[bytes, int | None]:
        """Return the answer to a finish in the ledger and, if the deadline made it, when that was."""
        visible = state.results_visible(clock.now_ms())
        key = (state.round_id, state.rehearsal, named.participant, named.number)
        if (kept := self.memory.remembered(key, visible)) is not None:
            return kept, None
        found = await self._read(
            self.ledger.finish_of, state.round_id, named.participant, named.number, state.rehearsal
        )
        if found is None:
            raise refused(Code.ATTEMPT_UNKNOWN, number=named.number)
        entry, batch, leaves = found
        answer = answers.finished_before(
            state, entry, self._receipt_again(state, named, entry, batch, leaves, visible), visible
        )
        if entry.payload["by"] == FinishedBy.DEADLINE:
            return answer, entry.payload["finished_at_ms"]
        self.memory.remember(key, visible, answer)
        return answer, None

    def _receipt_again(
        self,
        state: RoundInPlay,
        named: AttemptToken,
        entry: Entry,
        batch: Any,
        leaves: list[bytes],
        visible: bool,
    ) -> bytes:
        kept = entry.payload
        salt = bytes.fromhex(kept["salt"])
        score_salt = receipts.score_salt(self.keys.score_salts, salt)
        body = answers.receipt_body(
            state,
            named.participant,
            named.number,
            (named.started_at_ms, kept["finished_at_ms"]),
            kept["by"],
            kept["responses"],
            (kept["score_points"], kept["max_points"]),
            salt,
            score_salt,
        )
        index = leaves.index(bytes.fromhex(kept["leaf"]))
        return answers.receipt_json(
            body,
            index,
            receipts.tree_levels(leaves),
            answers.batch_json(entry.writer, batch),
            score_salt if visible else b"",
        )

    def _answer_elsewhere(self, finish: Finish) -> None:
        """Answer a finish that another engine process wrote first."""
        attempt = finish.attempt

        async def answer() -> None:
            try:
                finish.answer(await self._finished_answer(attempt.state, attempt.token(), finish.at_ms))
            except Exception as error:
                finish.fail(error)

        self._spawn(answer())

    # clockwork ---------------------------------------------------------------------------------------------

    def _spawn(self, work: Any) -> asyncio.Task[Any]:
        task = self._running().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _tick(self) -> None:
        if not self._open:
            return
        try:
            self.sweep()
            moment = time.monotonic()
            late_s = moment - self._ticked_at - self.limits.sweep_seconds
            self.committer.load.ticked(max(0.0, 1000 * late_s), self.committer.depth())
            self._ticked_at = moment
            if self.ledger.shared and moment - self._reported_at >= self.limits.report_seconds:
                self._reported_at = moment
                self._spawn(self._report())
            if moment - self._polled_at >= self.limits.poll_seconds:
                self._polled_at = moment
                self._spawn(self._poll_quietly())
            if moment - self._snapshot_at >= self.limits.snapshot_seconds:
                self._snapshot_at = moment
                self._save_snapshot()
        finally:
            self._timer = self._running().call_later(self.limits.sweep_seconds, self._tick)

    def sweep(self) -> None:
        """Finish attempts whose last moment is over, unless a request that arrived before is still coming in."""
        now_ms = clock.now_ms()
        for ticket, (at_ms, task) in list(self._reading_bodies.items()):
            if at_ms >= now_ms - self.limits.body_seconds * 1000:
                break  # the others came later
            del self._reading_bodies[ticket]
            if task is not None:
                task.cancel()
        before_ms = next((at_ms for at_ms, _ in self._reading_bodies.values()), now_ms)
        others_ms = 0
        if self.ledger.shared:
            # another process may be reading a body that came in time, and what it writes has to reach us
            before_ms -= int(1000 * (self.limits.body_seconds + 2 * self.limits.poll_seconds))
            others_ms = int(1000 * self.limits.others_seconds * (1 + crc32(self.committer.writer.encode()) % 4 / 4))
        for attempt in self.memory.due(before_ms, self.limits.finishes_a_sweep, self.committer.writer, others_ms):
            finish = attempt.finishing = Finish(attempt, FinishedBy.DEADLINE, {}, attempt.ends_at_ms())
            self.committer.add_unasked(finish)

    async def _poll_quietly(self) -> None:
        try:
            await self._poll()
        except Exception:
            if not self._poll_failed:
                log.exception("the ledger could not be polled; it is tried again until it can be")
            self._poll_failed = True
        else:
            if self._poll_failed:
                log.warning("the ledger can be polled again")
            self._poll_failed = False

    async def _poll(self) -> None:
        """Take in new and closed rounds, and what other engine processes wrote; callers share one look."""
        if self._polling is None or self._polling.done():
            self._polling = self._spawn(self._poll_once())
        await asyncio.shield(self._polling)

    async def _catch_up(self) -> None:
        """Take in all that other processes wrote before now; a look under way may have begun too early.

        If the ledger cannot be read, whoever asks is to ask again.
        """
        if not self.ledger.shared:
            return
        try:
            under_way = self._polling
            if under_way is not None and not under_way.done():
                await asyncio.wait([under_way])
            await self._poll()
        except Exception as error:
            raise EngineBusy(1, Code.BUSY_NOT_COMMITTED) from error

    async def _poll_once(self) -> None:
        rounds, rows, clock_ms = await self._read(self._look, self.memory.revision, dict(self.memory.watermarks))
        for deposited in rounds:
            self.memory.take_round(deposited)
        await self.committer.take_in(rows)
        self._clock_off_ms = clock_ms

    def _look(
        self, revision: int, marks: dict[str, int]
    ) -> tuple[list[DepositedRound], list[tuple[str, int, Row]], int]:
        rounds = self.ledger.rounds_since(revision)
        rows = self.committer.read_news(marks) if self.ledger.shared else []
        shared_ms = self.ledger.now_ms()
        return rounds, rows, clock.now_ms() - (clock.machine_ms() if shared_ms is None else shared_ms)

    async def _report(self) -> None:
        """Leave word in the ledger how this process is doing, for whoever looks at all of them."""
        told = orjson.dumps(self.told_load())
        try:
            await self._read(self.ledger.report, self.committer.writer, clock.now_ms(), told)
        except Exception as error:
            log.debug("the ledger took no report: %s", error)  # the poll says that it cannot be reached

    def _save_snapshot(self) -> None:
        written = self.committer.entries_written
        if self._snapshot is None or written - self._snapshot_entries < self.limits.snapshot_entries:
            return
        self._snapshot_entries = written
        header, parts = snapshots.take(self.memory)
        self._spawn(self._read(snapshots.write, self._snapshot, self.ledger, header, parts))


Blocks = Iterable[tuple[str, list[Happened]]]


def up_to(marks: dict[str, int], blocks: Blocks) -> Blocks:
    """Yield blocks of a history, cut off after each writer's mark."""
    for writer, block in blocks:
        last = marks.get(writer, 0)
        yield writer, block if block[-1][0] <= last else [row for row in block if row[0] <= last]
