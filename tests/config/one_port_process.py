"""One port with small pages in place of Django's: `one_port_process.py PORT LEDGER`."""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from tradeshall.config import engine_server
from tradeshall.config.one_port import OnePort
from tradeshall.engine import client


class Long:
    """An answer in parts, which notes when it is closed, and in which thread."""

    def __init__(self, parts: int) -> None:
        self._parts = parts
        self._thread = threading.get_ident()

    def __iter__(self) -> Iterator[bytes]:
        for _ in range(self._parts):
            assert threading.get_ident() == self._thread
            yield b"x" * 65536

    def close(self) -> None:
        assert threading.get_ident() == self._thread
        (Path(os.environ["DATA"]) / "closed").write_text("yes")


def pages(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    path = environ["PATH_INFO"]
    if path == "/long":
        start_response("200 OK", [("Content-Type", "text/plain")])
        return Long(100)
    if path == "/broken":
        raise RuntimeError("a page that fails outside Django")
    told: dict[str, Any] = {
        "method": environ["REQUEST_METHOD"],
        "path": path.encode("latin-1").decode(),
        "query": environ["QUERY_STRING"],
        "length": environ.get("CONTENT_LENGTH"),
        "body": len(environ["wsgi.input"].read()),
        "type": environ.get("CONTENT_TYPE"),
        "host": environ.get("HTTP_HOST"),
        "cookie": environ.get("HTTP_COOKIE"),
        "forwarded": environ.get("HTTP_X_FORWARDED_FOR"),
        "address": environ["REMOTE_ADDR"],
        "thread": threading.current_thread().name,
    }
    if path == "/engine-from-here":
        told["health"] = client.current().health()
    body = json.dumps(told).encode()
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]


def background(stop: threading.Event) -> None:
    """Fail once, then run until told to stop, and say so."""
    marks = Path(os.environ["DATA"])
    if not (marks / "failed").exists():
        (marks / "failed").write_text("yes")
        raise RuntimeError("the first time")
    (marks / "running").write_text("yes")
    stop.wait()
    (marks / "stopped").write_text("yes")


if __name__ == "__main__":
    import tradeshall.config.one_port as one_port

    one_port.RESTART_SECONDS = 0.05
    one_port.WAITING_PAGES = 8
    one_port.LONG_BODIES = 4
    one_port.BODY_SECONDS = 5.0
    engine = engine_server.open_engine(Path(os.environ["DATA"]), sys.argv[2])
    application = OnePort(pages, engine, threads=4, background=("tests.config.one_port_process.background",))
    engine_server.serve(application, "127.0.0.1", int(sys.argv[1]))
