"""One item of QTI 2.1, 2.2 or 3.0 (IMS Global / 1EdTech, Assessment Item Information Model) as an item of ours.

Names are compared without case, hyphens and the prefix of 3.0: `qti-choice-interaction` is `choiceInteraction`.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape
from urllib.parse import unquote

from tradeshall.contests.enums import ItemForm
from tradeshall.contests.formats import carried
from tradeshall.contests.formats.carried import Attached, Carried, NotCarried, Notes
from tradeshall.contests.formats.html import reduce_html
from tradeshall.contests.formats.moodle_xml import data_address
from tradeshall.contests.formats.xml import Node
from tradeshall.contests.rules.item_forms import GAP
from tradeshall.contests.rules.items import GAP_WRITTEN, ItemDraft

EXPLANATION = "EXPLANATION"
_BLOCKS = {"choiceinteraction", "orderinteraction", "matchinteraction"}
_LEFT_OUT = {"rubricblock", "stylesheet", "feedbackinline", "feedbackblock", "cataloginfo", "companionmaterialsinfo"}


@dataclass(frozen=True, slots=True)
class Metadata:
    """What the manifest of a package says about an item (IEEE 1484.12.1, LOM)."""

    tags: tuple[str, ...] = ()
    difficulty: int = 0
    source: str = ""


@dataclass(slots=True)
class _Declaration:
    cardinality: str
    base: str
    correct: list[str] = field(default_factory=list)
    mapping: dict[str, float] = field(default_factory=dict)

    def weighed(self) -> tuple[list[str], list[str]]:
        """Return the values that earn the most, the right one first, and those that earn less."""
        most = max(self.mapping.values(), default=0.0)
        whole = [value for value, points in self.mapping.items() if points >= most > 0]
        part = [value for value, points in self.mapping.items() if 0 < points < most]
        return list(dict.fromkeys([*self.correct, *whole])), [value for value in part if value not in self.correct]


def canonical(node: Node) -> Node:
    """Give every element and attribute the name under which it is looked for."""
    node.name = node.name.removeprefix("qti-").replace("-", "").casefold()
    node.attributes = {name.replace("-", "").casefold(): value for name, value in node.attributes.items()}
    for child in node.elements():
        canonical(child)
    return node


def read_item(root: Node, line: int, metadata: Metadata, fetch: Callable[[str], bytes | None]) -> Carried:
    """Return the item of a document; `fetch` gives the file at an address relative to it."""
    canonical(root)
    return _Item(root, metadata, fetch).read(line)


class _Item:
    def __init__(self, root: Node, metadata: Metadata, fetch: Callable[[str], bytes | None]) -> None:
        self.root, self.metadata, self.fetch = root, metadata, fetch
        self.notes = Notes()
        self.attached: list[Attached] = []
        self.declared = {
            node.attributes.get("identifier", ""): _declaration(node) for node in root.elements("responsedeclaration")
        }

    def read(self, line: int) -> Carried:
        named = self.root.attributes.get("identifier", "")
        shown = f"{named}: {self.root.attributes.get('title', '')}".strip(": ")
        try:
            stem, fields = self.fields()
            draft = ItemDraft(
                **{
                    "stem": stem,
                    "options": (),
                    "key": (),
                    "explanation": self.explanation(),
                    "difficulty": self.metadata.difficulty or 3,
                    "tags": self.metadata.tags,
                    "source": self.metadata.source,
                    **fields,
                }  # type: ignore[arg-type]
            )
        except NotCarried as refused:
            return Carried(line, None, (refused.problem(),), text=shown)
        says = carried.said(draft, tuple(self.attached)) | {"options"}
        says |= {"difficulty"} if self.metadata.difficulty else set()
        text = f"{named}: {' '.join(stem.split())}"
        return Carried(line, draft, (), self.notes.all(), text, says, tuple(self.attached))

    def fields(self) -> tuple[str, dict[str, object]]:
        if self.root.attributes.get("adaptive") == "true":
            raise NotCarried("adaptive", column="form")
        if self.root.first("templatedeclaration") is not None:
            raise NotCarried("templates", column="form")
        body = self.root.first("itembody")
        if body is None:
            raise NotCarried("incomplete", part="itemBody")
        if any(True for _ in body.all("rubricblock")):
            self.notes.add("rubric_lost")
        found = [node for node in _walk(body) if node.name.endswith("interaction")]
        kinds = {node.name for node in found}
        if not found:
            raise NotCarried("description")
        if unknown := kinds - _BLOCKS - {"textentryinteraction"}:
            raise NotCarried("kind_not_carried", column="form", kind=sorted(unknown)[0][:40])
        if len(found) > 1 and kinds != {"textentryinteraction"}:
            raise NotCarried("several_interactions", column="form")
        stem = self.text_of(_html(body), media=True)
        if kinds == {"textentryinteraction"}:
            return stem, self.typed(stem, found, body)
        one = found[0]
        declared = self.declared_for(one)
        if one.name == "matchinteraction":
            return stem, self.matching(one, declared)
        return stem, self.choice(one, declared) if one.name == "choiceinteraction" else self.ordering(one, declared)

    def declared_for(self, node: Node) -> _Declaration:
        declared = self.declared.get(node.attributes.get("responseidentifier", ""))
        if declared is None:
            raise NotCarried("incomplete", part="responseDeclaration")
        return declared

    def text_of(self, html: str, *, media: bool = False, column: str = "options") -> str:
        reduced = reduce_html(html)
        for lost in reduced.lost:
            self.notes.add(lost)
        if "<math" in html:
            self.notes.add("formatting_lost")
        for address, alt in reduced.media:
            if not media:
                if column == "options":
                    raise NotCarried("picture_in_option", column="options")
                self.notes.add("picture_lost", column)
                continue
            content = data_address(address) if address.startswith("data:") else None
            if content is None and not re.match(r"[a-z]+:|//", address):
                content = self.fetch(posixpath.normpath(unquote(address)))
            if content is None:
                raise NotCarried("picture_missing", name=address[:80])
            self.attached.append(Attached(address[:200], content, alt))
        return reduced.text

    def options(self, node: Node, name: str = "simplechoice") -> dict[str, str]:
        """Return the choices of an interaction by their identifiers, in order."""
        found: dict[str, str] = {}
        for choice in node.elements(name):
            if any(True for _ in choice.all("feedbackinline")):
                self.notes.add("feedback_lost")
            if choice.attributes.get("fixed") == "true":
                self.notes.add("fixed_order")
            found[choice.attributes.get("identifier", "")] = self.text_of(_html(choice))
        if not found:
            raise NotCarried("incomplete", part=name)
        return found

    def choice(self, node: Node, declared: _Declaration) -> dict[str, object]:
        options = self.options(node)
        right, part = declared.weighed() if not declared.correct else (declared.correct, [])
        if part:
            raise NotCarried("partial_credit", column="answer")
        unknown = [value for value in right if value not in options]
        if not right or unknown:
            raise NotCarried("no_right_answer", column="answer")
        shares = {declared.mapping[value] for value in right if value in declared.mapping}
        if len(shares) > 1:
            raise NotCarried("unequal_weights", column="answer")
        if any(points > 0 for value, points in declared.mapping.items() if value not in right):
            raise NotCarried("partial_credit", column="answer")
        if any(points < 0 for points in declared.mapping.values()):
            self.notes.add("negative_marks")
        if declared.cardinality == "single" and {name.casefold() for name in options} == {"true", "false"}:
            by_name = {name.casefold(): text for name, text in options.items()}
            return {
                "form": ItemForm.TRUE_FALSE.value,
                "options": (by_name["true"], by_name["false"]),
                "key": (0 if right[0].casefold() == "true" else 1,),
            }
        if declared.cardinality != "single" and len(right) == 1:
            self.notes.add("became_single", "form")
        names = list(options)
        return {
            "form": (ItemForm.SINGLE if len(right) == 1 else ItemForm.MULTIPLE).value,
            "options": tuple(options.values()),
            "key": tuple(sorted(names.index(value) for value in right)),
        }

    def ordering(self, node: Node, declared: _Declaration) -> dict[str, object]:
        options = self.options(node)
        names = list(options)
        if sorted(declared.correct) != sorted(names):
            raise NotCarried("no_right_answer", column="answer")
        return {
            "form": ItemForm.ORDERING.value,
            "options": tuple(options.values()),
            "key": tuple(names.index(value) for value in declared.correct),
        }

    def matching(self, node: Node, declared: _Declaration) -> dict[str, object]:
        sets = [self.options(one, "simpleassociablechoice") for one in node.elements("simplematchset")]
        if len(sets) != 2:
            raise NotCarried("incomplete", part="simpleMatchSet")
        lefts, rights = sets
        pairs = [value.split() for value in (declared.correct or declared.weighed()[0])]
        key: dict[str, int] = {}
        for pair in pairs:
            if len(pair) != 2 or pair[0] not in lefts or pair[1] not in rights or pair[0] in key:
                raise NotCarried("pairs", column="answer")
            key[pair[0]] = list(rights).index(pair[1])
        if set(key) != set(lefts):
            raise NotCarried("pairs", column="answer")
        return {
            "form": ItemForm.MATCHING.value,
            "options": tuple(lefts.values()),
            "matches": tuple(rights.values()),
            "key": tuple(key[name] for name in lefts),
        }

    def typed(self, stem: str, nodes: list[Node], body: Node) -> dict[str, object]:
        declared = [self.declared_for(node) for node in nodes]
        if len(GAP_WRITTEN.findall(stem)) != len(nodes):
            raise NotCarried("gaps_differ", gaps=len(GAP_WRITTEN.findall(stem)), answers=len(nodes))
        numbers = [one for one in declared if one.base in ("integer", "float")]
        if len(declared) == 1 and numbers:
            alone = any(_holds_only(one, nodes[0]) for one in _walk(body))
            return self.numeric(stem.removesuffix(GAP).rstrip() if alone else stem, declared[0])
        if numbers:
            self.notes.add("numbers_as_text", "answer")
        accepted = []
        for one in declared:
            whole, part = one.weighed()
            if not whole:
                raise NotCarried("no_right_answer", column="answer")
            if part:
                self.notes.add("partial_answers_lost", "answer")
            accepted.append(tuple(whole))
        if any(node.attributes.get("patternmask") for node in nodes):
            self.notes.add("pattern_lost", "answer")
        return {"form": ItemForm.FILL_IN.value, "accepted": tuple(accepted)}

    def numeric(self, stem: str, declared: _Declaration) -> dict[str, object]:
        whole, part = declared.weighed()
        if len(whole) != 1:
            raise NotCarried("several_numbers" if whole else "no_right_answer", column="answer")
        if part:
            self.notes.add("partial_answers_lost", "answer")
        processing = self.root.first("responseprocessing")
        if processing is not None and next(processing.all("equalrounded"), None) is not None:
            raise NotCarried("rounding", column="answer")
        value = carried.decimal_of(whole[0])
        if value is None:
            raise NotCarried("number_unreadable", column="answer", given=whole[0][:40])
        accepted = (whole[0], "0")
        equal = next(processing.all("equal"), None) if processing is not None else None
        if equal is not None and equal.attributes.get("tolerancemode", "exact") != "exact":
            parts = [carried.decimal_of(one) for one in equal.attributes.get("tolerance", "0").split()]
            low, high = (parts[0], parts[-1]) if parts else (None, None)
            if low is None or high is None:
                raise NotCarried("number_unreadable", column="answer", given=equal.attributes["tolerance"][:40])
            relative = equal.attributes["tolerancemode"] == "relative"
            if low == high:
                shown = equal.attributes["tolerance"].split()[0]
                accepted = (whole[0], f"{shown}%" if relative else shown)
            else:
                share = abs(value) / 100 if relative else 1
                accepted = carried.tolerance_of(value - low * share, value + high * share)
        return {"form": ItemForm.NUMERIC.value, "accepted": (accepted,), "stem": stem}

    def explanation(self) -> str:
        found = {node.attributes.get("identifier", ""): node for node in self.root.elements("modalfeedback")}
        if not found:
            return ""
        ours = found.get(EXPLANATION)
        if ours is None:
            right = [name for name in found if "correct" in name.casefold() and "incorrect" not in name.casefold()]
            ours = found[right[0]] if right else next(iter(found.values()))
        if len(found) > 1:
            self.notes.add("feedback_lost")
        return self.text_of(_html(ours), column="explanation")


def _declaration(node: Node) -> _Declaration:
    found = _Declaration(node.attributes.get("cardinality", "single"), node.attributes.get("basetype", ""))
    correct = node.first("correctresponse")
    if correct is not None:
        found.correct = [value.text().strip() for value in correct.elements("value")]
    mapping = node.first("mapping")
    if mapping is not None:
        for entry in mapping.elements("mapentry"):
            points = carried.decimal_of(entry.attributes.get("mappedvalue", "0"))
            found.mapping[entry.attributes.get("mapkey", "").strip()] = float(points or 0)
    return found


def _walk(node: Node) -> list[Node]:
    found: list[Node] = []
    for child in node.elements():
        found += [child, *_walk(child)]
    return found


def _holds_only(node: Node, child: Node) -> bool:
    """Answer whether an element holds one child and nothing else: a field to type into, in a paragraph of its own."""
    return (
        node is not child
        and all(one is child or (isinstance(one, str) and not one.strip()) for one in node.children)
        and child in node.children
    )


def _html(node: Node) -> str:
    """Return what is within an element as HTML; a gap stands for a text entry, a prompt for a block of choices."""
    parts: list[str] = []
    for child in node.children:
        if isinstance(child, str):
            parts.append(escape(child, quote=False))
        elif child.name == "textentryinteraction":
            parts.append(GAP)
        elif child.name in _BLOCKS:
            prompt = child.first("prompt")
            parts.append(f"<div>{_html(prompt)}</div>" if prompt is not None else "")
        elif child.name not in _LEFT_OUT:
            shown = "".join(f' {name}="{escape(value)}"' for name, value in child.attributes.items())
            name = child.name if child.name.isalnum() else "span"
            void = name in ("br", "img", "hr", "source")
            parts.append(f"<{name}{shown}>" if void else f"<{name}{shown}>{_html(child)}</{name}>")
    return "".join(parts)
