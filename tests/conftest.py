"""What every test stands on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from tests.browser import chromium, open_page, page, sign_in

__all__ = ["chromium", "open_page", "page", "sign_in"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run browser tests last: once started, a browser keeps an event loop in the thread where others start theirs."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


@pytest.fixture(autouse=True)
def _cold_cache() -> None:
    """Start every test with an empty cache, so that none lives on what another left."""
    cache.clear()


@pytest.fixture(autouse=True, scope="session")
def _let_the_test_database_be_emptied() -> Iterator[None]:
    """Between tests that commit, Django empties every table; step round our triggers for that alone."""
    from django.db import connection

    operations = type(connection.ops)
    empty = operations.sql_flush

    def around(self: Any, style: Any, tables: Any, **options: Any) -> list[str]:
        statements: list[str] = empty(self, style, tables, **options)
        guarded = [table for table in GUARDED if table in tables]
        if not guarded or not statements:
            return statements
        if connection.vendor == "postgresql":
            return [
                *(f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in guarded),
                *statements,
                *(f"ALTER TABLE {table} ENABLE TRIGGER USER" for table in guarded),
            ]
        with connection.cursor() as cursor:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            triggers = cursor.fetchall()
        return [*(f"DROP TRIGGER {name}" for name, _ in triggers), *statements, *(sql for _, sql in triggers)]

    operations.sql_flush = around
    yield
    operations.sql_flush = empty


GUARDED = (
    "journal_entry",
    "contests_round",
    "contests_roundpack",
    "contests_section",
    "contests_section_pools",
    "contests_logentry",
    "contests_checkpoint",
    "contests_publishedfile",
    "contests_publishedpart",
)
"""Tables whose triggers refuse to let rows go."""
