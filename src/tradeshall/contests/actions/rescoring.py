"""Building a version of the results beside the one in force, and putting it in force in one transaction.

A round is cut into ranges of participants' numbers, and then into as many of entrants' keys for what does not change.
What a range comes to is written together with the mark that it is done, so whoever goes on after a crash goes on
there, and of two who work on the same range one is undone. Nothing that anybody reads is touched until the version is
confirmed and `apply_version` puts all of it in force at once.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Max, Min, Model

from tradeshall.contests import ports
from tradeshall.contests.actions.ranking import write_ranks
from tradeshall.contests.actions.sealing import ms_of
from tradeshall.contests.actions.versions import COPIED, columns_of, copy_standings, next_number
from tradeshall.contests.enums import RoundState, VersionState
from tradeshall.contests.events import ResultsVersionApplied, RoundRanked
from tradeshall.contests.models import (
    AttemptResult,
    Entrant,
    RescoredAttempt,
    ResultsVersion,
    Round,
    RoundPack,
    Standing,
    VersionStanding,
)
from tradeshall.contests.queries.member import moment
from tradeshall.contests.queries.rounds import WITH_CONTEST
from tradeshall.contests.queries.versions import changed_ranks, current_version
from tradeshall.contests.rules import boards
from tradeshall.core import clock
from tradeshall.core.authority import Actor
from tradeshall.engine.rescoring import Rescored, ranges
from tradeshall.engine.rescoring_processes import job_of, rescored_in
from tradeshall.journal.actions import emit, record_change

FEW_ATTEMPTS = 20_000
"""So many are re-scored here; more by a helper process on each core."""

AT_ONCE = 500
TOPS = (10, 100)


CHANGED = ("version", "result", "was_points", "was_max_points", "score_points", "max_points")


class Stale(Exception):
    """Attempts were read or ranks made while the version was built: it has to be built anew."""


class SomebodyElse(Exception):
    """Another process has done this range; there is nothing to do here."""


def work_on_versions(
    *, actor: Actor, round_id: int | None = None, told: Callable[[ResultsVersion], None] | None = None
) -> int:
    """Bring every version that is being built or was confirmed one step of its way further; returns how many."""
    waiting = ResultsVersion.objects.filter(state__in=[VersionState.BUILDING.value, VersionState.CONFIRMED.value])
    if round_id is not None:
        waiting = waiting.filter(round=round_id)
    done = 0
    for version in waiting.select_related(*(f"round__{name}" for name in WITH_CONTEST)):
        try:
            if version.state == VersionState.BUILDING:
                build_version(version=version, told=told)
            else:
                apply_version(actor=actor, version=version)
        except SomebodyElse:
            continue
        except Stale:
            begin_anew(version=version)
        done += 1
    return done


def build_version(
    *, version: ResultsVersion, processes: int | None = None, told: Callable[[ResultsVersion], None] | None = None
) -> None:
    """Go on building a version where it stands until it is ready to be looked at. Raises `Stale`, `SomebodyElse`."""
    row = version.round
    if row.ranked_at is None or row.ranked_at != version.base_ranked_at:
        raise Stale
    before = current_version(row)
    assert before is not None
    if processes is None:
        few = AttemptResult.objects.filter(round=row).count() <= FEW_ATTEMPTS
        processes = 0 if few else os.cpu_count() or 1
    _give_room()
    sealed = bytes(RoundPack.objects.get(round=row).sealed)
    job = job_of(settings.LEDGER_URL, sealed, version.corrections, before.corrections)
    spans = ranges(version.ranges)[version.ranges_done :]
    found = rescored_in(job, spans, ledger=ports.ledger(), processes=processes) if spans else iter(())
    for _span, changed in zip(spans, found, strict=True):
        keep_range(version=version, changed=changed)
        if told:
            told(version)
    for low, high in _rows_of(row, version.ranges)[version.ranges_done - version.ranges :]:
        keep_rest(version=version, before=before, rows=(low, high))
        if told:
            told(version)
    finish_building(version=version, before=before)


def keep_range(*, version: ResultsVersion, changed: Sequence[Rescored]) -> None:
    """Write what changes in a range of participants, together with the mark that it is done."""
    with transaction.atomic():
        _move_on(version)
        _keep_changes(version, changed)
    version.ranges_done += 1


def keep_rest(*, version: ResultsVersion, before: ResultsVersion, rows: tuple[int, int]) -> None:
    """Write the standings that do not change, of entrants by their keys: in order, each page is written once."""
    with transaction.atomic():
        _move_on(version)
        copy_standings(before, version.round, rows)  # the first time, since nobody needed them so far
        copy_standings(version, version.round, rows)
    version.ranges_done += 1


def _move_on(version: ResultsVersion) -> None:
    if not ResultsVersion.objects.filter(
        pk=version.pk, state=VersionState.BUILDING.value, ranges_done=version.ranges_done
    ).update(ranges_done=F("ranges_done") + 1):
        raise SomebodyElse


def _rows_of(row: Round, parts: int) -> list[tuple[int, int]]:
    """Split the keys of a round's entrants into so many equal ranges, both ends included."""
    ends = Standing.objects.filter(round=row).aggregate(low=Min("entrant"), high=Max("entrant"))
    low, high = ends["low"] or 0, ends["high"] or 0
    steps = [low + (high + 1 - low) * at // parts for at in range(parts + 1)]
    return [(one, other - 1) for one, other in pairwise(steps)]


def _give_room() -> None:
    """Let SQLite hold more in memory than it does for pages; this process does nothing else."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA cache_size=-131072")


def _keep_changes(version: ResultsVersion, changed: Sequence[Rescored]) -> None:
    """Write the attempts that change, and the standings of those whose they are, counted anew over all of theirs."""
    row = version.round
    new = {(one.participant, one.number): one for one in changed}
    people = list(dict.fromkeys(one.participant for one in changed))
    for at in range(0, len(people), AT_ONCE):
        rescored: list[tuple[int, ...]] = []
        counted: dict[tuple[int, int], boards.Counted] = {}
        # In two steps: joined, SQLite reads the whole round for each of them.
        entrants = {
            pk: (number, unit)
            for pk, number, unit in Entrant.objects.filter(
                contest=row.contest_id, number__in=people[at : at + AT_ONCE]
            ).values_list("pk", "number", "unit_id")
        }
        results = AttemptResult.objects.filter(round=row, entrant__in=list(entrants)).values_list(
            "pk", "entrant_id", "number", "score_points", "max_points", "time_used_ms", "finished_at", "begun_on"
        )
        for pk, entrant, number, points, most, time_used_ms, finished_at, begun_on in results:
            person, unit = entrants[entrant]
            now = new.get((person, number))
            if now is not None:
                rescored.append((version.pk, pk, points, most, now.points, now.most))
            attempt = boards.Attempt(
                number,
                points if now is None else now.points,
                time_used_ms,
                ms_of(finished_at),
                begun_on.isoformat() if row.counting in boards.BY_DAY else "",
            )
            counted[entrant, unit] = boards.counted(
                counted.get((entrant, unit)), attempt, row.counting, row.tie_breaks, row.cap_per_day, row.cap_total
            )
        lots = dict(Standing.objects.filter(round=row, entrant__in=list(entrants)).values_list("entrant_id", "lot"))
        _insert(
            RescoredAttempt,
            ("version", "result", "was_points", "was_max_points", "score_points", "max_points"),
            rescored,
        )
        _insert(
            VersionStanding,
            ("version", "entrant", *COPIED[:-1]),
            [
                (
                    version.pk,
                    entrant,
                    unit,
                    one.number,
                    one.attempts,
                    one.score_points,
                    one.time_used_ms,
                    connection.ops.adapt_datetimefield_value(moment(one.finished_at_ms)),
                    json.dumps(dict(one.days)),
                    lots.get(entrant, ""),
                )
                for (entrant, unit), one in counted.items()
            ],
        )


def _insert(model: type[Model], fields: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert rows without asking for their keys: half of what `bulk_create` would cost, a million times."""
    columns = columns_of(model, fields)
    places = ", ".join(["%s"] * len(columns))
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO {model._meta.db_table} ({', '.join(columns)}) VALUES ({places})",  # noqa: S608
                rows,
            )


