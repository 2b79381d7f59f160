"""What has been brought in, by whom, for which unit."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from tradeshall.core import clock
from tradeshall.media.enums import MediaKind


class Upload(models.Model):
    """A picture or a sound of a unit. The bytes lie under `name`; another unit's row may share them."""

    unit_path = models.CharField(max_length=255)  # of the owner; a path, since units stand above this app
    name = models.CharField(max_length=80)  # SHA-256 of what is kept, and its ending
    given_sha256 = models.CharField(max_length=64)  # of the file as it came: it is recognised when it comes again
    kind = models.CharField(max_length=8)
    size_bytes = models.PositiveIntegerField()
    width = models.PositiveIntegerField(default=0)  # in pixels; 0 for a sound
    height = models.PositiveIntegerField(default=0)
    actor = models.CharField(max_length=40)
    uploaded_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["-uploaded_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=[kind.value for kind in MediaKind]), name="upload_kind_known"
            ),
            models.UniqueConstraint(fields=["unit_path", "name"], name="upload_once_in_a_unit"),
        ]
        indexes = [models.Index(fields=["name"]), models.Index(fields=["given_sha256"])]

    def __str__(self) -> str:
        return self.name
