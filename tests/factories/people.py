"""Accounts and members for tests."""

from __future__ import annotations

import itertools
from datetime import date
from typing import Any

from tests.factories.units import make_grant, make_unit

from tradeshall.core.authority import Role
from tradeshall.people.models import Account, Membership
from tradeshall.units.models import Unit

_numbers = itertools.count(1)


def make_account(
    *, phone: str | None = None, role: Role | None = None, unit: Unit | None = None, **fields: Any
) -> Account:
    """Return an account with an unusable password; with `role`, it holds that role in `unit`."""
    account = Account(phone=phone or f"199{next(_numbers):08d}", **fields)
    account.set_unusable_password()
    account.save()
    if role is not None:
        make_grant(account, role, unit)
    return account


def make_member(
    *, unit: Unit | None = None, member_no: str = "", name: str = "", account: Account | None = None, **fields: Any
) -> Membership:
    """Return a line of the roster, without an account unless one is given."""
    number = next(_numbers)
    fields.setdefault("joined_on", date(2020, 1, 1))
    return Membership.objects.create(
        unit=unit or make_unit(),
        member_no=member_no or f"HC{number:07d}",
        name=name or f"会员{number}",
        account=account,
        **fields,
    )
