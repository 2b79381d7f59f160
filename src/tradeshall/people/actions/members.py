"""Lines of the roster, by hand."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction

from tradeshall.core import authority
from tradeshall.core.authority import Actor
from tradeshall.core.refusal import refuse, require
from tradeshall.journal.actions import emit, record_change
from tradeshall.people.events import MembershipEnded
from tradeshall.people.models import Membership
from tradeshall.people.queries import holds_role, today
from tradeshall.people.rules import check_end, check_member, check_phone_change, masked, masked_name, normal_phone

if TYPE_CHECKING:
    from tradeshall.units.models import Unit

VEILED = {"phone", "email"}


def add_member(
    *, actor: Actor, unit: Unit, member_no: str, name: str, joined_on: date, phone: str = "", email: str = ""
) -> Membership:
    """Put a person on the roster of a unit.

    Refuses without `people:member:edit` in the unit, a malformed line, and a member number that is taken.
    """
    require(None if authority.may(actor, "people:member:edit", unit) else refuse("people:member:not_yours"))
    member_no, name, number = member_no.strip(), " ".join(name.split()), normal_phone(phone)
    require(
        *check_member(
            member_no=member_no,
            name=name,
            phone=number,
            joined_on=joined_on,
            today=today(),
            typed_phone=phone.strip(),
        )
    )
    require(
        None if unit.effective_until is None or unit.effective_until > today() else refuse("people:member:unit_ended")
    )
    try:
        with transaction.atomic():
            row = Membership.objects.create(
                unit=unit, member_no=member_no, name=name, phone=number, email=email.strip(), joined_on=joined_on
            )
            record_change(
                actor=actor,
                verb="people:member:add",
                thing=row,
                acting_unit_code=unit.code,
                changes={"name": [None, masked_name(name)], "phone": [None, masked(number, 4)]},
            )
    except IntegrityError:
        require(refuse("people:member:number_taken", field_name="member_no", number=member_no))
        raise
    return row


def edit_member(
    *, actor: Actor, membership: Membership, name: str, joined_on: date, phone: str = "", email: str = ""
) -> None:
    """Correct a line of the roster. The member number stays: it is how files find the line.

    Refuses without `people:member:edit`, a malformed line, and the phone of a role holder without
    `units:grant:edit`, since that phone opens the role.
    """
    require(None if authority.may(actor, "people:member:edit", membership) else refuse("people:member:not_yours"))
    name, number = " ".join(name.split()), normal_phone(phone)
    require(
        *check_member(
            member_no=membership.member_no,
            name=name,
            phone=number,
            joined_on=joined_on,
            today=today(),
            typed_phone=phone.strip(),
        ),
        check_phone_change(
            before=membership.phone,
            after=number,
            holds_role=holds_role(membership.account_id),
            may_grant=authority.may(actor, "units:grant:edit", membership),
        ),
        refuse("people:member:ends_before_it_began", field_name="joined_on", day=joined_on)
        if membership.ended_on is not None and membership.ended_on < joined_on
        else None,
    )
    after = {"name": name, "phone": number, "email": email.strip(), "joined_on": joined_on}
    changes = {field: [getattr(membership, field), value] for field, value in after.items()}
    changes = {field: pair for field, pair in changes.items() if pair[0] != pair[1]}
    if not changes:
        return
    with transaction.atomic():
        Membership.objects.filter(pk=membership.pk).update(**{field: pair[1] for field, pair in changes.items()})
        record_change(
            actor=actor,
            verb="people:member:edit",
            thing=membership,
            acting_unit_code=membership.unit.code,
            changes={field: [_veiled(field, value) for value in pair] for field, pair in changes.items()},
        )
    for field, pair in changes.items():
        setattr(membership, field, pair[1])


def end_membership(*, actor: Actor, membership: Membership, ended_on: date, reason: str = "") -> None:
    """End a membership; `ended_on` is the first day on which the person is no member. The line stays.

    Refuses without `people:member:edit`, one that has ended, and a day before it began. Emits MembershipEnded.
    """
    require(None if authority.may(actor, "people:member:edit", membership) else refuse("people:member:not_yours"))
    require(*check_end(joined_on=membership.joined_on, ended_on=membership.ended_on, ends_on=ended_on))
    with transaction.atomic():
        rows = Membership.objects.filter(pk=membership.pk, ended_on=membership.ended_on)
        require(None if rows.update(ended_on=ended_on) else refuse("people:member:changed_meanwhile"))
        record_change(
            actor=actor,
            verb="people:member:end",
            thing=membership,
            acting_unit_code=membership.unit.code,
            reason=reason.strip()[:400],
            changes={"ended_on": [_veiled("ended_on", membership.ended_on), ended_on.isoformat()]},
        )
        emit(MembershipEnded(membership.pk))
    membership.ended_on = ended_on


def resume_membership(*, actor: Actor, membership: Membership) -> None:
    """Undo the end of a membership, for one that was ended by mistake."""
    require(None if authority.may(actor, "people:member:edit", membership) else refuse("people:member:not_yours"))
    require(refuse("people:member:not_ended") if membership.ended_on is None else None)
    with transaction.atomic():
        rows = Membership.objects.filter(pk=membership.pk, ended_on=membership.ended_on)
        require(None if rows.update(ended_on=None) else refuse("people:member:changed_meanwhile"))
        record_change(
            actor=actor,
            verb="people:member:resume",
            thing=membership,
            acting_unit_code=membership.unit.code,
            changes={"ended_on": [_veiled("ended_on", membership.ended_on), None]},
        )
    membership.ended_on = None


def _veiled(field: str, value: object) -> object:
    """Return a value as the journal keeps it: it is never erased, so it holds no contact."""
    if field in VEILED:
        return masked(str(value), 4)
    if field == "name":
        return masked_name(str(value))
    return value.isoformat() if isinstance(value, date) else value
