"""Figures, moments and pictures as readers of each language expect them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone, translation

from tradeshall.core import clock
from tradeshall.web.templatetags.web import (
    clock_time,
    columns_of,
    duration,
    full_number,
    headline_number,
    qr,
    when,
)

NOON = datetime(2026, 5, 4, 4, 0, tzinfo=UTC)  # a Monday, noon in Shanghai


@pytest.mark.parametrize(
    ("number", "chinese", "english"),
    [
        (0, "0", "0"),
        (9_999, "9,999", "9,999"),
        (10_000, "1万", "10K"),
        (12_345, "1.2万", "12.3K"),
        (34_812, "3.4万", "34.8K"),
        (99_999, "9.9万", "99.9K"),
        (999_999, "99.9万", "999K"),
        (1_234_567, "123万", "1.2M"),
        (100_000_000, "1亿", "100M"),
        (134_999_999, "1.3亿", "134M"),
        (2_500_000_000, "25亿", "2.5B"),
    ],
)
def test_headline_numbers_are_short_and_never_overstated(number: int, chinese: str, english: str) -> None:
    with translation.override("zh-hans"):
        assert headline_number(number) == chinese
    with translation.override("en"):
        assert headline_number(number) == english


def test_tables_show_all_digits() -> None:
    with translation.override("zh-hans"):
        assert full_number(34812) == "34,812"


@pytest.mark.parametrize(
    ("moment", "english"),
    [
        (NOON + timedelta(hours=6), "today 18:00"),
        (NOON + timedelta(hours=13), "tomorrow 01:00"),
        (NOON - timedelta(hours=13), "yesterday 23:00"),
        (NOON + timedelta(days=3), "7 May (Thu) 12:00"),
        (NOON + timedelta(days=300), "28 February 2027 (Sun) 12:00"),
        (date(2026, 5, 5), "tomorrow"),
        (None, ""),
    ],
)
def test_moments_are_said_in_the_federations_zone(moment: object, english: str) -> None:
    with clock.set_to(NOON), timezone.override(ZoneInfo("Asia/Shanghai")), translation.override("en"):
        assert when(moment) == english


@pytest.mark.parametrize(
    ("seconds", "english"),
    [
        (0, "0 seconds"),
        (1, "1 second"),
        (900, "15 minutes"),
        (930, "15 minutes 30 seconds"),
        (187_200, "2 days 4 hours"),
        (86_460, "1 day"),
        (-5, "0 seconds"),
        (timedelta(hours=1), "1 hour"),
    ],
)
def test_durations_have_two_parts_at_most(seconds: object, english: str) -> None:
    with translation.override("en"):
        assert duration(seconds) == english


def test_clock_shows_hours_only_when_there_are_any() -> None:
    assert (clock_time(522), clock_time(4122), clock_time(-1)) == ("08:42", "1:08:42", "00:00")


def test_qr_code_has_a_name_and_no_style() -> None:
    svg = qr("https://hall.example/go/4821", 'a "label"')
    assert 'role="img"' in svg
    assert "&quot;label&quot;" in svg
    assert "style=" not in svg


def test_columns_reach_from_nothing_to_the_top() -> None:
    chart = columns_of([("9:00", 0), ("9:01", 5), ("9:02", 10)])
    assert [column.height for column in chart.columns] == ["0.00", "50.00", "100.00"]
    assert [column.kind for column in chart.columns] == ["", "", "latest"]


def test_columns_of_nothing_are_none() -> None:
    assert columns_of([]).columns == []
    assert [column.height for column in columns_of([("9:00", 0)]).columns] == ["0.00"]
