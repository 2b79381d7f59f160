"""A prize draw from its draft to the publication: what is refused, who decides, what cannot change."""

from __future__ import annotations

import io
import threading
from datetime import date, timedelta
from typing import Any

import orjson
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.db import IntegrityError, connection, transaction
from tests.factories.contests import make_contest, make_round
from tests.factories.draws import VALUE, Played, finish, make_draw, make_people, make_staff, settle
from tests.factories.ledgers import Writer
from tests.factories.people import make_account
from tests.factories.units import make_grant, make_unit

from tradeshall.contests import ports
from tradeshall.contests.actions import draw_steps
from tradeshall.contests.actions.draw_steps import confirm_results, enter_results, publish_draw, seal_draw
from tradeshall.contests.actions.draws import (
    announce_draws,
    call_off_draw,
    create_daily_draws,
    create_draw,
    edit_draw,
)
from tradeshall.contests.actions.ledger import ingest_ledger
from tradeshall.contests.models import DrawEvent, DrawPrize, DrawTicket, DrawWinner, PrizeDraw, Round
from tradeshall.contests.queries import draws as queries
from tradeshall.contests.rules import draws as rules
from tradeshall.core import clock
from tradeshall.core.authority import OPERATOR, Role
from tradeshall.core.refusal import Refused
from tradeshall.engine import draw as drawing
from tradeshall.journal.models import Entry, OutboxEvent

pytestmark = pytest.mark.django_db


def codes(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [refusal.code for refusal in refused.value.refusals]


# drafting and announcing


def test_a_draw_goes_from_draft_to_announced_and_then_stays() -> None:
    draw = make_draw()
    edit_draw(actor=OPERATOR, draw=draw, title="总决赛抽奖", prizes=[("自行车", 2)], least_points=5)
    announce_draws(actor=OPERATOR, draws=[draw])
    draw.refresh_from_db()
    assert (draw.state, draw.title, draw.least_points) == ("announced", "总决赛抽奖", 5)
    assert [(prize.name, prize.count) for prize in draw.prizes.all()] == [("自行车", 2)]
    with pytest.raises(Refused) as refused:
        edit_draw(actor=OPERATOR, draw=draw, title="另一个")
    assert codes(refused) == ["contests:draw:frozen"]
    with pytest.raises(Refused) as refused:
        announce_draws(actor=OPERATOR, draws=[draw])
    assert codes(refused) == ["contests:draw:cannot_announce"]
    assert Entry.objects.filter(verb="contests:draw:announce").count() == 1


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"title": " "}, "contests:draw:title_empty"),
        ({"title": "长" * 121}, "contests:draw:title_too_long"),
        ({"prizes": [("", 1)]}, "contests:draw:prize_name"),
        ({"prizes": [("书", 0)]}, "contests:draw:prize_count"),
        ({"prizes": [("书", 60_000), ("笔", 60_000)]}, "contests:draw:too_many_winners"),
        ({"prizes": [("书", 1)] * 21}, "contests:draw:too_many_prizes"),
        ({"claim_days": 0}, "contests:draw:claim_days_out_of_bounds"),
        ({"reserves": 100_001}, "contests:draw:reserves_out_of_bounds"),
    ],
)
def test_what_makes_no_draw_is_refused(fields: dict[str, Any], code: str) -> None:
    with pytest.raises(Refused) as refused:
        make_draw(**fields)
    assert code in codes(refused)
    assert not PrizeDraw.objects.exists()


def test_events_lie_a_day_behind_the_sealing() -> None:
    draw = make_draw()
    day = timedelta(hours=24)
    for name, at, code in [
        ("彩票", draw.seals_at + day - timedelta(seconds=1), "contests:draw:event_too_near"),
        ("彩=票", draw.seals_at + day, "contests:draw:event_name"),
        ("彩\n票", draw.seals_at + day, "contests:draw:event_name"),
        ("彩" * 81, draw.seals_at + day, "contests:draw:event_name_too_long"),
    ]:
        with pytest.raises(Refused) as refused:
            edit_draw(actor=OPERATOR, draw=draw, events=[(name, at)])
        assert codes(refused) == [code]
    with pytest.raises(Refused) as refused:
        edit_draw(actor=OPERATOR, draw=draw, events=[("甲", draw.seals_at + day)] * 2)
    assert codes(refused) == ["contests:draw:event_twice"]
    edit_draw(actor=OPERATOR, draw=draw, events=[("甲", draw.seals_at + day)])


