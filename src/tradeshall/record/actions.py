"""Writing the participation record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from tradeshall.record.models import Statement


@dataclass(frozen=True, slots=True)
class NewStatement:
    """One thing that one member did; `source` and `source_key` together name it for ever."""

    unit_id: int
    verb: str
    object_key: str
    happened_at: datetime
    source: str
    source_key: str
    membership_id: int | None = None
    activity_number: str = ""
    result: dict[str, Any] = field(default_factory=dict)


def record_statements(statements: Sequence[NewStatement]) -> None:
    """Write statements into the record; one that is there already stays as it was first written.

    Asks no permission: the apps that saw it happen call this from within their own actions.
    """
    with transaction.atomic():
        Statement.objects.bulk_create(
            [
                Statement(
                    membership_id=one.membership_id,
                    unit_id=one.unit_id,
                    verb=one.verb,
                    activity_number=one.activity_number,
                    object_key=one.object_key,
                    happened_at=one.happened_at,
                    result=one.result,
                    source=one.source,
                    source_key=one.source_key,
                )
                for one in statements
            ],
            batch_size=500,
            ignore_conflicts=True,
        )


def forget_members(*, membership_ids: Sequence[int]) -> int:
    """Take the person out of their statements; what happened stays and is counted. Returns how many there were."""
    return Statement.objects.filter(membership__in=list(membership_ids)).update(membership=None)
