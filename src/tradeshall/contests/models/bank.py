"""Pools and their items."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from tradeshall.contests.enums import ItemForm, ItemState
from tradeshall.contests.models._constraints import one_of
from tradeshall.core import clock


class Pool(models.Model):
    """A pool of items owned by a unit."""

    unit = models.ForeignKey("units.Unit", on_delete=models.PROTECT, related_name="pools")
    name = models.CharField(max_length=80)
    shared_downward = models.BooleanField(default=False)
    needs_source = models.BooleanField(default=False)  # an item without a source is not reviewed
    offered_upward = models.BooleanField(default=False)  # contests of units above may give it to the unit's members

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["unit", "name"], name="pool_name_once_in_a_unit")]

    def __str__(self) -> str:
        return self.name

    @property
    def unit_path(self) -> str:
        return self.unit.path


class Item(models.Model):
    """One question; what the lists hold is said at `rules.items.ItemDraft`. `stem_hash` finds it again on import."""

    pool = models.ForeignKey(Pool, on_delete=models.PROTECT, related_name="items")
    form = models.CharField(max_length=12)
    stem = models.TextField()
    options = models.JSONField(default=list)
    key = models.JSONField(default=list)
    accepted = models.JSONField(default=list)
    matches = models.JSONField(default=list)
    media = models.JSONField(default=list)  # {"name", "kind", "alt"} each
    explanation = models.TextField(blank=True)
    difficulty = models.PositiveSmallIntegerField(default=3)  # 1 easy to 5 hard
    tags = models.JSONField(default=list)
    source = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=10, default=ItemState.REVIEWED.value)
    version = models.PositiveIntegerField(default=1)
    stem_hash = models.CharField(max_length=64)  # SHA-256 of form and normalised stem
    updated_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["id"]
        constraints = [
            one_of("form", ItemForm, "item_form_known"),
            one_of("state", ItemState, "item_state_known"),
            models.CheckConstraint(
                condition=Q(difficulty__gte=1, difficulty__lte=5), name="item_difficulty_in_bounds"
            ),
            models.UniqueConstraint(fields=["pool", "stem_hash"], name="item_once_in_a_pool"),
        ]
        indexes = [models.Index(fields=["pool", "state", "form"])]

    def __str__(self) -> str:
        return self.stem[:40]

    @property
    def unit_path(self) -> str:
        return self.pool.unit.path
