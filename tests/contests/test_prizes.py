"""Prizes after the draw: claims, deadlines, forfeits, reserves in their order, and what the desk may see."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from django.db import IntegrityError, transaction
from openpyxl import load_workbook
from tests.contests.test_draws import codes, in_threads
from tests.factories.draws import Played, make_staff
from tests.factories.ledgers import Writer
from tests.factories.people import make_account

from tradeshall.contests import ports
from tradeshall.contests.actions import prizes
from tradeshall.contests.actions.draw_steps import close_draw, publish_draw
from tradeshall.contests.actions.prizes import (
    claim_prize,
    decline_prize,
    empty_claims,
    export_winners,
    forfeit_overdue,
    forfeit_prize,
    forget_claims,
    hand_over_prize,
)
from tradeshall.contests.models import DrawClaim, DrawWinner, PrizeDraw
from tradeshall.contests.queries import draws as queries
from tradeshall.contests.queries.taking_part import export_of
from tradeshall.core import clock
from tradeshall.core.authority import Role
from tradeshall.core.refusal import Refused
from tradeshall.journal.models import Entry

FIELDS = {"name": "=王芳", "phone": "13800000000", "note": "第三车间"}

pytestmark = pytest.mark.django_db


@pytest.fixture
def played(writer: Writer) -> Played:
    """Return a draw with three winners and three reserves, published."""
    found = Played(people=8)
    found.publish()
    return found


def winner_at(played: Played, place: int) -> DrawWinner:
    return DrawWinner.objects.select_related("ticket__entrant__membership__account", "draw").get(
        draw=played.draw, place=place
    )


def claim(winner: DrawWinner, **fields: Any) -> DrawWinner:
    membership = winner.ticket.entrant.membership
    assert membership is not None
    return claim_prize(actor=membership.account, membership=membership, draw=winner.draw, fields={**FIELDS, **fields})


def states(played: Played) -> list[str]:
    return list(DrawWinner.objects.filter(draw=played.draw).order_by("place").values_list("state", flat=True))


def test_a_winner_claims_once_and_the_desk_hands_over(played: Played) -> None:
    winner = winner_at(played, 1)
    claim(winner)
    with pytest.raises(Refused) as refused:
        claim(winner)
    assert codes(refused) == ["contests:prize:cannot_claim"]
    stored = bytes(DrawClaim.objects.get().sealed)
    assert "王芳".encode() not in stored
    assert ports.open_claim(stored, winner.pk) == FIELDS
    with pytest.raises(InvalidTag):
        ports.open_claim(stored, winner.pk + 1)
    assert DrawClaim.objects.get().public_name == ""
    hand_over_prize(actor=played.first, winner=winner_at(played, 1))
    with pytest.raises(Refused) as refused:
        hand_over_prize(actor=played.first, winner=winner_at(played, 2))
    assert codes(refused) == ["contests:prize:cannot_hand_over"]
    assert states(played)[:3] == ["handed_over", "won", "won"]


def test_what_is_missing_or_not_ones_own_is_refused(played: Played) -> None:
    winner, loser = winner_at(played, 1), winner_at(played, 4)  # the fourth is a reserve
    with pytest.raises(Refused) as refused:
        claim(winner, name=" ", phone="")
    assert codes(refused) == ["contests:prize:field_empty"] * 2
    with pytest.raises(Refused) as refused:
        claim(loser)
    assert codes(refused) == ["contests:prize:none"]
    with pytest.raises(Refused) as refused:
        claim_prize(
            actor=make_account(), membership=winner.ticket.entrant.membership, draw=played.draw, fields=FIELDS
        )
    assert codes(refused) == ["contests:entrant:not_yours"]


def test_nobody_claims_before_the_winners_are_public(writer: Writer) -> None:
    played = Played()
    played.seal()
    played.enter()
    played.confirm()
    with pytest.raises(Refused) as refused:
        claim(winner_at(played, 1))
    assert codes(refused) == ["contests:prize:none"]
    publish_draw(actor=played.first, draw=played.draw)
    claim(winner_at(played, 1))


def test_a_prize_not_claimed_in_time_goes_to_the_next_reserve(played: Played) -> None:
    claim(winner_at(played, 2))
    late = winner_at(played, 1)
    assert late.due_at is not None
    with pytest.raises(Refused) as refused:
        forfeit_prize(actor=played.first, winner=late, forfeit="late")
    assert codes(refused) == ["contests:prize:not_late"]
    with clock.set_to(late.due_at + timedelta(seconds=1)):
        with pytest.raises(Refused) as refused:
            claim(late)
        assert codes(refused) == ["contests:prize:too_late"]
        assert forfeit_overdue(actor=played.first, draw=played.draw) == 2
        assert forfeit_overdue(actor=played.first, draw=played.draw) == 0
    assert states(played) == ["forfeited", "claimed", "forfeited", "won", "won", "reserve"]
    fourth, fifth = winner_at(played, 4), winner_at(played, 5)
    assert (fourth.replaces_id, fourth.prize_id) == (late.pk, late.prize_id)
    assert fifth.replaces_id == winner_at(played, 3).pk
    assert fourth.due_at is not None
    assert fourth.due_at > late.due_at
    with clock.set_to(late.due_at + timedelta(days=1)):
        claim(fourth)
    assert late.replaced_by == fourth


def test_the_deadline_itself_is_still_in_time(played: Played) -> None:
    winner = winner_at(played, 1)
    assert winner.due_at is not None
    with clock.set_to(winner.due_at):
        claim(winner)
    assert states(played)[0] == "claimed"


def test_a_claimed_prize_is_only_taken_back_for_a_reason(played: Played) -> None:
    claim(winner_at(played, 1))
    for forfeit, code in [
        ("late", "contests:prize:not_late"),
        ("cause", "contests:prize:reason_empty"),
        ("mood", "contests:prize:forfeit_unknown"),
    ]:
        with pytest.raises(Refused) as refused:
            forfeit_prize(actor=played.first, winner=winner_at(played, 1), forfeit=forfeit)
        assert codes(refused) == [code]
    promoted = forfeit_prize(actor=played.first, winner=winner_at(played, 1), reason="两个账户")
    assert promoted is not None
    assert (promoted.place, promoted.prize_id) == (4, winner_at(played, 1).prize_id)
    assert bytes(DrawClaim.objects.get().sealed) == b""
    line = Entry.objects.get(verb="contests:prize:forfeit")
    assert (line.reason, line.changes["next_place"]) == ("两个账户", [None, 4])


def test_reserves_run_out_and_the_prize_stays_where_nobody_is(played: Played) -> None:
    for place in range(1, 7):
        forfeit_prize(actor=played.first, winner=winner_at(played, place), reason="测试")
    assert states(played) == ["forfeited"] * 6
    close_draw(actor=played.first, draw=played.draw)
    with pytest.raises(Refused):
        forfeit_prize(actor=played.first, winner=winner_at(played, 1), reason="测试")


def test_a_winner_may_decline(played: Played) -> None:
    winner = winner_at(played, 2)
    membership = winner.ticket.entrant.membership
    assert membership is not None
    decline_prize(actor=membership.account, membership=membership, draw=played.draw)
    assert states(played)[:4] == ["won", "forfeited", "won", "won"]
    assert winner_at(played, 2).forfeit == "declined"


@pytest.mark.django_db(transaction=True)
def test_two_forfeits_at_once_promote_two_reserves_and_none_twice(writer: Writer) -> None:
    played = Played(people=8)
    played.publish()
    answers = in_threads(
        *(
            lambda place=place: forfeit_prize(actor=played.first, winner=winner_at(played, place), reason="测试")
            for place in (1, 2, 2)
        )
    )
    assert sorted(answers) == ["", "", "contests:prize:cannot_forfeit"]
    assert states(played) == ["forfeited", "forfeited", "won", "won", "won", "reserve"]
    pairs = list(DrawWinner.objects.exclude(replaces=None).values_list("replaces", flat=True))
    assert len(set(pairs)) == 2


def test_the_database_refuses_two_successors_for_one_prize(played: Played) -> None:
    """The control: without the unique successor, two promotions of one forfeit would both stand."""
    forfeit_prize(actor=played.first, winner=winner_at(played, 1), reason="测试")
    with pytest.raises(IntegrityError), transaction.atomic():
        DrawWinner.objects.filter(pk=winner_at(played, 5).pk).update(
            state="won", prize=winner_at(played, 1).prize, replaces=winner_at(played, 1)
        )


@pytest.mark.django_db(transaction=True)
def test_of_a_claim_and_a_forfeit_at_once_one_stands(writer: Writer) -> None:
    played = Played(people=8)
    played.publish()
    winner = winner_at(played, 1)
    answers = in_threads(
        lambda: claim(winner_at(played, 1)),
        lambda: decline_prize(
            actor=winner.ticket.entrant.membership.account,
            membership=winner.ticket.entrant.membership,
            draw=PrizeDraw.objects.get(pk=played.draw.pk),
        ),
    )
    state = winner_at(played, 1).state
    assert state == "forfeited" or answers[1]  # what was claimed first may be declined after; never the reverse
    assert DrawWinner.objects.filter(draw=played.draw, state="won").count() + (state == "claimed") == 3


def test_a_draw_closes_when_every_prize_is_settled(played: Played) -> None:
    with pytest.raises(Refused) as refused:
        close_draw(actor=played.first, draw=played.draw)
    assert codes(refused) == ["contests:draw:prizes_outstanding"]
    assert PrizeDraw.objects.get(pk=played.draw.pk).state == "published"
    for place in (1, 2, 3):
        claim(winner_at(played, place))
        hand_over_prize(actor=played.first, winner=winner_at(played, place))
    close_draw(actor=played.first, draw=PrizeDraw.objects.get(pk=played.draw.pk))
    assert PrizeDraw.objects.get(pk=played.draw.pk).state == "closed"


def test_claims_are_emptied_after_their_time_and_when_a_person_is_erased(played: Played) -> None:
    for place in (1, 2):
        claim(winner_at(played, place))
    hand_over_prize(actor=played.first, winner=winner_at(played, 1))
    forgotten = winner_at(played, 2).ticket.entrant.membership
    assert forgotten is not None
    forget_claims(actor=played.first, membership_ids=[forgotten.pk])
    assert bytes(winner_at(played, 2).claim.sealed) == b""
    hand_over_prize(actor=played.first, winner=winner_at(played, 2))
    forfeit_prize(actor=played.first, winner=winner_at(played, 3), reason="测试")
    forfeit_prize(actor=played.first, winner=winner_at(played, 4), reason="测试")
    forfeit_prize(actor=played.first, winner=winner_at(played, 5), reason="测试")
    forfeit_prize(actor=played.first, winner=winner_at(played, 6), reason="测试")
    close_draw(actor=played.first, draw=played.draw)
    assert empty_claims(actor=played.first) == 0
    assert bytes(winner_at(played, 1).claim.sealed) != b""
    with clock.set_to(clock.now() + timedelta(days=prizes.KEPT_DAYS, seconds=1)):
        assert empty_claims(actor=played.first) == 1
        assert empty_claims(actor=played.first) == 0
    assert bytes(winner_at(played, 1).claim.sealed) == b""


def test_the_desk_takes_a_sheet_with_names_and_the_journal_says_so(played: Played) -> None:
    claim(winner_at(played, 1))
    file = io.BytesIO()
    for person in (make_staff(played.unit, Role.AUDITOR), make_account()):
        with pytest.raises(Refused):
            export_winners(actor=person, draw=played.draw, file=file)
    assert file.getvalue() == b""
    export_winners(actor=played.first, draw=played.draw, file=file)
    rows = [[cell.value for cell in row] for row in load_workbook(io.BytesIO(file.getvalue())).active]
    assert len(rows) == 4
    claimed = next(row for row in rows if row[4] == "13800000000")
    assert claimed[3] == "'=王芳"  # a formula is defused
    assert Entry.objects.get(verb="contests:prize:export").actor == str(played.first)


def test_the_public_file_stays_the_same_whatever_becomes_of_the_prizes(played: Played) -> None:
    draw = queries.public_draws().get(pk=played.draw.pk)
    before = queries.draw_file(draw)
    forfeit_prize(actor=played.first, winner=winner_at(played, 1), reason="测试")
    assert queries.draw_file(queries.public_draws().get(pk=played.draw.pk)) == before


def test_a_persons_export_holds_their_tickets_and_claims(played: Played) -> None:
    winner = winner_at(played, 1)
    claim(winner)
    membership = winner.ticket.entrant.membership
    assert membership is not None
    assert membership.account is not None
    (found,) = export_of(membership.account, [membership])  # type: ignore[misc]
    (ticket,) = found["draw_tickets"]
    assert ticket["ticket"] == winner.ticket.ticket
    assert ticket["claim"] == FIELDS
