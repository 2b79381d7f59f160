"""How papers and boards are written."""

from __future__ import annotations

from django import template
from django.utils.formats import number_format
from django.utils.translation import get_language

from tradeshall.contests.rules.items import letter_of
from tradeshall.contests.rules.pseudonyms import pseudonym_in

register = template.Library()

register.filter("letter", letter_of)


@register.filter
def pseudonym(name: str) -> str:
    """Return a pseudonym in the page's language."""
    return pseudonym_in(get_language() or "", name)


@register.filter
def percent(share: float) -> str:
    """Return a share as a percentage with one decimal: 0.8365 is 83.6%. Rounded down: never overstated."""
    return f"{number_format(int(share * 1000) / 10, 1)}%"


@register.filter
def seconds(milliseconds: int) -> int:
    """Return whole seconds, as boards count them."""
    return milliseconds // 1000
