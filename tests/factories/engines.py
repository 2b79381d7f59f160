"""A real contest engine beside a test: on the test's ledger, in a thread of its own, asked as the pages ask it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tradeshall.contests import ports
from tradeshall.engine import client
from tradeshall.engine.client import LocalClient
from tradeshall.engine.core import Engine, Limits
from tradeshall.engine.ledger.sqlite import SqliteLedger


@pytest.fixture
def engine(ledger_path: Path) -> Iterator[LocalClient]:
    """Run an engine that soon notices new rounds, and install it as the one this process asks."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    running = Engine(SqliteLedger(ledger_path), ports.keys(), limits=Limits(sweep_seconds=0.02, poll_seconds=0.02))
    running.load()
    loop.call_soon_threadsafe(running.open, loop)
    local = LocalClient(running, loop)
    client.install(local)
    yield local
    client.install(None)
    asyncio.run_coroutine_threadsafe(running.close(), loop).result(30)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()
