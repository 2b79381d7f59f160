"""Find the ledger behind an address."""

from __future__ import annotations

from tradeshall.engine.ledger.interface import Ledger


def open_ledger(url: str) -> Ledger:
    """Return the ledger at `sqlite:////absolute/path` or `postgresql://…`, its tables made if absent."""
    scheme = url.partition(":")[0]
    if scheme == "sqlite":
        from tradeshall.engine.ledger.sqlite import SqliteLedger

        return SqliteLedger.from_url(url)
    if scheme in ("postgresql", "postgres"):
        from tradeshall.engine.ledger.postgresql import PostgresqlLedger

        return PostgresqlLedger(url)
    raise ValueError(f"no ledger is kept in {scheme!r}; use sqlite:////absolute/path or postgresql://…")
