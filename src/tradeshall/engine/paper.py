"""Which items a participant gets, and how their options are shuffled: a pure function.

The paper depends on the pack's content hash, the round secret, the participant's number, the attempt's number
and the unit's variant, and on nothing else, so none is ever stored. The bytes are specified here; vectors in
`tests/engine/vectors/paper.json` hold for this code and for a reader in JavaScript.

    key     = HMAC-SHA256(secret, "tradeshall/paper/1" ‖ 00 ‖ content hash (32 bytes) ‖ participant (u64)
              ‖ attempt number (u32) ‖ length of variant (u16) ‖ variant (UTF-8))
    block i = HMAC-SHA256(key, i (u64)), i = 0, 1, 2, …; each gives eight u32; all integers are big-endian
    below(n) takes u32 values until one is under 2^32 - (2^32 mod n), and returns it mod n; below(1) is 0 and
    takes none

    for each section, in order, with its items in the order of the pack:
        for i = 0 … count-1:  swap places i and i + below(size - i);  the first `count` are drawn
    then, for each drawn item in order, what moves of it, by its form:
        single, multiple: the options, if options are shuffled;  true_false, fill_in, numeric: nothing
        ordering: the options, always;  matching: the matches, always (its options stay as written)
        for i = 0 … size-2:  swap i and i + below(size - i), of what moves
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Sequence
from math import factorial
from struct import Struct

LABEL = b"tradeshall/paper/1\x00"
_HEAD = Struct(">QIH")
_COUNTER = Struct(">Q")
_WORDS = Struct(">8I")
_TWO_32 = 1 << 32
Order = tuple[int, ...]
_LIMITS = tuple(_TWO_32 - _TWO_32 % max(n, 1) for n in range(1025))


def paper_key(secret: bytes, content_hash: bytes, participant: int, number: int, variant: str = "") -> bytes:
    """Return the key of a paper's stream."""
    name = variant.encode()
    message = LABEL + content_hash + _HEAD.pack(participant, number, len(name)) + name
    return hmac.digest(secret, message, "sha256")


def stream_below(key: bytes) -> Callable[[int], int]:
    """Return the function `below` of a stream: each call gives the next number under n, without bias."""
    waiting: list[int] = []
    pop, more, limits = waiting.pop, waiting.extend, _LIMITS
    counter = 0

    def below(n: int) -> int:
        nonlocal counter
        if n == 1:
            return 0
        limit = limits[n] if n <= 1024 else _TWO_32 - _TWO_32 % n
        while True:
            if not waiting:
                more(_WORDS.unpack(hmac.digest(key, _COUNTER.pack(counter), "sha256"))[::-1])
                counter += 1
            word = pop()
            if word < limit:
                return word % n

    return below


def draw(below: Callable[[int], int], size: int, count: int) -> list[int]:
    """Return `count` different positions under `size`, in the order drawn."""
    if size <= 4 * count:
        places = list(range(size))
        for i in range(count):
            j = i + below(size - i)
            places[i], places[j] = places[j], places[i]
        return places[:count]
    moved: dict[int, int] = {}  # a large pool is not copied for a short paper: only what moved is kept
    drawn = []
    for i in range(count):
        j = i + below(size - i)
        here = moved.get(i, i)
        drawn.append(moved.get(j, j) if j != i else here)
        moved[j] = here
    return drawn


def shuffle(below: Callable[[int], int], size: int) -> Order:
    """Return the positions under `size` in the order in which they are shown."""
    places = list(range(size))
    for i in range(size - 1):
        j = i + below(size - i)
        places[i], places[j] = places[j], places[i]
    return tuple(places)


def make_paper(
    key: bytes, sections: Sequence[tuple[int, int]], option_counts: Sequence[Sequence[int]]
) -> tuple[list[tuple[int, int]], list[Order | None]]:
    """Return what is drawn, as (section, place in it), and how options are shown (None: as written).

    `sections` holds (size, count) and `option_counts` how many of each item move, 0 where none do.
    """
    below = stream_below(key)
    drawn = [(section, place) for section, (size, count) in enumerate(sections) for place in draw(below, size, count)]
    orders: list[Order | None] = []
    for section, place in drawn:
        options = option_counts[section][place]
        if not options:
            orders.append(None)
        elif options > TABLED_OPTIONS:
            orders.append(shuffle(below, options))
        else:  # the same swaps, looked up
            which = 0
            for left in range(options, 1, -1):
                which = which * left + below(left)
            orders.append(_ORDERS[options][which])
    return drawn, orders


def draw_items(key: bytes, sections: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return what is drawn alone, as `make_paper` draws it: a third of the work where options do not matter."""
    below = stream_below(key)
    return [(section, place) for section, (size, count) in enumerate(sections) for place in draw(below, size, count)]


def _orders(options: int) -> tuple[Order, ...]:
    """Return every outcome of a shuffle, in the order of the numbers that lead to it."""
    made = []
    for which in range(factorial(options)):
        steps, rest = [], which
        for left in range(2, options + 1):
            rest, step = divmod(rest, left)
            steps.append(step)
        made.append(shuffle(_replayed(steps), options))
    return tuple(made)


def _replayed(steps: list[int]) -> Callable[[int], int]:
    return lambda n: steps.pop()


TABLED_OPTIONS = 6
_ORDERS = tuple(_orders(options) for options in range(TABLED_OPTIONS + 1))
