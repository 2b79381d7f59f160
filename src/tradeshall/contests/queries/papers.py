"""What members may take away, and what a code leads to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Max, QuerySet, Sum
from django.utils import translation
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from tradeshall.contests.enums import Achieved, CertificateKind, Counting
from tradeshall.contests.models import AttemptResult, Certificate, Entrant, Round, SharedResult, Standing
from tradeshall.contests.queries.achievements import entrants_with
from tradeshall.contests.queries.member import results_shown
from tradeshall.contests.queries.rounds import WITH_CONTEST
from tradeshall.contests.rules import papers as rules
from tradeshall.contests.rules.boards import LEAST_TAKING_PART
from tradeshall.contests.rules.pseudonyms import pseudonym_in
from tradeshall.units.queries import federation_zone
from tradeshall.web.typesetting import qr_svg

if TYPE_CHECKING:
    from tradeshall.people.models import Membership

WITH_ROUND = tuple(f"round__{name}" for name in WITH_CONTEST)
WITH_ENTRANT = "entrant__membership", "achievement", *(f"entrant__{name}" for name in WITH_CONTEST)
ROUND_KINDS = (CertificateKind.FINISH, CertificateKind.RANK)


UNITS: dict[str, str | Promise] = {
    Achieved.DAYS.value: _lazy("days"),
    Achieved.IN_A_ROW.value: _lazy("days in a row"),
    Achieved.ROUNDS.value: _lazy("rounds"),
    Achieved.POINTS.value: _lazy("points"),
}


@dataclass(frozen=True, slots=True)
class Certified:
    """What a certificate would say: points of how many, or a rank among how many."""

    kind: str
    figure: int
    of: int


def certifiable(round: Round, entrant: Entrant | None) -> list[Certified]:
    """Return the certificates an entrant may have of a round now; at most three queries."""
    standing = Standing.objects.filter(round=round, entrant=entrant).first() if entrant else None
    shown = standing is not None and results_shown(round)
    found = []
    for kind in ROUND_KINDS:
        if standing is not None and not rules.refuse_certificate(kind, round, standing, results_shown=shown):
            found += certified(round, [standing], kind)
    return found


def certified(round: Round, standings: Sequence[Standing], kind: str) -> list[Certified]:
    """Return what certificates of this kind say of standings; one query, however many they are."""
    if kind == CertificateKind.RANK:
        of = Standing.objects.filter(round=round).count()
        return [Certified(kind, standing.rank or 0, of) for standing in standings]
    attempts = AttemptResult.objects.filter(round=round, entrant__in=[row.entrant_id for row in standings])
    together = Sum("max_points") if round.counting == Counting.SUM else Max("max_points")
    most = dict(attempts.order_by().values_list("entrant").annotate(most=together))
    return [
        Certified(kind, row.score_points, max(most.get(row.entrant_id, 0), row.score_points, 1)) for row in standings
    ]


def still_stands(certificate: Certificate) -> bool:
    """Answer whether the results still say what a certificate says; a corrected key may have moved them."""
    if certificate.achievement is not None:
        reached = entrants_with(certificate.entrant.contest, certificate.achievement)
        return reached.filter(pk=certificate.entrant_id).exists()
    standing = Standing.objects.filter(round=certificate.round_id, entrant=certificate.entrant_id).first()
    if standing is None or certificate.round is None:
        return False
    return certified(certificate.round, [standing], certificate.kind)[0].figure == certificate.figure


def certificate_by_code(code: str) -> Certificate | None:
    """Return the certificate a code stands for, however it was written."""
    plain = code.upper().replace("-", "").replace(" ", "")
    return Certificate.objects.select_related("round", *WITH_ENTRANT).filter(code=plain).first()


def own_certificates(membership: Membership) -> QuerySet[Certificate]:
    """Return the certificates made for a member."""
    return Certificate.objects.filter(entrant__membership=membership).select_related("round", *WITH_ENTRANT)


def shared_by_code(code: str) -> SharedResult | None:
    """Return the shared result behind a code."""
    rows = SharedResult.objects.select_related("entrant__membership", "entrant__unit", *WITH_ROUND)
    return rows.filter(code=code.upper()).first()


@dataclass(frozen=True, slots=True)
class Shown:
    """A shared result: what its owner chose to show, None for what they did not."""

    contest: str
    round: str
    issuer: str
    name: str
    score_points: int | None
    max_points: int | None
    rank: int | None
    of: int | None
    unit: str | None


def shown_of(shared: SharedResult) -> Shown | None:
    """Return what a shared result shows now; None while there is nothing its round lets be seen."""
    round, entrant = shared.round, shared.entrant
    standing = Standing.objects.filter(round=round, entrant=entrant).first()
    if standing is None or not results_shown(round):
        return None
    score = certified(round, [standing], CertificateKind.FINISH)[0] if shared.shows_score else None
    ranked = shared.shows_rank and standing.rank is not None and round.ranked_at is not None
    rank = certified(round, [standing], CertificateKind.RANK)[0] if ranked else None
    unit = None
    if shared.shows_unit:
        taking_part = Standing.objects.filter(round=round, unit=entrant.unit_id).aggregate(n=Count("pk"))["n"]
        unit = called(entrant.unit, "name") if taking_part >= LEAST_TAKING_PART else None
    return Shown(
        contest=called(round.contest.activity, "title"),
        round=called(round, "title"),
        issuer=called(round.contest.activity.unit, "name"),
        name=name_of(entrant, shared.shows_name),
        score_points=score.figure if score else None,
        max_points=score.of if score else None,
        rank=rank.figure if rank else None,
        of=rank.of if rank else None,
        unit=unit,
    )


def name_of(entrant: Entrant, shows_name: bool) -> str:
    """Return an entrant's name where it may be shown and is still known, the pseudonym otherwise."""
    if shows_name and entrant.membership is not None:
        return str(entrant.membership.name)
    return pseudonym_in(translation.get_language() or "", entrant.pseudonym)


