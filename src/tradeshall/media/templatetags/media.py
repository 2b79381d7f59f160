"""The address of a picture or a sound."""

from __future__ import annotations

from django import template

from tradeshall.media import queries

register = template.Library()


@register.simple_tag
def media_url(name: str) -> str:
    """Return the address of a stored file; "" for what is no stored name."""
    return queries.media_url(name)
