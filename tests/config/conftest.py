"""A ledger of its own for every test that needs one."""

from __future__ import annotations

from tests.factories.ledgers import ledger_path, writer

__all__ = ["ledger_path", "writer"]
