"""Changing the tree: founding it, and adding, renaming, moving and ending units."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

from django.core.cache import cache
from django.db import IntegrityError, connection, transaction
from django.db.models import Max, Q

from tradeshall.core import authority
from tradeshall.core.authority import OPERATOR, Actor
from tradeshall.core.ids import random_number
from tradeshall.core.refusal import refuse, require
from tradeshall.journal.actions import emit, record_change
from tradeshall.units import ports
from tradeshall.units.enums import UnitKind
from tradeshall.units.events import UnitEnded, UnitMoved
from tradeshall.units.models import Federation, Unit
from tradeshall.units.queries import ZONE_KEY, root_unit, today
from tradeshall.units.rules import (
    MOST_INDUSTRY,
    MOST_NAME_EN,
    check_code,
    check_kind,
    check_length,
    check_name,
    check_place,
)

if TYPE_CHECKING:
    pass


def lock_tree() -> None:
    """Wait until nobody else changes the tree or the grants; others may read meanwhile. SQLite has one writer."""
    if not Federation.objects.select_for_update().exists():
        require(refuse("units:federation:missing"))


def found_federation(*, actor: Actor, code: str, name: str, time_zone: str, name_en: str = "") -> Unit:
    """Make the root of the tree and choose the zone at whose midnight days turn.

    Only the operator of the machine may. Refuses a second federation, a malformed code or name, an unknown zone.
    """
    require(
        None if actor is OPERATOR else refuse("units:unit:not_yours"),
        check_code(code),
        check_name(name),
        check_length(name_en, MOST_NAME_EN, "name_en"),
        None
        if time_zone in available_timezones()
        else refuse("units:federation:no_such_zone", field_name="time_zone", zone=time_zone[:60]),
        refuse("units:federation:exists") if root_unit() is not None else None,
    )
    with transaction.atomic():
        try:
            unit = _insert(None, code=code, name=name, name_en=name_en, kind=UnitKind.FEDERATION.value)
        except IntegrityError:  # someone else was first
            require(refuse("units:federation:exists"))
        Federation.objects.create(unit=unit, time_zone=time_zone)
        record_change(
            actor=actor,
            verb="units:federation:found",
            thing=unit,
            acting_unit_code=code,
            changes={"code": [None, code], "name": [None, name], "time_zone": [None, time_zone]},
        )
    cache.delete(ZONE_KEY)
    return unit


def add_unit(
    *, actor: Actor, parent: Unit, code: str, name: str, kind: str, name_en: str = "", industry: str = ""
) -> Unit:
    """Add a unit beneath another, from today.

    Refuses without `units:unit:edit` in the parent, a malformed or taken code, malformed texts, a parent that has
    ended, and more than 20 levels.
    """
    require(None if authority.may(actor, "units:unit:edit", parent) else refuse("units:unit:not_yours"))
    name, name_en = " ".join(name.split()), " ".join(name_en.split())
    require(
        check_code(code),
        check_name(name),
        check_kind(kind, is_root=False),
        check_length(name_en, MOST_NAME_EN, "name_en"),
        check_length(industry, MOST_INDUSTRY, "industry"),
    )
    try:
        with transaction.atomic():
            lock_tree()
            parent.refresh_from_db()
            require(
                check_place(path="", lowest_depth=1, new_parent_path=parent.path, new_parent_depth=parent.depth),
                refuse("units:unit:ended", code=parent.code) if has_ended(parent) else None,
            )
            unit = _insert(parent, code=code, name=name, name_en=name_en, kind=kind, industry=industry)
            record_change(
                actor=actor,
                verb="units:unit:add",
                thing=unit,
                acting_unit_code=parent.code,
                changes={"code": [None, code], "name": [None, name], "parent_code": [None, parent.code]},
            )
    except IntegrityError:
        require(refuse("units:unit:code_taken", field_name="code", code=code))
        raise
    return unit


def rename_unit(
    *, actor: Actor, unit: Unit, name: str, name_en: str = "", kind: str | None = None, industry: str | None = None
) -> None:
    """Correct what a unit is called and is; its code stays, since files find it by that.

    Refuses without `units:unit:edit` in the unit, and malformed texts.
    """
    require(None if authority.may(actor, "units:unit:edit", unit) else refuse("units:unit:not_yours"))
    wanted = {"name": " ".join(name.split()), "name_en": " ".join(name_en.split())}
    wanted |= {"kind": kind} if kind is not None else {}
    wanted |= {"industry": industry} if industry is not None else {}
    require(
        check_name(wanted["name"]),
        check_length(wanted["name_en"], MOST_NAME_EN, "name_en"),
        check_kind(kind, is_root=unit.parent_id is None) if kind is not None else None,
        check_length(industry or "", MOST_INDUSTRY, "industry"),
    )
    with transaction.atomic():
        lock_tree()
        unit.refresh_from_db()
        changes = {key: [getattr(unit, key), value] for key, value in wanted.items() if getattr(unit, key) != value}
        if not changes:
            return
        Unit.objects.filter(pk=unit.pk).update(**wanted)
        record_change(actor=actor, verb="units:unit:rename", thing=unit, acting_unit_code=unit.code, changes=changes)
    for key, value in wanted.items():
        setattr(unit, key, value)


def move_unit(*, actor: Actor, unit: Unit, parent: Unit, reason: str = "") -> None:
    """Move a unit with everything beneath it to another parent. Emits `UnitMoved`.

    Refuses without `units:unit:edit` in its old and its new parent, a cycle, more than 20 levels, and what has ended.
    """
    require(refuse("units:unit:root_stays") if unit.parent_id is None else None)
    allowed = authority.may(actor, "units:unit:edit", unit.parent) and authority.may(actor, "units:unit:edit", parent)
    require(None if allowed else refuse("units:unit:not_yours"))
    with transaction.atomic():
        lock_tree()
        unit.refresh_from_db()
        parent.refresh_from_db()
        before = unit.parent
        assert before is not None
        if before.pk == parent.pk:
            return
        deepest = Unit.objects.under(unit).aggregate(most=Max("depth"))["most"]
        require(
            check_place(
                path=unit.path,
                lowest_depth=deepest - unit.depth + 1,
                new_parent_path=parent.path,
                new_parent_depth=parent.depth,
            ),
            refuse("units:unit:ended", code=unit.code) if has_ended(unit) else None,
            refuse("units:unit:ended", code=parent.code) if has_ended(parent) else None,
        )
        old_path = unit.path
        Unit.objects.filter(pk=unit.pk).update(parent=parent)
        store_places(
            [
                (f"{parent.path}{unit.pk}/{path.removeprefix(old_path)}", depth + parent.depth + 1 - unit.depth, pk)
                for pk, path, depth in Unit.objects.under(unit).values_list("pk", "path", "depth")
            ]
        )
        unit.refresh_from_db()
        record_change(
            actor=actor,
            verb="units:unit:move",
            thing=unit,
            acting_unit_code=parent.code,
            reason=reason,
            changes={"parent_code": [before.code, parent.code]},
        )
        emit(UnitMoved(unit.pk, old_path, unit.path))


def end_unit(*, actor: Actor, unit: Unit, ends_on: date | None = None, reason: str = "") -> None:
    """Give a unit its last day; `ends_on` (today) is the first on which it is no more. Emits `UnitEnded`.

    Refuses without `units:unit:edit` in its parent, for the federation, while units beneath it go on, and for
    whatever reason other apps have (members, running campaigns).
    """
    require(refuse("units:unit:root_stays") if unit.parent_id is None else None)
    require(None if authority.may(actor, "units:unit:edit", unit.parent) else refuse("units:unit:not_yours"))
    last = ends_on or today()
    with transaction.atomic():
        lock_tree()
        unit.refresh_from_db()
        going_on = Unit.objects.filter(parent=unit).filter(Q(effective_until=None) | Q(effective_until__gt=last))
        count = going_on.count()
        require(
            refuse("units:unit:ended", code=unit.code) if has_ended(unit) else None,
            refuse("units:unit:ends_before_it_begins", field_name="ends_on") if last <= unit.effective_from else None,
            refuse("units:unit:has_children", count=count) if count else None,
            *(check(unit, last) for check in ports.end_checks),
        )
        Unit.objects.filter(pk=unit.pk).update(effective_until=last)
        record_change(
            actor=actor,
            verb="units:unit:end",
            thing=unit,
            acting_unit_code=unit.code,
            reason=reason,
            changes={"effective_until": [None, last.isoformat()]},
        )
        emit(UnitEnded(unit.pk, last.isoformat()))
    unit.effective_until = last


def store_places(places: Iterable[tuple[str, int, int]]) -> None:
    """Write (path, depth) of units by key. One statement prepared once is ten times as fast as `bulk_update`."""
    with connection.cursor() as cursor:
        cursor.executemany("UPDATE units_unit SET path = %s, depth = %s WHERE id = %s", list(places))


def _insert(parent: Unit | None, **fields: Any) -> Unit:
    unit = Unit.objects.create(
        parent=parent,
        path=f"?{random_number()}",  # the key is known only afterwards
        depth=parent.depth + 1 if parent else 1,
        effective_from=today(),
        **fields,
    )
    unit.path = f"{parent.path if parent else ''}{unit.pk}/"
    Unit.objects.filter(pk=unit.pk).update(path=unit.path)
    return unit


def has_ended(unit: Unit) -> bool:
    return unit.effective_until is not None and unit.effective_until <= today()
