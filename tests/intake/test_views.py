"""The console pages that bring spreadsheets in."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import load_workbook
from tests.factories.people import make_account, make_member
from tests.factories.units import make_family

from tradeshall.core.authority import Role
from tradeshall.intake.models import ImportRun
from tradeshall.people.models import Account, Membership
from tradeshall.units.models import Unit

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def signed_in(account: Account) -> Client:
    client = Client()
    client.force_login(account, BACKEND)
    return client


@pytest.fixture
def units() -> dict[str, Unit]:
    return make_family()


@pytest.fixture
def boss(units: dict[str, Unit]) -> Client:
    return signed_in(make_account(role=Role.ADMINISTRATOR, unit=units["parent"]))


def send(client: Client, kind: str, *lines: str) -> Any:
    file = SimpleUploadedFile(f"{kind}.csv", "\n".join(lines).encode(), "text/csv")
    return client.post(f"/console/imports/{kind}/", {"file": file})


HEAD = "会员号,姓名,手机,邮箱,单位编码,入会日期"


def test_a_roster_is_read_shown_and_applied(boss: Client, units: dict[str, Unit]) -> None:
    response = send(boss, "roster", HEAD, f"HC1,王小明,13800138000,,{units['own'].code},2020-01-01")
    run = ImportRun.objects.get()
    assert response["Location"] == f"/console/imports/{run.pk}/"
    assert Membership.objects.count() == 0
    assert "roster.csv" in boss.get(response["Location"]).content.decode()
    boss.post(f"{response['Location']}apply/")
    assert Membership.objects.get().name == "王小明"
    assert boss.post(f"{response['Location']}apply/").status_code == 302
    assert Membership.objects.count() == 1


def test_a_roster_is_shown_to_nobody_who_could_not_bring_it_in(boss: Client, units: dict[str, Unit]) -> None:
    run = send(boss, "roster", HEAD, f"HC1,王小明,不是号码,,{units['own'].code},2020-01-01")["Location"]
    for role, status in ((Role.ORGANISER, 200), (Role.ITEM_EDITOR, 404)):
        other = signed_in(make_account(role=role, unit=units["parent"]))
        assert other.get(run).status_code == status
        assert other.get(f"{run}report/").status_code == status
        assert (run in other.get("/console/imports/").content.decode()) is (status == 200)


def test_refused_rows_are_shown_and_skipped_only_when_told(boss: Client, units: dict[str, Unit]) -> None:
    own, sibling = units["own"].code, units["stranger"].code
    response = send(
        boss, "roster", HEAD, f"HC1,王小明,,,{own},2020-01-01", f"HC2,李红,,,{sibling},2020-01-01", f"HC3,,,,{own},x"
    )
    path = response["Location"]
    page = boss.get(path).content.decode()
    assert page.count("<tr>") >= 4
    assert 'href="/console/imports/roster/"' in page  # where the corrected file is read
    boss.post(f"{path}apply/")
    assert Membership.objects.count() == 0
    boss.post(f"{path}apply/", {"skip_refused": "yes"})
    assert [row.member_no for row in Membership.objects.all()] == ["HC1"]
    report = boss.get(f"{path}report/")
    assert "attachment" in report["Content-Disposition"]
    assert "HC3" in report.content.decode("utf-8-sig") or "3" in report.content.decode("utf-8-sig")


def test_a_dropped_file_changes_nothing(boss: Client, units: dict[str, Unit]) -> None:
    path = send(boss, "roster", HEAD, f"HC1,王小明,,,{units['own'].code},2020-01-01")["Location"]
    boss.post(f"{path}drop/")
    boss.post(f"{path}apply/")
    assert Membership.objects.count() == 0
    assert boss.get(path).status_code == 200


def test_units_are_brought_in(boss: Client, units: dict[str, Unit]) -> None:
    path = send(boss, "units", "编码,名称,上级编码,类型", f"NEW,新工会,{units['parent'].code},基层工会")["Location"]
    boss.post(f"{path}apply/")
    assert Unit.objects.get(code="NEW").parent == units["parent"]


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00\x00", b"PK\x03\x04nonsense", b"a,b\n1,2\n"])
def test_an_unreadable_file_says_why(boss: Client, content: bytes) -> None:
    file = SimpleUploadedFile("roster.xlsx", content or b" ", "application/octet-stream")
    response = boss.post("/console/imports/roster/", {"file": file})
    assert response.status_code == 422


def test_templates_come_as_csv_and_xlsx_in_the_readers_language(boss: Client) -> None:
    assert "会员号" in boss.get("/console/imports/roster/template.csv").content.decode("utf-8-sig")
    boss.cookies["django_language"] = "en"
    sheet = load_workbook(BytesIO(boss.get("/console/imports/roster/template.xlsx").content)).active
    assert sheet is not None
    assert sheet["A1"].value == "member_no"
    assert boss.get("/console/imports/roster/template.exe").status_code == 404
    assert boss.get("/console/imports/nothing/template.csv").status_code == 404


def test_a_template_can_be_brought_in_as_it_is(boss: Client) -> None:
    template = boss.get("/console/imports/roster/template.xlsx").content
    response = boss.post("/console/imports/roster/", {"file": SimpleUploadedFile("roster.xlsx", template)})
    assert response.status_code == 302


@pytest.mark.parametrize("action", ["", "report/"])
def test_a_run_of_a_sibling_is_a_404(boss: Client, units: dict[str, Unit], action: str) -> None:
    path = send(boss, "roster", HEAD, f"HC1,王小明,,,{units['own'].code},2020-01-01")["Location"]
    stranger = signed_in(make_account(role=Role.ADMINISTRATOR, unit=units["stranger"]))
    assert stranger.get(path + action).status_code == 404
    for verb in ("apply/", "drop/"):
        assert stranger.post(path + verb).status_code == 404
    assert ImportRun.objects.get().state == "staged"


def test_kinds_are_offered_to_those_who_may(units: dict[str, Unit]) -> None:
    organiser = signed_in(make_account(role=Role.ORGANISER, unit=units["own"]))
    page = organiser.get("/console/imports/").content.decode()
    assert "/console/imports/roster/" in page
    assert "/console/imports/units/" not in page
    assert organiser.get("/console/imports/units/").status_code == 404
    assert send(organiser, "units", "编码,名称,上级编码,类型").status_code == 404
    member = make_member(unit=units["own"], account=make_account())
    assert member.account is not None
    assert signed_in(member.account).get("/console/imports/").status_code == 404


def test_kinds_are_offered_in_the_order_they_build_on_each_other(boss: Client) -> None:
    kinds = boss.get("/console/imports/").context["kinds"]
    assert [kind.name for kind, _ in kinds] == ["units", "roster", "items"]


def test_an_applied_file_leads_on_to_the_next_kind(boss: Client, units: dict[str, Unit]) -> None:
    boss.cookies["django_language"] = "en"
    parent, own = units["parent"].code, units["own"].code
    path = send(boss, "units", "编码,名称,上级编码,类型", f"NEW,新工会,{parent},基层工会")["Location"]
    assert boss.get(path).context["next_step"] is None
    boss.post(f"{path}apply/")
    page = boss.get(path)
    assert page.context["next_step"] == {"label": "Bring in the roster", "url": "/console/imports/roster/"}
    assert "Bring in the roster" in page.content.decode()
    path = send(boss, "roster", HEAD, f"HC1,王小明,,,{own},2020-01-01")["Location"]
    boss.post(f"{path}apply/")
    pools = {"label": "Bring in questions", "url": "/console/pools/"}
    assert boss.get(path).context["next_step"] == pools


def test_an_applied_file_leads_nobody_to_what_they_may_not_bring_in(boss: Client, units: dict[str, Unit]) -> None:
    path = send(boss, "units", "编码,名称,上级编码,类型", f"NEW,新工会,{units['parent'].code},基层工会")["Location"]
    boss.post(f"{path}apply/")
    editor = make_account(role=Role.ITEM_EDITOR, unit=units["parent"])
    ImportRun.objects.update(actor=str(editor))  # an administrator once, who sees the own files still
    assert signed_in(editor).get(path).context["next_step"] is None


def test_the_list_takes_the_same_queries_for_one_and_three(
    boss: Client, units: dict[str, Unit], django_assert_num_queries: Any
) -> None:
    line = f"HC1,王小明,,,{units['own'].code},2020-01-01"
    send(boss, "roster", HEAD, line)
    boss.get("/console/imports/")
    for _more in range(2):
        with django_assert_num_queries(6):
            boss.get("/console/imports/")
        send(boss, "roster", HEAD, line)


def test_a_report_takes_the_same_queries_for_one_and_three(
    boss: Client, units: dict[str, Unit], django_assert_num_queries: Any
) -> None:
    lines = [f"HC{n},王小明,,,nowhere,2020-01-01" for n in range(3)]
    paths = [send(boss, "roster", HEAD, *lines[:count])["Location"] for count in (1, 3)]
    boss.get(paths[0])
    for path in paths:
        with django_assert_num_queries(8):
            boss.get(path)
