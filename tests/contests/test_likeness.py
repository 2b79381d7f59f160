"""Items that nearly say the same are found, and none is missed by the index that makes it quick."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradeshall.contests.rules import likeness as rules
from tradeshall.contests.rules.likeness import ALIKE, groups_of, index_of, likeness, wording_of

ANSWERS = ("六小时", "八小时", "十小时")


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("每日工作时间不超过几小时？", "每日工作时间，不超过几小时", True),
        ("国家实行劳动者每日工作时间不超过几小时的制度？", "国家实行劳动者每日工作时间不得超过几小时的制度？", True),
        ("What does Convention No. 87 protect?", "What does convention no 87 protect", True),
        ("国际劳工组织成立于1919年。", "国际劳工组织成立于1949年。", False),
        ("What does Convention No. 87 protect?", "What does Convention No. 98 protect?", False),
        ("工会经费的来源有哪些？", "进入受限空间作业前先做什么？", False),
    ],
)
def test_likeness_of_wordings(one: str, other: str, alike: bool) -> None:
    share = likeness(wording_of(one, ANSWERS), wording_of(other, ANSWERS))
    assert (share >= ALIKE) is alike


def test_the_same_frame_with_other_answers_is_another_question() -> None:
    frame = "下列说法正确的是？"
    one = wording_of(frame, ("工会是群众组织", "工会是行政机关"))
    other = wording_of(frame, ("试用期最长六个月", "试用期可以约定两次"))
    assert likeness(one, other) < ALIKE


TEXTS = st.lists(st.text("甲乙丙丁子丑12", min_size=1, max_size=14), min_size=2, max_size=25)


@settings(max_examples=300)
@given(TEXTS)
def test_the_index_finds_what_comparing_all_with_all_finds(texts: list[str]) -> None:
    wordings = [(key, wording_of(text, ())) for key, text in enumerate(texts)]
    index = index_of(wordings)
    for key, wording in wordings:
        expected = {other for other, one in wordings if likeness(wording, one) >= ALIKE}
        assert {other for other, _share in index.like(wording)} == expected
        assert not wording.grams or key in expected


def test_a_shorter_prefix_would_miss_some(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: with pairs looked up in fewer places than the rule says, likenesses are lost."""
    texts = [f"{a}{b}工作时间不超过几小时的制度" for a, b in combinations("甲乙丙丁戊己庚辛", 2)]
    wordings = [(key, wording_of(text, ())) for key, text in enumerate(texts)]
    pairs = sum(likeness(a, b) >= ALIKE for (_, a), (_, b) in combinations(wordings, 2))

    def found() -> int:
        index = index_of(wordings)
        return sum(len(index.like(wording)) - 1 for _key, wording in wordings) // 2

    assert found() == pairs > 0
    monkeypatch.setattr(rules.LikenessIndex, "_prefix", lambda self, wording: sorted(wording.grams)[:2])
    assert found() < pairs


def test_groups_join_by_way_of_others_and_leave_out_what_was_kept_apart() -> None:
    stem = "国家实行劳动者每日工作时间不超过几小时、平均每周工作时间不超过几小时的工时制度"
    texts = [stem, stem + "吗", stem + "吗呢", "进入受限空间作业前应当先做什么"]
    wordings = [(key, wording_of(text, ())) for key, text in enumerate(texts, 1)]
    assert [[key for key, _ in group] for group in groups_of(wordings)] == [[1, 2, 3]]
    assert [[key for key, _ in group] for group in groups_of(wordings, [(1, 2), (3, 1)])] == [[2, 3]]
    assert groups_of(wordings, [(1, 2), (1, 3), (2, 3)]) == []


def test_what_has_no_letters_is_like_nothing() -> None:
    blank = wording_of("？！", ())
    assert likeness(blank, blank) == 0
    assert index_of([(1, blank)]).like(blank) == []
