"""Prize draws for tests, taken as far as a test needs them by the actions themselves."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tests.factories.contests import make_contest, make_entrant, make_round
from tests.factories.people import make_account, make_member
from tests.factories.units import make_grant

from tradeshall.contests.actions.draw_steps import confirm_results, enter_results, publish_draw, seal_draw
from tradeshall.contests.actions.draws import announce_draws, create_draw
from tradeshall.contests.models import AttemptResult, Contest, Entrant, PrizeDraw, Round, Standing
from tradeshall.core import clock
from tradeshall.core.authority import OPERATOR, Role
from tradeshall.people.models import Account
from tradeshall.units.models import Unit

VALUE = "03 08 11 19 24 30 + 07"


def make_staff(unit: Unit, role: Role = Role.ORGANISER) -> Account:
    """Return an account with a role in a unit."""
    account: Account = make_account()
    make_grant(account, role, unit)
    return account


def make_draw(*, round: Round | None = None, contest: Contest | None = None, **fields: Any) -> PrizeDraw:
    """Return a draft: one first prize, two second ones, three reserves, sealed an hour after the last close."""
    if round is None and contest is None:
        round = make_round()
    contest = contest or round.contest  # type: ignore[union-attr]
    last = max(row.closes_at for row in contest.rounds.all())
    fields.setdefault("seals_at", last + timedelta(hours=1))
    fields.setdefault("prizes", [("一等奖：手机", 1), ("二等奖：书", 2)])
    fields.setdefault("events", [("双色球 2026150 期", fields["seals_at"] + timedelta(hours=30))])
    fields.setdefault("reserves", 3)
    return create_draw(
        actor=fields.pop("actor", OPERATOR),
        contest=contest,
        round=round,
        title=fields.pop("title", "每日抽奖"),
        **fields,
    )


def finish(round: Round, entrant: Entrant, score: int, *at: datetime) -> Standing:
    """Store attempts of an entrant as if they had been read from the ledger; the last is the one that counts."""
    moments = at or (round.opens_at + timedelta(minutes=1),)
    for number, moment in enumerate(moments, 1):
        AttemptResult.objects.create(
            round=round,
            entrant=entrant,
            number=number,
            score_points=score,
            max_points=25,
            time_used_ms=60_000,
            finished_at=moment,
            leaf="",
        )
    return Standing.objects.create(
        round=round,
        entrant=entrant,
        unit_id=entrant.unit_id,
        attempt_number=len(moments),
        attempts_count=len(moments),
        score_points=score,
        time_used_ms=60_000,
        finished_at=moments[-1],
    )


def make_people(contest: Contest, count: int, **fields: Any) -> list[Entrant]:
    """Return entrants with accounts of their own."""
    contest = Contest.objects.get(pk=contest.pk)  # published meanwhile
    unit = contest.activity.unit
    return [
        make_entrant(contest=contest, membership=make_member(unit=unit, account=make_account(), **fields))
        for _ in range(count)
    ]


def settle(contest: Contest) -> None:
    """Close and rank every round, as the background does once their hour and grace are over."""
    now = clock.now()
    for row in contest.rounds.all():
        Round.objects.filter(pk=row.pk).update(state="closed", closed_at=row.closes_at, ranked_at=now)


class Played:
    """An announced draw over a round that a number of people finished, and the two who run it."""

    def __init__(self, people: int = 8, **fields: Any) -> None:
        self.round = make_round(contest=make_contest(), pass_points=10)
        self.contest = self.round.contest
        self.unit = self.contest.activity.unit
        self.first, self.second = make_staff(self.unit), make_staff(self.unit)
        self.draw = make_draw(round=self.round, **fields)
        announce_draws(actor=self.first, draws=[self.draw])
        self.draw.refresh_from_db()
        self.entrants = make_people(self.contest, people)
        for entrant in self.entrants:
            finish(self.round, entrant, 20)

    @property
    def sealing(self) -> datetime:
        """When the list is to be sealed."""
        return self.draw.seals_at

    @property
    def event(self) -> datetime:
        """When the randomness is known."""
        return max(event.happens_at for event in self.draw.events.all())

    def seal(self, actor: Any = None) -> PrizeDraw:
        settle(self.contest)
        with clock.set_to(self.sealing):
            seal_draw(actor=actor or self.first, draw=self.draw)
        return self.draw

    def enter(self, actor: Any = None, value: str = VALUE) -> PrizeDraw:
        with clock.set_to(self.event + timedelta(minutes=5)):
            return enter_results(actor=actor or self.first, draw=self.draw, values=[value])

    def confirm(self, actor: Any = None, value: str = VALUE) -> PrizeDraw:
        with clock.set_to(self.event + timedelta(minutes=10)):
            return confirm_results(actor=actor or self.second, draw=self.draw, values=[value])

    def publish(self) -> PrizeDraw:
        """Take all steps up to the publication of the winners, now by the clock of the machine."""
        self.seal()
        self.enter()
        self.confirm()
        publish_draw(actor=self.first, draw=self.draw)
        return self.draw
