"""More time for a member who needs it: granted by an organiser, carried in the pass, known to few."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from tradeshall.contests import permissions
from tradeshall.contests.models import Contest, TimeAllowance
from tradeshall.contests.rules import rounds as rules
from tradeshall.core.authority import Actor
from tradeshall.core.refusal import Refused, refuse, require
from tradeshall.journal.actions import record_change

if TYPE_CHECKING:
    from tradeshall.people.models import Membership


def grant_time(*, actor: Actor, contest: Contest, membership: Membership, percent: int) -> TimeAllowance:
    """Give a member so many per cent of the time limit in every round of a contest; a later grant replaces it.

    It holds for attempts begun from then on. The journal says that it was done and by whom, never for whom.
    Refuses a member the contest is not for, and a figure out of bounds.
    """
    with transaction.atomic():
        require(
            permissions.refuse_unless_may(actor, permissions.TIME_GRANT, contest),
            rules.refuse_percent(percent),
            None
            if membership.unit_path.startswith(contest.unit_path)
            else refuse("contests:time:other_unit", field_name="member_no"),
        )
        before = TimeAllowance.objects.filter(contest=contest, membership=membership).first()
        row, _made = TimeAllowance.objects.update_or_create(
            contest=contest, membership=membership, defaults={"percent": percent}
        )
        _journal(actor, contest, "contests:time:grant", [before.percent if before else None, percent])
    return row


def withdraw_time(*, actor: Actor, allowance: TimeAllowance) -> None:
    """Take a grant of time back; attempts under way keep theirs."""
    with transaction.atomic():
        require(permissions.refuse_unless_may(actor, permissions.TIME_GRANT, allowance))
        contest, percent = allowance.contest, allowance.percent
        if not TimeAllowance.objects.filter(pk=allowance.pk).delete()[0]:
            raise Refused(refuse("contests:time:gone"))
        _journal(actor, contest, "contests:time:withdraw", [percent, None])


def _journal(actor: Actor, contest: Contest, verb: str, percent: list[int | None]) -> None:
    record_change(
        actor=actor,
        verb=verb,
        thing=contest,
        acting_unit_code=contest.activity.unit.code,
        changes={"percent": percent},
    )
