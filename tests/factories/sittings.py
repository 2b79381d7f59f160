"""Whole attempts in the ledger, with the papers the engine would have drawn, and rounds that are over and ranked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import orjson
from tests.factories.contests import make_contest, make_entrant, make_pool, make_round
from tests.factories.ledgers import Writer
from tests.factories.people import make_member

from tradeshall.contests.actions.ledger import ingest_ledger
from tradeshall.contests.actions.ranking import rank_round
from tradeshall.contests.actions.rounds import close_round
from tradeshall.contests.models import Entrant, Round
from tradeshall.contests.queries.appeals import sealed_pack
from tradeshall.contests.queries.rounds import WITH_CONTEST
from tradeshall.core import clock
from tradeshall.core.authority import OPERATOR
from tradeshall.core.ids import random_key
from tradeshall.engine.ledger.interface import FINISH, START, Row
from tradeshall.engine.rounds import CompiledItem, CompiledRound

Answer = Callable[[int, CompiledItem], Sequence[int]]
"""What an entrant (counted from 0) answers to an item: the options chosen, as written."""


def first_option(_who: int, _item: CompiledItem) -> Sequence[int]:
    return (0,)


def sitting(
    writer: Writer,
    round: Round,
    entrant: Entrant,
    answer: Callable[[CompiledItem], Sequence[int]],
    *,
    compiled: CompiledRound | None = None,
    number: int = 1,
    time_used_ms: int = 60_000,
    finished_at_ms: int | None = None,
) -> int:
    """Write a start and its finish as an engine does and return the score."""
    compiled = compiled or CompiledRound(sealed_pack(round))
    paper = compiled.paper(entrant.number, number)
    responses = [
        [order.index(option) for option in answer(item)]
        for item, order in zip(paper.items, paper.orders, strict=True)
    ]
    per_item = compiled.score(paper, responses)
    score, at = sum(per_item), finished_at_ms or clock.now_ms()
    payload = {
        "max_points": compiled.max_points,
        "by": "member",
        "responses": responses,
        "per_item": per_item,
        "rank": None,
        "of": None,
        "best": [score, time_used_ms],
        "salt": "00" * 16,
        "leaf": random_key().hex(),
    }
    common = (round.pk, entrant.number, number, entrant.unit_id, 0)
    origin = (writer.name, writer.seq + 1)
    writer.write(
        Row(at - time_used_ms, START, *common, 0, 0, at + 600_000, b"{}"),
        Row(at, FINISH, *common, score, time_used_ms, at, orjson.dumps(payload), origin),
    )
    return score


@dataclass
class Played:
    """A round that is over and ranked, with those who sat it."""

    round: Round
    entrants: list[Entrant]
    writer: Writer
    compiled: CompiledRound
    answer: Answer
    item_numbers: list[int] = field(default_factory=list)

    def sit_late(self, who: int, **fields: Any) -> None:
        """Let one of those who entered hand in an attempt that is read after the ranks were made."""
        sitting(self.writer, self.round, self.entrants[who], lambda item: self.answer(who, item), **fields)


def play(
    writer: Writer,
    *,
    entrants: int = 12,
    count: int = 7,
    pool: int = 8,
    answer: Answer = first_option,
    attempts: int = 1,
    ranked: bool = True,
    unit: Any = None,
    **fields: Any,
) -> Played:
    """Publish a round of single choices whose first option is right, let people sit it, close and rank it."""
    contest = make_contest(unit=unit)
    bank = make_pool(unit=contest.activity.unit, items=pool)
    now = clock.now()
    fields.setdefault("attempts_total", attempts)
    round = make_round(
        contest=contest,
        pools=[bank],
        count=count,
        exposure_cap_percent=100,
        opens_at=now - timedelta(hours=1),
        **fields,
    )
    compiled = CompiledRound(sealed_pack(round))
    people = [
        make_entrant(contest=round.contest, membership=make_member(unit=contest.activity.unit))
        for _ in range(entrants)
    ]
    for who, entrant in enumerate(people):
        for number in range(1, attempts + 1):
            sitting(
                writer,
                round,
                entrant,
                lambda item, who=who: answer(who, item),  # type: ignore[misc]
                compiled=compiled,
                number=number,
                time_used_ms=60_000 + 1000 * who,
            )
    if ranked:
        round = close_and_rank(round)
    return Played(round, people, writer, compiled, answer, [item.pk for item in bank.items.order_by("pk")])


def close_and_rank(round: Round) -> Round:
    """Read all of the ledger, close a round and make its ranks."""
    while ingest_ledger():
        pass
    round = close_round(actor=OPERATOR, round=round)
    rank_round(actor=OPERATOR, round=round)
    return Round.objects.select_related(*WITH_CONTEST).get(pk=round.pk)
