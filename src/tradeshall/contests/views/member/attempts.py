"""Sitting a paper: start it, answer it, hand it in. With the script one question a screen, without it one form."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_http_methods

from tradeshall.contests import ports, texts
from tradeshall.contests.actions.taking_part import pass_for
from tradeshall.contests.models import Entrant, Round
from tradeshall.contests.queries.member import moment, standing_in
from tradeshall.contests.queries.rounds import rounds_for_member
from tradeshall.contests.queries.taking_part import entrant_of, signed_pass
from tradeshall.contests.views.questions import Answers, answers_in, fits, question_on_paper, whole
from tradeshall.core import clock
from tradeshall.core.refusal import Refused, refuse
from tradeshall.engine.codes import Code, EngineBusy, EngineRefused, EngineUnreachable
from tradeshall.people.queries import acting_membership
from tradeshall.web.access import SIGNED_IN, opens_to
from tradeshall.web.texts import sentence

if TYPE_CHECKING:
    from tradeshall.people.models import Membership

NO_LONGER = {Code.ATTEMPT_FINISHED.value, Code.ATTEMPT_TOO_LATE.value}
SAVE, SUBMIT, SUBMIT_ANYWAY = "save", "submit", "submit_anyway"
"""What the buttons of the plain form ask for; the last hands in whatever is unanswered."""

UNCLEAR = gettext_noop("Question %(no)s: two lines had the same place, or one had none. They now stand as shown.")
WAITING = "waiting"
WAIT_LASTS_SECONDS = 3600
TRY_AGAIN_SECONDS = 5


def round_of(request: HttpRequest, pk: int) -> tuple[Membership, Round]:
    """Return the reader's membership and a round they may see; absent and forbidden are the same 404."""
    membership = acting_membership(request)
    if membership is None:
        raise Http404
    return membership, get_object_or_404(rounds_for_member(membership), pk=pk)


@opens_to(SIGNED_IN)
@require_http_methods(["GET", "POST"])
def attempt_sit(request: HttpRequest, pk: int) -> HttpResponse:
    membership, round = round_of(request, pk)
    if request.method == "POST":
        if request.POST.get("do") in (SAVE, SUBMIT, SUBMIT_ANYWAY):
            return deliver(request, membership, round)
        return start(request, membership, round)
    entrant = entrant_of(membership, round.contest)
    if entrant is None:
        return redirect("contests:round_show", pk)
    if waits_since(request, round) is None:
        standing = standing_in(round, entrant)
        if not standing.known:
            return wait(request, round, TRY_AGAIN_SECONDS, Code.UNREACHABLE.value, starting=False)
        if standing.open is None:
            return redirect("contests:round_show", pk)
    return start(request, membership, round, show=True)


def start(request: HttpRequest, membership: Membership, round: Round, *, show: bool = False) -> HttpResponse:
    """Begin the next attempt, or come back to the one that runs; with `show`, draw its paper."""
    try:
        token = pass_for(actor=request.user, membership=membership, round=round)
        paper = ports.engine().start(token)
    except EngineBusy as busy:
        return wait(request, round, busy.retry_after_seconds, busy.code)
    except EngineUnreachable:
        return wait(request, round, TRY_AGAIN_SECONDS, Code.UNREACHABLE.value)
    except Refused as refused:
        for refusal in refused.refusals:
            messages.error(request, sentence(refusal))
        return leave_queue(redirect("contests:round_show", round.pk), round)
    if not show:
        return leave_queue(redirect("contests:attempt_sit", round.pk), round)
    entrant = entrant_of(membership, round.contest)
    assert entrant is not None
    return leave_queue(show_paper(request, round, entrant, paper), round)


