"""A PostgreSQL server of one's own, to be killed: made in a folder of its own, on a port of its own."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg


def programs() -> Path | None:
    """Return where the newest PostgreSQL server's programs are, None if there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    known = shutil.which("postgres")
    return Path(known).parent if known else None


class Cluster:
    """A server with `fsync` on, that is killed and started again on the same files."""

    def __init__(self, folder: Path, bin: Path) -> None:
        self.folder, self._bin = folder, bin
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"postgresql://postgres@127.0.0.1:{self.port}/postgres"
        self.process: subprocess.Popen[bytes] | None = None
        # the server refuses to run as root
        self._user = "postgres" if os.geteuid() == 0 else None
        if self._user:
            shutil.chown(folder, self._user)
        self._run("initdb", "-D", str(folder / "data"), "-U", "postgres", "-A", "trust", "--no-sync")

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [str(self._bin / program), *arguments], check=True, capture_output=True, user=self._user, cwd=self.folder
        )

    def start(self) -> None:
        self.process = subprocess.Popen(
            [
                *(str(self._bin / "postgres"), "-D", str(self.folder / "data"), "-p", str(self.port)),
                *("-k", str(self.folder), "-c", "listen_addresses=127.0.0.1", "-c", "shared_buffers=32MB"),
            ],
            user=self._user,
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        end = time.monotonic() + 60
        while time.monotonic() < end:
            with suppress(psycopg.OperationalError), psycopg.connect(self.url, connect_timeout=2):
                return
            time.sleep(0.05)
        raise AssertionError("PostgreSQL does not answer")

    def kill(self) -> None:
        """Kill the server and all its backends at once, as a power cut does to them."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        (self.folder / "data" / "postmaster.pid").unlink(missing_ok=True)  # its number may be somebody else's by then

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(30)


@contextmanager
def cluster() -> Iterator[Cluster]:
    bin = programs()
    assert bin is not None, "no PostgreSQL server's programs"
    folder = Path(tempfile.mkdtemp(prefix="tradeshall-pg-"))
    made = Cluster(folder, bin)
    try:
        made.start()
        yield made
    finally:
        made.stop()
        shutil.rmtree(folder, ignore_errors=True)
