"""What a member sees before an attempt: the contests, one contest with its rounds, and the rules of a round."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from tradeshall.contests import texts
from tradeshall.contests.enums import RoundState
from tradeshall.contests.models import Contest, Round
from tradeshall.contests.queries.draws import draws_of_contest
from tradeshall.contests.queries.member import (
    MemberStanding,
    counted_results,
    entrants_of,
    standing_in,
)
from tradeshall.contests.queries.rounds import contests_for_member, phase_of, rounds_for_member
from tradeshall.contests.queries.taking_part import entrant_of
from tradeshall.contests.views.draw_words import labelled
from tradeshall.contests.views.member.attempts import round_of
from tradeshall.core import clock
from tradeshall.people.queries import acting_membership
from tradeshall.web.access import SIGNED_IN, opens_to
from tradeshall.web.texts import sentence

MOST_ATTEMPTS_SHOWN = 20  # practice has no limit; the newest are shown
PHASE_KINDS = {"open": "ok", "coming": "blue", "over": ""}
PHASE_ORDER = {"open": 0, "coming": 1, "over": 2}


@dataclass(frozen=True, slots=True)
class RoundCard:
    """A round on the page of its contest."""

    round: Round
    phase: str
    best: object

    @property
    def kind(self) -> str:
        return PHASE_KINDS[self.phase]

    @property
    def label(self) -> object:
        return texts.PHASES[self.phase]


@dataclass(frozen=True, slots=True)
class ContestCard:
    """A contest in the list, by the round that matters most now."""

    contest: Contest
    rounds: list[Round]
    phase: str
    round: Round | None

    @property
    def kind(self) -> str:
        return PHASE_KINDS[self.phase]

    @property
    def label(self) -> object:
        return texts.PHASES[self.phase]


def contest_card(contest: Contest) -> ContestCard:
    rounds = contest.shown_rounds  # type: ignore[attr-defined]
    first = min(rounds, key=lambda row: (PHASE_ORDER[phase_of(row)], row.closes_at), default=None)
    return ContestCard(contest, rounds, phase_of(first) if first else "coming", first)


@opens_to(SIGNED_IN)
@require_safe
def contest_list(request: HttpRequest) -> HttpResponse:
    membership = acting_membership(request)
    cards: list[ContestCard] = []
    if membership is not None:
        shown = Round.objects.exclude(state=RoundState.DRAFT.value).order_by("opens_at", "pk")
        contests = contests_for_member(membership).prefetch_related(
            Prefetch("rounds", queryset=shown, to_attr="shown_rounds")
        )[:100]
        cards = sorted(map(contest_card, contests), key=lambda card: PHASE_ORDER[card.phase])
    return render(
        request,
        "contests/member/contest_list.html",
        {
            "now": [card for card in cards if card.phase != "over"],
            "over": [card for card in cards if card.phase == "over"],
        },
    )


@opens_to(SIGNED_IN)
@require_safe
def contest_show(request: HttpRequest, number: str) -> HttpResponse:
    membership = acting_membership(request)
    if membership is None:
        raise Http404
    contest = get_object_or_404(contests_for_member(membership), activity__number=number)
    rounds = list(rounds_for_member(membership).filter(contest=contest).order_by("position", "opens_at", "pk"))
    entrant = entrants_of(membership, rounds).get(contest.pk)
    results = counted_results(entrant) if entrant else {}
    cards = [RoundCard(row, phase_of(row), results.get(row.pk)) for row in rounds]
    cards.sort(key=lambda card: PHASE_ORDER[card.phase])
    context = {
        "contest": contest,
        "campaign": contest.activity.campaign,
        "cards": cards,
        "entrant": entrant,
        "draws": [labelled(draw) for draw in draws_of_contest(contest.pk)],
    }
    return render(request, "contests/member/contest.html", context)


@opens_to(SIGNED_IN)
@require_safe
def round_show(request: HttpRequest, pk: int) -> HttpResponse:
    membership, round = round_of(request, pk)
    entrant = entrant_of(membership, round.contest)
    standing = standing_in(round, entrant)
    sections = list(round.sections.all())
    context = {
        "round": round,
        "contest": round.contest,
        "campaign": round.contest.activity.campaign,
        "phase": phase_of(round),
        "phase_label": texts.PHASES[phase_of(round)],
        "phase_kind": PHASE_KINDS[phase_of(round)],
        "standing": standing,
        "why_not": why_not(standing),
        "left_today": left(round.attempts_per_day, standing.attempts_today),
        "left_total": left(round.attempts_total, standing.attempts_total),
        "question_count": sum(section.count for section in sections),
        "max_points": sum(section.count * section.points for section in sections),
        "scoring": [texts.SCORINGS[way] for way in dict.fromkeys(section.scoring for section in sections)],
        "counting": texts.COUNTINGS[round.counting],
        "tie_breaks": [texts.TIE_BREAKS[name] for name in round.tie_breaks],
        "results": texts.RESULTS[round.results],
        "review": texts.REVIEWS[round.review],
        "seconds_left": (standing.open.deadline - clock.now()).total_seconds() if standing.open else 0,
        "attempts": sorted(standing.attempts, key=lambda attempt: -attempt.number)[:MOST_ATTEMPTS_SHOWN],
        "attempts_made": len(standing.attempts),
    }
    return render(request, "contests/member/round.html", context)


def why_not(standing: MemberStanding) -> str:
    return sentence(standing.refusal) if standing.refusal else ""


def left(limit: int, used: int) -> int | None:
    """Return how many attempts are left; None without a limit."""
    return max(0, limit - used) if limit else None
