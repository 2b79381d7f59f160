"""What the organiser sets about boards: what they are made of, how rounds add up, when they freeze."""

from __future__ import annotations

from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from django.db import transaction

from tradeshall.contests import permissions
from tradeshall.contests.enums import RoundState
from tradeshall.contests.models import Contest, ContestBoards, Round, UnitBoard
from tradeshall.contests.queries.boards.levels import industries_beneath, kinds_beneath
from tradeshall.contests.rules.unit_boards import MOST_BOARDS, BoardDraft, judge_board
from tradeshall.core import clock
from tradeshall.core.authority import Actor
from tradeshall.core.refusal import Refusal, Refused, refuse, require
from tradeshall.journal.actions import record_change

MOST_BEST_ROUNDS = 366


def create_unit_board(*, actor: Actor, contest: Contest, board: BoardDraft) -> UnitBoard:
    """Add a board of units to a contest of which no round is published yet.

    Refuses an actor who may not edit rounds there, weights and minimums out of bounds, a level or an industry that is
    not there, and more boards than a page can hold.
    """
    with transaction.atomic():
        row = _locked(contest)
        require(permissions.refuse_unless_may(actor, permissions.ROUND_EDIT, row), _refuse_if_published(row))
        require(*_judge(row, board))
        count = UnitBoard.objects.filter(contest=row).count()
        require(None if count < MOST_BOARDS else refuse("contests:unit_board:too_many", most=MOST_BOARDS))
        found = UnitBoard.objects.create(contest=row, position=count + 1, **_values(board))
        _journal(actor, "create", found, {name: [None, value] for name, value in _values(board).items()})
    return found


def edit_unit_board(*, actor: Actor, board: UnitBoard, draft: BoardDraft) -> UnitBoard:
    """Change a board of units while no round of its contest is published."""
    with transaction.atomic():
        contest = _locked(board.contest)
        row = UnitBoard.objects.get(pk=board.pk)
        require(permissions.refuse_unless_may(actor, permissions.ROUND_EDIT, contest), _refuse_if_published(contest))
        require(*_judge(contest, draft))
        values = _values(draft)
        changes = {name: [getattr(row, name), value] for name, value in values.items() if getattr(row, name) != value}
        if changes:
            UnitBoard.objects.filter(pk=row.pk).update(**values)
            row.refresh_from_db()
            _journal(actor, "edit", row, changes)
    return row


def delete_unit_board(*, actor: Actor, board: UnitBoard) -> None:
    """Remove a board of units while no round of its contest is published."""
    with transaction.atomic():
        contest = _locked(board.contest)
        require(permissions.refuse_unless_may(actor, permissions.ROUND_EDIT, contest), _refuse_if_published(contest))
        _journal(actor, "delete", board, {"name": [board.name, None]})
        UnitBoard.objects.filter(pk=board.pk).delete()


def set_best_rounds(*, actor: Actor, contest: Contest, best_rounds: int) -> ContestBoards:
    """Say how many of somebody's best rounds count over the whole contest, 0 for all, before a round is published."""
    with transaction.atomic():
        row = _locked(contest)
        require(permissions.refuse_unless_may(actor, permissions.ROUND_EDIT, row), _refuse_if_published(row))
        if not 0 <= best_rounds <= MOST_BEST_ROUNDS:
            raise Refused(
                refuse("contests:boards:best_out_of_bounds", field_name="best_rounds", most=MOST_BEST_ROUNDS)
            )
        boards, _ = ContestBoards.objects.get_or_create(contest=row)
        if boards.best_rounds != best_rounds:
            _journal_boards(actor, "set_best_rounds", row, {"best_rounds": [boards.best_rounds, best_rounds]})
            ContestBoards.objects.filter(pk=boards.pk).update(best_rounds=best_rounds)
            boards.best_rounds = best_rounds
    return boards


