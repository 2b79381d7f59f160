"""A round as the engine holds it: the pack compiled, so that a paper is joined from bytes made once.

The web side uses `CompiledRound` too, to say which item stood where on a participant's paper.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import orjson

from tradeshall.engine.pack import SealedPack
from tradeshall.engine.paper import Order, draw_items, make_paper, paper_key
from tradeshall.engine.scoring import score_response
from tradeshall.engine.wire import Form, ItemSpec, RoundRules, Scoring


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
        self.option_count = len(spec.options)
        self.shuffled = self.option_count if shuffle and spec.form != Form.TRUE_FALSE else 0
        self.written: Order = tuple(range(self.option_count))
        self.option_parts = [orjson.dumps(option) for option in spec.options]
        self.head = b',"section":%s,"form":%s,"stem":%s,"options":[' % (
            orjson.dumps(section),
            orjson.dumps(spec.form),
            orjson.dumps(spec.stem),
        )
        self._tail = b'],"points":%d}' % points
        self._single = spec.key[0] if spec.form != Form.MULTIPLE else -1

    def shown(self, no: int, order: Order) -> bytes:
        """Return the JSON of the item as it stands on a paper."""
        parts = self.option_parts
        return b'{"no":%d%s%s%s' % (no, self.head, b",".join([parts[i] for i in order]), self._tail)

    def score(self, order: Order, given: Sequence[int]) -> int:
        """Return the points for positions as shown on the paper."""
        if not given:
            return 0
        if self._single >= 0:
            return self.points if order[given[0]] == self._single else 0
        return score_response(
            self.form, self.scoring, self.points, self.option_count, self.key, [order[i] for i in given]
        )


class Paper(NamedTuple):
    """What one participant was given: items and, beside each, the order in which its options are shown."""

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

    def items_of(self, participant: int, number: int, variant: str = "") -> list[CompiledItem]:
        """Return the items of a paper, without how their options are shown."""
        key = paper_key(self._secret, self._hash, participant, number, variant)
        return [self.sections[section][place] for section, place in draw_items(key, self.counts)]

    def paper_json(self, paper: Paper) -> bytes:
        """Return the paper as the participant gets it: without keys."""
        shown = [
            item.shown(no, order) for no, (item, order) in enumerate(zip(paper.items, paper.orders, strict=True), 1)
        ]
        return b'{"max_points":%d,"items":[%s]}' % (self.max_points, b",".join(shown))

    def score(self, paper: Paper, responses: Sequence[Sequence[int]]) -> list[int]:
        """Return the points of each item, in the order of the paper."""
        return [
            item.score(order, given) for item, order, given in zip(paper.items, paper.orders, responses, strict=True)
        ]

    def review(self, paper: Paper, responses: Sequence[Sequence[int]]) -> list[dict[str, Any]]:
        """Return each item with what was given, the key and the explanation, positions as shown."""
        return [
            {
                "no": no,
                "item": item.spec.number,
                "form": item.form,
                "stem": item.spec.stem,
                "options": [item.spec.options[i] for i in order],
                "points": item.points,
                "given": list(given),
                "key": sorted(order.index(i) for i in item.key),
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
