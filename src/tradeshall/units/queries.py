"""Reading the tree."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, date, tzinfo
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.core.cache import cache
from django.db.models import Case, Count, OuterRef, Q, Subquery, When
from django.db.models.functions import Coalesce

from tradeshall.core import authority, clock
from tradeshall.core.authority import Actor
from tradeshall.units.models import Federation, Grant, GrantQuerySet, Unit, UnitQuerySet
from tradeshall.units.permissions import holdings_of, paths_of
from tradeshall.units.rules import Held, Known

ZONE_KEY = "units:federation-zone"
NAME_KEY = "units:federation-name"


def federation_zone() -> tzinfo:
    """Return the federation's time zone; UTC before there is a federation."""
    name = cache.get(ZONE_KEY)
    if name is None:
        name = Federation.objects.values_list("time_zone", flat=True).first()
        if name is None:
            return UTC
        cache.set(ZONE_KEY, name, 300)
    return ZoneInfo(name)


def name_of_federation(language: str) -> str:
    """Return the federation's name in a language; "" before there is a federation."""
    names = cache.get(NAME_KEY)
    if names is None:
        names = Unit.objects.filter(parent=None).values_list("name", "name_en").first()
        if names is None:
            return ""
        cache.set(NAME_KEY, names, 60)
    name, name_en = names
    return str(name_en if name_en and language.startswith("en") else name)


def units_visible_to(actor: Actor, code: str = "units:unit:view") -> UnitQuerySet:
    """Return the units in which an actor may do what `code` names."""
    return authority.scope(actor, code, Unit.objects.all(), unit="")


def children_of(unit: Unit) -> UnitQuerySet:
    """Return the units directly beneath one, by code; each carries `children_count`, those not ended."""
    return with_children_count(Unit.objects.filter(parent=unit).order_by("code"))


def with_children_count(units: UnitQuerySet) -> UnitQuerySet:
    """Return units that carry `children_count`: how many are directly beneath each and have not ended."""
    current = Unit.objects.current().filter(parent=OuterRef("pk")).order_by()
    counted = current.values("parent").annotate(n=Count("pk")).values("n")
    return units.annotate(children_count=Coalesce(Subquery(counted), 0))


def keys_above(path: str) -> list[int]:
    """Return the keys of the units above the one at a path, the federation's first."""
    return [int(key) for key in path.split("/")[:-2]]


def ancestors_of(unit: Unit) -> list[Unit]:
    """Return the units above one, the federation first."""
    keys = keys_above(unit.path)
    found = Unit.objects.in_bulk(keys)
    return [found[key] for key in keys]


def search_units(actor: Actor, text: str, *, code: str = "units:unit:view", limit: int = 50) -> list[Unit]:
    """Return units an actor may see whose code begins with a text or whose name holds it, codes first."""
    text = " ".join(text.split())
    if not text:
        return []
    rows = units_visible_to(actor, code).filter(
        Q(code__istartswith=text) | Q(name__icontains=text) | Q(name_en__icontains=text)
    )
    exact = Case(When(code__iexact=text, then=0), When(code__istartswith=text, then=1), default=2)
    return list(rows.annotate(order=exact).order_by("order", "code")[:limit])


def unit_by_code(code: str) -> Unit | None:
    """Return the unit with a code, for commands of the operator."""
    return Unit.objects.filter(code=code).first()


def root_unit() -> Unit | None:
    """Return the federation itself, the root of the tree; None before `init`."""
    return Unit.objects.filter(parent=None).first()


def grants_visible_to(actor: Actor, code: str = "units:grant:view") -> GrantQuerySet:
    """Return the grants in units where an actor may see them, newest first."""
    return authority.scope(actor, code, Grant.objects.all(), unit="unit").order_by("-from_at", "-pk")


def accounts_with_roles(account_ids: Iterable[int]) -> set[int]:
    """Return those of the accounts that hold any role now or will."""
    return set(
        Grant.objects.filter(account_id__in=list(account_ids))
        .filter(Q(until_at=None) | Q(until_at__gt=clock.now()))
        .values_list("account_id", flat=True)
    )


def today() -> date:
    """Return the day it is in the federation."""
    return clock.day_of(clock.now(), federation_zone())