def finish_building(*, version: ResultsVersion, before: ResultsVersion) -> None:
    """Rank a version that is built whole and work out what it would change."""
    with transaction.atomic():
        moved = ResultsVersion.objects.filter(
            pk=version.pk, state=VersionState.BUILDING.value, ranges_done=F("ranges") * 2
        ).update(state=VersionState.READY.value)
        if not moved:
            raise SomebodyElse
        write_ranks(VersionStanding._meta.db_table, "version_id", version.pk, version.round)
        found = consequences_of(version, before)
        ResultsVersion.objects.filter(pk=version.pk).update(consequences=found)
    version.state, version.consequences = VersionState.READY.value, found


def consequences_of(version: ResultsVersion, before: ResultsVersion) -> dict[str, int]:
    """Return what a version would change: attempts, standings, passes, places at the top."""
    pass_points = version.round.pass_points
    rescored = RescoredAttempt.objects.filter(version=version)
    up = rescored.filter(score_points__gt=F("was_points"))
    down = rescored.filter(score_points__lt=F("was_points"))
    found = {
        "attempts": rescored.count(),
        "up": up.count(),
        "down": down.count(),
        "entrants": VersionStanding.objects.filter(version=version).count(),
    }
    if pass_points:
        found["newly_passed"] = up.filter(was_points__lt=pass_points, score_points__gte=pass_points).count()
        found["no_longer_passed"] = down.filter(was_points__gte=pass_points, score_points__lt=pass_points).count()
    for top in TOPS:
        found[f"top_{top}"] = changed_ranks(version, before, top)
    return found


