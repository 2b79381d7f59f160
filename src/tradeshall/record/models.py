"""The one participation record: what happened, in the language of xAPI."""

from __future__ import annotations

from django.db import models

from tradeshall.core import clock


class Statement(models.Model):
    """One thing that one member did. `source` and `source_key` make a second delivery harmless."""

    membership = models.ForeignKey("people.Membership", null=True, on_delete=models.SET_NULL, related_name="+")
    unit = models.ForeignKey("units.Unit", on_delete=models.PROTECT, related_name="+")  # at the time it happened
    verb = models.CharField(max_length=40)  # last part of the xAPI verb: "attempted", "completed", "passed"
    activity_number = models.CharField(max_length=20)  # campaigns stands above this app, so its number, not a key
    object_key = models.CharField(max_length=80)  # "contests.round:12"
    happened_at = models.DateTimeField()
    stored_at = models.DateTimeField(default=clock.now)
    result = models.JSONField(default=dict)  # xAPI result: score, success, completion, duration
    source = models.CharField(max_length=20)  # "contests"
    source_key = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "source_key"], name="statement_once"),
        ]
        indexes = [
            models.Index(fields=["membership", "-happened_at"]),
            models.Index(fields=["object_key", "verb", "happened_at"]),
            models.Index(fields=["activity_number", "verb", "unit"]),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.object_key}"
