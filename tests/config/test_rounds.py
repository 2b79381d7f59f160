"""The commands for rounds, as an operator types them."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from tests.factories.contests import make_entrant, make_pool, make_round
from tests.factories.ledgers import Writer
from tests.factories.people import make_member

from tradeshall.config.cli import rounds as commands
from tradeshall.contests import ports
from tradeshall.core import clock
from tradeshall.engine.passes import read_pass

pytestmark = pytest.mark.django_db


def run(command: Any, *words: object, **options: Any) -> Result:
    return CliRunner().invoke(command, [str(word) for word in words], **options)


def test_publish_round_publishes_and_hands_the_pack_over(ledger_path: Path) -> None:
    draft = make_round(published=False)
    result = run(commands.publish_round, draft.pk)
    assert result.exit_code == 0, result.output
    draft.refresh_from_db()
    assert draft.state == "published"
    assert draft.pack.content_hash in result.output
    assert [one.round_id for one in ports.ledger().rounds_since(0)] == [draft.pk]


def test_publish_round_says_what_stands_in_the_way() -> None:
    draft = make_round(published=False, pools=[make_pool(items=3)], count=5)
    for options in ([], ["--dry-run"]):
        result = run(commands.publish_round, draft.pk, *options)
        assert result.exit_code == 1
        assert "5 items are to be drawn, but only 3 reviewed items fit" in result.output
    draft.refresh_from_db()
    assert draft.state == "draft"


def test_publish_round_dry_run_changes_nothing() -> None:
    draft = make_round(published=False)
    result = run(commands.publish_round, draft.pk, "--dry-run")
    assert result.exit_code == 0
    draft.refresh_from_db()
    assert draft.state == "draft"


def test_publish_round_that_is_not_there_lists_those_that_are() -> None:
    draft = make_round(published=False, title="初赛")
    result = run(commands.publish_round, draft.pk + 100)
    assert result.exit_code == 1
    assert f"there is no round {draft.pk + 100}" in result.output
    assert "初赛" in result.output


def test_close_round_asks_first_and_keeps_the_reason(ledger_path: Path) -> None:
    from tradeshall.journal.models import Entry

    open_round = make_round()
    assert run(commands.close_round, open_round.pk, input="n\n").exit_code == 1
    open_round.refresh_from_db()
    assert open_round.state == "published"
    assert run(commands.close_round, open_round.pk, "--yes", "--reason", "power cut").exit_code == 0
    open_round.refresh_from_db()
    assert open_round.state == "closed"
    assert Entry.objects.get(verb="contests:round:close").reason == "power cut"


def test_export_results_reads_the_ledger_first_and_does_not_write_over(writer: Writer, tmp_path: Path) -> None:
    row = make_round()
    entrant = make_entrant(contest=row.contest, membership=make_member(unit=row.contest.activity.unit))
    writer.finish(row, entrant, 20)
    file = tmp_path / "results.csv"
    assert run(commands.export_results, row.pk, file).exit_code == 0
    assert str(entrant.number) in file.read_text("utf-8-sig")
    assert run(commands.export_results, row.pk, file).exit_code == 1
    assert run(commands.export_results, row.pk, file, "--force").exit_code == 0
    assert run(commands.export_results, row.pk, tmp_path / "results.doc").exit_code == 1
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".part")] == []


def test_issue_passes_of_members_and_of_the_invented(tmp_path: Path) -> None:
    row = make_round()
    for _ in range(3):
        make_member(unit=row.contest.activity.unit)
    file = tmp_path / "passes"
    assert run(commands.issue_passes, row.pk, "--members", 5, "--output", file).exit_code == 0
    passes = [read_pass(ports.keys().passes, line, clock.now_ms()) for line in file.read_text().split()]
    assert {one.participant for one in passes} == set(row.contest.entrants.values_list("number", flat=True))
    assert len(passes) == 3
    assert not any(one.rehearsal for one in passes)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600

    assert run(commands.issue_passes, row.pk, "--invented", 20, "--output", file).exit_code == 0
    passes = [read_pass(ports.keys().passes, line, clock.now_ms()) for line in file.read_text().split()]
    assert len({one.participant for one in passes}) == 20
    assert all(one.rehearsal for one in passes)
    assert row.contest.entrants.count() == 3
    assert run(commands.issue_passes, row.pk, "--output", file).exit_code == 2
