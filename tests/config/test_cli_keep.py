"""The commands that make, fill, back up, restore and check an installation, run as an operator runs them."""

from __future__ import annotations

import io
import json
import os
import sqlite3
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from tests.factories.spreadsheets import xlsx_file

ROOT = Path(__file__).parents[2]
INIT = [
    *("init", "--code", "HC", "--name", "海川市总工会", "--time-zone", "Asia/Shanghai"),
    *("--admin-member-no", "A1", "--admin-name", "王管", "--admin-phone", "19400009999"),
]


def run(data: Path, *arguments: str, status: int = 0, typed: str | None = None, **environment: str) -> str:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TRADESHALL_", "DJANGO_"))}
    done = subprocess.run(
        [sys.executable, "-m", "tradeshall.config.cli.main", *arguments],
        env=kept | {"DATA": str(data), "PYTHONPATH": f"{ROOT / 'src'}", "LC_ALL": "C.UTF-8"} | environment,
        cwd=data.parent,
        capture_output=True,
        text=True,
        input=typed or "",
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation with a few units and members, as a backup file beside it."""
    data = tmp_path_factory.mktemp("installation") / "data"
    run(data, *INIT)
    units, roster = data.parent / "units.csv", data.parent / "roster.csv"
    units.write_text("编码,名称,上级编码,类型\nHC-E,潮东区总工会,HC,地方工会\n")
    roster.write_text("会员号,姓名,手机,邮箱,单位编码,入会日期\nM1,徐清蓉,19400000001,,HC-E,2022-09-18\n")
    assert "1 added, 0 changed, 0 unchanged, 0 refused" in run(data, "import-units", str(units))
    assert "1 added" in run(data, "import-roster", str(roster))
    run(data, "backup", "backup.tar.gz")
    return data


def test_what_is_made_is_read_by_no_other_user(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir(mode=0o755)  # made by hand, before `init`
    run(data, *INIT)
    made = [path for path in data.rglob("*") if path.is_file()]
    assert data / "pages.sqlite3" in made
    assert [path.name for path in made if path.stat().st_mode & 0o007] == []


def test_init_again_changes_nothing(made: Path) -> None:
    keys = {path.name: path.read_bytes() for path in (made / "keys").iterdir()}
    told = run(made, *INIT)
    assert "already" in told
    assert {path.name: path.read_bytes() for path in (made / "keys").iterdir()} == keys
    assert "HC 海川市总工会 is there already" in run(made, "init")
    assert "Choose another folder" in run(made, "init", "--code", "OTHER", status=1)


def test_init_asks_again_for_what_cannot_be(tmp_path: Path) -> None:
    typed = "HC\n海川市总工会\nHaichuan\nHaichuan\nAsia/Shanghai\nA1\n王管\nabc\n19400009999\n"
    told = run(tmp_path / "data", "init", typed=typed)
    assert "There is no time zone “Haichuan”" in told
    assert "“abc” is not a phone number" in told
    assert "signs in with the phone 19400009999" in told


def test_init_keeps_keys_to_their_owner(made: Path) -> None:
    for path in (made / "keys").iterdir():
        assert path.stat().st_mode & 0o077 == 0
    assert (made / "keys").stat().st_mode & 0o077 == 0


def test_init_without_a_terminal_and_without_options_ends(tmp_path: Path) -> None:
    assert "Code of the federation" in run(tmp_path / "data", "init", status=1)


def test_import_twice_changes_nothing_and_dry_run_applies_nothing(made: Path) -> None:
    assert "0 added, 0 changed, 1 unchanged" in run(made, "import-units", "units.csv")
    (made.parent / "more.csv").write_text("编码,名称,上级编码,类型\nHC-W,潮西区总工会,HC,地方工会\n")
    for _ in range(2):
        told = run(made, "import-units", "more.csv", "--dry-run")
        assert "1 added" in told
        assert "nothing was applied" in told


def test_import_with_refused_rows_writes_a_report_and_says_so(made: Path) -> None:
    (made.parent / "bad.csv").write_text(
        "会员号,姓名,手机,单位编码,备注\nM7,甲,19400000007,NONE,x\nM8,乙,19400000008,HC-E,x\n"
    )
    told = run(made, "import-roster", "bad.csv", "--language", "en", status=1)
    assert "1 added, 0 changed, 0 unchanged, 1 refused" in told
    assert "Nothing was applied" in told
    assert "备注" in told
    assert "NONE" in (made.parent / "bad.csv.refused.csv").read_text("utf-8-sig")
    assert "1 added" in run(made, "import-roster", "bad.csv", status=1)  # so it was indeed not applied


def test_import_of_an_unreadable_file_ends_with_two(made: Path) -> None:
    (made.parent / "bomb.xlsx").write_bytes(xlsx_file(sheet="<!DOCTYPE x><x/>").getvalue())
    assert "document type" in run(made, "import-units", "bomb.xlsx", "--language", "en", status=2)
    (made.parent / "empty.csv").write_bytes(b"")
    assert "empty" in run(made, "import-roster", "empty.csv", "--language", "en", status=2)


def test_grant_role_gives_and_ends(made: Path) -> None:
    assert "is organiser of HC-E" in run(
        made, "grant-role", "M1", "organiser", "--unit", "HC-E", "--until", "2099-12-31"
    )
    assert "already" in run(made, "grant-role", "M1", "organiser", "--unit", "HC-E")
    assert "no longer" in run(made, "grant-role", "M1", "organiser", "--unit", "HC-E", "--end")
    assert "is not" in run(made, "grant-role", "M1", "organiser", "--unit", "HC-E", "--end")
    assert "no member" in run(made, "grant-role", "M9", "organiser", status=1)
    assert "no unit" in run(made, "grant-role", "M1", "organiser", "--unit", "NONE", status=1)
    told = run(made, "grant-role", "A1", "administrator", "--end", "--language", "en", status=1)
    assert "without an administrator" in told


def test_check_of_a_sound_installation(made: Path) -> None:
    assert "sound" in run(made, "check")


def test_backup_comes_back_whole_in_another_folder(made: Path, tmp_path: Path) -> None:
    backup = made.parent / "backup.tar.gz"
    assert backup.stat().st_mode & 0o077 == 0
    data = tmp_path / "new" / "data"
    assert "Restored" in run(data.parent.parent / "data", "restore", str(backup), DATA=str(data))
    assert "sound" in run(data, "check")
    assert (data / "keys" / "master.key").read_bytes() == (made / "keys" / "master.key").read_bytes()
    with sqlite3.connect(data / "pages.sqlite3") as database:
        assert database.execute("SELECT name FROM people_membership WHERE member_no = 'M1'").fetchone() == ("徐清蓉",)
    database.close()
    assert "not empty" in run(data, "restore", str(backup), status=1)


def test_backup_keeps_a_file_that_is_there(made: Path) -> None:
    assert "--force" in run(made, "backup", "backup.tar.gz", status=1)


def test_restore_refuses_a_backup_that_was_changed(made: Path, tmp_path: Path) -> None:
    changed = tmp_path / "changed.tar.gz"
    with tarfile.open(made.parent / "backup.tar.gz") as old, tarfile.open(changed, "w:gz") as new:
        for entry in old:
            stream = old.extractfile(entry)
            assert stream is not None
            content = stream.read()
            if entry.name == "keys/master.key":
                content = b"0" * len(content)
            new.addfile(entry, io.BytesIO(content))
    assert "keys/master.key differ" in run(tmp_path / "data", "restore", str(changed), status=1)
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("name", ["../outside", "/etc/outside", "keys/../../outside"])
def test_restore_refuses_what_would_leave_its_folder(name: str, tmp_path: Path) -> None:
    evil = tmp_path / "evil.tar.gz"
    with tarfile.open(evil, "w:gz") as archive:
        entry = tarfile.TarInfo(name)
        entry.size = 4
        archive.addfile(entry, io.BytesIO(b"evil"))
        manifest = json.dumps({"format": 1, "files": {}, "shared_database": False, "made_at": ""}).encode()
        entry = tarfile.TarInfo("manifest.json")
        entry.size = len(manifest)
        archive.addfile(entry, io.BytesIO(manifest))
    assert "no backup of ours" in run(tmp_path / "data", "restore", str(evil), status=1)
    assert not list(tmp_path.rglob("outside"))


def test_restore_refuses_a_file_that_is_no_backup(tmp_path: Path) -> None:
    (tmp_path / "x.tar.gz").write_bytes(b"hello")
    assert "no backup" in run(tmp_path / "data", "restore", "x.tar.gz", status=1)


@pytest.mark.parametrize(
    ("break_it", "sentence"),
    [
        ("UPDATE units_unit SET path = '9/9/' WHERE code = 'HC-E'", "do not stand where their parent says"),
        ("UPDATE units_federation SET time_zone = 'Mars/Olympus'", "not known on this machine"),
        ("UPDATE units_grant SET until_at = '2021-01-01', from_at = '2020-01-01'", "Nobody is administrator"),
        ("DELETE FROM django_migrations WHERE app = 'intake' AND name LIKE '0003%'", "tradeshall migrate"),
    ],
)
def test_check_finds_what_is_wrong(made: Path, tmp_path: Path, break_it: str, sentence: str) -> None:
    data = tmp_path / "data"
    run(data, "restore", str(made.parent / "backup.tar.gz"))
    with sqlite3.connect(data / "pages.sqlite3") as database:
        database.execute(break_it)
    database.close()
    assert sentence in run(data, "check", status=1)


def test_check_finds_keys_that_others_can_read_or_that_are_none(made: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    run(data, "restore", str(made.parent / "backup.tar.gz"))
    (data / "keys" / "master.key").chmod(0o644)
    assert "can be read by others" in run(data, "check", status=1)
    (data / "keys" / "master.key").write_text("short")
    assert "is not a key" in run(data, "check", status=1)


def test_check_finds_a_ledger_that_does_not_synchronise(made: Path) -> None:
    run(made, "check")
    ledger = made / "ledger.sqlite3"
    sqlite3.connect(ledger).close()
    ledger.write_bytes(b"")
    told = run(made, "check", status=1, TRADESHALL_LEDGER=f"sqlite:///{ledger}?synchronous=NORMAL")
    assert "does not synchronise" in told
    for path in made.glob("ledger.sqlite3*"):
        path.unlink()


def test_check_without_an_installation_says_what_to_run(tmp_path: Path) -> None:
    assert "tradeshall init" in run(tmp_path / "nowhere", "check", status=1)


def test_import_items_makes_the_pool_but_not_in_a_dry_run(made: Path) -> None:
    (made.parent / "items.csv").write_text(
        "题型,题干,选项A,选项B,选项C,选项D,答案,出处\n单选,国际劳动节是哪一天？,5月1日,5月4日,6月1日,10月1日,A,《年节及纪念日放假办法》\n"
    )
    arguments = ("import-items", "items.csv", "--pool", "综合题库", "--unit", "HC-E")
    assert "has no pool" in run(made, *arguments, "--dry-run", status=1)
    assert "1 added" in run(made, *arguments)
    assert "0 added, 0 changed, 1 unchanged" in run(made, *arguments, "--dry-run")
    assert "no unit" in run(made, *arguments[:-1], "NONE", status=1)


def test_export_items_writes_a_file_that_changes_nothing_and_names_what_is_left_out(made: Path) -> None:
    (made.parent / "items.csv").write_text(
        "题型,题干,选项A,选项B,答案,备注\n单选,国际劳动节是哪一天？,5月1日,5月4日,A,x\n多选,哪些是节日？,劳动节,春节,AB,x\n"
    )
    pool = ("--pool", "节日", "--unit", "HC-E")
    assert "备注" in run(made, "import-items", "items.csv", *pool)
    for form, name in (("qti", "bank.zip"), ("moodle", "bank.xml"), ("gift", "bank.gift"), ("xlsx", "bank.xlsx")):
        assert "2 items written" in run(made, "export-items", name, *pool, "--format", form)
        assert "0 added, 0 changed, 2 unchanged, 0 refused" in run(made, "import-items", name, *pool)
    told = run(made, "export-items", "bank.txt", *pool, "--format", "aiken", "--language", "en", status=1)
    assert "1 items written" in told
    assert "哪些是节日？" in told
    assert "nothing but single choice" in told
    assert "no pool" in run(made, "export-items", "x", "--pool", "无", "--unit", "HC-E", status=1)
    assert not list(made.parent.glob("*.part"))
    (made.parent / "note.gift").write_text("::1:: 国际劳动节是哪一天吗？ {=5月1日 ~%-50%5月4日}\n")
    told = run(made, "import-items", "note.gift", *pool, "--language", "en")
    assert "1 with a note" in told
    assert "negative marks" in told
    assert not (made.parent / "note.gift.refused.csv").exists()
    run(made, "import-items", "note.gift", *pool, "--language", "en", "--report", "notes.csv")
    assert "negative marks" in (made.parent / "notes.csv").read_text("utf-8-sig")


@pytest.mark.postgres
def test_backup_comes_back_whole_on_postgresql(tmp_path: Path) -> None:
    """Pages and ledger may share a database; it goes by PostgreSQL's own dump."""
    psycopg = pytest.importorskip("psycopg")
    server = os.environ.get("TRADESHALL_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432")
    try:
        admin = psycopg.connect(f"{server}/postgres", autocommit=True, connect_timeout=2)
    except psycopg.OperationalError:
        pytest.skip("no PostgreSQL server")
    names = [f"tradeshall_backup_{os.getpid()}_{n}" for n in range(2)]
    old, new = ({"TRADESHALL_DATABASE": url, "TRADESHALL_LEDGER": url} for url in (f"{server}/{n}" for n in names))
    try:
        for name in names:
            admin.execute(f"CREATE DATABASE {name}")
        data, other = tmp_path / "data", tmp_path / "other"
        run(data, *INIT, **old)
        run(data, "backup", "b.tar.gz", **old)
        assert "Restored" in run(other, "restore", "b.tar.gz", **new)
        assert "HC 海川市总工会" in run(other, "check", **new)
        assert "do not agree" in run(tmp_path / "third", "restore", "b.tar.gz", status=1)
        assert "pg_restore" in run(tmp_path / "third", "restore", "b.tar.gz", status=1, **new)  # it is not empty
        assert not (tmp_path / "third").exists()
    finally:
        for name in names:
            admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        admin.close()
