"""Signed tokens: canonical JSON with an HMAC-SHA256, under a key of one purpose.

A token is `<payload>.<mac>`, both base64url without padding. The key of a purpose is derived from a master
key with HKDF-SHA256 (RFC 5869), so a token made for one purpose is never accepted for another.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode
from binascii import a2b_base64
from typing import Any

import orjson

_FROM_URL = bytes.maketrans(b"-_", b"+/")


class BadToken(ValueError):
    """The token was not made by us for this purpose, or was changed on the way."""


def canonical(value: object) -> bytes:
    """Return the JSON of a value in its one canonical form: sorted keys, no spaces, UTF-8."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def derive_key(master: bytes, purpose: str) -> bytes:
    """Return the 32-byte key of a purpose (HKDF-SHA256 with an empty salt and one block)."""
    extracted = hmac.digest(bytes(32), master, "sha256")
    return hmac.digest(extracted, purpose.encode() + b"\x01", "sha256")


def b64(value: bytes) -> str:
    """Return base64url without padding."""
    return urlsafe_b64encode(value).rstrip(b"=").decode()


def unb64(value: str) -> bytes:
    """Return the bytes behind base64url without padding; raises ValueError on anything else."""
    return a2b_base64(value.encode().translate(_FROM_URL) + b"=" * (-len(value) % 4))


def sign(payload: object, key: bytes) -> str:
    """Return a token for a payload."""
    body = canonical(payload)
    return b64(body) + "." + b64(hmac.digest(key, body, "sha256"))


def unsign(token: str, key: bytes) -> Any:
    """Return the payload of a token; raises BadToken unless the key made it."""
    try:
        head, _, tail = token.partition(".")
        body, mac = unb64(head), unb64(tail)
    except ValueError as error:
        raise BadToken("not a token") from error
    if not hmac.compare_digest(mac, hmac.digest(key, body, "sha256")):
        raise BadToken("the signature does not match")
    return orjson.loads(body)


def sha256(*parts: bytes) -> bytes:
    """Return SHA-256 over the parts, one after another."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.digest()
