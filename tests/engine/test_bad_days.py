"""Bad days: the database dies, the disk is full, somebody sets the clock, a backup is all that is left."""

from __future__ import annotations

import os
import resource
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.engine.clusters import cluster, programs
from tests.engine.contest import pack, pass_for, right_answers, someone
from tests.engine.crowds import Crowd
from tests.engine.killing import Acknowledged, Engine, faults_of_ledger

from tradeshall.config.backups import hold_at_one_moment, restore_backup, write_backup
from tradeshall.engine.ledger.opening import open_ledger
from tradeshall.engine.pack import SealedPack

pytestmark = pytest.mark.timeout(300)


@contextmanager
def engine_on(data: Path, url: str, kind: str = "real", writer: str = "main", **rules: int) -> Iterator[Engine]:
    data.mkdir(parents=True, exist_ok=True)
    ledger = open_ledger(url)
    if not ledger.rounds_since(0):
        ledger.deposit_pack(pack(**rules))
    ledger.close()
    engine = Engine(data, url, kind, writer)
    engine.start()
    try:
        yield engine
    finally:
        if engine.process is not None and engine.process.poll() is None:
            engine.stop()


def kill_the_database(data: Path, times: int, kind: str = "real") -> tuple[list[str], Acknowledged]:
    """Kill PostgreSQL so many times among people who sit; return what is wrong afterwards, and what was told."""
    with cluster() as server:
        with engine_on(data, server.url, kind, "a") as first, engine_on(data, server.url, kind, "b") as second:
            with Crowd([first, second]) as crowd:
                for number in range(times):
                    crowd.more(10)
                    server.kill()
                    time.sleep(0.1 * (number % 4))
                    server.start()
                    if crowd.faults:
                        break
                if kind == "real":
                    crowd.more(10)
            faults = crowd.faults + faults_of_ledger(server.url, crowd.told)
        return faults, crowd.told


needs_server = pytest.mark.skipif(
    programs() is None and os.environ.get("CI") != "true", reason="no PostgreSQL server's programs"
)


@pytest.mark.postgres
@needs_server
def test_nothing_acknowledged_is_lost_when_the_database_is_killed(tmp_path: Path) -> None:
    faults, told = kill_the_database(tmp_path, 3)
    assert faults == []
    assert len(told.results) >= 40


@pytest.mark.postgres
@needs_server
def test_control_that_acknowledges_first_loses_something_with_the_database(tmp_path: Path) -> None:
    for number in range(4):
        faults, _ = kill_the_database(tmp_path / str(number), 1, "hasty")
        if any("lost" in fault or "nobody answers" in fault for fault in faults):
            return
    pytest.fail("the control lost nothing, so the test proves nothing")


# The disk is full


