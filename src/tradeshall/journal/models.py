"""Who changed what, and the events that wait to be dispatched."""

from __future__ import annotations

from django.db import models

from tradeshall.core import clock


def name_of(thing: models.Model) -> str:
    """Return how the journal names a row: `units.unit:12`."""
    return f"{thing._meta.label_lower}:{thing.pk}"


class Entry(models.Model):
    """One change made by one actor. Append-only: the database itself refuses update and delete."""

    at = models.DateTimeField(default=clock.now)
    actor = models.CharField(max_length=40)  # "account:17" or "operator"; no foreign key, so erasure keeps history
    acting_unit_code = models.CharField(max_length=40, blank=True)
    verb = models.CharField(max_length=80)  # "units:unit:rename"
    thing = models.CharField(max_length=80)  # "units.unit:12"
    reason = models.CharField(max_length=400, blank=True)
    changes = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["thing", "at"]), models.Index(fields=["acting_unit_code", "at"])]

    def __str__(self) -> str:
        return f"{self.actor} {self.verb} {self.thing}"


class OutboxEvent(models.Model):
    """An event written in its action's transaction, dispatched after it at least once."""

    name = models.CharField(max_length=80)
    payload = models.JSONField()
    created_at = models.DateTimeField(default=clock.now)
    dispatched_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(null=True)  # not to be tried again before; set by a failure
    last_error = models.CharField(max_length=400, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["id"], name="outbox_waiting", condition=models.Q(dispatched_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.pk}"
