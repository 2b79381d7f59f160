"""What people do by the clock."""

from __future__ import annotations

import logging
import threading
from importlib import import_module

from django.conf import settings
from django.db import close_old_connections

log = logging.getLogger(__name__)

EVERY_SECONDS = 3600.0


def forget_sessions() -> None:
    """Delete the sessions that are over: they hold the phones people typed."""
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()


def forget_sessions_until(stop: threading.Event) -> None:
    """Forget sessions that are over, once an hour, until told to stop."""
    while not stop.is_set():
        close_old_connections()
        try:
            forget_sessions()
        except Exception:
            log.exception("sessions that are over could not be forgotten")
        stop.wait(EVERY_SECONDS)
