"""Appeals against items, and what is decided about them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction

from tradeshall.contests import permissions
from tradeshall.contests.enums import RulingVerdict
from tradeshall.contests.models import Appeal, Entrant, ItemRuling, Round
from tradeshall.contests.queries.appeals import on_every_paper, on_paper_of, sealed_item
from tradeshall.contests.queries.rounds import WITH_CONTEST
from tradeshall.contests.rules import appeals as rules
from tradeshall.core import clock
from tradeshall.core.authority import OPERATOR, Actor
from tradeshall.core.refusal import Refused, refuse, require
from tradeshall.journal.actions import record_change

if TYPE_CHECKING:
    from tradeshall.people.models import Membership


def file_appeal(
    *,
    actor: Actor,
    membership: Membership,
    round: Round,
    attempt_number: int,
    item_number: int,
    reason: str,
    source: str = "",
) -> Appeal:
    """Say that an item of one's own paper is wrong, and why.

    Refuses somebody else's membership, a round that takes no appeals (now), an item that was not on the paper, an
    empty reason, and too many. While one's appeal against an item waits there is no second one against it.
    """
    entrant = Entrant.objects.filter(contest=round.contest_id, membership=membership).first()
    require(
        None if actor is OPERATOR or membership.account_id == actor.pk else refuse("contests:entrant:not_yours"),
        refuse("contests:appeal:not_on_paper") if entrant is None else None,
        rules.refuse_appealing(round, clock.now()),
    )
    assert entrant is not None
    on_paper = item_number in on_paper_of(round, entrant, attempt_number)
    with transaction.atomic():
        # Locked, so that of many sent at once only so many are taken as the rule allows.
        list(Entrant.objects.select_for_update().filter(pk=entrant.pk))
        own = Appeal.objects.filter(entrant=entrant)
        require(
            *rules.judge_appeal(
                reason,
                source,
                on_paper=on_paper,
                waiting=own.filter(round=round, ruling=None).count(),
                today=own.filter(filed_at__gt=clock.now() - timedelta(days=1)).count(),
            )
        )
        try:
            with transaction.atomic():
                appeal = Appeal.objects.create(
                    round=round,
                    entrant=entrant,
                    attempt_number=attempt_number,
                    item_number=item_number,
                    reason=reason.strip(),
                    source=source.strip(),
                )
        except IntegrityError:
            raise Refused(refuse("contests:appeal:waits_already")) from None
        record_change(
            actor=actor,
            verb="contests:appeal:file",
            thing=round,  # neither the entrant nor the item: the journal would tell for ever who that was
        )
    return appeal


def rule_on_item(
    *, actor: Actor, round: Round, item_number: int, verdict: str, words: str, key: Sequence[int] = ()
) -> ItemRuling:
    """Decide about an item of a round, in words for everyone, and answer all appeals against it that wait.

    Scores change only when a version of the results is made with it. A later ruling on the same item takes the place
    of this one. Refuses an actor who may not rule there, a round that is not over, and what `judge_ruling` finds.
    """
    with transaction.atomic():
        row = Round.objects.select_for_update(of=("self",)).select_related(*WITH_CONTEST).get(pk=round.pk)
        require(
            permissions.refuse_unless_may(actor, permissions.APPEAL_RULE, row),
            None if row.closed_at is not None else refuse("contests:ruling:round_not_over"),
        )
        item = sealed_item(row, item_number)
        if item is None:
            raise Refused(refuse("contests:ruling:item_unknown"))
        require(*rules.judge_ruling(verdict, key, words, item, on_every_paper=on_every_paper(row, item_number)))
        ruling = ItemRuling.objects.create(
            round=row,
            item_number=item_number,
            verdict=verdict,
            key=sorted(key) if verdict == RulingVerdict.KEY else [],
            words=words.strip(),
        )
        answered = Appeal.objects.filter(round=row, item_number=item_number, ruling=None).update(ruling=ruling)
        record_change(
            actor=actor,
            verb="contests:appeal:rule",
            thing=row,
            acting_unit_code=row.contest.activity.unit.code,
            reason=ruling.words,
            changes={
                "item": [None, item_number],
                "verdict": [None, verdict],
                "key": [list(item.key), ruling.key] if ruling.key else [None, None],
                "appeals_answered": [None, answered],
            },
        )
    return ruling
