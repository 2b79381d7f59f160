"""The whole product, furnished and served by its own command from a folder of its own, for browsers to visit."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class House:
    """A furnished installation that answers at `url`."""

    url: str
    sessions: dict[str, str]
    rounds: dict[str, int]
    contest: str
    campaign: str

    def path(self, page: str, round: str = "open") -> str:
        return f"/rounds/{self.rounds[round]}/{page}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def serve_house(data: Path) -> Iterator[House]:
    """Furnish an installation in a folder, serve it, and let its members sit what is over."""
    port = free_port()
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("TRADESHALL_", "DJANGO_"))}
    environment |= {
        "DATA": str(data),
        "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}",
        "DJANGO_SETTINGS_MODULE": "tradeshall.config.settings.embedded",
    }

    def run(code: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", f"import django; django.setup(); {code}"],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=240,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    furnished = json.loads(run("from tests.journeys import furnish; furnish.rows()").splitlines()[-1])
    run("from django.core.management import call_command as c; c('collectstatic', interactive=False, verbosity=0)")
    log = (data / "serve.log").open("w")
    command = "from tradeshall.config.cli.main import main; main()"
    server = subprocess.Popen(
        [sys.executable, "-c", command, "serve", "--host", "127.0.0.1", "--port", str(port)],
        cwd=ROOT,
        env=environment,
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{url}/engine/health", server, data / "serve.log")
        run(f"from tests.journeys import furnish; furnish.play({url!r})")
        yield House(url, **furnished)
    finally:
        server.terminate()
        server.wait(timeout=30)
        log.close()


def wait_for(url: str, server: subprocess.Popen[Any], log: Path) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"the server did not come up:\n{log.read_text()}")
