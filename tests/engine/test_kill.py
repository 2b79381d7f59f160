"""kill -9 in the middle of submissions: nothing acknowledged is lost or doubled."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.engine.killing import kill_again_and_again


@pytest.mark.timeout(600)
def test_nothing_acknowledged_is_lost_when_killed_25_times(tmp_path: Path) -> None:
    faults, told = kill_again_and_again(tmp_path, f"sqlite:///{tmp_path}/ledger.sqlite3", "real", 25)
    assert faults == []
    assert len(told.results) >= 125  # each kill fell among submissions


@pytest.mark.postgres
@pytest.mark.timeout(600)
def test_nothing_acknowledged_is_lost_on_postgresql(tmp_path: Path, postgresql_url: str) -> None:
    faults, told = kill_again_and_again(tmp_path, postgresql_url, "real", 5)
    assert faults == []
    assert len(told.results) >= 25


@pytest.mark.timeout(600)
def test_control_that_acknowledges_before_its_commit_loses_something(tmp_path: Path) -> None:
    for round_number in range(5):
        data = tmp_path / str(round_number)
        faults, _ = kill_again_and_again(data, f"sqlite:///{data}/ledger.sqlite3", "hasty", 1)
        if any(fault.endswith("lost") for fault in faults):
            return
    pytest.fail("the control lost nothing, so the test proves nothing")
