"""Units and grants for tests. What is not given is made up; nothing is made that was not asked for,
except the federation, without which there is no tree."""

from __future__ import annotations

import itertools
from datetime import date
from typing import Any

from django.core.cache import cache

from tradeshall.core.authority import Role
from tradeshall.core.ids import random_number
from tradeshall.units.enums import UnitKind
from tradeshall.units.models import Federation, Grant, Unit
from tradeshall.units.queries import ZONE_KEY

LONG_AGO = date(2020, 1, 1)
_numbers = itertools.count(1)


def make_federation(
    *, code: str = "HC", name: str = "海川市总工会", time_zone: str = "Asia/Shanghai", **fields: Any
) -> Unit:
    """Return the root of the tree, with its federation row; the one there is, if there is one."""
    root = Unit.objects.filter(parent=None).first()
    if root is None:
        root = _insert(None, code=code, name=name, kind=UnitKind.FEDERATION.value, **fields)
        Federation.objects.create(unit=root, time_zone=time_zone)
    cache.set(ZONE_KEY, Federation.objects.values_list("time_zone", flat=True).get(), 300)
    return root


def make_unit(
    *, parent: Unit | None = None, code: str = "", name: str = "", kind: UnitKind = UnitKind.BRANCH, **fields: Any
) -> Unit:
    """Return a new unit beneath `parent`, or beneath the federation."""
    number = next(_numbers)
    return _insert(
        parent or make_federation(),
        code=code or f"U{number}",
        name=name or f"第{number}工会",
        kind=kind.value,
        **fields,
    )


def make_family() -> dict[str, Unit]:
    """Return units around one: root, parent, own, child, sibling, and a stranger beneath another parent."""
    root = make_federation()
    parent = make_unit(parent=root, kind=UnitKind.REGIONAL)
    own = make_unit(parent=parent)
    return {
        "root": root,
        "parent": parent,
        "own": own,
        "child": make_unit(parent=own, kind=UnitKind.GROUP),
        "sibling": make_unit(parent=parent),
        "stranger": make_unit(parent=make_unit(parent=root, kind=UnitKind.REGIONAL)),
    }


def make_grant(account: Any, role: Role = Role.ORGANISER, unit: Unit | None = None, **fields: Any) -> Grant:
    """Return a grant of a role in a unit (the federation, if none is given)."""
    return Grant.objects.create(account=account, role=role.value, unit=unit or make_federation(), **fields)


def _insert(parent: Unit | None, **fields: Any) -> Unit:
    fields.setdefault("effective_from", LONG_AGO)
    unit = Unit.objects.create(
        parent=parent, path=f"?{random_number()}", depth=parent.depth + 1 if parent else 1, **fields
    )
    unit.path = f"{parent.path if parent else ''}{unit.pk}/"
    unit.save(update_fields=["path"])
    return unit
