"""Accounts: how one comes into being, what its owner does with it, and how it ends."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.http import HttpRequest
from django.utils.translation import gettext as _

from tradeshall.core import clock
from tradeshall.core.authority import Actor
from tradeshall.core.refusal import refuse, require
from tradeshall.journal.actions import emit, record_change
from tradeshall.people.events import AccountErased
from tradeshall.people.models import Account, Consent, Membership
from tradeshall.people.ports import send_sms
from tradeshall.people.queries import Openings, holds_role
from tradeshall.people.rules import masked, same_person


def claim_membership(*, phone: str, membership_id: int) -> Account:
    """Return the account of the line of the roster that a person chose after proving the phone it carries.

    A line without an account gets the owner's of that phone if the names agree, else a new one. A line with an
    account brings the phone to it. Whichever other account had the phone keeps its lines, loses the phone, and all
    its sessions end. Refuses `people:account:nothing_opens` when the line does not carry the phone (any more).
    The actor is the person who proved the phone.
    """
    try:
        return _claim(phone=phone, membership_id=membership_id)
    except IntegrityError:  # the same phone was proven twice at once; the other one was first
        require(refuse("people:account:nothing_opens"))
        raise


def _claim(*, phone: str, membership_id: int) -> Account:
    with transaction.atomic():
        openings = Openings(phone)
        found = openings.lines.get(membership_id)
        require(None if found else refuse("people:account:nothing_opens"))
        assert found is not None
        row, line = found
        owner = openings.owner
        if line.holder is not None:
            account = Account.objects.get(pk=line.holder.account_id)
        elif owner is not None and openings.confirmed and same_person(line, owner):
            account = Account.objects.get(pk=owner.account_id)
        else:
            account = Account(language="")
            account.set_unusable_password()
            account.save()
            record_change(actor=account, verb="people:account:create", thing=account, acting_unit_code=row.unit.code)
        if owner is not None and owner.account_id != account.pk:
            _take_phone(actor=account, account_id=owner.account_id, phone=phone)
        if account.phone != phone:
            _bring_phone(account=account, phone=phone)
        if row.account_id is None:
            linked = Membership.objects.filter(pk=row.pk, account=None).update(account=account)
            require(None if linked else refuse("people:account:nothing_opens"))
            record_change(
                actor=account,
                verb="people:member:claim",
                thing=row,
                acting_unit_code=row.unit.code,
                changes={"account": [None, account.pk]},
            )
        return account


def _take_phone(*, actor: Actor, account_id: int, phone: str) -> None:
    """The number is in other hands now."""
    Account.objects.filter(pk=account_id, phone=phone).update(
        phone=None, awaited_phone=phone, session_epoch=F("session_epoch") + 1
    )
    record_change(
        actor=actor,
        verb="people:account:lose_phone",
        thing=f"people.account:{account_id}",
        changes={"phone": [masked(phone, 4), None]},
    )


def _bring_phone(*, account: Account, phone: str) -> None:
    before = account.phone
    account.phone, account.awaited_phone, account.session_epoch = phone, "", account.session_epoch + 1
    account.save(update_fields=["phone", "awaited_phone", "session_epoch"])
    record_change(
        actor=account,
        verb="people:account:gain_phone",
        thing=account,
        changes={"phone": [masked(before or "", 4), masked(phone, 4)]},
    )
    if before:
        text = _(
            "Your sign-in moved to another phone number. If that was not you, tell your unit's organiser at once."
        )
        transaction.on_commit(lambda: send_sms(before, text))


def claim_own_line(*, actor: Account, membership_id: int) -> None:
    """Add a line of the roster to the actor's account: one with the actor's own phone and name, which nobody has."""
    with transaction.atomic():
        openings = Openings(actor.phone or "-")
        found = openings.lines.get(membership_id)
        owner = openings.owner
        fits = (
            found is not None
            and owner is not None
            and owner.account_id == actor.pk
            and found[1].holder is None
            and same_person(found[1], owner)
        )
        require(None if fits else refuse("people:account:nothing_opens"))
        assert found is not None
        row = found[0]
        linked = Membership.objects.filter(pk=row.pk, account=None).update(account=actor.pk)
        require(None if linked else refuse("people:account:nothing_opens"))
        record_change(
            actor=actor,
            verb="people:member:claim",
            thing=row,
            acting_unit_code=row.unit.code,
            changes={"account": [None, actor.pk]},
        )


def set_password(*, actor: Account, password: str) -> None:
    """Give the actor's account a password; every session of it ends, and the caller renews its own.

    Refuses `people:account:password_weak` with the reasons.
    """
    try:
        validate_password(password, actor)
    except ValidationError as error:
        require(refuse("people:account:password_weak", field_name="password", reasons=" ".join(error.messages)))
    with transaction.atomic():
        actor.set_password(password)
        actor.session_epoch += 1
        actor.save(update_fields=["password", "session_epoch"])
        record_change(actor=actor, verb="people:account:set_password", thing=actor)


def drop_password(*, actor: Account) -> None:
    """Take the password away: from now on the actor signs in by codes alone. Every session ends."""
    with transaction.atomic():
        actor.set_unusable_password()
        actor.session_epoch += 1
        actor.save(update_fields=["password", "session_epoch"])
        record_change(actor=actor, verb="people:account:drop_password", thing=actor)


def end_sessions(*, actor: Actor, account_id: int, reason: str = "") -> None:
    """End every session of an account, the present one included."""
    with transaction.atomic():
        Account.objects.filter(pk=account_id).update(session_epoch=F("session_epoch") + 1)
        record_change(
            actor=actor, verb="people:account:end_sessions", thing=f"people.account:{account_id}", reason=reason
        )


def set_language(*, actor: Account, language: str) -> None:
    """Remember the language an account reads in; not journalled, since it is nobody else's business."""
    Account.objects.filter(pk=actor.pk).update(language=language)
    actor.language = language


