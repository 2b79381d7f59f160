"""Moodle XML as Moodle writes it: what is carried, what is refused, and what an item loses."""

from __future__ import annotations

import base64

import pytest

from tradeshall.contests.formats.carried import Carried
from tradeshall.contests.formats.moodle_xml import read_moodle_xml
from tradeshall.contests.rules.items import ItemDraft, judge_item, tidied
from tradeshall.core.spreadsheets import Unreadable


def question(kind: str, inside: str, stem: str = "<p>Which?</p>", format: str = "html", files: str = "") -> str:
    return (
        f'<question type="{kind}"><name><text>Q</text></name><questiontext format="{format}">'
        f"<text><![CDATA[{stem}]]></text>{files}</questiontext>"
        f'<generalfeedback format="html"><text></text></generalfeedback><defaultgrade>1.0000000</defaultgrade>'
        f"<penalty>0.3333333</penalty><hidden>0</hidden><idnumber></idnumber>{inside}</question>"
    )


def answer(text: str, fraction: object = 0, feedback: str = "", more: str = "") -> str:
    return (
        f'<answer fraction="{fraction}" format="html"><text>{text}</text>'
        f'<feedback format="html"><text>{feedback}</text></feedback>{more}</answer>'
    )


def read(*questions: str) -> list[Carried]:
    return list(
        read_moodle_xml(f'<?xml version="1.0" encoding="UTF-8"?>\n<quiz>\n{"".join(questions)}</quiz>'.encode())
    )


def draft(text: str, *notes: str) -> ItemDraft:
    (one,) = read(text)
    assert one.problems == ()
    assert one.draft is not None
    assert [note.code.removeprefix("contests:note:") for note in one.notes] == list(notes)
    assert judge_item(tidied(one.draft)) == []
    return tidied(one.draft)


def why(text: str) -> str:
    (one,) = read(text)
    assert one.draft is None
    (problem,) = one.problems
    return problem.code.removeprefix("contests:file:")


CHOICES = answer("&lt;p&gt;1919&lt;/p&gt;", 100, "Right.") + answer("1945", 0)
SINGLE = f"<single>true</single><shuffleanswers>true</shuffleanswers>{CHOICES}"


def test_single_choice_with_what_is_said_of_the_right_answer() -> None:
    item = draft(question("multichoice", SINGLE))
    assert (item.form, item.stem, item.options, item.key) == ("single", "Which?", ("1919", "1945"), (0,))
    assert item.explanation == "Right."


def test_multiple_choice_with_shares() -> None:
    shares = {"a": 33.33333, "b": -100, "c": 33.33333, "d": 33.33334}
    inside = "<single>false</single>" + "".join(answer(text, share) for text, share in shares.items())
    assert (draft(question("multichoice", inside)).form, draft(question("multichoice", inside)).key) == (
        "multiple",
        (0, 2, 3),
    )


def test_true_or_false_takes_the_words_of_its_language() -> None:
    inside = answer("true", 0) + answer("false", 100)
    item = draft(question("truefalse", inside, "成立于1919年。"))
    assert (item.options, item.key) == (("正确", "错误"), (1,))


def test_short_answer_becomes_a_gap() -> None:
    inside = f"<usecase>0</usecase>{answer('1919', 100)}{answer('nineteen nineteen', 100)}"
    assert draft(question("shortanswer", inside, "Founded in?")).stem == "Founded in? ____"
    item = draft(question("shortanswer", inside, "Founded in _____, in Paris."))
    assert (item.stem, item.accepted) == ("Founded in ____, in Paris.", (("1919", "nineteen nineteen"),))


def test_cloze_of_short_answers_becomes_gaps() -> None:
    stem = r"<p>Founded in {1:SHORTANSWER:=1919~%50%1920#nearly} in {:SA:=Paris~=Versailles \} gate}.</p>"
    item = draft(question("multianswer", "", stem), "partial_answers_lost")
    assert item.stem == "Founded in ____ in ____."
    assert item.accepted == (("1919",), ("Paris", "Versailles } gate"))


def test_cloze_of_one_number_is_a_number() -> None:
    item = draft(question("multianswer", "", "{1:NUMERICAL:=8:0.5} hours a day"))
    assert (item.form, item.accepted) == ("numeric", (("8", "0.5"),))


def test_number_with_tolerance() -> None:
    inside = answer("3.14", 100, "", "<tolerance>0.01</tolerance>") + answer("*", 0, "No.")
    item = draft(question("numerical", inside), "feedback_lost")
    assert (item.form, item.accepted) == ("numeric", (("3.14", "0.01"),))


def test_matching_with_one_answer_too_many() -> None:
    def pair(left: str, right: str) -> str:
        return f'<subquestion format="html"><text>{left}</text><answer><text>{right}</text></answer></subquestion>'

    item = draft(question("matching", pair("ILO", "Geneva") + pair("UN", "New York") + pair("", "Paris")))
    assert (item.options, item.matches, item.key) == (("ILO", "UN"), ("Geneva", "New York", "Paris"), (0, 1))


def test_ordering_is_written_in_its_right_order() -> None:
    inside = "<selecttype>ALL</selecttype>" + "".join(answer(text, place) for place, text in enumerate("abc", 1))
    assert draft(question("ordering", inside)).key == (0, 1, 2)


