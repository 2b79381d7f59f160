"""Those who wait for the ledger, and whose turn it is.

As long as everybody who waits fits into one batch, a turn is everybody. Beyond that units take turns, one request of
each at a time, so that a unit that sends many times its share waits for itself and not everybody for it. What one
person asks stays in its order, since a person belongs to one unit.

Each operation is moved once, from the list into its unit's line, and taken once.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

from tradeshall.engine.operations import Operation


class Waiting:
    """The line, or the lines. `fair` off is for the control of a test: whoever came first goes first."""

    __slots__ = ("_arrived", "_first", "_kept", "_lines", "_turns", "fair")

    def __init__(self) -> None:
        self.fair = True
        self._arrived: list[Operation] = []
        self._first: deque[Operation] = deque()  # back from a batch that has to be sealed again
        self._lines: dict[int, deque[Operation]] = {}
        self._turns: deque[int] = deque()  # the units with a line, each once
        self._kept = 0  # how many stand in lines

    def __len__(self) -> int:
        return len(self._arrived) + len(self._first) + self._kept

    def append(self, operation: Operation) -> None:
        self._arrived.append(operation)

    def put_back(self, operations: Iterable[Operation]) -> None:
        """Put operations before all others, in their order."""
        self._first.extendleft(reversed(list(operations)))

    def take(self, most: int) -> list[Operation]:
        """Take up to so many off the line."""
        if not self._first and not self._kept and len(self._arrived) <= most:
            taken, self._arrived = self._arrived, []
            return taken
        taken = []
        while self._first and len(taken) < most:
            taken.append(self._first.popleft())
        self._line_up()
        lines, turns = self._lines, self._turns
        before = len(taken)
        while turns and len(taken) < most:
            unit = turns.popleft()
            line = lines[unit]
            taken.append(line.popleft())
            if line:
                turns.append(unit)  # every other unit comes before its next
            else:
                del lines[unit]
        self._kept -= len(taken) - before
        return taken

    def drain(self) -> list[Operation]:
        """Take everybody."""
        return self.take(len(self))

    def may_join(self, unit: int, limit: int) -> bool:
        """Answer whether one more of a unit may wait though `limit` wait already: only if others crowd the line.

        A unit whose own part of the line is under its share of the limit is let in; so a crowd from one unit turns
        away its own, and nobody else. If the line is crowded by all alike, nobody is.
        """
        if not self.fair:
            return False
        self._line_up()
        lines = self._lines
        if len(self) >= 2 * limit or not lines:
            return False
        mine = len(lines.get(unit, ()))
        units = len(lines) + (not mine)
        return units > 1 and mine < limit // units

    def _line_up(self) -> None:
        if self._arrived:
            lines = self._lines
            for operation in self._arrived:
                unit = operation.unit() if self.fair else 0
                line = lines.get(unit)
                if line is None:
                    line = lines[unit] = deque()
                    self._turns.append(unit)
                line.append(operation)
            self._kept += len(self._arrived)
            self._arrived = []

    def __iter__(self) -> Iterator[Operation]:
        yield from self._first
        for line in self._lines.values():
            yield from line
        yield from self._arrived
