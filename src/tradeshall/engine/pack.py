"""The pack: a round frozen at publication, with its content hash and the commitments to publish.

Commitments are SHA-256(32-byte nonce ‖ canonical bytes), one each for the rules, every item, every key and
the round secret, so that each can be opened alone, later, without opening another.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from tradeshall.core import ids
from tradeshall.core.signing import canonical, sha256
from tradeshall.engine.typed import read_number, read_tolerance
from tradeshall.engine.wire import (
    Counting,
    Form,
    ItemSpec,
    Results,
    Review,
    RoundRules,
    Scoring,
    SectionSpec,
    TieBreak,
)

FORMAT = "tradeshall/pack/1"
LATER_FIELDS = ("accepted", "matches", "media")
CHOICES = (Form.SINGLE, Form.MULTIPLE, Form.TRUE_FALSE)
MAX_OPTIONS = 26
MAX_GAPS = 10
MAX_TYPED_ON_PAPER = 150
"""So that all of it, at the longest, fits into the 64 KiB of a request."""

GAPS = re.compile("_{3,}")
MEDIA_KINDS = ("picture", "sound")
MAX_ITEMS_ON_PAPER = 500


class BadPack(ValueError):
    """The rules, sections or items do not make a round that can be sat."""


class TooMuchToType(BadPack):
    """What is typed on one paper might not fit into one request."""


@dataclass(frozen=True, slots=True)
class SealedPack:
    """A pack with what only the operator holds: the round secret and the nonces of the commitments."""

    pack: dict[str, Any]
    content_hash: str
    commitments: dict[str, Any]
    openings: dict[str, Any]
    secret: bytes

    @property
    def round_id(self) -> int:
        return int(self.pack["rules"]["round_id"])

    def to_bytes(self) -> bytes:
        """Return the whole of it, secret included, as canonical JSON."""
        return canonical({"pack": self.pack, "secret": self.secret.hex(), "openings": self.openings})

    @classmethod
    def from_bytes(cls, sealed: bytes) -> SealedPack:
        """Return the sealed pack these bytes hold; hash and commitments are computed anew."""
        value = orjson.loads(sealed)
        return _seal(value["pack"], bytes.fromhex(value["secret"]), value["openings"])

    def rules(self) -> RoundRules:
        return RoundRules(**{**self.pack["rules"], "tie_breaks": tuple(self.pack["rules"]["tie_breaks"])})

    def sections(self) -> tuple[SectionSpec, ...]:
        return tuple(
            SectionSpec(**{**section, "item_numbers": tuple(section["item_numbers"])})
            for section in self.pack["sections"]
        )

    def items(self) -> tuple[ItemSpec, ...]:
        return tuple(
            ItemSpec(
                **{
                    **item,
                    "options": tuple(item["options"]),
                    "key": tuple(item["key"]),
                    "tags": tuple(item["tags"]),
                    "accepted": tuple(tuple(texts) for texts in item.get("accepted", ())),
                    "matches": tuple(item.get("matches", ())),
                    "media": tuple(tuple(one) for one in item.get("media", ())),
                }
            )
            for item in self.pack["items"]
        )


def seal_pack(
    rules: RoundRules,
    sections: Iterable[SectionSpec],
    items: Iterable[ItemSpec],
    *,
    secret: bytes | None = None,
) -> SealedPack:
    """Freeze a round: check it, hash it, draw the secret and the nonces. Raises `BadPack`."""
    sections, items = tuple(sections), tuple(sorted(items, key=lambda item: item.number))
    _check(rules, sections, items)
    pack = orjson.loads(
        canonical(
            {
                "format": FORMAT,
                "rules": asdict(rules),
                "sections": [asdict(section) for section in sections],
                "items": [_written(item) for item in items],
            }
        )
    )
    secret = secret if secret is not None else ids.random_key()
    if len(secret) != 32:
        raise BadPack("the round secret has 32 bytes")
    openings = {
        "rules": ids.random_key().hex(),
        "secret": ids.random_key().hex(),
        "items": {str(item.number): ids.random_key().hex() for item in items},
        "keys": {str(item.number): ids.random_key().hex() for item in items},
    }
    return _seal(pack, secret, openings)


def public_item(item: dict[str, Any]) -> dict[str, Any]:
    """Return what the commitment to an item covers: all of it but key, accepted texts and explanation."""
    return {name: value for name, value in item.items() if name not in ("key", "accepted", "explanation")}


def item_key(item: dict[str, Any]) -> dict[str, Any]:
    """Return what the commitment to a key covers."""
    return {name: item[name] for name in ("number", "key", "accepted", "explanation") if name in item}


def _written(item: ItemSpec) -> dict[str, Any]:
    """Return an item as a pack holds it: later fields only where they say something, so that no hash changes."""
    return {name: value for name, value in asdict(item).items() if value or name not in LATER_FIELDS}


def _seal(pack: dict[str, Any], secret: bytes, openings: dict[str, Any]) -> SealedPack:
    def commit(nonce: str, content: bytes) -> str:
        return sha256(bytes.fromhex(nonce), content).hex()

    items = {str(item["number"]): item for item in pack["items"]}
    commitments = {
        "content_hash": sha256(canonical(pack)).hex(),
        "rules": commit(openings["rules"], canonical({"rules": pack["rules"], "sections": pack["sections"]})),
        "secret": commit(openings["secret"], secret),
        "items": {
            number: commit(nonce, canonical(public_item(items[number])))
            for number, nonce in openings["items"].items()
        },
        "keys": {
            number: commit(nonce, canonical(item_key(items[number]))) for number, nonce in openings["keys"].items()
        },
    }
    return SealedPack(pack, sha256(canonical(pack)).hex(), commitments, openings, secret)


def _check(rules: RoundRules, sections: tuple[SectionSpec, ...], items: tuple[ItemSpec, ...]) -> None:
    def need(truth: bool, sentence: str) -> None:
        if not truth:
            raise BadPack(sentence)

    need(rules.opens_at_ms < rules.closes_at_ms, "a round closes after it opens")
    need(rules.time_limit_seconds > 0, "the time limit is at least a second")
    need(rules.grace_seconds >= 0, "the grace is not negative")
    need(rules.attempts_per_day >= 0 and rules.attempts_total >= 0, "attempts are not negative")
    need(rules.counting in set(Counting), "unknown way of counting attempts")
    need(rules.results in set(Results), "unknown moment of results")
    need(rules.review in set(Review), "unknown moment of review")
    need(set(rules.tie_breaks) <= set(TieBreak), "unknown tie-break")
    need(rules.tie_breaks[:1] == (TieBreak.SCORE,), "the score is the first tie-break")
    ZoneInfo(rules.zone)
    by_number = {item.number: item for item in items}
    need(len(by_number) == len(items), "two items have the same number")
    for item in items:
        need(item.form in set(Form), f"item {item.number}: unknown form")
        need(
            all(len(one) == 3 and one[0] and one[1] in MEDIA_KINDS for one in item.media),
            f"item {item.number}: a picture or a sound has a name and a kind",
        )
        if item.form not in CHOICES:
            _check_form(need, item)
            continue
        need(not item.accepted and not item.matches, f"item {item.number}: a choice has options and a key alone")
        need(2 <= len(item.options) <= MAX_OPTIONS, f"item {item.number}: 2 to {MAX_OPTIONS} options")
        need(
            len(set(item.key)) == len(item.key) and all(0 <= k < len(item.options) for k in item.key),
            f"item {item.number}: the key names options of the item, each once",
        )
        if item.form == Form.MULTIPLE:
            need(len(item.key) >= 1, f"item {item.number}: a key")
        else:
            need(len(item.key) == 1, f"item {item.number}: exactly one right option")
        if item.form == Form.TRUE_FALSE:
            need(len(item.options) == 2, f"item {item.number}: two options")
    need(bool(sections), "a round has sections")
    seen: set[int] = set()
    for section in sections:
        need(section.count > 0 and section.points > 0, "a section has items and points")
        need(section.scoring in set(Scoring), "unknown scoring")
        numbers = set(section.item_numbers)
        need(len(numbers) == len(section.item_numbers), "a section names an item twice")
        need(numbers <= set(by_number), "a section names an item that is not in the pack")
        need(not numbers & seen, "an item belongs to one section")
        need(section.count <= len(numbers), "a section draws more items than it has")
        seen |= numbers
    need(sum(section.count for section in sections) <= MAX_ITEMS_ON_PAPER, "the paper is too long")
    typed = 0
    for section in sections:
        texts = sorted((len(by_number[number].accepted) for number in section.item_numbers), reverse=True)
        typed += sum(texts[: section.count])
    if typed > MAX_TYPED_ON_PAPER:
        raise TooMuchToType(f"up to {typed} texts to type on one paper, more than {MAX_TYPED_ON_PAPER}")


def _check_form(need: Callable[[bool, str], None], item: ItemSpec) -> None:
    here = f"item {item.number}"
    options, matches, accepted = len(item.options), len(item.matches), item.accepted
    if item.form in (Form.FILL_IN, Form.NUMERIC):
        need(not options and not matches and not item.key, f"{here}: what is typed has no options")
        need(all(accepted) and all(map(all, accepted)), f"{here}: a text for each gap")
        if item.form == Form.FILL_IN:
            need(0 < len(accepted) <= MAX_GAPS, f"{here}: 1 to {MAX_GAPS} gaps")
            need(len(GAPS.findall(item.stem)) == len(accepted), f"{here}: as many gaps in the stem as answers")
        else:
            need([len(texts) for texts in accepted] == [2], f"{here}: one value with its tolerance")
            value = read_number(accepted[0][0])
            need(
                value is not None and read_tolerance(accepted[0][1], value) is not None,
                f"{here}: a value and a tolerance that are numbers",
            )
        return
    need(not accepted, f"{here}: nothing is typed")
    if item.form == Form.MATCHING:
        need(1 <= options <= MAX_OPTIONS and 2 <= matches <= MAX_OPTIONS, f"{here}: 2 to {MAX_OPTIONS} to match")
        need(
            len(item.key) == options and all(0 <= place < matches for place in item.key),
            f"{here}: the key names a match for each option",
        )
    else:
        need(2 <= options <= MAX_OPTIONS and not matches, f"{here}: 2 to {MAX_OPTIONS} options to put in order")
        need(sorted(item.key) == list(range(options)), f"{here}: the key names each option once")
