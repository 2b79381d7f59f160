"""Names that are kept in Chinese and, where somebody has written it, in English."""

from __future__ import annotations

from typing import Any

from django.utils.translation import get_language


def called(thing: Any, field: str = "title") -> str:
    """Return a thing's `field` in the reader's language: `<field>_en` in English where there is one."""
    english = getattr(thing, f"{field}_en", "") if (get_language() or "").startswith("en") else ""
    return str(english or getattr(thing, field))