def remember_language(request: HttpRequest, code: str) -> None:
    """Keep a language that was chosen in the masthead with whoever is signed in."""
    if request.user.is_authenticated:
        set_language(actor=request.user, language=code)


def record_second_factor(*, actor: Account, added: bool) -> None:
    """Write down that the actor put an authenticator app before their account, or took it away."""
    with transaction.atomic():
        verb = "people:account:add_second_factor" if added else "people:account:drop_second_factor"
        record_change(actor=actor, verb=verb, thing=actor)


def erase_account(*, actor: Account) -> None:
    """Forget a person: the account loses everything that names them, its lines of the roster and its sessions.

    What was counted stays counted, under nobody's name. The line of the roster belongs to the unit and stays there.
    Refuses `people:account:has_role`. Emits AccountErased.
    """
    with transaction.atomic():
        require(refuse("people:account:has_role") if holds_role(actor.pk) else None)
        lines = list(Membership.objects.filter(account=actor.pk).values_list("pk", flat=True))
        Membership.objects.filter(account=actor.pk).update(account=None)
        Consent.objects.filter(account=actor.pk, revoked_at=None).update(revoked_at=clock.now())
        Authenticator.objects.filter(user=actor.pk).delete()
        actor.set_unusable_password()
        Account.objects.filter(pk=actor.pk).update(
            phone=None,
            awaited_phone="",
            email="",
            language="",
            password=actor.password,
            last_login=None,
            is_active=False,
            session_epoch=F("session_epoch") + 1,
        )
        record_change(actor=actor, verb="people:account:erase", thing=actor)
        emit(AccountErased(actor.pk, lines))


def create_account(*, actor: Actor, phone: str) -> Account:
    """Return a new account that only a phone yet to be proven will open; for a role given before any sign-in."""
    account = Account(awaited_phone=phone)
    account.set_unusable_password()
    with transaction.atomic():
        account.save()
        record_change(actor=actor, verb="people:account:create", thing=account)
    return account
