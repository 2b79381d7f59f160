"""An engine in a process of its own, for tests that kill it: `engine_process.py PORT LEDGER KIND [WRITER] [LIMITS]`.

KIND `real` is what is shipped. The others are controls: `hasty`, whose ledger says a batch is committed before it is;
`alone`, which does not look at what other processes write before it seals; `unsteady`, which asks the machine for the
time whenever it needs it.

SIGUSR1 sets the machine's clock on by ten minutes, SIGUSR2 back by ten, as this process sees it.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tradeshall.config import engine_server
from tradeshall.core import clock
from tradeshall.core.keys import read_or_make_key
from tradeshall.engine.core import Engine, Limits
from tradeshall.engine.ledger.interface import Batch, Ledger, Row
from tradeshall.engine.ledger.opening import open_ledger
from tradeshall.engine.passes import Keys

HASTE_SECONDS = 0.05
STEP_NS = 600 * 1_000_000_000


class HastyLedger:
    """Says yes at once and commits a little later."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._later: queue.SimpleQueue[tuple[Sequence[Row], Batch]] = queue.SimpleQueue()
        threading.Thread(target=self._commit_later, daemon=True).start()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ledger, name)

    def commit(self, rows: Sequence[Row], batch: Batch) -> None:
        self._later.put((rows, batch))

    def _commit_later(self) -> None:
        while True:
            rows, batch = self._later.get()
            time.sleep(HASTE_SECONDS)
            self._ledger.commit(rows, batch)


class LonelyLedger:
    """Says that nobody else writes, and shows what others wrote once a second at most."""

    shared = False

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ledger, name)


def let_the_clock_be_set() -> None:
    off_ns, real = [0], time.time_ns

    def set_on(step_ns: int) -> None:
        off_ns[0] += step_ns

    time.time_ns = lambda: real() + off_ns[0]  # type: ignore[assignment]
    clock._read_ns = lambda: time.time_ns()
    signal.signal(signal.SIGUSR1, lambda *_: set_on(STEP_NS))
    signal.signal(signal.SIGUSR2, lambda *_: set_on(-STEP_NS))


def main(port: str, url: str, kind: str, writer: str = "main", limits: str = "{}") -> None:
    let_the_clock_be_set()
    ledger: Any = open_ledger(url)
    if kind == "hasty":
        ledger = HastyLedger(ledger)
    elif kind == "alone":
        ledger = LonelyLedger(ledger)
    if kind != "unsteady":
        clock.keep_steady(ledger.now_ms())
    data = Path(os.environ["DATA"])
    keys = Keys.derive(read_or_make_key(data, "master"))
    snapshot = data / f"engine-{writer}.snapshot"
    engine = Engine(ledger, keys, writer=writer, snapshot=snapshot, limits=Limits(**json.loads(limits)))
    engine.load()
    engine_server.serve(engine_server.EngineOnly(engine), "127.0.0.1", int(port))


if __name__ == "__main__":
    main(*sys.argv[1:])
