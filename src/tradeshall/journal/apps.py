from __future__ import annotations

from django.apps import AppConfig


class JournalConfig(AppConfig):
    name = "tradeshall.journal"

    def ready(self) -> None:
        from tradeshall.core.authority import declare
        from tradeshall.journal import permissions

        declare(permissions.PERMISSIONS)
