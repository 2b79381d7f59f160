"""One round in play: its standings, its open attempts, and what their responses may be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tradeshall.engine.codes import Code, refused
from tradeshall.engine.forms import Answered
from tradeshall.engine.pack import MAX_OPTIONS
from tradeshall.engine.passes import AttemptToken
from tradeshall.engine.rounds import CompiledRound, Paper
from tradeshall.engine.standings import Standings
from tradeshall.engine.wire import PRACTICE_A_DAY, PRACTICE_A_MINUTE, Form, Results, Review

if TYPE_CHECKING:
    from tradeshall.engine.operations import Finish, Start

Response = tuple[int, Answered]
"""(revision, positions as shown or typed texts)"""
Given = dict[int, Response]

MAX_REVISION = 1 << 53
ALONE = tuple((position,) for position in range(MAX_OPTIONS))


class OpenAttempt:
    """An attempt that has started and not finished."""

    __slots__ = (
        "deadline_ms",
        "finishing",
        "number",
        "origin",
        "paper",
        "participant",
        "row",
        "saved",
        "staged",
        "started_at_ms",
        "state",
        "unit",
        "variant",
    )

    def __init__(
        self,
        state: RoundInPlay,
        participant: int,
        row: int,
        number: int,
        unit: int,
        variant: str,
        started_at_ms: int,
        deadline_ms: int,
    ) -> None:
        self.state = state
        self.participant = participant
        self.row = row
        self.number = number
        self.unit = unit
        self.variant = variant
        self.started_at_ms = started_at_ms
        self.deadline_ms = deadline_ms
        self.saved: Given = {}  # what is in the ledger
        self.staged: Given | None = None  # what the batch on its way to the ledger adds
        self.finishing: Finish | None = None
        self.paper: Paper | None = None
        self.origin: tuple[str, int] = ("", 0)

    def the_paper(self) -> Paper:
        paper = self.paper
        if paper is None:
            paper = self.paper = self.state.compiled.paper(self.participant, self.number, self.variant)
        return paper

    def let_go(self) -> None:
        """Drop what a finished attempt does not need; its deadline is remembered for a while yet.

        The finish knows its attempt, so that without this the two would keep each other until the collector comes.
        """
        self.finishing = self.paper = self.staged = None
        self.saved = {}

    def ends_at_ms(self) -> int:
        """Return the deadline, which the closing of the round may have brought forward."""
        return min(self.deadline_ms, self.state.closes_at_ms)

    def last_moment_ms(self) -> int:
        """Return the last moment at which an answer still counts."""
        return self.ends_at_ms() + self.state.grace_ms

    def token(self) -> AttemptToken:
        return AttemptToken(
            self.state.round_id,
            self.participant,
            self.number,
            self.unit,
            self.variant,
            self.started_at_ms,
            self.deadline_ms,
            self.state.rehearsal,
        )


class RoundInPlay:
    """A compiled round with everyone in it; a rehearsal of a round is another one of these."""

    def __init__(self, compiled: CompiledRound, rehearsal: bool) -> None:
        rules = compiled.rules
        self.compiled = compiled
        self.rules = rules
        self.round_id = rules.round_id
        self.rehearsal = rehearsal
        self.grace_ms = rules.grace_seconds * 1000
        self.closes_at_ms = rules.closes_at_ms if not rehearsal else MAX_REVISION
        self.released_at_ms: int | None = None
        self.standings = Standings(rules, compiled.max_points, compiled.days, compiled.content_hash)
        self.open: dict[int, OpenAttempt] = {}
        self.starting: dict[int, Start] = {}
        self._pace_minute = 0
        self._pace: dict[int, int] = {}

    def close_at(self, at_ms: int) -> bool:
        """Bring the closing forward; answers whether that changed anything."""
        if self.rehearsal or at_ms >= self.closes_at_ms:
            return False
        self.closes_at_ms = at_ms
        return True

    def is_over(self, now_ms: int) -> bool:
        """Answer whether no answer can count any more."""
        return now_ms > self.closes_at_ms + self.grace_ms and not self.open

    def ranks_final(self, now_ms: int) -> bool:
        """Answer whether ranks are now made by every tie-break. Dense ones are left to the pages: they need a sort of
        everyone, for which nobody's request may wait."""
        return self.is_over(now_ms) and not self.standings.dense

    def results_visible(self, now_ms: int) -> bool:
        if self.rules.results == Results.AT_ONCE:
            return True
        if self.rules.results == Results.AFTER_ROUND:
            return now_ms > self.closes_at_ms + self.grace_ms
        return self.released_at_ms is not None and now_ms >= self.released_at_ms

    def check_review(self, now_ms: int) -> None:
        """Refuse the review of a finished attempt while the rules withhold it."""
        if self.rules.review == Review.NEVER:
            raise refused(Code.REVIEW_NEVER)
        over = now_ms > self.closes_at_ms + self.grace_ms
        if not self.results_visible(now_ms) or (self.rules.review == Review.AFTER_ROUND and not over):
            raise refused(Code.REVIEW_WITHHELD, closes_at_ms=self.closes_at_ms)

    def may_start(self, participant: int, now_ms: int) -> tuple[Code, dict[str, Any]] | None:
        """Return why a new attempt may not start now, None if it may."""
        rules, standings = self.rules, self.standings
        if not self.rehearsal:
            if now_ms < rules.opens_at_ms:
                return Code.ROUND_NOT_OPEN, {"opens_at_ms": rules.opens_at_ms, "now_ms": now_ms}
            if now_ms >= self.closes_at_ms:
                return Code.ROUND_CLOSED, {"closes_at_ms": self.closes_at_ms, "now_ms": now_ms}
        row = standings.index.get(participant)
        if row is None:
            return None
        if rules.attempts_total and standings.starts[row] >= rules.attempts_total:
            return Code.ATTEMPT_NONE_LEFT, {"attempts_total": rules.attempts_total}
        days = self.compiled.days
        a_day = rules.attempts_per_day or (PRACTICE_A_DAY if rules.practice else 0)
        if a_day and standings.started_today(row, days.day(now_ms)) >= a_day:
            return Code.ATTEMPT_NONE_LEFT_TODAY, {
                "attempts_per_day": a_day,
                "next_at_ms": days.next_midnight_ms(now_ms),
            }
        minute = now_ms // 60_000
        if rules.practice and minute == self._pace_minute and self._pace.get(participant, 0) >= PRACTICE_A_MINUTE:
            return Code.ATTEMPT_TOO_SOON, {"a_minute": PRACTICE_A_MINUTE, "next_at_ms": (minute + 1) * 60_000}
        return None

    def keep_pace(self, participant: int, at_ms: int) -> None:
        """Count a start of practice in its minute; only the newest minute is kept, and none over a restart."""
        minute = at_ms // 60_000
        if minute > self._pace_minute:
            self._pace_minute = minute
            self._pace.clear()
        if minute == self._pace_minute:
            self._pace[participant] = self._pace.get(participant, 0) + 1

    def begin(
        self,
        participant: int,
        unit: int,
        variant: str,
        number: int,
        started_at_ms: int,
        deadline_ms: int,
    ) -> OpenAttempt:
        """Take a start that is in the ledger into memory."""
        standings = self.standings
        row = standings.player(participant, unit)
        standings.record_start(row, self.compiled.days.day(started_at_ms), started_at_ms)
        if self.rules.practice:
            self.keep_pace(participant, started_at_ms)
        return self.reopen(participant, unit, variant, number, started_at_ms, deadline_ms)

    def reopen(
        self,
        participant: int,
        unit: int,
        variant: str,
        number: int,
        started_at_ms: int,
        deadline_ms: int,
    ) -> OpenAttempt:
        """Take an open attempt into memory whose start is counted already."""
        row = self.standings.index[participant]
        attempt = self.open[participant] = OpenAttempt(
            self, participant, row, number, unit, variant, started_at_ms, deadline_ms
        )
        return attempt


