"""Every way of counting: what stands does not depend on the order of reading, and engine and pages agree."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.engine.contest import HOUR_MS, items, pack, pass_for, right_answers, rules, running

from tradeshall.contests.enums import Counting
from tradeshall.contests.rules import boards as pages
from tradeshall.core import clock
from tradeshall.engine import counting as engine
from tradeshall.engine.boards import Board, Cell
from tradeshall.engine.codes import EngineRefused
from tradeshall.engine.ledger.interface import Ledger
from tradeshall.engine.pack import BadPack, SealedPack, seal_pack
from tradeshall.engine.rounds import Days
from tradeshall.engine.standings import Standings
from tradeshall.engine.wire import PRACTICE_A_MINUTE, SectionSpec

ZONE = "Asia/Shanghai"
MONDAY = int(datetime(2026, 3, 2, tzinfo=UTC).timestamp() * 1000)
DAY_MS = 24 * HOUR_MS
TIES = [("score", "time_used"), ("score", "time_used", "earlier_finish"), ("score", "earlier_finish"), ("score",)]

Try = tuple[int, int, int]  # hours since the attempt before, score, seconds used
plans = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 5), st.integers(1, 5000)), min_size=1, max_size=9)


def attempts_of(plan: list[Try]) -> list[pages.Attempt]:
    """Return attempts one after the other, each with the day on which it was begun."""
    days, at, made = Days(ZONE), MONDAY, []
    for number, (hours, score, seconds) in enumerate(plan, start=1):
        begun = at + hours * HOUR_MS
        at = begun + seconds * 1000
        day = engine.day_of(days.day(begun)).isoformat()
        made.append(pages.Attempt(number, score, seconds * 1000, at, day))
    return made


def by_pages(made: list[pages.Attempt], counting: str, ties: tuple[str, ...], caps: tuple[int, int]) -> Any:
    found = None
    for one in made:
        found = pages.counted(found, one, counting, ties, *caps)
    assert found is not None
    return found.score_points, found.time_used_ms, found.finished_at_ms


def by_engine(
    made: list[pages.Attempt], counting: str, ties: tuple[str, ...], caps: tuple[int, int], *, restart: bool = False
) -> Any:
    rule = rules(counting=counting, tie_breaks=ties, cap_per_day=caps[0], cap_total=caps[1], zone=ZONE)

    def empty() -> Standings:
        return Standings(rule, 100, Days(ZONE), "ab" * 32)

    standings = empty()
    row = standings.player(77, 1)
    for one in made:
        stands = standings.counted(row, one.score_points, one.time_used_ms, one.finished_at_ms)
        standings.place_on_board(row, stands)
        standings.record_finish(row, stands, one.finished_at_ms)
        if restart:  # a snapshot between any two attempts
            kept, standings = standings.columns(), empty()
            standings.load_columns(kept)
            standings.rebuild()
    return standings.scores[row], standings.times_ms[row], standings.finished_at_ms[row]


def by_hand(made: list[pages.Attempt], counting: str, ties: tuple[str, ...], caps: tuple[int, int]) -> Any:
    """The same, written as the rules say it."""

    def best(some: list[pages.Attempt]) -> pages.Attempt:
        by_time = "time_used" in ties
        return min(some, key=lambda one: (-one.score_points, one.time_used_ms if by_time else 0, one.number))

    days = [list(some) for _, some in groupby(sorted(made, key=lambda one: one.day), key=lambda one: one.day)]
    if counting == "best":
        chosen, score = [best(made)], None
    elif counting == "first":
        chosen, score = made[:1], None
    elif counting == "last":
        chosen, score = made[-1:], None
    elif counting == "daily_best":
        chosen, score = [best(some) for some in days], None
    else:
        chosen, score = made, None
        if counting == "capped":
            a_day, in_all = caps[0] or 10**9, caps[1] or 10**9
            score = min(in_all, sum(min(a_day, sum(one.score_points for one in some)) for some in days))
    return (
        sum(one.score_points for one in chosen) if score is None else score,
        sum(one.time_used_ms for one in chosen),
        max(one.finished_at_ms for one in chosen),
    )


@given(
    plans,
    st.sampled_from([one.value for one in Counting]),
    st.sampled_from(TIES),
    st.sampled_from([(3, 0), (0, 4), (5, 9), (0, 0)]),
    st.randoms(use_true_random=False),
)
@example([(0, 5, 60), (1, 3, 60), (26, 4, 60)], "daily_best", TIES[0], (0, 0), None)
@example([(0, 5, 60), (1, 3, 60), (26, 4, 60)], "capped", TIES[0], (6, 9), None)
@example([(15, 5, 5000), (1, 3, 60)], "daily_best", TIES[0], (0, 0), None)  # begun before midnight, ended after
def test_engine_pages_and_rule_agree_in_any_order_of_reading(
    plan: list[Try], counting: str, ties: tuple[str, ...], caps: tuple[int, int], random: Any
) -> None:
    made = attempts_of(plan)
    expected = by_hand(made, counting, ties, caps)
    read = list(made)
    if random is not None:
        random.shuffle(read)
    assert by_pages(read, counting, ties, caps) == expected
    assert by_engine(read, counting, ties, caps) == expected
    assert by_engine(read, counting, ties, caps, restart=True) == expected


def test_a_day_counted_by_the_hand_in_would_differ() -> None:
    """The control of the last example: the day on which an attempt was begun is what decides."""
    made = attempts_of([(15, 5, 5000), (1, 3, 60)])
    assert made[0].day != engine.day_of(Days(ZONE).day(made[0].finished_at_ms)).isoformat()
    assert by_hand(made, "daily_best", TIES[0], (0, 0))[0] == 8


def played(counting: str, **changes: Any) -> Any:
    return pack(
        1, count=4, pool=20, counting=counting, opens_at_ms=MONDAY, closes_at_ms=MONDAY + 9 * DAY_MS, **changes
    )


CASES = [
    ("daily_best", {}, 40),
    ("capped", {"cap_per_day": 25, "cap_total": 42}, 42),
    ("capped", {"cap_per_day": 25}, 45),
    ("sum", {}, 60),
]


@pytest.mark.parametrize(("counting", "changes", "score"), CASES)
def test_what_stands_outlives_a_restart_from_ledger_and_from_snapshot(
    opened: Callable[[], Ledger], tmp_path: Path, counting: str, changes: Any, score: int
) -> None:
    sealed = played(counting, **changes)
    snapshot = tmp_path / "snapshot"

    async def play() -> list[Any]:
        found = []
        ledger = opened()
        ledger.deposit_pack(sealed)
        async with running(ledger, snapshot=snapshot) as asked:
            # two full papers on the first day, one on the second, an empty one on the third
            for hours, right in ((1, True), (2, True), (25, True), (49, False)):
                with clock.set_to(datetime.fromtimestamp((MONDAY + hours * HOUR_MS) / 1000, UTC)) as move_on:
                    started = await asked.start(pass_for(5))
                    move_on(timedelta(seconds=30))
                    await asked.submit(started["token"], right_answers(started, sealed) if right else [])
            found.append((await asked.board())["rows"])
        async with running(opened(), snapshot=snapshot) as asked:
            found.append((await asked.board())["rows"])
        snapshot.unlink()
        async with running(opened(), snapshot=snapshot) as asked:
            found.append((await asked.board())["rows"])
        return found

    live, from_snapshot, from_ledger = asyncio.run(play())
    assert live[0]["score_points"] == score
    assert live == from_snapshot == from_ledger


# ranks


cells = st.builds(Cell, st.integers(0, 6), st.integers(0, 4))


@given(st.lists(st.tuples(st.integers(0, 9), st.one_of(st.none(), cells)), max_size=60))
def test_a_dense_board_counts_the_cells_that_stand_before(moves: list[tuple[int, Cell | None]]) -> None:
    board = Board(lambda player: (player,), 10, dense=True)
    stands: dict[int, Cell] = {}
    for player, cell in moves:
        board.move(player, stands.get(player), cell)
        stands.pop(player, None)
        if cell is not None:
            stands[player] = cell
    order = sorted({(-cell.score, cell.second) for cell in stands.values()})
    expected = {player: 1 + order.index((-cell.score, cell.second)) for player, cell in stands.items()}
    assert {player: board.rank(cell) for player, cell in stands.items()} == expected
    assert {line.player: line.rank for line in board.lines(100)} == expected
    again = Board(lambda player: (player,), 10, dense=True)
    again.fill(stands.items())
    assert again.lines(100) == board.lines(100)


def test_a_lot_orders_whoever_is_equal_and_is_the_one_published() -> None:
    content_hash = "5d" * 32
    standings = Standings(rules(rank_style="lot"), 100, Days(ZONE), content_hash)
    people = list(range(1, 21))
    for participant in people:
        row = standings.player(participant, 1)
        stands = standings.counted(row, 10, 5000, 1)
        standings.place_on_board(row, stands)
        standings.record_finish(row, stands, 1)
    standings.board.final = True
    lines = standings.board.lines(50)
    assert [line.rank for line in lines] == people
    by_lot = sorted(people, key=lambda one: engine.tie_lot(content_hash, one))
    assert [standings.participants[line.player] for line in lines] == by_lot
    assert by_lot != people


def test_the_lot_is_what_its_specification_says() -> None:
    expected = hashlib.sha256(bytes(range(32)) + (2**62 + 5).to_bytes(8, "big")).digest()
    assert engine.tie_lot(bytes(range(32)).hex(), 2**62 + 5) == expected


# practice and variants


def test_practice_has_a_pace_that_a_script_cannot_pass(opened: Callable[[], Ledger]) -> None:
    sealed = pack(1, count=2, pool=10, practice=True, attempts_total=0)
    minute = datetime.fromtimestamp(clock.now_ms() // 60_000 * 60, UTC)

    async def play() -> tuple[int, EngineRefused]:
        ledger = opened()
        ledger.deposit_pack(sealed)
        async with running(ledger) as asked:
            with clock.set_to(minute) as move_on:
                for begun in range(PRACTICE_A_MINUTE + 1):
                    try:
                        started = await asked.start(pass_for(5))
                    except EngineRefused as refused:
                        other = await asked.start(pass_for(6))  # nobody else is held up
                        assert other["attempt"]["number"] == 1
                        move_on(timedelta(seconds=60))
                        again = await asked.start(pass_for(5))
                        assert again["attempt"]["number"] == begun + 1
                        return begun, refused
                    await asked.submit(started["token"], [])
        raise AssertionError("nothing holds practice back")

    begun, refused = asyncio.run(play())
    assert begun == PRACTICE_A_MINUTE
    assert refused.code == "engine:attempt:too_soon"


def test_a_contest_has_no_such_pace(opened: Callable[[], Ledger]) -> None:
    """The control: the same starts of a round that counts, without a limit of attempts, all begin."""
    sealed = pack(1, count=2, pool=10, attempts_total=0)

    async def play() -> None:
        ledger = opened()
        ledger.deposit_pack(sealed)
        async with running(ledger) as asked:
            for _ in range(PRACTICE_A_MINUTE + 2):
                started = await asked.start(pass_for(5))
                await asked.submit(started["token"], [])

    asyncio.run(play())


def local_pack(**section: Any) -> Any:
    made = items(30)
    sections = (
        SectionSpec("all", tuple(range(1, 11)), 3, 5),
        SectionSpec("local", tuple(range(11, 21)), 2, 5, **section),
    )
    return seal_pack(rules(1), sections, made)


def test_a_variant_draws_its_own_items_in_its_section_and_outlives_a_restart(opened: Callable[[], Ledger]) -> None:
    sealed = local_pack(variants=(("42", tuple(range(21, 31))),))
    assert SealedPack.from_bytes(sealed.to_bytes()).sections() == sealed.sections()

    async def play() -> tuple[Any, Any, Any]:
        ledger = opened()
        ledger.deposit_pack(sealed)
        async with running(ledger) as asked:
            own = await asked.start(pass_for(5, variant="42"))
            unknown = await asked.start(pass_for(6, variant="43"))
        async with running(opened()) as asked:
            again = await asked.start(pass_for(5))  # the pass of a page that only looks: the paper stays what it was
            return own["paper"], unknown["paper"], again["paper"]

    own, unknown, again = asyncio.run(play())
    assert own == again

    def numbers(paper: Any) -> list[int]:
        return [int(item["stem"].split()[1].rstrip("?")) for item in paper["items"]]

    assert all(number <= 10 for number in numbers(own)[:3])
    assert all(number > 20 for number in numbers(own)[3:])
    assert all(number <= 20 for number in numbers(unknown))


@pytest.mark.parametrize(
    "variants",
    [
        (("", (21, 22)),),
        (("42", (21,)),),
        (("42", (1, 21, 22)),),
        (("42", (21, 99)),),
        (("42", (21, 22)), ("42", (23, 24))),
    ],
)
def test_a_variant_that_cannot_be_drawn_is_no_pack(variants: Any) -> None:
    with pytest.raises(BadPack):
        local_pack(variants=variants)
