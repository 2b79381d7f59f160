"""Reading people: whose membership is whose, who may see whom, and what a person may take home about themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import reduce
from operator import or_
from typing import Any

from django.core.cache import cache
from django.db.models import Count, Q
from django.http import HttpRequest
from django.utils.translation import get_language, gettext

from tradeshall.core import authority, clock
from tradeshall.core.authority import Actor, Role
from tradeshall.core.refusal import Refusal, refuse
from tradeshall.people.enums import MembershipState
from tradeshall.people.models import Account, Consent, Membership, MembershipQuerySet
from tradeshall.people.rules import Holder, Line, normal_phone, opens_account, opens_line, same_person
from tradeshall.units.queries import federation_zone, name_of_federation
from tradeshall.units.rules import Held

ACTING_KEY = "membership"
COUNT_KEY = "people:members:"
LARGE = 10_000


def today() -> date:
    """Return the day it is in the federation."""
    return clock.day_of(clock.now(), federation_zone())


def memberships_of(account: Any) -> list[Membership]:
    """Return an account's current memberships with their units; read once for each account object."""
    if not getattr(account, "is_authenticated", False) or account.pk is None:
        return []
    known: list[Membership] | None = getattr(account, "_memberships", None)
    if known is None:
        known = list(Membership.objects.current().filter(account=account.pk).select_related("unit"))
        account._memberships = known
    return known


def signed_in(request: HttpRequest) -> Account:
    """Return the account that is signed in; for views whose route lets nobody else in."""
    assert isinstance(request.user, Account)
    return request.user


def acting_membership(request: HttpRequest) -> Membership | None:
    """Return the membership the person acts for: the one they chose, else their first; None without any."""
    mine = memberships_of(request.user)
    chosen = request.session.get(ACTING_KEY) if len(mine) > 1 else None
    return next((one for one in mine if one.pk == chosen), mine[0] if mine else None)


def house_name(request: HttpRequest) -> str:
    """Return whose house this is: the reader's unit, else the federation."""
    membership = acting_membership(request) if hasattr(request, "user") else None
    if membership is not None:
        return in_language(membership.unit)
    return name_of_federation(get_language() or "") or gettext("Tradeshall")


def in_language(unit: Any) -> str:
    """Return a unit's name in the reader's language, where it has one."""
    return str(unit.name_en if unit.name_en and (get_language() or "").startswith("en") else unit.name)


def held_as_member(actor: Actor) -> Iterator[Held]:
    """Return the roles that follow from an actor's memberships: member in the very unit, not beneath it."""
    for membership in memberships_of(actor):
        yield Held(Role.MEMBER, membership.unit.path, whole_subtree=False)


def members_visible_to(actor: Actor, code: str = "people:member:view") -> MembershipQuerySet:
    """Return the lines of the roster with which an actor may do what `code` names."""
    return authority.scope(actor, code, Membership.objects.all(), unit="unit")


def search_members(rows: MembershipQuerySet, *, text: str, state: MembershipState) -> MembershipQuerySet:
    """Keep the lines that match a member number, a name, or a whole phone number, in a state."""
    if state is MembershipState.CURRENT:
        rows = rows.current()
    elif state is MembershipState.ENDED:
        rows = rows.exclude(pk__in=rows.current().values("pk"))
    words = text.strip()
    if words:
        match = Q(member_no__istartswith=words) | Q(name__icontains=words)
        phone = normal_phone(words)
        rows = rows.filter(match | Q(phone=phone) if phone else match)
    return rows


def check_no_members(unit: Any, last: date) -> Refusal | None:
    """Refuse to end a unit while it has members on that day."""
    rows = Membership.objects.filter(Q(ended_on=None) | Q(ended_on__gt=last), unit=unit)
    count = rows.count()
    return refuse("people:member:unit_has_members", count=count) if count else None


def count_members_by_unit(path_prefix: str) -> dict[int, int]:
    """Return how many current members each unit beneath a path has itself, by the unit's id."""
    rows = Membership.objects.current().filter(unit__path__startswith=path_prefix)
    return dict(rows.order_by().values_list("unit_id").annotate(Count("pk")))