def read_responses(raw: Any, paper: Paper) -> Given:
    """Return `[[no, revision, [positions or texts]], …]` as a dict by number.

    Refuses what the paper does not have.
    """
    if type(raw) is not list:
        raise refused(Code.RESPONSE_MALFORMED, expected="[[no, revision, [positions]], …]")
    items = paper.items
    size = len(items)
    given: Given = {}
    for entry in raw:
        if type(entry) is not list or len(entry) != 3:
            raise refused(Code.RESPONSE_MALFORMED, expected="[[no, revision, [positions]], …]")
        no, revision, positions = entry
        if type(no) is not int or not 0 < no <= size:
            raise refused(Code.RESPONSE_NOT_ON_PAPER, no=no if type(no) is int else None, items=size)
        if type(revision) is not int or not 0 <= revision <= MAX_REVISION or type(positions) is not list:
            raise refused(Code.RESPONSE_MALFORMED, no=no)
        item = items[no - 1]
        options = item.option_count
        chosen: Answered
        for position in positions:
            if type(position) is not int or not 0 <= position < options:
                if item.played is not None:  # it has no options, so whatever it is given arrives here
                    chosen = item.played.read(positions, no)
                    break
                raise refused(Code.RESPONSE_NOT_ON_PAPER, no=no, options=options)
        else:
            if len(positions) == 1:
                chosen = ALONE[positions[0]]
            else:
                if len(positions) > 1 and (item.form != Form.MULTIPLE or len(set(positions)) != len(positions)):
                    raise refused(Code.RESPONSE_MALFORMED, no=no)
                chosen = tuple(sorted(positions))
        if no not in given or revision > given[no][0]:
            given[no] = (revision, chosen)
    return given


def newest(*layers: Given | None) -> Given:
    """Return the newest revision of each response; where two are equal the earlier layer stays.

    The layers are left as they are; one alone is returned as it is.
    """
    merged: Given = {}
    ours = False
    for layer in layers:
        if not layer:
            continue
        if not merged:
            merged = layer
            continue
        if not ours:
            merged, ours = dict(merged), True
        for no, response in layer.items():
            known = merged.get(no)
            if known is None or response[0] > known[0]:
                merged[no] = response
    return merged
