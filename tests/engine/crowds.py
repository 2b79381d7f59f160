"""People who sit attempt after attempt at whichever engine process answers, and what they were told."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from http.client import HTTPException
from random import Random
from typing import Any

from tests.engine.contest import pass_for, someone
from tests.engine.killing import Acknowledged, Engine


def until(happened: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


class Crowd:
    """As `with Crowd([engine, …]) as crowd:`; who leaves the block waits until everybody has finished."""

    def __init__(self, running: list[Engine], people: int = 6) -> None:
        self.running = running
        self.told = Acknowledged()
        self.faults: list[str] = []
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._sit, args=(Random(seed),)) for seed in range(people)]

    def __enter__(self) -> Crowd:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def more(self, count: int, seconds: float = 30) -> None:
        """Wait until so many more have handed in."""
        before = len(self.told.results)
        until(lambda: bool(self.faults) or len(self.told.results) >= before + count, seconds)

    def _sit(self, rng: Random) -> None:
        try:
            while not self._stop.is_set():
                person = someone()
                token = self._ask(rng, "start", {"pass": pass_for(person)})["token"]
                with self._lock:
                    self.told.starts[person] = token
                for no in range(1, 4):
                    self._ask(rng, "save", {"token": token, "responses": [[no, 1, [0]]]})
                with self._lock:
                    self.told.saves[person] = dict.fromkeys(range(1, 4), 1)
                result = self._ask(rng, "submit", {"token": token, "responses": []})
                with self._lock:
                    self.told.results[person] = result
        except AssertionError as error:
            self.faults.append(str(error))

    def _ask(self, rng: Random, name: str, sent: Any) -> Any:
        """Ask until somebody answers, as a browser does; whoever is gone or busy is asked again, or another is."""
        for _ in range(1500):
            try:
                return rng.choice(self.running).ask(name, sent)
            except (OSError, HTTPException):
                pass
            except AssertionError as error:
                if ": 503 " not in str(error):
                    raise
            time.sleep(0.02)
        raise AssertionError("nobody answers")
