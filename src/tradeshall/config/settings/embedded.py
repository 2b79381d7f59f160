"""One machine, one folder: SQLite and nothing else to run."""

from tradeshall.config.settings.base import *  # noqa: F403
from tradeshall.config.settings.base import DATA

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": DATA / "pages.sqlite3",
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 30,  # a writer waits out an import that is being applied
            "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA foreign_keys=ON;",
        },
    }
}
