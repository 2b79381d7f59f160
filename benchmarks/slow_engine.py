"""An engine on a slow disk: `slow_engine.py PORT LEDGER fair|unfair`. `unfair` is the control, without turns."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tradeshall.config import engine_server
from tradeshall.core.keys import read_or_make_key
from tradeshall.engine import committing
from tradeshall.engine.core import Engine, Limits
from tradeshall.engine.ledger.interface import Batch, Row
from tradeshall.engine.ledger.opening import open_ledger
from tradeshall.engine.passes import Keys

ROWS, SECONDS = 8, 0.03


class SlowLedger:
    """Takes its time for each commit."""

    def __init__(self, ledger: Any) -> None:
        self._ledger = ledger

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ledger, name)

    def commit(self, rows: Sequence[Row], batch: Batch) -> None:
        began = time.monotonic()
        self._ledger.commit(rows, batch)
        time.sleep(max(0.0, SECONDS - (time.monotonic() - began)))


if __name__ == "__main__":
    committing.BATCH_ROWS = ROWS
    ledger: Any = SlowLedger(open_ledger(sys.argv[2]))
    keys = Keys.derive(read_or_make_key(Path(os.environ["DATA"]), "master"))
    engine = Engine(ledger, keys, limits=Limits(starts=2000))
    engine.committer.waiting.fair = sys.argv[3] == "fair"
    engine.load()
    engine_server.serve(engine_server.EngineOnly(engine), "127.0.0.1", int(sys.argv[1]))
