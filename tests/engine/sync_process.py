"""Submit with the sync counter preloaded: prints how many syncs lie before each answer as JSON.

`sync_process.py FOLDER LEVEL`; a level below FULL needs the engine's own check taken out, as the control does.
"""

from __future__ import annotations

import asyncio
import ctypes
import json
import sys
from pathlib import Path

from tests.engine.contest import pack, pass_for, running, someone

from tradeshall.engine.ledger.sqlite import SqliteLedger


async def main(folder: Path, level: str) -> list[int]:
    so_far = ctypes.CDLL(None).syncs_so_far
    ledger = SqliteLedger(folder / "ledger.sqlite3", level)
    if level != "FULL":
        ledger.check_synchronous = lambda: None  # type: ignore[method-assign]
    ledger.deposit_pack(pack())
    counts = []
    async with running(ledger) as engine:
        for _ in range(10):
            for ask in ("start", "save", "submit"):
                before = so_far()
                if ask == "start":
                    token = (await engine.start(pass_for(someone())))["token"]
                elif ask == "save":
                    await engine.save(token, [[1, 1, [0]]])
                else:
                    await engine.submit(token, [])
                counts.append(so_far() - before)
    return counts


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))))
