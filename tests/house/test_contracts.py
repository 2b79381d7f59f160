"""The contracts of our own catch what they are for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

CONTRACTS = """
[importlinter]
root_package = sample
contract_types =
    private_rooms: tools.contracts.PrivateRooms
    known_rooms: tools.contracts.KnownRooms
    only_these: tools.contracts.OnlyThese

[importlinter:contract:private]
name = private
type = private_rooms
root = sample
rooms =
    models
allowed =
    {allowed}

[importlinter:contract:known]
name = known
type = known_rooms
root = sample
apps =
    one
    two
rooms =
    models
    queries

[importlinter:contract:only]
name = only
type = only_these
root = sample
source = sample.one
listed =
    sample.core
"""


def lint(folder: Path, files: dict[str, str], allowed: str = "") -> tuple[int, str]:
    for name, text in {"sample/core/__init__.py": "", **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        for parent in path.parents:
            if parent == folder:
                break
            (parent / "__init__.py").touch()
        path.write_text(text)
    (folder / "contracts.ini").write_text(CONTRACTS.format(allowed=allowed))
    done = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache", "--config", "contracts.ini"],
        cwd=folder,
        env={"PYTHONPATH": f"{folder}:{ROOT}", "PATH": "/usr/bin:/bin", "COLUMNS": "200"},
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout


GOOD = {
    "sample/one/models.py": "",
    "sample/one/queries.py": "from sample.one import models\nfrom sample.core import clock\n",
    "sample/core/clock.py": "",
    "sample/two/models.py": "",
}


def test_contracts_keep_what_is_right(tmp_path: Path) -> None:
    status, text = lint(tmp_path, GOOD)
    assert status == 0, text


@pytest.mark.parametrize(
    ("name", "source", "said"),
    [
        ("sample/two/queries.py", "from sample.one import models\n", "private to its app"),
        ("sample/two/helpers.py", "", "none of the rooms"),
        ("sample/one/queries.py", "from sample.two import models\n", "sample.one reaches sample.two"),
    ],
)
def test_contracts_refuse_what_is_wrong(tmp_path: Path, name: str, source: str, said: str) -> None:
    status, text = lint(tmp_path, {**GOOD, name: source})
    assert status == 1
    assert said in text


def test_an_exception_no_longer_needed_is_refused(tmp_path: Path) -> None:
    status, text = lint(tmp_path, GOOD, allowed="sample.two.queries -> sample.one.models")
    assert status == 1
    assert "no longer there" in text
