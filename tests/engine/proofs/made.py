"""Whole sets of published files, made from a number alone: good ones, and forged ones by kinds of forgery."""

from __future__ import annotations

import base64
import hashlib
import json
import random
from collections.abc import Callable
from dataclasses import asdict
from functools import cache
from typing import Any

import orjson

from tradeshall.core.signing import canonical, sha256
from tradeshall.engine import receipts
from tradeshall.engine.pack import SealedPack
from tradeshall.engine.proofs.attempts import commitments_of, opening_of
from tradeshall.engine.proofs.lists import randomness_of, seed_of
from tradeshall.engine.proofs.notes import LogSigner
from tradeshall.engine.proofs.reading import CONSISTENCY, DRAW, KEYS, LOG, LOG_PROOF, RECEIPT, RESULTS, Source
from tradeshall.engine.proofs.tree import Frontier, Tree, extend_tiles, leaf_hash, root_of
from tradeshall.engine.rounds import CompiledRound
from tradeshall.engine.wire import ItemSpec, RoundRules, SectionSpec

Files = dict[str, bytes]
FORMS = ("single", "multiple", "true_false")
SCORINGS = ("all_or_nothing", "part_marks", "per_option")
AT_MS = 1_760_000_000_000


class Made:
    """A contest of a few people, from its pack to its draw; the same number makes the same bytes."""

    def __init__(self, number: int) -> None:
        self.random = random.Random(f"contest {number}")
        self.round_id = self.random.randint(1, 10_000)
        self.batches = receipts.Signer(self.bytes(32))
        self.log = LogSigner(self.bytes(32))
        self.sealed = self._pack()
        self.entries: list[bytes] = []
        self.receipts: list[dict[str, Any]] = []
        self.files: Files = {}
        self._play()
        self._publish()

    def bytes(self, count: int) -> bytes:
        return self.random.randbytes(count)

    def document(self, name: str, value: object) -> None:
        self.files[name] = canonical(value)

    # what happened ----------------------------------------------------------------------------------------

    def _pack(self) -> SealedPack:
        made = []
        for number in range(1, self.random.randint(4, 8)):
            form = self.random.choice(FORMS)
            count = 2 if form == "true_false" else self.random.randint(2, 6)
            right = self.random.randint(1, count) if form == "multiple" else 1
            key = tuple(sorted(self.random.sample(range(count), right)))
            options = tuple(f"选项 {place} \u2028\U0001f600" for place in range(count))
            made.append(ItemSpec(number * 7, form, f"第{number}题？\t“Why”", options, key, "因为", "《工会法》"))
        half = max(1, len(made) // 2)
        parts = [part for part in (made[:half], made[half:]) if part]
        sections = [
            SectionSpec(
                f"第{at}部分",
                tuple(item.number for item in reversed(part)),
                self.random.randint(1, len(part)),
                self.random.randint(2, 9),
                self.random.choice(SCORINGS),
            )
            for at, part in enumerate(parts, 1)
        ]
        rules = RoundRules(
            self.round_id, "第一轮", AT_MS, AT_MS + 10**7, 600, shuffle_options=self.random.random() < 0.8
        )
        pack = orjson.loads(
            canonical(
                {
                    "format": "tradeshall/pack/1",
                    "rules": asdict(rules),
                    "sections": [asdict(section) for section in sections],
                    "items": [asdict(item) for item in made],
                }
            )
        )
        openings = {
            "rules": self.bytes(32).hex(),
            "secret": self.bytes(32).hex(),
            "items": {str(item.number): self.bytes(32).hex() for item in made},
            "keys": {str(item.number): self.bytes(32).hex() for item in made},
        }
        return SealedPack.from_bytes(canonical({"pack": pack, "secret": self.bytes(32).hex(), "openings": openings}))

    def _play(self) -> None:
        compiled = CompiledRound(self.sealed)
        numbers = {"w1": 0, "w2": 0}
        for _ in range(self.random.randint(3, 6)):
            writer = self.random.choice(sorted(numbers))
            numbers[writer] += 1
            finishes = [self._finish(compiled) for _ in range(self.random.randint(1, 4))]
            leaves = [receipts.leaf_hash(canonical(finish["receipt"]["body"])) for finish in finishes]
            levels = receipts.tree_levels(leaves)
            root, at_ms = receipts.tree_root(levels), AT_MS + len(self.entries) * 1000
            signed = receipts.batch_bytes(writer, numbers[writer], len(leaves), at_ms, root)
            batch = {
                "writer": writer,
                "number": numbers[writer],
                "leaves": len(leaves),
                "at_ms": at_ms,
                "root": root.hex(),
                "signature": self.batches.sign(signed).hex(),
            }
            for index, finish in enumerate(finishes):
                path = [step.hex() for step in receipts.inclusion_path(levels, index)]
                finish["receipt"] |= {"index": index, "path": path, "batch": batch}
                self.receipts.append(finish)
            self.entries.append(canonical(batch))

    def _finish(self, compiled: CompiledRound) -> dict[str, Any]:
        participant, number = self.random.randint(1, (1 << 63) - 1), self.random.randint(1, 3)
        paper = compiled.paper(participant, number)
        responses = []
        for item in paper.items:
            most = item.option_count if item.form == "multiple" else 1
            responses.append(sorted(self.random.sample(range(item.option_count), self.random.randint(0, most))))
        score = [sum(compiled.score(paper, responses)), compiled.max_points]
        salt, score_salt = self.bytes(16), self.bytes(16)
        body = {
            "version": 1,
            "round": self.round_id,
            "pack": compiled.content_hash,
            "participant": str(participant),
            "number": number,
            "started_at_ms": AT_MS,
            "finished_at_ms": AT_MS + self.random.randint(1, 10**6),
            "by": "member",
            "rehearsal": False,
            "salt": salt.hex(),
            "answers": receipts.salted_hash(salt, responses),
            "score": receipts.salted_hash(score_salt, score),
        }
        receipt = {"body": body, "score_salt": score_salt.hex()}
        return {"format": RECEIPT, "receipt": receipt, "responses": responses, "score": score}

    # what is published ------------------------------------------------------------------------------------

    def _publish(self) -> None:
        self.document(
            "keys.json",
            {
                "format": KEYS,
                "origin": self.log.origin,
                "log": self.log.public.hex(),
                "receipts": self.batches.public_hex,
            },
        )
        self.document("commitments.json", commitments_of(self.sealed, self.round_id))
        every = {str(item["number"]) for item in self.sealed.pack["items"]}
        self.document("opening.json", opening_of(self.sealed, self.round_id, items=every, rules=True, secret=True))
        self._results()
        self._draw()
        records = {"commitments": "commitments.json", "list": "list.txt", "results": "results.jsonl"}
        records |= {"opening": "opening.json", "draw": "draw.json"}
        for kind, name in records.items():
            at = self.random.randint(0, len(self.entries))
            entry = {
                "kind": kind,
                "subject": "round/1",
                "version": 1,
                "sha256": sha256(self.files[name]).hex(),
                "at_ms": AT_MS,
            }
            self.entries.insert(at, canonical(entry))
        self._log()

    def _results(self) -> None:
        rows = []
        for finish in self.receipts:
            row = {"participant": finish["receipt"]["body"]["participant"], "pseudonym": "勤劳的云雀"}
            row |= {"score": finish["score"][0], "time_used_ms": self.random.randint(1, 3)}
            rows.append(row)
        rows.sort(key=lambda row: (-row["score"], row["time_used_ms"], row["participant"]))
        for place, row in enumerate(rows, 1):
            before = rows[place - 2] if place > 1 else None
            equal = before and (before["score"], before["time_used_ms"]) == (row["score"], row["time_used_ms"])
            row["rank"] = before["rank"] if before and equal else place
        header = {
            "format": RESULTS,
            "round": self.round_id,
            "contest": "C-1",
            "title": "第一轮",
            "pack": self.sealed.content_hash,
            "version": 1,
            "count": len(rows),
            "closed_at_ms": AT_MS,
            "made_at_ms": AT_MS + 1,
            "tie_breaks": ["score", "time_used"],
        }
        self.files["results.jsonl"] = b"".join(canonical(one) + b"\n" for one in [header, *rows])

    def _draw(self) -> None:
        tickets = sorted(self.bytes(16) for _ in range(self.random.randint(3, 70)))
        self.files["list.txt"] = "".join(f"{ticket.hex()}\n" for ticket in tickets).encode()
        root = root_of(leaf_hash(ticket) for ticket in tickets)
        randomness = [{"name": "福彩双色球", "value": f"{self.random.randint(0, 10**8)} é"}]
        randomness.append({"name": "beacon", "value": self.bytes(8).hex()})
        seed = seed_of(root, randomness_of(randomness))
        drawn = [ticket.hex() for ticket in sorted(tickets, key=lambda ticket: sha256(seed, ticket))]
        self.document(
            "draw.json",
            {
                "format": DRAW,
                "contest": "C-1",
                "title": "抽奖",
                "root": root.hex(),
                "count": len(tickets),
                "prizes": [{"name": "一等奖", "count": 1}, {"name": "二等奖", "count": 1}],
                "randomness": randomness,
                "announced_at_ms": AT_MS,
                "sealed_at_ms": AT_MS + 1,
                "drawn_at_ms": AT_MS + 2,
                "winners": drawn[:2],
                "reserves": drawn[2:3],
            },
        )

    def _log(self) -> None:
        leaves = [leaf_hash(entry) for entry in self.entries]
        tiles: dict[tuple[int, int], bytes] = {}
        tiles.update(extend_tiles(0, leaves, lambda level, number: b""))
        tree, size = Tree(lambda level, number: tiles[level, number]), len(leaves)
        early = self.random.randint(1, size - 1)
        note = {count: self.log.checkpoint(count, tree.root(count), AT_MS + count) for count in (early, size)}
        self.files["checkpoints.txt"] = "\n".join(note[count] for count in (early, size)).encode()
        cut = self.random.randint(1, size - 1)
        for name, first, last in (("log-0.jsonl", 0, cut), ("log-1.jsonl", cut, size)):
            before = Frontier()
            for leaf in leaves[:first]:
                before.append(leaf)
            header = {"format": LOG, "first": first, "count": last - first}
            header["before"] = [root.hex() for root in before.subtrees()]
            self.files[name] = b"".join(
                canonical(header) + b"\n" if at < 0 else self.entries[at] + b"\n" for at in [-1, *range(first, last)]
            )

        def proof(entry: bytes) -> dict[str, Any]:
            index = self.entries.index(entry)
            path = [step.hex() for step in tree.inclusion_path(index, size)]
            return {"index": index, "size": size, "path": path, "checkpoint": note[size]}

        entry = self.random.choice(self.entries)
        self.document("proof.json", {"format": LOG_PROOF, "entry": json.loads(entry), "log": proof(entry)})
        path = [step.hex() for step in tree.consistency_path(early, size)]
        self.document(
            "consistency.json", {"format": CONSISTENCY, "first": note[early], "second": note[size], "path": path}
        )
        finish = self.random.choice(self.receipts)
        self.document("receipt.json", finish | {"log": proof(canonical(finish["receipt"]["batch"]))})
        bare = self.random.choice(self.receipts)["receipt"]  # as it is given while the score is held back
        self.document("bare.json", {name: value for name, value in bare.items() if name != "score_salt"})


@cache
def made(number: int) -> Made:
    """Return a contest, made once."""
    return Made(number)


SETS: dict[str, tuple[str, ...]] = {
    "log": ("keys.json", "checkpoints.txt", "log-0.jsonl", "log-1.jsonl", "proof.json", "consistency.json"),
    "receipt": (
        "keys.json",
        "receipt.json",
        "bare.json",
        "commitments.json",
        "opening.json",
        "log-0.jsonl",
        "log-1.jsonl",
        "checkpoints.txt",
    ),
    "list": ("keys.json", "list.txt", "draw.json", "log-0.jsonl", "log-1.jsonl", "checkpoints.txt"),
    "draw": ("list.txt", "draw.json", "log-0.jsonl", "log-1.jsonl", "checkpoints.txt"),
    "results": ("keys.json", "results.jsonl", "log-0.jsonl", "log-1.jsonl", "checkpoints.txt"),
}
"""Which files are looked at together."""

FORGED = {
    "log": ("log-0.jsonl", "log-1.jsonl", "checkpoints.txt", "proof.json", "consistency.json", "keys.json"),
    "receipt": ("receipt.json", "bare.json", "opening.json", "commitments.json"),
    "list": ("list.txt",),
    "draw": ("draw.json",),
    "results": ("results.jsonl",),
}
"""Which of them are forged."""


def files_of(number: int, kind: str) -> Files:
    """Return a good set of files."""
    return {name: made(number).files[name] for name in SETS[kind]}


# forgeries -------------------------------------------------------------------------------------------------------


def flip_bit(raw: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(raw))
    return raw[:at] + bytes([raw[at] ^ 1 << chance.randrange(8)]) + raw[at + 1 :]


def cut_off(raw: bytes, chance: random.Random) -> bytes:
    return raw[: chance.randrange(len(raw))]


def add_bytes(raw: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(raw) + 1)
    return raw[:at] + chance.choice([b"0", b"a", b"\n", b" ", b"\xff", b"}"]) + raw[at:]


def drop_line(raw: bytes, chance: random.Random) -> bytes:
    lines = raw.splitlines(keepends=True)
    lines.pop(chance.randrange(len(lines)))
    return b"".join(lines)


def repeat_line(raw: bytes, chance: random.Random) -> bytes:
    lines = raw.splitlines(keepends=True)
    at = chance.randrange(len(lines))
    return b"".join([*lines[: at + 1], *lines[at:]])


def swap_lines(raw: bytes, chance: random.Random) -> bytes:
    lines = raw.splitlines(keepends=True)
    one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    return b"".join(lines)


def change_value(raw: bytes, chance: random.Random) -> bytes:
    """Change one value of the JSON as somebody would who knows the format, and write it canonically again."""
    lines = raw.split(b"\n")
    which = chance.choice([at for at, line in enumerate(lines) if line])
    value = json.loads(lines[which])
    places = list(_places(value))
    holder, key = chance.choice(places)
    holder[key] = _other(holder[key], chance)
    lines[which] = canonical(value)
    return b"\n".join(lines)


def lists_changed(raw: bytes, chance: random.Random) -> bytes:
    """Drop, repeat or swap entries of one list in the JSON."""
    lines = raw.split(b"\n")
    which = chance.choice([at for at, line in enumerate(lines) if line])
    value = json.loads(lines[which])
    found = [
        holder[key] for holder, key in _places(value, lists=True) if isinstance(holder[key], list) and holder[key]
    ]
    if not found:
        return change_value(raw, chance)
    row = chance.choice(found)
    at = chance.randrange(len(row))
    how = chance.randrange(3)
    if how == 0:
        row.pop(at)
    elif how == 1:
        row.insert(at, row[at])
    else:
        other = chance.randrange(len(row))
        row[at], row[other] = row[other], row[at]
    lines[which] = canonical(value)
    return b"\n".join(lines)


def _places(value: Any, *, lists: bool = False) -> Any:
    keys = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        inner = value[key]
        if isinstance(inner, dict | list):
            if lists:
                yield value, key
            yield from _places(inner, lists=lists)
        elif not lists:
            yield value, key


def _other(value: Any, chance: random.Random) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return max(0, value + chance.choice([-1, 1, 1000]))
    if isinstance(value, str):
        if value and all(sign in "0123456789abcdef" for sign in value):
            at = chance.randrange(len(value))
            return value[:at] + chance.choice("0123456789abcdef") + value[at + 1 :]
        return value + chance.choice(["x", "。", "\U0001f600"]) if chance.random() < 0.7 else value[1:]
    return 1


def change_ticket(raw: bytes, chance: random.Random) -> bytes:
    """Put another ticket into a list, in its place in the order."""
    tickets = raw.split()
    tickets[chance.randrange(len(tickets))] = chance.randbytes(16).hex().encode()
    return b"".join(ticket + b"\n" for ticket in sorted(tickets))


def add_ticket(raw: bytes, chance: random.Random) -> bytes:
    return b"".join(ticket + b"\n" for ticket in sorted([*raw.split(), chance.randbytes(16).hex().encode()]))


def sign_again(raw: bytes, chance: random.Random) -> bytes:
    """Sign the first checkpoint with a key of the forger's own."""
    head, _, rest = raw.decode().partition("\n— ")
    _name, _, old = rest.partition("\n")[0].partition(" ")
    signature = base64.b64decode(old)[:4] + LogSigner(chance.randbytes(32))._key.sign(head.encode())
    return raw.replace(old.encode(), base64.b64encode(signature))


Forgery = Callable[[bytes, random.Random], bytes]
BYTES: tuple[Forgery, ...] = (flip_bit, cut_off, add_bytes)
LINES: tuple[Forgery, ...] = (drop_line, repeat_line, swap_lines)
JSON: tuple[Forgery, ...] = (change_value, change_value, lists_changed)
FORGERIES: dict[str, tuple[Forgery, ...]] = {
    ".jsonl": (*BYTES, *LINES, *JSON),
    ".json": (*BYTES, *JSON),
    "list.txt": (*BYTES, *LINES, change_ticket, add_ticket),
    "checkpoints.txt": (*BYTES, *LINES, sign_again),
}


def forge(number: int, kind: str, of: int) -> tuple[str, str, bytes]:
    """Return (file, kind of forgery, forged contents): one forged file of a set, always the same for a number."""
    chance = random.Random(f"forgery {number}")
    name = chance.choice(FORGED[kind])
    raw = made(of).files[name]
    if chance.random() < 0.05 and name != "keys.json":
        return name, "foreign", made(of + 1).files[name]  # sound in itself, but of another contest
    forgeries = next(found for end, found in FORGERIES.items() if name.endswith(end))
    while True:
        how = chance.choice(forgeries)
        forged = how(raw, chance)
        if forged != raw and not (name in BY_MEANING and means(forged) == means(raw)):
            return name, how.__name__, forged


BY_MEANING = ("keys.json", "proof.json", "consistency.json", "receipt.json", "bare.json")
"""Files in which white space says nothing; of the others the log holds every byte."""


def means(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        return raw


def sources(files: Files) -> list[Source]:
    return [Source(name, content) for name, content in files.items()]


def digest(files: Files) -> str:
    return hashlib.sha256(b"".join(files.values())).hexdigest()
