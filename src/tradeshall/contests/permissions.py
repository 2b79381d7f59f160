"""What may be done with pools, items and rounds, and to whom it is granted."""

from __future__ import annotations

from tradeshall.core import authority
from tradeshall.core.authority import Actor, Role
from tradeshall.core.refusal import Refusal, refuse

POOL_VIEW = "contests:pool:view"
POOL_EDIT = "contests:pool:edit"
ITEM_VIEW = "contests:item:view"
ITEM_EDIT = "contests:item:edit"
ITEM_REVIEW = "contests:item:review"
ITEM_IMPORT = "contests:item:import"
ITEM_EXPORT = "contests:item:export"
"""Take the items of a pool away as a file, with their answers."""
ROUND_VIEW = "contests:round:view"
ROUND_EDIT = "contests:round:edit"
ROUND_PUBLISH = "contests:round:publish"
ROUND_MONITOR = "contests:round:monitor"
ROUND_EXPORT = "contests:round:export"
ROUND_FOLLOW = "contests:round:follow"
"""See how members of one's own units take part in a round of a unit above: numbers alone."""
TIME_GRANT = "contests:time:grant"
"""Give a member more time, and see to whom it was given."""
DRAW_VIEW = "contests:draw:view"
DRAW_EDIT = "contests:draw:edit"
DRAW_RUN = "contests:draw:run"
"""Announce a draw, seal its list, enter the results and publish the winners: the first of two persons."""
DRAW_CONFIRM = "contests:draw:confirm"
"""Confirm the results somebody else entered, upon which it is drawn: the second of two persons."""
PRIZE_DESK = "contests:prize:hand_over"
"""See who claims a prize under which name and number, hand prizes over, let them be forfeited."""
APPEAL_VIEW = "contests:appeal:view"
APPEAL_RULE = "contests:appeal:rule"
"""Answer appeals on items. Scores follow only with a new version of the results."""
RESULTS_RESCORE = "contests:results:rescore"
ANALYSIS_VIEW = "contests:analysis:view"
OUTLIER_VIEW = "contests:outlier:view"
OUTLIER_JUDGE = "contests:outlier:judge"

_BANK = frozenset({Role.ADMINISTRATOR, Role.ORGANISER, Role.ITEM_EDITOR})
_RUN = frozenset({Role.ADMINISTRATOR, Role.ORGANISER})

PERMISSIONS: dict[str, frozenset[Role]] = {
    POOL_VIEW: _BANK | {Role.AUDITOR},
    POOL_EDIT: _BANK,
    ITEM_VIEW: _BANK | {Role.AUDITOR},
    ITEM_EDIT: _BANK,
    ITEM_REVIEW: _RUN,
    ITEM_IMPORT: _BANK,
    ITEM_EXPORT: _BANK,
    ROUND_VIEW: _RUN | {Role.AUDITOR},
    ROUND_EDIT: _RUN,
    ROUND_PUBLISH: _RUN,
    ROUND_MONITOR: _RUN | {Role.AUDITOR},
    ROUND_EXPORT: _RUN,
    TIME_GRANT: _RUN,
    ROUND_FOLLOW: _RUN | {Role.AUDITOR},
    DRAW_VIEW: _RUN | {Role.AUDITOR},
    DRAW_EDIT: _RUN,
    DRAW_RUN: _RUN,
    DRAW_CONFIRM: _RUN | {Role.AUDITOR},
    PRIZE_DESK: _RUN,
    APPEAL_VIEW: _BANK | {Role.AUDITOR},
    APPEAL_RULE: _BANK,
    RESULTS_RESCORE: _RUN,
    ANALYSIS_VIEW: _BANK | {Role.AUDITOR},
    OUTLIER_VIEW: _RUN | {Role.AUDITOR},
    OUTLIER_JUDGE: _RUN,
}


def refuse_unless_may(actor: Actor, code: str, thing: object) -> Refusal | None:
    """Refuse what the actor's roles do not carry."""
    return None if authority.may(actor, code, thing) else refuse("core:authority:denied", permission=code)
