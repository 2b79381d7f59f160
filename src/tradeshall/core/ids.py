"""Identifiers and secrets that cannot be guessed."""

from __future__ import annotations

import secrets

MOST_DIGITS = 18  # what both databases hold, with room to spare
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def random_number() -> int:
    """Return a random positive 63-bit number, which both databases hold as a big integer."""
    return secrets.randbits(63) or 1


def random_key() -> bytes:
    """Return 32 random bytes."""
    return secrets.token_bytes(32)


def readable_code(length: int = 8) -> str:
    """Return random characters of Crockford's base 32 (no I, L, O, U), five bits each."""
    return "".join(secrets.choice(CROCKFORD) for _ in range(length))


def parse_number(text: str) -> int | None:
    """Return the number that text from outside spells in plain digits; None for anything else.

    `str.isdigit` alone is true of ² too, and of more digits than a database or `int` itself takes.
    """
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS else None
