"""Confirming who goes on to a final."""

from __future__ import annotations

from hashlib import sha256

from django.db import transaction

from tradeshall.contests import permissions
from tradeshall.contests.events import FinalistsConfirmed
from tradeshall.contests.models import Finalist, Round
from tradeshall.contests.queries.advancing import refuse_list, those_who_go_on
from tradeshall.contests.queries.rounds import WITH_CONTEST
from tradeshall.core import clock
from tradeshall.core.authority import Actor
from tradeshall.core.refusal import Refused, refuse, require
from tradeshall.journal.actions import emit, record_change


def confirm_finalists(*, actor: Actor, final: Round) -> int:
    """Write down who goes on, by the published rule and the final ranks; returns how many. From then on it stands.

    Refuses while the round before has no final ranks, and a second time. The journal keeps the number and a hash of
    the list. Emits FinalistsConfirmed.
    """
    with transaction.atomic():
        row = Round.objects.select_related(*WITH_CONTEST, "advances_from").get(pk=final.pk)
        require(permissions.refuse_unless_may(actor, permissions.ROUND_PUBLISH, row), refuse_list(row))
        now = clock.now()
        # The conditional update locks the row: of two who confirm, one goes on.
        if not Round.objects.filter(pk=row.pk, advanced_at=None).update(advanced_at=now):
            raise Refused(refuse("contests:round:list_confirmed_already"))
        # And this one holds off whoever reads another attempt into the round before: it takes its ranks back.
        source = row.advances_from
        assert source is not None
        if not Round.objects.filter(pk=source.pk, ranked_at__isnull=False).update(ranked_at=source.ranked_at):
            raise Refused(refuse("contests:round:preliminary_not_ranked"))
        finalists = [Finalist(round=row, entrant_id=one.entrant_id, rank=one.rank) for one in those_who_go_on(row)]
        Finalist.objects.bulk_create(finalists, batch_size=1000)
        digest = sha256(",".join(str(one.entrant_id) for one in finalists).encode()).hexdigest()
        record_change(
            actor=actor,
            verb="contests:round:confirm_finalists",
            thing=row,
            acting_unit_code=row.contest.activity.unit.code,
            changes={
                "advanced_at": [None, now.isoformat()],
                "finalists": [None, len(finalists)],
                "sha256": [None, digest],
            },
        )
        emit(FinalistsConfirmed(row.pk, len(finalists)))
    return len(finalists)
