"""The log's tree against the reference vectors of Certificate Transparency, and against itself at every size."""

from __future__ import annotations

import random

import pytest
from tests.engine.proofs.make_vectors import CT_ENTRIES

from tradeshall.engine.proofs.notes import BadNote, LogSigner, read_checkpoint, read_checkpoints
from tradeshall.engine.proofs.tree import (
    EMPTY_ROOT,
    Frontier,
    Tree,
    extend_tiles,
    is_consistent,
    leaf_hash,
    root_from_inclusion,
    root_of,
)

CT_ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
CT_INCLUSION = {  # (entry from 0, size): path
    (0, 1): (),
    (0, 8): (
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ),
    (5, 8): (
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ),
    (2, 3): ("fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",),
    (1, 5): (
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ),
}
CT_CONSISTENCY = {
    (1, 1): (),
    (1, 8): (
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ),
    (6, 8): (
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ),
    (2, 5): (
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ),
}
CT_LEAVES = [leaf_hash(bytes.fromhex(entry)) for entry in CT_ENTRIES]


def grown(leaves: list[bytes], chance: random.Random) -> Tree:
    """Return the tree over leaves that came in pieces of any length."""
    tiles: dict[tuple[int, int], bytes] = {}

    def read(level: int, number: int) -> bytes:
        return tiles.get((level, number), b"")

    size = 0
    while size < len(leaves):
        some = chance.randint(1, max(1, len(leaves) // 3))
        tiles.update(extend_tiles(size, leaves[size : size + some], read))
        size = min(len(leaves), size + some)
    return Tree(read)


def test_the_reference_roots_come_out() -> None:
    tree = grown(CT_LEAVES, random.Random(1))
    assert tree.root(0) == root_of([]) == EMPTY_ROOT
    for size, root in enumerate(CT_ROOTS, 1):
        assert tree.root(size).hex() == root_of(CT_LEAVES[:size]).hex() == root


@pytest.mark.parametrize(("index", "size"), CT_INCLUSION)
def test_the_reference_inclusion_proofs_come_out_and_hold(index: int, size: int) -> None:
    path = grown(CT_LEAVES, random.Random(2)).inclusion_path(index, size)
    assert [step.hex() for step in path] == list(CT_INCLUSION[index, size])
    assert root_from_inclusion(CT_LEAVES[index], index, size, path).hex() == CT_ROOTS[size - 1]


@pytest.mark.parametrize(("before", "after"), CT_CONSISTENCY)
def test_the_reference_consistency_proofs_come_out_and_hold(before: int, after: int) -> None:
    path = grown(CT_LEAVES, random.Random(3)).consistency_path(before, after)
    assert [step.hex() for step in path] == list(CT_CONSISTENCY[before, after])
    first, second = (bytes.fromhex(CT_ROOTS[size - 1]) for size in (before, after))
    assert is_consistent(before, first, after, second, path)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 9, 63, 64, 65, 255, 256, 257, 511, 513, 1025, 66_000])
def test_proofs_hold_at_any_size_and_no_other_leaf_passes(size: int) -> None:
    chance = random.Random(size)
    leaves = [leaf_hash(b"%d" % number) for number in range(size)]
    tree = grown(leaves, chance)
    assert tree.root(size) == root_of(leaves)
    for _ in range(40):
        index = chance.randrange(size)
        of = chance.randint(index + 1, size)
        path = tree.inclusion_path(index, of)
        assert root_from_inclusion(leaves[index], index, of, path) == tree.root(of)
        assert root_from_inclusion(leaf_hash(b"other"), index, of, path) != tree.root(of)
        before = chance.randint(1, size)
        after = chance.randint(before, size)
        steps = tree.consistency_path(before, after)
        assert is_consistent(before, tree.root(before), after, tree.root(after), steps)
        assert not is_consistent(before, leaf_hash(b"other"), after, tree.root(after), steps)
        resumed = Frontier.resumed(before, tree.subtrees(before))
        for leaf in leaves[before : before + 50]:
            resumed.append(leaf)
        assert resumed.root() == tree.root(min(size, before + 50))


def test_a_checkpoint_holds_under_its_own_key_alone() -> None:
    signer, other = LogSigner(bytes(32)), LogSigner(bytes([1]) * 32)
    text = signer.checkpoint(8, bytes.fromhex(CT_ROOTS[7]), 1_760_000_000_000)
    note = read_checkpoint(text)
    assert (note.size, note.root.hex()) == (8, CT_ROOTS[7])
    assert note.signed_under(signer.public)
    assert not note.signed_under(other.public)
    assert not read_checkpoint(text.replace("\n8\n", "\n9\n")).signed_under(signer.public)
    assert [one.size for one in read_checkpoints(text + "\n" + text)] == [8, 8]
    cosigned = read_checkpoint(text + "— witness.example AAAAAGFueSBieXRlcw==\n")
    assert cosigned.signed_under(signer.public), "a witness's line takes nothing away"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text + "\n",
        lambda text: text.replace("\n\n", "\n"),
        lambda text: text.replace("at 1", "at 01"),
        lambda text: text[:-1],
        lambda text: text + text,
        lambda text: "",
    ],
)
def test_what_is_not_quite_a_checkpoint_is_none(spoil: object) -> None:
    assert callable(spoil)
    with pytest.raises(BadNote):
        read_checkpoints(spoil(LogSigner(bytes(32)).checkpoint(1, bytes(32), 1)))
