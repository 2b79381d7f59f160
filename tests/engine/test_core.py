"""What the engine answers, on both ledgers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from tests.engine.contest import (
    HOUR_MS,
    KEYS,
    Asked,
    pack,
    pass_for,
    right_answers,
    running,
    someone,
    sqlite,
)

from tradeshall.core import clock
from tradeshall.engine.codes import Code, EngineBusy, EngineRefused
from tradeshall.engine.core import Limits
from tradeshall.engine.http import EngineHttp
from tradeshall.engine.ledger.interface import CommitFailed, Ledger
from tradeshall.engine.ledger.postgresql import PostgresqlLedger
from tradeshall.engine.pack import SealedPack
from tradeshall.engine.receipts import Signer, verify_receipt

PUBLIC = Signer(KEYS.receipt_seed).public
NOON = datetime(2026, 5, 1, 4, 0, tzinfo=UTC)  # noon in Shanghai


def run(work: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(work)


async def code_of(work: Coroutine[Any, Any, Any]) -> tuple[str, dict[str, Any]]:
    with pytest.raises(EngineRefused) as caught:
        await work
    return caught.value.code, caught.value.details


def test_start_again_returns_the_same_paper_and_deadline(ledger: Ledger) -> None:
    async def scenario() -> None:
        ledger.deposit_pack(pack())
        me = someone()
        async with running(ledger) as engine:
            first, again = await engine.start(pass_for(me)), await engine.start(pass_for(me))
            assert {**first, "attempt": 0} == {**again, "attempt": 0}
            assert first["attempt"]["deadline_ms"] == again["attempt"]["deadline_ms"]
            assert len(first["paper"]["items"]) == 20
            assert "key" not in first["paper"]["items"][0]
            other = await engine.start(pass_for(someone()))
            assert other["paper"] != first["paper"]

    run(scenario())


def test_start_from_fifty_at_once_makes_one_attempt(ledger: Ledger) -> None:
    async def scenario() -> None:
        ledger.deposit_pack(pack())
        me = someone()
        async with running(ledger) as engine:
            answers = await asyncio.gather(*[engine.start(pass_for(me)) for _ in range(50)])
            assert len({answer["token"] for answer in answers}) == 1
            assert len({answer["attempt"]["deadline_ms"] for answer in answers}) == 1
            assert len({str(answer["paper"]) for answer in answers}) == 1
            assert [entry.kind for entry in ledger.read_since({}, 10)] == ["start"]

    run(scenario())


def test_submit_scores_and_signs(ledger: Ledger) -> None:
    async def scenario() -> None:
        sealed = pack()
        ledger.deposit_pack(sealed)
        me = someone()
        async with running(ledger) as engine:
            started = await engine.start(pass_for(me))
            answer = await engine.submit(started["token"], right_answers(started, sealed))
            assert (answer["state"], answer["score_points"], answer["max_points"]) == ("scored", 100, 100)
            assert (answer["rank"], answer["of"]) == (1, 1)
            assert verify_receipt(answer["receipt"], PUBLIC)
            assert answer["receipt"]["body"]["participant"] == str(me)
            forged = {**answer["receipt"], "body": {**answer["receipt"]["body"], "number": 2}}
            assert not verify_receipt(forged, PUBLIC)
            assert not verify_receipt(answer["receipt"], Signer(bytes(32)).public)

    run(scenario())


def test_submit_one_to_five_times_gives_one_result_and_the_same_receipt(
    opened: Callable[[], Ledger],
) -> None:
    async def scenario() -> None:
        sealed = pack()
        ledger = opened()
        ledger.deposit_pack(sealed)
        people = [someone() for _ in range(30)]
        async with running(ledger) as engine:
            starts = await asyncio.gather(*[engine.start(pass_for(person)) for person in people])
            asked = [
                (position, asyncio.create_task(engine.submit(started["token"], right_answers(started, sealed))))
                for position, started in enumerate(starts)
                for _ in range(1 + position % 5)
            ]
            for index, (_, task) in enumerate(asked):
                if index % 7 == 3:
                    task.cancel()  # the reply is dropped: whoever asked has gone
            answers: dict[int, list[Any]] = {}
            for position, task in asked:
                done = (await asyncio.gather(task, return_exceptions=True))[0]
                if isinstance(done, dict):
                    answers.setdefault(position, []).append(done)
            for position, started in enumerate(starts):
                again = await engine.submit(started["token"], [])
                assert all(answer == again for answer in answers.get(position, []))
                engine.engine.memory._answers.clear()
                assert await engine.submit(started["token"], []) == again
                answers[position] = [again]
        after = opened()
        finishes = [entry for entry in after.read_since({}, 1000) if entry.kind == "finish"]
        assert sorted(entry.participant for entry in finishes) == sorted(people)
        async with running(after) as engine:
            for position, started in enumerate(starts):
                assert await engine.submit(started["token"], []) == answers[position][0]

    run(scenario())


def test_save_keeps_the_newest_revision_across_a_restart(opened: Callable[[], Ledger]) -> None:
    async def scenario() -> None:
        ledger = opened()
        ledger.deposit_pack(pack())
        me = someone()
        async with running(ledger) as engine:
            token = (await engine.start(pass_for(me)))["token"]
            assert (await engine.save(token, [[1, 5, [0]], [2, 1, [1]]]))["saved"] == {"1": 5, "2": 1}
            assert (await engine.save(token, [[1, 4, [1]]]))["saved"] == {"1": 5}  # late and older: harmless
            assert (await engine.save(token, [[2, 2, []]]))["saved"] == {"2": 2}  # cleared
        async with running(opened()) as engine:
            saved = (await engine.start(pass_for(me)))["saved"]
            assert saved == {
                "1": {"revision": 5, "response": [0]},
                "2": {"revision": 2, "response": []},
            }

    run(scenario())


def test_sweep_finishes_with_what_was_saved(ledger: Ledger) -> None:
    async def scenario() -> None:
        with clock.set_to(NOON) as move_on:
            sealed = pack(results="at_once")
            ledger.deposit_pack(sealed)
            me = someone()
            async with running(ledger) as engine:
                started = await engine.start(pass_for(me))
                right = right_answers(started, sealed)
                await engine.save(started["token"], right[:10])
                move_on(timedelta(seconds=610))
                engine.engine.sweep()
                assert engine.engine.committer.depth() == 0  # the last millisecond of the grace still counts
                move_on(timedelta(milliseconds=1))
                engine.engine.sweep()
                code, details = await code_of(engine.submit(started["token"], right))
                assert code == Code.ATTEMPT_TOO_LATE
                assert details["result"]["score_points"] == 50
                assert details["result"]["time_used_ms"] == 600_000
                standing = await engine.standing(pass_for(me))
                assert standing["attempts"][0]["by"] == "deadline"
                assert standing["best"]["score_points"] == 50

    run(scenario())


@pytest.mark.parametrize(("late_ms", "counts"), [(0, True), (10_000, True), (10_001, False), (60_000, False)])
def test_submit_counts_within_the_grace_alone(tmp_path: Path, late_ms: int, counts: bool) -> None:
    async def scenario() -> None:
        with clock.set_to(NOON) as move_on:
            sealed = pack()
            async with running(sqlite(tmp_path, sealed)) as engine:
                started = await engine.start(pass_for(someone()))
                right = right_answers(started, sealed)
                await engine.save(started["token"], right[:4])
                move_on(timedelta(seconds=600, milliseconds=late_ms))
                if counts:
                    answer = await engine.submit(started["token"], right)
                    assert answer["score_points"] == 100
                    assert answer["time_used_ms"] == 600_000
                else:
                    code, details = await code_of(engine.submit(started["token"], right))
                    assert code == Code.ATTEMPT_TOO_LATE
                    assert details["result"]["score_points"] == 20
                    code, _ = await code_of(engine.save(started["token"], right))
                    assert code == Code.ATTEMPT_FINISHED

    run(scenario())


def test_submit_stamped_in_time_is_not_overtaken_by_the_sweep(tmp_path: Path) -> None:
    async def scenario() -> None:
        with clock.set_to(NOON) as move_on:
            sealed = pack()
            async with running(sqlite(tmp_path, sealed)) as engine:
                started = await engine.start(pass_for(someone()))
                move_on(timedelta(seconds=605))
                arrived_ms = clock.now_ms()
                ticket = engine.engine.body_begins(arrived_ms)  # its body comes slowly
                move_on(timedelta(seconds=9))
                engine.engine.sweep()
                await asyncio.sleep(0.05)
                engine.engine.body_ends(ticket)
                answer = await engine.submit(started["token"], right_answers(started, sealed), arrived_ms)
                assert answer["score_points"] == 100

    run(scenario())


class SlowBody:
    """A request whose body never comes, as the server would hand it over."""

    method, path, headers = "POST", "/engine/submit", {"content-length": "10"}

    def __init__(self) -> None:
        self.answered: asyncio.Future[tuple[int, bytes]] = asyncio.get_running_loop().create_future()

    async def __call__(self) -> bytes:
        await asyncio.Event().wait()
        return b""

    def response_bytes(self, status: int, headers: Any, body: bytes) -> None:
        self.answered.set_result((status, body))


def test_body_that_never_comes_is_cut_off(tmp_path: Path) -> None:
    async def scenario() -> None:
        limits = Limits(body_seconds=0.05, sweep_seconds=0.02)
        async with running(sqlite(tmp_path, pack()), limits=limits) as engine:
            slow = SlowBody()
            task = asyncio.create_task(EngineHttp(engine.engine)(slow, slow))
            status, body = await asyncio.wait_for(slow.answered, 10)
            assert (status, orjson.loads(body)["code"]) == (408, Code.REQUEST_TOO_SLOW)
            await task
            gone = SlowBody()
            task = asyncio.create_task(EngineHttp(engine.engine)(gone, gone))
            await asyncio.sleep(0)
            task.cancel()  # by somebody else: not ours to answer
            with pytest.raises(asyncio.CancelledError):
                await task
            assert not gone.answered.done()

    run(scenario())


def test_retry_after_the_deadline_gets_the_answer_given_in_time(tmp_path: Path) -> None:
    async def scenario() -> None:
        with clock.set_to(NOON) as move_on:
            sealed = pack()
            async with running(sqlite(tmp_path, sealed)) as engine:
                started = await engine.start(pass_for(someone()))
                answer = await engine.submit(started["token"], right_answers(started, sealed))
                move_on(timedelta(hours=3))
                assert await engine.submit(started["token"], []) == answer

    run(scenario())


def test_start_refuses_by_window_and_number(tmp_path: Path) -> None:
    async def scenario() -> None:
        with clock.set_to(NOON) as move_on:
            sealed = pack(attempts_per_day=1, attempts_total=2, closes_at_ms=clock.now_ms() + 72 * HOUR_MS)
            later = pack(2, opens_at_ms=clock.now_ms() + HOUR_MS, closes_at_ms=clock.now_ms() + 2 * HOUR_MS)
            async with running(sqlite(tmp_path, sealed, later)) as engine:
                me = someone()

                async def sit() -> None:
                    token = (await engine.start(pass_for(me)))["token"]
                    await engine.submit(token, [])

                assert (await code_of(engine.start(pass_for(me, 2))))[0] == Code.ROUND_NOT_OPEN
                assert (await code_of(engine.start(pass_for(me, 3))))[0] == Code.ROUND_UNKNOWN
                assert (await engine.start(pass_for(me, 2, rehearsal=True)))["attempt"]["number"] == 1
                await sit()
                code, details = await code_of(engine.start(pass_for(me)))
                assert code == Code.ATTEMPT_NONE_LEFT_TODAY
                midnight = datetime.fromtimestamp(details["next_at_ms"] / 1000, UTC)
                assert midnight == datetime(2026, 5, 1, 16, 0, tzinfo=UTC)  # days turn in Shanghai
                assert not (await engine.standing(pass_for(me)))["may_start"]
                move_on(midnight - NOON)
                await sit()
                assert (await code_of(engine.start(pass_for(me))))[0] == Code.ATTEMPT_NONE_LEFT
                move_on(timedelta(hours=72))
                assert (await code_of(engine.start(pass_for(someone()))))[0] == Code.ROUND_CLOSED

    run(scenario())


def test_deadline_follows_multiplier_and_closing(tmp_path: Path) -> None:
    async def scenario() -> None:
        with clock.set_to(NOON) as move_on:
            now_ms = clock.now_ms()
            async with running(sqlite(tmp_path, pack(closes_at_ms=now_ms + 1_000_000))) as engine:
                usual = (await engine.start(pass_for(someone())))["attempt"]
                slower = (await engine.start(pass_for(someone(), time_multiplier=1.5)))["attempt"]
                longest = (await engine.start(pass_for(someone(), time_multiplier=3)))["attempt"]
                assert usual["deadline_ms"] == now_ms + 600_000
                assert slower["deadline_ms"] == now_ms + 900_000
                assert longest["deadline_ms"] == now_ms + 1_000_000
                engine.engine.ledger.close_round(1, now_ms + 5_000)
                await engine.engine._poll()
                move_on(timedelta(seconds=16))
                engine.engine.sweep()
                await engine.engine.committer._idle.wait()
                board = await engine.board()
                assert (board["of"], board["final"]) == (3, True)

    run(scenario())


def test_tokens_changed_on_the_way_are_refused(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with running(sqlite(tmp_path, pack())) as engine:
            ticket = pass_for(someone())
            token = (await engine.start(ticket))["token"]
            for bad in (ticket[:-2] + "xx", "x" + ticket, token, "", None, 5, "a.b", ticket + ".x"):
                assert (await code_of(engine.start(bad)))[0] == Code.PASS_INVALID  # type: ignore[arg-type]
            for bad in (token[:-2] + "xx", ticket, "", None, "a.b.c"):
                assert (await code_of(engine.submit(bad, [])))[0] == Code.TOKEN_INVALID  # type: ignore[arg-type]
                assert (await code_of(engine.save(bad, [])))[0] == Code.TOKEN_INVALID  # type: ignore[arg-type]
            old = pass_for(someone(), expires_at_ms=clock.now_ms() - 1)
            assert (await code_of(engine.start(old)))[0] == Code.PASS_EXPIRED

    run(scenario())


@pytest.mark.parametrize(
    ("responses", "code"),
    [
        ([[21, 1, [0]]], Code.RESPONSE_NOT_ON_PAPER),
        ([[0, 1, [0]]], Code.RESPONSE_NOT_ON_PAPER),
        ([["1", 1, [0]]], Code.RESPONSE_NOT_ON_PAPER),
        ([[True, 1, [0]]], Code.RESPONSE_NOT_ON_PAPER),
        ([[1, 1, [4]]], Code.RESPONSE_NOT_ON_PAPER),
        ([[1, 1, [-1]]], Code.RESPONSE_NOT_ON_PAPER),
        ([[1, 1, [0.0]]], Code.RESPONSE_NOT_ON_PAPER),
        ([[1, 1, [0, 0]]], Code.RESPONSE_MALFORMED),
        ([[1, -1, [0]]], Code.RESPONSE_MALFORMED),
        ([[1, 2**60, [0]]], Code.RESPONSE_MALFORMED),
        ([[1, 1, 0]], Code.RESPONSE_MALFORMED),
        ([[1, 1]], Code.RESPONSE_MALFORMED),
        ([1], Code.RESPONSE_MALFORMED),
        ({"1": [0]}, Code.RESPONSE_MALFORMED),
        (None, Code.RESPONSE_MALFORMED),
    ],
)
def test_responses_the_paper_does_not_have_are_refused(tmp_path: Path, responses: Any, code: Code) -> None:
    async def scenario() -> None:
        async with running(sqlite(tmp_path, pack())) as engine:
            token = (await engine.start(pass_for(someone())))["token"]
            for ask in (engine.save, engine.submit):
                refusal, _ = await code_of(ask(token, responses))
                assert refusal == code
            assert (await engine.submit(token, []))["score_points"] == 0  # the attempt is still open

    run(scenario())


def test_results_withheld_show_no_score_until_they_may(tmp_path: Path) -> None:
    async def scenario(when: str, release: Callable[[Asked, Callable[[timedelta], None]], None]) -> None:
        with clock.set_to(NOON) as move_on:
            sealed = pack(results=when)
            path = tmp_path / when
            async with running(sqlite(path, sealed)) as engine:
                me = someone()
                started = await engine.start(pass_for(me))
                answer = await engine.submit(started["token"], right_answers(started, sealed))
                assert answer["state"] == "received"
                assert "score_points" not in answer
                assert "score_salt" not in answer["receipt"]
                assert verify_receipt(answer["receipt"], PUBLIC)
                standing = await engine.standing(pass_for(me))
                assert standing["best"] is None
                assert standing["attempts"][0]["score_points"] is None
                assert (await code_of(engine.review(started["token"])))[0] == Code.REVIEW_WITHHELD
                release(engine, move_on)
                await engine.engine._poll()
                after = await engine.submit(started["token"], [])
                assert after["score_points"] == 100
                shown = {name: value for name, value in after["receipt"].items() if name != "score_salt"}
                assert shown == answer["receipt"]
                assert len((await engine.review(started["token"]))["items"]) == 20

    def end(engine: Asked, move_on: Callable[[timedelta], None]) -> None:
        move_on(timedelta(hours=1, seconds=11))

    def say(engine: Asked, move_on: Callable[[timedelta], None]) -> None:
        engine.engine.ledger.release_results(1, clock.now_ms())

    run(scenario("after_round", end))
    run(scenario("after_review", say))


def test_review_shows_keys_after_the_attempt_alone(tmp_path: Path) -> None:
    async def scenario() -> None:
        sealed, never = pack(), pack(2, review="never")
        async with running(sqlite(tmp_path, sealed, never)) as engine:
            started = await engine.start(pass_for(someone()))
            assert (await code_of(engine.review(started["token"])))[0] == Code.REVIEW_UNFINISHED
            right = right_answers(started, sealed)
            await engine.submit(started["token"], right[:7])
            items = (await engine.review(started["token"]))["items"]
            assert [item["got_points"] for item in items] == [5] * 7 + [0] * 13
            assert all(item["given"] == item["key"] for item in items[:7])
            assert all(item["explanation"] for item in items)
            hidden = await engine.start(pass_for(someone(), 2))
            await engine.submit(hidden["token"], [])
            assert (await code_of(engine.review(hidden["token"])))[0] == Code.REVIEW_NEVER

    run(scenario())


@pytest.mark.postgres
def test_two_engines_on_one_ledger_begin_and_finish_an_attempt_once(postgresql_url: str) -> None:
    """The second engine takes in what the first wrote, at the latest when the ledger refuses a row of its own."""

    async def scenario() -> None:
        sealed = pack(attempts_total=1)
        first, second = PostgresqlLedger(postgresql_url), PostgresqlLedger(postgresql_url)
        first.deposit_pack(sealed)
        seldom = Limits(poll_seconds=3600)  # so that only conflicts make them look
        async with running(second, limits=seldom, writer="a") as a, running(first, limits=seldom, writer="b") as b:
            me = someone()
            begun = await b.start(pass_for(me))
            again = await a.start(pass_for(me))
            assert (again["token"], again["paper"]) == (begun["token"], begun["paper"])
            answer = await a.submit(begun["token"], right_answers(begun, sealed))
            assert answer["score_points"] == 100
            assert await b.submit(begun["token"], []) == answer
            assert (await code_of(b.start(pass_for(me))))[0] == Code.ATTEMPT_NONE_LEFT
        reader = PostgresqlLedger(postgresql_url)  # a's finish is read before b's start
        assert [(entry.writer, entry.kind) for entry in reader.read_since({}, 9)] == [("a", "finish"), ("b", "start")]
        async with running(reader, writer="c") as c:
            assert c.engine.memory.open_count() == 0
            assert await c.submit(begun["token"], []) == answer

    run(scenario())


class Stubborn:
    """A ledger that refuses to commit while it is told to."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.refusing = False
        self.lying = False  # commits, and says it did not: a connection lost at the wrong moment

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ledger, name)

    def commit(self, rows: Any, batch: Any) -> None:
        if self.refusing:
            raise CommitFailed("told to")
        self._ledger.commit(rows, batch)
        if self.lying:
            raise CommitFailed("the connection was lost")


