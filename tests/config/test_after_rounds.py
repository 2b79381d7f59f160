"""The work after rounds by command, and what is started by itself."""

from __future__ import annotations

import subprocess
import threading
from typing import Any

import pytest
from tests.config.test_rounds import run
from tests.factories.ledgers import Writer, ledger_path, writer
from tests.factories.sittings import play

from tradeshall.config import after_rounds, one_port
from tradeshall.config.cli import rounds as commands
from tradeshall.contests.actions.appeals import rule_on_item
from tradeshall.contests.actions.versions import confirm_version, prepare_version
from tradeshall.contests.models import ResultsVersion, RoundStatistics
from tradeshall.core.authority import OPERATOR

__all__ = ["ledger_path", "writer"]
pytestmark = pytest.mark.django_db(transaction=True)


def half(who: int, _item: Any) -> tuple[int, ...]:
    return (who % 2,)


def test_commands_carry_a_version_through_and_analyse(writer: Writer) -> None:
    played = play(writer, answer=half)
    pk = played.round.pk
    assert run(commands.rescore_round, pk).exit_code == 1
    assert after_rounds.waiting() == [("analyse-round", pk)]
    rule_on_item(
        actor=OPERATOR, round=played.round, item_number=played.item_numbers[0], verdict="void_full", words="作废"
    )
    version = prepare_version(actor=OPERATOR, round=played.round, note="更正")
    assert after_rounds.waiting() == [("rescore-round", pk), ("analyse-round", pk)]
    assert "is ready" in run(commands.rescore_round, pk).output
    assert after_rounds.waiting() == [("analyse-round", pk)]
    confirm_version(actor=OPERATOR, version=ResultsVersion.objects.get(pk=version.pk))
    assert "is applied" in run(commands.rescore_round, pk).output
    done = run(commands.analyse_round, pk)
    assert done.exit_code == 0
    assert "reliability" in done.output
    assert RoundStatistics.objects.get().version == 2
    assert after_rounds.waiting() == []


def test_a_command_that_fails_is_told_of_and_one_that_runs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not after_rounds.run("no-such-command", 1, threading.Event())
    stop = threading.Event()
    stop.set()
    started: list[subprocess.Popen[bytes]] = []
    real = subprocess.Popen

    def slow(command: list[str], **options: Any) -> Any:
        started.append(real([command[0], "-c", "import time; time.sleep(60)"], **options))
        return started[-1]

    monkeypatch.setattr(after_rounds.subprocess, "Popen", slow)
    assert after_rounds.run("analyse-round", 1, stop)
    assert started[0].returncode is not None


def test_it_runs_beside_the_pages() -> None:
    assert "tradeshall.config.after_rounds.follow_rounds_until" in one_port.BACKGROUND
