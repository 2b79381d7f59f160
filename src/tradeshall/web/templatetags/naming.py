"""Names in the reader's language."""

from __future__ import annotations

from django import template

from tradeshall.web.naming import called

register = template.Library()
register.filter("called", called)
