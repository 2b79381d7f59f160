"""When what was sealed may be opened, and when results may be published for everybody."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from tradeshall.contests.enums import RoundState
from tradeshall.core.refusal import Refusal, refuse


def refuse_opening_at(state: str, closed_at: datetime | None, grace: timedelta, now: datetime) -> Refusal | None:
    """Refuse to open anything of a round whose answers may still come in."""
    if state != RoundState.CLOSED or closed_at is None or now <= closed_at + grace:
        return refuse("contests:opening:round_not_over")
    return None


def free_to_open(items: Collection[int], drawn_elsewhere: Collection[int]) -> tuple[set[int], bool]:
    """Return the items of a round that no open or planned round draws on, and whether the secret may be opened too.

    The secret tells which items every paper had, so it stays sealed while any of them is still in use.
    """
    free = set(items) - set(drawn_elsewhere)
    return free, free == set(items)


def units_named(taking_part: Mapping[int, int], least: int) -> set[int]:
    """Return the units that may stand beside people: those of which enough took part.

    Never all but one: whoever has no unit beside them would be of that one.
    """
    named = {unit for unit, count in taking_part.items() if count >= least}
    if named and len(taking_part) - len(named) == 1:
        named.remove(min(named, key=lambda unit: (taking_part[unit], unit)))
    return named


def refuse_opening_nothing(free: int, opened: int, secret: bool) -> Refusal | None:
    """Refuse where no more items could be opened than are open already, and not the secret either."""
    if secret:
        return None
    if not free:
        return refuse("contests:opening:all_in_use")
    return refuse("contests:opening:nothing_new") if free <= opened else None


def refuse_opening_again(is_whole: bool) -> Refusal | None:
    """Refuse to open once more what is open whole."""
    return refuse("contests:opening:is_open") if is_whole else None
