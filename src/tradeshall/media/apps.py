from __future__ import annotations

from django.apps import AppConfig


class MediaConfig(AppConfig):
    name = "tradeshall.media"

    def ready(self) -> None:
        from tradeshall.media import texts
        from tradeshall.web.texts import register

        register(texts.TEXTS)
