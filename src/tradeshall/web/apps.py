from __future__ import annotations

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "tradeshall.web"

    def ready(self) -> None:
        from tradeshall.core import authority
        from tradeshall.web.permissions import PERMISSIONS

        authority.declare(PERMISSIONS)
