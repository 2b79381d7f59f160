"""Several engine processes on one PostgreSQL ledger: anybody may be served by any, and they come and go."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import pytest
from tests.engine.contest import KEYS, pack, pass_for, right_answers, running, someone
from tests.engine.crowds import Crowd, until
from tests.engine.killing import PUBLIC, Engine, faults_of_ledger

from tradeshall.core import clock
from tradeshall.engine.client import HttpClient
from tradeshall.engine.codes import EngineBusy, EngineRefused
from tradeshall.engine.committing import Committer
from tradeshall.engine.core import Engine as Core
from tradeshall.engine.core import Limits
from tradeshall.engine.ledger.interface import CommitFailed, Ledger
from tradeshall.engine.ledger.opening import open_ledger
from tradeshall.engine.pack import SealedPack
from tradeshall.engine.receipts import verify_receipt

pytestmark = [pytest.mark.postgres, pytest.mark.timeout(300)]
QUICK = {"body_seconds": 0.5, "poll_seconds": 0.2, "others_seconds": 1.0}


@contextmanager
def engines(data: Path, url: str, names: str, kind: str = "real") -> Iterator[list[Engine]]:
    """Run engine processes under these names, and stop those that still run."""
    data.mkdir(parents=True, exist_ok=True)
    running = [Engine(data, url, kind, name, QUICK) for name in names]
    try:
        for engine in running:
            engine.start()
        yield running
    finally:
        for engine in running:
            if engine.process is not None and engine.process.poll() is None:
                engine.stop()


def deposit(url: str, **changes: Any) -> SealedPack:
    sealed = pack(**changes)
    ledger = open_ledger(url)
    ledger.deposit_pack(sealed)
    ledger.close()
    return sealed


def board(engine: Engine) -> Any:
    client = HttpClient(f"http://127.0.0.1:{engine.port}", KEYS.service)
    try:
        return client.board(1, 1000)
    finally:
        client.close()


def finishes(url: str) -> Counter[int]:
    ledger = open_ledger(url)
    try:
        return Counter(row.participant for _, _, row in ledger.replay({}, saves=False) if row.kind == 3)
    finally:
        ledger.close()


def sit_everywhere(running: list[Engine], sealed: SealedPack, people: int) -> list[str]:
    """Let people ask another process each time, as quickly as answers come; return what went wrong."""
    faults: list[str] = []
    rng = Random(5)
    for _ in range(people):
        person = someone()
        asked = [rng.choice(running) for _ in range(7)]
        try:
            started = asked[0].ask("start", {"pass": pass_for(person)})
            again = asked[1].ask("start", {"pass": pass_for(person)})
            if again["token"] != started["token"]:
                faults.append("two attempts")
            token, right = started["token"], right_answers(started, sealed)
            for engine, part in zip(asked[2:5], (right[:7], right[7:14], right[14:]), strict=True):
                engine.ask("save", {"token": token, "responses": part})
            result = asked[5].ask("submit", {"token": token, "responses": []})
            if result["score_points"] != 100:
                faults.append(f"scored {result['score_points']} of 100")
            if not verify_receipt(result["receipt"], PUBLIC):
                faults.append("the receipt does not hold")
            if asked[6].ask("submit", {"token": token, "responses": []}) != result:
                faults.append("another answer")
        except AssertionError as error:
            faults.append(str(error))
    return faults


def test_an_attempt_may_be_served_by_another_process_each_time(tmp_path: Path, postgresql_url: str) -> None:
    sealed = deposit(postgresql_url)
    with engines(tmp_path, postgresql_url, "abc") as running:
        assert sit_everywhere(running, sealed, 40) == []
        until(lambda: all(board(engine)["of"] == 40 for engine in running), 10)
        # those whose keys are equal to the millisecond may stand in either order
        first, *rest = ({row["participant"]: row for row in board(engine)["rows"]} for engine in running)
    assert len(first) == 40
    assert all(one == first for one in rest)
    assert set(finishes(postgresql_url).values()) == {1}


def test_control_that_does_not_look_before_it_seals_loses_what_was_saved(tmp_path: Path, postgresql_url: str) -> None:
    sealed = deposit(postgresql_url)
    with engines(tmp_path, postgresql_url, "abc", "alone") as running:
        assert sit_everywhere(running, sealed, 10) != []


def test_attempts_of_a_process_that_died_are_finished_by_another_once(tmp_path: Path, postgresql_url: str) -> None:
    sealed = deposit(postgresql_url, time_limit_seconds=5, grace_seconds=1)
    with engines(tmp_path, postgresql_url, "abc") as running:
        scores = {}
        for number in range(12):
            person = someone()
            started = running[0].ask("start", {"pass": pass_for(person)})
            saved = right_answers(started, sealed)[: number + 1]
            running[number % 2].ask("save", {"token": started["token"], "responses": saved})
            scores[person] = 5 * (number + 1)
        running[0].kill()
        until(lambda: len(finishes(postgresql_url)) == 12)
        assert set(finishes(postgresql_url).values()) == {1}
        until(lambda: all(board(engine)["of"] == 12 for engine in running[1:]), 10)
        seen = {row["participant"]: row["score_points"] for row in board(running[2])["rows"]}
    assert seen == scores


def test_processes_come_and_go_while_people_sit(tmp_path: Path, postgresql_url: str) -> None:
    deposit(postgresql_url)
    with engines(tmp_path, postgresql_url, "abc") as running:
        first, second, _ = running
        with Crowd(running) as crowd:
            crowd.more(30)
            first.stop()  # as for an upgrade: it leaves a snapshot behind
            crowd.more(30)
            second.kill()
            crowd.more(30)
            first.start()  # reads its snapshot, and what happened since
            newcomer = Engine(tmp_path, postgresql_url, "real", "d", QUICK)
            newcomer.start()  # reads everything
            running.append(newcomer)
            crowd.more(60)
            second.start()
            crowd.more(30)
        assert crowd.faults == []
        told = crowd.told
        count = len(told.results)
        for engine in running:
            until(lambda engine=engine: board(engine)["of"] >= count, 10)  # type: ignore[misc]
        boards = [board(engine) for engine in running]
        assert len({one["of"] for one in boards}) == 1
        scores = [{row["participant"]: row["score_points"] for row in one["rows"]} for one in boards]
        assert all(one == scores[0] for one in scores)
        for number, (person, result) in enumerate(list(told.results.items())[::5]):
            assert running[number % 4].ask("submit", {"token": told.starts[person], "responses": []}) == result
            assert verify_receipt(result["receipt"], PUBLIC)
    assert faults_of_ledger(postgresql_url, told) == []


class Meddled:
    """A ledger into which another process writes while it is being read from the beginning."""

    def __init__(self, ledger: Ledger, meddle: Callable[[], None]) -> None:
        self._ledger, self._meddle = ledger, meddle

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ledger, name)

    def history(self, watermarks: Any) -> Any:
        found = list(self._ledger.history(watermarks))
        self._meddle()
        return iter(found)


class Careless(Core):
    """The control: asks how far the others are after it has read them."""

    def load(self) -> None:
        self.ledger.claim(self.committer.writer)
        for deposited in self.ledger.rounds_since(0):
            self.memory.take_round(deposited)
        self.memory.replay(self.ledger.history({}))
        self.memory.watermarks = dict(self.ledger.positions())
        self.memory.replay_ends()


@pytest.mark.parametrize(("kind", "seen"), [(Core, 3), (Careless, 2)])
def test_who_joins_while_others_write_misses_nothing(kind: type[Core], seen: int, postgresql_url: str) -> None:
    """The control misses what was written between its two looks."""

    async def scenario() -> None:
        ledger = open_ledger(postgresql_url)
        ledger.deposit_pack(pack())
        first = Core(ledger, KEYS, writer="a")
        first.load()
        first.open(asyncio.get_running_loop())

        async def start() -> None:
            await first.start(pass_for(someone()), clock.now_ms())

        await start()
        await start()
        loop = asyncio.get_running_loop()

        def meddle() -> None:
            asyncio.run_coroutine_threadsafe(start(), loop).result(10)

        meddled: Any = Meddled(open_ledger(postgresql_url), meddle)
        second = kind(meddled, KEYS, writer="b")
        await asyncio.to_thread(second.load)
        second.open(loop)
        await second._poll()
        assert second.memory.open_count() == seen
        await first.close()
        await second.close()

    asyncio.run(scenario())


def test_reports_show_every_process_and_forget_who_stopped(tmp_path: Path, postgresql_url: str) -> None:
    deposit(postgresql_url)
    ledger = open_ledger(postgresql_url)
    with engines(tmp_path, postgresql_url, "ab") as running:
        until(lambda: [name for name, _, _ in ledger.reports()] == ["a", "b"])
        told = json.loads(ledger.reports()[0][2])
        assert told["writer"] == "a"
        assert told["pid"] == running[0].process.pid  # type: ignore[union-attr]
        running[0].stop()
        assert [name for name, _, _ in ledger.reports()] == ["b"]
    ledger.close()


class Unheard:
    """A ledger that commits, and says it did not, as when the connection is lost at the wrong moment."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.unheard = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ledger, name)

    def commit(self, rows: Any, batch: Any) -> None:
        self._ledger.commit(rows, batch)
        if self.unheard:
            raise CommitFailed("the connection was lost")


