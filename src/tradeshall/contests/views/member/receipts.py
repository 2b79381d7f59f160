"""A member's receipt as a file: with the answers, the score where it may be seen, and the way into the public log."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from tradeshall.contests import ports
from tradeshall.contests.queries.proofs import proof_of_batch
from tradeshall.contests.queries.taking_part import entrant_of
from tradeshall.contests.views.member.attempts import round_of
from tradeshall.contests.views.member.results import answer_of
from tradeshall.core.signing import canonical
from tradeshall.engine.proofs.reading import RECEIPT
from tradeshall.web.access import SIGNED_IN, opens_to


@opens_to(SIGNED_IN)
@require_safe
def receipt_file(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Send all that the verifier can check of an attempt. The score is in it only once the member may see it."""
    membership, round = round_of(request, pk)
    entrant = entrant_of(membership, round.contest)
    if entrant is None:
        raise Http404
    answer = answer_of(round, entrant, number)
    finish = ports.ledger().finish_of(pk, entrant.number, number)
    if answer is None or finish is None or not answer.get("receipt"):
        raise Http404
    kept, receipt = finish[0].payload, answer["receipt"]
    found: dict[str, Any] = {"format": RECEIPT, "receipt": receipt, "responses": kept["responses"]}
    if kept.get("variant"):
        found["variant"] = kept["variant"]
    if answer["state"] == "scored":
        found["score"] = [answer["score_points"], answer["max_points"]]
    proof = proof_of_batch(receipt["batch"]["writer"], receipt["batch"]["number"])
    if proof is not None:
        found["log"] = proof
    response = HttpResponse(canonical(found), content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="receipt-{pk}-{number}.json"'
    response["Cache-Control"] = "private, no-store"
    return response
