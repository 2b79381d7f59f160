"""What a person agrees to: each purpose apart, dated, and taken back at will."""

from __future__ import annotations

from django.db import transaction

from tradeshall.core import clock
from tradeshall.journal.actions import record_change
from tradeshall.people.models import Account, Consent


def give_consent(*, actor: Account, purpose: str, scope: str = "") -> None:
    """Agree to a purpose (a value of ConsentPurpose, or another app's own); agreeing twice is agreeing once."""
    with transaction.atomic():
        made, created = Consent.objects.get_or_create(
            account=actor, purpose=purpose, scope=scope, revoked_at=None, defaults={"given_at": clock.now()}
        )
        if created:
            record_change(
                actor=actor, verb="people:consent:give", thing=made, changes={purpose: [None, scope or "*"]}
            )


def revoke_consent(*, actor: Account, purpose: str, scope: str = "") -> None:
    """Take an agreement back from this moment on."""
    with transaction.atomic():
        given = Consent.objects.filter(account=actor, purpose=purpose, scope=scope, revoked_at=None).first()
        if given is not None and Consent.objects.filter(pk=given.pk, revoked_at=None).update(revoked_at=clock.now()):
            record_change(
                actor=actor, verb="people:consent:revoke", thing=given, changes={purpose: [scope or "*", None]}
            )
