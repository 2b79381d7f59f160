"""The database itself refuses to change or take back what stands in the public log, on both vendors."""

from __future__ import annotations

from typing import Any

from django.db import migrations

MESSAGE = "what was published stays as it is"
KEPT = ("contests_logentry", "contests_publishedpart")
CHECKPOINT_COLUMNS = ("size", "at", "note")
FILE_COLUMNS = ("subject", "version", "name", "size", "count", "sha256", "facts", "made_at")
# The kinds are left to their own checks, which would never be reached otherwise; the log has them once more.


def _statements(vendor: str) -> list[str]:
    differs = "IS NOT" if vendor == "sqlite" else "IS DISTINCT FROM"

    def changed(columns: tuple[str, ...]) -> str:
        return " OR ".join(f'NEW."{name}" {differs} OLD."{name}"' for name in columns)

    # The place in the log is written once.
    file_changed = f"{changed(FILE_COLUMNS)} OR (OLD.position IS NOT NULL AND {changed(('position',))})"
    guards = [(table, moment, "") for table in KEPT for moment in ("UPDATE", "DELETE")]
    guards += [
        ("contests_checkpoint", "UPDATE", changed(CHECKPOINT_COLUMNS)),
        ("contests_checkpoint", "DELETE", ""),
        ("contests_publishedfile", "UPDATE", file_changed),
        ("contests_publishedfile", "DELETE", ""),
    ]
    found = []
    if vendor == "postgresql":
        found.append(
            f"CREATE FUNCTION contests_refuse_unpublishing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            f" RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
        )
    for table, moment, condition in guards:
        name = f"{table}_{moment.lower()}"
        if vendor == "sqlite":
            when = f" WHEN {condition}" if condition else ""
            found.append(
                f"CREATE TRIGGER {name} BEFORE {moment} ON {table}{when} BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
            )
        else:
            when = f" WHEN ({condition})" if condition else ""
            found.append(
                f"CREATE TRIGGER {name} BEFORE {moment} ON {table} FOR EACH ROW{when}"
                " EXECUTE FUNCTION contests_refuse_unpublishing()"
            )
    return found


def enforce(apps: Any, schema_editor: Any) -> None:
    for statement in _statements(schema_editor.connection.vendor):
        schema_editor.execute(statement, params=None)


def release(apps: Any, schema_editor: Any) -> None:
    vendor = schema_editor.connection.vendor
    for statement in _statements(vendor):
        words = statement.split()
        if words[1] == "TRIGGER":
            on = f" ON {words[words.index('ON') + 1]}" if vendor == "postgresql" else ""
            schema_editor.execute(f"DROP TRIGGER {words[2]}{on}")
    if vendor == "postgresql":
        schema_editor.execute("DROP FUNCTION contests_refuse_unpublishing()")


class Migration(migrations.Migration):
    dependencies = [("contests", "0004_boards_stay")]

    operations = [migrations.RunPython(enforce, release)]
