"""Sealed lists and draws, worked through in blocks: ten million tickets take a minute and little memory.

    list  = the tickets, 32 lowercase hexadecimal digits each, ascending, one a line, each line ended by a line feed
    root  = RFC 9162 root over SHA-256(00 ‖ ticket)
    seed  = SHA-256("tradeshall/draw/1" ‖ 00 ‖ root ‖ length (u32) ‖ randomness)
    score = SHA-256(seed ‖ ticket); the lowest win, of equal ones the lower ticket

Written from the specification and not from `engine/draw.py`, which makes the draws: what is checked with the code
that made it is not checked.
"""

from __future__ import annotations

import hashlib
import heapq
import os
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from typing import Any, BinaryIO

from tradeshall.engine.proofs.reading import Source, Unreadable
from tradeshall.engine.proofs.tree import Frontier

LABEL = b"tradeshall/draw/1\x00"
TICKET = 16
LINE = 33
BLOCK = 1 << 17
"""Tickets a block: a power of two, so that every block but the last is a whole subtree of the list."""

MANY = 1 << 20
_HEX = re.compile(rb"[0-9a-f]*")
_sha256 = hashlib.sha256

Winner = tuple[bytes, bytes]
"""(score, ticket)"""
Wanted = tuple[bytes, int]
"""(seed, how many of the lowest)"""


@dataclass(slots=True)
class ListRead:
    """What one pass over a list found; `lowest` has a row for each seed that was asked for."""

    count: int = 0
    root: bytes = b""
    lowest: list[list[bytes]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Block:
    count: int
    first: bytes
    last: bytes
    subtrees: list[tuple[int, bytes]]
    lowest: list[list[Winner]]


def seed_of(root: bytes, randomness: bytes) -> bytes:
    """Return the seed of a draw."""
    return _sha256(LABEL + root + len(randomness).to_bytes(4, "big") + randomness).digest()


def randomness_of(results: Any) -> bytes:
    """Return the bytes that the announced results make; raises Unreadable for what has no one form."""
    lines = []
    for one in results:
        name, value = one["name"], one["value"]
        if not name or not value or "=" in name or any(ord(sign) < 32 for sign in name + value):
            raise Unreadable("fields")
        lines.append(f"{name}={value}")
    if not lines:
        raise Unreadable("fields")
    return unicodedata.normalize("NFC", "\n".join(lines)).encode()


def read_list(
    source: Source, wanted: Sequence[Wanted] = (), progress: Callable[[float], None] = lambda share: None
) -> ListRead:
    """Go through a list once: its root and, for each seed, the lowest tickets. Raises Unreadable."""
    found = ListRead(lowest=[[] for _ in wanted])
    tree, last = Frontier(), b""
    best: list[list[Winner]] = [[] for _ in wanted]
    size = max(source.size(), 1)
    for block in _blocks(source, list(wanted)):
        if found.count and block.first <= last:
            raise Unreadable("order")
        last = block.last
        found.count += block.count
        for leaves, root in block.subtrees:
            tree.append_subtree(leaves, root)
        for row, (_seed, count), more in zip(best, wanted, block.lowest, strict=True):
            row += more
            row.sort()
            del row[count:]
        progress(found.count * LINE / size)
    found.root = tree.root()
    found.lowest = [[ticket for _, ticket in row] for row in best]
    return found


def _blocks(source: Source, wanted: list[Wanted]) -> Iterator[_Block]:
    with source.open() as file:
        if source.size() < MANY * LINE:
            for chunk in _chunks(file):
                yield read_block(chunk, wanted)
            return
        workers = os.cpu_count() or 1
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            under_way: list[Future[_Block]] = []
            for chunk in _chunks(file):
                under_way.append(pool.submit(read_block, chunk, wanted))
                if len(under_way) > 2 * workers:  # read no further ahead than the workers need
                    yield under_way.pop(0).result()
            for one in under_way:
                yield one.result()


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    while chunk := file.read(LINE * BLOCK):
        yield chunk


def read_block(chunk: bytes, wanted: list[Wanted]) -> _Block:
    """Return what a block of a list holds; raises Unreadable unless every line is a ticket, in order."""
    count, rest = divmod(len(chunk), LINE)
    digits = chunk.replace(b"\n", b"")
    if rest or chunk[LINE - 1 :: LINE] != b"\n" * count or len(digits) != 2 * TICKET * count:
        raise Unreadable("lines")
    if not _HEX.fullmatch(digits):
        raise Unreadable("lines")
    packed = bytes.fromhex(digits.decode())
    tickets = [packed[at : at + TICKET] for at in range(0, len(packed), TICKET)]
    if any(map(bytes.__ge__, tickets, tickets[1:])):
        raise Unreadable("order")
    lowest = []
    for seed, most in wanted:
        lowest.append(heapq.nsmallest(most, [(_sha256(seed + ticket).digest(), ticket) for ticket in tickets]))
    return _Block(count, tickets[0], tickets[-1], list(_subtrees(tickets)), lowest)


def _subtrees(tickets: list[bytes]) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(tickets):
        leaves = 1 << ((len(tickets) - at).bit_length() - 1)
        level = [_sha256(b"\x00" + ticket).digest() for ticket in tickets[at : at + leaves]]
        while len(level) > 1:
            level = [_sha256(b"\x01" + level[i] + level[i + 1]).digest() for i in range(0, len(level), 2)]
        yield leaves, level[0]
        at += leaves
