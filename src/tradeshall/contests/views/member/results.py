"""What a member sees after an attempt: score, rank, receipt, review; and the board."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from tradeshall.contests import ports, texts
from tradeshall.contests.actions.taking_part import choose_display
from tradeshall.contests.enums import ItemForm, Results, Review
from tradeshall.contests.models import Entrant, Round
from tradeshall.contests.queries.appeals import own_appeals
from tradeshall.contests.queries.boards.scopes import boards_of, is_frozen
from tradeshall.contests.queries.member import moment, result_kept, standing_in
from tradeshall.contests.queries.rounds import contests_for_member, phase_of
from tradeshall.contests.queries.taking_part import entrant_of, signed_pass
from tradeshall.contests.queries.versions import Corrected, corrected_items, current_version
from tradeshall.contests.rules import appeals as appeal_rules
from tradeshall.contests.rules.items import letter_of
from tradeshall.contests.views.member.attempts import round_of
from tradeshall.contests.views.questions import Shown, media_of, within_of
from tradeshall.core import clock
from tradeshall.core.signing import canonical
from tradeshall.engine.codes import Code, EngineBusy, EngineRefused, EngineUnreachable
from tradeshall.engine.receipts import leaf_hash
from tradeshall.people.queries import acting_membership
from tradeshall.web.access import SIGNED_IN, opens_to
from tradeshall.web.texts import sentence


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a reviewed question."""

    letter: str
    text: str
    given: bool
    right: bool


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a reviewed question: a gap, a number, a pair, a place in an order."""

    number: int
    label: str
    given: str
    right: str
    verdict: bool | None


@dataclass(frozen=True, slots=True)
class Reviewed:
    """One question with what was answered and what is right."""

    no: int
    stem: str
    form_label: object
    options: list[Option]
    points: int
    got_points: int
    explanation: str
    source: str
    answered: bool
    parts: list[Part]
    media: list[Shown]
    item: int
    correction: object = ""

    @property
    def is_right(self) -> bool:
        return self.got_points == self.points

    @property
    def right_letters(self) -> str:
        return "".join(option.letter for option in self.options if option.right)

    @property
    def given_letters(self) -> str:
        return "".join(option.letter for option in self.options if option.given)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What proves that an attempt was received: a code that fits a line, and the whole for those who check."""

    code: str
    received_at: object
    text: str


