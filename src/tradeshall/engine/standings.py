"""What the engine remembers of everyone in a round: a column a fact, so that a million fit in memory.

A participant is a row number; `index` finds it. The columns are what a start must know (how many attempts,
how many today) and what stands on the board (by the counting rule). Open attempts are kept apart: they are few.
"""

from __future__ import annotations

from array import array
from collections import deque
from typing import Any

from tradeshall.engine.boards import MAX_SECONDS_CELLS, Board, Cell
from tradeshall.engine.counting import Calendar, DayColumns, DayOf, Stands, is_lot, tie_lot
from tradeshall.engine.wire import ADDED_UP, Counting, RankStyle, RoundRules, TieBreak

COLUMNS = (
    ("participants", "q"),
    ("units", "q"),
    ("starts", "I"),
    ("days", "I"),
    ("day_starts", "I"),
    ("finishes", "I"),
    ("scores", "q"),
    ("times_ms", "q"),
    ("finished_at_ms", "q"),
)


DAYS = "days_added_up"
"""The name under which a snapshot holds what `counting.DayColumns` gives."""


class Minute:
    """How many of something happened in the last sixty seconds."""

    __slots__ = ("_by_second", "_total")

    def __init__(self) -> None:
        self._by_second: deque[list[int]] = deque()
        self._total = 0

    def count(self, at_ms: int) -> None:
        second = at_ms // 1000
        if self._by_second and self._by_second[-1][0] >= second:
            self._by_second[-1][1] += 1
        else:
            self._by_second.append([second, 1])
        self._total += 1

    def total(self, now_ms: int) -> int:
        oldest = now_ms // 1000 - 60
        while self._by_second and self._by_second[0][0] <= oldest:
            self._total -= self._by_second.popleft()[1]
        return self._total


