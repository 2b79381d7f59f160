"""What may be done with campaigns and to whom it is granted."""

from __future__ import annotations

from tradeshall.core import authority
from tradeshall.core.authority import Actor, Role
from tradeshall.core.refusal import Refusal, refuse

VIEW = "campaigns:campaign:view"
EDIT = "campaigns:campaign:edit"
PUBLISH = "campaigns:campaign:publish"
FOLLOW = "campaigns:campaign:follow"
"""See what units above run for the members of one's own."""

PERMISSIONS: dict[str, frozenset[Role]] = {
    VIEW: frozenset({Role.ADMINISTRATOR, Role.ORGANISER, Role.ITEM_EDITOR, Role.AUDITOR}),
    EDIT: frozenset({Role.ADMINISTRATOR, Role.ORGANISER}),
    PUBLISH: frozenset({Role.ADMINISTRATOR, Role.ORGANISER}),
    FOLLOW: frozenset({Role.ADMINISTRATOR, Role.ORGANISER, Role.AUDITOR}),
}


def refuse_unless_may(actor: Actor, code: str, thing: object) -> Refusal | None:
    """Refuse what the actor's roles do not carry."""
    return None if authority.may(actor, code, thing) else refuse("core:authority:denied", permission=code)
