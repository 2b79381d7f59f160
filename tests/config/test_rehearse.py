"""`tradeshall rehearse`, as an operator types it, against an engine that runs; and the token for metrics."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.conf import settings
from tests.engine.killing import Engine
from tests.factories.contests import make_round

from tradeshall.config.cli import rehearse as commands
from tradeshall.core.keys import read_or_make_key

pytestmark = pytest.mark.django_db


@pytest.fixture
def engine(ledger_path: Path, tmp_path: Path) -> Iterator[Engine]:
    running = Engine(tmp_path / "engine", settings.LEDGER_URL, "real")
    running.data.mkdir()
    running.master = read_or_make_key(settings.DATA, "master")
    running.start()
    yield running
    running.stop()


def run(*words: object, command: Any = commands.rehearse) -> tuple[int, str]:
    done = CliRunner().invoke(command, [str(word) for word in words])
    return done.exit_code, done.output


def test_rehearse_reports_and_finds_everything(engine: Engine, tmp_path: Path) -> None:
    one = make_round(deposited=True)
    url = f"http://127.0.0.1:{engine.port}"
    for name in ("report.md", "report.json"):
        status, said = run("--members", 30, "--minutes", 0.05, "--url", url, "--report", tmp_path / name)
        assert status == 0, said
        assert "**Sound.**" in said
        assert f"Rehearsing {one.pk}" in said
    assert "| members who began | 30 of 30 |" in (tmp_path / "report.md").read_text()
    figures = json.loads((tmp_path / "report.json").read_text())
    assert figures["sound"] is True
    assert figures["ledger_after"]["found"] == figures["finished"] > 20


def test_rehearse_says_what_is_wrong(engine: Engine, tmp_path: Path) -> None:
    assert "no round is published" in run("--members", 1, "--minutes", 1)[1]
    draft = make_round(published=False)
    assert run("--members", 1, "--minutes", 1, "--round", draft.pk)[0] == 1
    make_round(deposited=True)
    status, said = run("--members", 1, "--minutes", 0.05, "--url", "http://127.0.0.1:9")
    assert status == 1
    assert "does not answer" in said
    assert run("--members", 1, "--minutes", 1, "--report", tmp_path / "report.txt")[0] == 2


def test_metrics_token_opens_the_metrics(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA", str(settings.DATA))
    _, token = run(command=commands.metrics_token)
    asked = urllib.request.Request(
        f"http://127.0.0.1:{engine.port}/engine/metrics", headers={"authorization": f"Bearer {token.strip()}"}
    )
    with urllib.request.urlopen(asked, timeout=10) as answer:
        assert b"tradeshall_engine_requests_total" in answer.read()
