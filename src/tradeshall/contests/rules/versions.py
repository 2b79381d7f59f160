"""The way of a version of the results, from its making to its being in force."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tradeshall.contests.enums import VersionState
from tradeshall.core.transitions import Transitions

VERSION = Transitions(
    "contests:version",
    VersionState.BUILDING,
    ("finish", VersionState.BUILDING, VersionState.READY),
    ("confirm", VersionState.READY, VersionState.CONFIRMED),
    ("apply", VersionState.CONFIRMED, VersionState.APPLIED),
    ("discard", VersionState.BUILDING, VersionState.DISCARDED),
    ("discard", VersionState.READY, VersionState.DISCARDED),
)

IN_THE_MAKING = (VersionState.BUILDING.value, VersionState.READY.value, VersionState.CONFIRMED.value)
ATTEMPTS_A_RANGE = 5000
LONGEST_NOTE = 2000


def ranges_for(attempts: int) -> int:
    """Return into how many ranges of participants a round is cut."""
    return max(1, -(-attempts // ATTEMPTS_A_RANGE))


def changed_items(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return each item whose correction differs, with what holds now; None: again as it was sealed."""
    items = sorted({*before, *now}, key=int)
    return [{"item": int(item), "now": now.get(item)} for item in items if before.get(item) != now.get(item)]