def test_what_nobody_could_rely_on_is_not_announced() -> None:
    for fields, code in [
        ({"prizes": []}, "contests:draw:no_prize"),
        ({"events": []}, "contests:draw:no_event"),
        ({"seals_at": clock.now() + timedelta(hours=2)}, "contests:draw:seals_before_the_close"),
    ]:
        with pytest.raises(Refused) as refused:
            announce_draws(actor=OPERATOR, draws=[make_draw(**fields)])
        assert codes(refused) == [code]
    with pytest.raises(Refused) as refused:
        announce_draws(actor=OPERATOR, draws=[make_draw(round=make_round(published=False))])
    assert codes(refused) == ["contests:draw:no_round"]
    late = make_draw()
    happens_at = late.events.get().happens_at
    with clock.set_to(happens_at - timedelta(hours=23)), pytest.raises(Refused) as refused:
        announce_draws(actor=OPERATOR, draws=[late])
    assert codes(refused) == ["contests:draw:event_too_soon"]


def test_a_series_is_announced_together_or_not_at_all() -> None:
    contest = make_contest()
    first = make_round(contest=contest)
    for _ in range(3):
        make_round(contest=contest, published=True)
    make_round(contest=contest, practice=True)
    model = make_draw(round=first, least_points=7)
    made = create_daily_draws(actor=OPERATOR, contest=contest, like=model, event_name="福彩 3D {date}")
    assert len(made) == 3
    assert create_daily_draws(actor=OPERATOR, contest=contest, like=model, event_name="福彩 3D {date}") == []
    assert {draw.least_points for draw in made} == {7}
    assert made[0].events.get().name.startswith("福彩 3D 20")
    empty = make_draw(round=first, prizes=[])
    with pytest.raises(Refused):
        announce_draws(actor=OPERATOR, draws=[*made, empty])
    assert set(PrizeDraw.objects.values_list("state", flat=True)) == {"draft"}
    announce_draws(actor=OPERATOR, draws=[model, *made])
    assert PrizeDraw.objects.filter(state="announced").count() == 4


def test_rounds_and_units_from_elsewhere_are_refused() -> None:
    contest = make_contest()
    make_round(contest=contest)
    for fields, code in [
        ({"round": make_round()}, "contests:draw:round_elsewhere"),
        ({"unit": make_unit()}, "contests:draw:unit_elsewhere"),
    ]:
        if "unit" in fields:
            contest = make_contest(unit=make_unit())
            make_round(contest=contest)
        with pytest.raises(Refused) as refused:
            create_draw(actor=OPERATOR, contest=contest, title="抽奖", seals_at=clock.now(), **fields)
        assert codes(refused) == [code]


def test_a_draw_is_called_off_with_a_reason_and_not_once_the_winners_could_be_known(writer: Writer) -> None:
    played = Played()
    played.seal()
    with pytest.raises(Refused) as refused:
        call_off_draw(actor=played.first, draw=played.draw)
    assert codes(refused) == ["contests:draw:reason_empty"]
    with clock.set_to(played.event), pytest.raises(Refused) as refused:
        call_off_draw(actor=played.first, draw=played.draw, reason="中奖者不对")
    assert codes(refused) == ["contests:draw:too_late_to_call_off"]
    call_off_draw(actor=played.first, draw=played.draw, reason="彩票停售")
    played.draw.refresh_from_db()
    assert (played.draw.state, played.draw.why_called_off) == ("called_off", "彩票停售")
    with pytest.raises(Refused):
        call_off_draw(actor=played.first, draw=played.draw, reason="彩票停售")


# who has a ticket


def eligible(draw: PrizeDraw) -> set[int]:
    return {entrant for batch in queries.eligible_batches(draw) for entrant in batch}