def fill_the_disk(engine: Engine, kilobytes: int) -> None:
    """Let no file of the engine's grow beyond the largest it has, and a little."""
    assert engine.process is not None
    largest = max(path.stat().st_size for path in engine.data.iterdir() if path.is_file())
    _, hard = resource.prlimit(engine.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(engine.process.pid, resource.RLIMIT_FSIZE, (largest + kilobytes * 1024, hard))


def make_room(engine: Engine) -> None:
    assert engine.process is not None
    _, hard = resource.prlimit(engine.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(engine.process.pid, resource.RLIMIT_FSIZE, (hard, hard))


def through_a_full_disk(data: Path, kind: str) -> tuple[list[str], int]:
    """Return what is wrong with the ledger, and how many were turned away while nothing could be written."""
    url = f"sqlite:///{data}/ledger.sqlite3"
    told, turned_away = Acknowledged(), 0
    with engine_on(data, url, kind) as engine:

        def sit(people: int) -> None:
            nonlocal turned_away
            for _ in range(people):
                person = someone()
                try:
                    token = engine.ask("start", {"pass": pass_for(person)})["token"]
                    told.starts[person] = token
                    engine.ask("save", {"token": token, "responses": [[1, 1, [0]]]})
                    told.saves[person] = {1: 1}
                    told.results[person] = engine.ask("submit", {"token": token, "responses": []})
                except AssertionError as error:
                    if "engine:busy:not_committed" not in str(error):
                        raise
                    turned_away += 1

        sit(20)
        fill_the_disk(engine, 64)
        sit(60)
        make_room(engine)
        before = turned_away
        if kind == "real":
            sit(20)
            assert turned_away == before  # it goes on as if nothing had been
    return faults_of_ledger(url, told), turned_away


def test_a_full_disk_turns_people_away_and_loses_nothing(tmp_path: Path) -> None:
    faults, turned_away = through_a_full_disk(tmp_path, "real")
    assert faults == []
    assert turned_away > 10


def test_control_that_acknowledges_first_loses_something_on_a_full_disk(tmp_path: Path) -> None:
    faults, turned_away = through_a_full_disk(tmp_path, "hasty")
    assert turned_away == 0
    assert any(fault.endswith("lost") for fault in faults)


# Somebody sets the clock


def sit_while_the_clock_is_set(data: Path, url: str, kind: str, step: signal.Signals) -> tuple[int, int]:
    """Return how far off a deadline is after the step, in seconds, and what an attempt begun before comes to."""
    with engine_on(data, url, kind, time_limit_seconds=300) as engine:
        assert engine.process is not None
        sealed = pack_in(url)
        before = engine.ask("start", {"pass": pass_for(someone())})
        os.kill(engine.process.pid, step)
        time.sleep(0.05)
        after = engine.ask("start", {"pass": pass_for(someone())})
        off_ms = after["attempt"]["deadline_ms"] - before["attempt"]["deadline_ms"]
        try:
            result = engine.ask("submit", {"token": before["token"], "responses": right_answers(before, sealed)})
        except AssertionError as error:
            if "engine:attempt:too_late" not in str(error):
                raise
            return off_ms // 1000, 0
        return off_ms // 1000, result["score_points"]


def pack_in(url: str) -> SealedPack:
    ledger = open_ledger(url)
    try:
        return SealedPack.from_bytes(ledger.rounds_since(0)[0].sealed)
    finally:
        ledger.close()


@pytest.mark.parametrize("step", [signal.SIGUSR1, signal.SIGUSR2], ids=["ten minutes on", "ten minutes back"])
def test_setting_the_machines_clock_moves_no_deadline(ledger_url: str, tmp_path: Path, step: signal.Signals) -> None:
    off_seconds, points = sit_while_the_clock_is_set(tmp_path, ledger_url, "real", step)
    assert abs(off_seconds) <= 5
    assert points == 100


@pytest.mark.parametrize(("step", "off"), [(signal.SIGUSR1, 600), (signal.SIGUSR2, -600)])
def test_control_that_trusts_the_machines_clock_moves_deadlines(
    tmp_path: Path, step: signal.Signals, off: int
) -> None:
    url = f"sqlite:///{tmp_path}/ledger.sqlite3"
    off_seconds, points = sit_while_the_clock_is_set(tmp_path, url, "unsteady", step)
    assert abs(off_seconds - off) <= 5
    assert points == (0 if off > 0 else 100)


@pytest.mark.postgres
def test_a_process_begun_under_a_wrong_clock_goes_by_that_of_the_database(
    postgresql_url: str, tmp_path: Path
) -> None:
    """What one process gives, another takes: an attempt begun by one whose machine is ten minutes ahead."""
    with (
        engine_on(tmp_path, postgresql_url, writer="a", time_limit_seconds=300) as right,
        engine_on(tmp_path, postgresql_url, writer="b") as wrong,
    ):
        assert wrong.process is not None
        os.kill(wrong.process.pid, signal.SIGUSR1)
        started = wrong.ask("start", {"pass": pass_for(someone())})
        again = right.ask("start", {"pass": pass_for(someone())})
        assert abs(started["attempt"]["deadline_ms"] - again["attempt"]["deadline_ms"]) < 5_000
        sealed = pack_in(postgresql_url)
        answer = {"token": started["token"], "responses": right_answers(started, sealed)}
        assert right.ask("submit", answer)["score_points"] == 100


# Back up and restore while people sit


def test_a_backup_of_a_running_contest_holds_all_that_was_acknowledged_before_it(tmp_path: Path) -> None:
    data, new, target = tmp_path / "data", tmp_path / "new", tmp_path / "backup.tar.gz"
    url = f"sqlite:///{data}/ledger.sqlite3"
    data.mkdir()
    with sqlite3.connect(data / "pages.sqlite3") as pages:
        pages.execute("CREATE TABLE stands_for_the_pages (id)")
    pages.close()
    with engine_on(data, url) as engine, Crowd([engine]) as crowd:
        crowd.more(30)
        told = Acknowledged(dict(crowd.told.starts), dict(crowd.told.saves), dict(crowd.told.results))
        write_backup(target, data, f"sqlite:///{data}/pages.sqlite3", url)
        crowd.more(10)
    restored = f"sqlite:///{new}/ledger.sqlite3"
    restore_backup(target, new, f"sqlite:///{new}/pages.sqlite3", restored)
    told.saves = {person: saves for person, saves in told.saves.items() if person in told.results}
    assert faults_of_ledger(restored, told) == []
    later = set(crowd.told.results) - set(told.results)
    assert "lost" in " ".join(faults_of_ledger(restored, crowd.told))  # what came after is not there: it is a copy
    with engine_on(new, restored) as again:
        for person, result in list(told.results.items())[::3]:
            assert again.ask("submit", {"token": told.starts[person], "responses": []}) == result
        with Crowd([again]) as crowd:
            crowd.more(10)
    assert later


class Never(Exception):
    """The copy has begun anew too often."""


@pytest.mark.parametrize("held", [True, False], ids=["held at one moment", "control"])
def test_a_ledger_that_is_written_all_the_time_is_copied(held: bool, tmp_path: Path) -> None:
    """Without holding it at one moment, every write from elsewhere lets the copy begin anew."""
    source = tmp_path / "ledger.sqlite3"
    writing = sqlite3.connect(source, isolation_level=None)
    writing.execute("PRAGMA journal_mode=WAL")
    writing.execute("PRAGMA synchronous=OFF")
    writing.execute("CREATE TABLE entry (content)")
    writing.execute("BEGIN")
    writing.executemany("INSERT INTO entry VALUES (?)", ((os.urandom(3000),) for _ in range(10_000)))
    writing.execute("COMMIT")
    begun = 0

    def write(status: int, remaining: int, total: int) -> None:
        nonlocal begun
        writing.execute("INSERT INTO entry VALUES ('one more')")
        begun += 1
        if begun > 200:
            raise Never

    reading = sqlite3.connect(f"file:{source}?mode=ro", uri=True, isolation_level=None)
    copy = sqlite3.connect(tmp_path / "copy.sqlite3")
    try:
        if held:
            hold_at_one_moment(reading)
            reading.backup(copy, pages=1000, progress=write)
            assert copy.execute("SELECT count(*) FROM entry").fetchone() == (10_000,)
        else:
            with pytest.raises(Never):
                reading.backup(copy, pages=1000, progress=write)
    finally:
        for connection in (reading, copy, writing):
            connection.close()
