"""Bringing a file in: every row staged in small transactions, then applied in one short one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.db import connection, transaction
from django.db.models import Model, Q

from tradeshall.core import clock
from tradeshall.core.authority import Actor
from tradeshall.core.refusal import Refused, refuse, require
from tradeshall.core.spreadsheets import Problem, Unreadable
from tradeshall.intake.enums import ImportState, Verdict
from tradeshall.intake.models import ImportRun, StagedRow
from tradeshall.intake.rules import shortened
from tradeshall.journal.actions import record_change

BATCH = 1_000
"""Rows to a transaction: on SQLite it holds the one writer's lock for some ten milliseconds."""

Progress = Callable[[int], object]
"""Is told how many more rows are done."""


@dataclass(frozen=True, slots=True)
class JudgedRow:
    """A row of a file with its verdict; `values` is what applying it needs, or what was refused.

    `notes` say what a row that is taken loses, or what looks odd about it.
    """

    line: int
    verdict: Verdict
    values: dict[str, Any] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    notes: tuple[Problem, ...] = ()


def stage_rows(
    *,
    actor: Actor,
    kind: str,
    unit_path: str,
    target: str = "",
    file_name: str,
    judged: Iterable[JudgedRow],
    ignored_columns: Iterable[str] = (),
    progress: Progress | None = None,
) -> ImportRun:
    """Keep judged rows for a person to look at and to apply; returns the run, staged.

    The caller has asked whether the actor may. If the file turns out to be unreadable on the way, what was staged
    goes again, the run stays as refused, and the `Unreadable` goes on to the caller.
    """
    run = ImportRun.objects.create(
        kind=kind,
        unit_path=unit_path,
        target=target,
        file_name=file_name[-200:],
        actor=str(actor),
        ignored_columns=list(ignored_columns)[:100],
    )
    counts: Counter[Verdict] = Counter()
    noted = 0
    rows = iter(judged)
    try:
        while batch := list(islice(rows, BATCH)):
            counts.update(row.verdict for row in batch)
            noted += sum(bool(row.notes) for row in batch)
            # what stays as it is need not be kept, only counted, unless there is something to say
            kept = [_staged(run, row) for row in batch if row.verdict is not Verdict.UNCHANGED or row.notes]
            with transaction.atomic():
                StagedRow.objects.bulk_create(kept)
            if progress is not None:
                progress(len(batch))
    except BaseException as error:
        _forget_rows(run)
        ImportRun.objects.filter(pk=run.pk).update(state=ImportState.REFUSED.value)
        if isinstance(error, Unreadable):
            error.details.setdefault("run", run.pk)
        raise
    run.added_count, run.changed_count = counts[Verdict.ADDED], counts[Verdict.CHANGED]
    run.unchanged_count, run.refused_count = counts[Verdict.UNCHANGED], counts[Verdict.REFUSED]
    run.noted_count = noted
    run.save(update_fields=["added_count", "changed_count", "unchanged_count", "refused_count", "noted_count"])
    return run


def _staged(run: ImportRun, row: JudgedRow) -> StagedRow:
    values = row.values
    if row.verdict is Verdict.REFUSED:
        values = {name: shortened(value) for name, value in values.items()}
    return StagedRow(
        run=run,
        line=row.line,
        verdict=row.verdict.value,
        values=values,
        problems=_written(row.problems),
        notes=_written(row.notes),
    )


def _written(problems: Iterable[Problem]) -> list[dict[str, Any]]:
    return [{"column": p.column, "code": p.code, "details": _plain(p.details)} for p in problems]


def _plain(details: Mapping[str, object]) -> dict[str, object]:
    """Return details as JSON can carry them; a day becomes its ISO form."""
    return {name: value if isinstance(value, int | str) else str(value) for name, value in details.items()}


def apply_run(
    *,
    actor: Actor,
    run: ImportRun,
    apply: Callable[[Iterator[StagedRow]], None],
    skip_refused: bool = False,
) -> ImportRun:
    """Apply the accepted rows of a staged run in one transaction, once; returns the run, applied.

    Refuses a run that is not staged any more, and one with refused rows unless they are to be skipped: nothing is
    half imported unless somebody says so. `apply` is given the rows that are added or changed, in the order of the
    file; what it raises leaves everything as it was. Refused rows and those with notes are kept for the report, the
    others dropped.
    Earlier files that this one corrects are dropped with it: nobody should have to clear them away.
    """
    with transaction.atomic():
        begun = ImportRun.objects.filter(pk=run.pk, state=ImportState.STAGED.value).update(
            state=ImportState.APPLIED.value, applied_at=clock.now()
        )
        run.refresh_from_db()
        require(
            None if begun else refuse("intake:run:not_staged", state=run.state),
            refuse("intake:run:has_refused_rows", refused=run.refused_count)
            if begun and run.refused_count and not skip_refused
            else None,
        )
        accepted = run.rows.filter(verdict__in=[Verdict.ADDED.value, Verdict.CHANGED.value]).order_by("line")
        apply(accepted.iterator(chunk_size=2_000))
        record_change(
            actor=actor,
            verb=f"intake:{run.kind}:apply",
            thing=run,
            changes={
                "file": [None, run.file_name],
                "added": [None, run.added_count],
                "changed": [None, run.changed_count],
                "refused": [None, run.refused_count],
            },
        )
        corrected = _drop_corrected(actor, run)
    for one in (run, *corrected):
        _forget_rows(one, but=Verdict.REFUSED)
    return run


