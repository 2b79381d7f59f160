from __future__ import annotations

from enum import StrEnum


class ImportState(StrEnum):
    STAGED = "staged"  # every row read and judged; nothing applied
    APPLIED = "applied"
    REFUSED = "refused"  # the file as a whole could not be read
    DROPPED = "dropped"  # staged, and given up by its owner


class Verdict(StrEnum):
    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"
