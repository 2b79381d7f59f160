"""The background of the journal."""

from __future__ import annotations

import logging
import threading
from datetime import timedelta

from django.db import close_old_connections
from django.db.models import Q

from tradeshall.core import clock
from tradeshall.journal import events
from tradeshall.journal.models import OutboxEvent

log = logging.getLogger(__name__)

LONGEST_PAUSE = timedelta(minutes=10)


def dispatch_waiting(limit: int = 200) -> int:
    """Dispatch events that are due, oldest first; returns how many.

    One whose receiver fails stays and is tried again after a pause that doubles from one second to ten minutes,
    for ever: what it announces has happened. It holds up no other event, and no other receiver of its own.
    """
    done = 0
    due = Q(due_at=None) | Q(due_at__lte=clock.now())
    for row in OutboxEvent.objects.filter(due, dispatched_at=None).order_by("id")[:limit]:
        failure = _deliver(row)
        waiting = OutboxEvent.objects.filter(pk=row.pk, dispatched_at=None)
        if failure is None:
            done += waiting.update(dispatched_at=clock.now())
        else:
            attempts = min(row.attempts + 1, 30_000)
            waiting.update(
                attempts=attempts,
                last_error=f"{type(failure).__name__}: {failure}"[:400],
                due_at=clock.now() + min(timedelta(seconds=2 ** min(row.attempts, 20)), LONGEST_PAUSE),
            )
    return done


def _deliver(row: OutboxEvent) -> Exception | None:
    failure: Exception | None = None
    try:
        event, receivers = events.receivers_of(row.name, row.payload)
    except Exception as error:
        log.exception("event %s %s cannot be read", row.name, row.pk)
        return error
    for receive in receivers:
        try:
            receive(event)
        except Exception as error:
            log.exception("event %s %s was not received by %s", row.name, row.pk, receive)
            failure = error
    return failure


def drop_dispatched(older_than: timedelta = timedelta(days=30)) -> int:
    """Delete events dispatched long ago; the journal keeps what happened, the outbox need not."""
    return OutboxEvent.objects.filter(dispatched_at__lt=clock.now() - older_than).delete()[0]


def dispatch_until(stop: threading.Event) -> None:
    """Dispatch events as they come, and drop old ones once a day, until told to stop."""
    dropped_at = clock.now()
    while not stop.is_set():
        close_old_connections()
        try:
            busy = dispatch_waiting()
            if not busy and clock.now() - dropped_at > timedelta(days=1):
                drop_dispatched()
                dropped_at = clock.now()
        except Exception:
            log.exception("the outbox could not be read")
            busy = 0
        if not busy:
            events.wait(1.0)
