"""Who may read the journal."""

from __future__ import annotations

from tradeshall.core.authority import Role

PERMISSIONS: dict[str, frozenset[Role]] = {
    "journal:entry:view": frozenset({Role.ADMINISTRATOR, Role.ORGANISER, Role.AUDITOR}),
}
