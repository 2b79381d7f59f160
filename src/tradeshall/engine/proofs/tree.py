"""The log's tree (RFC 9162, 2.1): roots, inclusion and consistency proofs, and how they are checked.

    leaf hash = SHA-256(00 ‖ entry)        node = SHA-256(01 ‖ left ‖ right)        root of nothing = SHA-256("")

Proofs are made from the hashes of whole subtrees, which never change once they stand. They are kept in tiles of
256: a tile of level L holds the hashes of 256 neighbouring subtrees of 256^L leaves each. So an append touches one
tile, and a proof over any number of leaves reads a handful.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence

TILE_BITS = 8
TILE = 1 << TILE_BITS
HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()

_sha256 = hashlib.sha256

ReadTile = Callable[[int, int], bytes]
"""(level, number of the tile) to the hashes in it, one after another; fewer than 256 in the last tile of a level."""


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of an entry."""
    return _sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash above two."""
    return _sha256(b"\x01" + left + right).digest()


class Frontier:
    """A tree that only grows: the hashes of its whole subtrees from the largest to the smallest, and its size."""

    def __init__(self) -> None:
        self.size = 0
        self._subtrees: list[bytes] = []

    @classmethod
    def resumed(cls, size: int, subtrees: Sequence[bytes]) -> Frontier:
        """Return the tree of `size` entries whose whole subtrees are given, one for each bit of the size."""
        if len(subtrees) != size.bit_count():
            raise ValueError("a whole subtree for each bit of the size")
        tree = cls()
        tree.size, tree._subtrees = size, list(subtrees)
        return tree

    def subtrees(self) -> list[bytes]:
        """Return the hashes of the whole subtrees, the largest first."""
        return list(self._subtrees)

    def append(self, leaf: bytes) -> None:
        """Add the hash of one more entry."""
        size, reached = self.size, leaf
        while size & 1:
            reached = node_hash(self._subtrees.pop(), reached)
            size >>= 1
        self._subtrees.append(reached)
        self.size += 1

    def append_subtree(self, leaves: int, root: bytes) -> None:
        """Add a whole subtree of 2^n leaves where the tree's size is a multiple of that."""
        size, reached = self.size // leaves, root
        while size & 1:
            reached = node_hash(self._subtrees.pop(), reached)
            size >>= 1
        self._subtrees.append(reached)
        self.size += leaves

    def root(self) -> bytes:
        """Return the root of all that was added."""
        if not self._subtrees:
            return EMPTY_ROOT
        reached = self._subtrees[-1]
        for left in reversed(self._subtrees[:-1]):
            reached = node_hash(left, reached)
        return reached


def root_of(leaves: Iterable[bytes]) -> bytes:
    """Return the root over the hashes of entries."""
    tree = Frontier()
    for leaf in leaves:
        tree.append(leaf)
    return tree.root()


