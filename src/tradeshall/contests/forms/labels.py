"""What the console calls things that a person chooses among, beyond the texts of the app."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

DIFFICULTIES: dict[int, object] = {
    1: _("1, easy"),
    2: _("2, fairly easy"),
    3: _("3, medium"),
    4: _("4, fairly hard"),
    5: _("5, hard"),
}
PHASE_TAGS = {"draft": "warn", "coming": "blue", "open": "ok", "over": ""}
TAGS = {"draft": "warn", "reviewed": "ok", "retired": "", "published": "ok", "closed": ""}
