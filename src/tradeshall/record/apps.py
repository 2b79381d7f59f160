from __future__ import annotations

from django.apps import AppConfig


class RecordConfig(AppConfig):
    name = "tradeshall.record"

    def ready(self) -> None:
        from tradeshall.record import receivers  # noqa: F401 (receivers register themselves)
