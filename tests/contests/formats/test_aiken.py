"""Aiken as people type it."""

from __future__ import annotations

import pytest

from tradeshall.contests.formats.aiken import read_aiken

GOOD = "国际劳工组织成立于哪一年？\nA. 1919\nB) 1945\nC、 1948\nANSWER: A\n"


def test_questions_with_every_mark_after_the_letter() -> None:
    first, second = read_aiken(GOOD + "\n\n" + GOOD.replace("ANSWER: A", "answer： b"))
    assert first.draft is not None
    assert second.draft is not None
    assert (first.draft.stem, first.draft.options, first.draft.key) == (
        "国际劳工组织成立于哪一年？", ("1919", "1945", "1948"), (0,),
    )  # fmt: skip
    assert (second.line, second.draft.key) == (8, (1,))


@pytest.mark.parametrize(
    ("text", "reason", "line"),
    [
        ("Q?\nA. a\nB. b\n", "aiken_no_answer", 1),
        ("Q?\nA. a\nB. b\nNext?\nA. a\nB. b\nANSWER: A", "aiken_no_answer", 1),
        ("Q?\nA. a\nC. c\nANSWER: A", "aiken_letters", 1),
        ("Q?\nANSWER: A", "aiken_letters", 1),
        ("A. a\nB. b\nANSWER: A", "aiken_no_question", 1),
        ("Q?\nA. a\nB. b\nANSWER: C", "aiken_answer", 1),
        ("Q?\nA. a\nB. b\nANSWER: A, B", "aiken_answer", 1),
        ("ANSWER: A", "aiken_no_question", 1),
    ],
)
def test_what_breaks_a_rule_is_refused_and_the_rest_comes_in(text: str, reason: str, line: int) -> None:
    refused, *_, after = read_aiken(f"{text}\n\n{GOOD}")
    assert (refused.line, refused.problems[0].code) == (line, f"contests:file:{reason}")
    assert after.draft is not None
