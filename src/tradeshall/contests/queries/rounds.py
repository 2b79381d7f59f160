"""Reading contests and rounds, and judging a blueprint."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Q, QuerySet

from tradeshall.campaigns.enums import ActivityState, CampaignState
from tradeshall.campaigns.rules import paths_above
from tradeshall.contests.enums import ItemState, Results, RoundState
from tradeshall.contests.models import Contest, Item, Round, Section
from tradeshall.contests.queries.bank import pools_usable_in
from tradeshall.contests.rules import rounds as rules
from tradeshall.contests.rules.items import letter_of
from tradeshall.core import authority, clock
from tradeshall.core.authority import Actor
from tradeshall.core.refusal import Refusal, refuse

if TYPE_CHECKING:
    from tradeshall.people.models import Membership

WITH_CONTEST = "contest__activity__campaign__unit", "contest__activity__unit"


def contests_visible_to(actor: Actor, code: str = "contests:round:view") -> QuerySet[Contest]:
    """Return the contests of units in which an actor may do what `code` names."""
    rows = Contest.objects.select_related("activity__campaign__unit", "activity__unit")
    return authority.scope(actor, code, rows, unit="activity__unit", campaign="activity__campaign__number").order_by(
        "-pk"
    )


def rounds_visible_to(actor: Actor, code: str = "contests:round:view") -> QuerySet[Round]:
    """Return the rounds of units in which an actor may do what `code` names."""
    rows = Round.objects.select_related(*WITH_CONTEST)
    return authority.scope(
        actor, code, rows, unit="contest__activity__unit", campaign="contest__activity__campaign__number"
    )


def published_contests() -> QuerySet[Contest]:
    """Return the contests that are no drafts, of campaigns that are none, newest first."""
    return (
        Contest.objects.exclude(activity__state=ActivityState.DRAFT.value)
        .exclude(activity__campaign__state=CampaignState.DRAFT.value)
        .select_related("activity__campaign__unit", "activity__unit")
        .order_by("-pk")
    )


def published_rounds() -> QuerySet[Round]:
    """Return the rounds that are no drafts, of contests and campaigns that are none: open, coming and over."""
    return (
        Round.objects.exclude(state=RoundState.DRAFT.value)
        .exclude(contest__activity__state=ActivityState.DRAFT.value)
        .exclude(contest__activity__campaign__state=CampaignState.DRAFT.value)
        .select_related(*WITH_CONTEST, "opens_after", "advances_from")
    )


def open_at(now: datetime) -> Q:
    """Return what chooses the rounds that can be sat at a moment."""
    return Q(
        state=RoundState.PUBLISHED.value,
        opens_at__lte=now,
        closes_at__gt=now,
        contest__activity__state=ActivityState.PUBLISHED.value,
        contest__activity__campaign__state=CampaignState.PUBLISHED.value,
    )


def contests_for_member(membership: Membership) -> QuerySet[Contest]:
    """Return the contests a member may see: published ones of their own unit and those above it."""
    return published_contests().filter(activity__unit__path__in=paths_above(membership.unit_path))


def rounds_for_member(membership: Membership) -> QuerySet[Round]:
    """Return the rounds a member may see, open, coming and over: published, in contests they may see."""
    return published_rounds().filter(contest__activity__unit__path__in=paths_above(membership.unit_path))


def open_rounds_for_member(membership: Membership) -> QuerySet[Round]:
    """Return those of a member's rounds that can be sat now, the one that closes first at the top."""
    return rounds_for_member(membership).filter(open_at(clock.now())).order_by("closes_at", "pk")


def needs_somebody(now: datetime, soon: timedelta) -> Q:
    """Return what chooses rounds an organiser should look at.

    Drafts whose window has begun or begins soon, open rounds that close soon, and closed ones whose results are
    still held back for review.
    """
    return (
        Q(state=RoundState.DRAFT.value, opens_at__lte=now + soon, closes_at__gt=now)
        | Q(state=RoundState.PUBLISHED.value, opens_at__lte=now, closes_at__gt=now, closes_at__lte=now + soon)
        | Q(state=RoundState.CLOSED.value, results=Results.AFTER_REVIEW.value, released_at=None)
    )


def phase_of(round: Round) -> str:
    """Return where a round stands now: draft, coming, open or over."""
    return rules.phase_of(round.state, round.opens_at, round.closes_at, clock.now())


@dataclass(frozen=True, slots=True)
class Blueprint:
    """The lines of a round's blueprint, each with the items it would draw from, and why it cannot be published.

    The lines are stored ones, or ones that are still being written.
    """

    sections: list[Any]
    items: list[list[int]]
    fitting: list[int]  # how many items fit each line, shared with other lines or not
    refusals: list[Refusal]

    @property
    def max_points(self) -> int:
        return sum(section.count * section.points for section in self.sections)

    @property
    def count(self) -> int:
        """How many items a paper has."""
        return sum(section.count for section in self.sections)


def blueprint_of(round: Round) -> Blueprint:
    """Share the items of a round's pools out among its sections and judge the result, in four queries."""
    sections = list(round.sections.prefetch_related("pools"))
    return judge_blueprint(round, sections, [{pool.pk for pool in section.pools.all()} for section in sections])


