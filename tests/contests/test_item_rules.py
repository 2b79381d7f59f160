"""What makes an item fit to be asked."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradeshall.contests.enums import ItemForm
from tradeshall.contests.rules.items import (
    ITEM,
    ItemDraft,
    Media,
    item_hash,
    judge_item,
    normalised,
    plain,
    stem_hash,
    tidied,
    true_false_options,
)

GOOD = ItemDraft("single", "几点？", ("一", "二", "三"), (1,))
MANY = ItemDraft("multiple", "哪些？", ("一", "二", "三"), (0, 2))
TRUTH = ItemDraft("true_false", "对吗？", ("正确", "错误"), (0,))

GAPS = ItemDraft("fill_in", "____年成立于____。", (), (), accepted=(("1919",), ("日内瓦", "瑞士日内瓦")))
NUMBER = ItemDraft("numeric", "多少？", (), (), accepted=(("3.14", "1%"),))
PAIRS = ItemDraft("matching", "配对", ("京", "沪"), (1, 0), matches=("上海", "北京", "广东"))
ORDER = ItemDraft("ordering", "排序", ("一", "二", "三"), (2, 0, 1))
PICTURE = Media("ab" * 32 + ".png", "picture", "标志")

texts = st.text(min_size=1, max_size=20).map(str.strip).filter(bool)


@pytest.mark.parametrize("item", [GOOD, MANY, TRUTH, GAPS, NUMBER, PAIRS, ORDER, replace(GOOD, media=(PICTURE,))])
def test_judge_item_lets_a_sound_item_pass(item: ItemDraft) -> None:
    assert judge_item(item) == []


@pytest.mark.parametrize(
    ("item", "code", "field"),
    [
        (replace(GOOD, form="essay"), "form_unknown", "form"),
        (replace(GOOD, stem=""), "stem_empty", "stem"),
        (replace(GOOD, stem="长" * 2001), "stem_too_long", "stem"),
        (replace(GOOD, options=("一",), key=(0,)), "options_count", "options"),
        (replace(GOOD, options=tuple("一二三四五六七八九")), "options_count", "options"),
        (replace(GOOD, options=("一", "", "三")), "option_empty", "options"),
        (replace(GOOD, options=("一", "长" * 501)), "option_too_long", "options"),
        (replace(GOOD, options=("A", "Ａ", "三")), "option_twice", "options"),
        (replace(GOOD, options=("Yes", "yes", "三")), "option_twice", "options"),
        (replace(GOOD, key=()), "key_empty", "key"),
        (replace(GOOD, key=(3,)), "key_outside", "key"),
        (replace(MANY, key=(0, 0)), "key_outside", "key"),
        (replace(GOOD, key=(0, 1)), "single_needs_one", "key"),
        (replace(MANY, key=(0,)), "multiple_needs_two", "key"),
        (replace(TRUTH, key=(0, 1)), "single_needs_one", "key"),
        (replace(TRUTH, options=("正确", "错误", "不知道")), "true_false_has_two", "options"),
        (replace(GOOD, explanation="长" * 4001), "explanation_too_long", "explanation"),
        (replace(GOOD, difficulty=0), "difficulty_out_of_bounds", "difficulty"),
        (replace(GOOD, difficulty=6), "difficulty_out_of_bounds", "difficulty"),
        (replace(GOOD, tags=tuple(str(n) for n in range(21))), "too_many_tags", "tags"),
        (replace(GOOD, tags=("长" * 41,)), "tag_too_long", "tags"),
        (replace(GOOD, source="长" * 301), "source_too_long", "source"),
        (replace(GAPS, stem="没有空"), "no_gap", "stem"),
        (replace(GAPS, stem="____" + "、____" * 10, accepted=(("1",),) * 11), "too_many_gaps", "stem"),
        (replace(GAPS, stem="____年"), "gaps_differ", "accepted"),
        (replace(GAPS, accepted=(("1919",), ())), "gap_without_answer", "accepted"),
        (replace(GAPS, accepted=(("1919",), tuple(map(str, range(21))))), "too_many_accepted", "accepted"),
        (replace(GAPS, accepted=(("1919",), ("长" * 101,))), "accepted_too_long", "accepted"),
        (replace(NUMBER, accepted=()), "value_missing", "accepted"),
        (replace(NUMBER, accepted=(("", "0"),)), "value_missing", "accepted"),
        (replace(NUMBER, accepted=(("许多", "0"),)), "value_not_a_number", "accepted"),
        (replace(NUMBER, accepted=(("3", "少许"),)), "tolerance_not_a_number", "accepted"),
        (replace(NUMBER, accepted=(("3", "-1"),)), "tolerance_not_a_number", "accepted"),
        (replace(PAIRS, options=("京",), key=(1,)), "options_count", "options"),
        (replace(PAIRS, options=("京", "京")), "option_twice", "options"),
        (replace(PAIRS, matches=("上海",), key=(0, 0)), "matches_count", "matches"),
        (replace(PAIRS, matches=("上海", "")), "match_empty", "matches"),
        (replace(PAIRS, matches=("上海", "长" * 501)), "match_too_long", "matches"),
        (replace(PAIRS, matches=("A", "Ａ")), "match_twice", "matches"),
        (replace(PAIRS, key=(1,)), "pair_missing", "key"),
        (replace(PAIRS, key=(1, 3)), "pair_missing", "key"),
        (replace(ORDER, key=(0, 1)), "order_incomplete", "key"),
        (replace(ORDER, key=(0, 1, 1)), "order_incomplete", "key"),
        (replace(ORDER, options=("一", "", "三")), "option_empty", "options"),
        (replace(GOOD, media=(PICTURE,) * 5), "too_many_media", "media"),
        (replace(GOOD, media=(replace(PICTURE, kind="film"),)), "media_unknown", "media"),
        (replace(GOOD, media=(replace(PICTURE, name="../x.png"),)), "media_unknown", "media"),
        (replace(GOOD, media=(replace(PICTURE, alt=""),)), "media_without_words", "media"),
        (replace(GOOD, media=(replace(PICTURE, alt="长" * 301),)), "media_words_too_long", "media"),
    ],
)
def test_judge_item_refuses_by_field(item: ItemDraft, code: str, field: str) -> None:
    (refusal,) = judge_item(item)
    assert (refusal.code, refusal.field_name) == (f"contests:item:{code}", field)


def test_judge_item_names_every_reason_at_once() -> None:
    bad = ItemDraft("single", "", ("一", "一"), (), difficulty=9)
    assert {refusal.field_name for refusal in judge_item(bad)} == {"stem", "options", "key", "difficulty"}


@given(st.lists(texts, min_size=2, max_size=8, unique_by=lambda t: normalised(t) or t), st.data())
def test_judge_item_agrees_with_a_plain_reading(options: list[str], data: st.DataObject) -> None:
    form = data.draw(st.sampled_from(["single", "multiple", "true_false"]))
    key = tuple(data.draw(st.lists(st.integers(0, 9), max_size=4, unique=True)))
    sound = (
        all(place < len(options) for place in key)
        and (len(key) >= 2 if form == "multiple" else len(key) == 1)
        and (form != "true_false" or len(options) == 2)
    )
    import unicodedata

    folded = {unicodedata.normalize("NFKC", plain(one)).casefold() for one in options}
    sound = sound and len(folded) == len(options) and all(plain(one) for one in options)
    item = tidied(ItemDraft(form, "问题", tuple(options), key))
    assert (judge_item(item) == []) is sound


@given(
    st.text("甲乙丙，。abcＡＢ（）【】", max_size=30),
    st.sampled_from([" ", "　", "\n", "，", "。", "？", "!", "_", "\u200b", "——"]),
)
def test_normalised_forgets_space_case_width_and_punctuation(text: str, mark: str) -> None:
    assert normalised(mark + mark.join(text) + mark) == normalised(text) == normalised(text.upper())


@pytest.mark.parametrize(
    ("one", "other"),
    [("3.5米", "35米"), ("10:30", "1030"), ("-5℃", "5℃"), ("5%", "5"), ("1+1", "11"), ("2024-01", "202401")],
)
def test_normalised_keeps_what_makes_another_figure(one: str, other: str) -> None:
    assert normalised(one) != normalised(other)


def test_stem_hash_finds_another_wording_of_the_spaces_but_not_another_form() -> None:
    assert stem_hash("single", "ILO 成立于哪一年？") == stem_hash("single", "ｉｌｏ成立于哪一年( )?")
    assert stem_hash("single", "第1条") != stem_hash("single", "第2条")
    assert stem_hash("single", "第1条") != stem_hash("multiple", "第1条")
    assert stem_hash("single", "1+1=?") != stem_hash("single", "1-1=?")
    assert stem_hash("single", "？") != stem_hash("single", "！")


def test_tidied_fills_in_both_truths_in_the_language_of_the_stem() -> None:
    assert tidied(ItemDraft("true_false", "对吗？", (), (0,))).options == ("正确", "错误")
    assert tidied(ItemDraft("true_false", "Is it?", ("", ""), (0,))).options == ("True", "False")
    assert true_false_options("八小时工作制") == ("正确", "错误")


@given(st.tuples(*[texts] * 3), st.permutations([0, 2]), st.lists(texts))
def test_tidied_twice_is_tidied_once(options: tuple[str, ...], key: list[int], tags: list[str]) -> None:
    item = ItemDraft("multiple", " 问题 ", options, tuple(key), tags=tuple(tags))
    assert tidied(tidied(item)) == tidied(item)
    assert tidied(item).key == (0, 2)


def test_item_table_knows_its_states() -> None:
    assert ITEM.states() == ["draft", "reviewed", "retired"]
    assert ITEM.refuse_unless_possible("review", "draft") is None
    refusal = ITEM.refuse_unless_possible("review", "retired")
    assert refusal is not None
    assert refusal.code == "contests:item:cannot_review"


def test_tidied_drops_what_the_form_has_no_use_for() -> None:
    everything = {"accepted": (("甲 ", "", "甲"),), "matches": (" 丙 ",), "options": (" 一 ", "二"), "key": (1, 0)}
    as_form = {form: tidied(ItemDraft(form, " ＿＿＿＿＿是？ ", **everything)) for form in ItemForm}  # type: ignore[arg-type]
    assert as_form["fill_in"] == ItemDraft("fill_in", "____是？", (), (), accepted=(("甲",),))
    assert as_form["multiple"].key == (0, 1)
    assert as_form["ordering"].key == (1, 0)
    assert as_form["matching"].matches == ("丙",)
    assert as_form["ordering"].accepted == as_form["ordering"].matches == ()
    assert as_form["numeric"].options == ()
    assert tidied(ItemDraft("numeric", "?", (), (), accepted=((" 3 ",),))).accepted == (("3", "0"),)


def test_another_picture_or_other_lines_make_another_item() -> None:
    assert item_hash(GOOD) == stem_hash(GOOD.form, GOOD.stem) == item_hash(replace(GOOD, options=("四", "五")))
    pictured = replace(GOOD, media=(PICTURE,))
    assert len({item_hash(GOOD), item_hash(pictured), item_hash(replace(GOOD, media=(PICTURE, PICTURE)))}) == 3
    assert item_hash(pictured) == item_hash(replace(GOOD, media=(replace(PICTURE, alt="别的话"),)))
    assert item_hash(ORDER) != item_hash(replace(ORDER, options=("一", "二", "四")))
    assert item_hash(ORDER) == item_hash(replace(ORDER, options=("三", "一", "二"), key=(1, 2, 0)))


@pytest.mark.parametrize("item", [GAPS, NUMBER, PAIRS, ORDER])
def test_tidied_leaves_what_is_tidy(item: ItemDraft) -> None:
    assert tidied(item) == item
