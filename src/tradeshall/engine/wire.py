"""What the web side hands to the engine: items, sections and the rules of a round.

Times are milliseconds since 1970-01-01T00:00Z, points are whole numbers, options are counted from 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

PRACTICE_A_DAY = 200
PRACTICE_A_MINUTE = 6
"""How often one person may begin practice that sets no limit of its own: more than anybody learns from, and few
enough that a script cannot fill the ledger."""


class Form(StrEnum):
    SINGLE = "single"
    MULTIPLE = "multiple"
    TRUE_FALSE = "true_false"
    FILL_IN = "fill_in"
    NUMERIC = "numeric"
    MATCHING = "matching"
    ORDERING = "ordering"


class Scoring(StrEnum):
    """How a multiple choice earns its points."""

    ALL_OR_NOTHING = "all_or_nothing"
    PART_MARKS = "part_marks"
    PER_OPTION = "per_option"


class Counting(StrEnum):
    """Which of a participant's attempts stands on the board."""

    BEST = "best"
    LAST = "last"
    FIRST = "first"
    SUM = "sum"
    DAILY_BEST = "daily_best"
    """The best attempt of each day, added up."""
    CAPPED = "capped"
    """All attempts added up, but never more than so many points a day and in all."""


ADDED_UP = frozenset({Counting.SUM, Counting.DAILY_BEST, Counting.CAPPED})
"""The ways of counting under which several attempts make one score."""


class TieBreak(StrEnum):
    SCORE = "score"
    TIME_USED = "time_used"
    EARLIER_FINISH = "earlier_finish"
    FEWER_ATTEMPTS = "fewer_attempts"


class RankStyle(StrEnum):
    """What follows equal ranks."""

    STANDARD = "standard"
    """1-2-2-4"""
    DENSE = "dense"
    """1-2-2-3"""
    LOT = "lot"
    """No equal ranks: who is still equal is ordered by a lot that was fixed at publication; see `tie_lot`."""


class Results(StrEnum):
    """When a participant learns the score."""

    AT_ONCE = "at_once"
    AFTER_ROUND = "after_round"
    AFTER_REVIEW = "after_review"


class Review(StrEnum):
    """When a participant sees the keys and explanations of the paper."""

    AT_ONCE = "at_once"
    AFTER_ROUND = "after_round"
    NEVER = "never"


class Kind(StrEnum):
    """What an entry of the ledger records."""

    START = "start"
    SAVE = "save"
    FINISH = "finish"


class FinishedBy(StrEnum):
    MEMBER = "member"
    DEADLINE = "deadline"


@dataclass(frozen=True, slots=True)
class ItemSpec:
    """One item as it is frozen into a pack. Fields a form has no use for are empty, and left out of the pack.

    `key`       choices: the positions of the right options; matching: for each option, the position in `matches`
                that belongs to it; ordering: the positions of the options in their right order
    `accepted`  fill-in: for each gap of the stem the texts that are right; numeric: one pair, value and tolerance
    `matches`   matching: the right-hand side, which may hold more than is used
    `media`     what is shown under the stem: (name of the file, "picture" or "sound", text instead of it)
    """

    number: int
    form: str
    stem: str
    options: tuple[str, ...]
    key: tuple[int, ...]
    explanation: str = ""
    source: str = ""
    difficulty: int = 0
    tags: tuple[str, ...] = ()
    accepted: tuple[tuple[str, ...], ...] = ()
    matches: tuple[str, ...] = ()
    media: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class SectionSpec:
    """`count` items drawn from `item_numbers`, each worth `points`.

    Papers of a variant that stands in `variants` draw from its own items instead.
    """

    title: str
    item_numbers: tuple[int, ...]
    count: int
    points: int
    scoring: str = Scoring.ALL_OR_NOTHING.value
    variants: tuple[tuple[str, tuple[int, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class RoundRules:
    """The rules of a round; 0 attempts or points of a cap mean no limit, days turn at midnight in `zone`.

    `terms` are the rules that the pages alone apply (who may sit the round, what it leads to), as canonical JSON:
    the engine only carries them, so that the commitment to the rules covers them too.
    """

    round_id: int
    title: str
    opens_at_ms: int
    closes_at_ms: int
    time_limit_seconds: int
    grace_seconds: int = 30
    attempts_per_day: int = 0
    attempts_total: int = 0
    counting: str = Counting.BEST.value
    tie_breaks: tuple[str, ...] = (TieBreak.SCORE.value, TieBreak.TIME_USED.value)
    practice: bool = False
    results: str = Results.AT_ONCE.value
    review: str = Review.AT_ONCE.value
    shuffle_options: bool = True
    zone: str = "UTC"
    pass_points: int = 0
    cap_per_day: int = 0
    cap_total: int = 0
    rank_style: str = RankStyle.STANDARD.value
    terms: str = ""
