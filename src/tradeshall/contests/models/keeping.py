"""What is remembered of items: how they read before, and which of them only look alike."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from tradeshall.core import clock


class ItemVersion(models.Model):
    """An item as it read until somebody changed it. The present version is the item itself."""

    item = models.ForeignKey("contests.Item", on_delete=models.CASCADE, related_name="former_versions")
    version = models.PositiveIntegerField()
    content = models.JSONField()  # the fields of an ItemDraft
    actor = models.CharField(max_length=40)  # who replaced it: "account:17" or "operator"
    replaced_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["-version"]
        constraints = [models.UniqueConstraint(fields=["item", "version"], name="item_version_once")]

    def __str__(self) -> str:
        return f"{self.item_id} version {self.version}"


class KeptApart(models.Model):
    """Two items that look alike and that somebody has found to be different, so that nobody is asked again."""

    first = models.ForeignKey("contests.Item", on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey("contests.Item", on_delete=models.CASCADE, related_name="+")
    actor = models.CharField(max_length=40)
    decided_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="kept_apart_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="kept_apart_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} is not {self.second_id}"
