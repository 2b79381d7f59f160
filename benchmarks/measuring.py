"""Servers, load and clocks for measurements."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.registry import Unavailable

HERE = Path(__file__).resolve().parent
SOURCE = HERE.parent / "src"
TICKS = os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def folder(within: Path | None = None) -> Iterator[Path]:
    """Give a folder on the disk one measures on (TMPDIR, or the machine's own), or within another that is there."""
    parent = within if within is not None and within.is_dir() else None
    path = Path(tempfile.mkdtemp(prefix="tradeshall-bench-", dir=parent))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def pinned(command: list[str], core: int) -> list[str]:
    """Return a command bound to one core, where there are several and `taskset` is known."""
    if (os.cpu_count() or 1) < 2 or not shutil.which("taskset"):
        return command
    return ["taskset", "-c", str(core), *command]


class Server:
    """A server process on core 0, whose processor time and memory can be read."""

    def __init__(self, command: list[str], url: str, environment: Mapping[str, str] | None = None) -> None:
        self.url = url
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            pinned(command, 0),
            env={**os.environ, "PYTHONPATH": f"{SOURCE}:{HERE.parent}", **(environment or {})},
            stdout=subprocess.DEVNULL,
        )

    def wait(self, path: str, seconds: float = 60) -> float:
        """Wait until the server answers and return the seconds since it was started."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if self.process.poll() is not None:
                raise RuntimeError(f"the server ended with {self.process.returncode}")
            try:
                with urllib.request.urlopen(self.url + path, timeout=5) as answer:
                    answer.read()
                return time.monotonic() - self.started
            except OSError:
                time.sleep(0.02)
        raise RuntimeError("the server does not answer")

    def cpu_seconds(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def memory_mb(self) -> float:
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024  # type: ignore[index]

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def serve_engine(data: Path, port: int, ledger: str | None = None, *options: str) -> Server:
    """Start the engine alone on a folder."""
    command = [sys.executable, "-m", "tradeshall.config.cli.main", "serve-engine", "--port", str(port)]
    if ledger:
        command += ["--ledger", ledger]
    command += options
    return Server(command, f"http://127.0.0.1:{port}", {"DATA": str(data)})


@dataclass(frozen=True, slots=True)
class Load:
    """What wrk says of a run."""

    requests: int
    seconds: float
    p50_ms: float
    p99_ms: float
    not_ok: int
    durations: tuple[tuple[int, int], ...] = ()
    """(microseconds, how many requests took that long)"""

    @property
    def rate(self) -> float:
        return self.requests / self.seconds


def wrk(url: str, seconds: float, *, bodies: Path | None = None, connections: int = 64, expect: int = 200) -> Load:
    """Send requests from core 1: a body a line of a file, each once (see post.lua), or plain GETs."""
    if not shutil.which("wrk"):
        raise Unavailable("wrk is not installed (Debian package wrk)")
    command = ["wrk", "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--latency"]
    command += ["-s", str(HERE / "post.lua"), url, "--", str(bodies) if bodies else "", str(expect)]
    process = subprocess.Popen(pinned(command, 1), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    until = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < until:
        # once its bodies are used up its one thread ends, and it would sleep for the rest of the time
        if bodies is not None and _has_sent_all(process.pid):
            process.send_signal(signal.SIGINT)
            break
        time.sleep(0.01)
    out, err = process.communicate()
    found = re.search(r"^FIGURES (\{.*\})$", out, re.M)
    if found is None:
        raise RuntimeError(out + err)
    told = json.loads(found[1])
    all_of_them = re.search(r"^DURATIONS (.*)$", out, re.M)
    pairs = (pair.split(":") for pair in all_of_them[1].split()) if all_of_them else ()
    durations = tuple((int(us), int(count)) for us, count in pairs)
    return Load(
        told["requests"], told["us"] / 1e6, told["p50_us"] / 1000, told["p99_us"] / 1000, told["not_ok"], durations
    )


def _has_sent_all(pid: int) -> bool:
    """Answer whether a wrk that has run for a while has no thread left but the one that sleeps."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
    name, threads = re.search(r"Name:\s+(\S+)", status), re.search(r"Threads:\s+(\d+)", status)
    if name is None or threads is None or name[1] != "wrk" or threads[1] != "1":
        return False
    began = float(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[19]) / TICKS
    return float(Path("/proc/uptime").read_text().split()[0]) - began > 0.5


def percentile_ms(runs: Iterable[Load], part: float) -> float:
    """Return within how many milliseconds a part of the requests of several runs was answered."""
    counts: Counter[int] = Counter()
    for run in runs:
        for us, count in run.durations:
            counts[us] += count
    wanted, reached = part * sum(counts.values()), 0
    for us in sorted(counts):
        reached += counts[us]
        if reached >= wanted:
            return us / 1000
    return 0.0


def write_bodies(path: Path, bodies: Iterable[bytes]) -> int:
    """Write one body a line and return how many."""
    count = 0
    with open(path, "wb") as file:
        for body in bodies:
            file.write(body + b"\n")
            count += 1
    return count
