"""What contests do in the background, in one thread of the web side."""

from __future__ import annotations

import logging
import threading
import time

from django.db import close_old_connections

from tradeshall.contests.actions import board_keeping
from tradeshall.contests.actions.integrating import keep_log
from tradeshall.contests.actions.ledger import ingest_ledger
from tradeshall.contests.actions.prizes import empty_claims
from tradeshall.contests.actions.publishing import publish_due
from tradeshall.contests.actions.ranking import rank_settled_rounds
from tradeshall.contests.actions.rehearsals import play_next_rehearsal
from tradeshall.contests.actions.rounds import close_due_rounds
from tradeshall.contests.actions.series import publish_due_rounds
from tradeshall.contests.queries.boards.figures import FIGURES_SECONDS
from tradeshall.core.authority import OPERATOR

log = logging.getLogger(__name__)

IDLE_SECONDS = 0.25
KEEPING_SECONDS = 2.0
BATCH = 500
BOARDS_SHARE = 20
"""Boards are made anew at most for one part in so many of the time."""
LOG_SECONDS = 5.0
"""How often the public log is brought up to date, however much there is to read."""
EMPTYING_SECONDS = 3600.0
REHEARSALS_SECONDS = 2.0


def ingest_until(stop: threading.Event) -> None:
    """Read the ledger as it grows, close rounds at their hour and rank those that are settled, until told to stop."""
    kept_at = logged_at = emptied_at = 0.0
    while not stop.is_set():
        close_old_connections()
        try:
            read = ingest_ledger(BATCH)
            # A batch that is not full is the end of the ledger; under load there may be none that is empty.
            if read < BATCH and time.monotonic() - kept_at >= KEEPING_SECONDS:
                keep_rounds()
                kept_at = time.monotonic()
                if not emptied_at or kept_at - emptied_at >= EMPTYING_SECONDS:
                    empty_claims(actor=OPERATOR)
                    emptied_at = kept_at
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


def rehearse_until(stop: threading.Event) -> None:
    """Play rehearsals as they are asked for, until told to stop."""
    while not stop.is_set():
        close_old_connections()
        try:
            if play_next_rehearsal(actor=OPERATOR):
                continue
        except Exception:
            log.exception("rehearsals could not be looked for")
        stop.wait(REHEARSALS_SECONDS)


def keep_rounds() -> None:
    """Publish rounds that are planned, close those whose hour has come, and rank those that are settled."""
    publish_due_rounds(actor=OPERATOR)
    close_due_rounds(actor=OPERATOR)
    rank_settled_rounds(actor=OPERATOR)
    board_keeping.keep_freezes(actor=OPERATOR)


def keep_boards_until(stop: threading.Event) -> None:
    """Make the figures of boards anew while rounds run, and keep the days, until told to stop."""
    while not stop.is_set():
        close_old_connections()
        began = time.monotonic()
        try:
            keep_boards()
        except Exception:
            log.exception("the boards could not be kept")
        stop.wait(max(FIGURES_SECONDS, BOARDS_SHARE * (time.monotonic() - began)))


def keep_boards() -> None:
    """Make the figures of boards anew where rounds run, and keep where all stood at midnight."""
    board_keeping.keep_days(actor=OPERATOR)
    board_keeping.keep_figures(actor=OPERATOR)
