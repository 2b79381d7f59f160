"""The engine and its ledger, as this process reaches them."""

from __future__ import annotations

import threading
from functools import cache

from django.conf import settings

from tradeshall.core.keys import read_or_make_key
from tradeshall.engine import client
from tradeshall.engine.client import EngineClient
from tradeshall.engine.codes import EngineUnreachable
from tradeshall.engine.ledger.interface import Ledger
from tradeshall.engine.ledger.opening import open_ledger
from tradeshall.engine.passes import Keys

_local = threading.local()


def engine() -> EngineClient:
    """Return the client of the engine that serves this process; without one, raise `EngineUnreachable`."""
    try:
        return client.current()
    except RuntimeError as error:
        raise EngineUnreachable(str(error)) from error


@cache
def keys() -> Keys:
    """Return the engine's keys, derived from the installation's master key."""
    return Keys.derive(read_or_make_key(settings.DATA, "master"))


def ledger() -> Ledger:
    """Return the ledger, opened once a thread for reading and for depositing packs; it writes no attempts."""
    known: dict[str, Ledger] = _local.__dict__.setdefault("ledgers", {})
    if settings.LEDGER_URL not in known:
        known[settings.LEDGER_URL] = open_ledger(settings.LEDGER_URL)
    return known[settings.LEDGER_URL]


def is_ledger_error(error: Exception) -> bool:
    """Answer whether an exception says that the ledger's database cannot be reached."""
    import sqlite3

    import psycopg

    return isinstance(error, (sqlite3.Error, psycopg.Error, OSError))
