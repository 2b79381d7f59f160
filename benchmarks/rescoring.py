"""A round of a million attempts re-scored after one of its items was voided; and the 2PL on a large table."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.measuring import HERE, SOURCE, folder
from benchmarks.registry import Benchmark, Figure

POOL, COUNT, UNITS = 100, 20, 1000


def _in_a_process(call: str, data: Path) -> Iterator[tuple[str, float]]:
    """Run a function of this module where Django is set up on a folder, and yield the figures it prints."""
    environment = {
        **os.environ,
        "DATA": str(data),
        "DJANGO_SETTINGS_MODULE": "tradeshall.config.settings.embedded",
        "PYTHONPATH": f"{SOURCE}:{HERE.parent}",
        "OPENBLAS_NUM_THREADS": "1",
    }
    done = subprocess.run(
        [sys.executable, "-c", f"from benchmarks import rescoring; rescoring.{call}"],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    for line in done.stdout.splitlines():
        name, _, value = line.rpartition("\t")
        yield name, float(value)


def run_rescoring(quick: bool) -> Iterator[Figure]:
    attempts = 20_000 if quick else 1_000_000
    with folder() as data:
        for name, value in _in_a_process(f"rescore({attempts})", data):
            bar = 120.0 if name.startswith("whole") else None
            yield Figure(f"{attempts:,} attempts: {name}", value, "%" if "changed" in name else "s", bar, False)


def run_model(quick: bool) -> Iterator[Figure]:
    people = 5_000 if quick else 100_000
    with folder() as data:
        for name, value in _in_a_process(f"model({people})", data):
            bar = 60.0 if name.startswith("2PL") and name.endswith("100 items each") else None
            yield Figure(name, value, "s" if name.startswith("2PL") else "%" if "hold" in name else "", bar, False)


def rescore(attempts: int) -> None:
    """Fill a house with one round, void an item, and say how long each step takes."""
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    round = _filled(attempts)
    from tradeshall.contests.actions.appeals import rule_on_item
    from tradeshall.contests.actions.ranking import rank_round
    from tradeshall.contests.actions.rescoring import apply_version, build_version
    from tradeshall.contests.actions.versions import confirm_version, prepare_version
    from tradeshall.contests.models import Item, ResultsVersion, Round, Standing
    from tradeshall.core.authority import OPERATOR

    began = time.perf_counter()
    rank_round(actor=OPERATOR, round=round)
    print(f"ranking it at its close\t{time.perf_counter() - began}")
    round = Round.objects.get(pk=round.pk)
    item = Item.objects.order_by("pk").values_list("pk", flat=True)[0]
    rule_on_item(actor=OPERATOR, round=round, item_number=item, verdict="void_full", words="void")
    before = Standing.objects.filter(round=round).values_list("score_points", flat=True)
    total = sum(before)
    began, spent = time.perf_counter(), _processor_seconds()
    version = prepare_version(actor=OPERATOR, round=round, note="void")
    version = ResultsVersion.objects.select_related("round").get(pk=version.pk)
    build_version(version=version)
    built = time.perf_counter()
    confirm_version(actor=OPERATOR, version=version)
    apply_version(actor=OPERATOR, version=ResultsVersion.objects.select_related("round").get(pk=version.pk))
    done = time.perf_counter()
    print(f"building the version beside the one in force\t{built - began}")
    print(f"putting it in force, in one transaction\t{done - built}")
    print(f"whole, from the ruling to the new ranks\t{done - began}")
    print(f"processor time of all that, helpers included\t{_processor_seconds() - spent}")
    version.refresh_from_db()
    print(f"attempts whose score changed\t{100 * version.consequences['attempts'] / attempts}")
    now = sum(Standing.objects.filter(round=round).values_list("score_points", flat=True))
    assert now - total == 5 * version.consequences["attempts"], "every change is worth five points"


def _filled(attempts: int) -> Any:
    """Publish a round, write its attempts into the ledger and what the reader would make of them beside it."""
    from django.conf import settings
    from django.db import connection, transaction
    from tests.factories.contests import make_contest, make_pool, make_round
    from tests.factories.units import make_unit

    from tradeshall.contests.actions.rounds import close_round
    from tradeshall.contests.queries.appeals import sealed_pack
    from tradeshall.core import clock
    from tradeshall.core.authority import OPERATOR
    from tradeshall.core.ids import random_number
    from tradeshall.engine.ledger.interface import Batch
    from tradeshall.engine.ledger.sqlite import SqliteLedger
    from tradeshall.engine.rounds import CompiledRound

    contest = make_contest()
    pool = make_pool(unit=contest.activity.unit, items=POOL)
    round = make_round(contest=contest, pools=[pool], count=COUNT)
    units = [make_unit().pk for _ in range(UNITS)]
    compiled = CompiledRound(sealed_pack(round))
    ledger = SqliteLedger.from_url(settings.LEDGER_URL)
    ledger.claim("main")
    rng, seq, now_ms = Random(7), 0, clock.now_ms() - 3_000_000
    at = clock.now().strftime("%Y-%m-%d %H:%M:%S")
    for number, first in enumerate(range(0, attempts, 500), 1):
        rows: list[Any] = []
        entrants, results, standings = [], [], []
        for who in range(first, min(first + 500, attempts)):
            person, unit, took = random_number(), units[who % UNITS], rng.randrange(60_000, 600_000)
            start, finish, score = _attempt(
                compiled, round.pk, person, unit, now_ms + who, took, rng, seq + len(rows)
            )
            rows += [start, finish]
            pk = who + 1
            ended = clock_text(now_ms + who + took)
            entrants.append((pk, person, f"p{pk}", at, contest.pk, unit))
            results.append((pk, round.pk, pk, score, compiled.max_points, took, ended))
            standings.append((pk, round.pk, pk, unit, score, took, ended))
        ledger.commit(rows, Batch(number, seq + 1, seq + len(rows), now_ms, len(rows) // 2, bytes(32), bytes(64)))
        seq += len(rows)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO contests_entrant (id, number, pseudonym, shows_name, entered_at, contest_id, unit_id)"
                " VALUES (%s, %s, %s, 0, %s, %s, %s)",
                entrants,
            )
            cursor.executemany(
                "INSERT INTO contests_attemptresult (id, round_id, entrant_id, number, score_points, max_points,"
                " time_used_ms, finished_at, begun_on, by_deadline, leaf)"
                " VALUES (%s, %s, %s, 1, %s, %s, %s, %s, '2026-05-01', 0, '')",
                results,
            )
            cursor.executemany(
                "INSERT INTO contests_standing (id, round_id, entrant_id, unit_id, attempt_number, attempts_count,"
                " score_points, time_used_ms, finished_at, days, lot)"
                " VALUES (%s, %s, %s, %s, 1, 1, %s, %s, %s, '{}', '')",
                standings,
            )
    ledger.close()
    return close_round(actor=OPERATOR, round=round)


def _processor_seconds() -> float:
    """Return the processor time of this process and of its children that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def clock_text(at_ms: int) -> str:
    """Return a moment as SQLite keeps it."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(at_ms // 1000)) + f".{at_ms % 1000:03d}000"


def _attempt(
    compiled: Any, round_id: int, person: int, unit: int, begun: int, took: int, rng: Random, seq: int
) -> tuple[Any, Any, int]:
    import orjson

    from tradeshall.engine.ledger.interface import FINISH, START, Row

    paper = compiled.paper(person, 1)
    able = rng.gauss(0.7, 0.15)
    responses = [[order.index(0 if rng.random() < able else rng.randrange(1, 4))] for order in paper.orders]
    per_item = compiled.score(paper, responses)
    score = sum(per_item)
    payload = {
        "max_points": compiled.max_points,
        "by": "member",
        "responses": responses,
        "per_item": per_item,
        "rank": 1,
        "of": 1,
        "best": [score, took],
        "salt": "00" * 16,
        "leaf": "00" * 32,
    }
    ended = begun + took
    return (
        Row(begun, START, round_id, person, 1, unit, 0, 0, 0, begun + 3_600_000, b"{}"),
        Row(
            ended, FINISH, round_id, person, 1, unit, 0, score, took, ended, orjson.dumps(payload), ("main", seq + 1)
        ),
        score,
    )


def model(people: int) -> None:
    """Fit the 2PL to answers of which the truth is known, and say how near it comes."""
    import numpy as np

    from tradeshall.contests.rules.irt import Responses, fit_2pl

    rng = np.random.default_rng(1)
    for name, drawn in (("100 items each", 100), ("20 of 300 items each", 20)):
        items = 100 if drawn == 100 else 300
        a, b = rng.lognormal(0, 0.3, items), rng.normal(0, 1, items)
        ability = rng.normal(size=(people, 1))
        right = (rng.random((people, items)) < 1 / (1 + np.exp(-a * (ability - b)))).astype(np.float32)
        if drawn == items:
            asked = np.ones(right.shape, dtype=bool)
        else:
            asked = np.argpartition(rng.random(right.shape), drawn, axis=1).argsort(axis=1) < drawn
        person, item = np.nonzero(asked)
        responses = Responses(people, items, person, item, right[person, item])
        began = time.perf_counter()
        fit = fit_2pl(responses)
        print(f"2PL, {people:,} people, {name}\t{time.perf_counter() - began}")
        print(f"rounds of EM, {name}\t{fit.rounds}")
        print(
            f"share of 95 % intervals of b that hold, {name}\t{float((np.abs(fit.b - b) < 1.96 * fit.se_b).mean())}"
        )


BENCHMARKS = [
    Benchmark("contests", "rescore-million", run_rescoring, by_name_only=True),
    Benchmark("contests", "irt", run_model),
]
