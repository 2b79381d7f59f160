"""A new organiser follows docs/howto/28-day-contest.md on a fresh installation, word by word, in a browser."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.browser import DESKTOP, PHONE, assert_accessible, assert_no_overflow, assert_targets, take
from tests.journeys.serving import ROOT, free_port, wait_for

pytestmark = pytest.mark.browser
GUIDE = ROOT / "docs" / "howto" / "28-day-contest.md"


class Fresh:
    """An installation just made by `tradeshall init`, served, and the session of its first administrator."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith(("TRADESHALL_", "DJANGO_"))}
        self.environment |= {
            "DATA": str(data),
            "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}",
            "DJANGO_SETTINGS_MODULE": "tradeshall.config.settings.embedded",
        }
        self.url = f"http://127.0.0.1:{free_port()}"

    def run(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments], cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=240
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def command(self, *arguments: str) -> list[str]:
        return ["-c", "from tradeshall.config.cli.main import main; main()", *arguments]

    def init(self) -> str:
        who = ("--admin-member-no", "A1", "--admin-name", "李梅", "--admin-phone", "13800138000")
        where = ("--code", "HC", "--name", "海川市总工会", "--name-en", "Haichuan Federation")
        self.run(*self.command("init", *where, "--time-zone", "Asia/Shanghai", *who))
        collect = (
            "from django.core.management import call_command as c; c('collectstatic', interactive=False, verbosity=0)"
        )
        self.run("-c", f"import django; django.setup(); {collect}")
        session = (
            "import django; django.setup();"
            "from tradeshall.journal.tasks import dispatch_waiting; dispatch_waiting();"  # a new role ends sessions
            "from tests.journeys.furnish import session_of; from tradeshall.people.models import Account;"
            "account = Account.objects.get(); account.language = ''; account.save();"  # the browser's
            "print(session_of(account, second_factor=True))"
        )
        return self.run("-c", session).strip().splitlines()[-1]


@pytest.fixture
def fresh(chromium: Browser, tmp_path: Path) -> Iterator[tuple[Fresh, str]]:
    house = Fresh(tmp_path / "data")
    session = house.init()
    log = (tmp_path / "serve.log").open("w")
    port = house.url.rpartition(":")[2]
    server = subprocess.Popen(
        [sys.executable, *house.command("serve", "--host", "127.0.0.1", "--port", port)],
        cwd=ROOT,
        env=house.environment,
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    try:
        wait_for(f"{house.url}/engine/health", server, tmp_path / "serve.log")
        yield house, session
    finally:
        server.terminate()
        server.wait(timeout=30)
        log.close()


def spreadsheet(path: Path, count: int = 300) -> Path:
    lines = ["Form,Question,Option A,Option B,Option C,Option D,Answer,Difficulty,Source"]
    for number in range(1, count + 1):
        lines.append(
            f"single,Question {number}: how many hours has a working day?,Six,Seven,Eight,Nine,C,"
            f"{1 + number % 5},Labour Law 36"
        )
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def looked_at(page: Page, name: str) -> None:
    assert_accessible(page)
    assert_no_overflow(page)
    assert_targets(page)
    take(page, f"28-days-{name}-{(page.viewport_size or {})['width']}")


def says(name: str) -> Any:
    """Return a name of a button or link, which the guide has to say in just these words."""
    assert name in GUIDE.read_text(), f"the guide does not say “{name}”"
    return name


def press(page: Page, name: str) -> None:
    """Press what the guide names, a link or a button."""
    says(name)
    page.locator("main").get_by_role("link", name=name).or_(
        page.locator("main").get_by_role("button", name=name)
    ).first.click()


def test_the_guide_leads_to_28_published_days(chromium: Browser, fresh: tuple[Fresh, str], tmp_path: Path) -> None:
    house, session = fresh
    context = chromium.new_context(base_url=house.url, viewport=DESKTOP, locale="en-GB", reduced_motion="reduce")  # type: ignore[arg-type]
    context.add_cookies([{"name": "sessionid", "value": session, "url": house.url}])
    page = context.new_page()
    page.set_default_timeout(20_000)

    # 1. Questions
    page.goto("/console/")
    page.get_by_role("link", name=says("Question bank")).first.click()
    press(page, "New pool")
    page.get_by_label("Name of the pool").fill("Safety at work")
    press(page, "Open the pool")
    press(page, "Import")
    page.set_input_files("[type=file]", spreadsheet(tmp_path / "questions.csv"))
    page.locator("main form .submit button").first.click()
    page.wait_for_url(re.compile(r"/console/imports/\d+/$"))
    press(page, "Apply")
    page.wait_for_load_state()

    # 2. A campaign
    page.get_by_role("link", name=says("Campaigns")).first.click()
    press(page, "New campaign")
    today = datetime.now()  # noqa: DTZ005 (typed as a person types it)
    page.get_by_label("Title", exact=True).fill("Safety month")
    page.get_by_label("First day").fill(today.strftime("%Y-%m-%d"))
    page.get_by_label("Last day").fill((today + timedelta(days=40)).strftime("%Y-%m-%d"))
    press(page, "Save the draft")
    page.wait_for_url(re.compile(r"/console/campaigns/ZT-"))
    press(page, "Publish")
    press(page, "Publish")

    # 3. The contest
    page.get_by_role("link", name=says("Contests")).first.click()
    press(page, "New contest")
    looked_at(page, "plans")
    press(page, "28-day daily quiz")
    looked_at(page, "plan")
    page.get_by_label("Title", exact=True).fill("Safety, day by day")
    expect(page.get_by_label("How many days")).to_have_value("28")
    press(page, "Draft the contest")

    # 4. Read and publish
    page.wait_for_url(re.compile(r"/publish/$"))
    looked_at(page, "publish")
    expect(page.get_by_text("Day 1 to Day 28: 28 rounds alike")).to_be_visible()
    expect(page.get_by_label(says("All of them now"))).to_be_checked()
    press(page, "Publish and seal")
    page.wait_for_url(re.compile(r"/console/contests/JS-[\d-]+/$"))
    expect(page.locator("tbody tr")).to_have_count(28)
    looked_at(page, "contest")
    number = page.url.rstrip("/").rpartition("/")[2]

    # What members see: the map of 28 days and the same rules, on a phone, without JavaScript too
    for script in (True, False):
        phone = chromium.new_context(
            base_url=house.url,
            viewport=PHONE,  # type: ignore[arg-type]
            locale="en-GB",
            reduced_motion="reduce",
            java_script_enabled=script,
        )
        phone.add_cookies([{"name": "sessionid", "value": session, "url": house.url}])
        member = phone.new_page()
        member.goto(f"/contests/{number}/")
        expect(member.locator(".map li")).to_have_count(28)
        expect(member.locator(".map li.coming")).to_have_count(28)
        if script:
            looked_at(member, "member")
        member.get_by_role("link", name="The rules in plain words").click()
        expect(member.get_by_text("Day 1 to Day 28: 28 rounds alike")).to_be_visible()
        if script:
            looked_at(member, "rules")
        phone.close()
    context.close()
