from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IntakeConfig(AppConfig):
    name = "tradeshall.intake"

    def ready(self) -> None:
        from tradeshall.core.authority import declare
        from tradeshall.intake import permissions, texts
        from tradeshall.web import ports
        from tradeshall.web.texts import register

        declare(permissions.PERMISSIONS)
        register(texts.TEXTS)
        ports.console_entries.append(
            ports.NavigationEntry(_("Imports"), "intake:run_list", "upload-simple", "intake:run:view", 40)
        )
