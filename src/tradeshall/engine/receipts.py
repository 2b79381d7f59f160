"""Receipts: the leaf of a finished attempt, the tree over one group commit, and its one signature.

    answers hash = SHA-256(salt ‖ canonical JSON of the responses)
    score hash   = SHA-256(score salt ‖ canonical JSON of [score, max])
    leaf         = SHA-256(00 ‖ canonical JSON of the receipt's body)      (RFC 9162, as are nodes and paths)
    signed bytes = "tradeshall/batch/1" ‖ 00 ‖ length of writer (u16) ‖ writer ‖ batch number (u64)
                   ‖ leaves (u32) ‖ at_ms (u64) ‖ root, under Ed25519

The salt is 128 random bits. The score has a salt of its own, which the participant learns together with the
score: with one salt for both, whoever knows the answers could try every score against the hash while results
are still withheld.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from functools import lru_cache
from struct import Struct
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from tradeshall.core.signing import canonical

BATCH_LABEL = b"tradeshall/batch/1\x00"
_LENGTH = Struct(">H")
_BATCH = Struct(">QIQ")
_sha256 = hashlib.sha256


def leaf_hash(content: bytes) -> bytes:
    """Return the RFC 9162 hash of a leaf."""
    return _sha256(b"\x00" + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the RFC 9162 hash of an inner node."""
    return _sha256(b"\x01" + left + right).digest()


def tree_levels(leaves: Sequence[bytes]) -> list[list[bytes]]:
    """Return the levels of the tree, leaves first, root last; a node without a sibling moves up as it is.

    That is the RFC 9162 tree: its left half is the largest power of two.
    """
    level = list(leaves)
    levels = [level]
    while len(level) > 1:
        above = [_sha256(b"\x01" + level[i] + level[i + 1]).digest() for i in range(0, len(level) - 1, 2)]
        if len(level) % 2:
            above.append(level[-1])
        levels.append(above)
        level = above
    return levels


def tree_root(levels: Sequence[Sequence[bytes]]) -> bytes:
    """Return the root; that of no leaves is the hash of nothing."""
    return levels[-1][0] if levels[-1] else _sha256(b"").digest()


def inclusion_path(levels: Sequence[Sequence[bytes]], index: int) -> list[bytes]:
    """Return the siblings from a leaf up to the root."""
    path = []
    for level in levels[:-1]:
        sibling = index ^ 1
        if sibling < len(level):
            path.append(level[sibling])
        index >>= 1
    return path


def root_from_path(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """Return the root that a leaf and its path lead to (RFC 9162, 2.1.3.2); raises ValueError if none."""
    if not 0 <= index < size:
        raise ValueError("the index is outside the tree")
    node, last, reached = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            raise ValueError("the path is too long")
        if node & 1 or node == last:
            reached = node_hash(sibling, reached)
            while not node & 1 and node:
                node >>= 1
                last >>= 1
        else:
            reached = node_hash(reached, sibling)
        node >>= 1
        last >>= 1
    if last:
        raise ValueError("the path is too short")
    return reached


def batch_bytes(writer: str, number: int, leaves: int, at_ms: int, root: bytes) -> bytes:
    """Return the bytes that are signed for a group commit."""
    name = writer.encode()
    return BATCH_LABEL + _LENGTH.pack(len(name)) + name + _BATCH.pack(number, leaves, at_ms) + root


def salted_hash(salt: bytes, value: object) -> str:
    """Return the hex SHA-256 over a salt and a value's canonical JSON."""
    return _sha256(salt + canonical(value)).hexdigest()


def score_salt(key: bytes, salt: bytes) -> bytes:
    """Return the salt of the score, which only the engine can derive from the receipt's own."""
    return hmac.digest(key, salt, "sha256")[:16]


class Signer:
    """Holds the receipt key and signs batches."""

    def __init__(self, seed: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = self._key.public_key().public_bytes_raw()
        self.public_hex = self.public.hex()

    def sign(self, message: bytes) -> bytes:
        return self._key.sign(message)


@lru_cache(maxsize=16)
def _public_key(raw: bytes) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(raw)


def verify_receipt(receipt: dict[str, Any], public: bytes) -> bool:
    """Answer whether a receipt, as the engine gave it, leads from its body to a root signed under the key."""
    try:
        body, batch = receipt["body"], receipt["batch"]
        leaf = leaf_hash(canonical(body))
        path = [bytes.fromhex(step) for step in receipt["path"]]
        root = root_from_path(leaf, receipt["index"], batch["leaves"], path)
        signed = batch_bytes(batch["writer"], batch["number"], batch["leaves"], batch["at_ms"], root)
        _public_key(public).verify(bytes.fromhex(batch["signature"]), signed)
    except (InvalidSignature, KeyError, TypeError, ValueError):
        return False
    return bool(root.hex() == batch["root"])
