"""Deciding about items that look alike."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from django.db import transaction

from tradeshall.contests import permissions
from tradeshall.contests.models import Item, KeptApart
from tradeshall.core.authority import Actor
from tradeshall.core.refusal import require
from tradeshall.journal.actions import record_changes


def keep_apart(*, actor: Actor, items: Sequence[Item]) -> int:
    """Say that items look alike but are different, so that nobody is asked again; returns how many pairs are new.

    Refuses an actor who may not edit them.
    """
    with transaction.atomic():
        require(*(permissions.refuse_unless_may(actor, permissions.ITEM_EDIT, item) for item in items))
        pairs = set(combinations(sorted(item.pk for item in items), 2))
        known = KeptApart.objects.filter(first__in=items, second__in=items).values_list("first", "second")
        pairs -= set(known)
        KeptApart.objects.bulk_create(
            [KeptApart(first_id=first, second_id=second, actor=str(actor)) for first, second in sorted(pairs)],
            ignore_conflicts=True,
        )
        apart = {key for pair in pairs for key in pair}
        record_changes(
            actor=actor,
            verb="contests:item:keep_apart",
            lines=[(item, {}) for item in items if item.pk in apart],
            acting_unit_code=items[0].pool.unit.code if items else "",
        )
    return len(pairs)
