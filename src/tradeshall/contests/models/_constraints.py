"""What constraints of several models share."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


def one_of(field: str, words: type, name: str) -> models.CheckConstraint:
    return models.CheckConstraint(condition=Q(**{f"{field}__in": [word.value for word in words]}), name=name)  # type: ignore[attr-defined]
