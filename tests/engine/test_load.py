"""What an engine says of its own load: counted right, told to whoever may ask, and to nobody else."""

from __future__ import annotations

import time
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.engine.contest import KEYS, pack, pass_for, someone
from tests.engine.killing import Engine

from tradeshall.core import clock
from tradeshall.engine import load
from tradeshall.engine.client import HttpClient
from tradeshall.engine.ledger.opening import open_ledger
from tradeshall.engine.load import Load, bucket_ends_us, bucket_of
from tradeshall.engine.passes import METRICS, issue_service_token


@given(st.integers(4, 90_000_000))
def test_a_bucket_holds_a_duration_to_within_a_fifth(us: int) -> None:
    bucket = bucket_of(us)
    assert us < bucket_ends_us(bucket) <= us * 1.25 + 1
    assert bucket == 0 or bucket_ends_us(bucket - 1) <= us


def test_buckets_end_where_the_next_begins() -> None:
    assert bucket_of(0) == bucket_of(3) == 0
    assert bucket_of(10**12) == load.BUCKETS - 1
    assert [bucket_of(bucket_ends_us(one)) for one in range(60)] == list(range(1, 61))


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Hold the steady clock; `at(seconds)` sets it."""
    held = [1000.0]
    monkeypatch.setattr(load.time, "monotonic_ns", lambda: int(held[0] * 1e9))
    return lambda seconds: held.__setitem__(0, 1000 + seconds)


def test_counts_are_those_of_the_last_whole_seconds(at: Any) -> None:
    counted = Load()
    for second in range(20):
        at(second + 0.5)
        for took_ms, status in ((10, 200), (20, 200), (500, 503), (1, 409)):
            counted.answered(load.SAVE, status, int((1000 + second + 0.5 - took_ms / 1000) * 1e9))
        counted.committed(64, 4_000_000, True, second)
    at(20.1)
    told = counted.told()
    assert told["kinds"]["save"] | {"p50_ms": 0, "p95_ms": 0, "p99_ms": 0} == {
        "answered": 2.0,
        "busy": 1.0,
        "refused": 1.0,
        "failed": 0.0,
        "p50_ms": 0,
        "p95_ms": 0,
        "p99_ms": 0,
    }
    assert 10 <= told["kinds"]["save"]["p50_ms"] <= 12.5
    assert 20 <= told["kinds"]["save"]["p95_ms"] <= 25
    assert told["kinds"]["start"]["p50_ms"] is None
    assert (told["rows_a_commit"], told["commit_ms"], told["commits_a_second"]) == (64, 4.0, 1.0)
    assert told["minute"]["answered"] == [0] * 40 + [2] * 20
    assert told["queue_most"] == 19
    at(200)  # so long that every place has been used again
    assert counted.told()["minute"]["answered"] == [0] * 60
    assert counted.totals[load.SAVE] == [40, 20, 20, 0]


def test_load_and_metrics_are_told_to_their_own_tokens_alone(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/ledger.sqlite3"
    ledger = open_ledger(url)
    ledger.deposit_pack(pack())
    ledger.close()
    engine = Engine(tmp_path, url, "real")
    engine.start()
    try:
        for _ in range(5):
            engine.ask(
                "submit", {"token": engine.ask("start", {"pass": pass_for(someone())})["token"], "responses": []}
            )
        with pytest.raises(AssertionError, match="403"):
            engine.ask("start", {"pass": "forged"})
        time.sleep(1.1)
        client = HttpClient(f"http://127.0.0.1:{engine.port}", KEYS.service)
        told = client.load()
        assert told["kinds"]["start"]["answered"] == told["kinds"]["submit"]["answered"] == 0.5
        assert told["kinds"]["start"]["refused"] == 0.1
        assert told["memory_mb"] > 10
        assert told["disk_free_mb"] > 0
        assert abs(told["clock_off_ms"]) < 1000
        client.close()
        expires_at_ms = clock.now_ms() + 60_000
        metrics = issue_service_token(KEYS.service, expires_at_ms, METRICS)
        service = issue_service_token(KEYS.service, expires_at_ms)
        answers = {
            (path, name): get(engine.port, path, token)
            for path in ("load", "metrics", "board/1")
            for name, token in (("none", ""), ("metrics", metrics), ("service", service))
        }
        assert {asked for asked, (status, _) in answers.items() if status == 200} == {
            ("metrics", "metrics"),
            ("metrics", "service"),
            ("load", "service"),
            ("board/1", "service"),
        }
        text = answers["metrics", "metrics"][1]
        assert 'tradeshall_engine_requests_total{writer="main",kind="submit",outcome="answered"} 5' in text
        assert 'tradeshall_engine_queue{writer="main"} 0' in text
    finally:
        engine.stop()


def get(port: int, path: str, token: str) -> tuple[int, str]:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", f"/engine/{path}", headers={"authorization": f"Bearer {token}"} if token else {})
    response = connection.getresponse()
    told = response.status, response.read().decode()
    connection.close()
    return told
