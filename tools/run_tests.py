"""Run the tests: on SQLite everywhere, then what touches rows again on PostgreSQL where there is one.

With CI=true an absent PostgreSQL, Redis or chromium is a failure, never a skip.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False


def main() -> int:
    found = {
        "PostgreSQL at 127.0.0.1:5432": answers(5432),
        "Redis at 127.0.0.1:6379": answers(6379),
        "chromium": bool(os.environ.get("CHROMIUM") or shutil.which("chromium")),
    }
    for name, there in found.items():
        print(f"{name}: {'found' if there else 'absent, its tests are skipped'}")
    if os.environ.get("CI") == "true" and not all(found.values()):
        print("CI needs all of these.", file=sys.stderr)
        return 1
    environment = {k: v for k, v in os.environ.items() if k not in ("DATA", "PORT")}
    environment["PYTHONPATH"] = f"{ROOT / 'src'}:{ROOT}"
    status = 0

    def run(title: str, *options: str) -> None:
        nonlocal status
        print(f"\n{title}", flush=True)
        pytest = [sys.executable, "-m", "pytest", "-q", *options, *sys.argv[1:]]
        found = subprocess.run(pytest, cwd=ROOT, env=environment).returncode
        status = status or (0 if found == 5 else found)  # 5: none of the named tests are of this kind

    run("On SQLite", "-m", "not browser", "-n", "2")
    if found["chromium"]:
        run("In a browser", "-m", "browser")
    if found["PostgreSQL at 127.0.0.1:5432"]:
        environment["TRADESHALL_TEST_DATABASE"] = "postgres"
        elsewhere = [f"--ignore=tests/{folder}" for folder in ("engine", "demo", "core", "tools")]
        run("On PostgreSQL, what touches rows", "-m", "not browser", "-n", "2", *elsewhere)
    return status


if __name__ == "__main__":
    raise SystemExit(main())
