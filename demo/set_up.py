"""Campaigns and contests of the demonstration: one contest over, with boards; one open, and a practice round.

They are made by the same actions the console calls. The contest that is over was published and sat on a clock held in
the past, so that its dates, times and ledger agree; every attempt went through the engine's HTTP interface.
"""

from __future__ import annotations

import csv
import random
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import django

if TYPE_CHECKING:
    from tradeshall.contests.models import Round

HERE = Path(__file__).parent
NEWCOMERS = {f"HC{number:07d}" for number in range(1, 6)}  # who is shown around; the open round waits for them
RATE = 240.0  # how many times as fast as the wall's the clock of the simulated past runs


@dataclass(frozen=True, slots=True)
class Play:
    """One round to be sat: when its first member starts, and which share of each unit's members take part."""

    round_id: int
    begins_at: datetime
    shares: tuple[float, float]
    second_tries: float
    seed: int


def known_answers() -> dict[str, list[str]]:
    """Return what a member who has studied knows: the texts of the right options by stem."""
    known: dict[str, list[str]] = {}
    truth = {
        "对": ["正确", "对", "True"],
        "错": ["错误", "错", "False"],
        "T": ["True", "正确"],
        "F": ["False", "错误"],
    }
    for name, words in (
        ("items-zh.csv", ("题干", "选项{}", "答案")),
        ("items-en.csv", ("stem", "option_{}", "answer")),
    ):
        with open(HERE / name, encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                stem, option, answer = words
                given = row[answer].strip()
                letters = [letter for letter in given.upper() if letter in "ABCDEF"] if given not in truth else []
                texts = [row[option.format(letter if "选" in option else letter.lower())] for letter in letters]
                known[row[stem]] = truth.get(given, texts)
    return known


def at(days_ago: int, hour: int) -> datetime:
    """Return an hour of a past (or, negative, coming) day in the federation's zone."""
    from tradeshall.units.queries import federation_zone

    today = datetime.now(federation_zone()).replace(hour=hour, minute=0, second=0, microsecond=0)
    return (today - timedelta(days=days_ago)).astimezone(UTC)


def make_contests() -> list[Play]:
    """Make the campaigns, contests and rounds, each published on the clock of its own day."""
    from tradeshall.campaigns.actions import create_campaign, publish_campaign
    from tradeshall.contests.actions.ledger import deposit_pack
    from tradeshall.contests.actions.rounds import (
        SectionDraft,
        create_contest,
        create_round,
        publish_round,
        set_blueprint,
    )
    from tradeshall.contests.models import Pool
    from tradeshall.core import clock
    from tradeshall.core.authority import OPERATOR
    from tradeshall.units.models import Unit

    root = Unit.objects.get(parent=None)
    chinese, english = Pool.objects.get(name="职工知识题库"), Pool.objects.get(name="Members' question bank")
    paper = [
        SectionDraft(title="单项选择", pools=[chinese], forms=["single"], count=10, points=5),
        SectionDraft(title="判断", pools=[chinese], forms=["true_false"], count=5, points=4),
        SectionDraft(title="多项选择", pools=[chinese], forms=["multiple"], count=5, points=6),
    ]

    def add_round(contest: Any, sections: list[SectionDraft], **rules: Any) -> Round:
        row = create_round(actor=OPERATOR, contest=contest, **rules)
        set_blueprint(actor=OPERATOR, round=row, sections=sections)
        row = publish_round(actor=OPERATOR, round=row)
        deposit_pack(actor=OPERATOR, round_id=row.pk)
        return row

    with clock.set_to(at(9, 9)):
        past = create_campaign(
            actor=OPERATOR,
            unit=root,
            title="世界劳工史读书季",
            title_en="Season of labour history",
            summary="从八小时工作制到国际劳工公约，读一段劳动者自己的历史，再来答一份试卷。",
            summary_en="From the eight-hour day to the international labour conventions: read, then sit a paper.",
            starts_on=at(9, 9).date(),
            ends_on=at(-3, 9).date(),
        )
        publish_campaign(actor=OPERATOR, campaign=past)
        contest = create_contest(
            actor=OPERATOR,
            campaign=past,
            unit=root,
            title="世界劳工史知识竞赛",
            title_en="Contest on labour history",
        )
        over = add_round(
            contest,
            [
                SectionDraft(
                    title="单项选择", pools=[chinese], forms=["single"], tags=["劳动史"], count=10, points=6
                ),
                SectionDraft(title="判断", pools=[chinese], forms=["true_false"], tags=["劳动史"], count=5, points=4),
                SectionDraft(
                    title="多项选择", pools=[chinese], forms=["multiple"], tags=["劳动史"], count=4, points=5
                ),
            ],
            title="初赛",
            title_en="Preliminary",
            opens_at=at(8, 8),
            closes_at=at(2, 22),
            time_limit_seconds=1200,
            attempts_per_day=2,
            attempts_total=3,
            pass_points=60,
        )
    with clock.set_to(at(1, 7)):
        now = create_campaign(
            actor=OPERATOR,
            unit=root,
            title="安全生产与劳动法学习月",
            title_en="Safety and labour law month",
            summary="每天一刻钟，弄清岗位上的危险和自己的权利。先练习，再参加第一轮竞赛，成绩记入本单位榜单。",
            summary_en="A quarter of an hour a day on dangers at work and on your rights. Practise, then compete.",
            starts_on=at(1, 9).date(),
            ends_on=at(-28, 9).date(),
        )
        publish_campaign(actor=OPERATOR, campaign=now)
        contest = create_contest(
            actor=OPERATOR,
            campaign=now,
            unit=root,
            title="安全生产与劳动法知识竞赛",
            title_en="Contest on safety and labour law",
        )
        opened = add_round(
            contest,
            paper,
            title="第一轮",
            title_en="Round one",
            opens_at=at(1, 8),
            closes_at=at(-13, 22),
            time_limit_seconds=900,
            attempts_per_day=2,
            attempts_total=6,
            pass_points=60,
        )
        add_round(
            contest,
            paper,
            title="练习",
            title_en="Practice",
            practice=True,
            opens_at=at(1, 8),
            closes_at=at(-27, 22),
            time_limit_seconds=1800,
            attempts_total=0,
            review="at_once",
        )
        contest = create_contest(
            actor=OPERATOR,
            campaign=now,
            unit=root,
            title="劳动史与安全知识英文赛",
            title_en="Labour history and safety, in English",
        )
        add_round(
            contest,
            [
                SectionDraft(title="Single choice", pools=[english], forms=["single"], count=10, points=6),
                SectionDraft(title="True or false", pools=[english], forms=["true_false"], count=5, points=4),
                SectionDraft(title="Multiple choice", pools=[english], forms=["multiple"], count=4, points=5),
            ],
            title="英文第一轮",
            title_en="Round one",
            opens_at=at(1, 8),
            closes_at=at(-13, 22),
            time_limit_seconds=900,
            attempts_per_day=2,
            attempts_total=6,
            pass_points=60,
        )
    today = max(at(1, 9), datetime.now(UTC) - timedelta(hours=3))
    return [
        Play(over.pk, at(6, 12), (0.25, 0.95), 0.25, 11),
        Play(opened.pk, today, (0.05, 0.45), 0.0, 12),
    ]


def play(chosen: Play, port: int, progress: Callable[[int, int], None]) -> None:
    """Let simulated members sit a round on an engine whose clock runs fast through that past day."""
    from demo.simulate import Sitter, sit_all

    from tradeshall.contests.actions.taking_part import pass_for
    from tradeshall.contests.models import Round
    from tradeshall.core import clock
    from tradeshall.core.authority import OPERATOR
    from tradeshall.people.models import Membership

    dice = random.Random(chosen.seed)
    row = Round.objects.select_related("contest__activity__unit", "contest__activity__campaign").get(
        pk=chosen.round_id
    )
    shares: dict[str, float] = {}
    skills: dict[str, float] = {}
    first: list[Sitter] = []
    second: list[Sitter] = []
    with clock.set_to(chosen.begins_at):
        for membership in Membership.objects.current().select_related("unit").order_by("member_no"):
            branch = "/".join(membership.unit.path.split("/")[:3])
            share = shares.setdefault(branch, dice.uniform(*chosen.shares))
            skill = skills.setdefault(branch, dice.uniform(0.5, 0.8))
            if dice.random() >= share or (chosen.second_tries == 0 and membership.member_no in NEWCOMERS):
                continue
            token = pass_for(actor=OPERATOR, membership=membership, round=row)
            own = min(0.98, max(0.15, dice.gauss(skill, 0.14)))
            pace = max(7.0, dice.lognormvariate(2.6, 0.35))
            gives_up = dice.random() < 0.02
            first.append(Sitter(token, own, pace, gives_up))
            if not gives_up and dice.random() < chosen.second_tries:
                second.append(Sitter(token, min(0.98, own + 0.1), pace * 0.8))
    sitters = [*first, *second]
    engine = subprocess.Popen(
        [
            *(sys.executable, "-m", "tradeshall.config.cli.main", "serve-engine", "--port", str(port)),
            *("--clock", f"{chosen.begins_at.isoformat()}@{RATE}"),
        ],
        stdout=subprocess.DEVNULL,
    )
    try:
        wait_for(f"http://127.0.0.1:{port}/engine/health", engine)
        sit_all(
            sitters,
            port=port,
            known=known_answers(),
            rate=RATE,
            seed=chosen.seed,
            progress=lambda done: progress(done, len(sitters)),
        )
    finally:
        engine.send_signal(signal.SIGTERM)
        engine.wait(30)


def wait_for(url: str, process: subprocess.Popen[Any]) -> None:
    """Wait until an address answers; raise if the process behind it ends first."""
    for _ in range(300):
        if process.poll() is not None:
            raise RuntimeError(f"the engine ended with status {process.returncode}")
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"{url} does not answer")


def main(port: int, progress: Callable[[int, int], None] = lambda done, total: None) -> None:
    """Make and play everything, read the ledger into results, and close what is over."""
    django.setup()
    from tradeshall.contests.actions.ledger import ingest_ledger
    from tradeshall.contests.actions.rounds import close_due_rounds
    from tradeshall.core.authority import OPERATOR
    from tradeshall.journal.tasks import dispatch_waiting

    for chosen in make_contests():
        play(chosen, port, progress)
    close_due_rounds(actor=OPERATOR)
    while dispatch_waiting():
        pass
    while ingest_ledger():
        pass
