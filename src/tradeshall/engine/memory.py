"""Everything the engine holds in memory; all of it can be rebuilt from the ledger."""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from itertools import count

import orjson

from tradeshall.engine.attempts import Given, OpenAttempt, RoundInPlay
from tradeshall.engine.counting import Stands
from tradeshall.engine.ledger.interface import FINISH, SAVE, START, DepositedRound, Happened, Row
from tradeshall.engine.pack import SealedPack
from tradeshall.engine.rounds import CompiledRound

AnswerKey = tuple[int, bool, int, int]
KEPT_ANSWERS = 1024
IDLE_DEADLINES = 50_000


class Memory:
    """Rounds in play, deadlines to come, how far the ledger has been taken in, answers lately given."""

    def __init__(self) -> None:
        self.rounds: dict[tuple[int, bool], RoundInPlay] = {}
        self.revision = 0
        self.watermarks: dict[str, int] = {}
        self._due: list[tuple[int, int, OpenAttempt]] = []
        self._ticket = count()
        self._answers: dict[AnswerKey, tuple[bool, bytes]] = {}
        self._older_answers: dict[AnswerKey, tuple[bool, bytes]] = {}

    # rounds

    def take_round(self, deposited: DepositedRound) -> None:
        """Take in a round that was deposited, closed or released."""
        self.revision = max(self.revision, deposited.revision)
        state = self.rounds.get((deposited.round_id, False))
        if state is None:
            compiled = CompiledRound(SealedPack.from_bytes(deposited.sealed))
            state = self.rounds[deposited.round_id, False] = RoundInPlay(compiled, False)
            self.rounds[deposited.round_id, True] = RoundInPlay(compiled, True)
        if deposited.closed_at_ms is not None and state.close_at(deposited.closed_at_ms):
            for attempt in state.open.values():
                self.watch(attempt)
        for rehearsal in (False, True):
            self.rounds[deposited.round_id, rehearsal].released_at_ms = deposited.released_at_ms

    # deadlines

    def watch(self, attempt: OpenAttempt) -> None:
        """Remember when an attempt has to be finished."""
        heapq.heappush(self._due, (attempt.last_moment_ms(), next(self._ticket), attempt))

    def due(self, before_ms: int, limit: int, own: str = "", others_ms: int = 0) -> list[OpenAttempt]:
        """Return, and forget, open attempts whose last moment lies before `before_ms`.

        Those that another process than `own` began are left to it for `others_ms` longer.
        """
        if len(self._due) > 2 * self.open_count() + IDLE_DEADLINES:  # most of them have handed in long before
            self._due = [entry for entry in self._due if self.is_open(entry[2])]
            heapq.heapify(self._due)
        due = self._due
        found: list[OpenAttempt] = []
        while due and due[0][0] < before_ms and len(found) < limit:
            attempt = heapq.heappop(due)[2]
            if not self.is_open(attempt) or attempt.finishing is not None:
                continue
            later_ms = attempt.last_moment_ms() + others_ms
            if others_ms and attempt.origin[0] != own and later_ms >= before_ms:
                heapq.heappush(due, (later_ms, next(self._ticket), attempt))
            else:
                found.append(attempt)
        return found

    @staticmethod
    def is_open(attempt: OpenAttempt) -> bool:
        return attempt.state.open.get(attempt.participant) is attempt

    # answers

    def remember(self, key: AnswerKey, visible: bool, answer: bytes) -> None:
        """Keep an answer for those who ask again soon; the older half is dropped at a time."""
        if len(self._answers) >= KEPT_ANSWERS:
            self._older_answers, self._answers = self._answers, {}
        self._answers[key] = visible, answer

    def remembered(self, key: AnswerKey, visible: bool) -> bytes | None:
        """Return the answer given before, unless results have become visible since."""
        kept = self._answers.get(key) or self._older_answers.get(key)
        return kept[1] if kept is not None and kept[0] == visible else None

    # rows of the ledger

    def begin(
        self,
        state: RoundInPlay,
        participant: int,
        unit: int,
        variant: str,
        number: int,
        at_ms: int,
        end_ms: int,
    ) -> OpenAttempt:
        attempt = state.begin(participant, unit, variant, number, at_ms, end_ms)
        self.watch(attempt)
        return attempt

    def finish(self, state: RoundInPlay, participant: int, counted: Stands, at_ms: int) -> None:
        """Take a finish that is in the ledger into the columns; the board has been moved already."""
        state.standings.record_finish(state.standings.index[participant], counted, at_ms)
        attempt = state.open.pop(participant, None)
        if attempt is not None:
            attempt.let_go()

    def apply(self, writer: str, seq: int, row: Row) -> None:
        """Take in a start or finish that this process did not write just now."""
        state = self.rounds.get((row.round_id, bool(row.rehearsal)))
        if state is None:
            return
        standings = state.standings
        if row.kind == START:
            player = standings.player(row.participant, row.unit)
            newer = state.open.get(row.participant)
            if row.attempt_number <= standings.finishes[player] or (
                newer is not None and newer.number > row.attempt_number
            ):  # its finish, or the attempt after it, was another writer's and has been read first
                standings.record_start(player, state.compiled.days.day(row.at_ms), row.at_ms)
                return
            attempt = self.begin(
                state,
                row.participant,
                row.unit,
                "" if row.payload == b"{}" else orjson.loads(row.payload).get("variant", ""),
                row.attempt_number,
                row.at_ms,
                row.ends_at_ms,
            )
            attempt.origin = (writer, seq)
        elif row.kind == FINISH:
            player = standings.player(row.participant, row.unit)
            counted = standings.counted(player, row.score_points, row.time_used_ms, row.ends_at_ms)
            standings.place_on_board(player, counted)
            standings.record_finish(player, counted, row.at_ms)
            attempt_open = state.open.get(row.participant)
            # attempts are made one after another, so as many as are finished are the first ones
            if attempt_open is not None and (
                attempt_open.number == row.attempt_number or attempt_open.number <= standings.finishes[player]
            ):
                del state.open[row.participant]

    def apply_save(self, row: Row) -> None:
        """Take in a save; an attempt that has finished since does not need it."""
        if row.kind != SAVE:
            return
        state = self.rounds.get((row.round_id, bool(row.rehearsal)))
        attempt = state.open.get(row.participant) if state else None
        if attempt is None or attempt.number != row.attempt_number:
            return
        for no, revision, positions in orjson.loads(row.payload)["responses"]:
            known = attempt.saved.get(no)
            if known is None or revision > known[0]:
                attempt.saved[no] = (revision, tuple(positions))

    def replay(self, blocks: Iterable[tuple[str, list[Happened]]]) -> None:
        """Take in starts and finishes by the million; boards and deadlines are set up by `replay_ends`.

        What `begin` and `finish` do for one, written out for many: a start that reads the whole ledger spends its
        time here.
        """
        begun: dict[tuple[int, int], dict[int, tuple[str, Happened]]] = {}
        state: RoundInPlay | None = None
        here: tuple[int, int] | None = None
        for writer, block in blocks:
            for row in block:
                seq, kind, round_id, rehearsal, participant, unit, number, at_ms, score, time_ms, ends_at_ms, _ = row
                if here is None or round_id != here[0] or rehearsal != here[1]:
                    here = (round_id, rehearsal)
                    state = self.rounds.get((round_id, bool(rehearsal)))
                    waiting = begun.setdefault(here, {})
                    if state is not None:
                        standings, day_of = state.standings, state.compiled.days.day
                        index, finishes = standings.index, standings.finishes
                        counts, keeps_days = standings.counted, standings.keeps_days
                        scores, times, moments = standings.scores, standings.times_ms, standings.finished_at_ms
                if state is None:
                    continue
                player = index.get(participant)
                if player is None:
                    player = standings.new_player(participant, unit)
                if kind == START:
                    standings.count_start(player, day_of(at_ms))
                    if number > finishes[player]:  # else its finish, another writer's, was read first
                        first = waiting.get(participant)
                        if first is None or first[1][6] < number:
                            waiting[participant] = writer, row
                else:
                    if keeps_days:
                        counted = counts(player, score, time_ms, ends_at_ms)
                        score, time_ms, ends_at_ms = counted[:3]
                        standings.keep_day(player, counted)
                    elif finishes[player]:
                        score, time_ms, ends_at_ms = counts(player, score, time_ms, ends_at_ms)
                    finishes[player] += 1
                    scores[player], times[player], moments[player] = score, time_ms, ends_at_ms
                    first = waiting.get(participant)
                    if first is not None and first[1][6] <= finishes[player]:
                        del waiting[participant]
        for (round_id, rehearsal), left in begun.items():
            state = self.rounds.get((round_id, bool(rehearsal)))
            if state is None:
                continue
            # attempts are made one after another, so as many as are finished are the first ones
            index, finishes = state.standings.index, state.standings.finishes
            for participant, attempt in list(state.open.items()):  # begun before the snapshot
                if attempt.number <= finishes[index[participant]]:
                    del state.open[participant]
            for participant, (writer, row) in left.items():
                seq, _, _, _, _, unit, number, at_ms, _, _, ends_at_ms, payload = row
                if number <= finishes[index[participant]]:
                    continue
                variant = orjson.loads(payload or b"{}").get("variant", "")
                attempt = state.reopen(participant, unit, variant, number, at_ms, ends_at_ms)
                attempt.origin = (writer, seq)

    def replay_ends(self) -> None:
        """Set up what a replay left alone: boards, counts by unit, deadlines."""
        for state in self.rounds.values():
            state.standings.rebuild()
            for attempt in state.open.values():
                self.watch(attempt)

    def open_count(self) -> int:
        return sum(len(state.open) for state in self.rounds.values())


def responses_json(given: Given) -> list[list[object]]:
    """Return saved responses as they are sent and stored."""
    return [[no, revision, positions] for no, (revision, positions) in sorted(given.items())]