def test_batch_that_fails_to_commit_is_busy_and_leaves_no_trace(ledger: Ledger) -> None:
    async def scenario() -> None:
        sealed = pack()
        ledger.deposit_pack(sealed)
        stubborn: Any = Stubborn(ledger)
        async with running(stubborn) as engine:
            me, other = someone(), someone()
            started = await engine.start(pass_for(me))
            token, right = started["token"], right_answers(started, sealed)
            stubborn.refusing = True
            for ask in (engine.start(pass_for(other)), engine.save(token, right), engine.submit(token, right)):
                with pytest.raises(EngineBusy) as caught:
                    await ask
                assert caught.value.code == Code.BUSY_NOT_COMMITTED
            assert (await engine.board())["of"] == 0
            assert (await engine.start(pass_for(me)))["saved"] == {}
            stubborn.refusing = False
            assert (await engine.save(token, right[:1]))["saved"] == {"1": 1}
            assert (await engine.submit(token, right))["rank"] == 1
            assert (await engine.start(pass_for(other)))["attempt"]["number"] == 1

    run(scenario())


def test_commit_that_happened_unheard_is_found_again(ledger: Ledger) -> None:
    async def scenario() -> None:
        sealed = pack()
        ledger.deposit_pack(sealed)
        stubborn: Any = Stubborn(ledger)
        async with running(stubborn) as engine:
            me = someone()
            started = await engine.start(pass_for(me))
            stubborn.lying = True
            with pytest.raises(EngineBusy):
                await engine.submit(started["token"], right_answers(started, sealed))
            stubborn.lying = False
            await engine.start(pass_for(someone()))
            answer = await engine.submit(started["token"], [])
            assert answer["score_points"] == 100
            assert verify_receipt(answer["receipt"], PUBLIC)
            board = await engine.board()
            assert [row["score_points"] for row in board["rows"]] == [100]

    run(scenario())


