"""A paper of all seven forms, on both ledgers: kept as it was typed, scored, shown again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from tests.engine.contest import KEYS, pass_for, running, someone, sqlite
from tests.engine.every_form import EVERY_FORM, RIGHT, pack_of_every_form, responses

from tradeshall.engine.codes import Code, EngineRefused
from tradeshall.engine.ledger.interface import Ledger
from tradeshall.engine.pack import MAX_TYPED_ON_PAPER
from tradeshall.engine.receipts import Signer, salted_hash, verify_receipt
from tradeshall.engine.typed import LONGEST_TEXT

HALF = {
    1: ["甲"],
    2: ["甲"],
    3: ["错误"],
    4: ["", "安全第一预防为主"],
    5: ["三点二"],
    6: ["京", "", "川"],
    7: ["公布", "草案", "审议", "表决"],
}


def by_form(items: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {item["form"]: item for item in items}


@pytest.mark.parametrize(
    ("scoring", "earned"),
    [
        ("all_or_nothing", [0, 0, 0, 0, 0, 0, 0]),
        ("part_marks", [0, 6, 0, 6, 0, 4, 9]),
        ("per_option", [0, 6, 0, 6, 0, 0, 0]),
    ],
)
def test_every_form_is_sat_and_scored(ledger: Ledger, scoring: str, earned: list[int]) -> None:
    async def scenario() -> None:
        ledger.deposit_pack(pack_of_every_form(scoring=scoring))
        async with running(ledger) as engine:
            begun = await engine.start(pass_for(someone()))
            sent = responses(begun)
            result = await engine.submit(begun["token"], sent)
            assert (result["score_points"], result["max_points"]) == (84, 84)
            assert verify_receipt(result["receipt"], Signer(KEYS.receipt_seed).public)
            body = result["receipt"]["body"]
            given = [said for _, _, said in sorted(sent)]
            assert body["answers"] == salted_hash(bytes.fromhex(body["salt"]), given)
            review = by_form((await engine.review(begun["token"]))["items"])
            assert all(item["got_points"] == 12 for item in review.values())
            assert review["fill_in"]["given"] == RIGHT[4]
            assert review["fill_in"]["accepted"][0] == ["2002"]
            assert review["numeric"]["accepted"] == [["3.14", "0.005"]]
            assert review["matching"]["key"] == review["matching"]["given"]
            assert review["ordering"]["key"] == review["ordering"]["given"]
            assert all(all(item["right"]) for item in review.values() if "right" in item)

            begun = await engine.start(pass_for(someone()))
            await engine.submit(begun["token"], responses(begun, HALF))
            review = by_form((await engine.review(begun["token"]))["items"])
            got = [review[item.form]["got_points"] for item in EVERY_FORM]
            assert got == earned
            assert review["fill_in"]["right"] == [None, True]
            assert review["matching"]["right"] == [True, None, False]
            assert review["ordering"]["right"] == [False] * 4

    asyncio.run(scenario())


@pytest.mark.parametrize("snapshot", [False, True])
def test_saved_answers_of_every_form_outlive_a_restart(
    opened: Callable[[], Ledger], tmp_path: Path, snapshot: bool
) -> None:
    async def scenario() -> None:
        me = someone()
        at = tmp_path / "snapshot" if snapshot else None
        ledger = opened()
        ledger.deposit_pack(pack_of_every_form())
        async with running(ledger, snapshot=at) as engine:
            begun = await engine.start(pass_for(me))
            sent = responses(begun)
            await engine.save(begun["token"], sent)
            saved = (await engine.start(pass_for(me)))["saved"]
            assert {int(no): held["response"] for no, held in saved.items()} == {no: said for no, _, said in sent}
        async with running(opened(), snapshot=at) as engine:
            assert (await engine.start(pass_for(me)))["saved"] == saved
            # the same again changes nothing; an older revision neither
            assert (await engine.save(begun["token"], [[no, 0, []] for no, _, _ in sent]))["saved"] == {
                str(no): 1 for no, _, _ in sent
            }
            assert (await engine.submit(begun["token"], []))["score_points"] == 84

    asyncio.run(scenario())


def test_an_answer_that_says_nothing_takes_one_back(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with running(sqlite(tmp_path, pack_of_every_form())) as engine:
            me = someone()
            begun = await engine.start(pass_for(me))
            await engine.save(begun["token"], responses(begun))
            blank = {4: ["", " \t "], 5: ["\u0000"], 6: ["", "", ""]}
            sent = [*responses(begun, blank, 2), [place(begun, 7), 2, []]]
            await engine.save(begun["token"], sent)
            saved = (await engine.start(pass_for(me)))["saved"]
            assert [saved[str(no)]["response"] for no, _, _ in sent] == [[], [], [], []]
            assert (await engine.submit(begun["token"], []))["score_points"] == 36

    asyncio.run(scenario())


def place(begun: dict[str, Any], number: int) -> int:
    stem = EVERY_FORM[number - 1].stem
    return next(item["no"] for item in begun["paper"]["items"] if item["stem"] == stem)


@pytest.mark.parametrize(
    ("number", "given", "code"),
    [
        (4, ["2002"], Code.RESPONSE_MALFORMED),
        (4, ["2002", 5], Code.RESPONSE_MALFORMED),
        (4, [0, 1], Code.RESPONSE_MALFORMED),
        (4, ["a", "b", "c"], Code.RESPONSE_MALFORMED),
        (4, ["x" * (LONGEST_TEXT + 1), ""], Code.RESPONSE_TOO_LONG),
        (5, ["1", "2"], Code.RESPONSE_MALFORMED),
        (5, [3.14], Code.RESPONSE_MALFORMED),
        (6, [0, 1], Code.RESPONSE_MALFORMED),
        (6, [0, 1, 4], Code.RESPONSE_NOT_ON_PAPER),
        (6, [0, 1, -2], Code.RESPONSE_NOT_ON_PAPER),
        (6, [0, 1, True], Code.RESPONSE_MALFORMED),
        (6, ["京", "沪", "粤"], Code.RESPONSE_MALFORMED),
        (7, [0, 1, 2], Code.RESPONSE_MALFORMED),
        (7, [0, 1, 2, 2], Code.RESPONSE_MALFORMED),
        (7, [0, 1, 2, 4], Code.RESPONSE_MALFORMED),
        (7, [0, 1, 2, "3"], Code.RESPONSE_MALFORMED),
        (7, [[0], 1, 2, 3], Code.RESPONSE_MALFORMED),
        (1, ["丙"], Code.RESPONSE_NOT_ON_PAPER),
    ],
)
def test_responses_that_do_not_fit_the_form_are_refused(
    tmp_path: Path, number: int, given: list[Any], code: Code
) -> None:
    async def scenario() -> None:
        async with running(sqlite(tmp_path, pack_of_every_form())) as engine:
            begun = await engine.start(pass_for(someone()))
            for ask in (engine.save, engine.submit):
                with pytest.raises(EngineRefused) as caught:
                    await ask(begun["token"], [[place(begun, number), 1, given]])
                assert caught.value.code == code
            assert (await engine.submit(begun["token"], []))["score_points"] == 0

    asyncio.run(scenario())


def test_the_longest_paper_to_type_fits_into_a_request() -> None:
    """150 texts of 100 characters of three bytes, revisions and all, within the 64 KiB the engine reads."""
    texts = [[no, (1 << 53) - 1, ["字" * LONGEST_TEXT]] for no in range(1, MAX_TYPED_ON_PAPER + 1)]
    assert len(orjson.dumps({"token": "t" * 600, "responses": texts})) < 64 * 1024