def show_paper(
    request: HttpRequest, round: Round, entrant: Entrant, paper: dict[str, Any], *, given: Answers | None = None
) -> HttpResponse:
    """Draw the whole paper; `given` are answers that the server refused and the page must not lose."""
    attempt = paper["attempt"]
    saved: Answers = {int(no): held["response"] for no, held in paper["saved"].items()}
    shown = {**saved, **(given or {})}
    key = f"{round.pk}:{attempt['number']}:{entrant.pk}:{attempt['started_at_ms']}"
    result_url = reverse("contests:result_show", args=[round.pk, attempt["number"]])
    context = {
        "round": round,
        "token": paper["token"],
        "attempt": attempt,
        "paper": paper["paper"],
        "questions": [question_on_paper(item, shown.get(item["no"], [])) for item in paper["paper"]["items"]],
        "seen": json.dumps(saved, separators=(",", ":")),
        "deadline": moment(attempt["deadline_ms"]),
        "left_seconds": max(0, attempt["deadline_ms"] - clock.now_ms()) // 1000,
        "result_url": result_url,
        "page_data": {
            "token": paper["token"],
            "key": f"tradeshall:attempt:{key}",
            "receipt_key": f"tradeshall:receipt:{round.pk}:{attempt['number']}:{entrant.pk}",
            "attempt": attempt,
            "saved": paper["saved"],
            "urls": {"save": "/engine/save", "submit": "/engine/submit", "result": result_url},
            "texts": {name: str(text) for name, text in texts.ATTEMPT_PAGE.items()},
        },
    }
    return render(request, "contests/member/attempt.html", context, status=422 if given else 200)


# Without the script


def deliver(request: HttpRequest, membership: Membership, round: Round) -> HttpResponse:
    """Save the answers of the plain form, or hand them in; with gaps only once the reader has been asked."""
    token, number = request.POST.get("token", ""), whole(request.POST.get("number", ""))
    given, unclear = answers_in(request.POST)
    changed = changed_answers(given, request.POST.get("seen", ""))
    revision = max(1, clock.now_ms() - (whole(request.POST.get("started", "")) or clock.now_ms()))
    responses = [[no, revision, positions] for no, positions in sorted(changed.items())]
    handing_in = request.POST["do"] != SAVE
    try:
        if request.POST["do"] == SUBMIT and (question := ask_first(request, membership, round, responses, unclear)):
            return question
        (ports.engine().submit if handing_in else ports.engine().save)(token, responses)
    except EngineBusy as busy:
        return offer_again(request, round, busy.code, busy.retry_after_seconds)
    except EngineUnreachable:
        return offer_again(request, round, Code.UNREACHABLE.value, TRY_AGAIN_SECONDS)
    except EngineRefused as refused:
        for refusal in refused.refusals:
            messages.error(request, sentence(refusal))
        if refused.code in NO_LONGER and number:
            return redirect("contests:result_show", round.pk, number)
        return show_again(request, membership, round, given)
    if handing_in and number:
        return redirect("contests:result_show", round.pk, number)
    messages.success(request, _("Delivered. You can go on, or come back later from any device."))
    return redirect("contests:attempt_sit", round.pk)


def ask_first(
    request: HttpRequest, membership: Membership, round: Round, responses: list[list[Any]], unclear: set[int]
) -> HttpResponse | None:
    """Save the answers, and ask whether to hand in if some questions have none; None if there is nothing to ask.

    Orders that were not clear are shown first as they have been read.
    """
    entrant = entrant_of(membership, round.contest)
    token = request.POST.get("token", "")
    try:
        kept = ports.engine().save(token, responses)
    except EngineRefused as refused:
        if refused.code in NO_LONGER:
            return None  # handing in answers to that, and the same each time
        raise
    if entrant is None or kept["now_ms"] >= kept["deadline_ms"]:
        return None  # within the grace nobody can go on answering
    if unclear:
        for no in sorted(unclear):
            messages.warning(request, _(UNCLEAR) % {"no": no})
        return redirect("contests:attempt_sit", round.pk)
    # Asked after saving, which has shown that the attempt is open: this comes back to it and begins none.
    paper = ports.engine().start(signed_pass(entrant, round))
    answered = {int(no) for no, held in paper["saved"].items() if held["response"]}
    unanswered = [item["no"] for item in paper["paper"]["items"] if item["no"] not in answered]
    if not unanswered:
        return None
    context = {
        "round": round,
        "token": token,
        "number": request.POST.get("number", ""),
        "unanswered": unanswered,
        "deadline": moment(kept["deadline_ms"]),
        "do": SUBMIT_ANYWAY,
    }
    return render(request, "contests/member/attempt_unanswered.html", context, status=422)


