"""Behind every acknowledged batch lies a sync. kill -9 alone says nothing about power cuts."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def counter(tmp_path: Path) -> Path:
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None or not sys.platform.startswith("linux"):
        if os.environ.get("CI") == "true":
            pytest.fail("no C compiler to build the sync counter with")
        pytest.skip("no C compiler to build the sync counter with")
    built = tmp_path / "sync_counter.so"
    source = Path(__file__).parent / "sync_counter.c"
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", built, source, "-ldl"], check=True)
    return built


def syncs(counter: Path, folder: Path, level: str) -> list[int]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.engine.sync_process", str(folder), level],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", "LD_PRELOAD": str(counter)},
        capture_output=True,
        text=True,
        check=True,
    )
    counts: list[int] = json.loads(done.stdout)
    assert len(counts) == 30
    return counts


def test_every_answer_has_a_sync_before_it(counter: Path, tmp_path: Path) -> None:
    assert min(syncs(counter, tmp_path, "FULL")) >= 1


@pytest.mark.parametrize("level", ["NORMAL", "OFF"])
def test_control_without_synchronisation_has_answers_with_none(counter: Path, tmp_path: Path, level: str) -> None:
    assert min(syncs(counter, tmp_path, level)) == 0