class Standings:
    """Everyone who ever started in a round, and the board over those who finished."""

    participants: array[int]
    units: array[int]
    starts: array[int]
    days: array[int]
    day_starts: array[int]
    finishes: array[int]
    scores: array[int]
    times_ms: array[int]
    finished_at_ms: array[int]

    def __init__(
        self, rules: RoundRules, max_points: int, calendar: Calendar | None = None, content_hash: str = ""
    ) -> None:
        self.index: dict[int, int] = {}
        for name, code in COLUMNS:
            setattr(self, name, array(code))
        self._counters = tuple(getattr(self, name) for name, _ in COLUMNS[2:])
        self.unit_counts: dict[int, list[int]] = {}
        self.started = self.finished = 0
        self.started_minute, self.finished_minute = Minute(), Minute()
        self.counting = Counting(rules.counting)
        self.ranked = not rules.practice
        self._by_time = TieBreak.TIME_USED in rules.tie_breaks
        self._second_is_time = rules.tie_breaks[1:2] == (TieBreak.TIME_USED,)
        longest_seconds = rules.time_limit_seconds
        if self.counting in ADDED_UP:
            days = 2 + (rules.closes_at_ms - rules.opens_at_ms) // 86_400_000
            longest_seconds *= rules.attempts_total or (rules.attempts_per_day or 10) * days
        self._cell_ms = 1000 * -(-longest_seconds // MAX_SECONDS_CELLS)  # whole seconds up to two hours
        self._by_day = None
        if self.counting in (Counting.DAILY_BEST, Counting.CAPPED):
            assert calendar is not None
            self._by_day = DayColumns(rules, calendar)
        self._exact = self._exact_key(rules.tie_breaks, content_hash if is_lot(rules) else "")
        self.dense = rules.rank_style == RankStyle.DENSE
        self.board = Board(self._exact, min(MAX_SECONDS_CELLS, rules.time_limit_seconds + 2), self.dense)
        self.max_points = max_points

    def player(self, participant: int, unit: int) -> int:
        """Return the row of a participant, made if new."""
        row = self.index.get(participant)
        if row is None:
            row = self.new_player(participant, unit)
            self._unit(unit)[0] += 1
        return row

    def new_player(self, participant: int, unit: int) -> int:
        """Return a row made for a participant; counts by unit are left to the caller or to `rebuild`."""
        row = self.index[participant] = len(self.participants)
        self.participants.append(participant)
        self.units.append(unit)
        for column in self._counters:
            column.append(0)
        return row

    def cell(self, row: int) -> Cell | None:
        """Return where a player stands on the board, None before the first finish."""
        if not self.finishes[row] or not self.ranked:
            return None
        return self._cell(self.scores[row], self.times_ms[row])

    def started_today(self, row: int, day: int) -> int:
        return self.day_starts[row] if self.days[row] == day else 0

    def record_start(self, row: int, day: int, at_ms: int) -> None:
        self.count_start(row, day)
        self.started += 1
        self.started_minute.count(at_ms)

    def count_start(self, row: int, day: int) -> None:
        """Count an attempt for its participant alone; the round's counts are left to `rebuild`."""
        self.starts[row] += 1
        if self.days[row] == day:
            self.day_starts[row] += 1
        else:
            self.days[row], self.day_starts[row] = day, 1

    @property
    def keeps_days(self) -> bool:
        """Whether the first attempt, too, has to go through `counted` and `keep_day`."""
        return self._by_day is not None

    def counted(self, row: int, score: int, time_ms: int, finished_at_ms: int) -> Stands:
        """Return (score, time, moment) that stands once this attempt is counted; see `counting.Stands`."""
        if self._by_day is not None:
            stands = DayOf(self.scores[row], self.times_ms[row], self.finished_at_ms[row])
            return self._by_day.counted(row, stands if self.finishes[row] else None, score, time_ms, finished_at_ms)
        new = score, time_ms, finished_at_ms
        if not self.finishes[row]:
            return new
        old = self.scores[row], self.times_ms[row], self.finished_at_ms[row]
        # by moment, not by the order of reading: two writers' entries are read one writer after the other
        if self.counting is Counting.LAST:
            return new if finished_at_ms >= old[2] else old
        if self.counting is Counting.FIRST:
            return new if finished_at_ms < old[2] else old
        if self.counting is Counting.SUM:
            return old[0] + score, old[1] + time_ms, max(old[2], finished_at_ms)
        if score != old[0]:
            return new if score > old[0] else old
        if self._by_time and time_ms != old[1]:
            return new if time_ms < old[1] else old
        return new if finished_at_ms < old[2] else old

    def keep_day(self, row: int, counted: Stands) -> None:
        """Keep what a day holds once its finish is in the ledger, where days are added up."""
        if self._by_day is not None:
            self._by_day.record(row, counted)

    def place_on_board(self, row: int, counted: Stands) -> tuple[Cell | None, Cell | None]:
        """Move a player to where `counted` puts it and return the cells left and entered."""
        if not self.ranked:
            return None, None
        old, new = self.cell(row), self._cell(counted[0], counted[1])
        self.board.move(row, old, new)
        return old, new

    def record_finish(self, row: int, counted: Stands, at_ms: int) -> None:
        """Make a finish part of the columns; the board is moved by `place_on_board`."""
        if not self.finishes[row]:
            self._unit(self.units[row])[1] += 1
        self.finishes[row] += 1
        self.scores[row], self.times_ms[row], self.finished_at_ms[row] = counted[:3]
        self.keep_day(row, counted)
        self.finished += 1
        self.finished_minute.count(at_ms)

    def rebuild(self) -> None:
        """Make board and counts from the columns, after a replay or a snapshot."""
        self.board = Board(self._exact, self.board._seconds, self.dense)
        if self.ranked:
            cell, scores, times = self._cell, self.scores, self.times_ms
            self.board.fill((row, cell(scores[row], times[row])) for row, count in enumerate(self.finishes) if count)
        self.unit_counts.clear()
        for unit, count in zip(self.units, self.finishes, strict=True):
            counts = self._unit(unit)
            counts[0] += 1
            counts[1] += count > 0
        self.started, self.finished = sum(self.starts), sum(self.finishes)

    def columns(self) -> dict[str, bytes]:
        """Return the columns as bytes, for a snapshot."""
        kept = {name: getattr(self, name).tobytes() for name, _ in COLUMNS}
        return kept | {DAYS: b"".join(self._by_day.parts()) if self._by_day is not None else b""}

    def load_columns(self, columns: dict[str, bytes]) -> None:
        """Take the columns of a snapshot; the rest is made by `rebuild`."""
        for name, _ in COLUMNS:
            getattr(self, name).frombytes(columns[name])
        if self._by_day is not None:
            self._by_day.load(columns[DAYS])
        self.index = dict(zip(self.participants, range(len(self.participants)), strict=True))

    def monitor(self, now_ms: int, open_now: int) -> dict[str, Any]:
        return {
            "open_now": open_now,
            "started": self.started,
            "finished": self.finished,
            "started_last_minute": self.started_minute.total(now_ms),
            "finished_last_minute": self.finished_minute.total(now_ms),
            "participants": len(self.participants),
            "units": {
                str(unit): {"participants": counts[0], "finished": counts[1]}
                for unit, counts in self.unit_counts.items()
            },
        }

    def _cell(self, score: int, time_ms: int) -> Cell:
        if not self._second_is_time:
            return Cell(score, 0)
        return Cell(score, min(time_ms // self._cell_ms, MAX_SECONDS_CELLS - 1))

    def _unit(self, unit: int) -> list[int]:
        counts = self.unit_counts.get(unit)
        if counts is None:
            counts = self.unit_counts[unit] = [0, 0]
        return counts

    def _exact_key(self, tie_breaks: tuple[str, ...], content_hash: str) -> Any:
        columns: list[tuple[array[int], int]] = []
        for tie_break in tie_breaks:
            if tie_break == TieBreak.SCORE:
                columns.append((self.scores, -1))
            elif tie_break == TieBreak.TIME_USED:
                columns.append((self.times_ms, 1))
            elif tie_break == TieBreak.EARLIER_FINISH:
                columns.append((self.finished_at_ms, 1))
            elif tie_break == TieBreak.FEWER_ATTEMPTS:
                columns.append((self.finishes, 1))
        if content_hash:
            participants = self.participants
            return lambda row: (
                *(sign * column[row] for column, sign in columns),
                int.from_bytes(tie_lot(content_hash, participants[row])),
            )
        return lambda row: tuple(sign * column[row] for column, sign in columns)
