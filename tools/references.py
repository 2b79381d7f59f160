"""Write the reference pages that are read off the code: permissions, events, the command.

python tools/references.py write|check
"""

from __future__ import annotations

import dataclasses
import os
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).parents[1]
REFERENCE = ROOT / "docs" / "reference"
GENERATED = "<!-- written by tools/references.py; change the code, then run it again -->\n"


def permissions_page() -> str:
    from tradeshall.core.authority import Role, declared

    roles = list(Role)
    lines = [
        "# Permissions",
        "",
        "What each role may do. A role is held in a unit and reaches everything beneath it; the role of member",
        "follows from a membership and reaches that one unit.",
        "",
        "| permission | " + " | ".join(role.value.replace("_", " ") for role in roles) + " |",
        "|---|" + ":-:|" * len(roles),
    ]
    for code, granted in sorted(declared().items()):
        lines.append(f"| `{code}` | " + " | ".join("●" if role in granted else "" for role in roles) + " |")
    return "\n".join(lines) + "\n"


def events_page() -> str:
    from tradeshall.journal import events

    lines = [
        "# Events",
        "",
        "What apps tell each other, after the change has been committed. Each is written in its action's",
        "transaction, dispatched at least once, and its receivers bear being called twice.",
        "",
        "| event | carries | when |",
        "|---|---|---|",
    ]
    for name, cls in sorted(events.registered().items()):
        fields = ", ".join(f"`{field.name}`" for field in dataclasses.fields(cls))  # type: ignore[arg-type]
        when = (cls.__doc__ or "").split("\n")[0]
        lines.append(f"| `{name}` | {fields} | {when} |")
    return "\n".join(lines) + "\n"


def cli_page() -> str:
    import click

    from tradeshall.config.cli.main import main as command

    lines = [
        "# The `tradeshall` command",
        "",
        "Honours `DATA`, the folder in which all state lives. Commands act as `operator`, and the journal says so.",
        "`tradeshall COMMAND --help` says the same as this page.",
    ]
    with click.Context(command, info_name="tradeshall", terminal_width=100, max_content_width=100) as parent:
        for name in command.list_commands(parent):
            one = command.get_command(parent, name)
            assert one is not None
            with click.Context(one, parent=parent, info_name=name) as context:
                lines += ["", f"## {name}", "", "```text", one.get_help(context), "```"]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def pages() -> Iterator[tuple[Path, str]]:
    yield REFERENCE / "permissions.md", GENERATED + permissions_page()
    yield REFERENCE / "events.md", GENERATED + events_page()
    yield REFERENCE / "cli.md", GENERATED + cli_page()


def main(command: str) -> int:
    sys.path.insert(0, str(ROOT / "src"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tradeshall.config.settings.test")
    import_module("django").setup()
    stale = 0
    for path, text in pages():
        if path.exists() and path.read_text() == text:
            continue
        stale += 1
        if command == "write":
            path.write_text(text)
            print(f"written: {path.relative_to(ROOT)}")
        else:
            print(f"stale: {path.relative_to(ROOT)}; run tools/references.py write")
    return stale if command == "check" else 0


if __name__ == "__main__":
    if sys.argv[1:] not in (["write"], ["check"]):
        raise SystemExit(__doc__)
    raise SystemExit(main(sys.argv[1]))
