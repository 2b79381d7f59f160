"""Reading attempts again on all cores: helper processes that make papers, one range of participants at a time.

`python -m tradeshall.engine.rescoring_processes` is such a helper. It reads a job from its input (the ledger's
address never stands in a command line) and then a range a line, and answers each with a line of JSON. It ends with
its input, so that none is left when whoever started it is killed.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import orjson

from tradeshall.engine.ledger.interface import Ledger
from tradeshall.engine.ledger.opening import open_ledger
from tradeshall.engine.pack import SealedPack
from tradeshall.engine.rescoring import (
    Answered,
    Difference,
    Rescored,
    Rescorer,
    Sat,
    corrections_of,
    first_attempts,
    sat,
)

RESCORE, LAY_OUT = "rescore", "lay_out"
AHEAD = 2
"""How many ranges each helper is given before its first answer is taken."""

Range = tuple[int, int]
Job = dict[str, Any]
Stored = Mapping[str, Mapping[str, Any]]


class HelperEnded(RuntimeError):
    """A helper process ended before it had answered."""


def rescored_in(job: Job, spans: Sequence[Range], *, ledger: Ledger, processes: int) -> Iterator[list[Rescored]]:
    """Yield, range by range, every attempt whose score or maximum the corrections change.

    `processes` 0: here, in this process and with this ledger.
    """
    for found in _done({**job, "do": RESCORE}, spans, ledger, processes):
        yield [Rescored(*row) for row in found]


def laid_out_in(
    job: Job, spans: Sequence[Range], *, ledger: Ledger, processes: int
) -> Iterator[tuple[int, list[Sat]]]:
    """Yield, range by range, how many attempts there are, and each participant's first, laid out for statistics."""
    for count, found in _done({**job, "do": LAY_OUT}, spans, ledger, processes):
        yield count, [Sat(*row)._replace(answers=[Answered(*answer) for answer in row[-1]]) for row in found]


def job_of(ledger_url: str, sealed: bytes, corrections: Stored, before: Stored | None = None) -> Job:
    """Return what a helper needs to know: the pack, the corrections now, and those that held before."""
    return {
        "ledger": ledger_url,
        "sealed": sealed.decode(),
        "corrections": dict(corrections),
        "before": dict(before or {}),
    }


def _done(job: Job, spans: Sequence[Range], ledger: Ledger, processes: int) -> Iterator[Any]:
    if not processes:
        work = _Work(job, ledger)
        return (work.answer(span) for span in spans)
    return _by_helpers(job, spans, processes)


def _by_helpers(job: Job, spans: Sequence[Range], processes: int) -> Iterator[Any]:
    """Deal ranges out in turn and take the answers in the same order."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    helpers = [
        subprocess.Popen(
            [sys.executable, "-m", "tradeshall.engine.rescoring_processes"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
        )
        for _ in range(min(processes, len(spans)))
    ]
    try:
        for helper in helpers:
            _tell(helper, job)
        waiting: deque[subprocess.Popen[bytes]] = deque()
        left = iter(enumerate(spans))

        def deal() -> None:
            for at, span in left:
                helper = helpers[at % len(helpers)]
                _tell(helper, span)
                waiting.append(helper)
                return

        for _ in range(AHEAD * len(helpers)):
            deal()
        while waiting:
            answer = _heard(waiting.popleft())
            deal()
            yield answer
    finally:
        for helper in helpers:
            helper.kill()
            helper.wait()
            for pipe in (helper.stdin, helper.stdout):
                if pipe is not None:
                    pipe.close()


def _tell(helper: subprocess.Popen[bytes], what: Any) -> None:
    assert helper.stdin is not None
    try:
        helper.stdin.write(orjson.dumps(what) + b"\n")
        helper.stdin.flush()
    except BrokenPipeError as error:
        raise HelperEnded("a helper ended before its work was done") from error


def _heard(helper: subprocess.Popen[bytes]) -> Any:
    assert helper.stdout is not None
    line = helper.stdout.readline()
    if not line.endswith(b"\n"):
        raise HelperEnded("a helper ended before its work was done")
    return orjson.loads(line)


class _Work:
    """One job, and what is needed to do it."""

    def __init__(self, job: Job, ledger: Ledger) -> None:
        sealed = SealedPack.from_bytes(job["sealed"].encode())
        self._round_id = sealed.round_id
        now, before = corrections_of(job["corrections"]), corrections_of(job["before"])
        self._lays_out = job["do"] == LAY_OUT
        self._rescorer = Rescorer(sealed, now)
        self._difference = Difference(sealed, before, now)
        self._ledger = ledger

    def answer(self, span: Sequence[int]) -> Any:
        entries = self._ledger.finishes_between(self._round_id, span[0], span[1])
        if not self._lays_out:  # plain tuples: orjson writes no named ones
            return [tuple(one) for entry in entries if (one := self._difference.of(entry)) is not None]
        found = [sat(self._rescorer, entry) for entry in first_attempts(entries)]
        return len(entries), [(*one[:-1], [tuple(answer) for answer in one.answers]) for one in found]


def main(lines: Iterable[bytes]) -> None:
    """Do one job as a helper."""
    told = iter(lines)
    job = orjson.loads(next(told))
    work = _Work(job, open_ledger(job["ledger"]))
    for line in told:
        sys.stdout.buffer.write(orjson.dumps(work.answer(orjson.loads(line))) + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main(sys.stdin.buffer)
