"""Check published files. Needs no installation's data, no database and no network."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import click

SIGNS = {True: "right    ", False: "WRONG    ", None: "unchecked"}
VERDICTS = {
    "good": "Everything that could be checked is right.",
    "bad": "Something is not right.",
    "nothing": "Nothing could be checked.",
}
LIMITS = """\
What no check of files can show: invented participants; attempts dropped before their receipt was given; an operator
who knew papers in advance; members who share an account."""


@click.command("verify")
@click.argument(
    "files", metavar="FILE…", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--language", type=click.Choice(["en", "zh"]), default="en", show_default=True)
@click.option("--quiet", is_flag=True, help="Only what is wrong, and the verdict.")
def verify(files: tuple[Path, ...], language: str, quiet: bool) -> None:
    """Check published files of contests: FILE… in any order, all that belongs together at once.

    Understands keys, receipts, pages and checkpoints of the public log and the proofs in it, commitments and what was
    opened of them, results, sealed lists and draws, each by its contents. A file is checked as far as the others
    allow. Exits with 0 if all that was checked is right, 1 if anything is wrong, 2 if nothing could be checked.
    """
    from tradeshall.engine.proofs.reading import Source
    from tradeshall.engine.proofs.report import sentence
    from tradeshall.engine.proofs.verify import verify as check_files

    shown_at = 0.0

    def progress(name: str, share: float) -> None:
        nonlocal shown_at
        if sys.stderr.isatty() and time.monotonic() - shown_at > 0.2:
            shown_at = time.monotonic()
            click.echo(f"\r{share:4.0%} {name}\033[K", nl=False, err=True)

    report = check_files([Source(str(path), path) for path in dict.fromkeys(files)], progress)
    if shown_at:
        click.echo("\r\033[K", nl=False, err=True)
    file = ""
    for check in report.checks:
        if quiet and check.holds is not False:
            continue
        if check.file != file:
            file = check.file
            click.echo(file)
        click.echo(f"  {SIGNS[check.holds]}  {sentence(check, language)}")
    click.echo(VERDICTS[report.verdict])
    if not quiet:
        click.echo(LIMITS)
    sys.exit(report.exit_status)
