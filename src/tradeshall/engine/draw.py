"""Prize draws that anybody can check: the sealed list of tickets, the seed, and who is drawn.

    ticket      = 16 random bytes, written as 32 lowercase hex digits; one a participant, issued at the sealing
    sealed list = the tickets in ascending order, published as text, one a line, each line ended by \\n
    root        = RFC 9162 root over leaves SHA-256(00 ‖ ticket)
    randomness  = `name=value` in the order announced, in UTF-8 and NFC, joined by \\n, with none at the end
    seed        = SHA-256("tradeshall/draw/1" ‖ 00 ‖ root ‖ length of randomness (u32, big-endian) ‖ randomness)
    score       = SHA-256(seed ‖ ticket); the lowest scores win in the order of the prizes, the next are reserves

The list stands before the randomness exists, so nobody can choose tickets to suit it; there is no modulo and so
no bias; one hash checks one's own ticket. Everything here takes tickets in blocks, and works on ten million.
"""

from __future__ import annotations

import hashlib
import secrets
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, BinaryIO

from tradeshall.core.signing import canonical

FORMAT = "tradeshall/draw/1"
LABEL = FORMAT.encode() + b"\x00"
TICKET_BYTES = 16
LINE_BYTES = 2 * TICKET_BYTES + 1
BLOCK_TICKETS = 1 << 16
"""How many tickets are worked on at a time: some megabytes of memory, whatever the length of the list."""

_sha256 = hashlib.sha256


class BadDraw(ValueError):
    """A list, a ticket or a result of the randomness is not as it has to be."""


def new_ticket() -> str:
    """Return a ticket nobody can guess."""
    return secrets.token_hex(TICKET_BYTES)


def ticket_bytes(ticket: str) -> bytes:
    """Return the 16 bytes of a ticket; raises BadDraw for anything but 32 lowercase hex digits."""
    try:
        raw = bytes.fromhex(ticket)
    except ValueError as error:
        raise BadDraw("a ticket has 32 hexadecimal digits") from error
    if len(raw) != TICKET_BYTES or raw.hex() != ticket:
        raise BadDraw("a ticket has 32 lowercase hexadecimal digits")
    return raw


class ListRoot:
    """The RFC 9162 root of a list of tickets that is added in order, block by block.

    It keeps one hash for every whole subtree, so a list of any length takes no more than a block of memory.
    """

    def __init__(self) -> None:
        self.count = 0
        self._last = b""
        self._subtrees: list[tuple[int, bytes]] = []  # (leaves, hash), the larger first

    def add(self, tickets: bytes) -> None:
        """Add packed tickets; raises BadDraw unless all are in ascending order, none twice."""
        size = TICKET_BYTES
        if len(tickets) % size:
            raise BadDraw("half a ticket")
        packed = [tickets[at : at + size] for at in range(0, len(tickets), size)]
        before = self._last
        for ticket in packed:
            if ticket <= before:
                raise BadDraw("the tickets are not in ascending order, or one stands there twice")
            before = ticket
        at = 0
        while at < len(packed):
            # As many leaves as make a whole subtree that begins where the list has come to.
            room = self.count & -self.count or 1 << 62
            take = min(room, 1 << ((len(packed) - at).bit_length() - 1), BLOCK_TICKETS)
            self._push(take, _whole_subtree(packed[at : at + take]))
            at += take
        self._last = before

    def _push(self, leaves: int, root: bytes) -> None:
        self.count += leaves
        while self._subtrees and self._subtrees[-1][0] == leaves:
            _, left = self._subtrees.pop()
            leaves, root = 2 * leaves, _sha256(b"\x01" + left + root).digest()
        self._subtrees.append((leaves, root))

    def root(self) -> bytes:
        """Return the root; that of no tickets is the hash of nothing."""
        if not self._subtrees:
            return _sha256(b"").digest()
        reached = self._subtrees[-1][1]
        for _, left in reversed(self._subtrees[:-1]):
            reached = _sha256(b"\x01" + left + reached).digest()
        return reached


def _whole_subtree(tickets: Sequence[bytes]) -> bytes:
    level = [_sha256(b"\x00" + ticket).digest() for ticket in tickets]
    while len(level) > 1:
        level = [
            _sha256(b"\x01" + left + right).digest() for left, right in zip(level[::2], level[1::2], strict=True)
        ]
    return level[0]


def seal_list(blocks: Iterable[bytes]) -> tuple[bytes, int]:
    """Return root and length of the list whose packed tickets come in blocks, in ascending order."""
    tree = ListRoot()
    for block in blocks:
        tree.add(block)
    return tree.root(), tree.count


