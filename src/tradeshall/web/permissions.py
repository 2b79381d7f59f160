"""What may be done in the web layer itself."""

from __future__ import annotations

from tradeshall.core.authority import Role

PERMISSIONS: dict[str, frozenset[Role]] = {
    "web:gallery:view": frozenset({Role.ADMINISTRATOR}),
}