def called(thing: Any, field: str, language: str | None = None) -> str:
    """Return what a thing is called in a language, the reader's own if none is given."""
    chinese = (language or translation.get_language() or "").startswith("zh")
    own: str = getattr(thing, field)
    return own if chinese else getattr(thing, f"{field}_en", "") or own


def certificate_pages(certificates: Iterable[Certificate], names: Sequence[str], address: str) -> dict[str, Any]:
    """Return what the template of certificates shows, a page for each, in the reader's language and the other.

    `address` is the page of a code, with `CODE` where the code goes.
    """
    language = "zh" if (translation.get_language() or "").startswith("zh") else "en"
    other = {"zh": "en", "en": "zh-hans"}[language]
    pages = []
    issuer = ""
    for certificate, name in zip(certificates, names, strict=True):
        activity = certificate.entrant.contest.activity
        issuer = called(activity.unit, "name")
        code = spelled(certificate.code)
        url = address.replace("CODE", code)
        with translation.override(other):
            heading_other, words_other = heading_of(certificate.kind), words_of(certificate)
        label, note, stamp = about(certificate)
        pages.append(
            {
                "number": f"{activity.number} · {code}",
                "heading": heading_of(certificate.kind),
                "heading_other": heading_other,
                "name": name,
                "words": words_of(certificate),
                "words_other": words_other,
                "figure_label": label,
                "figure": str(certificate.figure),
                "figure_note": note,
                "stamp": stamp,
                "qr": qr_svg(url),
                "url": url,
                "date": date_format(certificate.issued_at.astimezone(federation_zone()), "DATE_FORMAT"),
            }
        )
    return {
        "title": heading_of(""),
        "issuer": issuer,
        "lang": language,
        "check": _("Scan the code, or open the address, to check this certificate."),
        "pages": pages,
    }


def about(certificate: Certificate) -> tuple[str, str, str]:
    """Return what stands over the figure, what under it, and what the seal says."""
    if certificate.achievement is not None:
        return called(certificate.achievement, "title"), str(UNITS[certificate.achievement.kind]), _("Reached")
    of = _("of %(of)s") % {"of": certificate.of}
    if certificate.kind == CertificateKind.RANK:
        return _("Rank"), of, _("Ranked")
    return _("Score"), of, _("Finished")


def heading_of(kind: str) -> str:
    if kind == CertificateKind.ACHIEVEMENT:
        return _("Certificate of achievement")
    if kind == CertificateKind.RANK:
        return _("Certificate of rank")
    return _("Certificate of completion") if kind == CertificateKind.FINISH else _("Certificate")


def words_of(certificate: Certificate) -> str:
    """Return what is certified, as a sentence that goes on from the name above it."""
    contest = called(certificate.entrant.contest.activity, "title")
    if certificate.achievement is not None:
        title = called(certificate.achievement, "title")
        return _("reached “%(achievement)s” in the contest “%(contest)s”.") % {
            "achievement": title,
            "contest": contest,
        }
    assert certificate.round is not None
    title = called(certificate.round, "title")
    if certificate.kind == CertificateKind.RANK:
        return ngettext(
            "took rank %(rank)s of %(of)s entrant in “%(round)s” of the contest “%(contest)s”.",
            "took rank %(rank)s of %(of)s entrants in “%(round)s” of the contest “%(contest)s”.",
            certificate.of,
        ) % {"rank": certificate.figure, "of": certificate.of, "round": title, "contest": contest}
    return _("finished “%(round)s” of the contest “%(contest)s” with %(points)s of %(of)s points.") % {
        "round": title,
        "contest": contest,
        "points": certificate.figure,
        "of": certificate.of,
    }


def span_of(first: datetime, last: datetime) -> str:
    """Return the days from one moment to another, by the federation's clock."""
    zone = federation_zone()
    days = [date_format(moment.astimezone(zone), "DATE_FORMAT") for moment in (first, last)]
    return days[0] if days[0] == days[1] else f"{days[0]} – {days[1]}"


def spelled(code: str) -> str:
    """Return a code in groups of four."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def certifiable_standings(round: Round, kind: str) -> QuerySet[Standing]:
    """Return the standings of a round that earn a certificate, best first; none while results are held back."""
    rows = Standing.objects.filter(round=round)
    if round.practice or not results_shown(round):
        return rows.none()
    if kind == CertificateKind.RANK:
        rows = rows.filter(rank__lte=rules.RANKS_CERTIFIED) if round.ranked_at else rows.none()
        return rows.order_by("rank", "pk")
    return rows.filter(score_points__gte=round.pass_points).order_by("-score_points", "time_used_ms", "pk")
