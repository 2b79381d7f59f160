"""The tests: a folder of their own, SQLite, or PostgreSQL with TRADESHALL_TEST_DATABASE=postgres."""

import os
import tempfile
import typing

os.environ.setdefault("DATA", tempfile.mkdtemp(prefix="tradeshall-test-"))

from tradeshall.config.settings.base import *  # noqa: F403
from tradeshall.config.settings.base import STORAGES

if os.environ.get("TRADESHALL_TEST_DATABASE") == "postgres":
    DATABASES: dict[str, typing.Any] = {
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": os.environ.get("TRADESHALL_TEST_DATABASE_NAME", "tradeshall"),
            "USER": os.environ.get("TRADESHALL_TEST_DATABASE_USER", "postgres"),
            "HOST": "127.0.0.1",
        }
    }
else:
    from tradeshall.config.settings import embedded

    DATABASES = embedded.DATABASES
    # A file, as in production: in memory, threads would meet on a table's lock instead of waiting their turn.
    DATABASES["default"]["TEST"] = {"NAME": str(embedded.DATA / "test.sqlite3")}

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True
STRICT_TEXTS = True
DEMO = False
TRADESHALL_SMS = "tradeshall.people.ports.MemorySms"
TRADESHALL_REQUIRE_TOTP = False
