"""The `tradeshall` command."""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any

import click

COMMANDS = {
    "init": "keep:init",
    "serve": "serve:serve",
    "serve-web": "serve:serve_web",
    "serve-engine": "serve:serve_engine",
    "migrate": "keep:migrate",
    "import-units": "imports:import_units",
    "import-roster": "imports:import_roster",
    "import-items": "imports:import_items",
    "export-items": "imports:export_items",
    "grant-role": "people:grant_role",
    "publish-round": "rounds:publish_round",
    "close-round": "rounds:close_round",
    "export-results": "rounds:export_results",
    "verify": "verify:verify",
    "rescore-round": "rounds:rescore_round",
    "analyse-round": "rounds:analyse_round",
    "issue-passes": "rounds:issue_passes",
    "rehearse": "rehearse:rehearse",
    "metrics-token": "rehearse:metrics_token",
    "backup": "keep:backup",
    "restore": "keep:restore",
    "check": "keep:check",
}
"""Each command and where it stands: loaded when it is used, so that help is quick."""


class LazyGroup(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command: Any = getattr(import_module(f"tradeshall.config.cli.{module}"), name)
        assert isinstance(command, click.Command)
        return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="tradeshall", message="Tradeshall %(version)s")
@click.option(
    "--data",
    envvar="DATA",
    default="data",
    show_default=True,
    type=click.Path(file_okay=False),
    help="Folder in which all state lives.",
)
def main(data: str) -> None:
    """Tradeshall: the trades hall of a union federation, in software.

    Commands act as the operator of this machine, and the journal says so.
    """
    os.umask(0o027)  # databases, exports and reports are nobody else's on this machine
    os.environ["DATA"] = os.path.abspath(data)
    os.environ.setdefault(
        "DJANGO_SETTINGS_MODULE",
        "tradeshall.config.settings.scale"
        if os.environ.get("TRADESHALL_DATABASE")
        else "tradeshall.config.settings.embedded",
    )


if __name__ == "__main__":
    main()
