"""The database itself refuses to change what was announced, sealed and drawn, on both vendors."""

from __future__ import annotations

from typing import Any

from django.db import migrations

ANNOUNCED_COLUMNS = (
    "contest_id", "round_id", "title", "title_en", "least_points", "least_passed", "least_attempts", "least_days",
    "least_streak", "every_round", "unit_id", "leaves_out_staff", "reserves", "claim_days", "seals_at",
    "announced_at",
)  # fmt: skip
SEALED_COLUMNS = ("run", "root", "count", "sealed_at", "sealed_by")
DRAWN_COLUMNS = ("entered_by", "confirmed_by", "drawn_at")
ANNOUNCED = "an announced draw stays as it is"
SEALED = "a sealed list stays as it is"
DRAWN = "a drawn winner stays where it is"
STATES = ("draft", "announced", "sealed", "drawn", "published", "closed")


def _rank(row: str) -> str:
    """Order the states, so that none is ever left for an earlier one; what is called off stays so."""
    cases = " ".join(f"WHEN '{state}' THEN {rank}" for rank, state in enumerate(STATES))
    return f"CASE {row}.state {cases} ELSE 9 END"


def _conditions(vendor: str) -> dict[str, str]:
    other = {"sqlite": "IS NOT", "postgresql": "IS DISTINCT FROM"}[vendor]

    def changed(names: tuple[str, ...]) -> str:
        return "(" + " OR ".join(f'NEW."{name}" {other} OLD."{name}"' for name in names) + ")"

    drawn = "EXISTS (SELECT 1 FROM contests_prizedraw d WHERE d.id = OLD.draw_id AND d.confirmed_by <> '')"
    return {
        "draw": f"{_rank('NEW')} < {_rank('OLD')} OR (OLD.state <> 'draft' AND {changed(ANNOUNCED_COLUMNS)})"
        f" OR (OLD.run <> '' AND {changed(SEALED_COLUMNS)})"
        f" OR (OLD.confirmed_by <> '' AND {changed(DRAWN_COLUMNS)})",
        "event": f"{changed(('draw_id', 'position', 'name', 'happens_at'))} OR {drawn}",
        "ticket": "EXISTS (SELECT 1 FROM contests_prizedraw d WHERE d.id = {row}.draw_id AND d.run = {row}.run)",
        "part": "EXISTS (SELECT 1 FROM contests_prizedraw d WHERE d.id = {row}.draw_id AND d.state <> 'draft')",
        "winner": changed(("draw_id", "place", "ticket_id")),
    }


def _guards(vendor: str) -> list[tuple[str, str, str, str, str]]:
    """Return (name, moment, table, condition, message) of every trigger."""
    found = _conditions(vendor)
    guards = [
        ("contests_draw_frozen", "UPDATE", "contests_prizedraw", found["draw"], ANNOUNCED),
        ("contests_draw_kept", "DELETE", "contests_prizedraw", "OLD.state <> 'draft'", ANNOUNCED),
        ("contests_draw_winner_frozen", "UPDATE", "contests_drawwinner", found["winner"], DRAWN),
        ("contests_draw_winner_kept", "DELETE", "contests_drawwinner", "1 = 1", DRAWN),
    ]
    for moment, row in (("INSERT", "NEW"), ("UPDATE", "OLD"), ("DELETE", "OLD")):
        name = moment.lower()
        condition = found["part"].format(row=row)
        guards.append((f"contests_draw_prize_{name}", moment, "contests_drawprize", condition, ANNOUNCED))
        guards.append(
            (
                f"contests_draw_ticket_{name}",
                moment,
                "contests_drawticket",
                found["ticket"].format(row=row),
                SEALED,
            )
        )
        event = f"({condition}) AND ({found['event']})" if moment == "UPDATE" else condition
        guards.append((f"contests_draw_event_{name}", moment, "contests_drawevent", event, ANNOUNCED))
    return guards


def enforce(apps: Any, schema_editor: Any) -> None:
    vendor = schema_editor.connection.vendor
    for name, moment, table, condition, message in _guards(vendor):
        if vendor == "sqlite":
            statements = [
                f"CREATE TRIGGER {name} BEFORE {moment} ON {table} WHEN {condition}"
                f" BEGIN SELECT RAISE(ABORT, '{message}'); END"
            ]
        else:
            kept = "OLD" if moment == "DELETE" else "NEW"
            statements = [
                f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF ({condition}) THEN"
                f" RAISE EXCEPTION '{message}' USING ERRCODE = 'integrity_constraint_violation'; END IF;"
                f" RETURN {kept}; END $$",
                f"CREATE TRIGGER {name} BEFORE {moment} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()",
            ]
        for statement in statements:
            schema_editor.execute(statement, params=None)


def release(apps: Any, schema_editor: Any) -> None:
    vendor = schema_editor.connection.vendor
    for name, _, table, _, _ in _guards(vendor):
        if vendor == "sqlite":
            schema_editor.execute(f"DROP TRIGGER {name}")
        else:
            schema_editor.execute(f"DROP TRIGGER {name} ON {table}")
            schema_editor.execute(f"DROP FUNCTION {name}()")


class Migration(migrations.Migration):
    dependencies = [("contests", "0005_log_stays")]

    operations = [migrations.RunPython(enforce, release)]
