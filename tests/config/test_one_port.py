"""One process, one port: pages and engine side by side, and gone together."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


class Served:
    def __init__(self, data: Path) -> None:
        self.data = data
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "tests.config.one_port_process",
                str(self.port),
                f"sqlite:///{data}/ledger.sqlite3",
            ],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", "DATA": str(data)},
        )
        until = time.monotonic() + 60
        while time.monotonic() < until and self.process.poll() is None:
            with suppress(OSError, HTTPException):
                if self.ask("GET", "/engine/health")[1]["pid"] == self.process.pid:
                    return
            time.sleep(0.02)
        raise AssertionError("nobody answers")

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[HTTPResponse, bytes]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, body, {k.replace("__", "-"): v for k, v in headers.items()})
            response = connection.getresponse()
            return response, response.read()
        finally:
            connection.close()

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        response, answer = self.send(method, path, body, **headers)
        return response.status, json.loads(answer)

    def wait_for(self, name: str) -> None:
        until = time.monotonic() + 20
        while not (self.data / name).exists():
            assert time.monotonic() < until, f"{name} never came"
            time.sleep(0.02)

    def refuses(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) != 0


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    one = Served(tmp_path)
    yield one
    if one.process.poll() is None:
        one.process.kill()
        one.process.wait()


def test_pages_and_engine_answer_on_one_port(served: Served) -> None:
    status, page = served.ask("GET", "/%E9%A2%98/x?a=1&b=%20", cookie="a=1", x__forwarded__for="10.0.0.9")
    assert status == 200
    assert (page["path"], page["query"], page["cookie"]) == ("/题/x", "a=1&b=%20", "a=1")
    assert page["host"] == f"127.0.0.1:{served.port}"
    assert page["address"] == "127.0.0.1"
    assert page["thread"].startswith("page")
    assert served.ask("GET", "/engine/health")[1]["pid"] == served.process.pid
    assert served.ask("GET", "/engine-from-here")[1]["health"]["pid"] == served.process.pid
    assert served.ask("GET", "/engine/unknown")[1]["code"] == "engine:request:unknown_path"


def test_pages_get_bodies_of_every_kind(served: Served) -> None:
    page = served.ask("POST", "/form", b"x" * 3_000_000, content__type="text/plain")[1]
    assert (page["body"], page["length"], page["type"]) == (3_000_000, "3000000", "text/plain")
    page = served.ask("POST", "/form", iter([b"y" * 70_000] * 3))[1]  # chunked, without a length
    assert (page["body"], page["length"]) == (210_000, "210000")
    assert served.ask("POST", "/form", b"")[1]["length"] == "0"
    head, body = served.send("HEAD", "/x")
    assert (head.status, body) == (200, b"")
    assert int(head.headers["content-length"]) > 100


def test_pages_over_the_cap_are_not_read(served: Served) -> None:
    with socket.create_connection(("127.0.0.1", served.port), timeout=10) as line:
        line.sendall(b"POST /form HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999999\r\n\r\n")
        assert line.recv(4096).startswith(b"HTTP/1.1 413")


def test_body_where_none_belongs_is_not_read(served: Served) -> None:
    with socket.create_connection(("127.0.0.1", served.port), timeout=10) as line:
        line.sendall(b"GET /x HTTP/1.1\r\nhost: x\r\ncontent-length: 3000000\r\n\r\n")
        assert line.recv(4096).startswith(b"HTTP/1.1 413")


@pytest.mark.parametrize("length", ["100", "3000000"])
def test_bodies_that_never_come_keep_nobody_out(served: Served, length: str) -> None:
    with ExitStack() as lines:
        silent = [
            lines.enter_context(socket.create_connection(("127.0.0.1", served.port), timeout=30)) for _ in range(12)
        ]
        for line in silent:
            line.sendall(f"POST /form HTTP/1.1\r\nhost: x\r\ncontent-length: {length}\r\n\r\nx".encode())
        assert served.ask("GET", "/x")[0] == 200
        assert served.ask("POST", "/form", b"a=1")[0] == 200
        assert silent[0].recv(4096).startswith(b"HTTP/1.1 408")


def test_half_a_body_is_no_body(served: Served) -> None:
    with socket.create_connection(("127.0.0.1", served.port), timeout=10) as line:
        line.sendall(b"POST /form HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nanswer=1&ans")
        line.shutdown(socket.SHUT_WR)
        assert line.recv(4096).startswith(b"HTTP/1.1 400")


def test_header_with_underscores_does_not_pass_for_another(served: Served) -> None:
    with socket.create_connection(("127.0.0.1", served.port), timeout=10) as line:
        line.sendall(b"GET /x HTTP/1.1\r\nhost: x\r\nx_forwarded_for: 6.6.6.6\r\nconnection: close\r\n\r\n")
        answer = b""
        while part := line.recv(4096):
            answer += part
    assert json.loads(answer.split(b"\r\n\r\n")[1])["forwarded"] is None


def test_long_answer_is_streamed_and_closed_where_it_was_made(served: Served) -> None:
    assert len(served.send("GET", "/long")[1]) == 100 * 65536
    served.wait_for("closed")
    (served.data / "closed").unlink()
    with socket.create_connection(("127.0.0.1", served.port), timeout=10) as line:
        line.sendall(b"GET /long HTTP/1.1\r\nhost: x\r\n\r\n")
        line.recv(1000)  # and goes away
    served.wait_for("closed")
    assert served.send("GET", "/broken")[0].status == 500
    assert served.ask("GET", "/x")[0] == 200


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stop_ends_everything_cleanly(served: Served, number: signal.Signals) -> None:
    served.wait_for("running")
    served.process.send_signal(number)
    assert served.process.wait(30) == 0
    assert (served.data / "stopped").exists()
    assert served.refuses()


def test_kill_of_the_process_that_answers_closes_the_port(served: Served) -> None:
    os.kill(served.ask("GET", "/engine/health")[1]["pid"], signal.SIGKILL)
    served.process.wait()
    assert served.refuses()
