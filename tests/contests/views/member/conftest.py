"""A real engine beside the pages, on a loop of its own, as `serve` runs it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from tests.contests.conftest import ledger_path
from tests.factories.people import make_account, make_member

from tradeshall.contests import ports
from tradeshall.engine import client as engine_client
from tradeshall.engine.client import HttpClient, LocalClient
from tradeshall.engine.core import Engine, Limits
from tradeshall.engine.ledger.opening import open_ledger
from tradeshall.people.models import Membership

__all__ = ["ledger_path"]


@pytest.fixture
def run_engine(ledger_path: Path) -> Iterator[Callable[..., Engine]]:
    """A function that starts the engine on the test's ledger; one at a time."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    running: list[Engine] = []

    def run(limits: Limits | None = None) -> Engine:
        engine = Engine(open_ledger(settings.LEDGER_URL), ports.keys(), limits=limits)
        engine.load()
        opened = threading.Event()
        loop.call_soon_threadsafe(lambda: (engine.open(loop), opened.set()))
        assert opened.wait(10)
        engine_client.install(LocalClient(engine, loop))
        running.append(engine)
        return engine

    yield run
    engine_client.install(None)
    for engine in running:
        asyncio.run_coroutine_threadsafe(engine.close(), loop).result(30)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()


@pytest.fixture
def engine(run_engine: Callable[..., Engine]) -> Engine:
    """The engine, running."""
    return run_engine()


@pytest.fixture
def no_engine() -> Iterator[None]:
    """An engine whose port nobody answers at."""
    before = engine_client._client
    engine_client.install(HttpClient("http://127.0.0.1:9", b"k" * 32, timeout_seconds=1))
    yield
    engine_client.install(before)


@pytest.fixture
def member(db: None) -> Membership:
    """A member who can sign in."""
    return make_member(account=make_account(), name="王建国")


@pytest.fixture
def signed_in(client: Client, member: Membership) -> Client:
    sign_in(client, member.account)
    return client


def sign_in(client: Client, account: Any) -> None:
    client.force_login(account, backend=settings.AUTHENTICATION_BACKENDS[0])