def set_freeze(*, actor: Actor, contest: Contest, freeze_at: datetime | None) -> ContestBoards:
    """Say from when members see the boards of a contest as they stand at that moment; None: they stay live.

    Refuses a moment that is past, and any change once the boards stand still.
    """
    with transaction.atomic():
        row = _locked(contest)
        require(permissions.refuse_unless_may(actor, permissions.ROUND_PUBLISH, row))
        now = clock.now()
        boards, _ = ContestBoards.objects.get_or_create(contest=row)
        begun = boards.freeze_at is not None and boards.freeze_at <= now
        require(refuse("contests:boards:freeze_has_begun", field_name="freeze_at") if begun else None)
        if freeze_at is not None and freeze_at <= now:
            raise Refused(refuse("contests:boards:freeze_is_past", field_name="freeze_at"))
        if boards.freeze_at != freeze_at:
            _journal_boards(actor, "set_freeze", row, {"freeze_at": [_plain(boards.freeze_at), _plain(freeze_at)]})
            ContestBoards.objects.filter(pk=boards.pk).update(freeze_at=freeze_at)
            boards.freeze_at = freeze_at
    return boards


def lift_freeze(*, actor: Actor, contest: Contest) -> ContestBoards:
    """Let members see the boards as they are again. Refuses boards that are not frozen."""
    with transaction.atomic():
        row = _locked(contest)
        require(permissions.refuse_unless_may(actor, permissions.ROUND_PUBLISH, row))
        now = clock.now()
        lifted = ContestBoards.objects.filter(contest=row, freeze_at__lte=now, lifted_at=None).update(lifted_at=now)
        require(None if lifted else refuse("contests:boards:not_frozen"))
        _journal_boards(actor, "lift_freeze", row, {"lifted_at": [None, now.isoformat()]})
    return ContestBoards.objects.get(contest=row)


def boards_are_fixed(contest: Contest) -> bool:
    """Answer whether a round of a contest is published, so that its boards stay as they are."""
    return Round.objects.filter(contest=contest).exclude(state=RoundState.DRAFT.value).exists()


def _refuse_if_published(contest: Contest) -> Refusal | None:
    return refuse("contests:unit_board:fixed") if boards_are_fixed(contest) else None


def _judge(contest: Contest, board: BoardDraft) -> list[Refusal]:
    kinds = {(kind, depth) for kind, depth, _ in kinds_beneath(contest)}
    level_there = (board.kind, board.depth) in kinds or (
        board.depth is None and any(board.kind == k for k, _ in kinds)
    )
    return judge_board(board, {board.kind} if level_there else set(), industries_beneath(contest))


def _locked(contest: Contest) -> Contest:
    # The rounds are published under a lock of their own; the database's triggers decide between the two.
    found = Contest.objects.select_for_update(of=("self",)).select_related("activity__campaign", "activity__unit")
    return found.get(pk=contest.pk)


def _values(board: BoardDraft) -> dict[str, Any]:
    values = asdict(board)
    values["name"], values["name_en"] = board.name.strip(), board.name_en.strip()
    values["weights"] = dict(board.weights or {})
    return values


def draft_of(board: UnitBoard) -> BoardDraft:
    """Return what a stored board is made of."""
    return BoardDraft(**{one.name: getattr(board, one.name) for one in fields(BoardDraft)})


def _journal(actor: Actor, verb: str, board: UnitBoard, changes: dict[str, list[Any]]) -> None:
    record_change(
        actor=actor,
        verb=f"contests:unit_board:{verb}",
        thing=board,
        acting_unit_code=board.contest.activity.unit.code,
        changes=changes,
    )


def _journal_boards(actor: Actor, verb: str, contest: Contest, changes: dict[str, list[Any]]) -> None:
    record_change(
        actor=actor,
        verb=f"contests:boards:{verb}",
        thing=contest,
        acting_unit_code=contest.activity.unit.code,
        changes=changes,
    )


def _plain(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
