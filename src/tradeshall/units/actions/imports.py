"""Bringing the tree in from a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from django.db import connection

from tradeshall.core import authority
from tradeshall.core.authority import Actor
from tradeshall.core.refusal import refuse, require
from tradeshall.core.spreadsheets import Problem, read_rows
from tradeshall.intake.actions import JudgedRow, Progress, apply_run, refuse_outdated, stage_rows
from tradeshall.intake.enums import Verdict
from tradeshall.intake.queries import rows_to_apply
from tradeshall.journal.actions import emit, record_changes
from tradeshall.units.actions.tree import lock_tree, store_places
from tradeshall.units.events import UnitMoved
from tradeshall.units.formats import HEADINGS, REQUIRED, read_unit
from tradeshall.units.models import Unit
from tradeshall.units.queries import paths_reached, reaches_from, root_unit, today, tree
from tradeshall.units.rules import (
    SPOILED,
    Judgement,
    Known,
    Wanted,
    judge_units,
    place_units,
)

if TYPE_CHECKING:
    from tradeshall.intake.models import ImportRun, StagedRow


def import_units(
    *,
    actor: Actor,
    file: Path | str | BinaryIO,
    name: str,
    dry_run: bool = False,
    skip_refused: bool = False,
    progress: Progress | None = None,
) -> ImportRun:
    """Bring a units file in: read and judge every row, and apply them all unless one is refused.

    With `dry_run` the run stays staged, to be looked at and applied with `apply_units` or dropped. With refused rows
    it stays staged too, unless `skip_refused`. Units missing from the file stay as they are.
    Refuses an actor without `units:unit:import` anywhere; raises `Unreadable` for the file as a whole.
    """
    run = _stage_units(actor, file, name, progress)
    if dry_run or (run.refused_count and not skip_refused):
        return run
    return apply_units(actor=actor, run=run, skip_refused=skip_refused)


def _stage_units(actor: Actor, file: Path | str | BinaryIO, name: str, progress: Progress | None) -> ImportRun:
    require(None if authority.may(actor, "units:unit:import") else refuse("units:import:not_yours"))
    paths = paths_reached(actor, "units:unit:import")
    root = root_unit()
    require(refuse("units:federation:missing") if root is None else None)
    assert root is not None
    rows = read_rows(file, name=name, headings=HEADINGS, required=REQUIRED)
    read = [read_unit(row) for row in rows]
    wanted = [want for want, _ in read]
    spoiled = {want.line for want, problems in read if problems}
    judgements = judge_units(tree(), wanted, reaches_from(paths), spoiled)
    return stage_rows(
        actor=actor,
        kind="units",
        unit_path=paths[0] if paths else root.path,
        file_name=name,
        judged=(_judged(want, problems, judgements[want.line]) for want, problems in read),
        ignored_columns=rows.extra_columns,
        progress=progress,
    )


def _judged(wanted: Wanted, problems: list[Problem], judgement: Judgement) -> JudgedRow:
    faults = [Problem(f.column, f.refusal.code, f.refusal.details) for f in judgement.faults if f is not SPOILED]
    values = {key: value for key, value in wanted._asdict().items() if key != "line" and value is not None}
    if problems or faults:
        verdict = Verdict.REFUSED
    elif judgement.is_new:
        verdict = Verdict.ADDED
    else:
        verdict = Verdict.CHANGED if judgement.changed else Verdict.UNCHANGED
    return JudgedRow(wanted.line, verdict, values, (*problems, *faults))


def apply_units(*, actor: Actor, run: ImportRun, skip_refused: bool = False) -> ImportRun:
    """Apply a staged units file in one transaction, under the lock of the tree. Emits `UnitMoved`.

    Its rows are judged again there: refuses if the tree has changed so that one of them no longer fits.
    """
    require(None if authority.may(actor, "units:unit:import", run) else refuse("units:import:not_yours"))
    known = tree()
    optional: dict[str, str | None] = {"name_en": None, "industry": None}
    wanted = [Wanted(line=row.line, **(optional | row.values)) for row in rows_to_apply(run)]
    judgements = judge_units(known, wanted, reaches_from(paths_reached(actor, "units:unit:import")))
    if any(judgement.faults for judgement in judgements.values()):
        raise refuse_outdated()

    def apply(rows: Iterator[StagedRow]) -> None:
        lock_tree()
        if tree() != known:  # judging takes longer than comparing, and is done before others have to wait
            raise refuse_outdated()
        _write_units(actor, run, known, wanted, judgements)

    return apply_run(actor=actor, run=run, apply=apply, skip_refused=skip_refused)


def _write_units(
    actor: Actor,
    run: ImportRun,
    known: Mapping[str, Known],
    wanted: list[Wanted],
    judgements: Mapping[int, Judgement],
) -> None:
    added = [want for want in wanted if judgements[want.line].is_new]
    changed = [want for want in wanted if judgements[want.line].changed]
    keys = dict(zip((want.code for want in added), _reserve_keys(len(added)), strict=True))
    moved = [want for want in changed if "parent_code" in judgements[want.line].changed]
    placed = place_units(known, {want.code: want.parent_code for want in (*added, *moved)}, keys)
    key_of = keys | {code: unit.pk for code, unit in known.items()}
    begins = today()
    Unit.objects.bulk_create(
        [
            Unit(
                pk=keys[want.code],
                code=want.code,
                name=want.name,
                name_en=want.name_en or "",
                kind=want.kind,
                industry=want.industry or "",
                parent_id=key_of[want.parent_code],
                path=placed[want.code][0],
                depth=placed[want.code][1],
                effective_from=begins,
            )
            for want in added
        ],
        batch_size=2_000,
    )
    _write_changes(known, changed, key_of)
    store_places([(*placed[code], known[code].pk) for code in placed if code in known])
    acting = next((unit.code for unit in known.values() if unit.path == run.unit_path), "")
    record_changes(
        verb="units:unit:import_add",
        lines=((f"units.unit:{keys[want.code]}", _told(want, None, _TOLD)) for want in added),
        actor=actor,
        acting_unit_code=acting,
        reason=f"import {run.pk}",
    )
    record_changes(
        verb="units:unit:import_change",
        lines=(
            (f"units.unit:{known[want.code].pk}", _told(want, known[want.code], judgements[want.line].changed))
            for want in changed
        ),
        actor=actor,
        acting_unit_code=acting,
        reason=f"import {run.pk}",
    )
    emit(
        *sorted(
            (UnitMoved(known[want.code].pk, known[want.code].path, placed[want.code][0]) for want in moved),
            key=lambda event: len(event.new_path),
        )
    )


_TOLD = ("code", "name", "parent_code")


def _told(want: Wanted, before: Known | None, fields: Iterable[str]) -> dict[str, object]:
    return {field: [getattr(before, field, None), getattr(want, field)] for field in fields}


def _write_changes(known: Any, changed: list[Wanted], key_of: dict[str, int]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE units_unit SET name = %s, name_en = %s, kind = %s, industry = %s, parent_id = %s WHERE id = %s",
            [
                (
                    want.name,
                    known[want.code].name_en if want.name_en is None else want.name_en,
                    want.kind,
                    known[want.code].industry if want.industry is None else want.industry,
                    key_of[want.parent_code] if want.parent_code else None,
                    known[want.code].pk,
                )
                for want in changed
            ],
        )


def _reserve_keys(count: int) -> list[int]:
    """Return so many keys nobody else will use, so that paths are known before rows are written."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence('units_unit', 'id')) FROM generate_series(1, %s)", [count]
            )
            return [row[0] for row in cursor.fetchall()]
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = 'units_unit'")
        found = cursor.fetchone()
        last = found[0] if found else 0
        return list(range(last + 1, last + 1 + count))
