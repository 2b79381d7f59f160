"""Reading the journal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Model, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from tradeshall.core import authority, clock
from tradeshall.core.authority import Actor
from tradeshall.journal.models import Entry, OutboxEvent, name_of


def history_of(actor: Actor, thing: Model) -> QuerySet[Entry]:
    """Return what was done to a thing, newest first; nothing if the actor may not read the journal there."""
    if not authority.may(actor, "journal:entry:view", thing):
        return Entry.objects.none()
    return Entry.objects.filter(thing=name_of(thing)).order_by("-at", "-id")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the journal as a page shows it."""

    at: datetime
    words: str | Promise
    by: str
    reason: str


def accounts_in(entries: Iterable[Entry]) -> set[int]:
    """Return the keys of the accounts that the journal names as actors."""
    return {int(entry.actor[8:]) for entry in entries if entry.actor.startswith("account:")}


def tell(entries: Iterable[Entry], verbs: Mapping[str, str | Promise], names: Mapping[int, str]) -> list[Line]:
    """Return lines of the journal in words: what was done, and by whom, as far as verbs and names are given."""
    called = {f"account:{key}": name for key, name in names.items()} | {"operator": _("Operator")}
    return [
        Line(entry.at, verbs.get(entry.verb, entry.verb), called.get(entry.actor, entry.actor), entry.reason)
        for entry in entries
    ]


def entries_of_units(actor: Actor, unit_codes: list[str]) -> QuerySet[Entry]:
    """Return what was done on behalf of units, newest first. The caller has found their codes by a scoped query."""
    if not authority.may(actor, "journal:entry:view"):
        return Entry.objects.none()
    return Entry.objects.filter(acting_unit_code__in=unit_codes).order_by("-at", "-id")


def count_stuck_events(older_than: timedelta = timedelta(minutes=5)) -> int:
    """Return how many events have waited for longer than they should."""
    return OutboxEvent.objects.filter(dispatched_at=None, created_at__lt=clock.now() - older_than).count()