def test_every_condition_leaves_out_who_does_not_meet_it() -> None:
    contest = make_contest()
    now = clock.now()
    one, two = (make_round(contest=contest, pass_points=10, attempts_total=5) for _ in range(2))
    make_round(contest=contest, practice=True)
    days = [now - timedelta(days=number) for number in range(4)]
    full, low, gap, half, idle = (entrant for entrant in make_people(contest, 5))
    finish(one, full, 20, days[2], days[1])
    finish(two, full, 20, days[0])
    finish(one, low, 5, days[2], days[1], days[0])
    finish(two, low, 5, days[0])
    finish(one, gap, 20, days[3])
    finish(two, gap, 20, days[0])
    finish(one, half, 25, days[0])
    everybody = {full.pk, low.pk, gap.pk, half.pk}
    for fields, found in [
        ({}, everybody),
        ({"least_points": 25}, everybody - {low.pk}),
        ({"least_passed": 2}, {full.pk, gap.pk}),
        ({"least_attempts": 4}, {low.pk}),
        ({"every_round": True}, everybody - {half.pk}),
        ({"least_days": 2}, everybody - {half.pk}),
        ({"least_days": 3}, {full.pk, low.pk}),
        ({"least_streak": 2}, {full.pk, low.pk}),
        ({"least_streak": 3, "least_passed": 2}, {full.pk}),
    ]:
        assert eligible(make_draw(contest=contest, **fields)) == found, fields
    assert eligible(make_draw(round=one, contest=contest, every_round=True)) == everybody
    assert eligible(make_draw(round=two, contest=contest)) == everybody - {half.pk}
    assert idle.pk not in everybody


def test_staff_erased_people_and_other_units_have_no_ticket(monkeypatch: pytest.MonkeyPatch) -> None:
    round = make_round()
    plain, staff, erased = make_people(round.contest, 3)
    for entrant in (plain, staff, erased):
        finish(round, entrant, 5)
    make_grant(staff.membership.account, Role.ORGANISER, make_unit())
    type(erased).objects.filter(pk=erased.pk).update(membership=None)
    assert eligible(make_draw(round=round)) == {plain.pk}
    assert eligible(make_draw(round=round, leaves_out_staff=False)) == {plain.pk, staff.pk}
    below = make_unit(parent=round.contest.activity.unit)
    assert eligible(make_draw(round=round, unit=below)) == set()
    monkeypatch.setattr(queries, "BATCH", 1)
    assert eligible(make_draw(round=round, leaves_out_staff=False)) == {plain.pk, staff.pk}


def test_streaks_are_days_one_after_another() -> None:
    days = [date(2026, 2, 27), date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 3), date(2026, 2, 28)]
    assert rules.longest_streak(days) == 3
    assert rules.longest_streak([]) == 0


# sealing