def judge_blueprint(round: Round, sections: list[Any], pools: Sequence[set[int]]) -> Blueprint:
    """The same for lines that are not stored yet; `pools` has the numbers of the pools of each. Two queries."""
    usable = set(pools_usable_in(round.unit_path).values_list("pk", flat=True))
    drawn_from = usable.intersection(set().union(*pools))
    rows = list(
        Item.objects.filter(pool__in=drawn_from, state=ItemState.REVIEWED.value).values_list(
            "pk", "pool_id", "form", "difficulty", "tags"
        )
    )
    candidates = [
        [number for number, pool, form, level, tags in rows if pool in own and rules.fits(section, form, level, tags)]
        for section, own in zip(sections, pools, strict=True)
    ]
    needs = [rules.needed(section.count, round.exposure_cap_percent) for section in sections]
    shares = rules.allot(candidates, needs)
    found: list[Refusal] = []
    if not sections:
        found.append(refuse("contests:blueprint:empty", field_name="sections"))
    if sum(section.count for section in sections) > rules.MOST_ON_PAPER:
        found.append(refuse("contests:blueprint:paper_too_long", field_name="sections", most=rules.MOST_ON_PAPER))
    for at, (section, share, fitting, need) in enumerate(zip(sections, shares, candidates, needs, strict=True)):
        name = section.title or letter_of(at)
        found.extend(rules.judge_section(section))
        if not pools[at]:
            found.append(refuse("contests:blueprint:no_pool", field_name="sections", section=name))
        elif not pools[at] <= usable:
            found.append(refuse("contests:blueprint:pool_not_usable", field_name="sections", section=name))
        elif len(share) < section.count:
            code = "too_few_items" if len(fitting) < section.count else "sections_overlap"
            found.append(
                refuse(
                    f"contests:blueprint:{code}",
                    field_name="sections",
                    section=name,
                    has=len(share),
                    needs=section.count,
                )
            )
        elif len(share) < need:
            found.append(
                refuse(
                    "contests:blueprint:exposure_above_cap",
                    field_name="sections",
                    section=name,
                    has=len(share),
                    needs=need,
                    cap=round.exposure_cap_percent,
                )
            )
    most = sum(section.count * section.points for section in sections)
    if sections and round.pass_points > most:
        found.append(refuse("contests:round:pass_points_above_most", field_name="pass_points", most=most))
    return Blueprint(sections, shares, [len(fitting) for fitting in candidates], found)


def terms_of(round: Round) -> dict[str, object]:
    """Return the rules the pages alone apply, as the pack carries them: who may sit a round, what it leads to."""
    found: dict[str, object] = {}
    if round.opens_after_id is not None:
        found["opens_after"] = round.opens_after_id
    if round.advances_from_id is not None:
        found["advances"] = {
            "from": round.advances_from_id,
            "by": round.advance_by,
            "top": round.advance_top,
            "depth": round.advance_depth,
            "points": round.advance_points,
        }
    if round.contest.joining_ends_at is not None:
        found["joining_ends_ms"] = int(round.contest.joining_ends_at.timestamp() * 1000)
    achievements = [
        {
            "title": one.title,
            "kind": one.kind,
            "least": one.least,
            "must_pass": one.must_pass,
            "since_joining": one.since_joining,
        }
        for one in round.contest.achievements.all()
    ]
    if achievements:
        found["achievements"] = achievements
    return found


def check_blueprint(round: Round) -> list[Refusal]:
    """Return every reason why a round could not be published now; none if it can be."""
    return [
        *rules.judge_round(round),
        *filter(None, [rules.refuse_past_window(round.closes_at, clock.now())]),
        *blueprint_of(round).refusals,
    ]


def check_publication(round: Round) -> list[Refusal]:
    """Return what `check_blueprint` finds, and whether the campaign stands in the way."""
    published = round.contest.activity.campaign.state == CampaignState.PUBLISHED.value
    return [
        *([] if published else [refuse("contests:round:campaign_not_published")]),
        *check_blueprint(round),
    ]


@dataclass(frozen=True, slots=True)
class SampleItem:
    """An item as it would stand on a paper, for the organiser's eyes: the key is shown."""

    no: int
    section: str
    points: int
    item: Item


def sample_paper(round: Round) -> list[SampleItem]:
    """Return one paper such as a member might get, drawn afresh each time; short where items are missing."""
    return sample_papers(round, 1)[0]


def sample_papers(round: Round, papers: int) -> list[list[SampleItem]]:
    """Return some papers such as members might get; as many queries as for one."""
    blueprint = blueprint_of(round)
    random = secrets.SystemRandom()
    drawn: list[list[tuple[Section, int]]] = []
    for _ in range(papers):
        paper: list[tuple[Section, int]] = []
        for section, share in zip(blueprint.sections, blueprint.items, strict=True):
            paper.extend((section, number) for number in random.sample(share, min(section.count, len(share))))
        drawn.append(paper)
    numbers = {number for paper in drawn for _, number in paper}
    rows = Item.objects.select_related("pool__unit").in_bulk(numbers)
    return [
        [
            SampleItem(no, section.title, section.points, rows[number])
            for no, (section, number) in enumerate(paper, start=1)
        ]
        for paper in drawn
    ]