def test_overload_sheds_starts_then_reads_then_saves_and_never_submissions(tmp_path: Path) -> None:
    async def scenario() -> None:
        sealed = pack()
        limits = Limits(starts=2, reads=4, saves=6)
        async with running(sqlite(tmp_path, sealed), limits=limits) as engine:
            starts = [await engine.start(pass_for(someone())) for _ in range(20)]
            tokens = [started["token"] for started in starts]

            def outcome(done: Any) -> str:
                return done.code if isinstance(done, EngineBusy) else "answered"

            async def flood(ask: Callable[[int], Coroutine[Any, Any, Any]]) -> list[str]:
                done = await asyncio.gather(*[ask(n) for n in range(20)], return_exceptions=True)
                return [outcome(one) for one in done]

            started = await flood(lambda n: engine.start(pass_for(someone())))
            assert started == ["answered"] * 2 + [Code.BUSY_STARTS] * 18
            saved = await flood(lambda n: engine.save(tokens[n], [[1, 1, [0]]]))
            assert saved == ["answered"] * 6 + [Code.BUSY_SAVES] * 14

            async def busy_read(n: int) -> Any:
                return await (engine.submit(tokens[n], []) if n < 19 else engine.board())

            read = await flood(busy_read)
            assert read == ["answered"] * 19 + [Code.BUSY_READS]

    run(scenario())


