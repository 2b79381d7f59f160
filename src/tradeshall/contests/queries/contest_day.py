"""How the engine processes of this installation are doing, and how far the pages lag behind them."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Sum

from tradeshall.contests import ports
from tradeshall.contests.models import LedgerWatermark
from tradeshall.contests.rules.contest_day import FORGOTTEN_SECONDS, Finding, Process, findings
from tradeshall.core import clock
from tradeshall.engine.codes import EngineBusy, EngineRefused, EngineUnreachable
from tradeshall.journal.queries import count_stuck_events


@dataclass(frozen=True, slots=True)
class ContestDay:
    processes: list[Process]
    lag_entries: int | None
    disk_free_mb: int | None
    findings: list[Finding]


def look() -> ContestDay:
    """Ask the engine that serves this process, and read what the others have left in the ledger. Two queries."""
    processes: dict[str, Process] = {}
    lag: int | None = None
    now_ms = clock.now_ms()
    try:
        ledger = ports.ledger()
        for writer, at_ms, report in ledger.reports():
            silent_seconds = max(0, now_ms - at_ms) // 1000
            if silent_seconds < FORGOTTEN_SECONDS:
                processes[writer] = Process(writer, silent_seconds, json.loads(report))
        written = sum(ledger.positions().values())
        lag = max(0, written - (LedgerWatermark.objects.aggregate(read=Sum("sequence"))["read"] or 0))
    except Exception as error:  # whatever the ledger's database says: the page is for just that day
        if not ports.is_ledger_error(error):
            raise
    try:
        told = ports.engine().load()
        processes[told["writer"]] = Process(told["writer"], 0, told)
    except (EngineBusy, EngineRefused, EngineUnreachable):
        pass  # the findings say so, if no other answers either
    shown = sorted(processes.values(), key=lambda one: one.writer)
    free_mb = disk_free_mb()
    found = findings(shown, lag_entries=lag, disk_free_mb=free_mb, stuck_events=count_stuck_events())
    return ContestDay(shown, lag, free_mb, found)


def disk_free_mb() -> int | None:
    try:
        return shutil.disk_usage(settings.DATA).free // 1024**2
    except OSError:
        return None
