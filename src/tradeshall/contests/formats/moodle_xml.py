"""Items in Moodle XML, as far as an item of ours can hold them.

Carried: multichoice, truefalse, shortanswer, multianswer (Cloze) whose gaps are all short answers, numerical,
matching and ordering, their pictures and sounds, tags and general feedback; categories become tags. Other kinds are
refused one by one; what an item loses is noted. Our own files add an element `tradeshall` to each question, which
Moodle passes over: difficulty, source, and what it takes to come back exactly.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from urllib.parse import unquote

from tradeshall.contests.enums import ItemForm
from tradeshall.contests.formats import carried
from tradeshall.contests.formats.carried import Attached, Carried, NotCarried, Notes
from tradeshall.contests.formats.html import reduce_html
from tradeshall.contests.formats.xml import Node, parse_xml
from tradeshall.contests.rules.item_forms import GAP
from tradeshall.contests.rules.items import GAP_WRITTEN, ItemDraft, true_false_options
from tradeshall.core.spreadsheets import Unreadable

PLUGIN_FILE = "@@PLUGINFILE@@/"
CLOZE = re.compile(r"\{(\d*):([A-Z_]+):((?:[^\\}]|\\.)*)\}", re.DOTALL)
_SHORT = {"SHORTANSWER", "SA", "MW", "SHORTANSWER_C", "SAC", "MWC"}
_NUMERIC = {"NUMERICAL", "NM"}
_PASSED_OVER = re.compile(r"\$(?:course|module|cat|system|user)\w*\$|top")


def read_moodle_xml(content: bytes) -> Iterator[Carried]:
    """Yield every question of a file in its order; raises `Unreadable` for a file that is none."""
    root = parse_xml(content)
    if root.name != "quiz":
        raise Unreadable("contests:file:not_moodle", {"root": root.name[:40]})
    return _read(root)


def _read(root: Node) -> Iterator[Carried]:
    category: tuple[str, ...] = ()
    for question in root.elements("question"):
        kind = question.attributes.get("type", "")
        if kind == "category":
            path = question.first("category")
            last = path.text_of("text").rstrip("/").rpartition("/")[2].strip() if path is not None else ""
            category = (last,) if last and not _PASSED_OVER.fullmatch(last) and "$" not in last else ()
            continue
        yield _Question(question, category).read()


class _Question:
    def __init__(self, node: Node, category: tuple[str, ...]) -> None:
        self.node, self.category = node, category
        self.notes = Notes()
        self.attached: list[Attached] = []
        ours = node.first("tradeshall")
        self.ours = dict(ours.attributes) if ours is not None else {}

    def read(self) -> Carried:
        kind = self.node.attributes.get("type", "")
        name = self.node.first("name")
        shown = " ".join((name.text_of("text") if name is not None else "").split())
        try:
            reader = _KINDS.get(kind)
            if reader is None:
                raise NotCarried("kind_not_carried", column="form", kind=kind[:40])
            stem = self.stem()
            shown = " ".join(stem.split()) or shown
            draft = self.draft(stem, reader(self, stem))
        except NotCarried as refused:
            return Carried(self.node.line, None, (refused.problem(),), text=f"{kind}: {shown}")
        says = carried.said(draft, tuple(self.attached)) | ({"difficulty"} if "difficulty" in self.ours else set())
        return Carried(self.node.line, draft, (), self.notes.all(), shown, says, tuple(self.attached))

    def draft(self, stem: str, fields: dict[str, object]) -> ItemDraft:
        difficulty = self.ours.get("difficulty", "3")
        tags = self.node.first("tags")
        words = (
            [one.text_of("text") or one.text().strip() for one in tags.elements("tag")] if tags is not None else []
        )
        if len(hints := list(self.node.elements("hint"))) and any(hint.text().strip() for hint in hints):
            self.notes.add("feedback_lost")
        points = carried.decimal_of(self.node.text_of("defaultgrade") or "1")
        if points is not None and points != 1:
            self.notes.add("points_lost", points=carried.shown_decimal(points))
        found: dict[str, object] = {
            "stem": stem,
            "options": (),
            "key": (),
            "explanation": self.feedback(),
            "difficulty": int(difficulty) if re.fullmatch("[1-5]", difficulty) else 3,
            "tags": (*self.category, *(word for word in words if word)),
            "source": self.ours.get("source", ""),
            **fields,
        }
        if not found["explanation"]:
            found["explanation"] = self.said_of_right
        return ItemDraft(**found)  # type: ignore[arg-type]

    said_of_right = ""

    def stem(self) -> str:
        node = self.node.first("questiontext")
        if node is None:
            raise NotCarried("incomplete", part="questiontext")
        return self.plain(node, media=True)

    def feedback(self) -> str:
        node = self.node.first("generalfeedback")
        if any(self.text_in(name) for name in ("partiallycorrectfeedback", "incorrectfeedback")):
            default = {"Your answer is partially correct.", "Your answer is incorrect."}
            texts = {self.text_in("partiallycorrectfeedback"), self.text_in("incorrectfeedback")}
            if texts - default - {""}:
                self.notes.add("feedback_lost")
        return self.plain(node) if node is not None else ""

    def text_in(self, name: str) -> str:
        node = self.node.first(name)
        return self.plain(node) if node is not None else ""

    def plain(self, node: Node, *, media: bool = False, inherited: str = "") -> str:
        """Return the text of an element with `<text>` in it; pictures and sounds go with the stem, or are noted."""
        inner = node.first("text")
        text = inner.text() if inner is not None else node.text()
        written = node.attributes.get("format") or inherited
        if written == "plain_text" or (written != "html" and not re.search(r"<\w|&\w+;", text)):
            return text.strip()
        reduced = reduce_html(text)
        for lost in reduced.lost:
            self.notes.add(lost)
        files = {file.attributes.get("name", ""): file for file in node.elements("file")}
        for address, alt in reduced.media:
            if media:
                self.attach(address, alt, files)
            elif node.name in ("answer", "subquestion"):
                raise NotCarried("picture_in_option", column="options")
            else:
                self.notes.add("picture_lost", "explanation")
        if media and any(name not in [one.name for one in self.attached] for name in files if name):
            self.notes.add("file_lost")
        return reduced.text

    def attach(self, address: str, alt: str, files: dict[str, Node]) -> None:
        name = unquote(address.removeprefix(PLUGIN_FILE)).rpartition("/")[2]
        if address.startswith("data:"):
            content = data_address(address)
            name = f"{len(self.attached) + 1}"
        elif address.startswith(PLUGIN_FILE) and name in files:
            content = _decoded(files[name].text())
        else:
            raise NotCarried("picture_missing", name=address[:80])
        if content is None:
            raise NotCarried("picture_damaged", name=name[:80])
        self.attached.append(Attached(name, content, alt))

    # The kinds

    def answers(self, *, plain: bool = False) -> list[tuple[str, float]]:
        """Return the texts of the answers with their weights in per cent; says what is said of the others is lost."""
        found: list[tuple[str, float]] = []
        explained: list[str] = []
        for node in self.node.elements("answer"):
            weight = carried.decimal_of(node.attributes.get("fraction", "0"))
            if weight is None:
                raise NotCarried("incomplete", part="fraction")
            feedback = node.first("feedback")
            said_here = self.plain(feedback) if feedback is not None else ""
            if said_here and weight > 0:
                explained.append(said_here)
            elif said_here:
                self.notes.add("feedback_lost")
            text = node.first("text")
            found.append(
                ((text.text().strip() if text is not None else "") if plain else self.plain(node), float(weight))
            )
        self.said_of_right = "\n".join(dict.fromkeys(explained))
        if not found:
            raise NotCarried("incomplete", part="answer")
        return found

    def multichoice(self, stem: str) -> dict[str, object]:
        found = self.answers()
        right = tuple(place for place, (_, weight) in enumerate(found) if weight > 0)
        if not right:
            raise NotCarried("no_right_answer", column="answer")
        if self.node.text_of("shuffleanswers") in ("0", "false"):
            self.notes.add("fixed_order")
        negative = {weight for _, weight in found if weight < 0}
        single = self.node.text_of("single") in ("true", "1", "")
        if single:
            if len(right) > 1:
                raise NotCarried("partial_credit", column="answer")
            if negative:
                self.notes.add("negative_marks")
        else:
            shares = [found[place][1] for place in right]
            if max(shares) - min(shares) > 1:
                raise NotCarried("unequal_weights", column="answer")
            if len(negative) > 1:
                self.notes.add("negative_marks")
            if len(right) == 1:
                self.notes.add("became_single", "form")
        form = ItemForm.SINGLE if len(right) == 1 else ItemForm.MULTIPLE
        return {"form": form.value, "options": tuple(text for text, _ in found), "key": right}

    def truefalse(self, stem: str) -> dict[str, object]:
        right = [text.casefold() for text, weight in self.answers(plain=True) if weight >= 100]
        if len(right) != 1 or right[0] not in ("true", "false"):
            raise NotCarried("no_right_answer", column="answer")
        return {
            "form": ItemForm.TRUE_FALSE.value,
            "options": true_false_options(stem),
            "key": (0 if right[0] == "true" else 1,),
        }

    def shortanswer(self, stem: str) -> dict[str, object]:
        found = self.answers(plain=True)
        if self.node.text_of("usecase") == "1":
            self.notes.add("case_ignored", "answer")
        accepted = self.accepted(found)
        gaps = len(GAP_WRITTEN.findall(stem))
        if gaps > 1:
            raise NotCarried("gaps_differ", gaps=gaps, answers=1)
        fields: dict[str, object] = {"form": ItemForm.FILL_IN.value, "accepted": (accepted,)}
        return fields if gaps else {**fields, "stem": f"{stem} {GAP}"}

    def accepted(self, found: list[tuple[str, float]]) -> tuple[str, ...]:
        whole = tuple(text.replace("\\*", "\0") for text, weight in found if weight >= 100)
        if any("*" in text for text in whole):
            raise NotCarried("wildcard", column="answer")
        if not whole:
            raise NotCarried("no_right_answer", column="answer")
        if any(0 < weight < 100 for _, weight in found):
            self.notes.add("partial_answers_lost", "answer")
        return tuple(text.replace("\0", "*") for text in whole)

    def multianswer(self, stem: str) -> dict[str, object]:
        gaps = list(CLOZE.finditer(stem))
        kinds = {found[2] for found in gaps}
        if not gaps:
            raise NotCarried("no_right_answer", column="answer")
        if GAP_WRITTEN.search(CLOZE.sub("", stem)):
            raise NotCarried("gaps_differ", gaps=len(GAP_WRITTEN.findall(stem)) + len(gaps), answers=len(gaps))
        if any(found[1] not in ("", "1") for found in gaps):
            self.notes.add("points_lost", points=", ".join(found[1] or "1" for found in gaps))
        if len(gaps) == 1 and kinds <= _NUMERIC:
            answers = _cloze_answers(gaps[0][3])
            whole = [text for text, weight in answers if weight >= 100]
            if len(whole) != 1:
                raise NotCarried("several_numbers", column="answer")
            value, _, tolerance = whole[0].partition(":")
            if carried.decimal_of(value) is None or carried.decimal_of(tolerance or "0") is None:
                raise NotCarried("number_unreadable", column="answer", given=whole[0][:40])
            return {
                "form": ItemForm.NUMERIC.value,
                "stem": CLOZE.sub(GAP, stem),
                "accepted": ((value.strip(), tolerance.strip() or "0"),),
            }
        if not kinds <= _SHORT:
            raise NotCarried("cloze_mixed", column="answer", kinds=", ".join(sorted(kinds - _SHORT))[:80])
        if kinds & {"SHORTANSWER_C", "SAC", "MWC"}:
            self.notes.add("case_ignored", "answer")
        return {
            "form": ItemForm.FILL_IN.value,
            "stem": CLOZE.sub(GAP, stem),
            "accepted": tuple(self.accepted(_cloze_answers(found[3])) for found in gaps),
        }

    def numerical(self, stem: str) -> dict[str, object]:
        whole: list[tuple[str, str]] = []
        for node in self.node.elements("answer"):
            weight = carried.decimal_of(node.attributes.get("fraction", "0")) or 0
            if weight >= 100:
                whole.append((node.text_of("text"), node.text_of("tolerance") or "0"))
            elif weight > 0:
                self.notes.add("partial_answers_lost", "answer")
        self.answers(plain=True)
        if not whole:
            raise NotCarried("no_right_answer", column="answer")
        if len(whole) > 1:
            raise NotCarried("several_numbers", column="answer")
        units = self.node.first("units")
        if units is not None and list(units.elements("unit")):
            self.notes.add("unit_lost", "answer")
        value, tolerance = whole[0]
        if carried.decimal_of(value) is None or carried.decimal_of(tolerance) is None:
            raise NotCarried("number_unreadable", column="answer", given=value[:40])
        share = self.ours.get("tolerance", "")
        if share.endswith("%") and carried.absolute(value, share) == tolerance:
            tolerance = share
        return {"form": ItemForm.NUMERIC.value, "accepted": ((value, tolerance),)}

    def matching(self, stem: str) -> dict[str, object]:
        lefts, rights, spare = [], [], []
        if self.node.text_of("shuffleanswers") in ("0", "false"):
            self.notes.add("fixed_order")
        for node in self.node.elements("subquestion"):
            answer = node.first("answer")
            left = self.plain(node)
            right = answer.text_of("text") if answer is not None else ""
            if left:
                lefts.append(left)
                rights.append(right)
            elif right:
                spare.append(right)
        if not lefts or not all(rights):
            raise NotCarried("incomplete", part="subquestion")
        key, matches = carried.paired(lefts, rights, spare)
        key, matches = carried.repaired(key, matches, self.ours.get("order", ""))
        return {"form": ItemForm.MATCHING.value, "options": tuple(lefts), "key": key, "matches": matches}

    def ordering(self, stem: str) -> dict[str, object]:
        if self.node.text_of("selecttype") not in ("", "0", "ALL"):
            self.notes.add("all_parts_shown", "options")
        texts = tuple(self.plain(node) for node in self.node.elements("answer"))
        if len(texts) < 2:
            raise NotCarried("incomplete", part="answer")
        options, key = carried.reordered(texts, self.ours.get("order", ""))
        return {"form": ItemForm.ORDERING.value, "options": options, "key": key}


_KINDS: dict[str, Callable[[_Question, str], dict[str, object]]] = {
    "multichoice": _Question.multichoice,
    "truefalse": _Question.truefalse,
    "shortanswer": _Question.shortanswer,
    "multianswer": _Question.multianswer,
    "cloze": _Question.multianswer,
    "numerical": _Question.numerical,
    "matching": _Question.matching,
    "ordering": _Question.ordering,
}


def _cloze_answers(text: str) -> list[tuple[str, float]]:
    """Return the answers of one gap with their weights."""
    found: list[tuple[str, float]] = []
    for part in re.findall(r"(?:[^~\\]|\\.)+", text, re.DOTALL):
        body = re.match(r"(?:[^#\\]|\\.)*", part, re.DOTALL)
        answer, weight = body[0] if body is not None else "", 0.0
        if answer.startswith("="):
            answer, weight = answer[1:], 100.0
        elif shared := re.match(r"%(-?\d+(?:\.\d+)?)%", answer):
            answer, weight = answer[shared.end() :], float(shared[1])
        found.append((re.sub(r"\\(.)", r"\1", answer, flags=re.DOTALL).strip(), weight))
    return found


def data_address(address: str) -> bytes | None:
    """Return what a data: address holds, None if it cannot be read."""
    head, comma, rest = address.partition(",")
    return _decoded(rest) if comma and head.endswith(";base64") else None


def _decoded(text: str) -> bytes | None:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return None