def apply_version(*, actor: Actor, version: ResultsVersion) -> None:
    """Put a confirmed version in force: scores, standings and ranks change in one transaction, or not at all.

    Raises `Stale` if the ranks it was built upon are not those in force. Emits ResultsVersionApplied and RoundRanked.
    """
    _give_room()
    now = clock.now()
    with transaction.atomic():
        row = Round.objects.select_related(*WITH_CONTEST).get(pk=version.round_id)
        # The reader of the ledger touches the round's row as well, so no attempt slips in between.
        if not Round.objects.filter(
            pk=row.pk, state=RoundState.CLOSED.value, ranked_at=version.base_ranked_at
        ).update(ranked_at=now):
            raise Stale
        number = next_number(row)
        if not ResultsVersion.objects.filter(pk=version.pk, state=VersionState.CONFIRMED.value).update(
            state=VersionState.APPLIED.value, number=number, made_at=now
        ):
            raise SomebodyElse
        _put_in_force(row.pk, version.pk)
        record_change(
            actor=actor,
            verb="contests:version:apply",
            thing=row,
            acting_unit_code=row.contest.activity.unit.code,
            reason=version.note,
            changes={"version": [number - 1, number], "corrections": [None, version.corrections]},
        )
        emit(ResultsVersionApplied(row.pk, number), RoundRanked(row.pk))
    version.state, version.number, version.made_at = VersionState.APPLIED.value, number, now


def _put_in_force(round_id: int, version_id: int) -> None:
    attempts, standings = AttemptResult._meta.db_table, Standing._meta.db_table
    kept = columns_of(VersionStanding, [name for name in COPIED if name != "unit"])
    differ = " OR ".join(f"{standings}.{name} <> v.{name}" for name in kept if name != "rank")
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {attempts} SET score_points = r.score_points, max_points = r.max_points"  # noqa: S608
            f" FROM {RescoredAttempt._meta.db_table} r WHERE r.version_id = %s AND {attempts}.id = r.result_id",
            [version_id],
        )
        cursor.execute(
            f"UPDATE {standings} SET {', '.join(f'{name} = v.{name}' for name in kept)}"  # noqa: S608
            f" FROM {VersionStanding._meta.db_table} v WHERE v.version_id = %s AND {standings}.round_id = %s"
            f" AND {standings}.entrant_id = v.entrant_id"
            f" AND ({standings}.rank IS NULL OR {standings}.rank <> v.rank OR {differ})",
            [version_id, round_id],
        )


def begin_anew(*, version: ResultsVersion) -> None:
    """Take a version back to its beginning, on the ranks of now. While there are none, it waits as it is."""
    with transaction.atomic():
        row = Round.objects.get(pk=version.round_id)
        if row.ranked_at is None:
            return
        moved = ResultsVersion.objects.filter(pk=version.pk, state=version.state).update(
            state=VersionState.BUILDING.value, ranges_done=0, base_ranked_at=row.ranked_at, consequences={}
        )
        if moved:
            VersionStanding.objects.filter(version=version).delete()
            RescoredAttempt.objects.filter(version=version).delete()
