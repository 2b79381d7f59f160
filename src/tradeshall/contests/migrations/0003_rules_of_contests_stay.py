"""The rules of a contest stay as they are once a round of it is published: on both vendors."""

from __future__ import annotations

from typing import Any

from django.db import migrations

DIFFERS = {"sqlite": "NEW.{name} IS NOT OLD.{name}", "postgresql": "NEW.{name} IS DISTINCT FROM OLD.{name}"}
RULES_OF_CONTEST = "the rules of a contest stay as they are once a round is published"
PLAYED = "EXISTS (SELECT 1 FROM contests_round r WHERE r.contest_id = {of} AND r.state <> 'draft')"


def statements(vendor: str) -> list[str]:
    joining = DIFFERS[vendor].format(name="joining_ends_at")
    moved = DIFFERS[vendor].format(name="contest_id")
    contest, old, new = (PLAYED.format(of=of) for of in ("OLD.activity_id", "OLD.contest_id", "NEW.contest_id"))
    if vendor == "sqlite":

        def trigger(name: str, moment: str, table: str, condition: str) -> str:
            return (
                f"CREATE TRIGGER {name} BEFORE {moment} ON {table} WHEN {condition}"
                f" BEGIN SELECT RAISE(ABORT, '{RULES_OF_CONTEST}'); END"
            )

        return [
            trigger("contests_contest_frozen", "UPDATE", "contests_contest", f"{joining} AND {contest}"),
            trigger("contests_achievement_insert", "INSERT", "contests_achievement", new),
            trigger("contests_achievement_update", "UPDATE", "contests_achievement", f"{old} OR ({moved} AND {new})"),
            trigger("contests_achievement_delete", "DELETE", "contests_achievement", old),
        ]

    def guard(name: str, condition: str) -> str:
        return (
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {condition}"
            " IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$"
        )

    def refuse(condition: str) -> str:
        return (
            f"IF {condition} THEN RAISE EXCEPTION '{RULES_OF_CONTEST}'"
            " USING ERRCODE = 'integrity_constraint_violation'; END IF;"
        )

    return [
        guard("contests_guard_contest", refuse(f"{joining} AND {contest}")),
        guard(
            "contests_guard_achievement",
            f"IF TG_OP <> 'INSERT' THEN {refuse(old)} END IF; IF TG_OP <> 'DELETE' THEN {refuse(new)} END IF;",
        ),
        "CREATE TRIGGER contests_contest_frozen BEFORE UPDATE ON contests_contest"
        " FOR EACH ROW EXECUTE FUNCTION contests_guard_contest()",
        "CREATE TRIGGER contests_achievement_frozen BEFORE INSERT OR UPDATE OR DELETE ON contests_achievement"
        " FOR EACH ROW EXECUTE FUNCTION contests_guard_achievement()",
    ]


def enforce(apps: Any, schema_editor: Any) -> None:
    for statement in statements(schema_editor.connection.vendor):
        schema_editor.execute(statement, params=None)


def release(apps: Any, schema_editor: Any) -> None:
    vendor = schema_editor.connection.vendor
    functions = []
    for statement in statements(vendor):
        words = statement.split()
        if words[1] == "TRIGGER":
            on = f" ON {words[words.index('ON') + 1]}" if vendor == "postgresql" else ""
            schema_editor.execute(f"DROP TRIGGER {words[2]}{on}")
        else:
            functions.append(words[2])
    for name in functions:
        schema_editor.execute(f"DROP FUNCTION {name}")


class Migration(migrations.Migration):
    dependencies = [("contests", "0002_published_stays")]

    operations = [migrations.RunPython(enforce, release)]
