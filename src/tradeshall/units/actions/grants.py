"""Giving and ending roles."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Q

from tradeshall.core import authority, clock
from tradeshall.core.authority import Actor, Role
from tradeshall.core.refusal import refuse, require
from tradeshall.journal.actions import emit, record_change
from tradeshall.units.actions.tree import has_ended, lock_tree
from tradeshall.units.events import RoleChanged
from tradeshall.units.models import Grant, Unit
from tradeshall.units.rules import (
    check_last_administrator,
)

if TYPE_CHECKING:
    pass


def grant_role(
    *,
    actor: Actor,
    account: Any,
    role: Role | str,
    unit: Unit,
    until_at: datetime | None = None,
    campaign_number: str = "",
) -> Grant:
    """Give an account a role in a unit and everything beneath it. Emits `RoleChanged`.

    Refuses an actor who is no administrator of the unit or of one above it, a role held already, an ended unit,
    and an end in the past.
    """
    require(None if authority.may(actor, "units:grant:edit", unit) else refuse("units:grant:not_yours"))
    known = {one.value for one in Role if one is not Role.MEMBER}
    require(
        None if str(role) in known else refuse("units:grant:role_not_given", field_name="role"),
        refuse("units:grant:ends_in_the_past", field_name="until_at")
        if until_at and until_at <= clock.now()
        else None,
    )
    with transaction.atomic():
        lock_tree()
        unit.refresh_from_db(fields=["path", "effective_until"])
        held = Grant.objects.filter(
            Q(until_at=None) | Q(until_at__gt=clock.now()),
            account=account,
            role=str(role),
            unit=unit,
            campaign_number=campaign_number,
        )
        require(
            refuse("units:unit:ended", code=unit.code) if has_ended(unit) else None,
            refuse("units:grant:held_already") if held.exists() else None,
        )
        grant = Grant.objects.create(
            account=account, role=str(role), unit=unit, campaign_number=campaign_number, until_at=until_at
        )
        record_change(
            actor=actor,
            verb="units:grant:give",
            thing=grant,
            acting_unit_code=unit.code,
            changes={
                "account": [None, str(account)],
                "role": [None, str(role)],
                "unit": [None, unit.code],
                "campaign": [None, campaign_number],
                "until": [None, until_at.isoformat() if until_at else None],
            },
        )
        emit(RoleChanged(account.pk, unit.pk, str(role), True))
    return grant


def end_grant(*, actor: Actor, grant: Grant, reason: str = "") -> None:
    """Take a role back, from now on. Emits `RoleChanged`.

    Refuses an actor who is no administrator of the unit or of one above it, a role that has ended, and leaving the
    federation without an open-ended administrator.
    """
    require(None if authority.may(actor, "units:grant:edit", grant.unit) else refuse("units:grant:not_yours"))
    with transaction.atomic():
        lock_tree()
        now = clock.now()
        lasting = Grant.objects.filter(
            role=Role.ADMINISTRATOR.value,
            unit__parent=None,
            campaign_number="",
            until_at=None,
            from_at__lte=now,
            account__is_active=True,
        )
        keys = set(lasting.values_list("pk", flat=True))
        require(check_last_administrator(is_one=grant.pk in keys, others=len(keys) - 1))
        begun = Grant.objects.filter(pk=grant.pk, from_at__lt=now)
        ended = begun.filter(Q(until_at=None) | Q(until_at__gt=now)).update(until_at=now)
        if not ended:  # one that has not begun has never been: the journal keeps it
            ended, _ = Grant.objects.filter(pk=grant.pk, from_at__gte=now).delete()
        require(None if ended else refuse("units:grant:ended_already"))
        record_change(
            actor=actor,
            verb="units:grant:end",
            thing=f"units.grant:{grant.pk}",
            acting_unit_code=grant.unit.code,
            reason=reason,
            changes={"account": [f"account:{grant.account_id}", None], "role": [grant.role, None]},
        )
        emit(RoleChanged(grant.account_id, grant.unit_id, grant.role, False))
