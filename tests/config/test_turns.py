"""Whose turn it is for a thread that makes pages."""

from __future__ import annotations

import asyncio

import pytest

from tradeshall.config import one_port
from tradeshall.config.one_port import Turns


def test_a_paper_whose_time_has_begun_goes_first_and_who_leaves_holds_up_nobody() -> None:
    async def scenario() -> list[str]:
        turns, order = Turns(1), []

        async def page(name: str, line: int) -> None:
            await turns.take(line)
            order.append(name)
            await asyncio.sleep(0)
            turns.give()

        await turns.take(2)
        asked = [("looks 1", 2), ("starts", 1), ("leaves", 0), ("looks 2", 2), ("paper", 0)]
        tasks = {name: asyncio.create_task(page(name, line)) for name, line in asked}
        await asyncio.sleep(0)
        tasks["leaves"].cancel()
        turns.give()
        await asyncio.gather(*tasks.values(), return_exceptions=True)
        await page("later", 2)  # every turn was given back
        return order

    assert asyncio.run(scenario()) == ["paper", "starts", "looks 1", "looks 2", "later"]


def test_a_turn_given_to_somebody_who_leaves_at_that_moment_goes_on() -> None:
    async def scenario() -> None:
        turns = Turns(1)
        await turns.take(2)
        leaves, stays = asyncio.create_task(turns.take(2)), asyncio.create_task(turns.take(2))
        await asyncio.sleep(0)
        turns.give()
        leaves.cancel()
        await asyncio.wait_for(stays, 1)

    asyncio.run(scenario())


def test_nobody_joins_a_line_whose_first_waits_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(one_port.time, "monotonic", lambda: now[0])

    async def scenario() -> None:
        turns = Turns(1)
        await turns.take(2)
        first, second = (asyncio.create_task(turns.take(2)) for _ in range(2))
        await asyncio.sleep(0)
        now[0] += 1.9
        assert not turns.crowded(2)
        now[0] += 0.2
        assert turns.crowded(2)
        assert not turns.crowded(1)
        turns.give()
        await first
        assert turns.crowded(2)  # the second has waited as long
        second.cancel()
        await asyncio.sleep(0)
        assert not turns.crowded(2)

    asyncio.run(scenario())


def test_who_is_turned_away_comes_again_the_later_the_more_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(one_port.time, "monotonic", lambda: 100.0)
    monkeypatch.setattr(one_port, "_turned_away", [0, 0])
    told = [one_port._again_seconds() for _ in range(1000)]
    assert max(told[:10]) <= 6
    assert min(told[-100:]) >= 30
    assert len(set(told[-100:])) > 1