def test_category_becomes_a_tag_and_tags_stay() -> None:
    category = '<question type="category"><category><text>$course$/top/Safety</text></category></question>'
    tagged = question("multichoice", SINGLE + "<tags><tag><text>law</text></tag></tags>")
    assert read(category, tagged)[0].draft.tags == ("Safety", "law")  # type: ignore[union-attr]


def test_picture_in_the_question_comes_along() -> None:
    files = f'<file name="a b.png" path="/" encoding="base64">{base64.b64encode(b"picture").decode()}</file>'
    (one,) = read(
        question(
            "multichoice", SINGLE, '<p>Look:<br><img src="@@PLUGINFILE@@/a%20b.png" alt="a sign"></p>', files=files
        )
    )
    assert one.draft is not None
    assert one.draft.stem == "Look:"
    assert [(a.name, a.content, a.alt) for a in one.attached] == [("a b.png", b"picture", "a sign")]
    assert "media" in one.says


def test_script_is_taken_out_and_line_breaks_stay() -> None:
    item = draft(
        question(
            "multichoice",
            SINGLE,
            "<p>One &amp; <b>two</b></p><script>alert(1)</script><ul><li>a<li>b</ul>m<sup>2</sup>",
        )
    )
    assert item.stem == "One & two\na\nb\nm²"


@pytest.mark.parametrize(
    ("text", "notes"),
    [
        (question("multichoice", SINGLE.replace("<shuffleanswers>true", "<shuffleanswers>false")), ["fixed_order"]),
        (question("multichoice", SINGLE + "<hint><text>Think.</text></hint>"), ["feedback_lost"]),
        (question("multichoice", SINGLE.replace('fraction="0"', 'fraction="-50"')), ["negative_marks"]),
        (question("multichoice", SINGLE).replace("1.0000000", "2.5"), ["points_lost"]),
        (question("multichoice", SINGLE, "x<sup>y+z</sup>"), ["formatting_lost"]),
        (question("multichoice", SINGLE, '<a href="http://x">see</a>'), ["link_lost"]),
        (question("multichoice", SINGLE, "<table><tr><td>1<td>2</table>"), ["table_lost"]),
        (question("shortanswer", f"<usecase>1</usecase>{answer('ILO', 100)}"), ["case_ignored"]),
        (question("multichoice", f"<single>false</single>{answer('a', 100)}{answer('b')}"), ["became_single"]),
        (
            question("numerical", answer("3", 100) + "<units><unit><unit_name>m</unit_name></unit></units>"),
            ["unit_lost"],
        ),
        (question("multichoice", SINGLE, files='<file name="x.png" encoding="base64">AA==</file>'), ["file_lost"]),
    ],
)
def test_what_an_item_loses_is_noted(text: str, notes: list[str]) -> None:
    draft(text, *notes)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (question("essay", ""), "kind_not_carried"),
        (question("description", ""), "kind_not_carried"),
        (question("calculated", answer("{a}+{b}", 100)), "kind_not_carried"),
        (question("ddimageortext", ""), "kind_not_carried"),
        (question("gapselect", ""), "kind_not_carried"),
        (question("multichoice", f"<single>true</single>{answer('a', 100)}{answer('b', 50)}"), "partial_credit"),
        (question("multichoice", f"<single>false</single>{answer('a', 60)}{answer('b', 40)}"), "unequal_weights"),
        (question("multichoice", f"<single>true</single>{answer('a')}{answer('b')}"), "no_right_answer"),
        (question("multichoice", ""), "incomplete"),
        (question("shortanswer", answer("*ILO*", 100)), "wildcard"),
        (question("shortanswer", answer("a", 100), "____ and ____"), "gaps_differ"),
        (question("multianswer", "", "{1:MULTICHOICE:=a~b}"), "cloze_mixed"),
        (question("multianswer", "", "{1:SA:=a} {1:NUMERICAL:=3}"), "cloze_mixed"),
        (question("numerical", answer("3", 100) + answer("4", 100)), "several_numbers"),
        (question("numerical", answer("three", 100)), "number_unreadable"),
        (question("multichoice", SINGLE, '<img src="http://elsewhere/x.png">'), "picture_missing"),
        (question("multichoice", SINGLE, '<img src="@@PLUGINFILE@@/gone.png">'), "picture_missing"),
        (
            question(
                "multichoice",
                SINGLE,
                '<img src="@@PLUGINFILE@@/x.png">',
                files='<file name="x.png">not base64!</file>',
            ),
            "picture_damaged",
        ),
        (
            question("multichoice", SINGLE.replace("1945", '&lt;img src="@@PLUGINFILE@@/x.png"&gt;')),
            "picture_in_option",
        ),
    ],
)
def test_what_is_not_carried_is_refused_by_itself(text: str, reason: str) -> None:
    assert why(text) == reason
    sound = question("multichoice", SINGLE)
    assert [one.draft is None for one in read(sound, text, sound)] == [
        False, True, False,
    ]  # fmt: skip


def test_a_question_is_found_by_its_line() -> None:
    text = '<quiz>\n<question type="essay"><name><text>A</text></name></question>\n\n<question type="essay"/></quiz>'
    assert [one.line for one in read_moodle_xml(text.encode())] == [2, 4]


def test_another_document_is_refused_as_a_whole() -> None:
    with pytest.raises(Unreadable) as caught:
        list(read_moodle_xml(b"<html><body/></html>"))
    assert caught.value.code == "contests:file:not_moodle"