def test_sealing_gives_everybody_one_ticket_and_freezes_the_list(writer: Writer) -> None:
    played = Played(people=9)
    draw = played.seal()
    draw.refresh_from_db()
    tickets = list(DrawTicket.objects.filter(draw=draw).order_by("ticket").values_list("ticket", flat=True))
    assert (draw.state, draw.count, len(set(tickets))) == ("sealed", 9, 9)
    assert draw.sealed_by == str(played.first)
    lines = b"".join(queries.list_lines(draw))
    assert lines == "".join(f"{ticket}\n" for ticket in tickets).encode()
    root, count = drawing.seal_list(drawing.read_list(io.BytesIO(lines)))
    assert (root.hex(), count) == (draw.root, 9)
    for change in (
        lambda: DrawTicket.objects.filter(draw=draw).first().delete(),
        lambda: DrawTicket.objects.filter(draw=draw).update(ticket="00" * 16),
        lambda: DrawTicket.objects.create(draw=draw, run=draw.run, ticket="00" * 16, entrant=played.entrants[0]),
        lambda: PrizeDraw.objects.filter(pk=draw.pk).update(root="00" * 32),
        lambda: PrizeDraw.objects.filter(pk=draw.pk).update(title="别的"),
        lambda: PrizeDraw.objects.filter(pk=draw.pk).update(state="announced"),
        lambda: DrawPrize.objects.filter(draw=draw).update(count=5),
        lambda: DrawEvent.objects.filter(draw=draw).update(name="别的"),
        lambda: DrawEvent.objects.filter(draw=draw).delete(),
        lambda: draw.delete(),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


def test_sealing_waits_for_its_time_the_ranks_and_the_ledger(writer: Writer) -> None:
    played = Played()
    with pytest.raises(Refused) as refused:
        seal_draw(actor=played.first, draw=played.draw)
    assert codes(refused) == ["contests:draw:not_yet_to_be_sealed"]
    with clock.set_to(played.sealing):
        with pytest.raises(Refused) as refused:
            seal_draw(actor=played.first, draw=played.draw)
        assert codes(refused) == ["contests:draw:rounds_not_over"]
        settle(played.contest)
        at = round_ms = int(played.round.closes_at.timestamp() * 1000)
        late = played.entrants[0]
        played.entrants[0].attempt_results.all().delete()
        played.entrants[0].standings.all().delete()
        writer.finish(played.round, late, 15, finished_at_ms=at - 1)
        with pytest.raises(Refused) as refused:
            seal_draw(actor=played.first, draw=played.draw)
        assert codes(refused) == ["contests:draw:ledger_behind"]
        assert ingest_ledger() == 1
        with pytest.raises(Refused) as refused:  # reading it took the ranks back
            seal_draw(actor=played.first, draw=played.draw)
        assert codes(refused) == ["contests:draw:rounds_not_over"]
        settle(played.contest)
        other = make_round()  # still being played, and never read
        writer.finish(other, make_people(other.contest, 1)[0], 5, finished_at_ms=round_ms + 3_600_000)
        seal_draw(actor=played.first, draw=played.draw)
    assert DrawTicket.objects.filter(draw=played.draw, entrant=late).count() == 1


def test_a_list_is_not_sealed_when_the_randomness_is_near(writer: Writer) -> None:
    played = Played()
    settle(played.contest)
    with clock.set_to(played.event - timedelta(hours=24) + timedelta(seconds=1)), pytest.raises(Refused) as refused:
        seal_draw(actor=played.first, draw=played.draw)
    assert codes(refused) == ["contests:draw:too_late_to_seal"]


def test_an_attempt_read_after_the_sealing_is_on_no_list(writer: Writer) -> None:
    played = Played()
    (late,) = make_people(played.contest, 1)
    draw = played.seal()
    before = draw.root
    finish(played.round, late, 25)
    draw.refresh_from_db()
    assert draw.root == before
    assert not DrawTicket.objects.filter(entrant=late).exists()
    with pytest.raises(Refused) as refused:
        played.seal()
    assert codes(refused) == ["contests:draw:cannot_seal"]


def test_results_that_change_while_tickets_are_issued_stop_the_sealing(
    writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    played = Played()
    settle(played.contest)
    plain = draw_steps.issue_tickets

    def changed(*arguments: Any) -> int:
        issued = plain(*arguments)
        Round.objects.filter(pk=played.round.pk).update(ranked_at=clock.now())
        return issued

    monkeypatch.setattr(draw_steps, "issue_tickets", changed)
    with clock.set_to(played.sealing + timedelta(seconds=1)), pytest.raises(Refused) as refused:
        seal_draw(actor=played.first, draw=played.draw)
    assert codes(refused) == ["contests:draw:results_changed"]
    assert not DrawTicket.objects.exists()
    monkeypatch.undo()
    played.seal()  # the control: nothing changes, and it is sealed


class Killed(BaseException):
    """What no code of ours catches."""


@pytest.mark.parametrize("moment", ["between two batches", "before the list stands"])
def test_a_sealing_that_is_killed_leaves_nothing_half_written(
    writer: Writer, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    played = Played(people=6)
    monkeypatch.setattr(queries, "BATCH", 2)
    with monkeypatch.context() as patch:
        patch.setattr(draw_steps, "drop_tickets", lambda *arguments: 0)  # the dead tidy nothing away
        if moment == "between two batches":
            batches = queries.eligible_batches

            def cut(draw: PrizeDraw) -> Any:
                yield next(iter(batches(draw)))
                raise Killed

            patch.setattr(queries, "eligible_batches", cut)
        else:
            patch.setattr(draw_steps, "emit", lambda *events: (_ for _ in ()).throw(Killed))
        with pytest.raises(Killed):
            played.seal()
    assert DrawTicket.objects.exists()  # the control: it was cut off in the middle
    played.draw.refresh_from_db()
    assert (played.draw.state, played.draw.run, played.draw.root) == ("announced", "", "")
    assert not OutboxEvent.objects.filter(name__endswith="DrawSealed").exists()
    draw = played.seal()
    assert draw.count == 6
    assert DrawTicket.objects.filter(draw=draw).count() == 6


def in_threads(*calls: Any) -> list[str]:
    """Run calls at once and return the codes of those that were refused, or "" for those that were not."""
    answers = [""] * len(calls)
    together = threading.Barrier(len(calls))

    def work(at: int) -> None:
        try:
            together.wait(30)
            calls[at]()
        except Refused as refused:
            answers[at] = refused.refusals[0].code
        finally:
            for opened in ports._local.__dict__.pop("ledgers", {}).values():
                opened.close()
            connection.close()

    threads = [threading.Thread(target=work, args=(at,)) for at in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return answers


@pytest.mark.django_db(transaction=True)
def test_of_two_who_seal_at_once_one_does(writer: Writer) -> None:
    played = Played(people=12)
    settle(played.contest)
    with clock.set_to(played.sealing):
        answers = in_threads(
            *(
                lambda person=person: seal_draw(actor=person, draw=PrizeDraw.objects.get(pk=played.draw.pk))
                for person in (played.first, played.second, OPERATOR)
            )
        )
    assert sorted(answers)[0] == ""
    assert set(answers[:3]) <= {"", "contests:draw:cannot_seal", "contests:draw:changed_meanwhile"}
    assert answers.count("") == 1
    draw = PrizeDraw.objects.get(pk=played.draw.pk)
    assert DrawTicket.objects.filter(draw=draw).values("run").distinct().count() == 1
    assert drawing.seal_list(queries.ticket_blocks(draw)) == (bytes.fromhex(draw.root), 12)


# two persons


def test_two_persons_run_a_draw_and_one_cannot(writer: Writer) -> None:
    played = Played()
    played.seal()
    with pytest.raises(Refused) as refused:
        played.confirm()
    assert codes(refused) == ["contests:draw:no_results_yet"]
    played.enter()
    for same in (played.first,):
        with pytest.raises(Refused) as refused:
            played.confirm(actor=same)
        assert codes(refused) == ["contests:draw:needs_another_person"]
    with pytest.raises(Refused) as refused:
        played.confirm(value=VALUE.replace("07", "08"))
    assert codes(refused) == ["contests:draw:results_differ"]
    played.enter(actor=played.second)
    for same in (played.first, played.second):  # one sealed, the other entered: a third is needed
        with pytest.raises(Refused) as refused:
            played.confirm(actor=same)
        assert codes(refused) == ["contests:draw:needs_another_person"]
    third = make_staff(played.unit, Role.AUDITOR)
    played.confirm(actor=third, value=f"  {VALUE}  ")
    assert played.draw.confirmed_by == str(third)
    with pytest.raises(Refused) as refused:
        played.enter()
    assert codes(refused) == ["contests:draw:not_sealed"]
    assert DrawWinner.objects.count() == 6


def test_the_database_too_refuses_one_person_for_both_steps(writer: Writer) -> None:
    played = Played()
    played.seal()
    played.enter()
    for name in (str(played.first),):
        with pytest.raises(IntegrityError, match="draw_confirmed_by_another"), transaction.atomic():
            PrizeDraw.objects.filter(pk=played.draw.pk).update(state="drawn", confirmed_by=name, drawn_at=clock.now())
    with transaction.atomic():  # the control: another's name goes in
        PrizeDraw.objects.filter(pk=played.draw.pk).update(
            state="drawn", confirmed_by=str(played.second), drawn_at=clock.now()
        )


@pytest.mark.django_db(transaction=True)
def test_of_two_who_confirm_and_one_who_corrects_one_goes_on(writer: Writer) -> None:
    played = Played(people=12)
    played.seal()
    played.enter()
    third = make_staff(played.unit, Role.AUDITOR)
    with clock.set_to(played.event + timedelta(minutes=10)):

        def confirm(person: Any) -> Any:
            return lambda: confirm_results(
                actor=person, draw=queries.public_draws().get(pk=played.draw.pk), values=[VALUE]
            )

        def correct() -> None:
            enter_results(actor=played.first, draw=queries.public_draws().get(pk=played.draw.pk), values=["1 2 3"])

        in_threads(confirm(played.second), confirm(third), correct)
    draw = queries.public_draws().get(pk=played.draw.pk)
    if draw.state == "drawn":
        assert queries.results_of(draw) == [("双色球 2026150 期", VALUE)]
        assert DrawWinner.objects.count() == 6
    else:
        assert queries.results_of(draw) == [("双色球 2026150 期", "1 2 3")]
        assert not DrawWinner.objects.exists()


def test_results_come_after_their_events_and_in_one_form(writer: Writer) -> None:
    played = Played()
    with pytest.raises(Refused) as refused:
        played.enter()
    assert codes(refused) == ["contests:draw:not_sealed"]
    played.seal()
    with clock.set_to(played.event - timedelta(seconds=1)), pytest.raises(Refused) as refused:
        enter_results(actor=played.first, draw=played.draw, values=[VALUE])
    assert codes(refused) == ["contests:draw:event_not_yet"]
    for value, code in [("  ", "contests:draw:value_empty"), ("1" * 201, "contests:draw:value_too_long")]:
        with pytest.raises(Refused) as refused:
            played.enter(value=value)
        assert codes(refused) == [code]
    played.enter(value=" 03  08 \n11 ")
    assert played.draw.events.get().value == "03 08 11"


def test_who_may_not_is_refused_at_every_step(writer: Writer) -> None:
    played = Played()
    stranger = make_staff(make_unit())
    auditor = make_staff(played.unit, Role.AUDITOR)
    for person in (stranger, auditor, make_account()):
        for call in (
            lambda: edit_draw(actor=person, draw=played.draw, title="x"),  # noqa: B023
            lambda: announce_draws(actor=person, draws=[played.draw]),  # noqa: B023
            lambda: seal_draw(actor=person, draw=played.draw),  # noqa: B023
            lambda: enter_results(actor=person, draw=played.draw, values=["1"]),  # noqa: B023
            lambda: publish_draw(actor=person, draw=played.draw),  # noqa: B023
            lambda: call_off_draw(actor=person, draw=played.draw, reason="x"),  # noqa: B023
        ):
            with pytest.raises(Refused) as refused:
                call()
            assert codes(refused)[0] == "core:authority:denied"
    with pytest.raises(Refused) as refused:
        confirm_results(actor=stranger, draw=played.draw, values=["1"])
    assert codes(refused)[0] == "core:authority:denied"


# drawing


def test_winners_are_those_the_published_files_lead_to(writer: Writer) -> None:
    played = Played(people=10)
    draw = played.publish()
    draw = queries.public_draws().get(pk=draw.pk)
    file = queries.draw_file(draw)
    document = orjson.loads(file)
    lines = io.BytesIO(b"".join(queries.list_lines(draw)))
    assert drawing.check_draw(document, drawing.read_list(lines)) == []
    assert (len(document["winners"]), len(document["reserves"]), document["count"]) == (3, 3, 10)
    assert document["randomness"] == [{"name": "双色球 2026150 期", "value": VALUE}]
    public = Ed25519PublicKey.from_public_bytes(ports.draw_signer().public)
    public.verify(ports.draw_signer().sign(file), file)
    with pytest.raises(InvalidSignature):
        public.verify(ports.draw_signer().sign(file), file + b" ")
    rows = list(DrawWinner.objects.filter(draw=draw).select_related("prize"))
    assert [row.prize.name if row.prize else "" for row in rows] == ["一等奖：手机", *["二等奖：书"] * 2, "", "", ""]
    assert [row.state for row in rows] == ["won"] * 3 + ["reserve"] * 3
    with pytest.raises(IntegrityError), transaction.atomic():
        DrawWinner.objects.filter(pk=rows[0].pk).update(place=99)
    with pytest.raises(IntegrityError), transaction.atomic():
        DrawEvent.objects.filter(draw=draw).update(value="1")


def test_with_few_people_everybody_wins_and_nobody_is_left(writer: Writer) -> None:
    played = Played(people=2)
    played.publish()
    assert [row.state for row in DrawWinner.objects.all()] == ["won", "won"]


def test_a_list_that_was_changed_behind_our_back_is_not_drawn_from(writer: Writer) -> None:
    played = Played()
    played.seal()
    played.enter()
    with connection.cursor() as cursor:
        on = " ON contests_drawticket" if connection.vendor == "postgresql" else ""
        cursor.execute(f"DROP TRIGGER contests_draw_ticket_update{on}")
        cursor.execute(
            "UPDATE contests_drawticket SET ticket = %s WHERE id = %s",
            ["00" * 16, DrawTicket.objects.filter(draw=played.draw).values_list("pk", flat=True)[0]],
        )
    with pytest.raises(Refused) as refused:
        played.confirm()
    assert codes(refused) == ["contests:draw:list_changed"]
    assert not DrawWinner.objects.exists()


def test_nobody_eligible_is_nothing_to_seal(writer: Writer) -> None:
    played = Played(people=3, least_points=1000)
    with pytest.raises(Refused) as refused:
        played.seal()
    assert codes(refused) == ["contests:draw:nobody_eligible"]
    played.draw.refresh_from_db()
    assert played.draw.state == "announced"
