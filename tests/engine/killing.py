"""Kill an engine in the middle of submissions, again and again, and hold the ledger to what was acknowledged.

Used by the test (25 times) and by the benchmark (1,000 times).
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from random import Random
from typing import Any

from tests.engine.contest import pack, pass_for, someone

from tradeshall.engine.ledger.opening import open_ledger
from tradeshall.engine.passes import Keys
from tradeshall.engine.receipts import Signer, verify_receipt

ROOT = Path(__file__).resolve().parents[2]
MASTER = bytes(range(32))  # as in contest.KEYS
PUBLIC = Signer(Keys.derive(MASTER).receipt_seed).public


@dataclass
class Acknowledged:
    """What clients were told, and so may rely on."""

    starts: dict[int, str] = field(default_factory=dict)
    saves: dict[int, dict[int, int]] = field(default_factory=dict)
    results: dict[int, dict[str, Any]] = field(default_factory=dict)


class Engine:
    """An engine process that can be killed and started again on the same ledger."""

    def __init__(
        self, data: Path, url: str, kind: str, writer: str = "main", limits: dict[str, float] | None = None
    ) -> None:
        self.data, self.url, self.kind, self.writer = data, url, kind, writer
        self.limits = json.dumps(limits or {})
        self.master = MASTER
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "tests.engine.engine_process"),
                *(str(self.port), self.url, self.kind, self.writer, self.limits),
            ],
            cwd=ROOT,
            env={
                **os.environ,
                "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}",
                "DATA": str(self.data),
                "TRADESHALL_MASTER_KEY": self.master.hex(),
            },
        )
        until = time.monotonic() + 60
        while time.monotonic() < until:
            with suppress(OSError, HTTPException):
                if self.ask("health")["pid"] == self.process.pid:  # it is the one that answers
                    return
            if self.process.poll() is not None:
                raise AssertionError(f"the engine ended with {self.process.returncode}")
            time.sleep(0.02)
        raise AssertionError("the engine does not answer")

    def ask(self, name: str, sent: Any = None, connection: HTTPConnection | None = None) -> Any:
        asked = connection or HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            asked.request("GET" if sent is None else "POST", "/engine/" + name, sent and json.dumps(sent))
            response = asked.getresponse()
            answer = json.loads(response.read())
        finally:
            if connection is None:
                asked.close()
        if response.status != 200:
            raise AssertionError(f"{name}: {response.status} {answer}")
        return answer

    def kill(self) -> None:
        assert self.process is not None
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                raise AssertionError("the port still answers")

    def stop(self) -> None:
        assert self.process is not None
        self.process.terminate()
        if self.process.wait(30) != 0:
            raise AssertionError(f"stopping ended with {self.process.returncode}")


def _client(engine: Engine, told: Acknowledged, lock: threading.Lock, rng: Random, stop: threading.Event) -> None:
    """Sit attempt after attempt, as quickly as answers come, until the engine is gone."""
    connection = HTTPConnection("127.0.0.1", engine.port, timeout=30)
    with suppress(OSError, HTTPException):
        while not stop.is_set():
            person = someone()
            token = engine.ask("start", {"pass": pass_for(person)}, connection)["token"]
            with lock:
                told.starts[person] = token
            revisions = {rng.randint(1, 20): rng.randint(1, 9) for _ in range(3)}
            sent = [[no, revision, [0]] for no, revision in revisions.items()]
            engine.ask("save", {"token": token, "responses": sent}, connection)
            with lock:
                told.saves[person] = revisions
            if rng.random() < 0.2:
                continue  # left open
            result = engine.ask("submit", {"token": token, "responses": []}, connection)
            with lock:
                told.results[person] = result
            if rng.random() < 0.3:  # the reply was lost on the way: ask again
                again = engine.ask("submit", {"token": token, "responses": []}, connection)
                assert again == result
    connection.close()


def kill_again_and_again(
    data: Path,
    url: str,
    kind: str,
    times: int,
    *,
    clients: int = 8,
    seed: int = 1,
    each: Callable[[int, Acknowledged], None] = lambda number, told: None,
) -> tuple[list[str], Acknowledged]:
    """Return what is wrong with the ledger after so many kills (nothing, one hopes), and what was told."""
    data.mkdir(parents=True, exist_ok=True)
    rng = Random(seed)
    ledger = open_ledger(url)
    ledger.deposit_pack(pack())
    ledger.close()
    told = Acknowledged()
    lock = threading.Lock()
    engine = Engine(data, url, kind)
    for number in range(times):
        engine.start()
        stop = threading.Event()
        before = len(told.results)
        threads = [
            threading.Thread(target=_client, args=(engine, told, lock, Random(rng.random()), stop))
            for _ in range(clients)
        ]
        for thread in threads:
            thread.start()
        until = time.monotonic() + 20
        while len(told.results) < before + 5 and time.monotonic() < until:
            time.sleep(0.005)  # so that every kill falls in the middle of submissions
        time.sleep(rng.random() * 0.1)
        engine.kill()
        stop.set()
        for thread in threads:
            thread.join()
        each(number, told)
    faults = faults_of_ledger(url, told)
    if not faults:
        faults = faults_of_answers(engine, told, rng)
    return faults, told


def faults_of_ledger(url: str, told: Acknowledged) -> list[str]:
    """Compare what is in the ledger with what was acknowledged."""
    ledger = open_ledger(url)
    entries = ledger.read_since({}, 1 << 31)
    ledger.close()
    faults: list[str] = []
    starts: dict[int, int] = {}
    finishes: dict[int, list[Any]] = {}
    saved: dict[int, dict[int, int]] = {}
    for entry in entries:
        if entry.kind == "start":
            starts[entry.participant] = starts.get(entry.participant, 0) + 1
        elif entry.kind == "finish":
            finishes.setdefault(entry.participant, []).append(entry.payload)
        else:
            for no, revision, _ in entry.payload["responses"]:
                saved.setdefault(entry.participant, {})[no] = revision
    faults += [f"start of {person} lost" for person in told.starts if starts.get(person) != 1]
    faults += [f"start of {person} doubled" for person, count in starts.items() if count != 1]
    faults += [f"finish of {person} doubled" for person, done in finishes.items() if len(done) != 1]
    for person, revisions in told.saves.items():
        if saved.get(person) != revisions:
            faults.append(f"save of {person} lost")
    for person, result in told.results.items():
        done = finishes.get(person)
        if not done:
            faults.append(f"finish of {person} lost")
        elif done[0]["score_points"] != result["score_points"]:
            faults.append(f"finish of {person} changed")
    return faults


def faults_of_answers(engine: Engine, told: Acknowledged, rng: Random) -> list[str]:
    """Ask a last time for what was answered, and for attempts left open."""
    engine.start()
    faults = []
    for person in rng.sample(sorted(told.results), min(200, len(told.results))):
        again = engine.ask("submit", {"token": told.starts[person], "responses": []})
        if again != told.results[person]:
            faults.append(f"answer to {person} changed")
        if not verify_receipt(again["receipt"], PUBLIC):
            faults.append(f"receipt of {person} does not hold")
    for person in [p for p in told.saves if p not in told.results][:50]:
        again = engine.ask("start", {"pass": pass_for(person)}) if person not in told.results else None
        saved = {int(no): one["revision"] for no, one in again["saved"].items()} if again else None
        if again and again["attempt"]["number"] == 1 and saved != told.saves[person]:
            faults.append(f"what {person} saved is not there")
    engine.stop()
    return faults
