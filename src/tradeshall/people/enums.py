from __future__ import annotations

from enum import StrEnum


class ConsentPurpose(StrEnum):
    """What a member may agree to, and refuse without losing anything."""

    REMINDERS = "reminders"  # text messages about what is open to me
    HONOURS = "honours"  # my name and unit beside an award I receive
    STORIES = "stories"  # my unit may ask me for a profile or a picture


class MembershipState(StrEnum):
    """How the lists of people are filtered."""

    CURRENT = "current"
    ENDED = "ended"
    ALL = "all"
