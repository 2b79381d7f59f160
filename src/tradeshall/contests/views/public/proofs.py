"""What everybody may see and check, signed in or not: the results of a round, the public log, the verifier."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from tradeshall.contests import texts
from tradeshall.contests.enums import FileKind
from tradeshall.contests.models import PublishedFile, Round
from tradeshall.contests.queries import proofs as queries
from tradeshall.contests.queries.rounds import phase_of
from tradeshall.contests.rules.boards import LEAST_TAKING_PART
from tradeshall.core.signing import canonical
from tradeshall.engine.proofs.page import policy, verifier_html
from tradeshall.engine.proofs.verify import fingerprint
from tradeshall.web.access import PUBLIC, opens_to

JSON, LINES, TEXT = "application/json", "application/jsonl", "text/plain; charset=utf-8"
TYPES = {"json": JSON, "jsonl": LINES, "txt": TEXT}
A_MINUTE, A_YEAR = "public, max-age=60", "public, max-age=31536000, immutable"
Answer = TypeVar("Answer", bound=HttpResponseBase)
VERIFIER_NAME = "tradeshall-verifier.html"


@opens_to(PUBLIC)
@require_safe
def round_results(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a round to everybody: what it was, its numbers, its top, its files, and how to check them."""
    one: Round = get_object_or_404(queries.public_rounds(), pk=pk)
    files = queries.files_of(queries.subject_of_round(pk))
    found = queries.public_results(one, get_language() or "")
    sections = list(one.sections.all())
    context = {
        "round": one,
        "contest": one.contest,
        "phase": phase_of(one),
        "results": found,
        "files": [_shown(file) for file in files],
        "is_open": any(file.kind == FileKind.OPENING for file in files),
        "content_hash": queries.content_hash_of(one),
        "fingerprint": fingerprint(queries.keys_document()),
        "question_count": sum(section.count for section in sections),
        "max_points": sum(section.count * section.points for section in sections),
        "counting": texts.COUNTINGS[one.counting],
        "tie_breaks": [texts.TIE_BREAKS[name] for name in one.tie_breaks],
        "least": LEAST_TAKING_PART,
    }
    return render(request, "contests/public/round.html", context)


def _shown(file: PublishedFile) -> dict[str, Any]:
    return {
        "file": file,
        "label": texts.FILE_KINDS[file.kind],
        "help": texts.FILE_HELPS[file.kind],
        "in_log": file.position is not None,
    }


@opens_to(PUBLIC)
@require_safe
def file_download(request: HttpRequest, name: str) -> HttpResponseBase:
    """Send a published file, piece by piece. What is published never changes, so it may be kept for good."""
    file = get_object_or_404(PublishedFile, name=name)
    answer = StreamingHttpResponse(queries.content_of(file), content_type=TYPES[name.rpartition(".")[2]])
    return _as_file(answer, name, A_YEAR, file.size)


@opens_to(PUBLIC)
@require_safe
def log_show(request: HttpRequest) -> HttpResponse:
    """Show the public log: how long it is, its keys, its checkpoints, its pages."""
    size = queries.log_size()
    pages = range((size + queries.PAGE_ENTRIES - 1) // queries.PAGE_ENTRIES)
    keys = queries.keys_document()
    context = {
        "size": size,
        "pages": [
            {
                "number": number,
                "first": number * queries.PAGE_ENTRIES,
                "last": min(size, (number + 1) * queries.PAGE_ENTRIES) - 1,
            }
            for number in pages
        ],
        "newest": queries.latest_checkpoint(),
        "checkpoints": list(queries.checkpoints_shown().reverse()[:24]),
        "keys": keys,
        "fingerprint": fingerprint(keys),
    }
    return render(request, "contests/public/log.html", context)


@opens_to(PUBLIC)
@require_safe
def log_page(request: HttpRequest, number: int) -> HttpResponse:
    """Send a page of the log; a full one never changes."""
    content = queries.log_page(number)
    if content is None:
        raise Http404
    is_full = content.count(b"\n") == queries.PAGE_ENTRIES + 1
    return _as_file(HttpResponse(content, content_type=LINES), f"log-{number}.jsonl", A_YEAR if is_full else A_MINUTE)


@opens_to(PUBLIC)
@require_safe
def log_checkpoints(request: HttpRequest) -> HttpResponse:
    """Send the checkpoints of all hours and closes, and the newest."""
    answer = HttpResponse(queries.checkpoints_text().encode(), content_type=TEXT)
    return _as_file(answer, "checkpoints.txt", A_MINUTE)


@opens_to(PUBLIC)
@require_safe
def log_keys(request: HttpRequest) -> HttpResponse:
    """Send the public keys."""
    return _as_file(HttpResponse(canonical(queries.keys_document()), content_type=JSON), "keys.json", A_MINUTE)


@opens_to(PUBLIC)
@require_safe
def log_proof(request: HttpRequest, writer: str, number: int) -> HttpResponse:
    """Send what leads from a batch to the newest checkpoint."""
    return _document(lambda: queries.proof_of_batch(writer, number), f"proof-{writer}-{number}.json")


@opens_to(PUBLIC)
@require_safe
def log_consistency(request: HttpRequest, first: int, second: int) -> HttpResponse:
    """Send what shows that the log of one checkpoint grew into that of another."""
    return _document(lambda: queries.consistency(first, second), f"consistency-{first}-{second}.json")


@opens_to(PUBLIC)
@require_safe
def verifier_show(request: HttpRequest) -> HttpResponse:
    """Show the verifier, under its own policy: it reaches nothing, not even this site."""
    answer = HttpResponse(verifier_html())
    answer["Content-Security-Policy"] = f"{policy()}; frame-ancestors 'none'"
    return answer


@opens_to(PUBLIC)
@require_safe
def verifier_download(request: HttpRequest) -> HttpResponse:
    """Send the verifier as the one file it is."""
    return _as_file(HttpResponse(verifier_html()), VERIFIER_NAME, A_MINUTE)


def _document(ask: Callable[[], dict[str, Any] | None], name: str) -> HttpResponse:
    found = ask()
    if found is None:
        raise Http404
    return _as_file(HttpResponse(canonical(found), content_type=JSON), name, A_MINUTE)


def _as_file(answer: Answer, name: str, keeps: str, size: int | None = None) -> Answer:
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = keeps
    if size is not None:
        answer["Content-Length"] = str(size)
    return answer