@pytest.mark.parametrize("own", [True, False], ids=["", "control"])
def test_what_was_written_unheard_and_served_by_another_is_known_to_who_wrote_it(
    own: bool, postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control looks at what others wrote alone, and knows nothing of its own start."""
    if not own:
        everything = Committer.read_news
        monkeypatch.setattr(
            Committer,
            "read_news",
            lambda self, marks: [one for one in everything(self, marks) if one[0] != self.writer],
        )

    async def scenario() -> None:
        ledger: Any = Unheard(open_ledger(postgresql_url))
        ledger.deposit_pack(pack())
        async with running(ledger, writer="a") as a, running(open_ledger(postgresql_url), writer="b") as b:
            me = someone()
            ledger.unheard = True
            with pytest.raises(EngineBusy):
                await a.start(pass_for(me))
            ledger.unheard = False
            started = await b.start(pass_for(me))
            if own:
                assert (await a.submit(started["token"], []))["state"] == "scored"
            else:
                with pytest.raises(EngineRefused, match="attempt:unknown"):
                    await a.submit(started["token"], [])

    asyncio.run(scenario())


class Between:
    """A ledger into which another process writes between two looks at it."""

    def __init__(self, ledger: Ledger, meddle: Callable[[], None]) -> None:
        self._ledger, self._meddle = ledger, meddle
        self.meddling = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ledger, name)

    def replay(self, marks: Any, *, saves: bool) -> Any:
        found = list(self._ledger.replay(marks, saves=saves))
        self._then()
        return iter(found)

    def news(self, marks: Any, limit: int) -> Any:
        found = self._ledger.news(marks, limit)
        self._then()
        return found

    def _then(self) -> None:
        if self.meddling:
            self.meddling = False
            self._meddle()


@pytest.mark.parametrize("at_once", [True, False], ids=["", "control"])
def test_who_recovers_while_others_write_misses_nothing(
    at_once: bool, postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control looks for starts and finishes first and for saves then, and passes over a start between."""

    async def scenario() -> None:
        loop = asyncio.get_running_loop()
        tokens: list[str] = []
        first = open_ledger(postgresql_url)
        first.deposit_pack(pack())
        async with running(first, writer="a") as a:

            async def begin() -> None:
                tokens.append((await a.start(pass_for(someone())))["token"])
                await a.save(tokens[-1], [[1, 1, [0]]])

            between: Any = Between(
                open_ledger(postgresql_url), lambda: asyncio.run_coroutine_threadsafe(begin(), loop).result(10)
            )
            if not at_once:
                monkeypatch.setattr(
                    Committer,
                    "read_news",
                    lambda self, marks: [*between.replay(marks, saves=False), *between.replay(marks, saves=True)],
                )
            async with running(between, limits=Limits(poll_seconds=3600), writer="b") as b:
                between.meddling = b.engine.committer._unsure = True
                await b.start(pass_for(someone()))
                if at_once:
                    assert (await b.save(tokens[0], [[1, 2, [1]]]))["saved"] == {"1": 2}
                else:
                    with pytest.raises(EngineRefused, match="attempt:unknown"):
                        await b.save(tokens[0], [[1, 2, [1]]])

    asyncio.run(scenario())
