"""The engine over HTTP: a server, real sockets."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from tests.engine.contest import KEYS, pack, pass_for, right_answers, someone
from tests.engine.every_form import RIGHT, pack_of_every_form, responses
from tests.engine.killing import Engine

from tradeshall.core import clock
from tradeshall.engine.client import HttpClient, current, install
from tradeshall.engine.codes import Code, EngineRefused, EngineUnreachable
from tradeshall.engine.ledger.opening import open_ledger
from tradeshall.engine.pack import SealedPack
from tradeshall.engine.passes import issue_service_token

LIMIT = 64 * 1024


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Engine, SealedPack]]:
    data = tmp_path_factory.mktemp("engine")
    url = f"sqlite:///{data}/ledger.sqlite3"
    sealed = pack()
    ledger = open_ledger(url)
    ledger.deposit_pack(sealed)
    ledger.deposit_pack(pack_of_every_form(2))
    ledger.close()
    engine = Engine(data, url, "real")
    engine.start()
    yield engine, sealed
    engine.stop()


def ask(engine: Engine, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any, dict[str, str]]:
    connection = HTTPConnection("127.0.0.1", engine.port, timeout=10)
    try:
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        return response.status, json.loads(response.read() or b"null"), dict(response.getheaders())
    finally:
        connection.close()


def test_client_sits_a_question_of_each_form(served: tuple[Engine, SealedPack]) -> None:
    engine, _ = served
    client = HttpClient(f"http://127.0.0.1:{engine.port}", KEYS.service)
    for number, right in RIGHT.items():
        started = client.start(pass_for(someone(), 2))
        sent = responses(started, {number: right})
        assert client.save(started["token"], sent)["saved"] == {str(sent[0][0]): 1}
        assert client.submit(started["token"], [])["score_points"] == 12
    client.close()


def test_client_sits_an_attempt(served: tuple[Engine, SealedPack]) -> None:
    engine, sealed = served
    client = HttpClient(f"http://127.0.0.1:{engine.port}", KEYS.service)
    me = someone()
    started = client.start(pass_for(me))
    assert client.save(started["token"], [[1, 1, [0]]])["saved"] == {"1": 1}
    answer = client.submit(started["token"], right_answers(started, sealed, 2))
    assert answer["score_points"] == 100
    assert client.standing(pass_for(me))["best"]["rank"] == answer["rank"]
    assert len(client.review(started["token"])["items"]) == 20
    assert client.review_of(pass_for(me), 1) == client.review(started["token"])
    assert client.place(1, me)["score_points"] == 100
    assert client.board(1, limit=1)["rows"][0]["participant"] == me
    assert client.board(1, offset=1000)["rows"] == []
    assert client.monitor(1)["units"]["7"]["finished"] >= 1
    health = client.health()
    assert (health["ledger"], health["synchronous"], health["rounds"]) == ("sqlite", True, 2)
    with pytest.raises(EngineRefused) as caught:
        client.place(1, 99)
    assert (caught.value.status, caught.value.code) == (404, Code.PLACE_NONE)
    client.close()


def test_client_says_when_nobody_answers() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        client = HttpClient(f"http://127.0.0.1:{probe.getsockname()[1]}", KEYS.service)
    with pytest.raises(EngineUnreachable):
        client.health()
    client.close()


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", "/engine/start", None, 405, Code.REQUEST_WRONG_METHOD),
        ("POST", "/engine/health", "{}", 405, Code.REQUEST_WRONG_METHOD),
        ("GET", "/engine/nothing", None, 404, Code.REQUEST_UNKNOWN_PATH),
        ("GET", "/elsewhere", None, 404, Code.REQUEST_UNKNOWN_PATH),
        ("POST", "/engine/start", "not json", 400, Code.REQUEST_MALFORMED),
        ("POST", "/engine/start", "[]", 400, Code.REQUEST_MALFORMED),
        ("POST", "/engine/start", "{}", 403, Code.PASS_INVALID),
        ("POST", "/engine/submit", '{"token":"x.y"}', 403, Code.TOKEN_INVALID),
        ("GET", "/engine/board/1", None, 401, Code.SERVICE_UNAUTHORISED),
        ("GET", "/engine/monitor/1", None, 401, Code.SERVICE_UNAUTHORISED),
        ("GET", "/engine/place/1/2", None, 401, Code.SERVICE_UNAUTHORISED),
    ],
)
def test_refusals_say_why(
    served: tuple[Engine, SealedPack], method: str, path: str, body: str | None, status: int, code: Code
) -> None:
    got, answer, headers = ask(served[0], method, path, body)
    assert (got, answer["code"]) == (status, code)
    assert headers["cache-control"] == "no-store"


def test_service_calls_need_a_token_of_that_purpose_and_time(served: tuple[Engine, SealedPack]) -> None:
    engine, now_ms = served[0], clock.now_ms()
    good = issue_service_token(KEYS.service, now_ms + 60_000)
    assert ask(engine, "GET", "/engine/board/1?limit=5", authorization=f"Bearer {good}")[0] == 200
    for bad in (
        issue_service_token(KEYS.service, now_ms - 1),
        issue_service_token(KEYS.passes, now_ms + 60_000),
        pass_for(1),
        "",
    ):
        assert ask(engine, "GET", "/engine/board/1", authorization=f"Bearer {bad}")[0] == 401
    for path in ("board/x", "board/1/2", "place/1", "board/1?limit=-1", "board/1?limit=" + "9" * 40):
        assert ask(engine, "GET", f"/engine/{path}", authorization=f"Bearer {good}")[0] == 404


def test_body_that_says_it_is_too_long_is_not_read(served: tuple[Engine, SealedPack]) -> None:
    with socket.create_connection(("127.0.0.1", served[0].port), timeout=10) as line:
        line.sendall(b"POST /engine/submit HTTP/1.1\r\nhost: x\r\ncontent-length: 100000000\r\n\r\n")
        assert line.recv(4096).startswith(b"HTTP/1.1 413")  # before a byte of it was sent


def test_body_without_a_length_is_cut_off_while_it_is_read(served: tuple[Engine, SealedPack]) -> None:
    with socket.create_connection(("127.0.0.1", served[0].port), timeout=10) as line:
        line.sendall(b"POST /engine/submit HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n")
        chunk = b"4000\r\n" + b"x" * 0x4000 + b"\r\n"
        sent, answer = 0, b""
        line.settimeout(0.05)
        while not answer and sent < 64 * 1024 * 1024:
            try:
                line.sendall(chunk)
                sent += 0x4000
                answer = line.recv(4096)
            except TimeoutError:
                continue
            except OSError:
                break
        assert answer.startswith(b"HTTP/1.1 413")
        assert sent < LIMIT + 2 * 1024 * 1024  # what lay in buffers between, and not the 64 MiB


def test_body_at_the_limit_is_read(served: tuple[Engine, SealedPack]) -> None:
    fitting = json.dumps({"pass": "x"}).ljust(LIMIT)
    assert ask(served[0], "POST", "/engine/start", fitting)[1]["code"] == Code.PASS_INVALID
    assert ask(served[0], "POST", "/engine/start", fitting + " ")[0] == 413


def test_fifty_threads_start_one_attempt(served: tuple[Engine, SealedPack]) -> None:
    engine, me = served[0], someone()
    answers: list[Any] = []
    ready = threading.Barrier(50)

    def start() -> None:
        ready.wait()
        answers.append(engine.ask("start", {"pass": pass_for(me)}))

    threads = [threading.Thread(target=start) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 50
    assert len({answer["token"] for answer in answers}) == 1
    assert len({json.dumps(answer["paper"]) for answer in answers}) == 1
    assert len({answer["attempt"]["deadline_ms"] for answer in answers}) == 1


def test_wrong_clock_in_the_browser_changes_nothing(served: tuple[Engine, SealedPack]) -> None:
    engine, me = served[0], someone()
    status, started, _ = ask(
        engine,
        "POST",
        "/engine/start",
        json.dumps({"pass": pass_for(me), "now_ms": 1, "started_at_ms": 1, "deadline_ms": 2**52}),
        date="Thu, 01 Jan 1970 00:00:00 GMT",
    )
    assert status == 200
    attempt = started["attempt"]
    assert abs(attempt["now_ms"] - time.time() * 1000) < 60_000
    assert attempt["deadline_ms"] - attempt["started_at_ms"] == 600_000
    answer = engine.ask("submit", {"token": started["token"], "responses": [], "time_used_ms": 1, "now_ms": 1})
    assert 0 <= answer["time_used_ms"] < 60_000


def test_stop_answers_those_who_wait_and_ends_cleanly(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/ledger.sqlite3"
    ledger = open_ledger(url)
    ledger.deposit_pack(pack())
    ledger.close()
    engine = Engine(tmp_path, url, "real")
    engine.start()
    token = engine.ask("start", {"pass": pass_for(someone())})["token"]
    engine.stop()
    assert (tmp_path / "engine-main.snapshot").exists()
    engine.start()
    assert engine.ask("submit", {"token": token, "responses": []})["number"] == 1
    engine.kill()


def test_stop_does_not_wait_for_a_body_that_does_not_come(tmp_path: Path) -> None:
    engine = Engine(tmp_path, f"sqlite:///{tmp_path}/ledger.sqlite3", "real")
    engine.start()
    assert engine.process is not None
    with socket.create_connection(("127.0.0.1", engine.port)) as idle, idle.dup() as slow:
        slow.sendall(b"POST /engine/submit HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n")
        time.sleep(0.2)
        engine.process.terminate()
        assert engine.process.wait(60) == 0
        try:
            answer = slow.recv(100)
        except ConnectionResetError:
            answer = b""
        assert answer == b""  # not even the 408 that a slow body gets in the end


def test_second_server_on_a_port_or_a_ledger_refuses_to_start(
    served: tuple[Engine, SealedPack], tmp_path: Path
) -> None:
    engine = served[0]
    command = [sys.executable, "-m", "tradeshall.config.cli.main", "--data", str(tmp_path), "serve-engine"]

    def refuses(*more: str) -> str:
        done = subprocess.run([*command, *more], capture_output=True, text=True, timeout=60)
        assert done.returncode == 1
        return done.stderr

    assert "in use" in refuses("--port", str(engine.port))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free = str(probe.getsockname()[1])
    assert "another engine process" in refuses("--port", free, "--ledger", engine.url)
    unsafe = f"sqlite:///{tmp_path}/other.sqlite3?synchronous=NORMAL"
    assert "below FULL" in refuses("--port", free, "--ledger", unsafe)


def test_current_needs_a_client() -> None:
    install(None)
    with pytest.raises(RuntimeError):
        current()