def test_snapshot_and_replay_rebuild_the_same_memory(tmp_path: Path) -> None:
    async def scenario() -> None:
        sealed = pack(counting="best", attempts_per_day=3)
        snapshot = tmp_path / "snapshot"

        async def sit(engine: Asked, person: int, right: int) -> None:
            started = await engine.start(pass_for(person, unit=person % 3))
            await engine.submit(started["token"], right_answers(started, sealed)[:right])

        people = [someone() for _ in range(12)]
        async with running(sqlite(tmp_path, sealed), snapshot=snapshot) as engine:
            for position, person in enumerate(people[:8]):
                await sit(engine, person, position)
            held = await engine.start(pass_for(people[10]))
            await engine.save(held["token"], [[3, 1, [0]]])
        kept = snapshot.read_bytes()
        async with running(sqlite(tmp_path), snapshot=snapshot) as engine:
            for position, person in enumerate(people[4:10]):
                await sit(engine, person, 19 - position)
            await engine.save(held["token"], [[3, 2, [1]]])

        async def picture(engine: Asked) -> Any:
            rows = (await engine.board())["rows"]
            watched = orjson.loads(await engine.engine.monitor(1))
            again = await engine.start(pass_for(people[10]))
            standing = [await engine.standing(pass_for(person)) for person in people]
            return (
                rows,
                watched["units"],
                watched["started"],
                again["saved"],
                again["token"],
                [{**one, "now_ms": 0} for one in standing],
            )

        pictures = []
        for state in (None, kept, b"damaged", snapshot.read_bytes()):
            path = None
            if state is not None:
                path = tmp_path / "given"
                path.write_bytes(state)
            async with running(sqlite(tmp_path), snapshot=path) as engine:
                pictures.append(await picture(engine))
        assert pictures[0][3] == {"3": {"revision": 2, "response": [1]}}
        assert len(pictures[0][0]) == 10
        assert all(one == pictures[0] for one in pictures)

    run(scenario())


