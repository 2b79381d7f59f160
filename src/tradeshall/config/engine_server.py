"""The engine as a process: opened on the installation's folder, served by Granian inside this very process.

Granian's usual server answers from a worker process, which goes on serving when its parent is killed, and which
the parent may respawn behind one's back. Here the process one starts, the one named in the health page and the
one that answers are the same: when it dies, the port refuses.
"""

from __future__ import annotations

import asyncio
import errno
import gc
import logging
import os
import resource
import signal
import socket
import time
from pathlib import Path
from typing import Any, Protocol

import uvloop
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.server.embed import Server

from tradeshall.core import clock
from tradeshall.core.keys import read_or_make_key
from tradeshall.engine.core import Engine
from tradeshall.engine.http import EngineHttp
from tradeshall.engine.ledger.opening import open_ledger
from tradeshall.engine.passes import Keys

log = logging.getLogger(__name__)

CONNECTIONS = 4096
"""How many are served at once. More wait in the kernel: that is how submissions are held back, never refused."""


STOP_SECONDS = 5.0
"""How long those whose requests are under way are waited for."""

GARBAGE = (50_000, 1_000, 1_000)
"""Python looks through what is new every 50,000 containers, and never on its own through what has lasted: with sixty
thousand attempts in memory that took 0.3 s, during which nobody was answered. `_tidy` does it when there is time."""

TIDY_SECONDS = 10.0


class PortTaken(OSError):
    """Another process listens on the port."""


class Application(Protocol):
    """An RSGI application with a life around it."""

    async def __rsgi__(self, scope: Any, proto: Any) -> None: ...
    async def begin(self) -> None: ...
    async def end(self) -> None: ...


class EngineOnly:
    """The engine on a port of its own."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._http = EngineHttp(engine)

    async def begin(self) -> None:
        self.engine.open(asyncio.get_running_loop())

    async def end(self) -> None:
        await self.engine.close()

    async def __rsgi__(self, scope: Any, proto: Any) -> None:
        if scope.proto != "http":
            proto.close(404)
            return
        await self._http(scope, proto)


def open_engine(data: Path, ledger_url: str, writer: str = "main", *, steady: bool = True) -> Engine:
    """Return an engine that has claimed its ledger and rebuilt its memory. Refuses an unsafe ledger.

    With `steady`, this process's clock is set by the ledger's, where it has one, and runs on steadily.
    """
    data.mkdir(parents=True, exist_ok=True)
    keys = Keys.derive(read_or_make_key(data, "master"))
    ledger = open_ledger(ledger_url)
    if steady:
        clock.keep_steady(ledger.now_ms())
    engine = Engine(ledger, keys, writer=writer, snapshot=data / f"engine-{writer}.snapshot")
    gc.disable()  # what is read now stays, and there is nothing to collect in it
    try:
        engine.load()
    finally:
        gc.enable()
    return engine


def check_port(host: str, port: int) -> None:
    """Raise `PortTaken` if somebody listens: Granian shares ports, and two would answer by turns."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise PortTaken(error.errno, f"port {port} is in use by another process") from error
            raise


def serve(application: Application, host: str, port: int) -> None:
    """Serve until SIGINT or SIGTERM, then answer those who wait and stop; a second signal stops at once."""
    check_port(host, port)
    _allow_connections()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GARBAGE)
    uvloop.run(_serve(application, host, port))


def _allow_connections() -> None:
    """Raise the limit of open files, usually 1,024, as far as this process may and needs."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CONNECTIONS + 1024
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


async def _serve(application: Application, host: str, port: int) -> None:
    loop = asyncio.get_running_loop()
    server = Server(
        application,
        address=host,
        port=port,
        interface=Interfaces.RSGI,
        http=HTTPModes.http1,  # one request a connection, so that CONNECTIONS bounds what is under way
        http1_settings=HTTP1Settings(header_read_timeout=15_000),
        websockets=False,
        backlog=2048,
        backpressure=CONNECTIONS,
        log_enabled=False,
    )
    stopping = asyncio.Event()

    def stop() -> None:
        if stopping.is_set():
            os._exit(130)
        stopping.set()
        server.interrupt_signal = True
        server.main_loop_interrupt.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)
    await application.begin()
    tidying = loop.create_task(_tidy())
    serving = loop.create_task(server.serve())
    asked = loop.create_task(stopping.wait())
    await asyncio.wait({serving, asked}, return_when=asyncio.FIRST_COMPLETED)
    asked.cancel()
    tidying.cancel()
    done, _ = await asyncio.wait({serving}, timeout=STOP_SECONDS)
    await application.end()
    if not done:  # somebody is still sending a body; what was acknowledged is on disk, and no more will be
        logging.shutdown()
        os._exit(0)
    serving.result()


async def _tidy() -> None:
    """Collect what was left behind since the last time, whenever the process has little to do."""
    used = time.process_time()
    while True:
        await asyncio.sleep(TIDY_SECONDS)
        if time.process_time() - used < 0.1 * TIDY_SECONDS:
            gc.collect(1)
            gc.freeze()  # what lasted is not looked through again
        used = time.process_time()
