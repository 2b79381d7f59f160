"""Boards at ten million attempts over a hundred thousand units: pages, places, and what keeping them costs.

On a machine with less to spare: BOARDS_ATTEMPTS and BOARDS_PER_BRANCH.
"""

from __future__ import annotations

import gc
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from benchmarks.measuring import folder
from benchmarks.registry import Benchmark, Figure

PER_BRANCH = int(os.environ.get("BOARDS_PER_BRANCH", "100"))
"""Attempts in a branch, each of another person, of 150 members."""
MEMBERS = 150


def run(quick: bool) -> Iterator[Figure]:
    asked = int(os.environ.get("BOARDS_ATTEMPTS", "0"))
    attempts = asked or (20_000 if quick else 10_000_000)
    yield from engine_figures(attempts)
    with folder() as data:
        yield from web_figures(data, attempts)


# The engine: who stands where now ----------------------------------------------------------------------------


def engine_figures(attempts: int) -> Iterator[Figure]:
    """Put so many results on the engine's own board, and ask it for places and pages, top and deep."""
    from array import array

    from tradeshall.engine.boards import Board, Cell

    rng = np.random.default_rng(5)
    scores = array("q", (5 * rng.integers(0, 21, attempts)).tolist())
    times_ms = array("q", rng.integers(30_000, 600_000, attempts).tolist())
    board = Board(lambda row: (-scores[row], times_ms[row]), 602)
    began = time.process_time()
    board.fill((row, Cell(scores[row], times_ms[row] // 1000)) for row in range(attempts))
    yield Figure(f"engine: a board of {attempts:,} filled", time.process_time() - began, "s")
    random = Random(3)

    def somebody() -> Cell:
        row = random.randrange(attempts)
        return Cell(scores[row], times_ms[row] // 1000)

    def moves() -> None:
        row = random.randrange(attempts)
        old = Cell(scores[row], times_ms[row] // 1000)
        scores[row] = 5 * random.randrange(21)
        board.move(row, old, Cell(scores[row], times_ms[row] // 1000))

    yield Figure("engine: own live rank", slow(lambda: board.rank(somebody()), 5000), "ms", 1.0, False, P99)
    yield Figure("engine: a new best takes its place", slow(moves, 5000), "ms", 1.0, False, P99)
    yield Figure("engine: top page of 50", slow(lambda: board.lines(50), 300), "ms", 50.0, False, P99)
    deep = slow(lambda: board.lines(50, random.randrange(attempts)), 300)
    yield Figure("engine: any page of 50, however deep", deep, "ms", 50.0, False, P99)
    board.final = True
    deep = slow(lambda: board.lines(50, random.randrange(attempts)), 300)
    yield Figure("engine: any page of 50, exact, however deep", deep, "ms", 50.0, False, P99)


P99 = "slowest of a hundred, processor time"
MEDIAN = "median, processor time"


def slow(ask: Callable[[], Any], times: int, share: float = 0.99) -> float:
    """Return the milliseconds of processor time that one of a hundred takes longer than."""
    found = []
    gc.collect()
    gc.freeze()  # as the server does, so that no page pays for looking through what stays
    for _ in range(times):
        began = time.thread_time()
        ask()
        found.append(time.thread_time() - began)
    return sorted(found)[int(times * share)] * 1000


# The web side: boards of units, final boards, days ------------------------------------------------------------


def web_figures(data: Path, attempts: int) -> Iterator[Figure]:
    """Fill an installation of its own, keep its boards, and ask for pages as members do."""
    os.environ["DATA"] = str(data)
    os.environ["DJANGO_SETTINGS_MODULE"] = "tradeshall.config.settings.test"
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    made = World(max(10, attempts // PER_BRANCH))
    began = time.perf_counter()
    made.fill()
    yield Figure(
        f"web: {attempts:,} standings of {made.branches:,} branches written", time.perf_counter() - began, "s"
    )
    yield from made.keeping()
    yield from made.pages()
    connection.close()
    shutil.rmtree(data / "media", ignore_errors=True)


class World:
    """A federation of regions of branches, one round in which two thirds took part, and a weighted board."""

    def __init__(self, branches: int) -> None:
        self.branches = branches
        self.random = Random(11)

    def fill(self) -> None:
        """Write units, one round with its board, and what the ledger would have brought."""
        from django.db import connection, transaction
        from tests.factories.boards import make_board
        from tests.factories.contests import make_campaign, make_contest, make_round
        from tests.factories.units import LONG_AGO, make_federation

        from tradeshall.contests.actions.tallies import rebuild_tallies
        from tradeshall.units.models import Unit

        root = make_federation()
        regions = max(1, self.branches // 1000)
        units = [
            Unit(
                pk=10 + n, code=f"R{n}", name=f"第{n}区", kind="regional", parent=root, path=f"{root.pk}/{10 + n}/",
                depth=2, effective_from=LONG_AGO,
            )
            for n in range(regions)
        ]  # fmt: skip
        first = self.first = 10 + regions
        units += [
            Unit(
                pk=first + n, code=f"B{n}", name=f"第{n}厂", kind="branch", industry="冶金" if n % 3 else "采煤",
                parent_id=10 + n % regions, path=f"{root.pk}/{10 + n % regions}/{first + n}/", depth=3,
                effective_from=LONG_AGO,
            )
            for n in range(self.branches)
        ]  # fmt: skip
        Unit.objects.bulk_create(units, batch_size=900)
        contest = make_contest(campaign=make_campaign(unit=root))
        weights = {"rate": 40, "mean": 20, "top_mean": 20, "total": 20}
        self.board = make_board(contest=contest, weights=weights)
        self.cities = make_board(contest=contest, kind="regional", weights=weights | {"coverage": 20})
        self.round = make_round(contest=contest)
        count = self.branches * PER_BRANCH
        with connection.cursor() as cursor:  # not what is measured here: by the database itself, and unsynchronised
            cursor.execute("PRAGMA synchronous = OFF")
            cursor.execute("PRAGMA cache_size = -1000000")
            with transaction.atomic():
                cursor.execute(ENTRANTS.format(count=count, contest=contest.pk, first=first, branch=PER_BRANCH))
                cursor.execute(STANDINGS.format(count=count, round=self.round.pk, first=first, branch=PER_BRANCH))
                rebuild_tallies(self.round.pk)
            cursor.execute("PRAGMA synchronous = FULL")

    def keeping(self) -> Iterator[Figure]:
        """Measure what the background and a batch cost."""
        from django.core.cache import cache
        from django.db import transaction

        from tradeshall.contests.actions import board_keeping, tallies
        from tradeshall.contests.queries.boards.figures import scope_of_round

        # Members are counted from the roster, at most for a two-hundredth of the time; here they are given.
        members = {self.first + n: MEMBERS for n in range(self.branches)}
        cache.set(f"contests:members-by-unit:{self.round.unit_path}", members, 86400)
        scope = scope_of_round(self.round)
        for name in ("for the first time", "again"):
            began = time.process_time()
            figures = board_keeping.keep_scope(scope)
            yield Figure(f"web: figures of all units kept, {name}", time.process_time() - began, "s")
        yield Figure("web: size of what is kept", len(figures.to_bytes()) / 1e6, "MB")

        def batch() -> None:
            changes = {}
            for _ in range(500):
                change = changes.setdefault(
                    (self.round.pk, self.first + self.random.randrange(self.branches)), tallies.Change()
                )
                change.count(None, 5 * self.random.randrange(21), 1)
            with transaction.atomic():
                tallies.change_tallies(changes)
                transaction.set_rollback(True)

        yield Figure("web: tallies for a batch of 500 finishes", slow(batch, 40, 0.5), "ms", note=MEDIAN)
        began = time.process_time()
        board_keeping.keep_day(self.round.contest, self.round.opens_at.date())
        yield Figure("web: a day of two boards kept", time.process_time() - began, "s")

    def pages(self) -> Iterator[Figure]:
        """Measure the boards' pages: the first in a process, and any after it."""
        from django.conf import settings
        from django.test import Client
        from tests.factories.people import make_account, make_member

        from tradeshall.contests.actions.ranking import rank_round
        from tradeshall.contests.actions.rounds import close_round
        from tradeshall.contests.queries.boards.figures import decoded
        from tradeshall.core.authority import OPERATOR
        from tradeshall.units.models import Unit

        unit = Unit.objects.get(pk=self.first + self.branches // 2)
        account = make_account()
        me = make_member(unit=unit, account=account)
        from tradeshall.contests.models import Entrant

        Entrant.objects.filter(pk=(self.branches // 2) * PER_BRANCH + 1).update(membership=me)
        settings.ALLOWED_HOSTS = ["*"]
        client = Client()
        client.force_login(account, backend=settings.AUTHENTICATION_BACKENDS[0])
        number = self.round.contest.activity.number

        def ask(url: str) -> Callable[[], None]:
            def get() -> None:
                answer = client.get(url)
                assert answer.status_code == 200, url

            return get

        board = f"/contests/{number}/board/{self.board.pk}/"
        get = ask(board)
        get()
        first = []
        for _ in range(5):
            decoded.__init__()  # type: ignore[misc]
            began = time.thread_time()
            get()
            first.append((time.thread_time() - began) * 1000)
        yield Figure("web: board of units, after new figures", max(first), "ms", note="slowest of 5, once a refresh")
        pages = self.branches // 20

        def any_page() -> None:
            ask(f"{board}?page={self.random.randrange(1, pages + 1)}")()

        yield Figure("web: board of units, any page", slow(any_page, 100), "ms", 50.0, False, P99)
        cities = f"/contests/{number}/board/{self.cities.pk}/"
        yield Figure("web: board of regions", slow(ask(cities), 100), "ms", 50.0, False, P99)
        day = f"{board}?day={self.round.opens_at.date().isoformat()}&page=40"
        yield Figure("web: board of units on a day before", slow(ask(day), 50), "ms", 50.0, False, P99)
        close_round(actor=OPERATOR, round=self.round)
        began = time.process_time()
        rank_round(actor=OPERATOR, round=self.round)
        yield Figure("web: final ranks sorted exactly and written", time.process_time() - began, "s")
        total = self.branches * PER_BRANCH // 20
        final = f"/rounds/{self.round.pk}/board/"

        def any_final() -> None:
            ask(f"{final}?page={self.random.randrange(1, min(total, 10**6) + 1)}")()

        any_final()
        yield Figure("web: final board of people, any page", slow(any_final, 100), "ms", 50.0, False, P99)
        around = ask(f"{final}?people=around")
        yield Figure("web: final board of people, around me", slow(around, 50), "ms", 50.0, False, P99)
        mates = ask(f"{final}?people=unit")
        yield Figure("web: final board of people, my unit", slow(mates, 50), "ms", 50.0, False, P99)


NUMBERS = "WITH RECURSIVE row(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM row WHERE n + 1 < {count})"
ENTRANTS = (
    "INSERT INTO contests_entrant (id, contest_id, unit_id, number, pseudonym, shows_name, entered_at) "
    + NUMBERS
    + " SELECT n + 1, {contest}, {first} + n / {branch}, n + 1, printf('n%08d', n), 0, '2026-05-01' FROM row"
)
STANDINGS = (
    "INSERT INTO contests_standing (id, round_id, entrant_id, unit_id, attempt_number, attempts_count, score_points,"
    " time_used_ms, finished_at, days, lot) "
    + NUMBERS
    + " SELECT n + 1, {round}, n + 1, {first} + n / {branch}, 1, 1, 5 * (abs(random()) % 21),"
    " 30000 + abs(random()) % 570000, '2026-05-01', '{{}}', '' FROM row"
)

BENCHMARKS = (Benchmark("boards", "boards-10m", run, by_name_only=True),)