def test_engine_takes_in_a_round_published_while_it_runs(opened: Callable[[], Ledger]) -> None:
    async def scenario() -> None:
        pages = opened()
        async with running(opened()) as engine:
            assert (await code_of(engine.start(pass_for(someone()))))[0] == Code.ROUND_UNKNOWN
            pages.deposit_pack(pack())
            assert (await engine.start(pass_for(someone())))["attempt"]["round"] == 1

    run(scenario())


def test_counting_decides_what_stands(tmp_path: Path) -> None:
    async def scenario(counting: str, expected: int) -> None:
        sealed: SealedPack = pack(counting=counting)
        async with running(sqlite(tmp_path / counting, sealed)) as engine:
            me = someone()
            for right in (4, 9, 2):
                started = await engine.start(pass_for(me))
                answer = await engine.submit(started["token"], right_answers(started, sealed)[:right])
            assert answer["best"]["score_points"] == expected * 5
            assert (await engine.board())["rows"][0]["score_points"] == expected * 5

    for counting, expected in (("best", 9), ("last", 2), ("first", 4), ("sum", 15)):
        run(scenario(counting, expected))


def test_practice_is_scored_and_not_ranked(tmp_path: Path) -> None:
    async def scenario() -> None:
        sealed = pack(practice=True)
        async with running(sqlite(tmp_path, sealed)) as engine:
            started = await engine.start(pass_for(someone()))
            answer = await engine.submit(started["token"], right_answers(started, sealed))
            assert (answer["score_points"], answer["rank"], answer["of"]) == (100, None, None)
            assert (await engine.board())["rows"] == []

    run(scenario())
