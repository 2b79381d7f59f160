"""QTI 2.1, 2.2 and 3.0 as other systems write them."""

from __future__ import annotations

import io
import zipfile

import pytest

from tradeshall.contests.formats.carried import Carried
from tradeshall.contests.formats.files import read_items
from tradeshall.contests.rules.items import ItemDraft, judge_item, tidied


def item_2(body: str, declarations: str, more: str = "", attributes: str = "", version: str = "v2p1") -> str:
    return (
        f'<?xml version="1.0"?><assessmentItem xmlns="http://www.imsglobal.org/xsd/imsqti_{version}" '
        f'identifier="q1" title="T" adaptive="false" timeDependent="false" {attributes}>{declarations}'
        f'<outcomeDeclaration identifier="SCORE" cardinality="single" baseType="float"/>'
        f"<itemBody>{body}</itemBody>{more}</assessmentItem>"
    )


def declared(cardinality: str, base: str, *values: str, mapping: str = "", name: str = "RESPONSE") -> str:
    correct = "".join(f"<value>{value}</value>" for value in values)
    return (
        f'<responseDeclaration identifier="{name}" cardinality="{cardinality}" baseType="{base}">'
        f"{f'<correctResponse>{correct}</correctResponse>' if values else ''}{mapping}</responseDeclaration>"
    )


def in_3(text: str) -> str:
    """Return an item of 2.x as one of 3.0: names with hyphens and a prefix."""
    import re

    text = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", text)
    names = "assessment-|response-|correct-|value|outcome-|item-|choice-|simple-|modal-|mapping|map-|prompt"
    text = re.sub(rf"<(/?)({names})", lambda f: f"<{f[1]}qti-{f[2]}".lower(), text)
    return re.sub(
        r"(</?)(qti-[A-Za-z-]+)",
        lambda f: f[1] + f[2].lower(),
        re.sub(r" ([a-zA-Z-]+)=", lambda f: f" {f[1].lower()}=", text),
    )


CHOICE = (
    '<p>八小时？</p><choiceInteraction responseIdentifier="RESPONSE" shuffle="true" maxChoices="1">'
    "<prompt>选一个</prompt>"
    '<simpleChoice identifier="A">六</simpleChoice><simpleChoice identifier="B">八<feedbackInline '
    'outcomeIdentifier="F" identifier="B" showHide="show">对</feedbackInline></simpleChoice></choiceInteraction>'
)


def read(text: str) -> Carried:
    (one,) = read_items(io.BytesIO(text.encode()), "item.xml")
    return one


def draft(text: str, *notes: str) -> ItemDraft:
    one = read(text)
    assert one.problems == ()
    assert one.draft is not None
    assert [note.code.removeprefix("contests:note:") for note in one.notes] == list(notes)
    assert judge_item(tidied(one.draft)) == []
    return tidied(one.draft)


def why(text: str) -> str:
    one = read(text)
    assert one.draft is None
    return one.problems[0].code.removeprefix("contests:file:")


@pytest.mark.parametrize("version", ["v2p1", "v2p2", "v3p0"])
def test_single_choice_in_every_version(version: str) -> None:
    text = item_2(CHOICE, declared("single", "identifier", "B"), version=version)
    item = draft(in_3(text) if version == "v3p0" else text, "feedback_lost")
    assert (item.form, item.stem, item.options, item.key) == ("single", "八小时？\n选一个", ("六", "八"), (1,))


RIGHT = declared("single", "identifier", "B")


def mapped(**points: int) -> str:
    entries = (f'<mapEntry mapKey="{key}" mappedValue="{value}"/>' for key, value in points.items())
    return f'<mapping defaultValue="0">{"".join(entries)}</mapping>'


def choices(kind: str, *texts: str, most: int = 0) -> str:
    inside = "".join(
        f'<simpleChoice identifier="{chr(65 + n)}">{text}</simpleChoice>' for n, text in enumerate(texts)
    )
    return f'<p>Q</p><{kind} responseIdentifier="RESPONSE" maxChoices="{most}">{inside}</{kind}>'


def test_multiple_choice_by_mapping_alone() -> None:
    mapping = mapped(A=1, C=1)
    text = item_2(choices("choiceInteraction", "a", "b", "c"), declared("multiple", "identifier", mapping=mapping))
    assert (draft(text).form, draft(text).key) == ("multiple", (0, 2))


def test_true_and_false_by_their_identifiers() -> None:
    body = choices("choiceInteraction", "No", "Yes", most=1).replace('"A"', '"false"').replace('"B"', '"true"')
    item = draft(item_2(body, declared("single", "identifier", "true")))
    assert (item.form, item.options, item.key) == ("true_false", ("Yes", "No"), (0,))


def test_ordering() -> None:
    text = item_2(choices("orderInteraction", "x", "y", "z"), declared("ordered", "identifier", "C", "A", "B"))
    assert draft(text).key == (2, 0, 1)


MATCH = (
    '<matchInteraction responseIdentifier="RESPONSE"><prompt>Pair</prompt>'
    '<simpleMatchSet><simpleAssociableChoice identifier="A">ILO</simpleAssociableChoice>'
    '<simpleAssociableChoice identifier="B">UN</simpleAssociableChoice></simpleMatchSet>'
    '<simpleMatchSet><simpleAssociableChoice identifier="M">New York</simpleAssociableChoice>'
    '<simpleAssociableChoice identifier="N">Geneva</simpleAssociableChoice></simpleMatchSet></matchInteraction>'
)


