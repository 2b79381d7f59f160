"""Servers to compare with: `servers.py hello PORT`, `servers.py django PORT`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from tradeshall.config import engine_server


class Hello:
    """The least Granian can answer over RSGI: the body is read, five bytes go back."""

    async def begin(self) -> None: ...
    async def end(self) -> None: ...

    async def __rsgi__(self, scope: Any, proto: Any) -> None:
        await proto()
        proto.response_bytes(200, [("content-type", "text/plain")], b"hello")


def django_application() -> Any:
    """A plain Django view that reads JSON and writes one row, synchronously committed, without middleware."""
    import django
    from django.conf import settings

    settings.configure(
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF="benchmarks.servers",
        SECRET_KEY="measured",
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": Path(os.environ["DATA"]) / "rows.sqlite3",
                "CONN_MAX_AGE": None,
                "OPTIONS": {
                    "transaction_mode": "IMMEDIATE",
                    "timeout": 20,
                    "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;",
                },
            }
        },
    )
    django.setup()
    from django.core.wsgi import get_wsgi_application
    from django.db import connection, models
    from django.http import HttpResponse, JsonResponse
    from django.urls import path

    class Row(models.Model):  # noqa: DJ008 never shown
        body = models.JSONField()

        class Meta:
            app_label = "measured"

    with connection.schema_editor() as editor:
        editor.create_model(Row)

    def write(request: Any) -> Any:
        import json

        return JsonResponse({"id": Row.objects.create(body=json.loads(request.body)).pk})

    from benchmarks import servers  # this very file, under the name that settings know it by

    servers.urlpatterns = [path("row", write), path("", lambda request: HttpResponse("here"))]
    return get_wsgi_application()


urlpatterns: list[Any] = []


if __name__ == "__main__":
    if sys.argv[1] == "hello":
        application: Any = Hello()
    else:
        from tradeshall.config.one_port import OnePort

        application = OnePort(django_application(), threads=4)
    engine_server.serve(application, "127.0.0.1", int(sys.argv[2]))
