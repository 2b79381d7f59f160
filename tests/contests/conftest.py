"""A ledger of its own for every test that needs one, and an engine upon it."""

from __future__ import annotations

from tests.factories.engines import engine
from tests.factories.ledgers import ledger_path, writer

__all__ = ["engine", "ledger_path", "writer"]
