"""Start the demonstration federation; build it first if it is not there. `make demo` calls this.

The federation is brought in through the commands everybody has: init, import-units, import-roster, import-items,
grant-role. It is built in a folder beside DATA and moved into place when it is whole, so that a build cut off
leaves nothing behind that looks finished.
"""

from __future__ import annotations

import os
import shlex
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MARK = "demonstration"

ENGLISH_POOL = "Members' question bank"
STEPS: list[list[str]] = [
    [
        *("init", "--code", "HC", "--name", "海川市总工会", "--name-en", "Haichuan City Federation of Trade Unions"),
        *("--time-zone", "Asia/Shanghai", "--admin-member-no", "HC0003001", "--admin-name", "程远舟"),
        *("--admin-phone", "19400003001"),
    ],
    ["import-units", "demo/units.csv"],
    ["import-roster", "demo/roster.csv"],
    ["import-items", "demo/items-zh.csv", "--pool", "职工知识题库"],
    ["import-items", "demo/items-en.csv", "--pool", ENGLISH_POOL],
    ["import-items", "demo/items-en-extra.gift", "--pool", ENGLISH_POOL],
    ["grant-role", "HC0000002", "organiser", "--unit", "HC-E-01"],
    ["grant-role", "HC0000003", "organiser", "--unit", "HC-E"],
    ["grant-role", "HC0000004", "item_editor"],
    ["grant-role", "HC0000005", "auditor"],
    ["grant-role", "HC0000010", "administrator"],
]

WHO = """Sign in with a phone number:
  19400000001   徐清蓉   a member of Lanqi Precision Machinery Works Branch 澜栖精密机械厂工会
  19400000002   文蕊     organiser of that branch
  19400000003   文书芳   organiser of Chaodong District Federation 潮东区总工会, above it
  19400003001   程远舟   administrator of the federation"""


def say(text: str = "") -> None:
    print(text, flush=True)


def tradeshall(*arguments: str) -> None:
    """Run one command as a user would; end if it fails."""
    done = subprocess.run([sys.executable, "-m", "tradeshall.config.cli.main", *arguments])
    if done.returncode:
        raise SystemExit(f"`tradeshall {' '.join(arguments)}` ended with status {done.returncode}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def show_progress(done: int, total: int) -> None:
    if sys.stdout.isatty() or done % 250 == 0 or done == total:
        end = "\r" if sys.stdout.isatty() and done < total else "\n"
        print(f"  attempts made: {done} of {total}", end=end, flush=True)


def build(folder: Path) -> None:
    """Build the demonstration in a folder."""
    os.environ["DATA"] = str(folder)
    began = time.monotonic()
    say("Building the demonstration federation (about a minute, once).")
    for step in STEPS:
        say(f"\n· tradeshall {shlex.join(step)}")
        tradeshall(*[str(ROOT / word) if word.startswith("demo/") else word for word in step])
    say("\n· simulated members sit two rounds through the engine")
    os.environ["DJANGO_SETTINGS_MODULE"] = "tradeshall.config.settings.embedded"
    sys.path[:0] = [str(ROOT), str(ROOT / "src")]
    from demo import set_up

    set_up.main(free_port(), show_progress)
    (folder / MARK).write_text("built by make demo\n")
    say(f"Built in {time.monotonic() - began:.0f} seconds.")


def main() -> None:
    data = Path(os.environ.get("DATA") or "data").resolve()
    port = int(os.environ.get("PORT") or 8000)
    os.environ["TRADESHALL_DEMO"] = "1"
    os.environ["PYTHONPATH"] = str(ROOT / "src")
    if data.exists() and any(data.iterdir()) and not (data / MARK).exists():
        raise SystemExit(
            f"{data} holds something that is not the demonstration. Choose another folder: make demo DATA=…"
        )
    if not (data / MARK).exists():
        building = data.with_name(data.name + ".building")
        shutil.rmtree(building, ignore_errors=True)
        building.mkdir(parents=True)
        build(building)
        if data.exists():
            data.rmdir()
        building.rename(data)
    os.environ["DATA"] = str(data)
    say()
    say(WHO)
    say()
    say("The one-time code is shown on the page. The data stay when you stop.")
    say()
    os.execv(
        sys.executable,
        [sys.executable, "-m", "tradeshall.config.cli.main", "serve", "--host", "0.0.0.0", "--port", str(port)],
    )


if __name__ == "__main__":
    main()
