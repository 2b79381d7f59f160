"""Is this installation sound? Each finding says what was looked at, how it is, and what to do."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor


class Grade(StrEnum):
    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    grade: Grade
    text: str


def ok(text: str) -> Finding:
    return Finding(Grade.OK, text)


def warning(text: str) -> Finding:
    return Finding(Grade.WARNING, text)


def error(text: str) -> Finding:
    return Finding(Grade.ERROR, text)


def look() -> Iterator[Finding]:
    """Look at everything; one thing that breaks keeps none of the others from being looked at."""
    for check in (keys, database, migrations, federation, tree, administrators, ledger, outbox, exposure, space):
        try:
            yield from check()
        except (DatabaseError, OSError, ValueError) as failure:
            yield error(f"{check.__name__}: {type(failure).__name__}: {failure}")


def keys() -> Iterator[Finding]:
    folder: Path = settings.DATA / "keys"
    found = sorted(folder.glob("*.key"))
    for path in found:
        if len(path.read_text().strip()) != 64:
            yield error(f"{path} is not a key. Restore it from a backup; without it sessions and receipts are lost.")
        elif path.stat().st_mode & 0o077:
            yield error(f"{path} can be read by others. Run: chmod 600 {path}")
    if found:
        yield ok(f"{len(found)} keys in {folder}")
    else:
        yield warning(f"No keys in {folder}: they come from the environment, or will be made on first use.")


def database() -> Iterator[Finding]:
    with connection.cursor() as cursor:

        def ask(question: str) -> str:
            cursor.execute(question)
            return str(cursor.fetchone()[0])

        yield from (_sqlite(ask) if connection.vendor == "sqlite" else _postgresql(ask))


def _sqlite(ask: Callable[[str], str]) -> Iterator[Finding]:
    if int(ask("PRAGMA synchronous")) < 2:
        yield error("The pages' database does not synchronise (below FULL): a power cut would lose what was saved.")
    elif ask("PRAGMA journal_mode").lower() != "wal":
        yield error("The pages' database is not in WAL mode: readers and writers would wait for each other.")
    elif ask("PRAGMA foreign_keys") != "1":
        yield error("The pages' database does not check foreign keys.")
    elif (answer := ask("PRAGMA quick_check")) != "ok":
        yield error(f"The pages' database is damaged: {answer}. Restore a backup.")
    else:
        yield ok("The pages' database synchronises to disk (SQLite, WAL, FULL) and is whole.")


def _postgresql(ask: Callable[[str], str]) -> Iterator[Finding]:
    bad = [name for name in ("fsync", "full_page_writes") if ask(f"SHOW {name}") != "on"]
    if ask("SHOW synchronous_commit") == "off":
        bad.append("synchronous_commit")
    if bad:
        yield error(f"PostgreSQL has {', '.join(bad)} off: a power cut would lose what was saved. Turn it on.")
    else:
        yield ok("The pages' database synchronises to disk (PostgreSQL).")


def migrations() -> Iterator[Finding]:
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        yield error(f"{len(waiting)} migrations have not been applied. Run: tradeshall migrate")
    else:
        yield ok("All migrations are applied.")


def federation() -> Iterator[Finding]:
    from tradeshall.units.models import Federation

    found = Federation.objects.select_related("unit").first()
    if found is None:
        yield error("There is no federation yet. Run: tradeshall init")
        return
    try:
        ZoneInfo(found.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        yield error(f"The time zone {found.time_zone} is not known on this machine. Install tzdata.")
    else:
        yield ok(f"{found.unit}; days turn at midnight of {found.time_zone}.")


def tree() -> Iterator[Finding]:
    from tradeshall.units.models import Unit
    from tradeshall.units.queries import unsound_units

    wrong = unsound_units()
    if wrong:
        yield error(
            f"{len(wrong)} units do not stand where their parent says: {', '.join(wrong[:5])}. Restore a backup."
        )
    else:
        yield ok(f"The tree is sound ({Unit.objects.count()} units).")


def administrators() -> Iterator[Finding]:
    from tradeshall.core.authority import Role
    from tradeshall.units.models import Grant

    held = Grant.objects.current().filter(role=Role.ADMINISTRATOR.value, unit__parent=None, campaign_number="")
    count = held.filter(account__is_active=True).values("account").distinct().count()
    if count:
        yield ok(f"{count} administrators of the federation.")
    else:
        yield error("Nobody is administrator of the federation. Run: tradeshall grant-role MEMBER_NO administrator")


def ledger() -> Iterator[Finding]:
    from tradeshall.config.backups import sqlite_path
    from tradeshall.engine.ledger.interface import LedgerUnsafe
    from tradeshall.engine.ledger.opening import open_ledger

    url = settings.LEDGER_URL
    if url.startswith("sqlite:") and not sqlite_path(url).exists():
        yield ok("There is no ledger yet; the engine makes it when it first starts.")
        return
    try:
        opened = open_ledger(url)
        try:
            opened.check_synchronous()
            positions = opened.positions()
        finally:
            opened.close()
    except LedgerUnsafe as failure:
        yield error(f"The ledger does not synchronise: {failure}")
    except (sqlite3.Error, RuntimeError, ImportError) as failure:
        yield error(f"The ledger cannot be opened: {failure}")
    else:
        yield ok(f"The ledger opens and synchronises ({sum(positions.values())} entries).")


def outbox() -> Iterator[Finding]:
    from tradeshall.journal.queries import count_stuck_events

    stuck = count_stuck_events()
    if stuck:
        yield warning(f"{stuck} events have waited for more than five minutes. Is `serve` running? See its log.")
    else:
        yield ok("No event waits.")


def exposure() -> Iterator[Finding]:
    """What is fine for trying out and wrong for members."""
    if settings.DEMO:
        yield warning("TRADESHALL_DEMO is on: whoever knows a phone number signs in. Never let members in like this.")
        return
    if settings.TRADESHALL_SMS.endswith(".ConsoleSms"):
        yield warning("One-time codes are printed to the log, not sent. Name your carrier's class in TRADESHALL_SMS.")
    if "*" in settings.ALLOWED_HOSTS:
        yield warning("Any host name is answered to. Name yours in TRADESHALL_HOSTS.")
    if not settings.SECURE:
        yield warning("Cookies travel without HTTPS. Put a proxy with HTTPS before it and set TRADESHALL_HTTPS=1.")


def space() -> Iterator[Finding]:
    free = shutil.disk_usage(settings.DATA).free / 1024**3
    if free < 0.2:
        yield error(f"Only {free:.1f} GB are free where DATA lives.")
    elif free < 2:
        yield warning(f"Only {free:.1f} GB are free where DATA lives.")
    else:
        yield ok(f"{free:.0f} GB are free where DATA lives.")
