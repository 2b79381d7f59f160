"""An item of ours as an item of QTI 3.0."""

from __future__ import annotations

from collections.abc import Iterable

from tradeshall.contests.enums import ItemForm
from tradeshall.contests.formats.carried import is_decimal
from tradeshall.contests.formats.html import html_of
from tradeshall.contests.formats.qti.reading import EXPLANATION
from tradeshall.contests.formats.xml import element, said, tag
from tradeshall.contests.rules.item_forms import GAP
from tradeshall.contests.rules.items import ItemDraft, Media, letter_of

NAMESPACE = "http://www.imsglobal.org/xsd/imsqtiasi_v3p0"
SCHEMA = "https://purl.imsglobal.org/spec/qti/v3p0/schema/xsd/imsqti_asiv3p0_v1p0.xsd"
RESPONSE = "RESPONSE"


def cannot_hold(item: ItemDraft) -> str:
    """Return why QTI has no words for an item, "" if it has: it has words for every form."""
    if item.form == ItemForm.FILL_IN and any("\n" in text for texts in item.accepted for text in texts):
        return "line_ends"  # a value in an attribute is of one line
    if item.form == ItemForm.NUMERIC and not is_decimal(item):
        return "number"
    return "several_gaps" if item.form == ItemForm.NUMERIC and item.stem.count(GAP) > 1 else ""


def write_item(number: int, item: ItemDraft) -> str:
    """Return the document of an item; pictures are looked for in the folder `media` beside it."""
    declarations, interaction, processing = _parts(item)
    media = "".join(_medium(one) for one in item.media)
    stem = html_of(item.stem)
    if item.form == ItemForm.FILL_IN:
        for place in range(len(item.accepted)):
            stem = stem.replace(GAP, _entry(_name(place, item)), 1)
    if item.form == ItemForm.NUMERIC and GAP in item.stem:
        stem, interaction = stem.replace(GAP, _entry(RESPONSE)), ""
    explained = bool(item.explanation)
    outcomes = [tag("qti-outcome-declaration", identifier="SCORE", cardinality="single", base_type="float")]
    if explained:
        outcomes.append(
            tag("qti-outcome-declaration", identifier="FEEDBACK", cardinality="single", base_type="identifier")
        )
        processing += tag("qti-set-outcome-value", _base("identifier", EXPLANATION), identifier="FEEDBACK")
    attributes = {
        "xmlns": NAMESPACE,
        "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
        "xsi:schemaLocation": f"{NAMESPACE} {SCHEMA}",
        "identifier": f"item-{number}",
        "title": " ".join(item.stem.split())[:80],
        "adaptive": "false",
        "time-dependent": "false",
    }
    feedback = tag(
        "qti-modal-feedback",
        tag("qti-content-body", tag("p", html_of(item.explanation))),
        outcome_identifier="FEEDBACK",
        show_hide="show",
        identifier=EXPLANATION,
    )
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + element(
        "qti-assessment-item",
        attributes,
        "\n",
        "\n".join([*declarations, *outcomes]),
        "\n",
        tag("qti-item-body", tag("p", stem), media, interaction),
        "\n",
        tag("qti-response-processing", processing),
        feedback if explained else "",
    )


def _medium(one: Media) -> str:
    address = f"media/{one.name}"
    if one.kind == "picture":
        return tag("p", element("img", {"src": address, "alt": one.alt}))
    return tag("p", element("audio", {"src": address, "controls": "controls", "alt": one.alt}, " "))


