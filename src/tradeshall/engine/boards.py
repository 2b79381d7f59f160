"""Live boards: who stands where, by score and whole seconds, in O(log n).

A cell holds all participants of one score and one whole second. How many stand before a cell is counted by a
Fenwick tree over the scores and, within each score, one over its seconds; a new best moves a participant from
one cell to another. Within a cell all have the same live rank; exact order, by every tie-break, is a sort of
one cell, made when it is asked for. Equal ranks run 1-2-2-4, or on a dense board 1-2-2-3: there a rank counts
the cells that stand before, not the people in them.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

MAX_SECONDS_CELLS = 8192


class Fenwick:
    """Counts by index, with sums before an index and the index of the k-th, each in O(log n); it grows."""

    __slots__ = ("_size", "_tree", "total")

    def __init__(self, size: int) -> None:
        self._size = 1 << max(4, (size - 1).bit_length())
        self._tree = array("I", bytes(4 * (self._size + 1)))
        self.total = 0

    def add(self, index: int, step: int) -> None:
        """Add `step` to the count at an index."""
        if index >= self._size:
            self._grow(index)
        self.total += step
        tree, size = self._tree, self._size
        index += 1
        while index <= size:
            tree[index] += step
            index += index & -index

    def before(self, index: int) -> int:
        """Return the sum of all counts at indices under this one."""
        if index >= self._size:
            return self.total
        tree, found = self._tree, 0
        while index > 0:
            found += tree[index]
            index &= index - 1
        return found

    def find(self, position: int) -> int:
        """Return the index that holds the counted thing at a position, 0 to total - 1."""
        tree, reached, step = self._tree, 0, self._size
        while step:
            ahead = reached + step
            if ahead <= self._size and tree[ahead] <= position:
                position -= tree[ahead]
                reached = ahead
            step >>= 1
        return reached

    def fill(self, counts: Iterable[tuple[int, int]]) -> None:
        """Set the counts of an empty tree at once, in O(n)."""
        counts = list(counts)
        top = max((index for index, _ in counts), default=0)
        if top >= self._size:
            self.__init__(top + 1)  # type: ignore[misc]
        tree, size = self._tree, self._size
        for index, count in counts:
            tree[index + 1] += count
            self.total += count
        for index in range(1, size + 1):
            above = index + (index & -index)
            if above <= size:
                tree[above] += tree[index]

    def _grow(self, index: int) -> None:
        old, total = self._tree, self.total
        counts = []
        for i in range(1, self._size + 1):
            count = old[i]
            below, floor = i - 1, i - (i & -i)
            while below > floor:
                count -= old[below]
                below &= below - 1
            if count:
                counts.append((i - 1, count))
        self.__init__(index + 1)  # type: ignore[misc]
        self.fill(counts)
        self.total = total


class Cell(NamedTuple):
    score: int
    second: int


class Line(NamedTuple):
    """One line of a board: a rank and who stands there (an index into the players)."""

    rank: int
    player: int


ExactKey = Callable[[int], tuple[int, ...]]


class Board:
    """Where each player stands; players are small integers, `exact` is the order inside a cell."""

    def __init__(self, exact: ExactKey, seconds: int = 1, dense: bool = False) -> None:
        self._exact = exact
        self._dense = dense
        self._cell_scores = Fenwick(128)
        self._cell_times: dict[int, Fenwick] = {}
        self._seconds = max(1, seconds)
        self._scores = Fenwick(128)
        self._times: dict[int, Fenwick] = {}
        self._cells: dict[int, dict[int, list[int]]] = {}
        self._place_in_cell = array("I")
        self._sorted: dict[Cell, list[int]] = {}
        self.final = False

    def __len__(self) -> int:
        return self._scores.total

    def move(self, player: int, old: Cell | None, new: Cell | None) -> None:
        """Take a player out of one cell and put it in another."""
        if old == new:
            return
        self.final = False
        if old is not None:
            self._remove(player, old)
        if new is not None:
            self._insert(player, new)

    def fill(self, players: Iterable[tuple[int, Cell]]) -> None:
        """Put many players on an empty board at once."""
        cells = self._cells
        for player, (score, second) in players:
            by_second = cells.get(score)
            if by_second is None:
                by_second = cells[score] = {}
            members = by_second.get(second)
            if members is None:
                members = by_second[second] = []
            self._remember(player, len(members))
            members.append(player)
        for score, by_second in cells.items():
            times = self._times[score] = Fenwick(self._seconds)
            times.fill((second, len(members)) for second, members in by_second.items())
        self._scores.fill((score, times.total) for score, times in self._times.items())
        if self._dense:
            for score, by_second in cells.items():
                times = self._cell_times[score] = Fenwick(self._seconds)
                times.fill((second, 1) for second in by_second)
            self._cell_scores.fill((score, times.total) for score, times in self._cell_times.items())

    def better_than(self, cell: Cell) -> int:
        """Return how many stand before a cell."""
        scores = self._scores
        better = scores.total - scores.before(cell.score + 1)
        times = self._times.get(cell.score)
        return better + times.before(cell.second) if times is not None else better

    def rank(self, cell: Cell) -> int:
        """Return the live rank of everyone in a cell."""
        if not self._dense:
            return self.better_than(cell) + 1
        scores, times = self._cell_scores, self._cell_times.get(cell.score)
        cells = scores.total - scores.before(cell.score + 1)
        return cells + (times.before(cell.second) if times is not None else 0) + 1

    def _count_cell(self, cell: Cell, step: int) -> None:
        times = self._cell_times.get(cell.score)
        if times is None:
            times = self._cell_times[cell.score] = Fenwick(self._seconds)
        times.add(cell.second, step)
        self._cell_scores.add(cell.score, step)

    def exact_rank(self, player: int, cell: Cell) -> int:
        """Return the rank by every tie-break."""
        members = self._in_order(cell)
        key = self._exact(player)
        low, high = 0, len(members)
        while low < high:
            middle = (low + high) // 2
            if self._exact(members[middle]) < key:
                low = middle + 1
            else:
                high = middle
        return self.better_than(cell) + low + 1

    def lines(self, limit: int, offset: int = 0) -> list[Line]:
        """Return part of the board in order; ranks are exact once it is final, live before."""
        lines: list[Line] = []
        for first, cell, members in self._cells_from(offset):
            skipped = max(0, offset - first)
            rank, last_key = first + 1, None
            if self.final:
                for position, player in enumerate(members):
                    key = self._exact(player)
                    if key != last_key:
                        rank, last_key = first + position + 1, key
                    if position >= skipped:
                        lines.append(Line(rank, player))
                    if len(lines) == limit:
                        return lines
            else:
                if self._dense:
                    rank = self.rank(cell)
                lines.extend(Line(rank, player) for player in members[skipped : skipped + limit - len(lines)])
            if len(lines) >= limit:
                break
        return lines

    def _cells_from(self, offset: int) -> Iterator[tuple[int, Cell, list[int]]]:
        total = self._scores.total
        while offset < total:
            score = self._scores.find(total - 1 - offset)
            times = self._times[score]
            first = total - self._scores.before(score + 1)
            second = times.find(offset - first)
            first += times.before(second)
            cell = Cell(score, second)
            members = self._in_order(cell)
            yield first, cell, members
            offset = first + len(members)

    def _in_order(self, cell: Cell) -> list[int]:
        members = self._cells[cell.score][cell.second]
        if len(members) == 1:
            return members
        kept = self._sorted.get(cell)
        if kept is None:
            kept = sorted(members, key=self._exact)
            if len(members) > 64:
                self._sorted[cell] = kept  # small cells are sorted again; large ones only after a change
        return kept

    def _remember(self, player: int, place: int) -> None:
        places = self._place_in_cell
        if player >= len(places):
            places.frombytes(bytes(4 * (player + 1024 - len(places))))
        places[player] = place

    def _insert(self, player: int, cell: Cell) -> None:
        score, second = cell
        times = self._times.get(score)
        if times is None:
            times = self._times[score] = Fenwick(self._seconds)
            self._cells[score] = {}
        by_second = self._cells[score]
        members = by_second.get(second)
        if members is None:
            members = by_second[second] = []
            if self._dense:
                self._count_cell(cell, 1)
        self._remember(player, len(members))
        members.append(player)
        times.add(second, 1)
        self._scores.add(score, 1)
        if self._sorted:
            self._sorted.pop(cell, None)

    def _remove(self, player: int, cell: Cell) -> None:
        score, second = cell
        members = self._cells[score][second]
        place, last = self._place_in_cell[player], members.pop()
        if last != player:
            members[place] = last
            self._place_in_cell[last] = place
        if not members:
            del self._cells[score][second]
            if self._dense:
                self._count_cell(cell, -1)
        self._times[score].add(second, -1)
        self._scores.add(score, -1)
        if self._sorted:
            self._sorted.pop(cell, None)
