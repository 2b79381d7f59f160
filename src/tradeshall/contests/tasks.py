"""What contests do in the background, in one thread of the web side."""

from __future__ import annotations

import logging
import threading
import time

from django.db import close_old_connections

from tradeshall.contests.actions.integrating import keep_log
from tradeshall.contests.actions.ledger import ingest_ledger
from tradeshall.contests.actions.publishing import publish_due
from tradeshall.contests.actions.ranking import rank_settled_rounds
from tradeshall.contests.actions.rounds import close_due_rounds
from tradeshall.core.authority import OPERATOR

log = logging.getLogger(__name__)

IDLE_SECONDS = 0.25
KEEPING_SECONDS = 2.0
LOG_SECONDS = 5.0
"""How often the public log is brought up to date, however much there is to read."""


def ingest_until(stop: threading.Event) -> None:
    """Read the ledger as it grows, close rounds at their hour and rank those that are settled, until told to stop."""
    kept_at = logged_at = 0.0
    while not stop.is_set():
        close_old_connections()
        try:
            read = ingest_ledger()
            if not read and time.monotonic() - kept_at >= KEEPING_SECONDS:
                keep_rounds()
                kept_at = time.monotonic()
            if time.monotonic() - logged_at >= LOG_SECONDS:
                if not logged_at:
                    publish_due()  # of rounds that were published before there was a log
                keep_log()
                logged_at = time.monotonic()
        except Exception:
            log.exception("the ledger could not be read")
            read = 0
            stop.wait(KEEPING_SECONDS)
        if not read:
            stop.wait(IDLE_SECONDS)


def keep_rounds() -> None:
    """Close rounds whose hour has come, and rank those that are settled."""
    close_due_rounds(actor=OPERATOR)
    rank_settled_rounds(actor=OPERATOR)
