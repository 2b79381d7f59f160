"""Memberships, the accounts people sign in with, and what they consent to."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.utils.crypto import salted_hmac

from tradeshall.core import clock
from tradeshall.web import ports


class AccountManager(BaseUserManager["Account"]):
    pass


class Account(AbstractBaseUser):
    """How a person signs in. It comes into being when a phone is proven, or when a role is given to a member."""

    phone = models.CharField(max_length=20, null=True, unique=True)  # noqa: DJ001 (proven digits; unique, and many have none)
    email = models.EmailField(blank=True)
    language = models.CharField(max_length=10, blank=True)
    awaited_phone = models.CharField(max_length=20, blank=True)  # that of the roster when a role was given
    session_epoch = models.PositiveIntegerField(default=0)  # part of every session's hash: one more ends them all
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=clock.now)

    USERNAME_FIELD = "phone"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = AccountManager()

    def __str__(self) -> str:
        return f"account:{self.pk}"

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        key_salt = "tradeshall.people.models.Account.session"
        return salted_hmac(
            key_salt, f"{self.session_epoch}:{self.password}", secret=secret, algorithm="sha256"
        ).hexdigest()


class MembershipQuerySet(models.QuerySet["Membership"]):
    def current(self) -> MembershipQuerySet:
        today = clock.day_of(clock.now(), ports.zone())
        return self.filter(Q(ended_on=None) | Q(ended_on__gt=today))


class Membership(models.Model):
    """A line of the roster: a person is a member before they ever sign in."""

    member_no = models.CharField(max_length=32, unique=True)
    name = models.CharField(max_length=60)
    phone = models.CharField(max_length=20, blank=True, db_index=True)  # as the roster says, not proven
    email = models.EmailField(blank=True)
    unit = models.ForeignKey("units.Unit", on_delete=models.PROTECT, related_name="memberships")
    joined_on = models.DateField()
    ended_on = models.DateField(null=True, blank=True)  # the first day on which it is no more
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="memberships"
    )

    objects = MembershipQuerySet.as_manager()

    class Meta:
        ordering = ["member_no"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=F("joined_on")),
                name="membership_ends_after_it_begins",
            ),
        ]
        indexes = [models.Index(fields=["unit", "ended_on"])]

    def __str__(self) -> str:
        return f"{self.member_no} {self.name}"

    @property
    def unit_path(self) -> str:
        return self.unit.path


class Consent(models.Model):
    """One purpose a person agreed to, and when; revoked, never deleted."""

    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="consents")
    purpose = models.CharField(max_length=40)
    scope = models.CharField(max_length=40, blank=True)  # a campaign's number, or "" for everywhere
    given_at = models.DateTimeField(default=clock.now)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "purpose", "scope"], condition=Q(revoked_at=None), name="consent_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} of account:{self.account_id}"
