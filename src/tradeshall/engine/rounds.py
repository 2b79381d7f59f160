"""A round as the engine holds it: the pack compiled, so that a paper is joined from bytes made once.

The web side uses `CompiledRound` too, to say which item stood where on a participant's paper.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import orjson

from tradeshall.engine.forms import FORMS
from tradeshall.engine.pack import SealedPack
from tradeshall.engine.paper import Order, make_paper, paper_key
from tradeshall.engine.scoring import score_parts, score_response
from tradeshall.engine.wire import Form, ItemSpec, RoundRules, Scoring

SEVERAL = -1
"""In place of the one right option, where there is no one such."""


class CompiledItem:
    """One item with the bytes of its parts and what it earns."""

    __slots__ = (
        "_single",
        "_tail",
        "form",
        "head",
        "key",
        "option_count",
        "option_parts",
        "played",
        "points",
        "scoring",
        "shuffled",
        "spec",
        "written",
    )

    def __init__(self, spec: ItemSpec, section: str, points: int, scoring: str, shuffle: bool) -> None:
        self.spec = spec
        self.form = spec.form
        self.points = points
        self.scoring = scoring
        self.key = frozenset(spec.key)
        self.played = FORMS[spec.form](spec) if spec.form in FORMS else None
        moved = spec.options if self.played is None else self.played.moved
        # Of a choice. Others have none, so that who reads responses comes upon them where a choice would be wrong.
        self.option_count = len(spec.options) if self.played is None else 0
        shuffled = shuffle and spec.form != Form.TRUE_FALSE if self.played is None else bool(moved)
        self.shuffled = len(moved) if shuffled else 0
        self.written: Order = tuple(range(len(moved)))
        self.option_parts = [orjson.dumps(option) for option in moved]
        shown = {} if self.played is None else self.played.shown
        self.head = b',"section":%s,"form":%s,"stem":%s,%s"%s":[' % (
            orjson.dumps(section),
            orjson.dumps(spec.form),
            orjson.dumps(spec.stem),
            b"".join(b'"%s":%s,' % (name.encode(), orjson.dumps(value)) for name, value in shown.items()),
            b"matches" if "options" in shown else b"options",
        )
        media = b',"media":%s' % orjson.dumps(spec.media) if spec.media else b""
        self._tail = b'],"points":%d%s}' % (points, media)
        self._single = spec.key[0] if self.played is None and spec.form != Form.MULTIPLE else SEVERAL

    def shown(self, no: int, order: Order) -> bytes:
        """Return the JSON of the item as it stands on a paper."""
        parts = self.option_parts
        return b'{"no":%d%s%s%s' % (no, self.head, b",".join([parts[i] for i in order]), self._tail)

    def score(self, order: Order, given: Sequence[Any]) -> int:
        """Return the points for what was given: positions as shown on the paper, or typed texts."""
        if not given:
            return 0
        single = self._single
        if single >= 0:
            return self.points if order[given[0]] == single else 0
        if self.played is not None:
            return score_parts(self.played, self.scoring, self.points, order, given)
        return score_response(
            self.form, self.scoring, self.points, self.option_count, self.key, [order[i] for i in given]
        )

    def review(self, order: Order, given: Sequence[Any]) -> dict[str, Any]:
        """Return what was given and what is right, positions as shown; `right` says it of each part."""
        if self.played is None:
            return {
                "options": [self.spec.options[i] for i in order],
                "given": list(given),
                "key": sorted(order.index(i) for i in self.key),
            }
        return {
            "matches" if self.spec.matches else "options": [self.played.moved[i] for i in order],
            **self.played.shown,
            "given": list(given),
            "right": self.played.marks(order, given) if given else [],
            **self.played.right(order),
        }


class Paper(NamedTuple):
    """What one participant was given: items and, beside each, the order in which what moves of it is shown."""

    items: list[CompiledItem]
    orders: list[Order]


class CompiledRound:
    """A pack ready to be played."""

    def __init__(self, sealed: SealedPack) -> None:
        self.rules: RoundRules = sealed.rules()
        self.content_hash = sealed.content_hash
        self._hash = bytes.fromhex(sealed.content_hash)
        self._secret = sealed.secret
        by_number = {item.number: item for item in sealed.items()}
        order = {number: position for position, number in enumerate(by_number)}
        self.sections: list[list[CompiledItem]] = []
        self.counts: list[tuple[int, int]] = []
        for section in sealed.sections():
            numbers = sorted(section.item_numbers, key=order.__getitem__)
            self.sections.append(
                [
                    CompiledItem(
                        by_number[number],
                        section.title,
                        section.points,
                        section.scoring,
                        self.rules.shuffle_options,
                    )
                    for number in numbers
                ]
            )
            self.counts.append((len(numbers), section.count))
        self._option_counts = [[item.shuffled for item in section] for section in self.sections]
        self.item_count = sum(section.count for section in sealed.sections())
        self.max_points = sum(section.count * section.points for section in sealed.sections())
        self.per_option = any(s.scoring == Scoring.PER_OPTION for s in sealed.sections())
        self.days = Days(self.rules.zone)
        self.title_json = orjson.dumps(self.rules.title)

    def paper(self, participant: int, number: int, variant: str = "") -> Paper:
        """Return the paper of an attempt; always the same one."""
        drawn, orders = make_paper(
            paper_key(self._secret, self._hash, participant, number, variant),
            self.counts,
            self._option_counts,
        )
        sections = self.sections
        items = [sections[section][place] for section, place in drawn]
        return Paper(
            items,
            [item.written if order is None else order for item, order in zip(items, orders, strict=True)],
        )

    def paper_json(self, paper: Paper) -> bytes:
        """Return the paper as the participant gets it: without keys."""
        shown = [
            item.shown(no, order) for no, (item, order) in enumerate(zip(paper.items, paper.orders, strict=True), 1)
        ]
        return b'{"max_points":%d,"items":[%s]}' % (self.max_points, b",".join(shown))

    def score(self, paper: Paper, responses: Sequence[Sequence[Any]]) -> list[int]:
        """Return the points of each item, in the order of the paper."""
        return [
            item.score(order, given) for item, order, given in zip(paper.items, paper.orders, responses, strict=True)
        ]

    def review(self, paper: Paper, responses: Sequence[Sequence[Any]]) -> list[dict[str, Any]]:
        """Return each item with what was given, the key and the explanation, positions as shown."""
        return [
            {
                "no": no,
                "item": item.spec.number,
                "form": item.form,
                "stem": item.spec.stem,
                **({"media": item.spec.media} if item.spec.media else {}),
                "points": item.points,
                **item.review(order, given),
                "got_points": item.score(order, given),
                "explanation": item.spec.explanation,
                "source": item.spec.source,
            }
            for no, (item, order, given) in enumerate(zip(paper.items, paper.orders, responses, strict=True), 1)
        ]


class Days:
    """Calendar days of a zone, remembered, since a million moments fall on a few days."""

    def __init__(self, zone: str) -> None:
        self._zone = ZoneInfo(zone)
        self._from_ms = self._until_ms = self._day = 0

    def day(self, at_ms: int) -> int:
        """Return the ordinal of the day on which a moment falls."""
        if not self._from_ms <= at_ms < self._until_ms:
            moment = datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(self._zone).date()
            self._day = moment.toordinal()
            self._from_ms = self._midnight(moment.toordinal())
            self._until_ms = self._midnight(moment.toordinal() + 1)
        return self._day

    def next_midnight_ms(self, at_ms: int) -> int:
        """Return the moment at which the day of `at_ms` ends."""
        self.day(at_ms)
        return self._until_ms

    def _midnight(self, ordinal: int) -> int:
        return int(datetime.combine(date.fromordinal(ordinal), time(), self._zone).timestamp() * 1000)