def tree() -> dict[str, Known]:
    """Return every unit by code, as imports see it; about half a kilobyte each."""
    now = today()
    fields = ("pk", "code", "name", "name_en", "kind", "industry", "parent_id", "path", "depth", "effective_until")
    rows = list(Unit.objects.order_by().values_list(*fields))
    codes = {row[0]: row[1] for row in rows}
    return {
        row[1]: Known(
            pk=row[0],
            code=row[1],
            name=row[2],
            name_en=row[3],
            kind=row[4],
            industry=row[5],
            parent_code=codes[row[6]] if row[6] is not None else "",
            path=row[7],
            depth=row[8],
            is_ended=row[9] is not None and row[9] <= now,
        )
        for row in rows
    }


def unsound_units() -> list[str]:
    """Return the codes of units whose path or depth does not follow from their parent's; none, if all is well."""
    places = {
        pk: (code, parent, path, depth)
        for pk, code, parent, path, depth in Unit.objects.order_by().values_list(
            "pk", "code", "parent_id", "path", "depth"
        )
    }
    found = []
    for pk, (code, parent, path, depth) in places.items():
        _, _, above, above_depth = places[parent] if parent is not None else ("", None, "", 0)
        if path != f"{above}{pk}/" or depth != above_depth + 1:
            found.append(code)
    return found


def paths_reached(actor: Actor, code: str) -> list[str] | None:
    """Return the paths under which an actor may do what `code` names in every campaign; None: everywhere."""
    return paths_of(actor, code)


def reaches_from(paths: list[str] | None) -> Callable[[str], bool]:
    """Return a function that answers whether a unit's path lies under one of these; None: everywhere."""
    beginnings = None if paths is None else tuple(paths)
    return lambda path: beginnings is None or path.startswith(beginnings)


def holdings(actor: Actor, code: str) -> list[Held]:
    """Return where an actor may do what `code` names, and in which campaign alone, if their role says so."""
    return holdings_of(actor, code)


def above(actor: Actor, code: str, *, unit: str, campaign: str = "") -> Q:
    """Return what chooses rows of the units strictly above those in which an actor may do what `code` names.

    `unit` and `campaign` are lookup paths as for `authority.scope`. What lies in the actor's own units is not chosen,
    nor what only lies beside them.
    """
    chosen = Q(pk__in=[])
    for one in holdings_of(actor, code):
        if one.campaign_number and not campaign:
            continue
        limit = {campaign: one.campaign_number} if one.campaign_number else {}
        chosen |= Q(**{f"{unit}__in": keys_above(one.path)}, **limit)
    return chosen


def units_at(paths: Iterable[str]) -> list[Unit]:
    """Return the units at some paths, those nearer the federation first."""
    return list(Unit.objects.filter(path__in=list(paths)).order_by("depth", "code"))


class Place(NamedTuple):
    """Where a unit stands, for those who only need to put something there."""

    pk: int
    code: str
    path: str
    is_ended: bool


def places(*, codes: Iterable[str] = (), keys: Iterable[int] = ()) -> list[Place]:
    """Return the places of units by code or by key, in one query; absent ones are left out."""
    now = today()
    rows = Unit.objects.filter(Q(code__in=list(codes)) | Q(pk__in=list(keys))).order_by()
    return [
        Place(pk, code, path, until is not None and until <= now)
        for pk, code, path, until in rows.values_list("pk", "code", "path", "effective_until")
    ]


def codes_with_zeros(codes: Iterable[str]) -> dict[str, str]:
    """Return, for each code of digits alone, the one unit's code that differs by leading zeros only, if any."""
    digits = [code for code in codes if code.isascii() and code.isdigit()]
    longer = {f"{'0' * zeros}{code}": code for code in digits for zeros in range(1, 9)}
    found: dict[str, list[str]] = {}
    for code in Unit.objects.filter(code__in=list(longer)).order_by().values_list("code", flat=True):
        found.setdefault(longer[code], []).append(code)
    return {short: meant[0] for short, meant in found.items() if len(meant) == 1}


def unit_ids_beneath(path: str, most: int) -> list[int]:
    """Return the ids of up to so many units at or beneath a path, those without units of their own."""
    beneath = Unit.objects.filter(path__startswith=path)
    parents = beneath.filter(parent__isnull=False).order_by().values("parent")
    return list(beneath.exclude(pk__in=parents).order_by("pk").values_list("pk", flat=True)[:most])
