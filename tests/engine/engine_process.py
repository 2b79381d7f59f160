"""An engine in a process of its own, for tests that kill it: `engine_process.py PORT LEDGER KIND`.

KIND `real` is what is shipped. `hasty` is the control: its ledger says a batch is committed before it is.
"""

from __future__ import annotations

import os
import queue
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tradeshall.config import engine_server
from tradeshall.core.keys import read_or_make_key
from tradeshall.engine.core import Engine
from tradeshall.engine.ledger.interface import Batch, Ledger, Row
from tradeshall.engine.ledger.opening import open_ledger
from tradeshall.engine.passes import Keys

HASTE_SECONDS = 0.05


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


def main(port: str, url: str, kind: str) -> None:
    ledger: Any = open_ledger(url)
    if kind == "hasty":
        ledger = HastyLedger(ledger)
    data = Path(os.environ["DATA"])
    keys = Keys.derive(read_or_make_key(data, "master"))
    engine = Engine(ledger, keys, snapshot=data / "engine-main.snapshot")
    engine.load()
    engine_server.serve(engine_server.EngineOnly(engine), "127.0.0.1", int(port))


if __name__ == "__main__":
    main(*sys.argv[1:])
