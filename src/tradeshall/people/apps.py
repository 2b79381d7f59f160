from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PeopleConfig(AppConfig):
    name = "tradeshall.people"

    def ready(self) -> None:
        from tradeshall.core import authority
        from tradeshall.intake import ports as intake_ports
        from tradeshall.intake.texts import register_advice, register_columns
        from tradeshall.people import formats, permissions, queries, receivers, texts  # noqa: F401 (receivers register)
        from tradeshall.people.actions import accounts, roster
        from tradeshall.people.views import gate
        from tradeshall.units import ports as unit_ports
        from tradeshall.web import ports
        from tradeshall.web.access import SIGNED_IN
        from tradeshall.web.texts import register

        authority.declare(permissions.PERMISSIONS)
        unit_ports.role_sources.append(queries.held_as_member)
        unit_ports.end_checks.append(queries.check_no_members)
        unit_ports.count_members_of = queries.count_members_of
        unit_ports.names_of_accounts = queries.names_of_accounts
        register(texts.TEXTS)
        register_columns(texts.COLUMNS)
        register_advice(texts.ADVICE)
        ports.house_name = queries.house_name
        ports.remember_language = accounts.remember_language
        ports.gates.append(gate.ask_for_second_factor)
        ports.desk_ticket_sources.append(gate.tickets)
        ports.member_entries.append(ports.NavigationEntry(_("My page"), "people:me", "user", SIGNED_IN, 90))
        ports.console_entries.append(
            ports.NavigationEntry(_("People"), "people:member_list", "identification-card", "people:member:view", 30)
        )
        intake_ports.add_file_kind(
            intake_ports.FileKind(
                "roster",
                _("Roster"),
                _("The people of units, found by member number. People missing from the file stay as they are."),
                "people:member:import",
                tuple(formats.HEADINGS),
                lambda actor, file, name: roster.import_roster(actor=actor, file=file, name=name, dry_run=True),
                lambda actor, run, skip: roster.apply_roster(actor=actor, run=run, skip_refused=skip),
                formats.TEMPLATE,
                30,
                invitation=_("Bring in the roster"),
            )
        )
