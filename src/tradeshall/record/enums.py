"""Words of the participation record."""

from __future__ import annotations

from enum import StrEnum


class Verb(StrEnum):
    """What a member did: the last part of an xAPI verb of the ADL vocabulary."""

    ATTEMPTED = "attempted"
    COMPLETED = "completed"
    PASSED = "passed"
