"""The outbox and the courier of the attempt page, alone in a real browser, with storage, clock and post at hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

import tradeshall.contests

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

SCRIPT = Path(tradeshall.contests.__file__).parent / "static" / "contests" / "outbox.js"
BENCH = """
  globalThis.shelf = () => {
    const kept = new Map();
    return {
      kept,
      getItem: (key) => (kept.has(key) ? kept.get(key) : null),
      setItem: (key, value) => kept.set(key, value),
      removeItem: (key) => kept.delete(key),
    };
  };
  globalThis.bench = (answers = []) => {
    const it = { nowMs: 1000, mono: 0, wall: 5, sent: [], waits: [], storage: shelf(), changes: 0 };
    it.clock = new Tradeshall.Clock(1000, () => it.mono, () => it.wall);
    it.outbox = new Tradeshall.Outbox(it.storage, "k", () => (it.nowMs += 1));
    it.courier = new Tradeshall.Courier({
      outbox: it.outbox, clock: it.clock, token: "t", random: () => 0.5, changed: () => (it.changes += 1),
      later: (ms, call) => { it.waits.push(ms); it.next = call; return () => { it.next = null; }; },
      post: async (path, body) => {
        it.sent.push([path, JSON.parse(JSON.stringify(body.responses))]);
        const answer = answers.shift();
        if (!answer || answer === "no answer") throw new TypeError("failed to fetch");
        return answer;
      },
    });
    return it;
  };
  globalThis.ok = (body) => ({ status: 200, body, retryAfter: 0, tookMs: 0 });
  globalThis.stored = { saved: { 1: 1001 }, now_ms: 1, deadline_ms: 2 };
  globalThis.settle = () => new Promise((resolve) => setTimeout(resolve, 5));
