"""Boards of units for tests, and contests in which so many of each unit took part."""

from __future__ import annotations

from typing import Any

from tests.factories.contests import make_entrant
from tests.factories.ledgers import Writer, finish_row
from tests.factories.people import make_member

from tradeshall.contests.actions.boards import create_unit_board
from tradeshall.contests.models import Contest, Entrant, Round, UnitBoard
from tradeshall.contests.rules.unit_boards import BoardDraft
from tradeshall.core.authority import OPERATOR
from tradeshall.units.models import Unit


def make_board(*, contest: Contest, **fields: Any) -> UnitBoard:
    """Return a board of branches by participation rate, unless told otherwise."""
    fields.setdefault("name", "基层榜")
    fields.setdefault("weights", {"rate": 100})
    return create_unit_board(actor=OPERATOR, contest=contest, board=BoardDraft(**fields))


def take_part(writer: Writer, round: Round, unit: Unit, members: int, scores: list[int]) -> list[Entrant]:
    """Fill a unit with members, of whom some hand in an attempt with these scores; what is written is not read."""
    people = [make_member(unit=unit) for _ in range(members)]
    entrants = [make_entrant(contest=round.contest, membership=one) for one in people[: len(scores)]]
    again(writer, round, entrants, scores)
    return entrants


def again(writer: Writer, round: Round, entrants: list[Entrant], scores: list[int], **fields: Any) -> None:
    """Let entrants hand in an attempt with these scores."""
    if entrants:
        writer.write(*(finish_row(round, one, score, **fields) for one, score in zip(entrants, scores, strict=False)))
