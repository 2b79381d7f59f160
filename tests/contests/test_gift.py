"""GIFT files, as Moodle writes them and as people type them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradeshall.contests.formats.gift import GiftItem, looks_like_gift, read_gift
from tradeshall.contests.rules.items import ItemDraft, judge_item


def one(text: str) -> GiftItem:
    (item,) = read_gift(text)
    return item


def draft(text: str) -> ItemDraft:
    item = one(text)
    assert item.problems == ()
    assert item.draft is not None
    assert judge_item(item.draft) == []
    return item.draft


def test_single_choice() -> None:
    item = draft("::Q1:: When was the ILO founded? {=1919 ~1945 ~1889#Too early. ~2001 ####Treaty of Versailles.}")
    assert item.form == "single"
    assert item.stem == "When was the ILO founded?"
    assert item.options == ("1919", "1945", "1889", "2001")
    assert item.key == (0,)
    assert item.explanation == "Treaty of Versailles."


def test_feedback_of_the_right_answer_explains_where_there_is_no_general_one() -> None:
    assert draft("Year? {~1945#No. =1919#Yes, in Paris.}").explanation == "Yes, in Paris."


def test_multiple_choice_with_weights() -> None:
    item = draft(
        """Which are fundamental? {
            ~%33.333%Freedom of association
            ~%-100%A free canteen
            ~%33.333%No forced labour
            ~%33.334%No child labour
        }"""
    )
    assert (item.form, item.key) == ("multiple", (0, 2, 3))
    assert item.options[0] == "Freedom of association"


def test_one_answer_with_the_whole_weight_is_a_single_choice() -> None:
    item = draft("Year? {~%100%1919 ~%0%1945}")
    assert (item.form, item.key) == ("single", (0,))


@pytest.mark.parametrize(
    ("braces", "key"), [("T", 0), ("TRUE", 0), ("true", 0), ("F", 1), ("FALSE#Wrong.#Right.", 1), (" F ", 1)]
)
def test_true_false(braces: str, key: int) -> None:
    item = draft(f"The sun rises in the west. {{{braces}}}")
    assert (item.form, item.key, item.options) == ("true_false", (key,), ("True", "False"))


def test_true_false_in_chinese_has_chinese_options_and_keeps_its_feedback() -> None:
    item = draft("国际劳工组织成立于1919年。{T#不对，请再看看。#对，见《凡尔赛和约》。}")
    assert item.options == ("正确", "错误")
    assert item.explanation == "对，见《凡尔赛和约》。"


def test_escapes_are_undone() -> None:
    item = draft(r"What is \{a\} \= b\: c \~ d \# e \\ f? {=x\=1 ~y\:2#no\nreally ~z}")
    assert item.stem == r"What is {a} = b: c ~ d # e \ f?"
    assert item.options == ("x=1", "y:2", "z")


def test_missing_word_leaves_a_gap() -> None:
    assert draft("The ILO has its seat in {=Geneva ~Paris}, in Switzerland.").stem == (
        "The ILO has its seat in ____ , in Switzerland."
    )


def test_comments_categories_and_lines_are_followed() -> None:
    text = """\ufeff// A bank of items
$CATEGORY: $course$/top/Labour history

// question: 12  name: ILO  [tag:ILO] [tag:years]
// source: Treaty of Versailles, Part XIII
::ILO::When was the ILO founded?
{
  =1919

  ~1945
}

$CATEGORY: Safety

Helmets are worn on site. {T}
"""
    first, second = read_gift(text)
    assert first.draft is not None
    assert second.draft is not None
    assert (first.line, second.line) == (6, 15)
    assert first.draft.tags == ("Labour history", "ILO", "years")
    assert first.draft.source == "Treaty of Versailles, Part XIII"
    assert first.draft.options == ("1919", "1945")
    assert second.draft.tags == ("Safety",)
    assert second.draft.source == ""


def test_html_becomes_text() -> None:
    item = draft("[html]<p>When was the <b>ILO</b> founded &amp; where?</p>{=<p>1919</p> ~<p>1945</p>}")
    assert item.stem == "When was the ILO founded & where?"
    assert item.options == ("1919", "1945")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Just a text to read.", "description"),
        ("Write about May Day. {}", "essay"),
        ("Put in order {>3 ALL\na\nb\nc}", "ordering"),
        ("Half right? {=all ~%50%half ~none}", "partial_credit"),
        ("Which? {~%60%a ~%40%b ~c}", "unequal_weights"),
        ("Which? {~a ~b}", "no_right_answer"),
        ("Which? {a b c}", "answers"),
        ("Two {=a ~b} gaps {=c ~d}.", "braces"),
        ("Unclosed {=a ~b", "braces"),
        ('[html]Look: <img src\\="x.png"> {=a ~b}', "media"),
    ],
)
def test_what_is_not_carried_is_refused_with_its_line(text: str, why: str) -> None:
    sound, refused, after = read_gift(f"Sound? {{=yes ~no}}\n\n{text}\n\n::next::Sound too? {{=yes ~no}}")
    assert (refused.draft, refused.line) == (None, 3)
    assert [problem.code for problem in refused.problems] == [f"contests:gift:{why}"]
    assert sound.draft is not None
    assert after.draft is not None


signs = st.text("ab甲 ~=#{}:\\n", min_size=1, max_size=12).filter(lambda t: t.strip() == t and "  " not in t)


def escaped(text: str) -> str:
    return "".join(f"\\{letter}" if letter in "\\~=#{}:" else letter for letter in text)


@given(signs, st.lists(signs, min_size=2, max_size=5, unique=True))
def test_whatever_is_escaped_comes_back(stem: str, options: list[str]) -> None:
    item = one(f"::t::{escaped(stem)} {{={' ~'.join(escaped(option) for option in options)}}}")
    assert item.draft is not None
    assert item.draft.stem == stem
    assert item.draft.options == tuple(options)
    assert item.draft.key == (0,)


@given(st.text("ab ~=#{}:\\%->/$[]\n", max_size=80))
def test_no_text_makes_the_reader_stumble(text: str) -> None:
    for item in read_gift(text):
        assert (item.draft is None) == bool(item.problems)
        assert item.line <= text.count("\n") + 1


def test_looks_like_gift_tells_it_from_a_table() -> None:
    assert looks_like_gift("// comment\nQ {=a}")
    assert looks_like_gift("$CATEGORY: x\n")
    assert looks_like_gift("What? {=a ~b}")
    assert not looks_like_gift("题型,题干,答案\n单选,几点,A")
    assert not looks_like_gift("")
