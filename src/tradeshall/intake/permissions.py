"""Who may see what was brought in."""

from __future__ import annotations

from tradeshall.core.authority import Role

PERMISSIONS: dict[str, frozenset[Role]] = {
    "intake:run:view": frozenset({Role.ADMINISTRATOR, Role.ORGANISER, Role.ITEM_EDITOR}),
}
