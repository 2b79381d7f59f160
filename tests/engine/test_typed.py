"""What people type: equal where it says the same, different where it does not."""

from __future__ import annotations

import unicodedata
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradeshall.engine.numerals import in_figures
from tradeshall.engine.typed import (
    LONGEST_TEXT,
    cleaned,
    number_matches,
    read_number,
    read_tolerance,
    text_key,
    text_matches,
)

SMALL, PLACES, MYRIADS = "零一二三四五六七八九", ("", "十", "百", "千"), ("", "万", "亿", "万亿")


def in_words(number: int) -> str:
    """Write a number as a textbook does, with 零 where places are passed over."""
    if not number:
        return "零"
    groups, rest = [], number
    while rest:
        rest, group = divmod(rest, 10_000)
        groups.append(group)
    if len(groups) > 3:  # 万亿: the upper two groups are one number of 亿
        return in_words(number // 10**8) + "亿" + below(number % 10**8, 10**7)
    text = ""
    for place in reversed(range(len(groups))):
        group = groups[place]
        if not group:
            continue
        passed = text and (group < 1000 or not groups[place + 1])
        text += ("零" if passed else "") + of_four(group) + MYRIADS[place]
    return text


def below(rest: int, full: int) -> str:
    return "" if not rest else ("零" if rest < full else "") + in_words(rest)


def of_four(group: int) -> str:
    text, passed = "", False
    for place in reversed(range(4)):
        digit = group // 10**place % 10
        if digit:
            text += ("零" if passed and text else "") + SMALL[digit] + PLACES[place]
            passed = False
        else:
            passed = True
    return text


@given(st.integers(0, 10**16 - 1) | st.integers(0, 30_000))
def test_numerals_in_words_are_the_figures(number: int) -> None:
    assert in_figures(in_words(number)) == str(number)
    assert text_key(f"第{in_words(number)}条") == f"第{number}条"
    assert read_number(in_words(number)) == number
    assert read_number("负" + in_words(number)) == -number


@given(st.integers(0, 10**12), st.integers(1, 9))
def test_figures_one_by_one_are_the_figures(number: int, first: int) -> None:
    text = f"{first}{number}"
    assert in_figures("".join(SMALL[int(figure)] for figure in text)) == text
    assert in_figures("".join("〇一二三四五六七八九"[int(figure)] for figure in text)) == text


@pytest.mark.parametrize(
    ("written", "figures"),
    [
        ("十", "10"),
        ("十二", "12"),
        ("二十", "20"),
        ("两千", "2000"),
        ("一百二", "120"),
        ("一百零二", "102"),
        ("三万五", "35000"),
        ("三万零五", "30005"),
        ("一千五百", "1500"),
        ("壹佰贰拾叁", "123"),
        ("1.5万", "15000"),
        ("1.23456万", "12345.6"),
        ("3百", "300"),
        ("12万5千", "125000"),
        ("二〇二六年十一月", "2026年11月"),
        ("三点五", "3.5"),
        ("零点零五", "0.05"),
        ("百分之五", "5%"),
        ("百分之一百二十", "120%"),
        ("百分之三点五", "3.5%"),
        ("千分之三", "3‰"),
        ("三分之二", "2/3"),
        # what is no number stays
        ("千方百计", "千方百计"),
        ("万一", "万一"),
        ("三点五十分", "3点50分"),
        ("三点五分", "3点5分"),
        ("九九八十一", "九九八十一"),
        ("一亿亿", "一亿亿"),
        ("百分点", "百分点"),
    ],
)
def test_numerals_as_they_are_written(written: str, figures: str) -> None:
    assert in_figures(written) == figures


@pytest.mark.parametrize(
    "same",
    [
        ("安全第一、预防为主", "安全第一,预防为主", "“安全第一　预防为主”", "安全第一；预防为主。"),
        ("12", "十二", "１２", "一十二", " 12 "),
        ("120", "一百二十", "壹佰贰拾", "一百二"),
        ("5%", "５％", "百分之五", "5 %"),
        ("3.5", "３．５", "三点五", "3。5"),
        ("1,000", "1000", "一千", "１，０００"),
        ("-5", "−5", "－５"),
        ("2026年5月1日", "二〇二六年五月一日", "二零二六年五月一日"),
        ("2026-05-01", "２０２６—０５—０１"),
        ("工会法", "《工会法》", "工 会 法"),
        ("GDP", "gdp", "ＧＤＰ"),
        ("Trade-Union", "trade union"),
        ("0.5", ".5"),
        ("2/3", "三分之二"),
    ],
)
def test_texts_that_say_the_same_are_equal(same: tuple[str, ...]) -> None:
    assert {text_key(text) for text in same} == {text_key(same[0])}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("3.5", "35"),
        ("-5", "5"),
        ("5%", "5"),
        ("5%", "5‰"),
        ("10:30", "1030"),
        ("2/3", "23"),
        ("2³", "23"),
        ("10⁵", "105"),
        ("C#", "C"),
        ("C++", "C"),
        (".5", "5"),
        ("1½", "11/2"),
        ("一百零五", "一百五"),
        ("國", "国"),
        ("十", "千"),
        ("公会", "工会"),
        ("2026-05", "202605"),
    ],
)
def test_texts_that_say_something_else_differ(one: str, other: str) -> None:
    assert text_key(one) != text_key(other)


