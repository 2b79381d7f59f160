"""`tradeshall verify`: files in, plain words and an exit status out; no installation is needed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.engine.proofs.made import files_of

from tradeshall.config.cli.verify import verify

ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for kind in ("log", "receipt", "list", "results"):
        for name, content in files_of(5, kind).items():
            (tmp_path / name).write_bytes(content)
    return tmp_path


def paths(folder: Path) -> list[str]:
    return [str(path) for path in sorted(folder.iterdir())]


def test_good_files_are_right(folder: Path) -> None:
    done = CliRunner().invoke(verify, paths(folder))
    assert done.exit_code == 0, done.output
    assert "Everything that could be checked is right." in done.output
    assert "The paper was made anew and marked again" in done.output
    assert "What no check of files can show" in done.output
    assert "WRONG" not in done.output


def test_a_changed_file_is_named(folder: Path) -> None:
    changed = folder / "list.txt"
    changed.write_bytes(changed.read_bytes()[33:])
    done = CliRunner().invoke(verify, [*paths(folder), "--quiet"])
    assert done.exit_code == 1
    assert "The draw was made over another list." in done.output
    assert "right    " not in done.output


def test_it_speaks_chinese(folder: Path) -> None:
    done = CliRunner().invoke(verify, [*paths(folder), "--language", "zh"])
    assert "已重新组卷并重新判分" in done.output


def test_without_anything_to_check_it_says_so(folder: Path) -> None:
    done = CliRunner().invoke(verify, [str(folder / "commitments.json")])
    assert done.exit_code == 2
    assert "Nothing could be checked." in done.output


def test_it_runs_where_nothing_is_installed(folder: Path) -> None:
    """A journalist's machine: no folder of data, no settings, no Django set up."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "src"), "HOME": str(folder)}
    command = "from tradeshall.config.cli.main import main; main()"
    given = [sys.executable, "-c", command, "verify", *paths(folder)]
    done = subprocess.run(given, capture_output=True, text=True, env=environment, cwd=folder, timeout=120)
    assert done.returncode == 0, done.stderr
    assert not (folder / "data").exists()
