"""Draws are uniform, and a list read in blocks by several processes is the list read at once."""

from __future__ import annotations

import hashlib
import math
import random
from pathlib import Path

import pytest

from tradeshall.engine.proofs import lists
from tradeshall.engine.proofs.lists import read_list, seed_of
from tradeshall.engine.proofs.reading import Source, Unreadable
from tradeshall.engine.proofs.tree import leaf_hash, root_of

TICKETS = [hashlib.sha256(b"%d" % number).digest()[:16] for number in range(20)]


def chi_square_p(counts: list[int]) -> float:
    """Return how likely counts at least as uneven are (Wilson and Hilferty's approximation)."""
    expected, degrees = sum(counts) / len(counts), len(counts) - 1
    value = sum((count - expected) ** 2 / expected for count in counts)
    z = ((value / degrees) ** (1 / 3) - (1 - 2 / (9 * degrees))) / math.sqrt(2 / (9 * degrees))
    return 0.5 * math.erfc(z / math.sqrt(2))


def test_over_a_hundred_thousand_seeds_every_ticket_wins_as_often() -> None:
    root = root_of(map(leaf_hash, sorted(TICKETS)))
    first, pairs = [0] * len(TICKETS), [0] * len(TICKETS)
    for number in range(100_000):
        seed = seed_of(root, b"beacon=%d" % number)
        scored = sorted((hashlib.sha256(seed + ticket).digest(), at) for at, ticket in enumerate(TICKETS))
        first[scored[0][1]] += 1
        pairs[(scored[1][1] - scored[0][1]) % len(TICKETS)] += 1  # the second prize knows nothing of the first
    assert pairs[0] == 0
    assert chi_square_p(first) > 0.001
    assert chi_square_p(pairs[1:]) > 0.001


def test_a_draw_with_a_bias_would_be_noticed() -> None:
    """The control: the first byte modulo twenty prefers some tickets by a sixteenth."""
    counts = [0] * 20
    for number in range(100_000):
        counts[hashlib.sha256(b"%d" % number).digest()[0] % 20] += 1
    assert chi_square_p(counts) < 0.001


def test_blocks_and_processes_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(7)
    tickets = sorted(chance.randbytes(16) for _ in range(5_000))
    path = tmp_path / "list.txt"
    path.write_text("".join(f"{ticket.hex()}\n" for ticket in tickets))
    seed = chance.randbytes(32)
    scored = sorted((hashlib.sha256(seed + ticket).digest(), ticket) for ticket in tickets)
    wanted = [ticket for _, ticket in scored[:50]]
    assert read_list(Source("list", path), [(seed, 50)]).lowest == [wanted]
    monkeypatch.setattr(lists, "BLOCK", 1 << 10)
    monkeypatch.setattr(lists, "MANY", 1)
    found = read_list(Source("list", path), [(seed, 50)])
    assert found.lowest == [wanted]
    assert (found.count, found.root) == (5_000, root_of(map(leaf_hash, tickets)))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.upper(),
        lambda text: text[:-1],
        lambda text: text + text[-33:],
        lambda text: text[33:66] + text[:33] + text[66:],
        lambda text: "0" + text,
    ],
)
def test_a_list_has_one_form(spoil: object) -> None:
    assert callable(spoil)
    text = "".join(f"{ticket.hex()}\n" for ticket in sorted(TICKETS))
    read_list(Source("list", text.encode()))
    with pytest.raises(Unreadable):
        read_list(Source("list", spoil(text).encode()))
