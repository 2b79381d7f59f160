"""Members take part: they enter a contest once, and are given passes for its rounds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction

from tradeshall.contests.models import Appeal, Contest, Entrant, Round, SharedResult, TimeAllowance
from tradeshall.contests.queries.local import variant_of
from tradeshall.contests.queries.sitting import refuse_sitting, time_multiplier, with_time
from tradeshall.contests.queries.taking_part import refuse_joining, signed_pass
from tradeshall.contests.rules import rounds as rules
from tradeshall.contests.rules.pseudonyms import random_pseudonym
from tradeshall.core import clock
from tradeshall.core.authority import OPERATOR, Actor
from tradeshall.core.refusal import Refusal, refuse, require
from tradeshall.journal.actions import record_change
from tradeshall.units.queries import federation_zone

if TYPE_CHECKING:
    from tradeshall.people.models import Membership

_TRIES = 12


def enter_contest(*, actor: Actor, membership: Membership, contest: Contest) -> Entrant:
    """Make a member an entrant of a contest, with a random number and a pseudonym; once, however often asked.

    Refuses somebody else's membership, one that has ended or belongs to another unit, and a contest that is
    not published or is over (who entered before stays an entrant).
    """
    require(refuse_other(actor, membership), _refuse_contest(membership, contest))
    entrant = with_time(Entrant.objects.filter(contest=contest, membership=membership)).first()
    if entrant is not None:
        return entrant
    require(rules.refuse_entering(contest.activity.campaign.state, contest.activity.state), refuse_joining(contest))
    for tries in range(_TRIES):
        try:
            with transaction.atomic():
                return Entrant.objects.create(
                    contest=contest,
                    membership=membership,
                    unit_id=membership.unit_id,
                    pseudonym=random_pseudonym(digits=4 + tries // 3),
                )
        except IntegrityError:
            # Somebody else has this pseudonym, or the same member entered at the same moment.
            entrant = Entrant.objects.filter(contest=contest, membership=membership).first()
            if entrant is not None:
                return entrant
    raise RuntimeError("no free pseudonym was found")


def pass_for(*, actor: Actor, membership: Membership, round: Round) -> str:
    """Issue the signed pass with which a member sits a round; enters them into the contest if need be.

    One query for who has entered before, given a round and a membership loaded with their units: it carries the
    time an organiser granted and the unit whose own questions are asked. Refuses what `enter_contest` refuses, a
    round that is not published, a level whose predecessor has not been passed, and a final to whoever is not on its
    list. Whether it is open is for the engine to say.
    """
    require(rules.refuse_pass(round.state))
    entrant = enter_contest(actor=actor, membership=membership, contest=round.contest)
    require(refuse_sitting(round, entrant))
    return signed_pass(
        entrant,
        round,
        variant=variant_of(round, entrant.unit.path) if round.variants else "",
        time_multiplier=time_multiplier(entrant),
    )


def choose_display(*, actor: Actor, entrant: Entrant, shows_name: bool) -> Entrant:
    """Let an entrant stand on boards under their own name, or under the pseudonym again; for the whole campaign."""
    with transaction.atomic():
        membership = entrant.membership
        assert membership is not None
        require(refuse_other(actor, membership))
        Entrant.objects.filter(
            membership=membership, contest__activity__campaign=entrant.contest.activity.campaign_id
        ).update(shows_name=shows_name)
        record_change(
            actor=actor,
            verb="contests:entrant:choose_display",
            thing=entrant.contest,  # never the entrant: the journal would tell for ever who that was
            changes={"shows_name": [entrant.shows_name, shows_name]},
        )
        entrant.shows_name = shows_name
    return entrant


def forget_members(*, actor: Actor, membership_ids: Sequence[int]) -> int:
    """Erase who stood behind entrants, what they wrote and what they shared; tickets, pseudonyms and results stay.

    Returns how many there were. What was granted to them goes: it said something about a person.
    """
    members = list(membership_ids)
    with transaction.atomic():
        entrants = Entrant.objects.filter(membership__in=members)
        TimeAllowance.objects.filter(membership__in=members).delete()
        SharedResult.objects.filter(entrant__in=entrants).delete()
        Appeal.objects.filter(entrant__in=entrants).update(reason="", source="")  # people write about themselves
        return entrants.update(membership=None, shows_name=False)


def refuse_other(actor: Actor, membership: Membership) -> Refusal | None:
    """Refuse to act for a member who is somebody else."""
    if actor is OPERATOR or (actor.pk is not None and membership.account_id == actor.pk):
        return None
    return refuse("contests:entrant:not_yours")


def _refuse_contest(membership: Membership, contest: Contest) -> Refusal | None:
    activity = contest.activity
    return rules.refuse_taking_part(
        membership,
        activity_path=activity.unit.path,
        campaign_state=activity.campaign.state,
        activity_state=activity.state,
        today=clock.day_of(clock.now(), federation_zone()),
    )
