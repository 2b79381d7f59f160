"""Giving items out as a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

from django.db import transaction
from django.utils.translation import get_language

from tradeshall.contests import permissions
from tradeshall.contests.actions.bank import draft_of
from tradeshall.contests.enums import ItemState
from tradeshall.contests.formats.files import Format, cannot_hold, ending_of, write_items
from tradeshall.contests.models import Item, Pool
from tradeshall.contests.rules.items import ItemDraft
from tradeshall.core.authority import Actor
from tradeshall.core.refusal import Refused, refuse, require
from tradeshall.journal.actions import record_change
from tradeshall.media.queries import read_media


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An item that a format has no words for; `why` is the code of a sentence."""

    number: int
    stem: str
    why: str


@dataclass(frozen=True, slots=True)
class Export:
    """What went into a file, and what could not."""

    count: int
    ending: str
    left_out: list[LeftOut]


def export_items(
    *, actor: Actor, pool: Pool, file: BinaryIO, format: str, language: str = "", all_or_none: bool = False
) -> Export:
    """Write the items of a pool that are in use to a file, with their answers; says which ones it has no words for.

    With `all_or_none` nothing is written while there is such an item. Brought into the same pool again, the file
    changes nothing. Refuses an actor who may not export from there, and a format that is none.
    """
    require(permissions.refuse_unless_may(actor, permissions.ITEM_EXPORT, pool))
    if format not in set(Format):
        raise Refused(refuse("contests:export:format_unknown", field_name="format", given=format[:40]))
    kind = Format(format)
    items: list[tuple[int, ItemDraft]] = []
    left_out: list[LeftOut] = []
    for row in Item.objects.filter(pool=pool).exclude(state=ItemState.RETIRED.value).order_by("pk").iterator():
        draft = draft_of(row)
        if why := cannot_hold(kind, draft):
            left_out.append(LeftOut(row.pk, row.stem, f"contests:hold:{why}"))
        else:
            items.append((row.pk, draft))
    ending = ending_of(kind, (draft for _, draft in items))
    if left_out and all_or_none:
        return Export(0, ending, left_out)
    write_items(
        items,
        file,
        kind,
        content_of=lambda one: read_media(one.name),
        language=language or get_language() or "en",
    )
    with transaction.atomic():
        record_change(
            actor=actor,
            verb="contests:pool:export",
            thing=pool,
            acting_unit_code=pool.unit.code,
            changes={"format": [None, format], "count": [None, len(items)]},
        )
    return Export(len(items), ending, left_out)
