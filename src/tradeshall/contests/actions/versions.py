"""New versions of a round's results: prepared, looked at, confirmed or dropped. `rescoring` does the work between."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import IntegrityError, connection, transaction
from django.db.models import Max, Model

from tradeshall.contests import permissions
from tradeshall.contests.enums import RoundState, VersionState
from tradeshall.contests.models import AttemptResult, ResultsVersion, Round, Standing, VersionStanding
from tradeshall.contests.queries.rounds import WITH_CONTEST
from tradeshall.contests.queries.versions import corrections_decided, current_version
from tradeshall.contests.rules import versions as rules
from tradeshall.core import clock
from tradeshall.core.authority import Actor
from tradeshall.core.refusal import Refused, refuse, require
from tradeshall.journal.actions import record_change

COPIED = (
    "unit",
    "attempt_number",
    "attempts_count",
    "score_points",
    "time_used_ms",
    "finished_at",
    "days",
    "lot",
    "rank",
)
"""What a version keeps of a standing."""


def prepare_version(*, actor: Actor, round: Round, note: str, ranges: int | None = None) -> ResultsVersion:
    """Begin a new version of a round's results from all rulings on its items; `note` is for everyone.

    Nothing that anybody sees changes: the version is built beside the results in force. Refuses an actor who may not
    re-score there, a round whose ranks are not final, rulings that change nothing, and a second one in the making.
    """
    with transaction.atomic():
        row = _locked(round)
        decided = corrections_decided(row)
        before = current_version(row)
        changes = rules.changed_items(before.corrections if before else {}, decided)
        require(
            permissions.refuse_unless_may(actor, permissions.RESULTS_RESCORE, row),
            None if row.ranked_at is not None else refuse("contests:version:not_ranked"),
            None if changes else refuse("contests:version:nothing_decided"),
            None if note.strip() else refuse("contests:version:note_empty", field_name="note"),
            refuse("contests:version:note_too_long", field_name="note", most=rules.LONGEST_NOTE)
            if len(note) > rules.LONGEST_NOTE
            else None,
        )
        if before is None:
            ResultsVersion.objects.create(
                round=row,
                state=VersionState.APPLIED.value,
                number=1,
                prepared_at=row.ranked_at or clock.now(),
                made_at=row.ranked_at,
                base_ranked_at=row.ranked_at,
            )
        try:
            with transaction.atomic():
                version = ResultsVersion.objects.create(
                    round=row,
                    note=note.strip(),
                    corrections=decided,
                    changes=changes,
                    base_ranked_at=row.ranked_at,
                    ranges=ranges or rules.ranges_for(AttemptResult.objects.filter(round=row).count()),
                )
        except IntegrityError:
            raise Refused(refuse("contests:version:one_in_the_making")) from None
        record_change(
            actor=actor,
            verb="contests:version:prepare",
            thing=row,
            acting_unit_code=row.contest.activity.unit.code,
            reason=version.note,
            changes={"corrections": [before.corrections if before else {}, decided]},
        )
    return version


def confirm_version(*, actor: Actor, version: ResultsVersion) -> ResultsVersion:
    """Say that a version whose consequences were looked at shall be in force; it is, moments later."""
    return _move(actor, version, "confirm")


def discard_version(*, actor: Actor, version: ResultsVersion) -> ResultsVersion:
    """Drop a version that is not in force; the results stay as they are."""
    with transaction.atomic():
        row = _move(actor, version, "discard")
        VersionStanding.objects.filter(version=row).delete()
        row.rescored.all().delete()
    return row


def _move(actor: Actor, version: ResultsVersion, verb: str) -> ResultsVersion:
    with transaction.atomic():
        row = ResultsVersion.objects.select_related(*(f"round__{name}" for name in WITH_CONTEST)).get(pk=version.pk)
        require(permissions.refuse_unless_may(actor, permissions.RESULTS_RESCORE, row.round))
        target = rules.VERSION.target(verb)
        before = row.state
        if not ResultsVersion.objects.filter(pk=row.pk, state__in=rules.VERSION.sources(verb)).update(state=target):
            row.refresh_from_db(fields=["state"])
            raise Refused(refuse(f"contests:version:cannot_{verb}", state=row.state))
        row.state = target
        record_change(
            actor=actor,
            verb=f"contests:version:{verb}",
            thing=row.round,
            acting_unit_code=row.round.contest.activity.unit.code,
            reason=row.note,
            changes={"state": [before, target], "consequences": [None, row.consequences]},
        )
    return row


def columns_of(model: type[Model], names: Sequence[str]) -> list[str]:
    """Return the columns in which a model keeps fields."""
    columns = {field.name: field.column for field in model._meta.concrete_fields}
    return [str(columns[name]) for name in names]


def next_number(round: Round) -> int:
    """Return the number of the next version in force."""
    newest = ResultsVersion.objects.filter(round=round).aggregate(newest=Max("number"))["newest"]
    return (newest or 0) + 1


def copy_standings(version: ResultsVersion, row: Round, rows: tuple[int, int]) -> None:
    """Write the standings of now, of entrants by their keys, into a version, but for those it has already."""
    columns = ", ".join(columns_of(VersionStanding, COPIED))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {VersionStanding._meta.db_table} (version_id, entrant_id, {columns})"  # noqa: S608
            f" SELECT %s, s.entrant_id, {', '.join(f's.{name.strip()}' for name in columns.split(','))}"
            f" FROM {Standing._meta.db_table} s"
            " WHERE s.round_id = %s AND s.entrant_id >= %s AND s.entrant_id <= %s ORDER BY s.entrant_id"
            " ON CONFLICT DO NOTHING",
            [version.pk, row.pk, *rows],
        )


def keep_current(row: Round) -> None:
    """Write a round's standings into its version in force anew, once attempts that came late have been ranked."""
    version = current_version(row)
    if version is not None:
        VersionStanding.objects.filter(version=version).delete()
        copy_standings(version, row, (0, (1 << 63) - 1))


def _locked(round: Round) -> Round:
    row = Round.objects.select_for_update(of=("self",)).select_related(*WITH_CONTEST).get(pk=round.pk)
    if row.state != RoundState.CLOSED:
        raise Refused(refuse("contests:version:not_ranked"))
    return row