def count_members_beneath(paths: Iterable[str]) -> dict[str, int]:
    """Return how many current members there are in the unit at each of some paths and beneath it; one query."""
    chosen = {path: Q(unit__path__startswith=path) for path in paths}
    if not chosen:
        return {}
    rows = Membership.objects.current().filter(reduce(or_, chosen.values()))
    counts = [Count("pk", filter=one) for one in chosen.values()]
    found = rows.aggregate(**{f"at_{place}": count for place, count in enumerate(counts)})
    return {path: found[f"at_{place}"] for place, path in enumerate(chosen)}


def count_members_of(units: Iterable[Any]) -> dict[int, int]:
    """Return how many current members each of some units has, itself and everything beneath it.

    Large figures may be a minute old: counting ten thousand people again for every look is not worth it.
    """
    wanted = {unit.path: unit.pk for unit in units}
    known: dict[str, int] = cache.get_many([f"{COUNT_KEY}{path}" for path in wanted]) if wanted else {}
    counts = {key: known.get(f"{COUNT_KEY}{path}", 0) for path, key in wanted.items()}
    missing = {path: key for path, key in wanted.items() if f"{COUNT_KEY}{path}" not in known}
    if not missing:
        return counts
    depths = sorted({path.count("/") for path in missing})
    rows = Membership.objects.current().filter(unit__path__startswith=_common_prefix(missing))
    for path, count in rows.order_by().values_list("unit__path").annotate(Count("pk")):
        parts = path.split("/")
        for depth in depths:
            found = missing.get("/".join(parts[:depth]) + "/") if depth < len(parts) else None
            if found is not None:
                counts[found] += count
    large = {f"{COUNT_KEY}{path}": counts[key] for path, key in missing.items() if counts[key] >= LARGE}
    if large:
        cache.set_many(large, 60)
    return counts


def _common_prefix(paths: Iterable[str]) -> str:
    split = [path.split("/")[:-1] for path in paths]
    shared = []
    for parts in zip(*split, strict=False):
        if len(set(parts)) > 1:
            break
        shared.append(parts[0])
    return "".join(f"{part}/" for part in shared)


def holds_role(account_id: int | None) -> bool:
    """Answer whether an account holds a role in a unit now."""
    if account_id is None:
        return False
    now = clock.now()
    return Account.objects.filter(
        Q(grants__until_at=None) | Q(grants__until_at__gt=now), pk=account_id, grants__from_at__lte=now
    ).exists()


def names_of_accounts(account_ids: Iterable[int]) -> dict[int, str]:
    """Return the name on the roster of each account that has one."""
    rows = Membership.objects.filter(account__in=list(account_ids)).order_by("pk")
    return dict(rows.values_list("account_id", "name"))


def account_opened_by(phone: str) -> Account | None:
    """Return the account that a proven phone opens without any choice."""
    openings = Openings(phone)
    if openings.owner is None or not openings.opens_at_once:
        return None
    return Account.objects.get(pk=openings.owner.account_id)


def holders(account_ids: Iterable[int]) -> dict[int, Holder]:
    """Return what the sign-in rules need to know of some accounts, by account id.

    Three queries, even for none: whoever measures the time learns nothing.
    """
    ids = list(account_ids) or [0]
    now = clock.now()
    held_now = Q(grants__from_at__lte=now) & (Q(grants__until_at=None) | Q(grants__until_at__gt=now))
    with_role = set(Account.objects.filter(held_now, pk__in=ids).values_list("pk", flat=True))
    lines: dict[int, list[tuple[str, str]]] = {}
    current = Membership.objects.current().filter(account__in=ids)
    for account_id, phone, name in current.values_list("account_id", "phone", "name"):
        lines.setdefault(account_id, []).append((phone, name))
    return {
        account.pk: Holder(
            account.pk,
            account.phone,
            account.awaited_phone,
            account.pk in with_role,
            tuple(lines.get(account.pk, ())),
        )
        for account in Account.objects.filter(pk__in=ids, is_active=True)
    }


