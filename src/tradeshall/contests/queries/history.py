"""How an item read before, and what is known of it from rounds that have been played."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tradeshall.contests.models import Item, ItemVersion

FIELDS = (
    "form", "stem", "options", "key", "accepted", "matches", "media", "explanation", "difficulty", "tags", "source",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """One edit of an item: the version it made, by whom and when, and what changed from what to what."""

    version: int
    at: datetime
    actor: str
    fields: list[tuple[str, Any, Any]]


def changes_of(item: Item) -> list[Change]:
    """Return every edit of an item, the newest first, each told from the versions before and after it."""
    after = {name: getattr(item, name) for name in FIELDS}
    number = item.version
    found = []
    for former in ItemVersion.objects.filter(item=item).order_by("-version"):
        before = {name: former.content.get(name, _nothing(name)) for name in FIELDS}
        fields = [(name, before[name], after[name]) for name in FIELDS if before[name] != after[name]]
        found.append(Change(number, former.replaced_at, former.actor, fields))
        after, number = before, former.version
    return found


def _nothing(name: str) -> object:
    return [] if name in ("options", "key", "accepted", "matches", "media", "tags") else ""
