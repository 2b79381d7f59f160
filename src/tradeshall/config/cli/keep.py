"""Make an installation, keep it, look after it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

import click

from tradeshall.config.cli.starting import LANGUAGE, plain_refusals, start_django


def _data() -> Path:
    return Path(os.environ.get("DATA", "data")).resolve()


def _addresses() -> tuple[str, str]:
    """Return where the pages' database and the ledger are, without Django, which `restore` cannot start yet."""
    data = _data()
    pages = os.environ.get("TRADESHALL_DATABASE") or f"sqlite:///{data / 'pages.sqlite3'}"
    return pages, os.environ.get("TRADESHALL_LEDGER") or f"sqlite:///{data / 'ledger.sqlite3'}"


@click.command()
@click.option("--code", help="Code of the federation, as spreadsheets will write it.")
@click.option("--name", help="Name of the federation.")
@click.option("--name-en", default="", help="Its English name.")
@click.option("--time-zone", help="Days turn at its midnight; such as Asia/Shanghai.")
@click.option("--admin-member-no", help="Member number of the first administrator.")
@click.option("--admin-name", help="Name of the first administrator.")
@click.option("--admin-phone", help="Phone with which the first administrator signs in.")
@click.option("--admin-email", default="", help="E-mail address of the first administrator.")
@LANGUAGE
def init(
    code: str | None,
    name: str | None,
    name_en: str,
    time_zone: str | None,
    admin_member_no: str | None,
    admin_name: str | None,
    admin_phone: str | None,
    admin_email: str,
    language: str | None,
) -> None:
    """Make an installation: folders, keys, databases, the federation, its first administrator.

    Asks for what is not given. Safe to run again: what is there stays, what is missing is made.
    """
    data = _data()
    for folder, mode in ((data, 0o750), (data / "keys", 0o700), (data / "media", 0o750)):
        folder.mkdir(parents=True, exist_ok=True, mode=mode)
    start_django(language)
    from django.conf import settings
    from django.core.management import call_command

    from tradeshall.core.authority import OPERATOR
    from tradeshall.core.keys import read_or_make_key
    from tradeshall.units.actions.tree import found_federation
    from tradeshall.units.queries import root_unit

    for key in ("pages", "master", "second_factor"):
        read_or_make_key(settings.DATA, key)
    call_command("migrate", verbosity=0)
    click.echo(f"Folders, keys and database are in {data}.")

    root = root_unit()
    if root is None:
        asks = not (code and name and time_zone)
        code = code or click.prompt("Code of the federation")
        name = name or click.prompt("Name of the federation")
        if asks:
            name_en = name_en or click.prompt("Its English name (may stay empty)", default="", show_default=False)
        time_zone = time_zone or click.prompt("Time zone", default="Asia/Shanghai", value_proc=_zone)
        with plain_refusals():
            root = found_federation(actor=OPERATOR, code=code, name=name, name_en=name_en, time_zone=time_zone)
        click.echo(f"Founded {root}.")
    elif code and code != root.code:
        raise click.ClickException(f"This installation is {root}. Choose another folder for {code}.")
    else:
        click.echo(f"{root} is there already.")
    with plain_refusals():
        _first_administrator(root, admin_member_no, admin_name, admin_phone, admin_email)


def _first_administrator(root: Any, member_no: str | None, name: str | None, phone: str | None, email: str) -> None:
    from tradeshall.core.authority import OPERATOR, Role
    from tradeshall.people.actions.members import add_member
    from tradeshall.people.actions.roles import give_role
    from tradeshall.people.models import Membership
    from tradeshall.units.models import Grant
    from tradeshall.units.queries import today

    lasting = Grant.objects.current().filter(
        role=Role.ADMINISTRATOR.value, unit=root, campaign_number="", until_at=None
    )
    if lasting.exists() and not member_no:
        click.echo("There is an administrator already.")
        return
    member_no = member_no or click.prompt("Member number of the first administrator")
    member = Membership.objects.select_related("account", "unit").filter(member_no=member_no).first()
    if member is None:
        name = name or click.prompt("Name of the first administrator")
        phone = phone or click.prompt("Phone of the first administrator", value_proc=_phone)
        member = add_member(
            actor=OPERATOR, unit=root, member_no=member_no, name=name, joined_on=today(), phone=phone, email=email
        )
    if member.account is not None and lasting.filter(account=member.account).exists():
        click.echo(f"{member.name} ({member_no}) is administrator already.")
        return
    give_role(actor=OPERATOR, membership=member, role=Role.ADMINISTRATOR, unit=root)
    click.echo(f"{member.name} ({member_no}) is administrator and signs in with the phone {member.phone}.")
    click.echo(
        "Next: `tradeshall check`, then `tradeshall serve`; the first visit to the console asks for a second factor."
    )


def _zone(text: str) -> str:
    """Return the name of a time zone; asked again when there is none of that name."""
    if text not in available_timezones():
        raise click.UsageError(f"There is no time zone “{text}”; write it as in Asia/Shanghai.")
    return text


def _phone(text: str) -> str:
    """Return a phone number; asked again when it cannot be one."""
    from tradeshall.people.rules import normal_phone

    if not normal_phone(text):
        raise click.UsageError(f"“{text}” is not a phone number.")
    return text


@click.command()
@LANGUAGE
def migrate(language: str | None) -> None:
    """Bring the database to this version."""
    start_django(language)
    from django.core.management import call_command

    call_command("migrate", verbosity=1)


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Replace the file if it is there.")
def backup(file: Path, force: bool) -> None:
    """Write the whole installation into one file (.tar.gz).

    Databases, ledger, keys and media, with a manifest of checksums. Members may go on answering meanwhile.
    The file holds the keys: keep it as safe as the installation itself.
    """
    from tradeshall.config.backups import BackupFailed, write_backup

    if file.exists() and not force:
        raise click.ClickException(f"{file} is there already; say --force to replace it.")
    try:
        manifest = write_backup(file.resolve(), _data(), *_addresses())
    except (BackupFailed, OSError) as error:
        raise click.ClickException(str(error)) from error
    size = sum(entry["bytes"] for entry in manifest["files"].values())
    click.echo(f"{file}: {len(manifest['files'])} files, {size / 1024**2:.1f} MB before compression.")
    given = [name for name in os.environ if name.startswith("TRADESHALL_") and name.endswith("_KEY")]
    if given:
        click.echo(f"Not in the backup, since the environment gives them: {', '.join(sorted(given))}.")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore(file: Path) -> None:
    """Bring a backup back into an empty DATA folder.

    Every checksum is verified before anything is put in place. With PostgreSQL, its databases must be empty too.
    """
    from tradeshall.config.backups import BackupFailed, restore_backup

    try:
        manifest = restore_backup(file.resolve(), _data(), *_addresses())
    except (BackupFailed, OSError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Restored what was backed up at {manifest['made_at']} into {_data()}. Run `tradeshall check` next.")


@click.command()
@LANGUAGE
def check(language: str | None) -> None:
    """Is this installation sound? Says what to do about each finding; exit status 1 if there is an error."""
    data = _data()
    if not data.is_dir():
        raise click.ClickException(f"{data} is not there. Run `tradeshall init`, or set DATA.")
    start_django(language)
    from tradeshall.config.soundness import Grade, look

    errors = 0
    for finding in look():
        errors += finding.grade is Grade.ERROR
        click.secho(f"{finding.grade.value:>8}  {finding.text}", bold=finding.grade is not Grade.OK)
    if errors:
        sys.exit(1)
    click.echo("This installation is sound.")
