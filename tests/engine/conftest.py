"""Ledgers to test on: a fresh SQLite file, a fresh schema of PostgreSQL."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from tradeshall.engine.ledger.interface import Ledger
from tradeshall.engine.ledger.opening import open_ledger

SERVER = os.environ.get("TRADESHALL_TEST_LEDGER", "postgresql://postgres@127.0.0.1/postgres")


@pytest.fixture
def postgresql_url() -> Iterator[str]:
    """An address whose tables go into a schema of their own."""
    schema = f"engine_test_{secrets.token_hex(6)}"
    try:
        server = psycopg.connect(SERVER, autocommit=True, connect_timeout=3)
    except psycopg.OperationalError as error:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(f"no PostgreSQL server: {error}")
    with server:
        server.execute(f"CREATE SCHEMA {schema}")
        yield f"{SERVER}?options=-csearch_path%3D{schema}"
        server.execute(f"DROP SCHEMA {schema} CASCADE")
    server.close()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def ledger_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty ledger of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/ledger.sqlite3"
    return str(request.getfixturevalue("postgresql_url"))


@pytest.fixture
def opened(ledger_url: str) -> Iterator[Callable[[], Ledger]]:
    """Open the ledger as often as wanted; all are closed at the end."""
    ledgers: list[Ledger] = []

    def open_again() -> Ledger:
        ledgers.append(open_ledger(ledger_url))
        return ledgers[-1]

    yield open_again
    for ledger in ledgers:
        ledger.close()


@pytest.fixture
def ledger(opened: Callable[[], Ledger]) -> Ledger:
    return opened()
