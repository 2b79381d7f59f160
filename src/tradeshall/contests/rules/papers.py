"""For what a certificate is given, and how somebody is named to strangers."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from tradeshall.contests.enums import CertificateKind
from tradeshall.core.refusal import Refusal, refuse

RANKS_CERTIFIED = 100


class CertifiedRound(Protocol):
    """What rules read of a round."""

    practice: bool
    pass_points: int
    ranked_at: datetime | None


class CertifiedStanding(Protocol):
    """What rules read of a standing."""

    score_points: int
    rank: int | None


def refuse_certificate(
    kind: str, round: CertifiedRound, standing: CertifiedStanding | None, *, results_shown: bool
) -> Refusal | None:
    """Refuse a certificate of practice, of results that are held back, and of what was not reached."""
    if kind not in (CertificateKind.FINISH, CertificateKind.RANK):
        return refuse("contests:certificate:kind_unknown", field_name="kind", given=kind[:40])
    if round.practice:
        return refuse("contests:certificate:practice")
    if standing is None or not results_shown:
        return refuse("contests:certificate:no_result")
    if kind == CertificateKind.FINISH:
        if standing.score_points < round.pass_points:
            return refuse("contests:certificate:not_passed", pass_points=round.pass_points)
        return None
    if round.ranked_at is None or standing.rank is None:
        return refuse("contests:certificate:not_ranked")
    if standing.rank > RANKS_CERTIFIED:
        return refuse("contests:certificate:rank_too_low", most=RANKS_CERTIFIED)
    return None


def masked(name: str) -> str:
    """Return a name as a stranger may see it who has it before them on paper: its first letter, the rest covered."""
    return " ".join(word[0] + "＊" * max(1, min(len(word) - 1, 3)) for word in name.split())
