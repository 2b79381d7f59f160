"""Simulated members who sit a round through the engine's HTTP interface, as phones would.

Each reads the paper, thinks, saves now and then, and hands in. How often one is right depends on a skill of one's own
and on the item; how long one takes, on one's pace. The thinking is slept through on the rehearsal clock of the engine
they talk to, which runs `rate` times as fast as the wall's, so times on the boards really passed on it.
"""

from __future__ import annotations

import http.client
import json
import queue
import random
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

KNOWN = dict[str, list[str]]  # stem -> the texts of its right options
AGAIN = frozenset({408, 425, 429, 503})  # what a phone tries again; on a busy machine a request may arrive too slowly


@dataclass(frozen=True, slots=True)
class Sitter:
    """One attempt to make: the pass, and what kind of person makes it."""

    pass_token: str
    skill: float  # probability of knowing an item of middling difficulty
    pace_seconds: float  # median time for one item
    gives_up: bool = False  # never hands in; the engine finishes at the deadline


class Phone:
    """One connection to the engine, kept open; a dropped one is made again."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        for attempt in range(8):
            try:
                self.connection.request(
                    "POST", path, json.dumps(body), {"content-type": "application/json", "accept": "application/json"}
                )
                answer = self.connection.getresponse()
                text = answer.read()
            except (OSError, http.client.HTTPException):
                self.connection.close()
            else:
                if answer.status == 200:
                    found: dict[str, Any] = json.loads(text)
                    return found
                if answer.status not in AGAIN:
                    raise RuntimeError(f"{path}: {answer.status} {text.decode(errors='replace')[:300]}")
                self.connection.close()  # after some of these the engine has closed it too
            time.sleep(0.05 * 2**attempt)
        raise RuntimeError(f"{path}: the engine does not answer")


def choose(item: dict[str, Any], knows: bool, known: KNOWN, dice: random.Random) -> list[int]:
    """Return the positions a person ticks: the right ones if they know, else a guess of the item's form."""
    options = item["options"]
    right = [position for position, text in enumerate(options) if text in known.get(item["stem"], ())]
    if knows and right:
        return right
    if item["form"] == "multiple":
        return sorted(dice.sample(range(len(options)), dice.randint(1, len(options))))
    return [dice.randrange(len(options))]


def sit(phone: Phone, sitter: Sitter, known: KNOWN, rate: float, dice: random.Random) -> None:
    """Make one whole attempt."""
    begun = phone.post("/engine/start", {"pass": sitter.pass_token})
    responses: list[list[Any]] = []
    for item in begun["paper"]["items"]:
        time.sleep(sitter.pace_seconds * dice.lognormvariate(0, 0.35) / rate)
        responses.append([item["no"], 1, choose(item, dice.random() < sitter.skill, known, dice)])
        if len(responses) % 7 == 0:
            phone.post("/engine/save", {"token": begun["token"], "responses": responses[-7:]})
    if not sitter.gives_up:
        phone.post("/engine/submit", {"token": begun["token"], "responses": responses})


def sit_all(
    sitters: Iterable[Sitter],
    *,
    port: int,
    known: KNOWN,
    rate: float,
    seed: int,
    phones: int = 160,
    progress: Callable[[int], None] = lambda done: None,
) -> int:
    """Let all sit, `phones` at a time; returns how many attempts were made. The first failure is raised."""
    waiting: queue.SimpleQueue[tuple[int, Sitter]] = queue.SimpleQueue()
    for numbered in enumerate(sitters):
        waiting.put(numbered)
    done, failures, lock = [0], list[BaseException](), threading.Lock()

    def work() -> None:
        phone = Phone(port)
        while not failures:
            try:
                number, sitter = waiting.get_nowait()
            except queue.Empty:
                return
            try:
                sit(phone, sitter, known, rate, random.Random(seed * 1_000_003 + number))
            except BaseException as error:
                failures.append(error)
                return
            with lock:
                done[0] += 1
                progress(done[0])

    threads = [threading.Thread(target=work, daemon=True) for _ in range(phones)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return done[0]
