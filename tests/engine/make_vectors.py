"""Write tests/engine/vectors/paper.json: `python -m tests.engine.make_vectors`.

Only for a new version of the specification: the vectors are what other implementations hold themselves to.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import orjson
from tests.engine.every_form import pack_of_every_form

from tradeshall.engine.paper import make_paper, paper_key, stream_below
from tradeshall.engine.rounds import CompiledRound

PATH = Path(__file__).parent / "vectors" / "paper.json"


def cases() -> list[dict[str, object]]:
    made: list[dict[str, object]] = []
    plans = [
        ([(40, 20)], 4, ""),
        ([(5, 5)], 2, ""),
        ([(3000, 10), (7, 3)], 5, "north"),
        ([(2, 1), (1, 1), (300, 30)], 8, "第二套"),
        ([(70000, 4)], 0, ""),
    ]
    for number, (sections, options, variant) in enumerate(plans, 1):
        secret = hashlib.sha256(f"secret {number}".encode()).digest()
        content = hashlib.sha256(f"content {number}".encode()).digest()
        participant = (1 << 63) - number if number % 2 else 1234567890123456789 + number
        key = paper_key(secret, content, participant, number, variant)
        counts = [
            [options if (place + section) % 3 else 0 for place in range(size)]
            for section, (size, _) in enumerate(sections)
        ]
        below = stream_below(key)
        drawn, orders = make_paper(key, sections, counts)
        made.append(
            {
                "secret": secret.hex(),
                "content_hash": content.hex(),
                "participant": str(participant),
                "attempt_number": number,
                "variant": variant,
                "sections": [{"size": size, "count": count} for size, count in sections],
                "options": f"{options} where (place + section) mod 3 is not 0, else as written",
                "option_count": options,
                "key": key.hex(),
                "below": [[n, below(n)] for n in (2, 3, 10, 1, 1000, 4294967295, 2147483649, 7)],
                "drawn": [list(one) for one in drawn],
                "orders": [list(order) if order else None for order in orders],
            }
        )
    return [*made, *(cases_of_forms(len(made) + 1, shuffles) for shuffles in (True, False))]


def cases_of_forms(number: int, shuffles: bool) -> dict[str, object]:
    """Return a paper of every form, made from compiled items: what moves of each follows from its form."""
    compiled = CompiledRound(replace(pack_of_every_form(shuffle_options=shuffles), secret=bytes([number]) * 32))
    items = [item for section in compiled.sections for item in section]
    content = hashlib.sha256(f"content {number}".encode()).digest()
    participant = 77_000_000_000 + number
    key = paper_key(bytes([number]) * 32, content, participant, 1)
    sections = [(len(items), len(items))]
    below = stream_below(key)
    drawn, orders = make_paper(key, sections, [[item.shuffled for item in items]])
    return {
        "secret": (bytes([number]) * 32).hex(),
        "content_hash": content.hex(),
        "participant": str(participant),
        "attempt_number": 1,
        "variant": "",
        "sections": [{"size": size, "count": count} for size, count in sections],
        "shuffle_options": shuffles,
        "forms": [[item.form, len(item.spec.options), len(item.spec.matches)] for item in items],
        "key": key.hex(),
        "below": [[n, below(n)] for n in (2, 3, 10)],
        "drawn": [list(one) for one in drawn],
        "orders": [list(order) if order else None for order in orders],
    }


if __name__ == "__main__":
    PATH.write_bytes(orjson.dumps(cases(), option=orjson.OPT_INDENT_2) + b"\n")
