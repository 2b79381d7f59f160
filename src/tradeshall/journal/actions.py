"""Writing the journal and the outbox, inside the transaction of the action that calls."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict

from django.db import transaction
from django.db.models import Model

from tradeshall.core.authority import Actor
from tradeshall.journal import events as outbox
from tradeshall.journal.models import Entry, OutboxEvent, name_of


def record_change(
    *,
    actor: Actor,
    verb: str,
    thing: Model | str,
    acting_unit_code: str = "",
    reason: str = "",
    changes: Mapping[str, object] | None = None,
) -> None:
    """Write one line of the journal; `changes` maps a field to [before, after]."""
    record_changes(
        actor=actor,
        verb=verb,
        lines=[(thing, dict(changes or {}))],
        acting_unit_code=acting_unit_code,
        reason=reason,
    )


def record_changes(
    *,
    actor: Actor,
    verb: str,
    lines: Iterable[tuple[Model | str, Mapping[str, object]]],
    acting_unit_code: str = "",
    reason: str = "",
) -> None:
    """Write one line of the journal for each (thing, changes), in batches."""
    _require_transaction()
    Entry.objects.bulk_create(
        [
            Entry(
                actor=str(actor),
                verb=verb,
                thing=thing if isinstance(thing, str) else name_of(thing),
                acting_unit_code=acting_unit_code,
                reason=reason,
                changes=dict(changes),
            )
            for thing, changes in lines
        ],
        batch_size=1000,
    )


def emit(*events: outbox.Event) -> None:
    """Put events into the outbox; they are dispatched once the transaction has committed."""
    _require_transaction()
    OutboxEvent.objects.bulk_create(
        [OutboxEvent(name=outbox.name_of(type(event)), payload=asdict(event)) for event in events]
    )
    transaction.on_commit(outbox.wake)


def _require_transaction() -> None:
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("the journal is written in its action's transaction")
