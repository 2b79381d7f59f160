"""The pages after a round: appeals, decisions, new versions, statistics, what stands out."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from tests.factories.contests import make_entrant
from tests.factories.ledgers import Writer
from tests.factories.people import make_account, make_member
from tests.factories.sittings import Played, close_and_rank, play, sitting

from tradeshall.contests.actions.analysis import analyse_round
from tradeshall.contests.actions.appeals import file_appeal, rule_on_item
from tradeshall.contests.actions.rescoring import work_on_versions
from tradeshall.contests.enums import VersionState
from tradeshall.contests.models import (
    Appeal,
    Item,
    ItemRuling,
    ItemStatistics,
    Outlier,
    ResultsVersion,
    Round,
    Standing,
)
from tradeshall.core.authority import OPERATOR, Role

pytestmark = pytest.mark.django_db(transaction=True)


def half(who: int, item: Any) -> tuple[int, ...]:
    return (1,) if who % 2 else (0,)


def signed_in(account: Any) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(account, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client


def organiser_of(round: Round, role: Role = Role.ORGANISER) -> Client:
    return signed_in(make_account(role=role, unit=round.contest.activity.unit))


def page(client: Client, name: str, *args: Any, **query: Any) -> str:
    answer = client.get(reverse(f"contests:{name}", args=args), query)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def void(played: Played, at: int = 0) -> int:
    number = played.item_numbers[at]
    rule_on_item(actor=OPERATOR, round=played.round, item_number=number, verdict="void_full", words="Two are right.")
    return number


def test_appeals_are_listed_and_decided_question_by_question(writer: Writer) -> None:
    played = play(writer, answer=half, count=8, pool=8)
    number = played.item_numbers[2]
    for who in (1, 3):
        membership = played.entrants[who].membership
        assert membership is not None
        file_appeal(
            actor=OPERATOR, membership=membership, round=played.round, attempt_number=1, item_number=number,
            reason=f"The law was changed in 2025, says {who}.", source="Labour Law, art. 36",
        )  # fmt: skip
    client = organiser_of(played.round, Role.ITEM_EDITOR)
    assert "2 wait" in page(client, "console_round_appeals", played.round.pk)
    case = page(client, "console_round_case", played.round.pk, number)
    assert "says 1" in case
    assert "says 3" in case
    assert played.entrants[1].pseudonym not in case
    url = reverse("contests:console_round_case", args=[played.round.pk, number])
    assert client.post(url, {"verdict": "key", "key": [], "words": "x"}).status_code == 422
    assert client.post(url, {"verdict": "key", "key": ["1"], "words": "It was changed."}).status_code == 302
    assert not Appeal.objects.filter(ruling=None).exists()
    assert ItemRuling.objects.get().key == [1]
    assert "It was changed." in page(client, "console_round_case", played.round.pk, number)


def test_a_new_version_is_prepared_looked_at_and_put_in_force(writer: Writer) -> None:
    played = play(writer, answer=half)
    pk = played.round.pk
    client = organiser_of(played.round)
    assert "Nothing to correct" in page(client, "console_round_versions", pk)
    void(played)
    url = reverse("contests:console_round_versions", args=[pk])
    assert "Decided, but not in the results yet" in page(client, "console_round_versions", pk)
    assert client.post(url, {"note": ""}).status_code == 422
    assert client.post(url, {"note": "Question 1 had two right answers."}).status_code == 302
    assert "Being built" in page(client, "console_round_versions", pk)
    part = client.get(url, headers={"HX-Request-Type": "partial"}).content.decode()
    assert "Being built" in part
    assert "<html" not in part
    work_on_versions(actor=OPERATOR)
    assert "The top as it would be" in page(client, "console_round_versions", pk)
    before = dict(Standing.objects.values_list("entrant", "score_points"))
    assert client.post(reverse("contests:console_version_confirm", args=[pk])).status_code == 302
    assert dict(Standing.objects.values_list("entrant", "score_points")) == before
    work_on_versions(actor=OPERATOR)
    assert dict(Standing.objects.values_list("entrant", "score_points")) != before
    shown = page(client, "console_round_versions", pk)
    assert "Version 2" in shown
    assert "Question 1 had two right answers." in shown
    export = reverse("contests:console_round_export", args=[pk])
    first = client.post(export, {"format": "csv", "version": "1"})
    text = b"".join(first).decode("utf-8-sig")  # type: ignore[arg-type]
    assert len(text.strip().splitlines()) == 13
    assert client.post(export, {"format": "csv", "version": "9"}).status_code == 302


def test_a_version_may_be_dropped(writer: Writer) -> None:
    played = play(writer, answer=half)
    client = organiser_of(played.round)
    drop = reverse("contests:console_version_discard", args=[played.round.pk])
    assert client.post(drop).status_code == 302
    void(played)
    client.post(reverse("contests:console_round_versions", args=[played.round.pk]), {"note": "x"})
    assert client.post(drop).status_code == 302
    assert ResultsVersion.objects.filter(state=VersionState.DISCARDED.value).count() == 1


def test_statistics_are_shown_sorted_taken_over_and_given_as_a_file(writer: Writer) -> None:
    played = play(writer, answer=half, count=8, pool=8)
    client = organiser_of(played.round)
    pk = played.round.pk
    assert "Being worked out" in page(client, "console_round_analysis", pk)
    analyse_round(actor=OPERATOR, round=played.round)
    for sort in ("discrimination", "facility", "b", "omitted", "n", "item", "nonsense"):
        assert "Reliability" in page(client, "console_round_analysis", pk, sort=sort)
    ItemStatistics.objects.update(n=100)
    assert "→" in page(client, "console_round_analysis", pk)
    url = reverse("contests:console_round_analysis", args=[pk])
    assert client.post(url, {"do": "accept", "item": played.item_numbers[:2]}).status_code == 302
    assert Item.objects.filter(difficulty=4).count() == 2
    file = client.post(url, {"do": "export"})
    assert b"".join(file)[:2] == b"PK"  # type: ignore[arg-type]


QUERIES = {
    "console_round_appeals": 8,
    "console_round_analysis": 9,
    "console_round_outliers": 11,
    "console_round_versions": 10,
}


@pytest.mark.parametrize("name", QUERIES)
@pytest.mark.parametrize("count", [1, 3])
def test_a_page_asks_as_often_for_three_as_for_one(
    writer: Writer, count: int, name: str, django_assert_num_queries: Any
) -> None:
    played = play(writer, answer=half, count=8, pool=8, entrants=6)
    analyse_round(actor=OPERATOR, round=played.round)
    for at in range(count):
        void(played, at)
        row = Outlier.objects.create(
            round=played.round, kind="fast_and_high", unit=played.entrants[at].unit, fingerprint=f"f{at}",
            facts={"seconds": 3, "usual": 60, "points": 40},
        )  # fmt: skip
        row.entrants.set([played.entrants[at]])
    keep = list(ItemStatistics.objects.order_by("pk").values_list("pk", flat=True)[:count])
    ItemStatistics.objects.exclude(pk__in=keep).delete()
    client = organiser_of(played.round)
    page(client, "console_round_show", played.round.pk)  # fills what is kept for a while
    with django_assert_num_queries(QUERIES[name]):
        page(client, name, played.round.pk)


def test_what_stands_out_is_shown_by_ticket_and_kept_when_looked_at(writer: Writer) -> None:
    played = play(writer, entrants=40, ranked=False)
    member = make_member(unit=played.round.contest.activity.unit)
    quick = make_entrant(contest=played.round.contest, membership=member)
    sitting(writer, played.round, quick, lambda item: (0,), time_used_ms=3_000)
    round = close_and_rank(played.round)
    client = organiser_of(round)
    assert "looked for once the round is over" in page(client, "console_round_outliers", round.pk)
    analyse_round(actor=OPERATOR, round=round)
    shown = page(client, "console_round_outliers", round.pk)
    assert str(quick.number) in shown
    assert member.name not in shown
    found = Outlier.objects.get()
    url = reverse("contests:console_round_outliers", args=[round.pk])
    assert client.post(url, {"outlier": found.pk, "state": "nothing", "note": "Knew them."}).status_code == 302
    assert "Knew them." in page(client, "console_round_outliers", round.pk)
    assert client.post(url, {"outlier": found.pk, "state": "guilty"}).status_code == 302
    assert client.post(url, {"outlier": found.pk + 1, "state": "nothing"}).status_code == 404
    found.refresh_from_db()
    assert found.state == "nothing"
    auditor = organiser_of(round, Role.AUDITOR)
    assert "After looking at it" not in page(auditor, "console_round_outliers", round.pk)


# members


def member_of(played: Played, who: int) -> Client:
    membership = played.entrants[who].membership
    assert membership is not None
    account = make_account()
    membership.account = account
    membership.save(update_fields=["account"])
    return signed_in(account)


def test_notes_are_public_and_name_nobody(writer: Writer) -> None:
    played = play(writer, answer=half)
    client = member_of(played, 0)
    assert "No question of this round has been decided upon." in page(client, "round_notes", played.round.pk)
    number = void(played)
    organiser = organiser_of(played.round)
    organiser.post(reverse("contests:console_round_versions", args=[played.round.pk]), {"note": "Corrected."})
    work_on_versions(actor=OPERATOR)
    organiser.post(reverse("contests:console_version_confirm", args=[played.round.pk]))
    work_on_versions(actor=OPERATOR)
    shown = page(client, "round_notes", played.round.pk)
    assert "Two are right." in shown
    assert "Corrected." in shown
    assert Item.objects.get(pk=number).stem in shown
    assert "Version 2 of the results" in page(client, "board_show", played.round.pk)


def test_notes_keep_a_question_back_whose_answers_are_never_shown(writer: Writer) -> None:
    played = play(writer, answer=half, review="never")
    number = void(played)
    shown = page(member_of(played, 0), "round_notes", played.round.pk)
    assert Item.objects.get(pk=number).stem not in shown
    assert "Two are right." in shown
