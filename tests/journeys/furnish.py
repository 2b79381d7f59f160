"""Furnish a house for the journeys, in the DATA of the server they visit; Django is set up already.

`rows` makes units, members and contests and prints what the tests need as JSON; `play` lets members sit the round
that has a board, through the engine over HTTP.
"""

from __future__ import annotations

import io
import json
import math
import random
import wave
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.test import Client
from PIL import Image, ImageDraw
from tests.factories.contests import item_draft, make_campaign, make_contest, make_pool, make_round
from tests.factories.items import OTHER_FORMS
from tests.factories.people import make_account, make_member
from tests.factories.units import make_federation, make_unit

from tradeshall.contests.actions.bank import create_item
from tradeshall.contests.actions.taking_part import pass_for
from tradeshall.contests.enums import ItemForm
from tradeshall.contests.models import Round
from tradeshall.contests.rules.items import Media
from tradeshall.core import clock
from tradeshall.core.authority import OPERATOR, Role
from tradeshall.core.keys import read_or_make_key
from tradeshall.engine.client import HttpClient
from tradeshall.engine.passes import Keys
from tradeshall.media.actions import store_media
from tradeshall.people.models import Membership
from tradeshall.people.receivers import FACTOR_KEY
from tradeshall.units.enums import UnitKind

JOURNEYS = (
    *("zh", "offline", "resume", "plain", "english", "deadline", "late", "tabs"),
    *("forms", "forms_english", "forms_plain", "forms_resume", "forms_look"),
    *("unkept", "withheld", "busy", "look", "newcomer", "portal", "asleep"),
)
"""One member for each journey, so that none meets what another did."""

QUESTIONS = (
    (
        "发现有人触电时，首先应当采取的措施是什么？",
        (
            "立即用手拉开触电者",
            "迅速切断电源，或用绝缘物使其脱离电源",
            "大声呼救并等待医护人员到场",
            "先拍照留证，再报告",
        ),
        1,
    ),
    (
        "根据《中华人民共和国劳动法》，国家实行劳动者每日工作时间不超过多少小时的工时制度？",
        ("六小时", "七小时", "八小时", "十小时"),
        2,
    ),
    ("国际劳工组织成立于哪一年？", ("1886年", "1919年", "1945年", "1948年"), 1),
    (
        "进入受限空间作业前，必须先做的是哪一项？",
        ("检测氧气和有害气体浓度", "关闭所有照明", "单独进入查看", "先作业后登记"),
        0,
    ),
)


def fill(pool: Any, count: int) -> None:
    """Put single, multiple and true/false items into a pool."""
    for number in range(count):
        stem, options, right = QUESTIONS[number % len(QUESTIONS)]
        form, key = ItemForm.SINGLE.value, (right,)
        if number % 5 == 3:
            form, stem, options, key = (
                ItemForm.MULTIPLE.value,
                "下列哪些属于工会的基本职责？",
                ("维护职工合法权益", "竭诚服务职工群众", "决定企业利润分配", "组织职工参加民主管理"),
                (0, 1, 3),
            )
        elif number % 5 == 4:
            form, stem, options, key = ItemForm.TRUE_FALSE.value, "劳动者有权拒绝违章指挥。", ("正确", "错误"), (0,)
        draft = item_draft(
            form=form,
            stem=f"{stem}（{number + 1}）",
            options=options,
            key=key,
            explanation="依据条文原文。",
            source="《中华人民共和国劳动法》第五十六条",
        )
        create_item(actor=OPERATOR, pool=pool, item=draft)


def pool_of_every_form(unit: Any) -> Any:
    """Return a pool with one item of each form; a picture and a sound are among them."""
    pool = make_pool(unit=unit, name="七种题型题库")
    picture = store_media(actor=OPERATOR, unit_path=unit.path, content=a_picture())
    sound = store_media(actor=OPERATOR, unit_path=unit.path, content=a_sound())
    media = {
        "numeric": (Media(picture.name, picture.kind, "一条比例尺，从零到十"),),
        "single": (Media(sound.name, sound.kind, "一声长音"),),
    }
    single = item_draft(stem="听到这样的信号应当怎么做？", options=("立即撤离", "继续作业", "就地等待"), key=(0,))
    multiple = item_draft(
        form="multiple",
        stem="下列哪些属于工会的基本职责？",
        options=("维护职工合法权益", "竭诚服务职工群众", "分配企业利润"),
        key=(0, 1),
    )
    truth = item_draft(form="true_false", stem="劳动者有权拒绝违章指挥。", options=("正确", "错误"), key=(0,))
    for draft in (single, multiple, truth, *OTHER_FORMS):
        create_item(actor=OPERATOR, pool=pool, item=replace(draft, media=media.get(draft.form, ())))
    return pool


def a_picture() -> bytes:
    """Return a small picture of a scale."""
    picture = Image.new("RGB", (640, 200), "white")
    pen = ImageDraw.Draw(picture)
    pen.line((20, 120, 620, 120), fill="black", width=6)
    for mark in range(11):
        pen.line((20 + 60 * mark, 80, 20 + 60 * mark, 120), fill="black", width=4)
    content = io.BytesIO()
    picture.save(content, "PNG")
    return content.getvalue()


