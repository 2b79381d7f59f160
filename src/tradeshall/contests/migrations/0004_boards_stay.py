"""The database itself refuses to change what boards of units are made of once a round of the contest is published.

The freeze may be set later: it says when members see figures, not what they are.
"""

from __future__ import annotations

from typing import Any

from django.db import migrations

MESSAGE = "boards of a published contest stay as they are"
PUBLISHED = "EXISTS (SELECT 1 FROM contests_round r WHERE r.contest_id = {row}.contest_id AND r.state <> 'draft')"
GUARDS = (
    ("contests_unitboard_insert", "INSERT", "contests_unitboard", ("NEW",), ""),
    ("contests_unitboard_update", "UPDATE", "contests_unitboard", ("OLD", "NEW"), ""),
    ("contests_unitboard_delete", "DELETE", "contests_unitboard", ("OLD",), ""),
    ("contests_boards_insert", "INSERT", "contests_contestboards", ("NEW",), "NEW.best_rounds <> 0 AND "),
    (
        "contests_boards_update",
        "UPDATE",
        "contests_contestboards",
        ("OLD", "NEW"),
        "(NEW.best_rounds <> OLD.best_rounds OR NEW.contest_id <> OLD.contest_id) AND ",
    ),
    ("contests_boards_delete", "DELETE", "contests_contestboards", ("OLD",), "OLD.best_rounds <> 0 AND "),
)


def _statements(vendor: str) -> list[str]:
    found = []
    if vendor == "postgresql":
        for operation in ("INSERT", "UPDATE", "DELETE"):
            name = f"contests_guard_boards_{operation.lower()}"
            rows = {"INSERT": ("NEW",), "UPDATE": ("OLD", "NEW"), "DELETE": ("OLD",)}[operation]
            condition = " OR ".join(PUBLISHED.format(row=row) for row in rows)
            back = "OLD" if operation == "DELETE" else "NEW"
            found.append(
                f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {condition} THEN"
                f" RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'integrity_constraint_violation'; END IF;"
                f" RETURN {back}; END $$"
            )
    for name, operation, table, rows, besides in GUARDS:
        published = " OR ".join(PUBLISHED.format(row=row) for row in rows)
        if vendor == "sqlite":
            found.append(
                f"CREATE TRIGGER {name} BEFORE {operation} ON {table} WHEN {besides}({published})"
                f" BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
            )
        else:
            when = f" WHEN ({besides.removesuffix(' AND ')})" if besides else ""
            found.append(
                f"CREATE TRIGGER {name} BEFORE {operation} ON {table} FOR EACH ROW{when}"
                f" EXECUTE FUNCTION contests_guard_boards_{operation.lower()}()"
            )
    return found


def enforce(apps: Any, schema_editor: Any) -> None:
    for statement in _statements(schema_editor.connection.vendor):
        schema_editor.execute(statement, params=None)


def release(apps: Any, schema_editor: Any) -> None:
    postgresql = schema_editor.connection.vendor == "postgresql"
    for name, _, table, _, _ in GUARDS:
        schema_editor.execute(f"DROP TRIGGER {name}{f' ON {table}' if postgresql else ''}")
    if postgresql:
        for operation in ("insert", "update", "delete"):
            schema_editor.execute(f"DROP FUNCTION contests_guard_boards_{operation}()")


class Migration(migrations.Migration):
    dependencies = [("contests", "0003_rules_of_contests_stay")]

    operations = [migrations.RunPython(enforce, release)]
