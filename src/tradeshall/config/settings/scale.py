"""Many processes on many machines: PostgreSQL for rows, Redis for what all processes must count together."""

import os
from urllib.parse import unquote, urlsplit

from tradeshall.config.settings.base import *  # noqa: F403

_database = urlsplit(os.environ.get("TRADESHALL_DATABASE", "postgresql://127.0.0.1/tradeshall"))
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": _database.path.lstrip("/"),
        "USER": unquote(_database.username or ""),
        "PASSWORD": unquote(_database.password or ""),
        "HOST": _database.hostname or "",
        "PORT": _database.port or "",
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }
}
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": os.environ.get("TRADESHALL_REDIS", "redis://127.0.0.1:6379/0"),
    }
}
