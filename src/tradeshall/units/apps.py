from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class UnitsConfig(AppConfig):
    name = "tradeshall.units"

    def ready(self) -> None:
        from tradeshall.core import authority
        from tradeshall.intake import ports as intake_ports
        from tradeshall.intake.texts import register_advice, register_columns
        from tradeshall.units import formats, permissions, queries, texts
        from tradeshall.units.actions import imports
        from tradeshall.web import ports
        from tradeshall.web.texts import register

        authority.install(permissions.GrantAuthority())
        authority.declare(permissions.PERMISSIONS)
        intake_ports.paths_of = permissions.paths_of
        ports.zone = queries.federation_zone
        register(texts.TEXTS)
        register_columns(texts.COLUMNS)
        register_advice(texts.ADVICE)
        ports.console_entries.append(
            ports.NavigationEntry(_("Units"), "units:unit_list", "tree-structure", "units:unit:view", 20)
        )
        intake_ports.add_file_kind(
            intake_ports.FileKind(
                "units",
                _("Units"),
                _("Codes, names and what stands beneath what. Units missing from the file stay as they are."),
                "units:unit:import",
                tuple(formats.HEADINGS),
                lambda actor, file, name: imports.import_units(actor=actor, file=file, name=name, dry_run=True),
                lambda actor, run, skip: imports.apply_units(actor=actor, run=run, skip_refused=skip),
                formats.TEMPLATE,
                20,
            )
        )