def test_matching() -> None:
    item = draft(item_2(MATCH, declared("multiple", "directedPair", "A N", "B M")))
    assert (item.stem, item.options, item.matches, item.key) == (
        "Pair",
        ("ILO", "UN"),
        ("New York", "Geneva"),
        (1, 0),
    )


def test_gaps_with_equally_right_texts() -> None:
    gaps = [f'<textEntryInteraction responseIdentifier="R{number}"/>' for number in (1, 2)]
    body = f"<p>In {gaps[0]} in {gaps[1]}.</p>"
    mapping = mapped(**{"1919": 2, "’19": 2, "1920": 1})
    text = item_2(
        body,
        declared("single", "string", "1919", mapping=mapping, name="R1")
        + declared("single", "string", "Paris", name="R2"),
    )
    item = draft(text, "partial_answers_lost")
    assert (item.stem, item.accepted) == ("In ____ in ____.", (("1919", "’19"), ("Paris",)))


@pytest.mark.parametrize(
    ("mode", "tolerance", "accepted"),
    [
        ("exact", "", ("3.14", "0")),
        ("absolute", "0.01 0.01", ("3.14", "0.01")),
        ("relative", "1 1", ("3.14", "1%")),
        ("absolute", "0.04 0.06", ("3.15", "0.05")),
    ],
)
def test_numbers_with_their_tolerance(mode: str, tolerance: str, accepted: tuple[str, str]) -> None:
    body = '<p>Pi?</p><p><textEntryInteraction responseIdentifier="RESPONSE"/></p>'
    equal = f'<equal toleranceMode="{mode}" tolerance="{tolerance}"><variable identifier="RESPONSE"/></equal>'
    processing = f"<responseProcessing>{equal}</responseProcessing>"
    item = draft(item_2(body, declared("single", "float", "3.14"), processing))
    assert (item.form, item.stem, item.accepted) == ("numeric", "Pi?", (accepted,))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (item_2("<p>Q</p><extendedTextInteraction/>", declared("single", "string")), "kind_not_carried"),
        (item_2("<hotspotInteraction/>", declared("single", "identifier")), "kind_not_carried"),
        (item_2("<p>Read.</p>", ""), "description"),
        (item_2(CHOICE * 2, declared("single", "identifier", "B")), "several_interactions"),
        (item_2(CHOICE, RIGHT).replace('adaptive="false"', 'adaptive="true"'), "adaptive"),
        (item_2(CHOICE, RIGHT + "<templateDeclaration identifier='X'/>"), "templates"),
        (item_2(CHOICE, declared("single", "identifier", "Z")), "no_right_answer"),
        (item_2(CHOICE, ""), "incomplete"),
        (item_2(MATCH, declared("multiple", "directedPair", "A N", "A M")), "pairs"),
        (item_2(choices("choiceInteraction", "<img src='x.png'/>", "b"), RIGHT), "picture_in_option"),
        (item_2("<img src='gone.png' alt='x'/>" + CHOICE, declared("single", "identifier", "B")), "picture_missing"),
    ],
)  # fmt: skip
def test_what_is_not_carried_is_refused(text: str, reason: str) -> None:
    assert why(text) == reason


def package(folder: str = "") -> bytes:
    manifest = """<manifest xmlns:imsmd="http://www.imsglobal.org/xsd/imsmd_v1p2"><resources>
      <resource identifier="T" type="imsqti_test_xmlv2p1" href="test.xml"/>
      <resource identifier="Q" type="imsqti_item_xmlv2p1" href="items/q.xml"><metadata><imsmd:lom>
        <imsmd:general><imsmd:keyword><imsmd:langstring>工时</imsmd:langstring></imsmd:keyword></imsmd:general>
        <imsmd:educational><imsmd:difficulty><imsmd:source><imsmd:langstring>LOMv1.0</imsmd:langstring></imsmd:source>
          <imsmd:value><imsmd:langstring>difficult</imsmd:langstring></imsmd:value></imsmd:difficulty></imsmd:educational>
      </imsmd:lom></metadata><file href="items/q.xml"/></resource></resources></manifest>"""
    body = '<p>Look</p><p><img src="../pictures/a%20b.png" alt="a sign"/></p>' + choices(
        "choiceInteraction", "a", "b", most=1
    )
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(f"{folder}imsmanifest.xml", manifest)
        archive.writestr(f"{folder}items/q.xml", item_2(body, declared("single", "identifier", "A")))
        archive.writestr(f"{folder}pictures/a b.png", b"picture")
        archive.writestr("__MACOSX/._imsmanifest.xml", b"rubbish")
    return file.getvalue()


@pytest.mark.parametrize("folder", ["", "export/"])
def test_a_package_brings_pictures_and_what_its_manifest_says(folder: str) -> None:
    test, one = read_items(io.BytesIO(package(folder)), "bank.zip")
    assert [note.code for note in test.notes] == ["contests:note:test_passed_over"]
    assert one.draft is not None
    assert (one.draft.tags, one.draft.difficulty, one.draft.stem) == (("工时",), 4, "Look\nQ")
    assert [(a.content, a.alt) for a in one.attached] == [(b"picture", "a sign")]
    assert {"difficulty", "media", "tags"} <= one.says
    assert "explanation" not in one.says
