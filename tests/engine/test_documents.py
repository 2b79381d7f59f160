"""The interface as it is written down is the interface there is."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import orjson
import yaml
from tests.engine.contest import pack, pass_for, right_answers, running, someone, sqlite
from tests.engine.every_form import pack_of_every_form, responses

from tradeshall.core import clock
from tradeshall.engine.codes import HTTP_STATUS, Code
from tradeshall.engine.http import EngineHttp

REFERENCE = Path(__file__).resolve().parents[2] / "docs" / "reference"
OPENAPI = yaml.safe_load((REFERENCE / "engine-openapi.yaml").read_text())
TYPES = {
    "integer": int,
    "number": float,
    "string": str,
    "boolean": bool,
    "object": dict,
    "array": list,
    "null": type(None),
}


def faults(value: Any, schema: dict[str, Any], where: str = "") -> list[str]:
    """Return where a value departs from a schema of the document; what it does not name is a fault too."""
    if "$ref" in schema:
        return faults(value, OPENAPI["components"]["schemas"][schema["$ref"].rpartition("/")[2]], where)
    if "enum" in schema:
        return [] if value in schema["enum"] else [f"{where}: {value!r}"]
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if type(value) not in [TYPES[kind] for kind in kinds]:
        return [f"{where}: {value!r} is not {kinds}"]
    found: list[str] = []
    if isinstance(value, dict) and ("properties" in schema or "additionalProperties" in schema):
        known = schema.get("properties", {})
        found += [f"{where}.{name} is missing" for name in schema.get("required", []) if name not in value]
        for name, one in value.items():
            rest = schema.get("additionalProperties")
            if name not in known and not rest:
                found.append(f"{where}.{name} is not in the document")
            elif name in known or isinstance(rest, dict):
                found += faults(one, known.get(name, rest), f"{where}.{name}")
    elif isinstance(value, list) and "items" in schema:
        for one in value:
            found += faults(one, schema["items"], f"{where}[]")
    return found


def test_answers_are_as_openapi_says(tmp_path: Path) -> None:
    async def scenario() -> None:
        sealed, withheld, every_form = pack(), pack(2, results="after_round"), pack_of_every_form(3)
        async with running(sqlite(tmp_path, sealed, withheld, every_form)) as engine:
            me, now_ms = someone(), clock.now_ms()
            core = engine.engine
            begun = await engine.start(pass_for(me))
            save = await engine.save(begun["token"], [[1, 1, [0]]])
            again = await engine.start(pass_for(me))
            open_standing = await engine.standing(pass_for(me))
            result = await engine.submit(begun["token"], right_answers(begun, sealed, 2))
            received = await engine.submit((await engine.start(pass_for(me, 2)))["token"], [])
            other = await engine.start(pass_for(me, 3))
            await engine.save(other["token"], responses(other))
            typed = await engine.start(pass_for(me, 3))
            await engine.submit(other["token"], [])
            answers = {
                "Started": [begun, again, typed],
                "Saved": [save],
                "Result": [result, received, orjson.loads(await core.result(pass_for(me), 1, now_ms))],
                "Standing": [open_standing, await engine.standing(pass_for(me))],
                "Reviewed": [await engine.review(begun["token"]), await engine.review(other["token"])],
                "Board": [await engine.board()],
                "Place": [orjson.loads(await core.place(1, me))],
                "Monitor": [orjson.loads(await core.monitor(1))],
                "Load": [orjson.loads(await core.load_answer())],
                "Health": [orjson.loads(core.health())],
            }
            for name, given in answers.items():
                for answer in given:
                    assert faults(answer, {"$ref": f"#/components/schemas/{name}"}, name) == []
            posts = {path for path, methods in OPENAPI["paths"].items() if "post" in methods}
            assert posts == set(EngineHttp(core)._posts)

    asyncio.run(scenario())


def test_openapi_leads_nowhere_that_is_not_there() -> None:
    def references(value: Any) -> list[str]:
        if isinstance(value, dict):
            return [value["$ref"]] if "$ref" in value else [r for one in value.values() for r in references(one)]
        return [r for one in value for r in references(one)] if isinstance(value, list) else []

    for reference in references(OPENAPI):
        _, kind, group, name = reference.split("/")
        assert name in OPENAPI[kind][group]


def test_every_refusal_has_a_status_and_stands_in_the_reference() -> None:
    page = (REFERENCE / "engine-api.md").read_text()
    assert set(HTTP_STATUS) == set(Code)
    assert [code for code in Code if f"| `{code.value}` | {HTTP_STATUS[code]} |" not in page] == []
    assert all(
        f"`{method} {path.partition('?')[0]}" in page
        for path in OPENAPI["paths"]
        for method in ("GET", "POST")
        if method.lower() in OPENAPI["paths"][path]
    )
