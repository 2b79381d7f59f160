"""What units tell other apps."""

from __future__ import annotations

from dataclasses import dataclass

from tradeshall.journal.events import event


@event
@dataclass(frozen=True, slots=True)
class RoleChanged:
    """An account was given a role in a unit, or lost it; sessions of the account must end."""

    account_id: int
    unit_id: int
    role: str
    held: bool


@event
@dataclass(frozen=True, slots=True)
class UnitMoved:
    """A unit stands elsewhere; whoever keeps paths exchanges the beginning `old_path` for `new_path`.

    One event for each unit that was moved, none for what is beneath it. Several moved at once are told top-down.
    """

    unit_id: int
    old_path: str
    new_path: str


@event
@dataclass(frozen=True, slots=True)
class UnitEnded:
    """A unit has a last day."""

    unit_id: int
    ends_on: str
