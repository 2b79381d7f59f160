"""One file that holds a whole installation, and the way back.

The pages' database is copied before the ledger: the ledger may then know more than the pages have taken in, which
they catch up with, but never less.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from tradeshall.core import clock

MANIFEST = "manifest.json"
FORMAT = 1
PAGES, LEDGER = "pages", "ledger"
MOST_FILES = 5_000_000
CHUNK = 1024 * 1024


class BackupFailed(Exception):
    """The backup was not made, or not restored; the message says why."""


def write_backup(target: Path, data: Path, pages: str, ledger: str) -> dict[str, Any]:
    """Write a backup of the installation in `data`; returns its manifest. The file appears only when it is whole.

    `pages` and `ledger` are the addresses of the two databases: `sqlite:////path` or `postgresql://…`.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=target.parent) as folder:
        copies = [_copy_database(PAGES, pages, Path(folder))]
        if ledger != pages:
            copies += [_copy_database(LEDGER, ledger, Path(folder))] if _exists(ledger) else []
        files = [*((f"databases/{copy.name}", copy) for copy in copies), *_loose_files(data)]
        manifest: dict[str, Any] = {
            "format": FORMAT,
            "made_at": clock.now().isoformat(timespec="seconds"),
            "shared_database": ledger == pages,
            "files": {},
        }
        try:
            with open(os.open(part, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as raw:
                with tarfile.open(fileobj=raw, mode="w:gz", compresslevel=6) as archive:
                    for name, path in files:
                        manifest["files"][name] = _add(archive, name, path)
                    _add_bytes(archive, MANIFEST, json.dumps(manifest, indent=1, sort_keys=True).encode())
                raw.flush()
                os.fsync(raw.fileno())
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
    return manifest


def _exists(url: str) -> bool:
    return not url.startswith("sqlite:") or sqlite_path(url).exists()


def sqlite_path(url: str) -> Path:
    """Return the file behind `sqlite:////absolute/path`."""
    return Path(urlsplit(url).path.removeprefix("/"))


def _copy_database(name: str, url: str, folder: Path) -> Path:
    if url.startswith("sqlite:"):
        source = sqlite_path(url)
        if not source.exists():
            raise BackupFailed(f"{source} is not there. Is DATA right?")
        copy = folder / f"{name}.sqlite3"
        with (
            closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True, timeout=30)) as reading,
            closing(sqlite3.connect(copy)) as writing,
        ):
            hold_at_one_moment(reading)
            reading.backup(writing, pages=4096, sleep=0.01)
        return copy
    copy = folder / f"{name}.dump"
    _run(["pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={copy}"], url)
    return copy


def hold_at_one_moment(reading: sqlite3.Connection) -> None:
    """Let a connection see a database as it is now: otherwise each write from elsewhere lets a copy begin anew."""
    reading.isolation_level = None
    reading.execute("BEGIN")
    reading.execute("SELECT count(*) FROM sqlite_master").fetchone()


def _run(command: list[str], url: str) -> None:
    """Run one of PostgreSQL's programs, the address given by its environment, where no other user sees it."""
    parts = urlsplit(url)
    given = {
        "PGHOST": parts.hostname or "",
        "PGPORT": str(parts.port or ""),
        "PGUSER": unquote(parts.username or ""),
        "PGPASSWORD": unquote(parts.password or ""),
        "PGDATABASE": parts.path.lstrip("/"),
    }
    if shutil.which(command[0]) is None:
        raise BackupFailed(f"{command[0]} is not installed; it comes with postgresql-client.")
    if command[0] == "pg_restore":
        command = [*command[:1], f"--dbname={given['PGDATABASE']}", *command[1:]]
    done = subprocess.run(  # noqa: S603 (our own words)
        command, env={**os.environ, **{k: v for k, v in given.items() if v}}, capture_output=True, text=True
    )
    if done.returncode:
        raise BackupFailed(f"{command[0]}: {done.stderr.strip()[-500:]}")


def _loose_files(data: Path) -> Iterator[tuple[str, Path]]:
    for folder in ("keys", "media"):
        for path in sorted((data / folder).rglob("*")):
            if path.is_file() and not path.is_symlink():
                yield path.relative_to(data).as_posix(), path


