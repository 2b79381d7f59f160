"""What makes a round fit to be published, and who may take part in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Protocol

from tradeshall.campaigns.enums import ActivityState, CampaignState
from tradeshall.contests.enums import (
    Advance,
    Counting,
    ItemForm,
    RankStyle,
    Results,
    Review,
    RoundState,
    Scoring,
    TieBreak,
)
from tradeshall.core.refusal import Refusal, refuse
from tradeshall.core.transitions import Transitions

ROUND = Transitions(
    "contests:round",
    RoundState.DRAFT,
    ("publish", RoundState.DRAFT, RoundState.PUBLISHED),
    ("close", RoundState.PUBLISHED, RoundState.CLOSED),
)

SHORTEST_LIMIT, LONGEST_LIMIT = 10, 86_400
LONGEST_GRACE = 3600
MOST_ATTEMPTS = 1000
MOST_ON_PAPER = 200
MOST_POINTS = 10_000_000
MOST_ADVANCING = 1_000_000
DEEPEST = 20
LEAST_TIME_PERCENT, MOST_TIME_PERCENT = 101, 400
MOST_APPEALS_DAYS = 60


class RoundFacts(Protocol):
    """What rules read of a round."""

    title: str
    opens_at: datetime
    closes_at: datetime
    time_limit_seconds: int
    grace_seconds: int
    attempts_per_day: int
    attempts_total: int
    counting: str
    tie_breaks: list[str]
    results: str
    review: str
    exposure_cap_percent: int
    pass_points: int
    cap_per_day: int
    cap_total: int
    rank_style: str
    advance_by: str
    advance_top: int
    advance_depth: int
    advance_points: int
    advances_from_id: int | None
    opens_after_id: int | None
    appeals_days: int


class SectionFacts(Protocol):
    """What rules read of a line of the blueprint."""

    forms: list[str]
    tags: list[str]
    difficulty_from: int
    difficulty_to: int
    count: int
    points: int
    scoring: str


def judge_round(round: RoundFacts) -> list[Refusal]:
    """Return every reason why a round's rules make no sense, each with its field."""
    return list(_reasons(round))


def _reasons(round: RoundFacts) -> Iterator[Refusal]:
    if not round.title.strip():
        yield refuse("contests:round:title_empty", field_name="title")
    elif len(round.title) > 120:
        yield refuse("contests:round:title_too_long", field_name="title", most=120)
    if round.closes_at <= round.opens_at:
        yield refuse("contests:round:closes_before_it_opens", field_name="closes_at")
    if not SHORTEST_LIMIT <= round.time_limit_seconds <= LONGEST_LIMIT:
        yield refuse(
            "contests:round:time_limit_out_of_bounds",
            field_name="time_limit_seconds",
            least=SHORTEST_LIMIT,
            most=LONGEST_LIMIT,
        )
    if not 0 <= round.grace_seconds <= LONGEST_GRACE:
        yield refuse("contests:round:grace_out_of_bounds", field_name="grace_seconds", most=LONGEST_GRACE)
    for name in ("attempts_per_day", "attempts_total"):
        if not 0 <= getattr(round, name) <= MOST_ATTEMPTS:
            yield refuse("contests:round:attempts_out_of_bounds", field_name=name, most=MOST_ATTEMPTS)
    if 0 < round.attempts_total < round.attempts_per_day:
        yield refuse("contests:round:more_a_day_than_in_all", field_name="attempts_per_day")
    for name, words in (
        ("counting", Counting),
        ("results", Results),
        ("review", Review),
        ("rank_style", RankStyle),
        ("advance_by", Advance),
    ):
        if getattr(round, name) not in {word.value for word in words}:
            yield refuse("contests:round:choice_unknown", field_name=name, given=str(getattr(round, name))[:40])
    if (
        list(round.tie_breaks[:1]) != [TieBreak.SCORE.value]
        or len(set(round.tie_breaks)) != len(round.tie_breaks)
        or not set(round.tie_breaks) <= {word.value for word in TieBreak}
    ):
        yield refuse("contests:round:tie_breaks_unknown", field_name="tie_breaks")
    if not 1 <= round.exposure_cap_percent <= 100:
        yield refuse("contests:round:exposure_out_of_bounds", field_name="exposure_cap_percent")
    if not 0 <= round.appeals_days <= MOST_APPEALS_DAYS:
        yield refuse("contests:round:appeals_out_of_bounds", field_name="appeals_days", most=MOST_APPEALS_DAYS)
    if round.pass_points < 0:
        yield refuse("contests:round:pass_points_negative", field_name="pass_points")
    for name in ("cap_per_day", "cap_total"):
        if not 0 <= getattr(round, name) <= MOST_POINTS:
            yield refuse("contests:round:cap_out_of_bounds", field_name=name, most=MOST_POINTS)
    if round.counting == Counting.CAPPED and not round.cap_per_day and not round.cap_total:
        yield refuse("contests:round:cap_missing", field_name="cap_per_day")
    if 0 < round.cap_total < round.cap_per_day:
        yield refuse("contests:round:cap_of_day_above_all", field_name="cap_per_day")
    yield from _reasons_of_advancing(round)


