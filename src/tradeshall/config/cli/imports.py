"""Bring spreadsheets in: the tree, the roster, question banks."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from tradeshall.config.cli.starting import LANGUAGE, find_unit, plain_refusals, start_django

NOTE = """
Every row is read and judged before anything is applied. If any row is refused, nothing is applied, unless you say
--skip-refused; the refused rows are written to a report with line, column, why, and what to do. Bringing the same
file in twice changes nothing; what is missing from the file stays as it is.

Exit status: 0 all is well, 1 rows were refused, 2 the file cannot be read.
"""

FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
DRY_RUN = click.option("--dry-run", is_flag=True, help="Judge every row, apply none.")
SKIP_REFUSED = click.option("--skip-refused", is_flag=True, help="Apply the good rows although others are refused.")
REPORT = click.option(
    "--report",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write refused rows and notes, as CSV.  [default, if rows are refused: FILE.refused.csv here]",
)


def bring_in(stage: Callable[[Any], Any], file: Path, report: Path | None, dry_run: bool, skip_refused: bool) -> None:
    """Run one import, show how it goes, say what it did, and end with the status that tells."""
    from tradeshall.core.authority import OPERATOR
    from tradeshall.intake.actions import drop_run
    from tradeshall.intake.enums import ImportState

    progress = _Progress()
    with plain_refusals():
        run = stage(progress)
    progress.end()
    click.echo(
        f"{run.added_count} added, {run.changed_count} changed, {run.unchanged_count} unchanged, "
        f"{run.refused_count} refused" + (f", {run.noted_count} with a note" if run.noted_count else "")
    )
    if run.ignored_columns:
        click.echo(f"Columns nobody asked for, ignored: {', '.join(run.ignored_columns)}")
    if run.refused_count or (run.noted_count and report is not None):
        _write_report(run, report or Path(f"{file.name}.refused.csv"))
    elif run.noted_count:
        _show_rows(run)
        click.echo(f"Import {run.pk} in the console shows all notes; --report FILE writes them.")
    if run.state == ImportState.STAGED.value:
        with plain_refusals():
            drop_run(actor=OPERATOR, run=run)
        if dry_run:
            click.echo("This was a dry run: nothing was applied.")
        else:
            click.echo("Nothing was applied. Correct the rows, or say --skip-refused to apply the others.")
    if run.refused_count:
        sys.exit(1)


class _Progress:
    """Counts rows on a terminal; silent elsewhere, so that logs stay readable."""

    def __init__(self) -> None:
        self.rows = 0
        self.shown = sys.stderr.isatty()

    def __call__(self, rows: int) -> None:
        self.rows += rows
        if self.shown:
            click.echo(f"\r{self.rows:>12,} rows judged", nl=False, err=True)

    def end(self) -> None:
        if self.shown and self.rows:
            click.echo("", err=True)


def _write_report(run: Any, path: Path) -> None:
    from tradeshall.intake.queries import write_report

    with path.open("wb") as file:
        write_report(run, file)
    _show_rows(run)
    click.echo(f"All refused rows{' and notes' if run.noted_count else ''}: {path}")


def _show_rows(run: Any) -> None:
    from tradeshall.intake.queries import report_rows

    rows = report_rows(run)
    next(rows)
    for count, (line, column, value, why, advice) in enumerate(rows):
        if count == 5:
            click.echo("  …")
            break
        place = f"line {line}, {column}" if column else f"line {line}"
        click.echo(f"  {place}: {f'“{value}” – ' if value else ''}{why} {advice}".rstrip())


@click.command("import-units", epilog=NOTE)
@FILE
@DRY_RUN
@SKIP_REFUSED
@REPORT
@LANGUAGE
def import_units(file: Path, dry_run: bool, skip_refused: bool, report: Path | None, language: str | None) -> None:
    """Bring the tree in from a CSV or XLSX file.

    Columns: 编码 code, 名称 name, 上级编码 parent_code, 类型 kind, and if you like 英文名 name_en, 行业 industry.
    Rows may stand in any order. A corrected file renames and moves units.
    """
    start_django(language)
    from tradeshall.core.authority import OPERATOR
    from tradeshall.units.actions import imports

    bring_in(
        lambda progress: imports.import_units(
            actor=OPERATOR, file=file, name=file.name, dry_run=dry_run, skip_refused=skip_refused, progress=progress
        ),
        file,
        report,
        dry_run,
        skip_refused,
    )


@click.command("import-roster", epilog=NOTE)
@FILE
@DRY_RUN
@SKIP_REFUSED
@REPORT
@LANGUAGE
def import_roster(file: Path, dry_run: bool, skip_refused: bool, report: Path | None, language: str | None) -> None:
    """Bring members in from a CSV or XLSX file.

    Columns: 会员号 member_no, 姓名 name, 单位编码 unit_code, and if you like 手机 phone, 邮箱 email, 入会日期
    joined_on. A member is found by the member number. An empty cell leaves what is there.
    """
    start_django(language)
    from tradeshall.core.authority import OPERATOR
    from tradeshall.people.actions import roster

    bring_in(
        lambda progress: roster.import_roster(
            actor=OPERATOR, file=file, name=file.name, dry_run=dry_run, skip_refused=skip_refused, progress=progress
        ),
        file,
        report,
        dry_run,
        skip_refused,
    )


@click.command("import-items", epilog=NOTE)
@FILE
@click.option("--pool", required=True, help="Name of the pool; it is made if the unit has none of this name.")
@click.option("--unit", "unit_code", help="Code of the unit that owns the pool.  [default: the federation]")
@click.option(
    "--format",
    "file_format",
    type=click.Choice(["auto", "xlsx", "csv", "gift", "aiken", "moodle", "qti"]),
    default="auto",
    show_default=True,
    help="What the file is.",
)
@DRY_RUN
@SKIP_REFUSED
@REPORT
@LANGUAGE
def import_items(
    file: Path,
    pool: str,
    unit_code: str | None,
    file_format: str,
    dry_run: bool,
    skip_refused: bool,
    report: Path | None,
    language: str | None,
) -> None:
    """Bring items in from a file: CSV or XLSX, a ZIP of one and its pictures, Moodle XML, QTI, GIFT or Aiken.

    Columns: 题型 form, 题干 stem, 选项A option_a …, 答案 answer, and if you like 匹配项 matches, 解析 explanation,
    难度 difficulty, 标签 tags, 出处 source, 素材 media. An item is found by its form, its stem and its pictures.
    """
    start_django(language)
    from tradeshall.contests.actions.bank import create_pool
    from tradeshall.contests.actions.items import import_items as bring_items_in
    from tradeshall.contests.queries.bank import pools_visible_to
    from tradeshall.core.authority import OPERATOR

    unit = find_unit(unit_code)
    with plain_refusals():
        found = pools_visible_to(OPERATOR).filter(unit=unit, name=pool).first()
        if found is None and dry_run:
            raise click.ClickException(f"{unit.code} has no pool called {pool}, and a dry run makes none.")
        if found is None:
            found = create_pool(actor=OPERATOR, unit=unit, name=pool)
    bring_in(
        lambda progress: bring_items_in(
            actor=OPERATOR,
            pool=found,
            file=file,
            name=file.name,
            format=file_format,
            dry_run=dry_run,
            skip_refused=skip_refused,
            progress=progress,
        ),
        file,
        report,
        dry_run,
        skip_refused,
    )


@click.command("export-items")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--pool", required=True, help="Name of the pool.")
@click.option("--unit", "unit_code", help="Code of the unit that owns the pool.  [default: the federation]")
@click.option(
    "--format",
    "file_format",
    type=click.Choice(["xlsx", "csv", "gift", "aiken", "moodle", "qti"]),
    default="xlsx",
    show_default=True,
    help="What to write; qti is a package of QTI 3.0.",
)
@LANGUAGE
def export_items(file: Path, pool: str, unit_code: str | None, file_format: str, language: str | None) -> None:
    """Write the items of a pool to a file, with their answers; retired ones are left out.

    A table whose items have pictures becomes a ZIP of both. Items the format has no words for are named.

    Exit status: 0 all is in the file, 1 some items are not.
    """
    start_django(language)
    from tradeshall.contests.actions.exporting import export_items as write_items
    from tradeshall.contests.queries.bank import pools_visible_to
    from tradeshall.core.authority import OPERATOR
    from tradeshall.core.refusal import Refusal
    from tradeshall.web.texts import sentence

    unit = find_unit(unit_code)
    found = pools_visible_to(OPERATOR).filter(unit=unit, name=pool).first()
    if found is None:
        raise click.ClickException(f"{unit.code} has no pool called {pool}.")
    part = file.with_name(f"{file.name}.part")
    try:
        with plain_refusals(), part.open("wb") as opened:
            done = write_items(actor=OPERATOR, pool=found, file=opened, format=file_format)
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
    click.echo(f"{done.count} items written to {file}")
    if file.suffix.lower() != f".{done.ending}":
        click.echo(f"The file is a {done.ending}: call it {file.stem}.{done.ending}.")
    for one in done.left_out:
        click.echo(f"  left out: item {one.number} “{one.stem[:40]}” – {sentence(Refusal(one.why))}")
    if done.left_out:
        sys.exit(1)
