"""The tree and the grants."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from tradeshall.core import clock
from tradeshall.core.authority import Role
from tradeshall.units.enums import MOST_LEVELS, UnitKind
from tradeshall.web import ports


class UnitQuerySet(models.QuerySet["Unit"]):
    def under(self, unit: Unit) -> UnitQuerySet:
        """Keep a unit and everything beneath it."""
        return self.filter(path__startswith=unit.path)

    def current(self) -> UnitQuerySet:
        today = clock.day_of(clock.now(), ports.zone())
        return self.filter(effective_from__lte=today).filter(Q(effective_until=None) | Q(effective_until__gt=today))


class Unit(models.Model):
    """A unit of the federation. `path` is the chain of ids from the root, each followed by a slash: `1/7/42/`."""

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    name_en = models.CharField(max_length=160, blank=True)
    kind = models.CharField(max_length=20)
    industry = models.CharField(max_length=60, blank=True)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    path = models.CharField(max_length=255, unique=True)
    depth = models.PositiveSmallIntegerField()  # the root is at 1
    effective_from = models.DateField()
    effective_until = models.DateField(null=True, blank=True)  # the first day on which it is no more

    objects = UnitQuerySet.as_manager()

    class Meta:
        ordering = ["path"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=[kind.value for kind in UnitKind]), name="unit_kind_known"),
            models.CheckConstraint(condition=Q(depth__gte=1, depth__lte=MOST_LEVELS), name="unit_depth_in_bounds"),
            models.CheckConstraint(
                condition=Q(effective_until=None) | Q(effective_until__gt=F("effective_from")),
                name="unit_ends_after_it_begins",
            ),
            models.UniqueConstraint(fields=["kind"], condition=Q(parent=None), name="unit_one_root"),
            models.CheckConstraint(
                condition=Q(parent=None, depth=1, kind=UnitKind.FEDERATION.value)
                | Q(parent__isnull=False, depth__gt=1),
                name="unit_root_is_the_federation",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    @property
    def unit_path(self) -> str:
        """What authority asks of anything that belongs to a unit."""
        return self.path


class Federation(models.Model):
    """What holds for the whole installation; there is one row."""

    unit = models.OneToOneField("units.Unit", on_delete=models.PROTECT, primary_key=True)
    time_zone = models.CharField(max_length=60)  # days turn at its midnight

    def __str__(self) -> str:
        return self.time_zone


class GrantQuerySet(models.QuerySet["Grant"]):
    def current(self) -> GrantQuerySet:
        now = clock.now()
        return self.filter(from_at__lte=now).filter(Q(until_at=None) | Q(until_at__gt=now))


class Grant(models.Model):
    """A role held by an account in a unit and everything beneath it, for a time, optionally within one campaign."""

    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="grants")
    role = models.CharField(max_length=20)
    unit = models.ForeignKey("units.Unit", on_delete=models.PROTECT, related_name="grants")
    campaign_number = models.CharField(max_length=20, blank=True)  # "": every campaign
    from_at = models.DateTimeField(default=clock.now)
    until_at = models.DateTimeField(null=True, blank=True)

    objects = GrantQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(role__in=[role.value for role in Role if role is not Role.MEMBER]),
                name="grant_role_known",
            ),
            models.CheckConstraint(
                condition=Q(until_at=None) | Q(until_at__gt=F("from_at")), name="grant_ends_after_it_begins"
            ),
            models.UniqueConstraint(
                fields=["account", "role", "unit", "campaign_number"],
                condition=Q(until_at=None),
                name="grant_open_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} in {self.unit_id}"