def _reasons_of_advancing(round: RoundFacts) -> Iterator[Refusal]:
    by = round.advance_by
    if by and round.advances_from_id is None:
        yield refuse("contests:round:advance_from_nowhere", field_name="advances_from")
    if not by and round.advances_from_id is not None:
        yield refuse("contests:round:advance_without_rule", field_name="advance_by")
    if by in (Advance.TOP, Advance.TOP_OF_UNITS) and not 1 <= round.advance_top <= MOST_ADVANCING:
        yield refuse("contests:round:advance_top_out_of_bounds", field_name="advance_top", most=MOST_ADVANCING)
    if by == Advance.TOP_OF_UNITS and not 1 <= round.advance_depth <= DEEPEST:
        yield refuse("contests:round:advance_depth_out_of_bounds", field_name="advance_depth", most=DEEPEST)
    if by == Advance.POINTS and not 1 <= round.advance_points <= MOST_POINTS:
        yield refuse("contests:round:advance_points_out_of_bounds", field_name="advance_points", most=MOST_POINTS)


class EarlierRound(Protocol):
    """What is asked of the round another one builds upon."""

    pk: int
    contest_id: int
    opens_at: datetime
    closes_at: datetime
    pass_points: int
    practice: bool


def refuse_level(contest_id: int, opens_at: datetime, before: EarlierRound | None) -> Refusal | None:
    """Refuse a level that opens after a round which is elsewhere, opens later, or cannot be passed."""
    if before is None:
        return None
    if before.contest_id != contest_id or before.opens_at > opens_at:
        return refuse("contests:round:level_before_is_not_earlier", field_name="opens_after")
    return None if before.pass_points else refuse("contests:round:level_before_has_no_mark", field_name="opens_after")


def refuse_final(contest_id: int, opens_at: datetime, before: EarlierRound | None) -> Refusal | None:
    """Refuse a final whose list would be made of a round that is elsewhere, not over by then, or has no ranks."""
    if before is None:
        return None
    if before.contest_id != contest_id or before.closes_at > opens_at:
        return refuse("contests:round:preliminary_is_not_over_before", field_name="advances_from")
    return refuse("contests:round:preliminary_is_practice", field_name="advances_from") if before.practice else None


def refuse_joining(joining_ends_at: datetime | None, now: datetime) -> Refusal | None:
    """Refuse to enter a contest that takes nobody new any more."""
    return (
        refuse("contests:contest:joining_is_over") if joining_ends_at is not None and now >= joining_ends_at else None
    )


def refuse_percent(percent: int) -> Refusal | None:
    """Refuse more time than anybody needs, and less than everybody has."""
    if LEAST_TIME_PERCENT <= percent <= MOST_TIME_PERCENT:
        return None
    return refuse(
        "contests:time:percent_out_of_bounds",
        field_name="percent",
        least=LEAST_TIME_PERCENT,
        most=MOST_TIME_PERCENT,
    )


def refuse_locked(passed_before: bool) -> Refusal | None:
    """Refuse a level whose predecessor has not been passed."""
    return None if passed_before else refuse("contests:round:level_locked")


def refuse_not_advanced(confirmed: bool, listed: bool) -> Refusal | None:
    """Refuse a final to whoever is not on its list, or while there is none."""
    if not confirmed:
        return refuse("contests:round:list_not_made")
    return None if listed else refuse("contests:round:not_on_the_list")


