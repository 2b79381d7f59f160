"""Give and end roles from the command line."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import click

from tradeshall.config.cli.starting import LANGUAGE, find_unit, plain_refusals, start_django

ROLES = ["administrator", "organiser", "item_editor", "auditor"]


@click.command("grant-role")
@click.argument("member_no")
@click.argument("role", type=click.Choice(ROLES))
@click.option("--unit", "unit_code", help="Code of the unit.  [default: the federation]")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Last day of the role.  [default: no end]")
@click.option("--end", "ends", is_flag=True, help="End the role instead.")
@LANGUAGE
def grant_role(
    member_no: str, role: str, unit_code: str | None, until: datetime | None, ends: bool, language: str | None
) -> None:
    """Give a member a role in a unit and everything beneath it, or end it.

    The member need not have signed in yet: the phone on the roster opens the role. Giving a role that is held, or
    ending one that is not, changes nothing.
    """
    start_django(language)
    from tradeshall.core.authority import OPERATOR, Role
    from tradeshall.people.actions.roles import give_role
    from tradeshall.people.models import Membership
    from tradeshall.units.actions.grants import end_grant
    from tradeshall.units.models import Grant
    from tradeshall.units.queries import federation_zone

    unit = find_unit(unit_code)
    member = Membership.objects.select_related("account", "unit").filter(member_no=member_no).first()
    if member is None:
        raise click.ClickException(f"There is no member with the number {member_no}.")
    held = Grant.objects.none()
    if member.account is not None:
        held = Grant.objects.current().filter(account=member.account, role=role, unit=unit, campaign_number="")
    with plain_refusals():
        if ends:
            for grant in held.select_related("unit"):
                end_grant(actor=OPERATOR, grant=grant)
                click.echo(f"{member.name} ({member_no}) is no longer {role} of {unit.code} {unit.name}.")
                return
            click.echo(f"{member.name} ({member_no}) is not {role} of {unit.code} {unit.name}.")
            return
        if held.exists():
            click.echo(f"{member.name} ({member_no}) is {role} of {unit.code} {unit.name} already.")
            return
        until_at = None
        if until is not None:
            until_at = datetime.combine(until.date() + timedelta(days=1), time(), federation_zone())
        give_role(actor=OPERATOR, membership=member, role=Role(role), unit=unit, until_at=until_at)
        click.echo(f"{member.name} ({member_no}) is {role} of {unit.code} {unit.name}.")