"""


@pytest.fixture(scope="module")
def workbench(chromium: Browser) -> Iterator[Page]:
    page = chromium.new_page()
    page.add_script_tag(path=SCRIPT)
    page.evaluate(BENCH)
    yield page
    page.close()


def run(workbench: Page, body: str) -> Any:
    return workbench.evaluate(f"async () => {{ {body} }}")


def test_an_answer_is_kept_first_and_delivered_later(workbench: Page) -> None:
    told = run(
        workbench,
        """
        const it = bench([ok({ saved: { 3: 1001 }, now_ms: 1, deadline_ms: 2 })]);
        it.outbox.answer(3, [1]);
        const before = [it.outbox.kept, it.outbox.answered(), it.outbox.delivered(), it.outbox.pending()];
        await it.courier.flush();
        return [before, it.outbox.delivered(), it.outbox.pending(), it.sent];
        """,
    )
    assert told == [[True, 1, 0, [[3, 1001, [1]]]], 1, [], [["save", [[3, 1001, [1]]]]]]


def test_answers_come_back_after_the_page_was_closed(workbench: Page) -> None:
    told = run(
        workbench,
        """
        const it = bench();
        it.outbox.answer(1, [0]); it.outbox.flag(2, true); it.outbox.moveTo(2); it.outbox.hand();
        const again = new Tradeshall.Outbox(it.storage, "k", () => 9);
        return [again.given(1), again.flagged(2), again.state.at, again.state.handing, again.pending()];
        """,
    )
    assert told == [[0], True, 2, True, [[1, 1001, [0]]]]


def test_a_later_answer_has_the_higher_revision_even_in_the_same_millisecond(workbench: Page) -> None:
    told = run(
        workbench,
        """
        const outbox = new Tradeshall.Outbox(shelf(), "k", () => 7);
        outbox.answer(1, [0]); const first = outbox.pending()[0][1];
        outbox.answer(1, [2]); return [first, ...outbox.pending()[0]];
        """,
    )
    assert told == [7, 1, 8, [2]]


def test_the_newest_of_two_devices_stands(workbench: Page) -> None:
    told = run(
        workbench,
        """
        const it = bench();
        it.outbox.answer(1, [0]); it.outbox.answer(2, [0]);
        it.outbox.adopt({ 1: { revision: 5000, response: [3] }, 2: { revision: 5, response: [3] },
                          4: { revision: 9, response: [1] } });
        return [it.outbox.given(1), it.outbox.given(2), it.outbox.given(4), it.outbox.pending().map((one) => one[0])];
        """,
    )
    assert told == [[3], [0], [1], [2]]


def test_two_tabs_do_not_wipe_each_other_out(workbench: Page) -> None:
    told = run(
        workbench,
        """
        const storage = shelf(); let at = 10;
        const one = new Tradeshall.Outbox(storage, "k", () => (at += 1));
        const two = new Tradeshall.Outbox(storage, "k", () => (at += 1));
        one.answer(1, [0]); two.answer(2, [1]); one.answer(3, [2]);
        one.merge(JSON.parse(storage.getItem("k")));
        return [one.pending().length, new Tradeshall.Outbox(storage, "k", () => 0).pending().length];
        """,
    )
    assert told == [3, 3]


def test_a_device_that_keeps_nothing_still_delivers(workbench: Page) -> None:
    told = run(
        workbench,
        """
        const full = { getItem: () => null, setItem: () => { throw new Error("quota"); }, removeItem: () => {} };
        return [full, null].map((storage) => {
          const outbox = new Tradeshall.Outbox(storage, "k", () => 5);
          outbox.answer(1, [0]); outbox.clear();
          return [outbox.kept, outbox.pending().length];
        });
        """,
    )
    assert told == [[False, 1], [False, 1]]


def test_damaged_storage_is_no_reason_to_stop(workbench: Page) -> None:
    told = run(
        workbench,
        """
        const storage = shelf(); storage.setItem("k", "{not json");
        const outbox = new Tradeshall.Outbox(storage, "k", () => 5);
        outbox.answer(1, [0]); return [outbox.kept, outbox.given(1)];
        """,
    )
    assert told == [True, [0]]


def test_saving_waits_longer_after_each_failure_and_loses_nothing(workbench: Page) -> None:
    told = run(
        workbench,
        """
        const it = bench(["no answer", "no answer", "no answer", ok(stored)]);
        it.outbox.answer(1, [0]);
        await it.courier.flush(); const link = it.courier.link;
        await it.courier.flush();               // the twenty-second timer does not jump the wait
        const hurried = it.sent.length;
        for (let i = 0; i < 3; i += 1) { it.next(); await settle(); }
        return [link, hurried, it.waits, it.sent.length, new Set(it.sent.map(String)).size, it.courier.link,
                it.outbox.pending()];
        """,
    )
    assert told == ["down", 1, [2000, 4000, 8000], 4, 1, "up", []]


def test_the_network_coming_back_ends_the_wait(workbench: Page) -> None:
    told = run(
        workbench,
        """
        const it = bench(["no answer", ok(stored)]);
        it.outbox.answer(1, [0]);
        await it.courier.flush(); it.courier.nudge(); await settle();
        return it.outbox.pending();
        """,
    )
    assert told == []


def test_a_log_in_page_of_a_hotel_is_not_taken_for_the_engine(workbench: Page) -> None:
    told = run(
        workbench,
        """
        const it = bench([{ status: 200, body: null }, { status: 403, body: { error: "pay" } }]);
        it.outbox.answer(1, [0]);
        await it.courier.flush(); it.next(); await settle();
        return [it.outbox.pending().length, it.courier.over, it.courier.link];
        """,
    )
    assert told == [1, "", "down"]


def test_a_busy_server_is_asked_again_when_it_said(workbench: Page) -> None:
    told = run(
        workbench,
        """
        const it = bench([{ status: 503, body: { code: "engine:busy:saves" }, retryAfter: 9 }]);
        it.outbox.answer(1, [0]); await it.courier.flush();
        return [it.courier.link, it.waits];
        """,
    )
    assert told == ["busy", [9000]]


def test_handing_in_goes_on_until_the_answer_is_true(workbench: Page) -> None:
    told = run(
        workbench,
        """
        const result = { state: "scored", score_points: 5, receipt: {} };
        const it = bench(["no answer", { status: 502, body: null }, ok({ pages: 1 }), ok(result)]);
        it.outbox.answer(1, [0]);
        const done = it.courier.handIn();
        for (let i = 0; i < 3; i += 1) { await settle(); it.next(); }
        return [await done, it.sent.map(([path, responses]) => [path, responses.length]),
                JSON.parse(it.storage.getItem("k")).handing];
        """,
    )
    assert told == [{"state": "scored", "score_points": 5, "receipt": {}}, [["submit", 1]] * 4, True]


@pytest.mark.parametrize("code", ["engine:attempt:too_late", "engine:attempt:finished"])
def test_a_refusal_of_the_engine_ends_it(workbench: Page, code: str) -> None:
    told = run(
        workbench,
        f"""
        const it = bench([{{ status: 409, body: {{ code: "{code}" }}, retryAfter: 0 }}]);
        it.outbox.answer(1, [0]);
        const result = await it.courier.handIn();
        await it.courier.flush();
        return [result, it.courier.over, it.sent.length, it.waits.length];
        """,
    )
    assert told == [None, code, 1, 0]


def test_a_device_learns_that_another_answered_later(workbench: Page) -> None:
    told = run(
        workbench,
        """
        const it = bench([ok({ saved: { 1: 900000 }, now_ms: 1, deadline_ms: 2 })]);
        it.outbox.answer(1, [0]); await it.courier.flush();
        return [it.courier.behind, it.outbox.pending()];
        """,
    )
    assert told == [True, []]


def test_a_wrong_clock_on_the_device_changes_nothing(workbench: Page) -> None:
    told = run(
        workbench,
        """
        let mono = 50; let wall = 4102444800000;   // a device that believes in the year 2100
        const clock = new Tradeshall.Clock(1000, () => mono, () => wall);
        mono += 5000; wall += 5000;
        const later = clock.now();
        clock.sync(9000, 200);
        return [later, clock.now()];
        """,
    )
    assert told == [6000, 9100]


def test_the_time_asleep_counts(workbench: Page) -> None:
    told = run(
        workbench,
        """
        let mono = 0; let wall = 0;
        const clock = new Tradeshall.Clock(1000, () => mono, () => wall);
        mono += 2000; wall += 62000;               // the steady clock stood still for a minute
        clock.wake(); const woken = clock.now();
        clock.wake(); return [woken, clock.now()];
        """,
    )
    assert told == [63000, 63000]


def test_a_page_that_goes_delivers_once_however_often_it_says_so(workbench: Page) -> None:
    told = run(
        workbench,
        """
        const it = bench(["no answer", "no answer", "no answer"]);
        it.outbox.answer(1, [0]);
        await it.courier.flush({ keepalive: true }); await it.courier.flush({ keepalive: true });
        const once = it.sent.length;
        it.outbox.answer(1, [2]);
        await it.courier.flush({ keepalive: true });
        return [once, it.sent.length, it.waits.length, it.outbox.pending().length];
        """,
    )
    assert told == [1, 2, 0, 1]
