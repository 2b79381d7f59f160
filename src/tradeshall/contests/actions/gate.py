"""The one row that whoever stores what was read holds locked, so that sums are made one after the other."""

from __future__ import annotations

from tradeshall.contests.models import LedgerWatermark

GATE = ""
"""The name of the watermark row that is the gate; no writer has an empty name."""


def lock_gate() -> None:
    """Wait for the gate and hold it until the transaction ends. SQLite has one writer anyway."""
    gate = LedgerWatermark.objects.select_for_update().filter(writer=GATE)
    if not gate.exists():
        LedgerWatermark.objects.bulk_create([LedgerWatermark(writer=GATE)], ignore_conflicts=True)
    list(gate)
