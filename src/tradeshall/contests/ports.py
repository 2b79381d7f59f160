"""The engine, its ledger and the keys, as this process reaches them."""

from __future__ import annotations

import os
import threading
from functools import cache

import orjson
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from tradeshall.core.keys import read_or_make_key
from tradeshall.core.signing import canonical, derive_key
from tradeshall.engine import client
from tradeshall.engine.client import EngineClient
from tradeshall.engine.codes import EngineUnreachable
from tradeshall.engine.ledger.interface import Ledger
from tradeshall.engine.ledger.opening import open_ledger
from tradeshall.engine.passes import Keys
from tradeshall.engine.proofs.notes import LOG_PURPOSE, LogSigner
from tradeshall.engine.receipts import Signer

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


@cache
def log_signer() -> LogSigner:
    """Return the key under which the public log is signed: one of its own."""
    return LogSigner(derive_key(read_or_make_key(settings.DATA, "master"), LOG_PURPOSE))


@cache
def receipt_key() -> bytes:
    """Return the public key of receipts."""
    return Signer(keys().receipt_seed).public


def ledger() -> Ledger:
    """Return the ledger, opened once a thread for reading and for depositing packs; it writes no attempts."""
    known: dict[str, Ledger] = _local.__dict__.setdefault("ledgers", {})
    if settings.LEDGER_URL not in known:
        known[settings.LEDGER_URL] = open_ledger(settings.LEDGER_URL)
    return known[settings.LEDGER_URL]


DRAW_PURPOSE = "tradeshall/draw-signatures/1"
CLAIM_PURPOSE = "tradeshall/prize-claims/1"


@cache
def draw_signer() -> Signer:
    """Return what signs draw files, under a key of its own."""
    return Signer(derive_key(read_or_make_key(settings.DATA, "master"), DRAW_PURPOSE))


def _claim_box() -> AESGCM:
    return AESGCM(derive_key(read_or_make_key(settings.DATA, "master"), CLAIM_PURPOSE))


def seal_claim(fields: dict[str, str], winner_id: int) -> bytes:
    """Return what a winner gave for the prize desk, encrypted and bound to that winner."""
    nonce = os.urandom(12)
    return nonce + _claim_box().encrypt(nonce, canonical(fields), b"%d" % winner_id)


def open_claim(sealed: bytes, winner_id: int) -> dict[str, str]:
    """Return what a winner gave; raises InvalidTag for what was sealed for another."""
    opened: dict[str, str] = orjson.loads(_claim_box().decrypt(sealed[:12], sealed[12:], b"%d" % winner_id))
    return opened


def is_ledger_error(error: Exception) -> bool:
    """Answer whether an exception says that the ledger's database cannot be reached."""
    import sqlite3

    import psycopg

    return isinstance(error, (sqlite3.Error, psycopg.Error, OSError))
