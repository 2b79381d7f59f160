"""The heavy work after rounds, in processes of its own: the engine shares this one, and must not wait for it."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading

from django.db import close_old_connections

log = logging.getLogger(__name__)

EVERY_SECONDS = 2.0
TRIES = 3
"""A round whose analysis fails so often is left alone until the next start; the log says why."""


def follow_rounds_until(stop: threading.Event) -> None:
    """Go on with versions in the making and analyse rounds that are ranked, one at a time, until told to stop."""
    failed: dict[tuple[str, int], int] = {}
    while not stop.is_set():
        close_old_connections()
        for command, round_id in waiting():
            if failed.get((command, round_id), 0) >= TRIES:
                continue
            if not run(command, round_id, stop):
                failed[command, round_id] = failed.get((command, round_id), 0) + 1
            break
        stop.wait(EVERY_SECONDS)


def waiting() -> list[tuple[str, int]]:
    """Return what is to be done, versions first: somebody waits for them."""
    from tradeshall.contests.queries.analysis import rounds_to_analyse
    from tradeshall.contests.queries.versions import rounds_to_rescore

    return [
        *(("rescore-round", round_id) for round_id in rounds_to_rescore()),
        *(("analyse-round", round_id) for round_id in rounds_to_analyse()),
    ]


def run(command: str, round_id: int, stop: threading.Event) -> bool:
    """Run a command in a process of its own, ended when told to stop; answers whether it went well."""
    process = subprocess.Popen(  # noqa: S603 our own command
        [sys.executable, "-m", "tradeshall.config.cli.main", command, str(round_id)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while process.poll() is None:
        if stop.wait(0.2):
            process.terminate()
            process.wait(30)
            return True
    if process.returncode:
        log.error("%s %s ended with %s; run it by hand to see why", command, round_id, process.returncode)
    return process.returncode == 0
