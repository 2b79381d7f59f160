"""Writing contests and rounds; publishing freezes a round for good."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import QuerySet

from tradeshall.campaigns import actions as campaigns
from tradeshall.campaigns.enums import ActivityState, CampaignState
from tradeshall.contests import permissions
from tradeshall.contests.enums import Results, RoundState, Scoring
from tradeshall.contests.events import ResultsReleased, RoundClosed, RoundPublished
from tradeshall.contests.models import Contest, Item, Pool, Round, RoundPack, Section
from tradeshall.contests.queries.bank import pools_usable_in
from tradeshall.contests.queries.rounds import WITH_CONTEST, blueprint_of
from tradeshall.contests.rules import rounds as rules
from tradeshall.core import clock
from tradeshall.core.authority import Actor
from tradeshall.core.refusal import Refused, refuse, require
from tradeshall.engine.pack import MAX_TYPED_ON_PAPER, SealedPack, TooMuchToType, seal_pack
from tradeshall.engine.wire import ItemSpec, RoundRules, SectionSpec
from tradeshall.journal.actions import emit, record_change
from tradeshall.units.queries import federation_zone

if TYPE_CHECKING:
    from tradeshall.campaigns.models import Campaign
    from tradeshall.units.models import Unit

KIND = "contest"
NUMBER_PREFIX = "JS"


@dataclass(frozen=True, slots=True)
class InCampaign:
    """A place at which something is about to be made, as authority asks of it."""

    unit_path: str
    campaign_number: str


def create_contest(*, actor: Actor, campaign: Campaign, unit: Unit, title: str, title_en: str = "") -> Contest:
    """Draft a contest within a campaign, for a unit at or beneath the campaign's own, and give it its number.

    Refuses an actor who may not edit rounds there, an empty title, a unit outside, and a campaign that is over.
    """
    with transaction.atomic():
        place = InCampaign(unit.path, campaign.number)
        require(permissions.refuse_unless_may(actor, permissions.ROUND_EDIT, place))
        activity = campaigns.add_activity(
            actor=actor,
            campaign=campaign,
            unit=unit,
            kind=KIND,
            prefix=NUMBER_PREFIX,
            title=title,
            title_en=title_en,
        )
        return Contest.objects.create(activity=activity)


def edit_contest(*, actor: Actor, contest: Contest, title: str, title_en: str = "") -> Contest:
    """Rename a contest."""
    require(permissions.refuse_unless_may(actor, permissions.ROUND_EDIT, contest))
    campaigns.rename_activity(actor=actor, activity=contest.activity, title=title, title_en=title_en)
    return contest


ROUND_FIELDS = (
    "title",
    "title_en",
    "practice",
    "opens_at",
    "closes_at",
    "time_limit_seconds",
    "grace_seconds",
    "attempts_per_day",
    "attempts_total",
    "counting",
    "tie_breaks",
    "pass_points",
    "results",
    "review",
    "shuffle_options",
    "exposure_cap_percent",
)


def create_round(
    *, actor: Actor, contest: Contest, title: str, opens_at: datetime, closes_at: datetime, **values: Any
) -> Round:
    """Draft a round of a contest; `values` are any other rules of a round, which have defaults.

    Refuses an actor who may not edit rounds there, and every rule that makes no sense, by field.
    """
    _check_names(values)
    with transaction.atomic():
        require(permissions.refuse_unless_may(actor, permissions.ROUND_EDIT, contest))
        row = Round(contest=contest, title=title.strip(), opens_at=opens_at, closes_at=closes_at, **values)
        row.position = contest.rounds.count() + 1
        require(*rules.judge_round(row))
        row.save()
        record_change(
            actor=actor,
            verb="contests:round:create",
            thing=row,
            acting_unit_code=contest.activity.unit.code,
            changes={name: [None, _plain(getattr(row, name))] for name in ROUND_FIELDS},
        )
    return row


def edit_round(*, actor: Actor, round: Round, **values: Any) -> Round:
    """Change rules of a round that is still a draft; rules left out stay as they are."""
    _check_names(values)
    with transaction.atomic():
        row = _locked(round)
        require(permissions.refuse_unless_may(actor, permissions.ROUND_EDIT, row), _refuse_unless_draft(row))
        before = {name: getattr(row, name) for name in values}
        for name, value in values.items():
            setattr(row, name, value.strip() if isinstance(value, str) else value)
        require(*rules.judge_round(row))
        changes = {
            name: [_plain(old), _plain(getattr(row, name))]
            for name, old in before.items()
            if old != getattr(row, name)
        }
        if changes:
            row.save(update_fields=list(changes))
            record_change(
                actor=actor,
                verb="contests:round:edit",
                thing=row,
                acting_unit_code=row.contest.activity.unit.code,
                changes=changes,
            )
    return row


@dataclass(slots=True)
class SectionDraft:
    """A line of a blueprint as somebody wrote it."""

    pools: Sequence[Pool]
    count: int
    title: str = ""
    points: int = 5
    forms: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    difficulty_from: int = 1
    difficulty_to: int = 5
    scoring: str = Scoring.ALL_OR_NOTHING.value


def set_blueprint(*, actor: Actor, round: Round, sections: Sequence[SectionDraft]) -> Round:
    """Replace the whole blueprint of a round that is still a draft.

    Refuses figures out of bounds and pools the unit may not draw from; whether there are items enough is
    asked when the round is published, since items come and go until then.
    """
    with transaction.atomic():
        row = _locked(round)
        require(permissions.refuse_unless_may(actor, permissions.ROUND_EDIT, row), _refuse_unless_draft(row))
        usable = set(pools_usable_in(row.unit_path).values_list("pk", flat=True))
        for line in sections:
            require(
                *rules.judge_section(line),
                None if line.pools else refuse("contests:section:no_pool", field_name="pools"),
                None
                if {pool.pk for pool in line.pools} <= usable
                else refuse("contests:section:pool_not_usable", field_name="pools"),
            )
        row.sections.all().delete()
        for position, line in enumerate(sections, start=1):
            section = Section.objects.create(
                round=row,
                position=position,
                title=line.title.strip(),
                forms=list(line.forms),
                tags=list(line.tags),
                difficulty_from=line.difficulty_from,
                difficulty_to=line.difficulty_to,
                count=line.count,
                points=line.points,
                scoring=line.scoring,
            )
            section.pools.set(line.pools)
        record_change(
            actor=actor,
            verb="contests:round:set_blueprint",
            thing=row,
            acting_unit_code=row.contest.activity.unit.code,
            changes={"sections": [None, [_line_of(line) for line in sections]]},
        )
    return row


def publish_round(*, actor: Actor, round: Round) -> Round:
    """Seal a round and show it to members; nothing of its rules or items changes afterwards.

    Refuses what `queries.rounds.check_blueprint` finds, a campaign that is not published, and a round that is
    no draft. Emits RoundPublished, upon which the engine is given the pack.
    """
    with transaction.atomic():
        row = Round.objects.select_related(*WITH_CONTEST).get(pk=round.pk)
        require(permissions.refuse_unless_may(actor, permissions.ROUND_PUBLISH, row))
        now = clock.now()
        # The conditional update comes first: it locks the row, so that of two who publish one goes on.
        _move(row, "publish", published_at=now)
        row = Round.objects.select_related(*WITH_CONTEST).get(pk=round.pk)
        activity = row.contest.activity
        blueprint = blueprint_of(row)
        require(
            None
            if activity.campaign.state == CampaignState.PUBLISHED
            else refuse("contests:round:campaign_not_published"),
            *rules.judge_round(row),
            rules.refuse_past_window(row.closes_at, now),
            *blueprint.refusals,
        )
        try:
            sealed = _seal(row, blueprint.sections, blueprint.items)
        except TooMuchToType as error:
            raise Refused(refuse("contests:blueprint:too_much_to_type", most=MAX_TYPED_ON_PAPER)) from error
        RoundPack.objects.create(
            round=row,
            content_hash=sealed.content_hash,
            sealed=sealed.to_bytes(),
            commitments=sealed.commitments,
        )
        if activity.state == ActivityState.DRAFT:
            campaigns.publish_activity(actor=actor, activity=activity)
        record_change(
            actor=actor,
            verb="contests:round:publish",
            thing=row,
            acting_unit_code=activity.unit.code,
            changes={
                "state": [RoundState.DRAFT.value, RoundState.PUBLISHED.value],
                "content_hash": [None, sealed.content_hash],
            },
        )
        emit(RoundPublished(row.pk, sealed.content_hash))
    return row


def close_round(*, actor: Actor, round: Round, reason: str = "") -> Round:
    """End a round: at its own hour, or now if that has not come. Open attempts are finished as they stand.

    Emits RoundClosed, upon which the engine is told.
    """
    with transaction.atomic():
        row = Round.objects.select_related(*WITH_CONTEST).get(pk=round.pk)
        require(permissions.refuse_unless_may(actor, permissions.ROUND_PUBLISH, row))
        at = min(clock.now(), row.closes_at)
        _move(row, "close", closed_at=at)
        record_change(
            actor=actor,
            verb="contests:round:close",
            thing=row,
            acting_unit_code=row.contest.activity.unit.code,
            reason=reason,
            changes={
                "state": [RoundState.PUBLISHED.value, RoundState.CLOSED.value],
                "closed_at": [None, at.isoformat()],
            },
        )
        emit(RoundClosed(row.pk, ms_of(at)))
    return row


def close_rounds_of(*, actor: Actor, campaign_id: int) -> int:
    """Close every round of a campaign that is not over yet; returns how many."""
    rows = Round.objects.filter(state=RoundState.PUBLISHED.value, contest__activity__campaign=campaign_id)
    return _close_each(actor, rows, "the campaign ended")


def close_due_rounds(*, actor: Actor) -> int:
    """Close every round whose hour has come; returns how many."""
    rows = Round.objects.filter(state=RoundState.PUBLISHED.value, closes_at__lte=clock.now())
    return _close_each(actor, rows, "its hour has come")


def _close_each(actor: Actor, rows: QuerySet[Round], reason: str) -> int:
    closed = 0
    for row in rows:
        try:
            close_round(actor=actor, round=row, reason=reason)
        except Refused:  # somebody else closed it meanwhile
            continue
        closed += 1
    return closed


def release_results(*, actor: Actor, round: Round) -> Round:
    """Show results that were held back for review. Refuses a round that is not over or holds nothing back."""
    with transaction.atomic():
        row = Round.objects.select_related(*WITH_CONTEST).get(pk=round.pk)
        require(permissions.refuse_unless_may(actor, permissions.ROUND_PUBLISH, row))
        now = clock.now()
        if not Round.objects.filter(
            pk=row.pk, state=RoundState.CLOSED.value, results=Results.AFTER_REVIEW.value, released_at=None
        ).update(released_at=now):
            raise Refused(refuse("contests:round:nothing_to_release"))
        row.released_at = now
        record_change(
            actor=actor,
            verb="contests:round:release_results",
            thing=row,
            acting_unit_code=row.contest.activity.unit.code,
            changes={"released_at": [None, now.isoformat()]},
        )
        emit(ResultsReleased(row.pk, ms_of(now)))
    return row


def ms_of(moment: datetime) -> int:
    """Return a moment as the engine counts: whole milliseconds since 1970-01-01T00:00Z."""
    return round(moment.timestamp() * 1000)


def _move(row: Round, verb: str, **values: Any) -> None:
    target = rules.ROUND.target(verb)
    moved = Round.objects.filter(pk=row.pk, state__in=rules.ROUND.sources(verb)).update(state=target, **values)
    if not moved:
        row.refresh_from_db(fields=["state"])
        raise Refused(refuse(f"contests:round:cannot_{verb}", state=row.state))
    row.state = target
    for name, value in values.items():
        setattr(row, name, value)


def _seal(row: Round, sections: Sequence[Section], shares: Sequence[Sequence[int]]) -> SealedPack:
    numbers = sorted(number for share in shares for number in share)
    return seal_pack(
        RoundRules(
            round_id=row.pk,
            title=row.title,
            opens_at_ms=ms_of(row.opens_at),
            closes_at_ms=ms_of(row.closes_at),
            time_limit_seconds=row.time_limit_seconds,
            grace_seconds=row.grace_seconds,
            attempts_per_day=row.attempts_per_day,
            attempts_total=row.attempts_total,
            counting=row.counting,
            tie_breaks=tuple(row.tie_breaks),
            practice=row.practice,
            results=row.results,
            review=row.review,
            shuffle_options=row.shuffle_options,
            zone=str(federation_zone()),
            pass_points=row.pass_points,
        ),
        [
            SectionSpec(section.title, tuple(share), section.count, section.points, section.scoring)
            for section, share in zip(sections, shares, strict=True)
        ],
        [
            ItemSpec(
                number=item.pk,
                form=item.form,
                stem=item.stem,
                options=tuple(item.options),
                key=tuple(item.key),
                explanation=item.explanation,
                source=item.source,
                difficulty=item.difficulty,
                tags=tuple(item.tags),
                accepted=tuple(tuple(texts) for texts in item.accepted),
                matches=tuple(item.matches),
                media=tuple((one["name"], one["kind"], one["alt"]) for one in item.media),
            )
            for item in Item.objects.filter(pk__in=numbers)
        ],
    )


def _locked(row: Round) -> Round:
    # Not the joined rows: PostgreSQL would lock those as well.
    return Round.objects.select_for_update(of=("self",)).select_related(*WITH_CONTEST).get(pk=row.pk)


def _refuse_unless_draft(row: Round) -> Any:
    return None if row.state == RoundState.DRAFT else refuse("contests:round:frozen")


def _check_names(values: dict[str, Any]) -> None:
    if unknown := set(values) - set(ROUND_FIELDS):
        raise TypeError(f"a round has no {sorted(unknown)}")


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def _line_of(line: SectionDraft) -> dict[str, object]:
    return {
        "title": line.title,
        "pools": [pool.pk for pool in line.pools],
        "forms": list(line.forms),
        "tags": list(line.tags),
        "difficulty": [line.difficulty_from, line.difficulty_to],
        "count": line.count,
        "points": line.points,
        "scoring": line.scoring,
    }
