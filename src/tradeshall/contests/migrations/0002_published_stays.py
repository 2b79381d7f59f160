"""The database itself refuses to change what publication froze, on both vendors."""

from __future__ import annotations

from typing import Any

from django.db import migrations

FROZEN_COLUMNS = (
    "contest_id", "title", "title_en", "practice", "opens_at", "closes_at", "time_limit_seconds", "grace_seconds",
    "attempts_per_day", "attempts_total", "counting", "tie_breaks", "pass_points", "results", "review",
    "shuffle_options", "exposure_cap_percent", "published_at", "cap_per_day", "cap_total", "rank_style",
    "opens_after_id", "advances_from_id", "advance_by", "advance_top", "advance_depth", "advance_points", "appeals_days",
)  # fmt: skip
ROUND = "a published round stays as it is"
PACK = "a sealed pack stays as it is"
DIFFERS = {"sqlite": "NEW.{name} IS NOT OLD.{name}", "postgresql": "NEW.{name} IS DISTINCT FROM OLD.{name}"}
CHANGED = {
    vendor: " OR ".join(differs.format(name=name) for name in FROZEN_COLUMNS)
    # set once, when the pack is sealed, which is after the round has become a published one
    + f" OR (OLD.variants <> '[]' AND {differs.format(name='variants')})"
    for vendor, differs in DIFFERS.items()
}
BACK = "NEW.state = 'draft' OR (OLD.state = 'closed' AND NEW.state <> 'closed')"
PUBLISHED = "EXISTS (SELECT 1 FROM contests_round r WHERE r.id = {row}.round_id AND r.state <> 'draft')"
PUBLISHED_SECTION = (
    "EXISTS (SELECT 1 FROM contests_round r JOIN contests_section s ON s.round_id = r.id"
    " WHERE s.id = {row}.section_id AND r.state <> 'draft')"
)


def _sqlite() -> list[str]:
    def trigger(name: str, moment: str, table: str, condition: str, message: str) -> str:
        when = f" WHEN {condition}" if condition else ""
        return f"CREATE TRIGGER {name} BEFORE {moment} ON {table}{when} BEGIN SELECT RAISE(ABORT, '{message}'); END"

    found = [
        trigger(
            "contests_round_frozen",
            "UPDATE",
            "contests_round",
            f"OLD.state <> 'draft' AND ({CHANGED['sqlite']} OR {BACK})",
            ROUND,
        ),
        trigger("contests_round_kept", "DELETE", "contests_round", "OLD.state <> 'draft'", ROUND),
        trigger("contests_pack_kept", "DELETE", "contests_roundpack", "", PACK),
        trigger(
            "contests_pack_frozen",
            "UPDATE",
            "contests_roundpack",
            "NEW.round_id IS NOT OLD.round_id OR NEW.content_hash IS NOT OLD.content_hash"
            " OR NEW.sealed IS NOT OLD.sealed OR NEW.commitments IS NOT OLD.commitments",
            PACK,
        ),
    ]
    for moment, row in (("INSERT", "NEW"), ("UPDATE", "OLD"), ("DELETE", "OLD")):
        name = moment.lower()
        found.append(
            trigger(f"contests_section_{name}", moment, "contests_section", PUBLISHED.format(row=row), ROUND)
        )
        found.append(
            trigger(
                f"contests_section_pools_{name}",
                moment,
                "contests_section_pools",
                PUBLISHED_SECTION.format(row=row),
                ROUND,
            )
        )
    return found


def _postgresql() -> list[str]:
    def function(name: str, message: str) -> str:
        return (
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{message}'"
            " USING ERRCODE = 'integrity_constraint_violation'; END $$"
        )

    def guard(name: str, condition: str, message: str) -> str:
        return (
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            f" IF TG_OP <> 'INSERT' AND {condition.format(row='OLD')} THEN RAISE EXCEPTION '{message}'"
            " USING ERRCODE = 'integrity_constraint_violation'; END IF;"
            f" IF TG_OP = 'INSERT' AND {condition.format(row='NEW')} THEN RAISE EXCEPTION '{message}'"
            " USING ERRCODE = 'integrity_constraint_violation'; END IF;"
            " IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$"
        )

    return [
        function("contests_refuse_round", ROUND),
        function("contests_refuse_pack", PACK),
        "CREATE TRIGGER contests_round_frozen BEFORE UPDATE ON contests_round FOR EACH ROW"
        f" WHEN (OLD.state <> 'draft' AND ({CHANGED['postgresql']} OR {BACK}))"
        " EXECUTE FUNCTION contests_refuse_round()",
        "CREATE TRIGGER contests_round_kept BEFORE DELETE ON contests_round FOR EACH ROW"
        " WHEN (OLD.state <> 'draft') EXECUTE FUNCTION contests_refuse_round()",
        "CREATE TRIGGER contests_pack_kept BEFORE DELETE ON contests_roundpack FOR EACH ROW"
        " EXECUTE FUNCTION contests_refuse_pack()",
        "CREATE TRIGGER contests_pack_frozen BEFORE UPDATE ON contests_roundpack FOR EACH ROW"
        " WHEN (NEW.round_id IS DISTINCT FROM OLD.round_id OR NEW.content_hash IS DISTINCT FROM OLD.content_hash"
        " OR NEW.sealed IS DISTINCT FROM OLD.sealed OR NEW.commitments IS DISTINCT FROM OLD.commitments)"
        " EXECUTE FUNCTION contests_refuse_pack()",
        guard("contests_guard_section", PUBLISHED, ROUND),
        guard("contests_guard_section_pools", PUBLISHED_SECTION, ROUND),
        "CREATE TRIGGER contests_section_frozen BEFORE INSERT OR UPDATE OR DELETE ON contests_section"
        " FOR EACH ROW EXECUTE FUNCTION contests_guard_section()",
        "CREATE TRIGGER contests_section_pools_frozen BEFORE INSERT OR UPDATE OR DELETE ON contests_section_pools"
        " FOR EACH ROW EXECUTE FUNCTION contests_guard_section_pools()",
    ]


def enforce(apps: Any, schema_editor: Any) -> None:
    statements = _sqlite() if schema_editor.connection.vendor == "sqlite" else _postgresql()
    for statement in statements:
        schema_editor.execute(statement, params=None)


def release(apps: Any, schema_editor: Any) -> None:
    for statement in _sqlite() if schema_editor.connection.vendor == "sqlite" else _postgresql():
        words = statement.split()
        if words[1] == "TRIGGER":
            on = f" ON {words[words.index('ON') + 1]}" if schema_editor.connection.vendor == "postgresql" else ""
            schema_editor.execute(f"DROP TRIGGER {words[2]}{on}")
    if schema_editor.connection.vendor == "postgresql":
        for name in ("refuse_round", "refuse_pack", "guard_section", "guard_section_pools"):
            schema_editor.execute(f"DROP FUNCTION contests_{name}()")


class Migration(migrations.Migration):
    dependencies = [("contests", "0001_initial")]

    operations = [migrations.RunPython(enforce, release)]