@opens_to(SIGNED_IN)
@require_safe
def result_show(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    membership, round = round_of(request, pk)
    entrant = entrant_of(membership, round.contest)
    if entrant is None:
        raise Http404
    standing = standing_in(round, entrant)
    if standing.open and standing.open.number == number:
        return redirect("contests:attempt_sit", pk)
    if standing.known and number > standing.attempts_total:
        raise Http404
    attempt = next((row for row in standing.attempts if row.number == number), None)
    answer = answer_of(round, entrant, number) if attempt or not standing.known else None
    if attempt is None and not standing.known:
        attempt = result_kept(round, entrant, number)
    scored = attempt is not None and attempt.score_points is not None
    frozen = is_frozen(boards_of(round.contest_id))  # the rank of this moment is what a freeze keeps back
    review, withheld = review_of(round, entrant, number) if attempt else ([], "")
    context = {
        "round": round,
        "contest": round.contest,
        "number": number,
        "attempt": attempt,
        "scored": scored,
        "passed": scored and attempt is not None and (attempt.score_points or 0) >= round.pass_points,
        "rank": answer.get("rank") if answer and not round.practice and not frozen else None,
        "of": answer.get("of") if answer else None,
        "best": {**standing.best, "rank": None} if standing.best and frozen else standing.best,
        "final": phase_of(round) == "over",
        "receipt": receipt_of(answer["receipt"]) if answer and answer.get("receipt") else None,
        "receipt_key": f"tradeshall:receipt:{round.pk}:{number}:{entrant.pk}",
        "outbox_prefix": f"tradeshall:attempt:{round.pk}:{number}:{entrant.pk}:",
        "review": review,
        "wrong": [item for item in review if not item.is_right],
        "withheld": withheld,
        "results_label": texts.RESULTS[round.results],
        "after_round": Results.AFTER_ROUND.value == round.results,
        "review_after_round": Review.AFTER_ROUND.value == round.review,
        "may_start": standing.known and standing.may_start and phase_of(round) == "open",
        "version": current_version(round),
        "appeals": own_appeals(round, entrant),
        "may_appeal": appeal_rules.refuse_appealing(round, clock.now()) is None,
    }
    return render(request, "contests/member/result.html", context)


def answer_of(round: Round, entrant: Entrant, number: int) -> dict[str, Any] | None:
    """Return the engine's answer to the handing in, with its receipt; None if it cannot be had now."""
    try:
        return ports.engine().result_of(signed_pass(entrant, round), number)
    except (EngineBusy, EngineUnreachable, EngineRefused):
        return None


def receipt_of(receipt: dict[str, Any]) -> Receipt:
    leaf = leaf_hash(canonical(receipt["body"])).hex().upper()
    code = "-".join(leaf[start : start + 4] for start in range(0, 16, 4))
    return Receipt(code, moment(receipt["batch"]["at_ms"]), canonical(receipt).decode())


def review_of(round: Round, entrant: Entrant, number: int) -> tuple[list[Reviewed], str]:
    """Return the reviewed questions, or why there are none yet."""
    try:
        answer = ports.engine().review_of(signed_pass(entrant, round), number)
    except EngineRefused as refused:
        return [], "" if refused.code == Code.ATTEMPT_UNKNOWN else sentence(refused.refusals[0])
    except (EngineBusy, EngineUnreachable):
        return [], ""
    corrected = corrected_items(round, entrant, number)
    lines = [reviewed(item) for item in answer["items"]]
    return [under_version(item, corrected[item.no]) if item.no in corrected else item for item in lines], ""


def reviewed(item: dict[str, Any]) -> Reviewed:
    parts = parts_of(item)
    options = [
        Option(letter_of(place), text, place in item["given"], place in item["key"])
        for place, text in enumerate(item["options"])
        if not parts
    ]
    return Reviewed(
        no=item["no"],
        stem=item["stem"],
        form_label=texts.FORMS[item["form"]],
        options=options,
        points=item["points"],
        got_points=item["got_points"],
        explanation=item["explanation"],
        source=item["source"],
        answered=bool(item["given"]),
        parts=parts,
        media=media_of(item.get("media", ())),
        item=item["item"],
    )


def parts_of(item: dict[str, Any]) -> list[Part]:
    """Return what was given and what is right in each part of a question; none for choices."""
    if "right" not in item:
        return []
    if item["form"] == ItemForm.NUMERIC:
        value, within = item["accepted"][0][0], within_of(item["accepted"])
        lines = [("", f"{value} ({within})" if within else value)]
    elif item["form"] == ItemForm.FILL_IN:
        lines = [("", " / ".join(accepted)) for accepted in item["accepted"]]
    else:
        shown = item.get("matches") or item["options"]
        labels = item["options"] if item["form"] == ItemForm.MATCHING else [""] * len(shown)
        lines = [(label, shown[key]) for label, key in zip(labels, item["key"], strict=True)]
    given = [said_of(item, said) for said in item["given"]] or [""] * len(lines)
    verdicts = item["right"] or [None] * len(lines)
    return [
        Part(number, label, said, right, verdict)
        for number, ((label, right), said, verdict) in enumerate(zip(lines, given, verdicts, strict=True), 1)
    ]


def said_of(item: dict[str, Any], said: int | str) -> str:
    """Return one part of a response in words."""
    if isinstance(said, str):
        return said
    texts: list[str] = item.get("matches") or item["options"]
    return texts[said] if said >= 0 else ""


def under_version(item: Reviewed, corrected: Corrected) -> Reviewed:
    """Return a reviewed question as the version of the results in force scores it."""
    options = item.options
    if corrected.kind == "key":
        options = [replace(option, right=place in corrected.key) for place, option in enumerate(options)]
    label = texts.VERDICTS["key" if corrected.kind == "key" else f"void_{corrected.kind}"]
    return replace(item, options=options, points=corrected.points, got_points=corrected.got_points, correction=label)


@opens_to(SIGNED_IN)
@require_POST
def entrant_display(request: HttpRequest, number: str) -> HttpResponse:
    membership = acting_membership(request)
    if membership is None:
        raise Http404
    contest = get_object_or_404(contests_for_member(membership), activity__number=number)
    entrants = Entrant.objects.select_related("membership", "contest__activity")
    entrant = get_object_or_404(entrants, contest=contest, membership=membership)
    choose_display(actor=request.user, entrant=entrant, shows_name=request.POST.get("shows_name") == "yes")
    target = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return redirect(target if ours else "contests:contest_show", *([] if ours else [number]))