def randomness_bytes(results: Iterable[tuple[str, str]]) -> bytes:
    """Return the bytes that the events' names and values make; raises BadDraw for what has no one form."""
    lines = []
    for name, value in results:
        if not name or not value or "=" in name or any(ord(sign) < 32 for sign in name + value):
            raise BadDraw("a result has a name without = and a value, both on one line")
        lines.append(f"{name}={value}")
    if not lines:
        raise BadDraw("a draw needs the result of at least one event")
    return unicodedata.normalize("NFC", "\n".join(lines)).encode()


def seed_of(root: bytes, randomness: bytes) -> bytes:
    """Return the seed of a draw."""
    return _sha256(LABEL + root + len(randomness).to_bytes(4, "big") + randomness).digest()


def score_of(seed: bytes, ticket: bytes) -> bytes:
    """Return the score of a ticket; the lowest wins."""
    return _sha256(seed + ticket).digest()


def draw(blocks: Iterable[bytes], seed: bytes, count: int) -> list[bytes]:
    """Return the `count` tickets with the lowest scores, lowest first; all of them if there are fewer."""
    size, sha256 = TICKET_BYTES, _sha256
    best: list[tuple[bytes, bytes]] = []
    bound = b"\xff" * 33  # above every score
    if count <= 0:
        return []
    for block in blocks:
        found = [
            (score, block[at : at + size])
            for at in range(0, len(block), size)
            if (score := sha256(seed + block[at : at + size]).digest()) <= bound
        ]
        if found:
            best = sorted(best + found)[:count]
            if len(best) == count:
                bound = best[-1][0]
    return [ticket for _, ticket in best]


def list_lines(block: bytes) -> bytes:
    """Return the lines of the list file that packed tickets make."""
    digits = block.hex()
    width = 2 * TICKET_BYTES
    return "".join([digits[at : at + width] + "\n" for at in range(0, len(digits), width)]).encode()


def read_list(file: BinaryIO) -> Iterator[bytes]:
    """Yield the packed tickets of a list file in blocks; raises BadDraw where a line is no ticket."""
    line = 1
    while chunk := file.read(LINE_BYTES * BLOCK_TICKETS):
        count, rest = divmod(len(chunk), LINE_BYTES)
        ends = chunk[LINE_BYTES - 1 :: LINE_BYTES]
        digits = chunk.replace(b"\n", b"")
        if rest or ends != b"\n" * count or len(digits) != 2 * TICKET_BYTES * count:
            raise BadDraw(f"from line {line}: every line is 32 digits and a line feed")
        try:
            block = bytes.fromhex(digits.decode("ascii"))
        except ValueError as error:
            raise BadDraw(f"from line {line}: not hexadecimal") from error
        if block.hex().encode() != digits:
            raise BadDraw(f"from line {line}: the digits are lowercase")
        yield block
        line += count


def draw_file(
    *,
    contest: str,
    title: str,
    root: bytes,
    count: int,
    prizes: Sequence[tuple[str, int]],
    randomness: Sequence[tuple[str, str]],
    announced_at_ms: int,
    sealed_at_ms: int,
    drawn_at_ms: int,
    winners: Sequence[str],
    reserves: Sequence[str],
) -> bytes:
    """Return the file that is signed and published: canonical JSON, its winners in the order of the prizes."""
    return canonical(
        {
            "format": FORMAT,
            "contest": contest,
            "title": title,
            "root": root.hex(),
            "count": count,
            "prizes": [{"name": name, "count": number} for name, number in prizes],
            "randomness": [{"name": name, "value": value} for name, value in randomness],
            "announced_at_ms": announced_at_ms,
            "sealed_at_ms": sealed_at_ms,
            "drawn_at_ms": drawn_at_ms,
            "winners": list(winners),
            "reserves": list(reserves),
        }
    )


def check_draw(document: dict[str, Any], blocks: Iterable[bytes]) -> list[str]:
    """Return what does not agree between a draw file and the tickets of its list; nothing if all of it does.

    One pass: the root tells whether these are the tickets the seed was made over.
    """
    if document.get("format") != FORMAT:
        return ["this is no draw file"]
    wanted = [*document["winners"], *document["reserves"]]
    results = [(one["name"], one["value"]) for one in document["randomness"]]
    seed = seed_of(bytes.fromhex(document["root"]), randomness_bytes(results))
    tree = ListRoot()

    def counted() -> Iterator[bytes]:
        for block in blocks:
            tree.add(block)
            yield block

    drawn = [ticket.hex() for ticket in draw(counted(), seed, max(len(wanted), 1))][: len(wanted)]
    found = []
    if tree.root().hex() != document["root"]:
        found.append("the list is not the one whose root was published")
    if tree.count != document["count"]:
        found.append("the list does not have as many tickets as the draw says")
    if drawn != wanted:
        found.append("other tickets win with this list and this randomness")
    if len(document["winners"]) != min(sum(prize["count"] for prize in document["prizes"]), tree.count):
        found.append("there are not as many winners as prizes")
    return found
