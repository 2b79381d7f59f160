"""Commands for rounds: publish, close, export the results, issue passes for a load test."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

ROUND = click.argument("round_id", metavar="ROUND", type=click.IntRange(min=1))


def _ready() -> None:
    import django
    from django.apps import apps

    if not apps.ready:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tradeshall.config.settings.embedded")
        django.setup()


def _round(round_id: int, *states: str) -> Any:
    """Return the round, or say which ones there are that the command could mean."""
    from tradeshall.contests.queries.rounds import rounds_visible_to
    from tradeshall.core.authority import OPERATOR

    rounds = rounds_visible_to(OPERATOR)
    row = rounds.filter(pk=round_id).first()
    if row is not None:
        return row
    known = [f"  {_named(one)}" for one in rounds.filter(state__in=states).order_by("-pk")[:20]]
    choice = "\n".join(["Rounds this command can be used for:", *known]) if known else "No round is ready for this."
    raise click.ClickException(f"there is no round {round_id}.\n{choice}")


def _named(row: Any) -> str:
    return f"{row.pk}  {row.contest.activity.number}  {row.contest.activity.title} · {row.title} ({row.state})"


def _act(work: Any) -> Any:
    """Run an action, and word in English whatever it refuses."""
    from django.utils import translation

    from tradeshall.core.refusal import Refused
    from tradeshall.web.texts import sentence

    with translation.override("en"):
        try:
            return work()
        except Refused as refused:
            raise click.ClickException("\n  ".join(sentence(one) for one in refused.refusals)) from refused


def _dispatch() -> None:
    from tradeshall.journal.tasks import dispatch_waiting

    while dispatch_waiting():
        pass


@click.command("publish-round")
@ROUND
@click.option("--dry-run", is_flag=True, help="Only check whether the round could be published.")
def publish_round(round_id: int, dry_run: bool) -> None:
    """Freeze round ROUND (its id) and open it to members at its hour.

    Items, keys, blueprint and rules are sealed into a pack, whose commitments anyone may check afterwards;
    none of it can be changed any more. What stands in the way is listed, and nothing is done.
    """
    _ready()
    from tradeshall.contests.actions import rounds
    from tradeshall.contests.queries.rounds import check_blueprint
    from tradeshall.core.authority import OPERATOR
    from tradeshall.core.refusal import require

    row = _round(round_id, "draft")
    if dry_run:
        _act(lambda: require(*check_blueprint(row)))
        click.echo(f"Round {_named(row)} could be published.")
        return
    published = _act(lambda: rounds.publish_round(actor=OPERATOR, round=row))
    _dispatch()
    click.echo(f"Published: {_named(published)}")
    click.echo(f"  opens   {published.opens_at.isoformat()}")
    click.echo(f"  closes  {published.closes_at.isoformat()}")
    click.echo(f"  pack    {published.pack.content_hash}")


@click.command("close-round")
@ROUND
@click.option("--reason", default="", help="Why it ends before its hour; the journal keeps it.")
@click.confirmation_option(prompt="Nobody can go on answering afterwards. Close the round?")
def close_round(round_id: int, reason: str) -> None:
    """End round ROUND (its id) now. Open attempts are handed in as they stand, then the final ranks are made."""
    _ready()
    from tradeshall.contests.actions import rounds
    from tradeshall.core.authority import OPERATOR

    row = _round(round_id, "published")
    closed = _act(lambda: rounds.close_round(actor=OPERATOR, round=row, reason=reason))
    _dispatch()
    click.echo(f"Closed: {_named(closed)} at {closed.closed_at.isoformat()}")


@click.command("export-results")
@ROUND
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--format",
    "format_name",
    type=click.Choice(["auto", "xlsx", "csv"]),
    default="auto",
    show_default=True,
    help="auto: by the ending of FILE.",
)
@click.option("--force", is_flag=True, help="Write over a file that is there.")
def export_results(round_id: int, file: Path, format_name: str, force: bool) -> None:
    """Write the results of round ROUND (its id) to FILE, as XLSX or CSV.

    Rank, ticket, pseudonym, score, time, and the unit where ten took part; no names.
    """
    _ready()
    from tradeshall.contests.actions.ledger import ingest_ledger
    from tradeshall.contests.actions.results import export_results as export
    from tradeshall.core.authority import OPERATOR

    if format_name == "auto":
        format_name = file.suffix.lower().lstrip(".")
        if format_name not in ("xlsx", "csv"):
            raise click.ClickException(f"{file}: name the file .xlsx or .csv, or say --format")
    if file.exists() and not force:
        raise click.ClickException(f"{file} is there already; say --force to write over it")
    row = _round(round_id, "published", "closed")
    while ingest_ledger():
        pass
    row.refresh_from_db(fields=["ranked_at", "state"])
    draft = file.with_name(f".{file.name}.part")
    try:
        with draft.open("wb") as out:
            _act(lambda: export(actor=OPERATOR, round=row, file=out, format=format_name))
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)
    click.echo(f"Written: {file}" + ("" if row.ranked_at else "  (ranks are not final yet and left empty)"))


@click.command("issue-passes")
@ROUND
@click.option("--members", type=click.IntRange(min=1), help="Enter so many members of the roster, and issue theirs.")
@click.option(
    "--invented",
    type=click.IntRange(min=1),
    help="Issue so many rehearsal passes of people who do not exist. They stand on no board and in no result.",
)
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), required=True, help="One pass a line.")
def issue_passes(round_id: int, members: int | None, invented: int | None, output: Path) -> None:
    """Issue passes for round ROUND (its id) into a file, for a load test or a demonstration.

    Whoever has a pass can sit the round as that person: keep the file to yourself, and delete it afterwards.
    """
    _ready()
    from tradeshall.contests.actions.passes import invent_passes, issue_member_passes
    from tradeshall.core.authority import OPERATOR

    if (members is None) == (invented is None):  # exactly one of the two
        raise click.UsageError("say either --members or --invented")
    row = _round(round_id, "published")
    if members is not None:
        passes = _act(lambda: issue_member_passes(actor=OPERATOR, round=row, count=members))
    else:
        passes = _act(lambda: invent_passes(actor=OPERATOR, round=row, count=invented or 0))
    with open(os.open(output, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as file:
        file.writelines(f"{one}\n" for one in passes)
    click.echo(f"Written: {output}  ({len(passes)} passes)")
    if members is not None and len(passes) < members:
        click.echo(f"  only {len(passes)} members can take part", err=True)


@click.command("rescore-round")
@ROUND
def rescore_round(round_id: int) -> None:
    """Go on making the new version of the results of round ROUND (its id), as far as it can go by itself.

    A version is prepared, looked at and confirmed in the console. `serve` does this step by itself; run it by hand
    where background work is switched off.
    """
    _ready()
    from tradeshall.contests.actions.rescoring import work_on_versions
    from tradeshall.contests.queries.versions import version_in_the_making
    from tradeshall.core.authority import OPERATOR

    row = _round(round_id, "closed")
    before = version_in_the_making(row)
    if before is None:
        raise click.ClickException("no new version of these results is in the making; prepare one in the console")
    work_on_versions(
        actor=OPERATOR,
        round_id=row.pk,
        told=lambda version: click.echo(f"  {version.ranges_done} of {version.parts} parts", err=True),
    )
    _dispatch()
    before.refresh_from_db()
    click.echo(f"The new version of {_named(row)} is {before.state}.")


@click.command("analyse-round")
@ROUND
def analyse_round(round_id: int) -> None:
    """Work out the statistics of round ROUND (its id): its questions, its papers, what stands out.

    `serve` does so after every round by itself. The results are in the console.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # several threads wait for one another more than they gain
    _ready()
    from tradeshall.contests.actions.analysis import analyse_round as analyse
    from tradeshall.core.authority import OPERATOR

    row = _round(round_id, "closed")
    kept = _act(lambda: analyse(actor=OPERATOR, round=row))
    click.echo(f"Analysed: {_named(row)}")
    click.echo(f"  attempts     {kept.attempts}, of which first ones analysed: {kept.analysed}")
    if kept.reliability is not None:
        click.echo(f"  reliability  {kept.reliability:.2f}, error of a score {kept.measurement_error:.1f} points")
    click.echo(f"  2PL          {'fitted' if kept.model_fitted else 'too few answers'}")
