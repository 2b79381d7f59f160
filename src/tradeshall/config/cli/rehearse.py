"""Rehearse a contest: invented people sit a published round against the running installation."""

from __future__ import annotations

import json
import os
import platform
import sys
from pathlib import Path
from typing import Any

import click


@click.command()
@click.option("--members", required=True, type=click.IntRange(1, 5_000_000), help="How many invented people sit it.")
@click.option("--minutes", required=True, type=click.FloatRange(0.05, 600), help="Within how many minutes.")
@click.option(
    "--round", "round_id", type=click.IntRange(min=1), help="Id of a published round.  [default: the newest]"
)
@click.option("--url", default="http://127.0.0.1:8000", show_default=True, help="Where the installation answers.")
@click.option("--connections", default=512, show_default=True, type=click.IntRange(1, 20_000))
@click.option(
    "--begin-within", type=click.FloatRange(0.01, 1.0), default=0.6, help="Part of the time in which all begin."
)
@click.option("--report", type=click.Path(dir_okay=False, path_type=Path), help="Write the report: .md or .json.")
def rehearse(
    members: int,
    minutes: float,
    round_id: int | None,
    url: str,
    connections: int,
    begin_within: float,
    report: Path | None,
) -> None:
    """Let invented people sit a published round against the running installation, and report.

    They start, save three times and hand in; some lose the line and ask again, some never finish. Nothing of it
    reaches a board, a result, an export or the record. Afterwards the ledger is searched for everything they were
    told. Run it where DATA and the ledger are those of the installation. Exit status 1 if anything is not sound.
    """
    import uvloop

    from tradeshall.config.cli.rounds import _act, _named, _ready, _round

    if report is not None and report.suffix not in (".md", ".json"):
        raise click.UsageError("name the report .md or .json")
    _ready()
    from tradeshall.contests import ports
    from tradeshall.contests.actions.passes import invent_people
    from tradeshall.contests.queries.rounds import rounds_visible_to
    from tradeshall.core.authority import OPERATOR
    from tradeshall.engine.rehearsal.playing import Plan, Played
    from tradeshall.engine.rehearsal.report import compare, figures_of, is_sound, markdown

    if round_id is None:
        newest = rounds_visible_to(OPERATOR).filter(state="published").order_by("-pk").first()
        if newest is None:
            raise click.ClickException("no round is published: there is nothing to rehearse")
        row = newest
    else:
        row = _round(round_id, "published")
    click.echo(f"Rehearsing {_named(row)} with {members:,} invented people within {minutes:g} minutes at {url}")
    people = _act(lambda: invent_people(actor=OPERATOR, round=row, count=members))
    ledger = ports.ledger()
    before = ledger.positions()
    with _Progress(members) as progress:

        def watch(played: Played, seconds: float) -> None:
            progress.show(played.finished + played.given_up + sum(played.errors.values()), seconds, played)

        plan = Plan(minutes * 60, connections, arrive_within=begin_within)
        try:
            played = uvloop.run(_played(url, people, plan, ports.keys().service, watch))
        except Exception as error:
            raise click.ClickException(f"{url} does not answer as an installation does: {error}") from error
    click.echo("Looking for everything they were told in the ledger …")
    held = compare(ledger, before, row.pk, played)
    figures = figures_of(played, held)
    page = markdown(figures, f"{os.cpu_count()} cores, Python {platform.python_version()}")
    click.echo(page)
    if report is not None:
        report.write_text(json.dumps(figures, indent=1) if report.suffix == ".json" else page)
        click.echo(f"Written: {report}")
    if not is_sound(played, held):
        sys.exit(1)


async def _played(url: str, people: Any, plan: Any, service_key: bytes, watch: Any) -> Any:
    from tradeshall.engine.rehearsal.line import Lines
    from tradeshall.engine.rehearsal.playing import play

    lines = Lines(url, plan.connections)
    try:
        return await play(lines, people, plan, service_key, watch)
    finally:
        lines.close()


class _Progress:
    """A bar on a terminal; elsewhere a line every ten seconds."""

    def __init__(self, members: int) -> None:
        self._members, self._bar, self._told, self._shown = members, None, -10.0, 0
        self._open: Any = None

    def __enter__(self) -> _Progress:
        if sys.stderr.isatty():
            self._open = click.progressbar(length=self._members, label="Finished", file=sys.stderr)
            self._bar = self._open.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        if self._open is not None:
            self._open.__exit__(*error)

    def show(self, done: int, seconds: float, played: Any) -> None:
        if self._bar is not None:
            self._bar.update(done - self._shown)
            self._shown = done
        elif seconds - self._told >= 10:
            self._told = seconds
            answered = sum(len(times) for times in played.times_ms.values())
            click.echo(
                f"  {seconds:5.0f} s  {played.begun:,} begun, {done:,} finished, {answered:,} answers,"
                f" {sum(played.shed.values()):,} turned away, {sum(played.errors.values()):,} errors"
            )


@click.command("metrics-token")
@click.option("--days", default=366, show_default=True, type=click.IntRange(1, 3660))
def metrics_token(days: int) -> None:
    """Print a token with which a monitoring system may read /engine/metrics, and nothing else."""
    from tradeshall.core import clock
    from tradeshall.core.keys import read_or_make_key
    from tradeshall.engine.passes import METRICS, Keys, issue_service_token

    keys = Keys.derive(read_or_make_key(Path(os.environ.get("DATA", "data")).resolve(), "master"))
    click.echo(issue_service_token(keys.service, clock.now_ms() + days * 86_400_000, METRICS))