def judge_section(section: SectionFacts) -> list[Refusal]:
    """Return every reason why a line of a blueprint makes no sense, each with its field."""
    found = []
    if not 1 <= section.count <= MOST_ON_PAPER:
        found.append(refuse("contests:section:count_out_of_bounds", field_name="count", most=MOST_ON_PAPER))
    if not 1 <= section.points <= 100:
        found.append(refuse("contests:section:points_out_of_bounds", field_name="points", most=100))
    if not 1 <= section.difficulty_from <= section.difficulty_to <= 5:
        found.append(refuse("contests:section:difficulty_out_of_bounds", field_name="difficulty_from"))
    if section.scoring not in {word.value for word in Scoring}:
        found.append(refuse("contests:section:scoring_unknown", field_name="scoring"))
    if not set(section.forms) <= {word.value for word in ItemForm}:
        found.append(refuse("contests:section:forms_unknown", field_name="forms"))
    return found


def refuse_past_window(closes_at: datetime, now: datetime) -> Refusal | None:
    """Refuse to publish a round that would be over already."""
    return refuse("contests:round:window_is_past", field_name="closes_at") if closes_at <= now else None


def fits(section: SectionFacts, form: str, difficulty: int, tags: Iterable[str]) -> bool:
    """Answer whether a line of a blueprint may draw an item of its pools."""
    return (
        (not section.forms or form in section.forms)
        and section.difficulty_from <= difficulty <= section.difficulty_to
        and (not section.tags or not set(section.tags).isdisjoint(tags))
    )


def needed(count: int, exposure_cap_percent: int) -> int:
    """Return how many items must stand behind `count` drawn ones for the exposure cap to hold."""
    return -(-count * 100 // exposure_cap_percent)


def allot(candidates: Sequence[Iterable[int]], needs: Sequence[int]) -> list[list[int]]:
    """Share items out among sections so that each item belongs to one, in the same way every time.

    What fits one section only goes there; what fits several goes where most is still missing of what is
    needed, in shares of the need; among equals, to the earlier section.
    """
    fitting: dict[int, list[int]] = {}
    for section, numbers in enumerate(candidates):
        for number in set(numbers):
            fitting.setdefault(number, []).append(section)
    shares: list[list[int]] = [[] for _ in candidates]
    for number in sorted(fitting, key=lambda number: (len(fitting[number]), number)):
        target = min(fitting[number], key=lambda section: (len(shares[section]) / max(needs[section], 1), section))
        shares[target].append(number)
    return [sorted(share) for share in shares]


class MemberFacts(Protocol):
    """What rules read of a membership."""

    ended_on: date | None

    @property
    def unit_path(self) -> str: ...


def refuse_taking_part(
    member: MemberFacts, *, activity_path: str, campaign_state: str, activity_state: str, today: date
) -> Refusal | None:
    """Refuse who is no member any more or belongs elsewhere, and a contest that is not there for members."""
    if campaign_state == CampaignState.DRAFT or activity_state == ActivityState.DRAFT:
        return refuse("contests:contest:not_published")
    if member.ended_on is not None and member.ended_on <= today:
        return refuse("contests:entrant:membership_ended")
    if not member.unit_path.startswith(activity_path):
        return refuse("contests:entrant:other_unit")
    return None


def refuse_entering(campaign_state: str, activity_state: str) -> Refusal | None:
    """Refuse to enter a contest that is over."""
    if campaign_state == CampaignState.ENDED or activity_state == ActivityState.CLOSED:
        return refuse("contests:contest:over")
    return None


def refuse_pass(round_state: str) -> Refusal | None:
    """Refuse a pass for a round that has not been published."""
    return refuse("contests:round:not_published") if round_state == RoundState.DRAFT else None


def phase_of(state: str, opens_at: datetime, closes_at: datetime, now: datetime) -> str:
    """Return where a round stands on the clock: draft, coming, open or over."""
    if state == RoundState.DRAFT:
        return "draft"
    if state == RoundState.CLOSED or now >= closes_at:
        return "over"
    return "coming" if now < opens_at else "open"
