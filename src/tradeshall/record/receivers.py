"""What the record does when something has happened. Each may come twice."""

from __future__ import annotations

from tradeshall.journal.events import receives
from tradeshall.people.events import AccountErased
from tradeshall.record.actions import forget_members


@receives(AccountErased)
def forget_person(event: AccountErased) -> None:
    forget_members(membership_ids=event.membership_ids)
