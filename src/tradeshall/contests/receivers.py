"""What contests do when something has happened. Each may come twice."""

from __future__ import annotations

from tradeshall.campaigns.events import CampaignEnded
from tradeshall.contests.actions import draw_files, ledger, prizes, publishing, rounds, taking_part, tallies
from tradeshall.contests.events import (
    DrawPublished,
    DrawSealed,
    ResultsReleased,
    ResultsVersionApplied,
    RoundClosed,
    RoundPublished,
    RoundRanked,
)
from tradeshall.core.authority import OPERATOR
from tradeshall.journal.events import receives
from tradeshall.people.events import AccountErased


@receives(RoundPublished)
def deposit_pack(event: RoundPublished) -> None:
    ledger.deposit_pack(actor=OPERATOR, round_id=event.round_id)


@receives(RoundClosed)
def close_in_engine(event: RoundClosed) -> None:
    ledger.close_in_engine(actor=OPERATOR, round_id=event.round_id, at_ms=event.at_ms)


@receives(ResultsReleased)
def release_in_engine(event: ResultsReleased) -> None:
    ledger.release_in_engine(actor=OPERATOR, round_id=event.round_id, at_ms=event.at_ms)


@receives(CampaignEnded)
def close_rounds(event: CampaignEnded) -> None:
    rounds.close_rounds_of(actor=OPERATOR, campaign_id=event.campaign_id)


@receives(AccountErased)
def forget_person(event: AccountErased) -> None:
    # Claims first, while it is known whose they are.
    prizes.forget_claims(actor=OPERATOR, membership_ids=event.membership_ids)
    taking_part.forget_members(actor=OPERATOR, membership_ids=event.membership_ids)


@receives(RoundPublished)
def add_up_contest(event: RoundPublished) -> None:
    tallies.add_up_contest_of(round_id=event.round_id)


@receives(RoundPublished)
def publish_commitments(event: RoundPublished) -> None:
    publishing.publish_commitments(actor=OPERATOR, round_id=event.round_id)


@receives(RoundRanked)
def add_up_ranked(event: RoundRanked) -> None:
    tallies.add_up_round(event.round_id)


@receives(RoundRanked)
def publish_ranked_results(event: RoundRanked) -> None:
    publishing.publish_results(actor=OPERATOR, round_id=event.round_id)


@receives(ResultsReleased)
def add_up_released(event: ResultsReleased) -> None:
    tallies.add_up_round(event.round_id)


@receives(ResultsReleased)
def publish_released_results(event: ResultsReleased) -> None:
    publishing.publish_results(actor=OPERATOR, round_id=event.round_id)


@receives(ResultsVersionApplied)
def count_units_anew(event: ResultsVersionApplied) -> None:
    tallies.recount_round(event.round_id)


@receives(DrawSealed)
def publish_sealed_list(event: DrawSealed) -> None:
    draw_files.publish_list(actor=OPERATOR, draw_id=event.draw_id)


@receives(DrawPublished)
def publish_drawn(event: DrawPublished) -> None:
    draw_files.publish_drawn(actor=OPERATOR, draw_id=event.draw_id)