def _parts(item: ItemDraft) -> tuple[list[str], str, str]:
    """Return declarations, interaction and processing."""
    if item.form in (ItemForm.SINGLE, ItemForm.MULTIPLE, ItemForm.TRUE_FALSE):
        names = ["true", "false"] if item.form == ItemForm.TRUE_FALSE else _letters(len(item.options))
        several = item.form == ItemForm.MULTIPLE
        declared = _declared("multiple" if several else "single", "identifier", [names[at] for at in item.key])
        shown = _choices("qti-choice-interaction", names, item.options, max_choices="0" if several else "1")
        return [declared], shown, _all_or_nothing()
    if item.form == ItemForm.ORDERING:
        names = _letters(len(item.options))
        declared = _declared("ordered", "identifier", [names[at] for at in item.key])
        return [declared], _choices("qti-order-interaction", names, item.options), _all_or_nothing()
    if item.form == ItemForm.MATCHING:
        lefts = _letters(len(item.options))
        rights = [f"M{place + 1}" for place in range(len(item.matches))]
        pairs = [f"{left} {rights[at]}" for left, at in zip(lefts, item.key, strict=True)]
        sets = (_match_set(lefts, item.options, 1), _match_set(rights, item.matches, 0))
        shown = tag(
            "qti-match-interaction",
            *sets,
            response_identifier=RESPONSE,
            shuffle="true",
            max_associations=len(item.options),
        )
        return [_declared("multiple", "directedPair", pairs)], shown, _all_or_nothing()
    if item.form == ItemForm.NUMERIC:
        value, tolerance = item.accepted[0]
        shown = tag("p", _entry(RESPONSE))
        return [_declared("single", "float", [value])], shown, _within(tolerance)
    declared_all = [
        _declared("single", "string", texts[:1], texts, _name(place, item))
        for place, texts in enumerate(item.accepted)
    ]
    mapped = (tag("qti-map-response", identifier=_name(place, item)) for place in range(len(item.accepted)))
    return declared_all, "", tag("qti-set-outcome-value", tag("qti-sum", *mapped), identifier="SCORE")


def _name(place: int, item: ItemDraft) -> str:
    return RESPONSE if len(item.accepted) == 1 else f"{RESPONSE}_{place + 1}"


def _letters(count: int) -> list[str]:
    return [letter_of(place) for place in range(count)]


def _entry(identifier: str) -> str:
    return tag("qti-text-entry-interaction", response_identifier=identifier)


def _declared(
    cardinality: str, base: str, correct: Iterable[str], accepted: Iterable[str] = (), identifier: str = RESPONSE
) -> str:
    mapping = [tag("qti-map-entry", map_key=text, mapped_value="1", case_sensitive="false") for text in accepted]
    return tag(
        "qti-response-declaration",
        tag("qti-correct-response", *(tag("qti-value", said(value)) for value in correct)),
        tag("qti-mapping", *mapping, default_value="0") if mapping else "",
        identifier=identifier,
        cardinality=cardinality,
        base_type=base,
    )


def _choices(name: str, names: list[str], texts: Iterable[str], **attributes: object) -> str:
    choices = (
        tag("qti-simple-choice", html_of(text), identifier=name) for name, text in zip(names, texts, strict=True)
    )
    return tag(name, *choices, response_identifier=RESPONSE, shuffle="true", **attributes)


def _match_set(names: list[str], texts: Iterable[str], most: int) -> str:
    return tag(
        "qti-simple-match-set",
        *(
            tag("qti-simple-associable-choice", html_of(text), identifier=name, match_max=most)
            for name, text in zip(names, texts, strict=True)
        ),
    )


def _base(kind: str, value: str) -> str:
    return tag("qti-base-value", value, base_type=kind)


def _scored(condition: str) -> str:
    def outcome(points: str) -> str:
        return tag("qti-set-outcome-value", _base("float", points), identifier="SCORE")

    return tag(
        "qti-response-condition",
        tag("qti-response-if", condition, outcome("1")),
        tag("qti-response-else", outcome("0")),
    )


def _all_or_nothing() -> str:
    return _scored(
        tag("qti-match", tag("qti-variable", identifier=RESPONSE), tag("qti-correct", identifier=RESPONSE))
    )


def _within(tolerance: str) -> str:
    share = tolerance.removesuffix("%")
    mode = "exact" if tolerance == "0" else "relative" if tolerance.endswith("%") else "absolute"
    given = {"tolerance": f"{share} {share}"} if mode != "exact" else {}
    sides = tag("qti-variable", identifier=RESPONSE), tag("qti-correct", identifier=RESPONSE)
    return _scored(tag("qti-equal", *sides, tolerance_mode=mode, **given))