class Openings:
    """What a proven phone opens: an account straight away, lines of the roster to choose from, or nothing."""

    def __init__(self, phone: str) -> None:
        self.phone = phone
        rows = list(Membership.objects.current().filter(phone=phone).select_related("unit"))
        owner = Account.objects.filter(phone=phone, is_active=True).values_list("pk", flat=True).first()
        known = holders({row.account_id for row in rows if row.account_id} | ({owner} if owner else set()))
        self.owner = known.get(owner) if owner else None
        self.confirmed = self.owner is not None and opens_account(phone, self.owner)
        self.lines = {
            row.pk: (row, line)
            for row in rows
            if row.account_id is None or row.account_id in known
            if opens_line(phone, line := Line(row.pk, row.name, known.get(row.account_id)))  # type: ignore[arg-type]
        }

    @property
    def offered(self) -> list[Membership]:
        """The lines among which the person chooses."""
        return [row for row, _ in self.lines.values()]

    @property
    def others(self) -> list[Membership]:
        """The lines that do not belong to the owner's account, nor to the owner as far as names tell."""
        assert self.owner is not None
        return [
            row
            for row, line in self.lines.values()
            if (line.holder != self.owner if line.holder else not same_person(line, self.owner))
        ]

    @property
    def opens_at_once(self) -> bool:
        """Whether there is nothing to choose."""
        return self.confirmed and not self.others

    def __bool__(self) -> bool:
        return self.confirmed or bool(self.lines)


def unclaimed_lines_of(account: Account) -> list[Membership]:
    """Return current lines of the roster that carry an account's own phone, bear its name and have no account."""
    if not account.phone:
        return []
    rows = Membership.objects.current().filter(phone=account.phone, account=None).select_related("unit")
    found = list(rows)
    if not found:
        return []
    holder = holders([account.pk])[account.pk]
    return [row for row in found if same_person(Line(row.pk, row.name, None), holder)]


def consents_of(account: Account) -> list[Consent]:
    """Return everything an account ever agreed to, the newest first."""
    return list(Consent.objects.filter(account=account).order_by("-given_at", "-pk"))


def gave_consent(account_ids: Iterable[int], purpose: str, scope: str = "") -> set[int]:
    """Return those of some accounts who agree to a purpose now."""
    rows = Consent.objects.filter(account__in=list(account_ids), purpose=purpose, scope=scope, revoked_at=None)
    return set(rows.values_list("account_id", flat=True))


_export_sources: dict[str, Callable[[Account, list[Membership]], object]] = {}


def add_export_source(name: str, source: Callable[[Account, list[Membership]], object]) -> None:
    """Add what another app keeps about a person to their export; the value must be what JSON can carry."""
    _export_sources[name] = source


def export_person(account: Account) -> dict[str, object]:
    """Return everything kept about a person, as JSON can carry it."""
    memberships = list(Membership.objects.filter(account=account).select_related("unit"))
    return {
        "exported_at": clock.now().isoformat(),
        "account": {
            "number": account.pk,
            "phone": account.phone,
            "email": account.email,
            "language": account.language,
            "created_at": account.created_at.isoformat(),
            "last_sign_in_at": account.last_login.isoformat() if account.last_login else None,
        },
        "memberships": [
            {
                "member_no": row.member_no,
                "name": row.name,
                "phone": row.phone,
                "email": row.email,
                "unit_code": row.unit.code,
                "unit": row.unit.name,
                "joined_on": row.joined_on.isoformat(),
                "ended_on": row.ended_on.isoformat() if row.ended_on else None,
            }
            for row in memberships
        ],
        "roles": [
            {
                "role": grant.role,
                "unit": grant.unit.name,
                "from_at": grant.from_at.isoformat(),
                "until_at": grant.until_at.isoformat() if grant.until_at else None,
            }
            for grant in account.grants.select_related("unit").order_by("pk")
        ],
        "consents": [
            {
                "purpose": consent.purpose,
                "scope": consent.scope,
                "given_at": consent.given_at.isoformat(),
                "revoked_at": consent.revoked_at.isoformat() if consent.revoked_at else None,
            }
            for consent in consents_of(account)
        ],
        **{name: source(account, memberships) for name, source in _export_sources.items()},
    }