class Tree:
    """A tree whose whole subtrees are read from tiles."""

    def __init__(self, read: ReadTile) -> None:
        self._read = read
        self._known: dict[tuple[int, int], bytes] = {}

    def root(self, size: int) -> bytes:
        """Return the root of the first `size` entries."""
        return self._range(0, size) if size else EMPTY_ROOT

    def subtrees(self, size: int) -> list[bytes]:
        """Return the whole subtrees of the first `size` entries, the largest first: what goes on growing."""
        found, first = [], 0
        for height in reversed(range(size.bit_length())):
            if size >> height & 1:
                found.append(self._whole(height, first >> height))
                first += 1 << height
        return found

    def inclusion_path(self, index: int, size: int) -> list[bytes]:
        """Return the hashes that lead from an entry to the root of the first `size` (RFC 9162, 2.1.3.1)."""
        if not 0 <= index < size:
            raise ValueError("the entry is outside the tree")
        path: list[bytes] = []
        first, last = 0, size
        while last - first > 1:
            middle = first + _split(last - first)
            if index < middle:
                path.append(self._range(middle, last))
                last = middle
            else:
                path.append(self._range(first, middle))
                first = middle
        return path[::-1]

    def consistency_path(self, before: int, after: int) -> list[bytes]:
        """Return the hashes that show that a tree of one size grew into another (RFC 9162, 2.1.4.1)."""
        if not 0 < before <= after:
            raise ValueError("a tree grows from at least one entry, and never shrinks")
        path: list[bytes] = []
        first, last, whole = 0, after, True
        while before - first != last - first:
            middle = first + _split(last - first)
            if before <= middle:
                path.append(self._range(middle, last))
                last = middle
            else:
                path.append(self._range(first, middle))
                first, whole = middle, False
        if not whole:
            path.append(self._range(first, last))
        return path[::-1]

    def _range(self, first: int, last: int) -> bytes:
        """Return the hash over entries `first` to `last`, a range that the splitting of a tree leads to."""
        size = last - first
        if size & (size - 1) == 0:
            return self._whole(size.bit_length() - 1, first // size)
        middle = first + _split(size)
        return node_hash(self._range(first, middle), self._range(middle, last))

    def _whole(self, height: int, number: int) -> bytes:
        level, above = divmod(height, TILE_BITS)
        first = number << above
        tile = self._tile(level, first >> TILE_BITS)
        at = (first & (TILE - 1)) * HASH_BYTES
        row = [tile[at + i * HASH_BYTES : at + (i + 1) * HASH_BYTES] for i in range(1 << above)]
        if len(row[-1]) != HASH_BYTES:
            raise LookupError("the tile does not reach so far")
        while len(row) > 1:
            row = [node_hash(row[i], row[i + 1]) for i in range(0, len(row), 2)]
        return row[0]

    def _tile(self, level: int, number: int) -> bytes:
        key = level, number
        if key not in self._known:
            self._known[key] = self._read(level, number)
        return self._known[key]


def extend_tiles(size: int, leaves: Sequence[bytes], read: ReadTile) -> dict[tuple[int, int], bytes]:
    """Return every tile that changes when leaf hashes are added to a tree of `size`, as it then is."""
    changed: dict[tuple[int, int], bytearray] = {}
    level, first, added = 0, size, list(leaves)
    while added:
        above: list[bytes] = []
        for at, value in enumerate(added, first):
            key = level, at >> TILE_BITS
            if key not in changed:
                kept = at & (TILE - 1)
                changed[key] = bytearray(read(*key)[: kept * HASH_BYTES] if kept else b"")
            tile = changed[key]
            tile += value
            if len(tile) == TILE * HASH_BYTES:
                above.append(_tile_root(bytes(tile)))
        first >>= TILE_BITS
        level, added = level + 1, above
    return {key: bytes(tile) for key, tile in changed.items()}


def root_from_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
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


def is_consistent(before: int, root_before: bytes, after: int, root_after: bytes, path: Sequence[bytes]) -> bool:
    """Answer whether a path shows that the tree of `before` grew into that of `after` (RFC 9162, 2.1.4.2)."""
    if not 0 < before <= after:
        return False
    if before == after:
        return not path and root_before == root_after
    steps = list(path)
    if before & (before - 1) == 0:
        steps.insert(0, root_before)
    if not steps:
        return False
    node, last = before - 1, after - 1
    while node & 1:
        node >>= 1
        last >>= 1
    old = new = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            old, new = node_hash(step, old), node_hash(step, new)
            while not node & 1 and node:
                node >>= 1
                last >>= 1
        else:
            new = node_hash(new, step)
        node >>= 1
        last >>= 1
    return last == 0 and old == root_before and new == root_after


def _split(size: int) -> int:
    """Return the largest power of two below a size above one."""
    return 1 << ((size - 1).bit_length() - 1)


def _tile_root(tile: bytes) -> bytes:
    row = [tile[at : at + HASH_BYTES] for at in range(0, len(tile), HASH_BYTES)]
    while len(row) > 1:
        row = [node_hash(row[i], row[i + 1]) for i in range(0, len(row), 2)]
    return row[0]