@given(st.text(max_size=LONGEST_TEXT))
def test_a_text_always_matches_itself_and_its_other_widths(text: str) -> None:
    text = cleaned(text)
    keys = frozenset({text_key(text)})
    assert text_matches(text, keys) == bool(text)
    assert cleaned(text) == text
    assert not any(unicodedata.category(letter) == "Cc" for letter in text)
    wide = "".join(chr(ord(letter) + 0xFEE0) if "!" <= letter <= "~" else letter for letter in text)
    assert text_key(wide) == text_key(text)


@given(st.text(alphabet="0123456789零〇一二三十百千万亿点分之.,%-/e×^ ", max_size=LONGEST_TEXT))
def test_reading_ends_well_whatever_is_typed(text: str) -> None:
    text_key(text)
    read_number(text)
    assert read_number(text) == read_number(f" {text} ")


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("3.14", "3.14"),
        ("３．１４", "3.14"),
        ("3.14。", "3.14"),
        ("+7", "7"),
        ("−4", "-4"),
        ("负三点五", "-3.5"),
        ("1,234,567.8", "1234567.8"),
        ("1 234 567", "1234567"),
        ("1.5e3", "1500"),
        ("1.5E-3", "0.0015"),
        ("2×10³", "2000"),
        ("2*10^-2", "0.02"),
        ("5%", "0.05"),
        ("百分之五", "0.05"),
        ("1.5万", "15000"),
        ("一百二十", "120"),
        ("1/4", "0.25"),
        ("四分之一", "0.25"),
        (".5", "0.5"),
    ],
)
def test_numbers_are_read(typed: str, number: str) -> None:
    assert read_number(typed) == Fraction(number)


@pytest.mark.parametrize("typed", ["", "abc", "12个", "3,14", "1/0", "--5", "1e999", "1.2.3", "-", "1-2", "5%%"])
def test_what_is_no_number_is_none(typed: str) -> None:
    assert read_number(typed) is None
    assert not number_matches(typed, Fraction(0), Fraction(10**9))


@given(st.decimals(-(10**9), 10**9, places=6), st.decimals(0, 1000, places=6), st.decimals(-2000, 2000, places=6))
def test_tolerance_is_exact(value: Decimal, tolerance: Decimal, off: Decimal) -> None:
    allowed = read_tolerance(str(tolerance), Fraction(value))
    assert allowed == Fraction(tolerance)
    assert number_matches(f"{value + off:f}", Fraction(value), allowed) == (abs(off) <= tolerance)


def test_tolerance_may_be_relative_and_is_never_negative() -> None:
    value = read_number("-200")
    assert value is not None
    assert read_tolerance("1%", value) == 2
    assert read_tolerance("１％", value) == 2
    assert number_matches("-202", value, Fraction(2))
    assert not number_matches("-202.01", value, Fraction(2))
    assert read_tolerance("-1", value) is None
    assert read_tolerance("much", value) is None


def test_a_tenth_is_a_tenth() -> None:
    allowed = read_tolerance("0.1", Fraction("0.8"))
    assert allowed is not None
    assert number_matches("0.7", Fraction("0.8"), allowed)
    assert abs(0.7 - 0.8) > 0.1  # a float would have said no