def show_again(request: HttpRequest, membership: Membership, round: Round, given: Answers) -> HttpResponse:
    """Draw the paper with the answers that were refused still in it, as long as the attempt runs."""
    entrant = entrant_of(membership, round.contest)
    if entrant is None or standing_in(round, entrant).open is None:
        return redirect("contests:round_show", round.pk)
    try:
        paper = ports.engine().start(pass_for(actor=request.user, membership=membership, round=round))
    except (EngineBusy, EngineUnreachable, Refused):
        return offer_again(request, round, Code.UNREACHABLE.value, TRY_AGAIN_SECONDS)
    items = {item["no"]: item for item in paper["paper"]["items"]}
    fitting = {no: answer for no, answer in given.items() if no in items and fits(items[no], answer)}
    return show_paper(request, round, entrant, paper, given=fitting)


def offer_again(request: HttpRequest, round: Round, code: str, seconds: int) -> HttpResponse:
    """Keep the answers in the page and offer to send them again, since the engine did not take them."""
    kept = [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name not in ("csrfmiddlewaretoken", "do")
    ]
    context = {"round": round, "kept": kept, "do": request.POST["do"], "why": sentence(refuse(code))}
    response = render(request, "contests/member/attempt_again.html", context, status=503)
    response["Retry-After"] = str(seconds)
    return response


def changed_answers(given: Answers, seen: str) -> Answers:
    """Return the answers that differ from those the page showed, so that an old page overwrites nothing else."""
    try:
        before = {int(no): list(positions) for no, positions in json.loads(seen).items()}
    except (ValueError, TypeError, AttributeError, RecursionError):
        before = {}
    cleared: Answers = {no: [] for no, positions in before.items() if positions and no not in given}
    return {**{no: positions for no, positions in given.items() if positions != before.get(no, [])}, **cleared}


# Waiting for a start


def wait(request: HttpRequest, round: Round, seconds: int, code: str, *, starting: bool = True) -> HttpResponse:
    """Show the waiting page: it asks again by itself, sooner the longer one has waited; nobody's time runs.

    With `starting`, a signed cookie remembers that this person asked to start, so that the next look may do it.
    """
    since = waits_since(request, round) or clock.now_ms()
    waited = (clock.now_ms() - since) / 1000
    # Who has waited long asks more often, so that a place in the crowd is worth something.
    again = max(2, round_up(max(seconds, 1) * (0.75 + random.random() / 2) / (1 + waited / 30)))  # noqa: S311
    again_url = reverse("contests:attempt_sit", args=[round.pk])
    context = {
        "round": round,
        "again_seconds": again,
        "again_url": again_url,
        "waited_seconds": int(waited),
        "starting": starting,
        "why": sentence(refuse(code)),
    }
    response = render(request, "contests/member/attempt_waiting.html", context, status=503)
    response["Retry-After"] = str(again)
    response["Refresh"] = f"{again}; url={again_url}"  # a header, so that it works without any script
    if not starting:
        return response
    response.set_signed_cookie(
        WAITING,
        f"{round.pk}:{since}",
        salt=str(request.user.pk),
        max_age=WAIT_LASTS_SECONDS,
        path=again_url,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
    return response


def waits_since(request: HttpRequest, round: Round) -> int | None:
    """Return since when the reader has been waiting to start this round; None if they are not."""
    try:
        kept = request.get_signed_cookie(WAITING, salt=str(request.user.pk), max_age=WAIT_LASTS_SECONDS)
    except (KeyError, signing.BadSignature):
        return None
    pk, _colon, since = (kept or "").partition(":")
    return whole(since) if pk == str(round.pk) else None


def leave_queue(response: HttpResponse, round: Round) -> HttpResponse:
    response.delete_cookie(WAITING, path=reverse("contests:attempt_sit", args=[round.pk]))
    return response


def round_up(seconds: float) -> int:
    return int(-(-seconds // 1))
