"""Giving a role to a member, who need not have signed in yet."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from tradeshall.core import authority
from tradeshall.core.authority import Actor, Role
from tradeshall.core.refusal import refuse, require
from tradeshall.journal.actions import record_change
from tradeshall.people.actions.accounts import create_account
from tradeshall.people.models import Account, Membership
from tradeshall.people.rules import masked
from tradeshall.units.actions.grants import grant_role

if TYPE_CHECKING:
    from tradeshall.units.models import Unit


def give_role(
    *, actor: Actor, membership: Membership, role: Role, unit: Unit, until_at: datetime | None = None
) -> None:
    """Give a member a role in a unit and everything beneath it.

    A line without an account gets one, which only the phone the roster gives now will open. Refuses a member whose
    membership has ended or who has no phone, and whatever `units.actions.grant_role` refuses.
    """
    require(
        None if authority.may(actor, "units:grant:edit", unit) else refuse("people:role:not_yours"),
        refuse("people:role:member_ended") if membership.ended_on is not None else None,
    )
    with transaction.atomic():
        account = membership.account
        if account is None:
            require(None if membership.phone else refuse("people:role:no_phone"))
            account = create_account(actor=actor, phone=membership.phone)
            linked = Membership.objects.filter(pk=membership.pk, account=None).update(account=account)
            require(None if linked else refuse("people:member:changed_meanwhile"))
            membership.account = account
        elif account.phone is None and not account.awaited_phone and membership.phone:
            Account.objects.filter(pk=account.pk).update(awaited_phone=membership.phone)
        grant_role(actor=actor, account=account, role=role, unit=unit, until_at=until_at)


def await_phone(*, actor: Actor, membership: Membership) -> None:
    """Let the phone the roster gives now open the account of a member with a role, who changed their number.

    Refuses an actor who may not give every role the account holds.
    """
    account = membership.account
    require(
        refuse("people:role:no_account") if account is None else None,
        None if membership.phone else refuse("people:role:no_phone"),
    )
    assert account is not None
    held = list(account.grants.current().select_related("unit"))
    covered = all(authority.may(actor, "units:grant:edit", grant.unit) for grant in held)
    allowed = covered and authority.may(actor, "units:grant:edit", membership)
    require(None if allowed else refuse("people:role:not_yours"))
    with transaction.atomic():
        before = account.awaited_phone
        Account.objects.filter(pk=account.pk).update(awaited_phone=membership.phone)
        record_change(
            actor=actor,
            verb="people:account:await_phone",
            thing=account,
            acting_unit_code=membership.unit.code,
            changes={"awaited_phone": [masked(before, 4), masked(membership.phone, 4)]},
        )
