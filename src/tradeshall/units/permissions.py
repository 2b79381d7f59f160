"""What may be done in units and to whom it is granted; the authority that answers `may()`."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Any, TypeVar

from django.db.models import Q, QuerySet

from tradeshall.core.authority import OPERATOR, Actor, Role, declare, declared
from tradeshall.units import ports
from tradeshall.units.models import Grant
from tradeshall.units.rules import Held, covers, paths_with

__all__ = ["PERMISSIONS", "GrantAuthority", "declare", "held_by"]

Rows = TypeVar("Rows")

PERMISSIONS: dict[str, frozenset[Role]] = {
    "units:unit:view": frozenset({Role.ADMINISTRATOR, Role.ORGANISER, Role.AUDITOR}),
    "units:unit:edit": frozenset({Role.ADMINISTRATOR, Role.ORGANISER}),
    "units:unit:import": frozenset({Role.ADMINISTRATOR}),
    "units:grant:edit": frozenset({Role.ADMINISTRATOR}),
    "units:grant:view": frozenset({Role.ADMINISTRATOR, Role.ORGANISER, Role.AUDITOR}),
}


def held_by(actor: Actor) -> list[Held]:
    """Return all roles an actor holds now; read once for each actor object, which lives as long as its request."""
    known: list[Held] | None = getattr(actor, "_held_roles", None)
    if known is None:
        known = [
            Held(Role(role), path, campaign)
            for role, path, campaign in Grant.objects.current()
            .filter(account=actor.pk)
            .values_list("role", "unit__path", "campaign_number")
        ]
        for source in ports.role_sources:
            known.extend(source(actor))
        actor._held_roles = known  # type: ignore[attr-defined]
    return known


class GrantAuthority:
    """Answers from the grants. A code nobody declared is a mistake in the program, and raises KeyError."""

    def may(self, actor: Actor, code: str, thing: object | None) -> bool:
        roles = declared()[code]
        if actor is OPERATOR:
            return True
        if not actor.is_authenticated or actor.pk is None:
            return False
        held = [one for one in held_by(actor) if one.role in roles]
        if thing is None:
            return bool(held)
        path = thing.unit_path  # type: ignore[attr-defined]
        campaign = getattr(thing, "campaign_number", "")
        return any(covers(one, path) and one.campaign_number in ("", campaign) for one in held)

    def scope(self, actor: Actor, code: str, rows: Rows, *, unit: str, campaign: str = "") -> Rows:
        assert isinstance(rows, QuerySet)
        scoped: QuerySet[Any] = rows
        roles = declared()[code]
        if actor is OPERATOR:
            return rows
        if not actor.is_authenticated or actor.pk is None:
            return scoped.none()  # type: ignore[return-value]
        field = f"{unit}__path" if unit else "path"
        conditions = []
        for one in paths_with(held_by(actor), roles):
            if one.campaign_number and not campaign:
                continue
            limit = {campaign: one.campaign_number} if one.campaign_number else {}
            conditions.append(Q(**{f"{field}__startswith" if one.whole_subtree else field: one.path}, **limit))
        return scoped.filter(reduce(or_, conditions)) if conditions else scoped.none()  # type: ignore[return-value]


def paths_of(actor: Actor, code: str) -> list[str] | None:
    """Return the paths under which an actor holds a code for every campaign; None for the operator: everywhere."""
    if actor is OPERATOR:
        return None
    if not actor.is_authenticated or actor.pk is None:
        return []
    held = paths_with(held_by(actor), declared()[code])
    return [one.path for one in held if one.whole_subtree and not one.campaign_number]


def holdings_of(actor: Actor, code: str) -> list[Held]:
    """Return the roles by which an actor may do what `code` names in a unit and all beneath it.

    None that another one covers, and none for the operator, who holds no unit but all of them.
    """
    if actor is OPERATOR or not actor.is_authenticated or actor.pk is None:
        return []
    return [one for one in paths_with(held_by(actor), declared()[code]) if one.whole_subtree]
