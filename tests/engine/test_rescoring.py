"""Papers of finished attempts are made again as they were, and only what was corrected is scored anew."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from tests.engine.contest import pack

from tradeshall.engine.ledger.interface import Entry
from tradeshall.engine.rescoring import (
    EVERYBODY,
    Difference,
    Rescorer,
    chosen_of,
    corrected_round,
    first_attempts,
    ranges,
    sat,
)
from tradeshall.engine.rounds import CompiledRound

SEALED = pack(count=12, pool=40)
COMPILED = CompiledRound(SEALED)


def entry(participant: int, number: int = 1, seed: int = 0) -> Entry:
    rng = random.Random(f"{participant}:{number}:{seed}")
    paper = COMPILED.paper(participant, number)
    responses = [
        [] if rng.random() < 0.1 else sorted(rng.sample(range(len(order)), 2 if item.form == "multiple" else 1))
        for item, order in zip(paper.items, paper.orders, strict=True)
    ]
    per_item = COMPILED.score(paper, responses)
    payload = {
        "score_points": sum(per_item),
        "max_points": COMPILED.max_points,
        "time_used_ms": 1000,
        "finished_at_ms": 5,
        "responses": responses,
        "per_item": per_item,
    }
    return Entry("w", 1, 5, "finish", 1, participant, number, 7, False, payload)


def test_drawn_items_are_those_of_the_paper() -> None:
    for participant in range(200):
        paper = COMPILED.paper(participant, 3, "north")
        assert COMPILED.items_of(participant, 3, "north") == paper.items


def test_corrected_rounds_have_the_same_papers() -> None:
    other = corrected_round(SEALED, {4: {"key": [1]}})
    for participant in range(100):
        one, two = COMPILED.paper(participant, 1), other.paper(participant, 1)
        assert [item.spec.number for item in one.items] == [item.spec.number for item in two.items]
        assert one.orders == two.orders
    assert {item.spec.key for section in other.sections for item in section if item.spec.number == 4} == {(1,)}


@pytest.mark.parametrize("correction", [{"void": "full"}, {"void": "out"}, {"key": [1]}])
def test_only_who_had_the_item_changes(correction: dict[str, object]) -> None:
    number = next(item["number"] for item in SEALED.pack["items"] if item["form"] == "single" and item["key"] != [1])
    difference = Difference(SEALED, {}, {number: correction})
    changed = 0
    for participant in range(300):
        one = entry(participant)
        paper = COMPILED.paper(participant, 1)
        place = next((at for at, item in enumerate(paper.items) if item.spec.number == number), None)
        found = difference.of(one)
        if place is None:
            assert found is None
            continue
        before = one.payload["per_item"][place]
        given = [paper.orders[place][at] for at in one.payload["responses"][place]]
        now = 5 if correction == {"void": "full"} or (correction == {"key": [1]} and given == [1]) else 0
        most = 55 if correction == {"void": "out"} else 60
        if (before, 60) == (now, most):
            assert found is None
        else:
            assert found is not None
            assert (found.points - found.was_points, found.most) == (now - before, most)
            changed += 1
    assert changed > 20


def test_a_correction_taken_back_gives_what_the_ledger_says() -> None:
    before = {number: {"void": "full"} for number in range(1, 20)}
    back = Difference(SEALED, before, {})
    for participant in range(50):
        one = entry(participant)
        found = back.of(one)
        assert found is None or (found.points, found.most) == (one.payload["score_points"], 60)


def test_laid_out_answers_say_what_was_chosen_as_written() -> None:
    one = entry(9)
    paper = COMPILED.paper(9, 1)
    out = paper.items[0].spec.number
    laid = sat(Rescorer(SEALED, {out: {"void": "out"}}), one)
    assert [answer.item for answer in laid.answers] == [item.spec.number for item in paper.items[1:]]
    for answer, item, order, given in zip(
        laid.answers, paper.items[1:], paper.orders[1:], one.payload["responses"][1:], strict=True
    ):
        written = {order[at] for at in given}
        assert {at for at in range(8) if answer.chosen >> at & 1} == written
        assert (answer.points == answer.most) == (written == set(item.key))
    assert laid.score_points == sum(answer.points for answer in laid.answers)


def test_answers_to_other_forms_have_no_options() -> None:
    item = COMPILED.sections[0][0]
    assert chosen_of(item, (0, 1, 2, 3), []) == 0
    item = corrected_round(SEALED, {}).sections[0][0]
    item.form = "fill_in"
    assert chosen_of(item, (), ["八小时"]) == -1


def test_first_attempts_are_the_first_that_come() -> None:
    entries = [entry(1, 1), entry(1, 2), entry(2, 3)]
    assert first_attempts(entries) == [entries[0], entries[2]]


@pytest.mark.parametrize("count", [1, 3, 200])
def test_ranges_hold_every_number_once(count: int) -> None:
    found = ranges(count)
    assert (found[0][0], found[-1][1]) == EVERYBODY
    assert all(high + 1 == low for (_, high), (low, _) in pairwise(found))
