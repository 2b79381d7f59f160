"""What may be done with people, and to whom it is granted."""

from __future__ import annotations

from tradeshall.core.authority import Role

PERMISSIONS: dict[str, frozenset[Role]] = {
    "people:member:view": frozenset({Role.ADMINISTRATOR, Role.ORGANISER, Role.AUDITOR}),
    "people:member:edit": frozenset({Role.ADMINISTRATOR, Role.ORGANISER}),
    "people:member:import": frozenset({Role.ADMINISTRATOR, Role.ORGANISER}),
}
