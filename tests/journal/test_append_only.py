"""The database refuses to rewrite the journal, whatever the program does."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from tradeshall.core.authority import OPERATOR
from tradeshall.journal.actions import record_change
from tradeshall.journal.models import Entry


@pytest.fixture
def entry(db: None) -> Entry:
    with transaction.atomic():
        record_change(actor=OPERATOR, verb="units:unit:rename", thing="units.unit:1", changes={"name": ["a", "b"]})
    return Entry.objects.get()


def refused(sql: str) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
    except DatabaseError as error:
        return "append-only" in str(error)
    return False


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE journal_entry SET actor = 'account:2'",
        "DELETE FROM journal_entry",
        "DELETE FROM journal_entry WHERE verb = 'units:unit:rename'",
    ],
)
def test_journal_refuses_change_and_deletion(entry: Entry, sql: str) -> None:
    assert refused(sql)
    assert Entry.objects.filter(pk=entry.pk, actor="operator").exists()


def test_journal_refuses_replacement(entry: Entry) -> None:
    columns = "id, at, actor, acting_unit_code, verb, thing, reason, changes"
    if connection.vendor == "sqlite":
        sql = f"INSERT OR REPLACE INTO journal_entry ({columns}) SELECT {columns} FROM journal_entry"
    else:
        sql = (
            f"INSERT INTO journal_entry ({columns}) SELECT {columns} FROM journal_entry "
            "ON CONFLICT (id) DO UPDATE SET verb = 'x'"
        )
    assert refused(sql)
    assert Entry.objects.get().verb == "units:unit:rename"


def test_journal_refuses_truncation(entry: Entry) -> None:
    assert refused("TRUNCATE journal_entry" if connection.vendor == "postgresql" else "DELETE FROM journal_entry")


def test_journal_takes_new_lines(entry: Entry) -> None:
    with transaction.atomic():
        record_change(actor=OPERATOR, verb="units:unit:end", thing="units.unit:1")
    assert Entry.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_record_change_outside_a_transaction_raises() -> None:
    with pytest.raises(transaction.TransactionManagementError):
        record_change(actor=OPERATOR, verb="units:unit:end", thing="units.unit:1")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", [1, 2])
def test_triggers_stand_after_the_test_database_was_emptied(turn: int) -> None:
    with transaction.atomic():
        record_change(actor=OPERATOR, verb="units:unit:end", thing="units.unit:1")
    assert Entry.objects.count() == 1
    assert refused("DELETE FROM journal_entry")