def _add(archive: tarfile.TarFile, name: str, path: Path) -> dict[str, object]:
    entry = tarfile.TarInfo(name)
    entry.size = path.stat().st_size
    entry.mode = 0o600
    with path.open("rb") as file:
        reader = _Hashing(file, entry.size)
        archive.addfile(entry, reader)
    return {"bytes": entry.size, "sha256": reader.digest.hexdigest()}


def _add_bytes(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), 0o600
    archive.addfile(entry, io.BytesIO(content))


class _Hashing:
    """A file that is read to a known size (it may grow meanwhile), and hashed on the way."""

    def __init__(self, file: Any, size: int) -> None:
        self.file, self.left = file, size
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        chunk: bytes = self.file.read(self.left if size < 0 else min(size, self.left))
        self.left -= len(chunk)
        self.digest.update(chunk)
        return chunk


def restore_backup(source: Path, data: Path, pages: str, ledger: str) -> dict[str, Any]:
    """Bring a backup back into an empty folder (and empty databases); returns its manifest.

    Nothing is put in place before every checksum has been verified.
    """
    if data.exists() and any(data.iterdir()):
        raise BackupFailed(f"{data} is not empty. Choose another folder, or move what is there out of the way.")
    data.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=data.parent) as name:
        folder = Path(name) / "data"
        folder.mkdir(mode=0o700)
        manifest = _unpack(source, folder)
        _put_databases(folder, manifest, pages, ledger)
        for path in folder.rglob("*"):
            path.chmod(0o700 if path.is_dir() else 0o600)
        if data.exists():
            data.rmdir()
        folder.replace(data)
    return manifest


def _unpack(source: Path, folder: Path) -> dict[str, Any]:
    found: dict[str, dict[str, object]] = {}
    manifest: dict[str, Any] | None = None
    try:
        with tarfile.open(source, "r:gz") as archive:
            for count, entry in enumerate(archive):
                parts = PurePosixPath(entry.name).parts
                if count > MOST_FILES or not entry.isreg() or entry.name.startswith("/") or ".." in parts:
                    raise BackupFailed(f"{source} holds {entry.name!r}, which no backup of ours does.")
                stream = archive.extractfile(entry)
                assert stream is not None
                if entry.name == MANIFEST:
                    manifest = json.loads(stream.read(1024 * 1024 * 1024))
                    continue
                path = folder.joinpath(*parts)
                path.parent.mkdir(parents=True, exist_ok=True)
                digest = hashlib.sha256()
                with path.open("xb") as file:
                    while chunk := stream.read(CHUNK):
                        digest.update(chunk)
                        file.write(chunk)
                    file.flush()
                    os.fsync(file.fileno())
                found[entry.name] = {"bytes": entry.size, "sha256": digest.hexdigest()}
    except (tarfile.TarError, EOFError, OSError, ValueError) as error:
        raise BackupFailed(f"{source} is damaged or is no backup: {error}") from error
    if manifest is None or manifest.get("format") != FORMAT:
        raise BackupFailed(f"{source} has no manifest that this version understands.")
    wrong = sorted(name for name in {*found, *manifest["files"]} if found.get(name) != manifest["files"].get(name))
    if wrong:
        raise BackupFailed(f"{source} is damaged: {', '.join(wrong[:5])} differ from the manifest.")
    return manifest


def _put_databases(folder: Path, manifest: dict[str, Any], pages: str, ledger: str) -> None:
    databases = folder / "databases"
    shared = manifest["shared_database"]
    if shared is not (pages == ledger):
        raise BackupFailed(
            "The backup and this configuration do not agree on whether ledger and pages share a database."
        )
    for name, url in ((PAGES, pages), *(() if shared else ((LEDGER, ledger),))):
        lite, dump = databases / f"{name}.sqlite3", databases / f"{name}.dump"
        if not lite.exists() and not dump.exists():
            continue  # no ledger had been made yet
        if lite.exists() is not url.startswith("sqlite:"):
            raise BackupFailed(f"The backup keeps {name} in another kind of database than this configuration.")
        if lite.exists():
            with closing(sqlite3.connect(lite)) as database:
                (answer,) = database.execute("PRAGMA integrity_check").fetchone()
            if answer != "ok":
                raise BackupFailed(f"The database of {name} in the backup is damaged: {answer}")
            lite.replace(folder / f"{name}.sqlite3")
        else:
            _run(["pg_restore", "--no-owner", "--no-privileges", "--single-transaction", str(dump)], url)
    shutil.rmtree(databases)
