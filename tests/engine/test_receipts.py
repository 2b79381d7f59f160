from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradeshall.engine.receipts import inclusion_path, leaf_hash, root_from_path, tree_levels, tree_root


def rfc_root(leaves: list[bytes]) -> bytes:
    """RFC 9162, 2.1.1, as it is written."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + rfc_root(leaves[:k]) + rfc_root(leaves[k:])).digest()


@given(st.integers(0, 70))
def test_tree_is_that_of_rfc_9162_and_every_path_leads_to_its_root(size: int) -> None:
    leaves = [leaf_hash(bytes([n])) for n in range(size)]
    levels = tree_levels(leaves)
    assert tree_root(levels) == rfc_root(leaves)
    for index, leaf in enumerate(leaves):
        path = inclusion_path(levels, index)
        assert root_from_path(leaf, index, size, path) == rfc_root(leaves)
        if size > 1:
            for forged in (path[:-1], [*path, bytes(32)]):
                with pytest.raises(ValueError):
                    root_from_path(leaf, index, size, forged)
            assert root_from_path(bytes(32), index, size, path) != rfc_root(leaves)
    with pytest.raises(ValueError):
        root_from_path(bytes(32), size, size, [])
