"""Write tests/engine/vectors/{log,commitments,draw-check}.json: `python -m tests.engine.proofs.make_vectors`.

Only for a new version of a format: the vectors are what other implementations hold themselves to.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import orjson

from tradeshall.core.signing import canonical, sha256
from tradeshall.engine.proofs.lists import randomness_of, seed_of
from tradeshall.engine.proofs.notes import LogSigner
from tradeshall.engine.proofs.tree import Tree, extend_tiles, leaf_hash

FOLDER = Path(__file__).parents[1] / "vectors"
CT_ENTRIES = ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
"""The leaves of the Certificate Transparency test data; the roots and proofs over them are in the tests."""


def tree_of(entries: list[bytes]) -> Tree:
    tiles = extend_tiles(0, [leaf_hash(entry) for entry in entries], lambda level, number: b"")
    return Tree(lambda level, number: tiles[level, number])


def log() -> dict[str, Any]:
    entries = [bytes.fromhex(entry) for entry in CT_ENTRIES] + [b"entry %d" % number for number in range(8, 300)]
    tree, size = tree_of(entries), len(entries)
    signer = LogSigner(bytes(range(32)))
    return {
        "entries": [entry.hex() for entry in entries],
        "roots": [[count, tree.root(count).hex()] for count in (1, 2, 3, 4, 5, 6, 7, 8, 100, 255, 256, 257, size)],
        "inclusion": [
            [index, count, [step.hex() for step in tree.inclusion_path(index, count)]]
            for index, count in (
                (0, 1),
                (0, 8),
                (5, 8),
                (2, 3),
                (1, 5),
                (99, 100),
                (255, 257),
                (299, size),
                (0, size),
            )
        ],
        "consistency": [
            [before, after, [step.hex() for step in tree.consistency_path(before, after)]]
            for before, after in ((1, 1), (1, 8), (6, 8), (2, 5), (7, 256), (256, 257), (100, size))
        ],
        "public_key": signer.public.hex(),
        "checkpoint": signer.checkpoint(size, tree.root(size), 1_760_000_000_000),
    }


def commitments() -> list[dict[str, Any]]:
    values: list[Any] = [
        {"number": 1, "key": [0], "explanation": "因为甲。"},
        {"b": 1, "a": [True, False, None, -1], "é": '\u2028\t"\\\u0001', "\U0001f600": "\U0001f600", "\uffee": ""},
        {"number": 9007199254740991, "options": [], "tags": {}},
    ]
    made = []
    for at, value in enumerate(values):
        nonce = hashlib.sha256(b"nonce %d" % at).digest()
        bytes_of = canonical(value)
        made.append(
            {
                "value": value,
                "nonce": nonce.hex(),
                "canonical": bytes_of.decode(),
                "commitment": sha256(nonce, bytes_of).hex(),
            }
        )
    return made


def draws() -> list[dict[str, Any]]:
    made = []
    for count, results in (
        (1, [("a", "1")]),
        (7, [("双色球 2026001", "01 02 é"), ("b", "e\u0301")]),
        (300, [("c", "x")]),
    ):
        tickets = sorted(hashlib.sha256(b"ticket %d" % number).digest()[:16] for number in range(count))
        root = tree_of(tickets).root(count)
        randomness = randomness_of([{"name": name, "value": value} for name, value in results])
        seed = seed_of(root, randomness)
        drawn = sorted((sha256(seed, ticket), ticket) for ticket in tickets)
        made.append(
            {
                "tickets": [ticket.hex() for ticket in tickets],
                "results": results,
                "root": root.hex(),
                "randomness": randomness.hex(),
                "seed": seed.hex(),
                "first_score": drawn[0][0].hex(),
                "drawn": [ticket.hex() for _, ticket in drawn[:10]],
            }
        )
    return made


VECTORS = {"log": log, "commitments": commitments, "draw-check": draws}

if __name__ == "__main__":
    for name, make in VECTORS.items():
        (FOLDER / f"{name}.json").write_bytes(orjson.dumps(make(), option=orjson.OPT_INDENT_2) + b"\n")
