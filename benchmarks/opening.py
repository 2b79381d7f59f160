"""Five thousand members open a round within a minute, page by page, against the whole product on one port.

Each asks for the page of the round, presses the button, and waits for the paper, on a connection of their own, asking
again when told to wait. What counts: no error but the waiting page, and no playing time lost before the paper is
there.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random

from benchmarks.measuring import SOURCE, Server, folder, free_port
from benchmarks.registry import Benchmark, Figure
from tradeshall.engine.rehearsal.line import Answer, LineLost, Lines
from tradeshall.engine.rehearsal.report import at

FURNISH = """
import django, json, sys
django.setup()
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import call_command
from django.db import transaction
from tests.factories.contests import make_campaign, make_contest, make_pool, make_round
from tests.factories.people import make_account, make_member
from tests.factories.units import make_federation, make_unit
call_command("migrate", verbosity=0)
root = make_federation()
branches = [make_unit(parent=root) for _ in range(50)]
with transaction.atomic():
    contest = make_contest(campaign=make_campaign(unit=root))
    round = make_round(contest=contest, pools=[make_pool(unit=root, items=60)], count=20, deposited=True)
    sessions = []
    for number in range(int(sys.argv[1])):
        account = make_account(language="zh-hans")
        make_member(unit=branches[number % 50], account=account)
        session = SessionStore()
        session[SESSION_KEY] = str(account.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = account.get_session_auth_hash()
        session.save()
        sessions.append(session.session_key)
print(json.dumps({"round": round.pk, "sessions": sessions}))
"""
DATA_OF_PAGE = re.compile(rb'<script id="attempt-data" type="application/json">(.*?)</script>', re.DOTALL)
SET_WAITING = re.compile(rb"(?i)set-cookie: (waiting=[^;]+)")
CSRF = "a" * 32


class Opened:
    """What the members saw."""

    def __init__(self) -> None:
        self.papers = 0
        self.waits = 0
        self.errors: Counter[str] = Counter()
        self.lost_ms: list[float] = []
        self.took_ms: list[float] = []


async def open_all(url: str, round: int, sessions: list[str], seconds: float) -> Opened:
    lines, opened = Lines(url, len(sessions)), Opened()
    rng = Random(3)
    began = time.monotonic()

    async def member(session: str, after: float) -> None:
        await asyncio.sleep(max(0.0, began + after - time.monotonic()))
        asked = time.monotonic()
        try:
            await _open(lines, opened, rng, f"/rounds/{round}/", session)
        except LineLost as error:
            opened.errors[f"no answer: {error}"] += 1
            return
        opened.took_ms.append(1000 * (time.monotonic() - asked))

    await asyncio.gather(*(member(session, rng.random() * seconds) for session in sessions))
    lines.close()
    return opened


async def _open(lines: Lines, opened: Opened, rng: Random, page: str, session: str) -> None:
    cookies = f"sessionid={session}; csrftoken={CSRF}"

    def request(method: str, path: str) -> bytes:
        more = f"x-csrftoken: {CSRF}\r\n" if method == "POST" else ""
        return (
            f"{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncookie: {cookies}\r\naccept-language: zh-CN\r\n{more}"
            "content-type: application/x-www-form-urlencoded\r\ncontent-length: 0\r\n\r\n"
        ).encode()

    async def ask(method: str, path: str) -> Answer:
        """Ask, and as long as a page says to wait, wait and do what it would do by itself."""
        nonlocal cookies
        while True:
            answer = await lines.ask(request(method, path))
            if answer.status != 503 or b"\nrefresh:" not in answer.head.lower():
                return answer
            opened.waits += 1
            if found := SET_WAITING.search(answer.head):
                cookies += "; " + found[1].decode()
                method = "GET"  # it remembers that one pressed the button
            await asyncio.sleep(answer.retry_after * (1 + rng.random() / 4))

    answer = await ask("GET", page)
    if answer.status != 200:
        opened.errors[f"round {answer.status}"] += 1
        return
    answer = await ask("POST", page + "attempt/")
    if answer.status == 302:
        answer = await ask("GET", page + "attempt/")
    found = DATA_OF_PAGE.search(answer.body)
    if answer.status != 200 or found is None:
        opened.errors[f"attempt {answer.status}"] += 1
        return
    opened.papers += 1
    opened.lost_ms.append(1000 * time.time() - json.loads(found[1])["attempt"]["started_at_ms"])


def furnish(data: Path, members: int) -> tuple[int, list[str]]:
    done = subprocess.run(
        [sys.executable, "-c", FURNISH, str(members)],
        env={
            **os.environ,
            "DATA": str(data),
            "PYTHONPATH": f"{SOURCE}:{SOURCE.parent}",
            "DJANGO_SETTINGS_MODULE": "tradeshall.config.settings.embedded",
        },
        check=True,
        capture_output=True,
        text=True,
    )
    told = json.loads(done.stdout.splitlines()[-1])
    return told["round"], told["sessions"]


def run(quick: bool) -> Iterator[Figure]:
    members, seconds = (100, 3.0) if quick else (5000, 60.0)
    with folder() as data:
        round, sessions = furnish(data, members)
        port = free_port()
        environment = {"DATA": str(data), "TRADESHALL_HOSTS": "127.0.0.1"}
        command = [sys.executable, "-m", "tradeshall.config.cli.main"]
        subprocess.run(
            [sys.executable, "-m", "django", "collectstatic", "--noinput", "-v0"],
            env={
                **os.environ,
                **environment,
                "PYTHONPATH": str(SOURCE),
                "DJANGO_SETTINGS_MODULE": "tradeshall.config.settings.embedded",
            },
            check=True,
        )
        with Server([*command, "serve", "--port", str(port)], f"http://127.0.0.1:{port}", environment) as server:
            server.wait("/engine/health")
            before = server.cpu_seconds()
            opened = asyncio.run(open_all(server.url, round, sessions, seconds))
            cpu = server.cpu_seconds() - before
            memory = server.memory_mb()
    for error, count in opened.errors.most_common(5):
        print(f"  {error}: {count}")
    lost, took = sorted(opened.lost_ms), sorted(opened.took_ms)
    yield Figure("members who have their paper", opened.papers, "", members)
    yield Figure("errors other than the waiting page", sum(opened.errors.values()), "", 0, False)
    yield Figure("waiting pages shown", opened.waits, "")
    yield Figure("from the first click to the paper, half within", at(0.5, took) / 1000, "s")
    yield Figure("from the first click to the paper, 99 of 100 within", at(0.99, took) / 1000, "s")
    yield Figure("playing time over when the paper is there, half", at(0.5, lost), "ms")
    yield Figure("playing time over when the paper is there, 99 of 100", at(0.99, lost), "ms")
    yield Figure("playing time over when the paper is there, the most", at(1.0, lost), "ms", 1000, False)
    yield Figure("processor time of the server a member", cpu / members * 1000, "ms")
    yield Figure("memory of the server", memory, "MB")


BENCHMARKS = (Benchmark("pages", "opening-5000", run, by_name_only=True),)
