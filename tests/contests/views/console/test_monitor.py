"""The round monitor: live, stale, and the same whether swapped in or reloaded; results as files."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from django.conf import settings
from tests.factories.contests import make_entrant, make_round
from tests.factories.people import make_account, make_member
from tests.factories.units import make_unit

from tradeshall.contests.actions.tallies import rebuild_tallies
from tradeshall.contests.models import AttemptResult, Round, Standing
from tradeshall.contests.queries.console import finished_by_minute
from tradeshall.core import clock
from tradeshall.core.authority import Role
from tradeshall.engine import client as engine_client
from tradeshall.engine.codes import EngineUnreachable
from tradeshall.journal.models import Entry

pytestmark = pytest.mark.django_db

FIGURES = {
    "open_now": 7,
    "started": 19,
    "finished": 12,
    "started_last_minute": 3,
    "finished_last_minute": 2,
    "participants": 12,
    "units": {},
}


class SpokenFor:
    """An engine that says what it is told to; how a real one counts is tested with the engine."""

    answers = True

    def monitor(self, round_id: int) -> dict[str, Any]:
        if not self.answers:
            raise EngineUnreachable("gone")
        return FIGURES


@pytest.fixture
def engine() -> Any:
    one = SpokenFor()
    engine_client.install(one)  # type: ignore[arg-type]
    yield one
    engine_client.install(None)


@pytest.fixture
def unit() -> Any:
    return make_unit()


@pytest.fixture
def organiser(client, unit) -> Any:
    client.force_login(make_account(role=Role.ORGANISER, unit=unit), backend=settings.AUTHENTICATION_BACKENDS[0])
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def take_part(one: Round, unit: Any, members: int, taking_part: int) -> None:
    for place in range(members):
        member = make_member(unit=unit)
        if place < taking_part:
            entrant = make_entrant(contest=one.contest, membership=member)
            scored = {"score_points": 5 * place, "time_used_ms": 60_000, "finished_at": clock.now()}
            AttemptResult.objects.create(
                round=one, entrant=entrant, number=1, max_points=100, leaf="0" * 64, **scored
            )
            Standing.objects.create(
                round=one, entrant=entrant, unit=unit, attempt_number=1, attempts_count=1, **scored
            )
    rebuild_tallies(one.pk)


def text_of(page: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.content.decode()).split())


def test_the_figures_are_the_engines(engine, organiser, unit):
    one = make_round(unit=unit)

    text = text_of(organiser.get(f"/console/rounds/{one.pk}/monitor/"))

    assert "Answering now 7" in text
    assert "Started in the last minute 3" in text
    assert "Handed in in the last minute 2" in text
    assert "Attempts handed in 12" in text
    assert "does not answer" not in text


def test_what_is_swapped_in_equals_a_reload(engine, organiser, unit):
    one = make_round(unit=unit)
    take_part(one, make_unit(parent=unit), 40, 12)
    url = f"/console/rounds/{one.pk}/monitor/"

    with clock.set_to(clock.now()):
        page = organiser.get(url).content.decode()
        part = organiser.get(url, headers={"HX-Request": "true", "HX-Request-Type": "partial"}).content.decode()

    live = re.search(r'<div class="live"[^>]*>(.*)</div>\s*</div>\s*</main>', page, re.DOTALL)[1]  # type: ignore[index]
    assert " ".join(part.split()) == " ".join(live.split())
    assert "<main" not in part


def test_answers_for_parts_are_told_apart_by_caches(engine, organiser, unit):
    one = make_round(unit=unit)

    assert "HX-Request-Type" in organiser.get(f"/console/rounds/{one.pk}/monitor/").headers["Vary"]


def test_an_engine_that_is_gone_leaves_its_last_figures_with_a_stamp(engine, organiser, unit):
    one = make_round(unit=unit)
    url = f"/console/rounds/{one.pk}/monitor/"
    organiser.get(url)
    engine.answers = False

    text = text_of(organiser.get(url))

    assert "Answering now 7" in text
    assert "The engine does not answer." in text


def test_an_engine_that_never_answered_leaves_what_has_been_read(organiser, unit):
    one = make_round(unit=unit)
    take_part(one, unit, 5, 4)

    text = text_of(organiser.get(f"/console/rounds/{one.pk}/monitor/"))

    assert "Answering now –" in text
    assert "Attempts handed in 4" in text
    assert "The engine does not answer." in text


def test_small_units_are_counted_together(engine, organiser, unit):
    large, small, tiny = (make_unit(parent=unit, name=name) for name in ("大组", "小组", "微组"))
    one = make_round(unit=unit)
    take_part(one, large, 31, 10)
    take_part(one, small, 29, 20)
    take_part(one, tiny, 31, 9)

    text = text_of(organiser.get(f"/console/rounds/{one.pk}/monitor/"))

    assert "大组 10 31 32%" in text
    assert "Smaller units together 29 60 48%" in text
    assert "小组" not in text
    assert "微组" not in text


def test_small_units_that_are_too_few_together_have_no_figures(engine, organiser, unit):
    large, small, tiny = (make_unit(parent=unit, name=name) for name in ("大组", "小组", "微组"))
    one = make_round(unit=unit)
    take_part(one, large, 31, 10)
    take_part(one, small, 29, 4)
    take_part(one, tiny, 31, 5)

    assert "Smaller units together – – – –" in text_of(organiser.get(f"/console/rounds/{one.pk}/monitor/"))


def test_a_round_that_is_over_is_not_asked_for_again(engine, organiser, unit):
    running, over = make_round(unit=unit), make_round(unit=unit, closed=True)

    assert "hx-trigger" in organiser.get(f"/console/rounds/{running.pk}/monitor/").content.decode()
    assert "hx-trigger" not in organiser.get(f"/console/rounds/{over.pk}/monitor/").content.decode()


def test_results_leave_as_a_workbook_without_names(organiser, unit):
    one = make_round(unit=unit)
    take_part(one, unit, 12, 3)

    page = organiser.get(f"/console/rounds/{one.pk}/export/").content.decode()
    answer = organiser.post(f"/console/rounds/{one.pk}/export/", {"format": "xlsx"})

    assert '<span class="number">3</span> entrants' in page
    rows = list(openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active.values)
    assert len(rows) == 4
    assert not any("会员" in str(cell) for row in rows for cell in row)
    assert answer.headers["content-disposition"].startswith("attachment")
    assert Entry.objects.filter(verb="contests:round:export").count() == 1


def test_results_leave_as_csv(organiser, unit):
    one = make_round(unit=unit)
    take_part(one, unit, 12, 3)

    answer = organiser.post(f"/console/rounds/{one.pk}/export/", {"format": "csv"})

    assert b"".join(answer.streaming_content).decode("utf-8-sig").count("\n") == 4


def test_another_format_is_refused(organiser, unit):
    one = make_round(unit=unit)

    answer = organiser.post(f"/console/rounds/{one.pk}/export/", {"format": "exe"}, follow=True)

    assert "error-summary" in answer.content.decode() or "notice" in answer.content.decode()
    assert not Entry.objects.filter(verb="contests:round:export").exists()


def test_nothing_to_export_says_so(organiser, unit):
    one = make_round(unit=unit)

    assert "No results yet" in organiser.get(f"/console/rounds/{one.pk}/export/").content.decode()


def test_the_chart_counts_minutes_of_the_last_hour(unit):
    now = clock.now().replace(second=30)
    with clock.set_to(now):
        one = make_round(unit=unit)
        take_part(one, unit, 3, 3)
        first = AttemptResult.objects.order_by("pk").first()
        AttemptResult.objects.filter(pk=first.pk).update(finished_at=now - timedelta(minutes=30))
        old = AttemptResult.objects.order_by("pk").last()
        AttemptResult.objects.filter(pk=old.pk).update(finished_at=now - timedelta(minutes=61))
        points = finished_by_minute(one, 60)

    assert len(points) == 60
    assert [count for _label, count in points if count] == [1, 1]
    assert points[-1][1] == 1
