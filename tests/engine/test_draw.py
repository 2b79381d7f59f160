"""Sealed lists and draws, against vectors that stand for themselves and against plain ways of doing the same."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from tradeshall.engine import draw
from tradeshall.engine.draw import BadDraw, ListRoot
from tradeshall.engine.receipts import leaf_hash, tree_levels, tree_root

VECTORS = orjson.loads((Path(__file__).parent / "vectors" / "draw.json").read_bytes())
RESULTS = [("双色球 2026150 期", "03 08 11 19 24 30 + 07")]


def tickets_of(count: int, label: str = "t") -> list[bytes]:
    return sorted(hashlib.sha256(f"{label} {n}".encode()).digest()[:16] for n in range(count))


def blocks_of(tickets: list[bytes], size: int = 1000) -> Iterator[bytes]:
    for at in range(0, len(tickets), size):
        yield b"".join(tickets[at : at + size])


@pytest.mark.parametrize("case", VECTORS, ids=lambda case: f"{len(case['tickets'])} tickets")
def test_the_vectors_hold(case: dict[str, Any]) -> None:
    tickets = [draw.ticket_bytes(ticket) for ticket in case["tickets"]]
    root, count = draw.seal_list(blocks_of(tickets, 3))
    randomness = draw.randomness_bytes([(one["name"], one["value"]) for one in case["randomness"]])
    seed = draw.seed_of(root, randomness)
    first = draw.draw(blocks_of(tickets, 3), seed, 12)
    assert (root.hex(), count) == (case["root"], len(tickets))
    assert randomness.hex() == case["randomness_bytes"]
    assert seed.hex() == case["seed"]
    assert [ticket.hex() for ticket in first] == case["first_drawn"]
    assert [draw.score_of(seed, ticket).hex() for ticket in first] == case["first_scores"]


@pytest.mark.parametrize("count", [0, 1, 2, 5, 63, 64, 65, 1000, 4097])
@pytest.mark.parametrize("size", [1, 7, 64, 5000])
def test_the_root_does_not_depend_on_how_the_list_is_cut(count: int, size: int) -> None:
    tickets = tickets_of(count)
    assert draw.seal_list(blocks_of(tickets, size)) == (
        tree_root(tree_levels([leaf_hash(t) for t in tickets])),
        count,
    )


def test_blocks_larger_than_a_subtree_are_cut() -> None:
    tickets = tickets_of(3)
    tree = ListRoot()
    tree.add(tickets[0])
    tree.add(tickets[1] + tickets[2])  # the second leaf closes a subtree, the third begins one
    assert tree.root() == tree_root(tree_levels([leaf_hash(ticket) for ticket in tickets]))


@pytest.mark.parametrize("spoil", ["swapped", "twice", "half"])
def test_a_list_out_of_order_is_no_list(spoil: str) -> None:
    tickets = tickets_of(10)
    if spoil == "swapped":
        tickets[4], tickets[5] = tickets[5], tickets[4]
    elif spoil == "twice":
        tickets[5] = tickets[4]
    else:
        tickets[9] = tickets[9][:8]
    for size in (1, 5, 10):
        with pytest.raises(BadDraw):
            draw.seal_list(blocks_of(tickets, size))


def test_the_lowest_scores_win_in_order() -> None:
    tickets = tickets_of(5000)
    seed = draw.seed_of(bytes(32), b"a=1")
    order = sorted(tickets, key=lambda ticket: hashlib.sha256(seed + ticket).digest())
    for count in (1, 10, 999, 5000):
        assert draw.draw(blocks_of(tickets, 512), seed, count) == order[:count]
    assert draw.draw(blocks_of(tickets), seed, 6000) == order
    assert draw.draw(blocks_of(tickets), seed, 0) == []


def test_everybody_wins_as_often_as_anybody() -> None:
    """χ² over 20 tickets and 20,000 seeds; 43.8 is passed once in a thousand tries, and these seeds are fixed."""
    tickets = tickets_of(20)
    won = dict.fromkeys(tickets, 0)
    packed = b"".join(tickets)
    seeds = 20_000
    for number in range(seeds):
        (winner,) = draw.draw([packed], draw.seed_of(bytes(32), b"lottery=%d" % number), 1)
        won[winner] += 1
    expected = seeds / len(tickets)
    assert sum((count - expected) ** 2 / expected for count in won.values()) < 43.8


def test_a_draw_that_leans_would_be_seen() -> None:
    """The control: with a score of five bits the lower ticket of equals wins, and the same statistic shows it."""
    tickets = tickets_of(20)
    won = dict.fromkeys(tickets, 0)
    seeds = 20_000
    for number in range(seeds):
        seed = draw.seed_of(bytes(32), b"lottery=%d" % number)
        won[min(tickets, key=lambda ticket: (draw.score_of(seed, ticket)[0] >> 3, ticket))] += 1
    expected = seeds / len(tickets)
    assert sum((count - expected) ** 2 / expected for count in won.values()) > 43.8


def test_randomness_has_one_form_only() -> None:
    assert draw.randomness_bytes([("a", "1"), ("b", "x=2")]) == b"a=1\nb=x=2"
    assert draw.randomness_bytes([("Cafe\u0301", "1")]) == "Caf\u00e9=1".encode()
    for bad in ([], [("", "1")], [("a", "")], [("a=b", "1")], [("a\nb", "1")], [("a", "1\n2")]):
        with pytest.raises(BadDraw):
            draw.randomness_bytes(bad)


def test_the_list_file_comes_back_as_it_was() -> None:
    tickets = tickets_of(3000)
    file = b"".join(draw.list_lines(block) for block in blocks_of(tickets, 700))
    assert file.splitlines() == [ticket.hex().encode() for ticket in tickets]
    assert b"".join(draw.read_list(io.BytesIO(file))) == b"".join(tickets)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda file: file[:-1],
        lambda file: file.upper(),
        lambda file: file.replace(b"\n", b"\r\n"),
        lambda file: file[:5] + b" " + file[6:],
        lambda file: file[:5] + b"\n" + file[6:],
        lambda file: file[:5] + b"g" + file[6:],
        lambda file: file[:5] + b"\xff" + file[6:],
        lambda file: b"\xef\xbb\xbf" + file,
        lambda file: file + b"\n",
    ],
)
def test_a_file_that_is_no_list_is_refused(spoil: Any) -> None:
    file = b"".join(draw.list_lines(block) for block in blocks_of(tickets_of(50)))
    with pytest.raises(BadDraw):
        list(draw.read_list(io.BytesIO(spoil(file))))


def test_tickets_are_lowercase_and_never_the_same() -> None:
    assert len({draw.new_ticket() for _ in range(1000)}) == 1000
    assert draw.ticket_bytes("00" * 15 + "ff") == bytes(15) + b"\xff"
    for bad in ("", "00" * 15, "00" * 17, "FF" * 16, "0 " * 16, "gg" * 16):
        with pytest.raises(BadDraw):
            draw.ticket_bytes(bad)


def a_draw(count: int = 200) -> tuple[dict[str, Any], list[bytes]]:
    tickets = tickets_of(count)
    root, length = draw.seal_list(blocks_of(tickets))
    drawn = [
        one.hex() for one in draw.draw(blocks_of(tickets), draw.seed_of(root, draw.randomness_bytes(RESULTS)), 9)
    ]
    document = draw.draw_file(
        contest="JS2026001",
        title="总决赛抽奖",
        root=root,
        count=length,
        prizes=[("一等奖", 1), ("二等奖", 3)],
        randomness=RESULTS,
        announced_at_ms=1,
        sealed_at_ms=2,
        drawn_at_ms=3,
        winners=drawn[:4],
        reserves=drawn[4:],
    )
    return orjson.loads(document), tickets


def test_a_draw_agrees_with_its_list() -> None:
    document, tickets = a_draw()
    assert draw.check_draw(document, blocks_of(tickets)) == []
    few, one = a_draw(2)
    assert len(few["winners"]) == 2
    assert draw.check_draw(few, blocks_of(one)) == []


def test_what_was_changed_afterwards_is_found() -> None:
    document, tickets = a_draw()
    other = draw.ticket_bytes(document["reserves"][0])
    winners = document["winners"]
    for name, value in {
        "format": "tradeshall/draw/2",
        "root": "00" * 32,
        "count": 199,
        "winners": [winners[1], winners[0], *winners[2:]],
        "reserves": document["reserves"][::-1],
        "randomness": [{"name": RESULTS[0][0], "value": "03 08 11 19 24 30 + 08"}],
        "prizes": [{"name": "一等奖", "count": 2}, {"name": "二等奖", "count": 3}],
    }.items():
        assert draw.check_draw({**document, name: value}, blocks_of(tickets)), name
    assert draw.check_draw(document, blocks_of([ticket for ticket in tickets if ticket != other]))
    assert draw.check_draw(document, blocks_of(sorted([*tickets, b"\x01" * 16])))
