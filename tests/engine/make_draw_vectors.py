"""Write tests/engine/vectors/draw.json: `python -m tests.engine.make_draw_vectors`.

Only for a new version of the specification. The roots are made by the plain recursion of RFC 9162, 2.1.1, and the
winners by sorting everything, so that the vectors do not come out of what they test.
"""

from __future__ import annotations

import hashlib
import unicodedata
from pathlib import Path

import orjson

PATH = Path(__file__).parent / "vectors" / "draw.json"

RESULTS = [
    [("双色球 2026150 期", "03 08 11 19 24 30 + 07")],
    [("双色球 2026151 期", "01 02 03 04 05 06 + 16"), ("drand round 5000000", "ab" * 32)],
    [("Cafe\u0301 lottery", "e\u0301=1")],  # decomposed: NFC makes two bytes of each é; a value may hold =
    [("beacon", "0")],
]


def root_of(leaves: list[bytes]) -> bytes:
    """Return the Merkle tree hash as RFC 9162 defines it."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    left = 1
    while 2 * left < len(leaves):
        left *= 2
    return hashlib.sha256(b"\x01" + root_of(leaves[:left]) + root_of(leaves[left:])).digest()


def cases() -> list[dict[str, object]]:
    made: list[dict[str, object]] = []
    for number, count in enumerate((0, 1, 2, 3, 7, 8, 9, 100, 257), 1):
        tickets = sorted(hashlib.sha256(f"ticket {number} {n}".encode()).digest()[:16] for n in range(count))
        if count == 8:
            tickets = sorted([*tickets[:6], bytes(16), b"\xff" * 16])
        results = RESULTS[number % len(RESULTS)]
        root = root_of(tickets)
        randomness = unicodedata.normalize("NFC", "\n".join(f"{name}={value}" for name, value in results)).encode()
        seed = hashlib.sha256(
            b"tradeshall/draw/1\x00" + root + len(randomness).to_bytes(4, "big") + randomness
        ).digest()
        order = sorted(tickets, key=lambda ticket: hashlib.sha256(seed + ticket).digest())
        made.append(
            {
                "tickets": [ticket.hex() for ticket in tickets],
                "root": root.hex(),
                "randomness": [{"name": name, "value": value} for name, value in results],
                "randomness_bytes": randomness.hex(),
                "seed": seed.hex(),
                "first_scores": [hashlib.sha256(seed + ticket).hexdigest() for ticket in order[:12]],
                "first_drawn": [ticket.hex() for ticket in order[:12]],
            }
        )
    return made


if __name__ == "__main__":
    PATH.write_bytes(orjson.dumps(cases(), option=orjson.OPT_INDENT_2) + b"\n")