def _drop_corrected(actor: Actor, run: ImportRun) -> list[ImportRun]:
    """Drop what the same person read earlier for the same place: files with refused rows, and those of the same name.

    A file without refused rows and with a name of its own is another part of the whole, and goes on waiting.
    """
    earlier = ImportRun.objects.filter(
        Q(refused_count__gt=0) | Q(file_name=run.file_name),
        pk__lt=run.pk,
        kind=run.kind,
        target=run.target,
        unit_path=run.unit_path,
        actor=run.actor,
        state=ImportState.STAGED.value,
    )
    dropped = list(earlier.select_for_update())
    for one in dropped:
        ImportRun.objects.filter(pk=one.pk).update(state=ImportState.DROPPED.value)
        record_change(
            actor=actor, verb=f"intake:{one.kind}:drop", thing=one, changes={"corrected_by": [None, run.pk]}
        )
    return dropped


def insert_added(run: ImportRun, model: type[Model], fields: tuple[str, ...]) -> int:
    """Insert a row of `model` for every added row of a run, with the fields its values name; returns how many.

    One statement within the database: 100,000 rows take a second or two where building objects takes six, during
    which nobody else could write on SQLite. Called by what `apply_run` calls; raises IntegrityError like any insert.
    """
    columns: list[Any] = [model._meta.get_field(name) for name in fields]
    quote = connection.ops.quote_name
    if connection.vendor == "postgresql":
        taken = [_taken_on_postgresql(column, connection) for column in columns]
    else:
        taken = [f"json_extract({quote('values')}, '$.{_name_of(column)}')" for column in columns]
    into = f"{quote(model._meta.db_table)} ({', '.join(quote(column.column) for column in columns)})"
    rows = f"{quote(StagedRow._meta.db_table)} WHERE run_id = %s AND verdict = %s ORDER BY line"
    sql = f"INSERT INTO {into} SELECT {', '.join(taken)} FROM {rows}"  # noqa: S608 (names of models and fields alone)
    with connection.cursor() as cursor:
        cursor.execute(sql, [run.pk, Verdict.ADDED.value])
        return int(cursor.rowcount)


def _name_of(column: Any) -> str:
    return str(column.attname)


def _taken_on_postgresql(column: Any, connection: Any) -> str:
    kind = column.db_type(connection)
    text = f"({connection.ops.quote_name('values')} ->> '{_name_of(column)}')"
    return text if kind.startswith(("varchar", "text")) else f"{text}::{kind}"  # a cast to varchar would cut silently


def drop_run(*, actor: Actor, run: ImportRun) -> ImportRun:
    """Give a staged run up; its refused rows are kept for the report."""
    with transaction.atomic():
        dropped = ImportRun.objects.filter(pk=run.pk, state=ImportState.STAGED.value).update(
            state=ImportState.DROPPED.value
        )
        run.refresh_from_db()
        require(None if dropped else refuse("intake:run:not_staged", state=run.state))
        record_change(actor=actor, verb=f"intake:{run.kind}:drop", thing=run)
    _forget_rows(run, but=Verdict.REFUSED)
    return run


def refuse_outdated() -> Refused:
    """Return what an `apply` raises when the rows no longer fit what is there now."""
    return Refused(refuse("intake:run:outdated"))


def _forget_rows(run: ImportRun, but: Verdict | None = None) -> None:
    """Delete staged rows in batches, each its own short transaction, so that nobody waits for it.

    With `but`, rows of that verdict stay, and those with notes.
    """
    rows = StagedRow.objects.filter(run=run)
    if but is not None:
        rows = rows.exclude(verdict=but.value).filter(notes=[])
    while keys := list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH]):
        StagedRow.objects.filter(pk__gte=keys[0], pk__lte=keys[-1], pk__in=keys).delete()
