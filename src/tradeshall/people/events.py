"""What happens to people that other apps may want to know."""

from __future__ import annotations

from dataclasses import dataclass

from tradeshall.journal.events import event


@event
@dataclass(frozen=True, slots=True)
class MembershipEnded:
    """A line of the roster ended: the person takes part no more from that day."""

    membership_id: int


@event
@dataclass(frozen=True, slots=True)
class AccountErased:
    """A person asked to be forgotten. Whoever keeps a mapping from the person to their record erases it."""

    account_id: int
    membership_ids: list[int]
