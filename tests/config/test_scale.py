"""Several web processes count one phone's requests together, in Redis."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
from pathlib import Path

import pytest

SRC = Path(__file__).parents[2] / "src"
ASK = """
import sys, django
django.setup()
from allauth.core import ratelimit
from django.test import RequestFactory
print(bool(ratelimit.consume(RequestFactory().post("/"), action="request_login_code", key=sys.argv[1])))
"""


def redis_answers() -> bool:
    try:
        with socket.create_connection(("127.0.0.1", 6379), timeout=2):
            return True
    except OSError:
        return False


@pytest.fixture(autouse=True)
def _redis() -> None:
    if not redis_answers():
        if os.environ.get("CI") == "true":
            pytest.fail("Redis is absent")
        pytest.skip("Redis is absent")


def ask(phone: str, cache: str, data: Path) -> bool:
    """Ask for a code in a process of its own; answers whether the limit lets it through."""
    done = subprocess.run(
        [sys.executable, "-c", ASK, phone],
        env={
            **os.environ,
            "DATA": str(data),
            "PYTHONPATH": str(SRC),
            "DJANGO_SETTINGS_MODULE": f"tradeshall.config.settings.{cache}",
            "TRADESHALL_REDIS": "redis://127.0.0.1:6379/9",
        },
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip() == "True"


@pytest.mark.redis
def test_a_second_process_knows_what_the_first_has_counted(tmp_path: Path) -> None:
    phone = secrets.token_hex(8)
    assert ask(phone, "scale", tmp_path)
    assert not ask(phone, "scale", tmp_path)  # one code in thirty seconds, whichever process is asked


@pytest.mark.redis
def test_without_a_shared_cache_each_process_counts_alone(tmp_path: Path) -> None:
    """The control: the cache of one machine lets the second process through."""
    phone = secrets.token_hex(8)
    assert ask(phone, "embedded", tmp_path)
    assert ask(phone, "embedded", tmp_path)
