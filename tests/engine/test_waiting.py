"""Whose turn it is: a unit that sends many times its share waits for itself."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.engine.contest import KEYS, pack, pass_for, someone, sqlite

from tradeshall.core import clock
from tradeshall.engine import committing
from tradeshall.engine.codes import Code, EngineBusy
from tradeshall.engine.core import Engine, Limits
from tradeshall.engine.operations import Operation
from tradeshall.engine.waiting import Waiting


class One(Operation):
    """An operation of a unit that came at a moment."""

    def __init__(self, of: int, at_ms: int = 0) -> None:
        super().__init__()
        self.of, self.at_ms = of, at_ms

    def unit(self) -> int:
        return self.of


@given(st.lists(st.tuples(st.sampled_from(["append", "back", "take"]), st.integers(0, 4)), max_size=60))
def test_everybody_is_taken_once_and_each_unit_in_its_order(steps: list[tuple[str, int]]) -> None:
    waiting, came, taken = Waiting(), [], []
    last: list[Operation] = []
    for what, number in steps:
        if what == "append":
            came.append(One(number))
            waiting.append(came[-1])
        elif what == "back":
            waiting.put_back(last)
            taken = taken[: len(taken) - len(last)]
            last = []
        else:
            last = waiting.take(number + 1)
            assert len(last) <= number + 1
            taken += last
        assert len(waiting) == len(came) - len(taken) == len(list(waiting))
    taken += waiting.drain()
    assert len(waiting) == 0
    assert len(taken) == len(came)
    for unit in range(5):
        assert [one for one in taken if one.unit() == unit] == [one for one in came if one.unit() == unit]


@given(st.lists(st.integers(0, 6), min_size=9, max_size=200))
def test_no_unit_has_two_more_turns_than_another_that_waits(units: list[int]) -> None:
    waiting = Waiting()
    for unit in units:
        waiting.append(One(unit))
    taken = [one.unit() for one in waiting.take(len(units) // 2)]
    left = {one.unit() for one in waiting}
    for waits in left:
        assert max(map(taken.count, set(units))) <= taken.count(waits) + 1


BATCH, COMMIT_MS, SHARE = 32, 25, 100


def p95_of_others(flood: int, *, fair: bool) -> float:
    """Return how long others wait, in ms, if unit 0 sends `flood` times its share for three seconds.

    Ten units with a share of a hundred a second each; 32 are committed every 25 ms, so that all of it fits, and
    the flood does not. In steps of one millisecond, without a clock, so that it always comes out the same.
    """
    waiting = Waiting()
    waiting.fair = fair
    waits: list[int] = []
    sent = [0.0] * 10
    for now_ms in range(3000):
        for unit in range(10):
            sent[unit] += SHARE * (flood if unit == 0 else 1) / 1000
            while sent[unit] >= 1:
                sent[unit] -= 1
                waiting.append(One(unit, now_ms))
        if now_ms % COMMIT_MS == 0:
            for one in waiting.take(BATCH):
                assert isinstance(one, One)
                if one.of:
                    waits.append(now_ms + COMMIT_MS - one.at_ms)
    return float(sorted(waits)[int(0.95 * len(waits))])


def test_a_unit_that_sends_seven_times_its_share_leaves_the_others_within_twice() -> None:
    usual = p95_of_others(1, fair=True)
    assert p95_of_others(7, fair=True) <= 2 * usual
    assert p95_of_others(1, fair=False) == usual  # taking turns costs nothing where all fit
    assert p95_of_others(7, fair=False) > 5 * usual  # the control: who came first goes first


class Held:
    """A ledger whose commits wait until they are let."""

    def __init__(self, ledger: Any) -> None:
        self._ledger = ledger
        self.let = asyncio.Event()
        self._loop = asyncio.get_running_loop()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ledger, name)

    def commit(self, rows: Any, batch: Any) -> None:
        asyncio.run_coroutine_threadsafe(self.let.wait(), self._loop).result(30)
        self._ledger.commit(rows, batch)


@pytest.mark.parametrize(("fair", "ahead"), [(True, 16), (False, 101)])
def test_a_latecomer_of_another_unit_goes_before_the_crowd(
    fair: bool, ahead: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(committing, "BATCH_ROWS", 8)

    async def scenario() -> None:
        ledger: Any = Held(sqlite(tmp_path, pack()))
        engine = Engine(ledger, KEYS, limits=Limits(starts=500))
        engine.committer.waiting.fair = fair
        engine.load()
        engine.open(asyncio.get_running_loop())
        order: list[int] = []

        async def start(unit: int) -> None:
            await engine.start(pass_for(someone(), unit=unit), clock.now_ms())
            order.append(unit)

        crowd = [asyncio.create_task(start(1)) for _ in range(100)]
        await asyncio.sleep(0.05)
        late = asyncio.create_task(start(2))
        await asyncio.sleep(0)
        ledger.let.set()
        await asyncio.gather(*crowd, late)
        assert order.index(2) < ahead
        assert fair or order.index(2) > 90
        await engine.close()

    asyncio.run(scenario())


@pytest.mark.parametrize("fair", [True, False], ids=["fair", "control"])
def test_a_crowd_from_one_unit_turns_away_its_own_alone(fair: bool, tmp_path: Path) -> None:
    async def scenario() -> None:
        ledger: Any = Held(sqlite(tmp_path, pack()))
        engine = Engine(ledger, KEYS, limits=Limits(starts=40))
        engine.committer.waiting.fair = fair
        engine.load()
        engine.open(asyncio.get_running_loop())

        def start(unit: int) -> asyncio.Task[bytes]:
            return asyncio.create_task(engine.start(pass_for(someone(), unit=unit), clock.now_ms()))

        asked = [start(1)]
        await asyncio.sleep(0.05)  # it is on its way to the ledger
        asked += [start(1) for _ in range(200)]
        await asyncio.sleep(0)
        others = [start(unit) for unit in (2, 3, 4, 2)]
        await asyncio.sleep(0)
        ledger.let.set()
        crowd = await asyncio.gather(*asked, return_exceptions=True)
        other = await asyncio.gather(*others, return_exceptions=True)
        assert {one.code for one in crowd if isinstance(one, EngineBusy)} == {Code.BUSY_STARTS}
        assert sum(isinstance(one, bytes) for one in crowd) == 40
        assert [isinstance(one, bytes) for one in other] == [fair] * 4
        await engine.close()

    asyncio.run(scenario())


def test_a_crowd_from_everywhere_is_turned_away_alike(tmp_path: Path) -> None:
    async def scenario() -> None:
        ledger: Any = Held(sqlite(tmp_path, pack()))
        engine = Engine(ledger, KEYS, limits=Limits(starts=40))
        engine.load()
        engine.open(asyncio.get_running_loop())
        asked = [
            asyncio.create_task(engine.start(pass_for(someone(), unit=unit % 500 + 1), clock.now_ms()))
            for unit in range(1000)
        ]
        await asyncio.sleep(0.05)
        assert engine.committer.depth() <= 80
        ledger.let.set()
        done = await asyncio.gather(*asked, return_exceptions=True)
        assert 40 <= sum(isinstance(one, bytes) for one in done) <= 80
        await engine.close()

    asyncio.run(scenario())


class Slow:
    """A ledger on a disk that takes its time."""

    def __init__(self, ledger: Any, seconds: float) -> None:
        self._ledger, self._seconds = ledger, seconds

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ledger, name)

    def commit(self, rows: Any, batch: Any) -> None:
        time.sleep(self._seconds)
        self._ledger.commit(rows, batch)


@pytest.mark.parametrize(("from_ns", "holds"), [(committing.SLOW_NS, True), (10**15, False)], ids=["", "control"])
def test_a_slow_disk_takes_nobodys_time(
    from_ns: int, holds: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Time begins when the start is likely to be on disk; the control lets it begin before."""
    monkeypatch.setattr(committing, "SLOW_NS", from_ns)

    async def scenario() -> None:
        ledger: Any = Slow(sqlite(tmp_path, pack()), 0.8)
        engine = Engine(ledger, KEYS)
        engine.load()
        engine.open(asyncio.get_running_loop())
        lost = []
        for _ in range(3):
            told = orjson.loads(await engine.start(pass_for(someone()), clock.now_ms()))["attempt"]
            assert told["deadline_ms"] - told["started_at_ms"] == 600_000
            lost.append(told["now_ms"] - told["started_at_ms"])
        assert (max(lost[1:]) < 500) is holds
        await engine.close()

    asyncio.run(scenario())
