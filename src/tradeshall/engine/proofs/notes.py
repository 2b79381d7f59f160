"""Checkpoints: the size and root of the log, as signed notes in the form that witnesses elsewhere understand.

    origin ⏎ size ⏎ base64(root) ⏎ at <milliseconds> ⏎ ⏎ — <origin> <base64(key id (4 bytes) ‖ signature (64))> ⏎

The signature is Ed25519 over everything up to and with the line feed before the empty line; the key id is the head
of SHA-256(origin ‖ 0A ‖ 01 ‖ public key). (C2SP signed-note and tlog-checkpoint; the line `at` is an extension line.)
A cosignature of a witness is one more line at the end; those under other names are left for others to check.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

LOG_PURPOSE = "proofs/log"
SIGN = "— "
_BODY = re.compile(r"([!-*,-~]{1,200})\n(0|[1-9][0-9]{0,14})\n([A-Za-z0-9+/]{43}=)\nat (0|[1-9][0-9]{0,14})\n")
_LINE = re.compile(r"— ([!-*,-~]{1,200}) ([A-Za-z0-9+/]+={0,2})")


class BadNote(ValueError):
    """The text is not a checkpoint."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a checkpoint says; `signatures` are (name, key id and signature)."""

    origin: str
    size: int
    root: bytes
    at_ms: int
    signatures: tuple[tuple[str, bytes], ...] = ()

    @property
    def body(self) -> bytes:
        """The bytes that are signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\nat {self.at_ms}\n".encode()

    def signed_under(self, public: bytes) -> bool:
        """Answer whether the log's own signature is among the signatures, and right."""
        wanted = key_id(self.origin, public)
        found = [value for name, value in self.signatures if name == self.origin and value[:4] == wanted]
        return len(found) == 1 and len(found[0]) == 68 and holds(public, found[0][4:], self.body)


def key_id(origin: str, public: bytes) -> bytes:
    """Return the four bytes by which a signature line names its key."""
    return hashlib.sha256(origin.encode() + b"\n\x01" + public).digest()[:4]


def origin_of(public: bytes) -> str:
    """Return the name of the log that signs under a key: its own, since it holds part of the key's hash."""
    return "tradeshall/log/" + hashlib.sha256(public).hexdigest()[:16]


def holds(public: bytes, signature: bytes, message: bytes) -> bool:
    """Answer whether an Ed25519 signature is right."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


class LogSigner:
    """Holds the log's key and signs checkpoints."""

    def __init__(self, seed: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = self._key.public_key().public_bytes_raw()
        self.origin = origin_of(self.public)

    def checkpoint(self, size: int, root: bytes, at_ms: int) -> str:
        """Return the signed note for a size and root."""
        body = Checkpoint(self.origin, size, root, at_ms).body
        signature = key_id(self.origin, self.public) + self._key.sign(body)
        return f"{body.decode()}\n{SIGN}{self.origin} {base64.b64encode(signature).decode()}\n"


def read_checkpoints(text: str) -> list[Checkpoint]:
    """Return the checkpoints of a text, one after another; raises BadNote where it is anything else."""
    found: list[Checkpoint] = []
    at = 0
    while at < len(text):
        body = _BODY.match(text, at)
        if not body:
            raise BadNote("not a checkpoint")
        at = body.end()
        if text[at : at + 1] != "\n":
            raise BadNote("an empty line stands before the signatures")
        at += 1
        signatures = []
        while text.startswith(SIGN, at):
            end = text.find("\n", at)
            line = _LINE.fullmatch(text, at, end) if end >= 0 else None
            if not line:
                raise BadNote("not a signature line")
            signatures.append((line[1], _unbase64(line[2])))
            at = end + 1
        if not signatures:
            raise BadNote("a checkpoint without a signature")
        found.append(Checkpoint(body[1], int(body[2]), _unbase64(body[3]), int(body[4]), tuple(signatures)))
        if at < len(text):
            if text[at] != "\n" or at + 1 == len(text):
                raise BadNote("one empty line stands between two checkpoints, and none at the end")
            at += 1
    if not found:
        raise BadNote("no checkpoint")
    return found


def read_checkpoint(text: str) -> Checkpoint:
    """Return the one checkpoint of a text; raises BadNote unless it is one."""
    found = read_checkpoints(text)
    if len(found) != 1:
        raise BadNote("more than one checkpoint")
    return found[0]


def _unbase64(text: str) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise BadNote("not base64") from error
    if base64.b64encode(raw).decode() != text:
        raise BadNote("not the one base64 of these bytes")
    return raw
