"""Numbers as they come from outside."""

from __future__ import annotations

import pytest

from tradeshall.core.ids import parse_number


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("007", 7), ("9" * 18, 10**18 - 1)])
def test_parse_number_takes_plain_digits(text: str, number: int) -> None:
    assert parse_number(text) == number


@pytest.mark.parametrize("text", ["", "-1", "+1", " 1", "1.0", "1e3", "1_0", "²", "٣", "9" * 19, "9" * 5000])
def test_parse_number_takes_nothing_else(text: str) -> None:
    assert parse_number(text) is None
