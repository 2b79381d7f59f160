"""How rows that carry words in two languages are shown."""

from __future__ import annotations

import re

from django import template

from tradeshall.web.naming import called

register = template.Library()

HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")


register.filter("in_language", called)


@register.filter
def language_of(text: str) -> str:
    """Return the language a text is written in, so that it is read out and set as such."""
    return "zh-Hans" if HAN.search(text) else "en"
