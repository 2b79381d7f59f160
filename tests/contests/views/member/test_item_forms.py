"""A paper of the forms beside choices, sat by the plain form: filled in, calculated, matched, put in order."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from tests.contests.views.member.test_attempts import form_of, messages_of, saved_of, start
from tests.factories.contests import make_pool, make_round
from tests.factories.items import GAPS, NUMBER, ORDER, OTHER_FORMS, PAIRS

from tradeshall.contests.actions.bank import create_item
from tradeshall.core.authority import OPERATOR
from tradeshall.engine.core import Engine
from tradeshall.people.models import Membership

pytestmark = pytest.mark.django_db
RIGHT = {
    "fill_in": ["一九一九", "“瑞士　日内瓦”"],
    "numeric": ["２．９９８"],
    "matching": ["119", "120", "110"],
    "ordering": ["切断电源", "判断意识", "呼叫急救", "心肺复苏"],
}


@pytest.fixture
def round(engine: Engine, signed_in: Client) -> Any:
    signed_in.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    pool = make_pool()
    for draft in OTHER_FORMS:
        create_item(actor=OPERATOR, pool=pool, item=draft)
    return make_round(
        pools=[pool],
        unit=pool.unit,
        count=4,
        deposited=True,
        attempts_total=3,
        exposure_cap_percent=100,
        review="at_once",
    )


def controls(page: Any, said: dict[str, list[str]]) -> dict[str, Any]:
    """Return the controls of the plain form in which these words stand; forms that are not named stay blank."""
    found: dict[str, Any] = {}
    for question in page.context["questions"]:
        words = said.get(question.form)
        if question.form in ("fill_in", "numeric"):
            found[f"t{question.no}"] = words or [""] * (2 if question.form == "fill_in" else 1)
        elif question.form == "matching":
            found[f"m{question.no}"] = [
                str(question.matches.index(word)) if word else "" for word in words or [""] * 3
            ]
        else:
            for at, text in enumerate(question.options):
                found[f"o{question.no}-{at}"] = str(words.index(text) + 1) if words and text in words else ""
    return found


def number_of(page: Any, form: str) -> int:
    return next(question.no for question in page.context["questions"] if question.form == form)


def send(client: Client, round: Any, page: Any, said: dict[str, list[str]], do: str, **changes: Any) -> Any:
    return client.post(f"/rounds/{round.pk}/attempt/", form_of(page, do=do, **{**controls(page, said), **changes}))


def test_every_form_is_handed_in_and_reviewed(signed_in: Client, round: Any) -> None:
    page = start(signed_in, round)
    result = signed_in.get(send(signed_in, round, page, RIGHT, "submit")["Location"])
    assert result.context["attempt"].score_points == result.context["attempt"].max_points == 20
    body = result.content.decode()
    assert "一九一九" in body  # as it was typed
    assert body.count("option is-shown right is-given") == 10
    assert GAPS.explanation in body


def test_what_is_wrong_is_shown_beside_what_is_right(signed_in: Client, round: Any) -> None:
    page = start(signed_in, round)
    said = {
        "fill_in": ["1919", ""],
        "numeric": ["3.2"],
        "matching": ["119", "12333", ""],
        "ordering": ["判断意识", "切断电源", "呼叫急救", "心肺复苏"],
    }
    result = signed_in.get(send(signed_in, round, page, said, "submit")["Location"])
    reviewed = {item.form_label: item for item in result.context["review"]}
    parts = {str(label): item.parts for label, item in reviewed.items()}
    assert [(part.given, part.right, part.verdict) for part in parts["Fill in the gaps"]] == [
        ("1919", "1919", True),
        ("", "日内瓦 / 瑞士日内瓦", None),
    ]
    assert [(part.given, part.right, part.verdict) for part in parts["Numeric answer"]] == [
        ("3.2", "2.998 (Right within ±1%)", False)
    ]
    assert [(part.label, part.given, part.right, part.verdict) for part in parts["Matching"]] == [
        ("火警", "119", "119", True),
        ("急救", "12333", "120", False),
        ("报警", "", "110", None),
    ]
    assert [part.verdict for part in parts["Ordering"]] == [False, False, True, True]
    body = result.content.decode()
    assert body.count("option is-shown wrong is-given") == 4
    assert "日内瓦 / 瑞士日内瓦" in body


def test_what_is_saved_stands_in_the_page_again(signed_in: Client, round: Any, member: Membership) -> None:
    page = start(signed_in, round)
    assert send(signed_in, round, page, RIGHT, "save").status_code == 302
    again = signed_in.get(f"/rounds/{round.pk}/attempt/")
    questions = {question.form: question for question in again.context["questions"]}
    assert questions["fill_in"].given == RIGHT["fill_in"]
    assert questions["numeric"].number == RIGHT["numeric"][0]
    chosen = [questions["matching"].matches[pair.chosen] for pair in questions["matching"].pairs]
    assert chosen == RIGHT["matching"]
    assert [line.text for line in questions["ordering"].lines] == RIGHT["ordering"]
    # sending the page as it is sends nothing new
    before = saved_of(member, round)
    send(signed_in, round, again, RIGHT, "save")
    assert saved_of(member, round) == before


def test_an_old_page_with_blank_fields_overwrites_nothing(signed_in: Client, round: Any, member: Membership) -> None:
    old = start(signed_in, round)
    send(signed_in, round, signed_in.get(f"/rounds/{round.pk}/attempt/"), RIGHT, "save")
    kept = saved_of(member, round)
    assert len(kept) == 4
    send(signed_in, round, old, {}, "save")
    assert saved_of(member, round) == kept
    # a page that showed the answers takes them back when they are emptied
    send(signed_in, round, signed_in.get(f"/rounds/{round.pk}/attempt/"), {}, "save")
    assert [held["response"] for held in saved_of(member, round).values()] == [[]] * 4


def test_lines_that_share_a_place_are_asked_about_before_handing_in(
    signed_in: Client, round: Any, member: Membership
) -> None:
    page = start(signed_in, round)
    no = number_of(page, "ordering")
    shared = {f"o{no}-0": "2", f"o{no}-1": "2", f"o{no}-2": "1", f"o{no}-3": ""}
    answer = send(signed_in, round, page, RIGHT, "submit", **shared)
    assert answer["Location"] == f"/rounds/{round.pk}/attempt/"
    assert messages_of(answer) == [
        f"Question {no}: two lines had the same place, or one had none. They now stand as shown."
    ]
    assert saved_of(member, round)[str(no)]["response"] == [2, 0, 1, 3]
    again = signed_in.get(f"/rounds/{round.pk}/attempt/")
    order = next(question for question in again.context["questions"] if question.form == "ordering")
    assert [line.place for line in order.lines] == [1, 2, 3, 4]
    assert "/result/1/" in send(signed_in, round, again, RIGHT, "submit")["Location"]


def test_gaps_left_open_are_asked_about(signed_in: Client, round: Any) -> None:
    page = start(signed_in, round)
    answer = send(signed_in, round, page, {**RIGHT, "numeric": [""]}, "submit")
    assert answer.status_code == 422
    assert answer.context["unanswered"] == [number_of(page, "numeric")]


def test_an_answer_that_is_refused_stays_in_the_page(signed_in: Client, round: Any) -> None:
    page = start(signed_in, round)
    said = {**RIGHT, "fill_in": ["一" * 101, "日内瓦"]}
    answer = send(signed_in, round, page, said, "save")
    assert answer.status_code == 422
    questions = {question.form: question for question in answer.context["questions"]}
    assert questions["fill_in"].given == said["fill_in"]
    assert questions["ordering"].given != []
    assert "An answer is longer than 100 characters." in answer.content.decode()


@pytest.mark.parametrize(
    "changes",
    [
        {"m{matching}": ["9", "0", "1"]},
        {"m{matching}": ["0"]},
        {"t{fill_in}": ["1"]},
        {"t{fill_in}": ["1", "2", "3"]},
        {"q{numeric}": ["0"]},
        {"o{ordering}-7": ["1"]},
        {"o{matching}-0": ["1"]},
        {"t{ordering}": ["切断电源"]},
        {"t{matching}": ["119"]},
        {"q{fill_in}": ["0", "1"]},
    ],
)
def test_what_no_page_would_send_changes_nothing(
    signed_in: Client, round: Any, member: Membership, changes: dict[str, Any]
) -> None:
    page = start(signed_in, round)
    numbers = {question.form: question.no for question in page.context["questions"]}
    sent = {name.format(**numbers): values for name, values in changes.items()}
    answer = signed_in.post(f"/rounds/{round.pk}/attempt/", form_of(page, do="save", **sent))
    assert answer.status_code in (200, 302)
    assert not saved_of(member, round)
    assert signed_in.get(f"/rounds/{round.pk}/attempt/").status_code == 200


def test_the_page_gives_no_answer_away(signed_in: Client, round: Any) -> None:
    page = start(signed_in, round)
    body = page.content.decode()
    given = json.dumps(page.context["page_data"], ensure_ascii=False)
    assert not any(word in body + given for word in ("日内瓦", "2.998", "1%", "accepted"))
    order = next(question for question in page.context["questions"] if question.form == "ordering")
    assert sorted(order.options) == sorted(ORDER.options)
    pairs = next(question for question in page.context["questions"] if question.form == "matching")
    assert list(pairs.options) == list(PAIRS.options)
    assert NUMBER.stem in body