def a_sound() -> bytes:
    """Return half a second of a tone."""
    content = io.BytesIO()
    with wave.open(content, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        tone = (round(9000 * math.sin(2 * math.pi * 440 * at / 8000)) for at in range(4000))
        sound.writeframes(b"".join(value.to_bytes(2, "little", signed=True) for value in tone))
    return content.getvalue()


def rows() -> None:
    call_command("migrate", verbosity=0)
    root = make_federation(name="海川市总工会", name_en="Haichuan Federation of Trade Unions")
    region = make_unit(parent=root, kind=UnitKind.REGIONAL, name="港区总工会", name_en="Harbour District Federation")
    names = ("港务集团工会", "造船厂工会", "纺织厂工会", "公交公司工会", "市政工程工会")
    names_en = ("Port Group", "Shipyard", "Textile Mill", "City Bus", "Public Works")
    branches = [
        make_unit(parent=region, name=name, name_en=f"{english} Branch")
        for name, english in zip(names, names_en, strict=True)
    ]
    campaign = make_campaign(
        unit=root,
        title="安全生产月",
        title_en="Safety Month",
        summary="全市职工一起学安全、懂权利。答题、讲座、走进车间，人人都能参加。",
        summary_en="Learn about safety and rights at work together: quizzes, lectures and visits for everyone.",
    )
    contest = make_contest(campaign=campaign, title="安全知识竞赛")
    contest.activity.title_en = "Safety Quiz"
    contest.activity.save()
    pool = make_pool(unit=root, name="安全生产题库")
    fill(pool, 60)
    now = clock.now()
    common: dict[str, Any] = {"contest": contest, "pools": [pool], "results": "at_once", "review": "at_once"}
    day = timedelta(days=1)
    rounds = {
        "open": make_round(
            **common,
            title="初赛",
            title_en="Preliminary",
            count=10,
            attempts_total=3,
            attempts_per_day=2,
            pass_points=30,
            closes_at=now + 3 * day,
        ),
        "short": make_round(
            **common,
            title="快答",
            title_en="Quick round",
            count=3,
            time_limit_seconds=20,
            grace_seconds=60,
            attempts_total=9,
        ),
        "tight": make_round(
            **common,
            title="限时",
            title_en="Tight round",
            count=3,
            time_limit_seconds=20,
            grace_seconds=0,
            attempts_total=9,
        ),
        "withheld": make_round(
            **{**common, "results": "after_round", "review": "after_round"},
            title="复赛",
            title_en="Semi-final",
            count=5,
        ),
        "practice": make_round(
            **common, title="练习", title_en="Practice round", count=5, practice=True, attempts_total=0
        ),
        "coming": make_round(
            **common, title="决赛", title_en="Final", count=5, opens_at=now + 2 * day, closes_at=now + 4 * day
        ),
        "forms": make_round(
            **{**common, "pools": [pool_of_every_form(root)]},
            title="七种题型",
            title_en="Seven forms",
            count=7,
            attempts_total=9,
            exposure_cap_percent=100,
            time_limit_seconds=1800,
            closes_at=now + 3 * day,
        ),
        "board": make_round(**common, title="热身赛", title_en="Warm-up", count=5),
    }
    for branch, size in zip(branches, (60, 45, 36, 32, 12), strict=True):
        for _ in range(size):
            make_member(unit=branch)
    sessions = {}
    for number, journey in enumerate(JOURNEYS):
        account = make_account(language="")
        make_member(
            unit=branches[number % 4], name="王建国" if journey == "look" else f"{journey}会员", account=account
        )
        sessions[journey] = session_of(account)
    for number in range(2):  # they take part in what the organiser's journeys set up for their branch alone
        account = make_account(language="")
        make_member(unit=branches[4], name=f"组员{number}", account=account)
        sessions[f"mate{number}"] = session_of(account)
    organiser = make_account(role=Role.ORGANISER, unit=root)
    sessions["organiser"] = session_of(organiser, second_factor=True)
    print(
        json.dumps(
            {
                "sessions": sessions,
                "rounds": {name: row.pk for name, row in rounds.items()},
                "contest": contest.activity.number,
                "campaign": campaign.number,
            }
        )
    )


def session_of(account: Any, *, second_factor: bool = False) -> str:
    """Return a session of an account, as if it had signed in, and shown its second factor if the console is meant."""
    client = Client()
    client.force_login(account, backend=settings.AUTHENTICATION_BACKENDS[0])
    if second_factor:
        session = client.session
        session[FACTOR_KEY] = account.pk
        session.save()
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def play(url: str) -> None:
    engine = HttpClient(url, Keys.derive(read_or_make_key(settings.DATA, "master")).service)
    round = Round.objects.select_related("contest__activity__campaign__unit", "contest__activity__unit").get(
        title="热身赛"
    )
    dice = random.Random(7)
    for membership in Membership.objects.select_related("unit"):
        if (membership.account_id is None and dice.random() < 0.6) or membership.name == "王建国":
            started = engine.start(pass_for(actor=OPERATOR, membership=membership, round=round))
            items = started["paper"]["items"]
            answers = [[item["no"], 1, [dice.randrange(len(item["options"]))]] for item in items]
            engine.submit(started["token"], answers)
