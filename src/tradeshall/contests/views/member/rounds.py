"""What a member sees before an attempt: the contests, one contest with its rounds, and the rules of a round."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tradeshall.contests import texts
from tradeshall.contests.enums import RoundState
from tradeshall.contests.models import Contest, Round
from tradeshall.contests.queries.achievements import done_rounds, own_achievements
from tradeshall.contests.queries.draws import draws_of_contest
from tradeshall.contests.queries.member import (
    MemberStanding,
    counted_results,
    entrants_of,
    standing_in,
)
from tradeshall.contests.queries.rounds import contests_for_member, phase_of, rounds_for_member
from tradeshall.contests.queries.sitting import locked_among, refuse_sitting
from tradeshall.contests.queries.taking_part import entrant_of, refuse_joining
from tradeshall.contests.views.draw_words import labelled
from tradeshall.contests.views.member.attempts import round_of
from tradeshall.contests.views.words import contest_in_words, rules_in_words
from tradeshall.core import clock
from tradeshall.people.queries import acting_membership
from tradeshall.web.access import SIGNED_IN, opens_to
from tradeshall.web.texts import sentence

MOST_ATTEMPTS_SHOWN = 20  # practice has no limit; the newest are shown
MOST_CARDS = 6
PHASE_KINDS = {"open": "ok", "coming": "blue", "over": ""}
PHASE_ORDER = {"open": 0, "coming": 1, "over": 2}


@dataclass(frozen=True, slots=True)
class RoundCard:
    """A round on the page of its contest."""

    round: Round
    phase: str
    best: object
    locked: str = ""
    done: bool = False
    passed: bool = False

    @property
    def kind(self) -> str:
        return "" if self.locked and self.phase != "over" else PHASE_KINDS[self.phase]

    @property
    def label(self) -> object:
        return _("Locked") if self.locked and self.phase != "over" else texts.PHASES[self.phase]

    @property
    def light(self) -> str:
        """Return what the map shows of this round: lit, open, coming, missed."""
        if self.done:
            return "lit"
        return {"open": "open", "coming": "coming"}.get(self.phase, "missed")

    @property
    def light_label(self) -> object:
        return texts.LIGHTS[self.light]


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
    locked = locked_among(rounds, entrant)
    done = done_rounds(contest, entrant)
    cards = [
        RoundCard(
            row,
            phase_of(row),
            results.get(row.pk),
            sentence(locked[row.pk]) if row.pk in locked else "",
            row.pk in done,
            done.get(row.pk, False),
        )
        for row in rounds
    ]
    played = [card for card in cards if not card.round.practice]
    cards.sort(key=lambda card: PHASE_ORDER[card.phase])
    near, far = shared_out(cards)
    context = {
        "contest": contest,
        "campaign": contest.activity.campaign,
        "cards": cards,
        "near": near,
        "far": far,
        "map": played if len(played) > 1 else [],
        "lit": sum(card.done for card in played),
        "achievements": own_achievements(contest, entrant),
        "entrant": entrant,
        "joining_is_over": entrant is None and refuse_joining(contest) is not None,
        "has_board": any(not card.round.practice and card.phase != "coming" for card in cards),
        "draws": [labelled(draw) for draw in draws_of_contest(contest.pk)],
    }
    return render(request, "contests/member/contest.html", context)


def shared_out(cards: list[RoundCard]) -> tuple[list[RoundCard], list[RoundCard]]:
    """Share cards out: those a member needs now, and the others; a short contest needs no others."""
    if len(cards) <= MOST_CARDS:
        return cards, []
    now = [card for card in cards if card.phase == "open"]
    coming = [card for card in cards if card.phase == "coming"][:1]
    near = [*now, *coming] or cards[:1]
    return near, [card for card in cards if card not in near]


@opens_to(SIGNED_IN)
@require_safe
def contest_rules(request: HttpRequest, number: str) -> HttpResponse:
    """The rules in plain words, the same an organiser reads."""
    membership = acting_membership(request)
    if membership is None:
        raise Http404
    contest = get_object_or_404(contests_for_member(membership), activity__number=number)
    rounds = (
        rounds_for_member(membership)
        .filter(contest=contest)
        .select_related("opens_after", "advances_from")
        .prefetch_related("sections")
    )
    context = {"contest": contest, "chapters": contest_in_words(contest, rounds.order_by("position", "pk"))}
    return render(request, "contests/member/contest_rules.html", context)


@opens_to(SIGNED_IN)
@require_safe
def round_show(request: HttpRequest, pk: int) -> HttpResponse:
    membership, round = round_of(request, pk)
    entrant = entrant_of(membership, round.contest)
    standing = standing_in(round, entrant)
    refusal = refuse_sitting(round, entrant) if not standing.open else None
    if refusal is None and entrant is None:
        refusal = refuse_joining(round.contest)
    context = {
        "round": round,
        "contest": round.contest,
        "campaign": round.contest.activity.campaign,
        "phase": phase_of(round),
        "phase_label": texts.PHASES[phase_of(round)],
        "phase_kind": PHASE_KINDS[phase_of(round)],
        "standing": standing,
        "locked": refusal is not None,
        "why_not": sentence(refusal) if refusal else why_not(standing),
        "rules": rules_in_words(round),
        "left_today": left(round.attempts_per_day, standing.attempts_today),
        "left_total": left(round.attempts_total, standing.attempts_total),
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
