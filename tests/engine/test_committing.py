"""Nobody is answered before the commit that holds them, whoever joins the list meanwhile."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.engine.contest import KEYS, Asked, pack, pass_for, someone, sqlite

from tradeshall.engine.committing import Committer
from tradeshall.engine.core import Engine
from tradeshall.engine.ledger.interface import Batch, Ledger, Row
from tradeshall.engine.operations import Sealed


class SlowLedger:
    """Commits when it is let, one batch at a time, and knows which participants are in."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.let = threading.Semaphore(0)
        self.begun = threading.Semaphore(0)
        self.committed: set[int] = set()
        self.batches: list[int] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ledger, name)

    def commit(self, rows: Sequence[Row], batch: Batch) -> None:
        self.begun.release()
        self.let.acquire()
        self._ledger.commit(rows, batch)
        self.committed |= {row.participant for row in rows}
        self.batches.append(len(rows))


class SwappingCommitter(Committer):
    """The control: the list is swapped under those who wait, so a commit answers who came after it too."""

    def _written(self, sealed: Sealed, error: BaseException | None) -> None:
        for operation in self.waiting.drain():
            operation.answer(b"{}")
        super()._written(sealed, error)


async def _answered_too_early(path: Path, committer: type[Committer]) -> tuple[int, list[int]]:
    """Return how many were answered while their rows were not in the ledger, and the sizes of batches."""
    ledger: Any = SlowLedger(sqlite(path, pack()))
    engine = Engine(ledger, KEYS)
    engine.committer = committer(ledger, engine.memory, KEYS, "main")
    engine.load()
    engine.open(asyncio.get_running_loop())
    asked, early = Asked(engine), 0

    async def start(person: int) -> None:
        nonlocal early
        try:
            await asked.start(pass_for(person))
        finally:
            early += person not in ledger.committed

    tasks = [asyncio.create_task(start(someone()))]
    await asyncio.to_thread(ledger.begun.acquire)
    for group in (3, 5, 7):  # while one batch is under way, others come
        tasks += [asyncio.create_task(start(someone())) for _ in range(group)]
        await asyncio.sleep(0.02)
        ledger.let.release()
        if group != 7 or committer is Committer:
            await asyncio.wait_for(asyncio.to_thread(ledger.begun.acquire, True, 0.3), 2)
    for _ in range(20):
        ledger.let.release()
    await asyncio.gather(*tasks)
    await engine.close()
    return early, ledger.batches


def test_nobody_is_answered_before_the_commit_that_holds_them(tmp_path: Path) -> None:
    early, batches = asyncio.run(_answered_too_early(tmp_path, Committer))
    assert early == 0
    assert batches == [1, 3, 5, 7]  # whoever waits goes together


def test_control_with_a_swapped_list_answers_too_early(tmp_path: Path) -> None:
    early, _ = asyncio.run(_answered_too_early(tmp_path, SwappingCommitter))
    assert early > 0
