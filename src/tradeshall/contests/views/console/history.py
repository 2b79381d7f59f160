"""How an item read before, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from tradeshall.contests import texts
from tradeshall.contests.models import Item
from tradeshall.contests.queries.history import changes_of
from tradeshall.contests.rules.items import letter_of
from tradeshall.people.queries import names_of_accounts

ACCOUNT = "account:"


@dataclass(frozen=True, slots=True)
class Told:
    """One edit as its line says it."""

    version: int
    at: datetime
    by: str
    fields: list[dict[str, str]]


def told(item: Item) -> list[Told]:
    """Return every edit of an item in words, the newest first."""
    changes = changes_of(item)
    accounts = {int(one.actor.removeprefix(ACCOUNT)) for one in changes if one.actor.startswith(ACCOUNT)}
    names = names_of_accounts(accounts) if accounts else {}
    labels = {**texts.COLUMNS, "options": _("Options"), "key": _("Right answer"), "accepted": _("Right answer")}
    return [
        Told(
            one.version,
            one.at,
            _("Operator") if one.actor == "operator" else names.get(_account(one.actor), one.actor),
            [
                {"label": str(labels.get(name, name)), "before": _shown(name, before), "after": _shown(name, after)}
                for name, before, after in one.fields
            ],
        )
        for one in changes
    ]


def _account(actor: str) -> int:
    rest = actor.removeprefix(ACCOUNT)
    return int(rest) if rest.isdigit() else 0


def _shown(name: str, value: Any) -> str:
    if name == "form":
        return str(texts.FORMS.get(value, value))
    if name == "key":
        return ", ".join(letter_of(place) if 0 <= place < 26 else str(place) for place in value)
    if name == "accepted":
        return "; ".join(" | ".join(parts) for parts in value)
    if name == "media":
        return "; ".join(one.get("alt") or one.get("name", "") for one in value)
    return "; ".join(map(str, value)) if isinstance(value, Sequence) and not isinstance(value, str) else str(value)


def statistics_told(rows: Sequence[Any]) -> list[dict[str, Any]]:
    """Return how an item did, round by round, in figures as people read them; "" for what is not known."""
    return [
        {
            "round": row.round,
            "n": row.n,
            "exposure": _percent(row.exposure),
            "facility": _percent(row.facility),
            "discrimination": "" if row.discrimination is None else f"{row.discrimination:.2f}",
        }
        for row in rows
    ]


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share * 100:.0f}%"
