"""The command `hub`: thin commands, data on stdout, notes on stderr, non-zero exit on failure.

Commands import what they need when they run, so that a command that only starts others stays small.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

import click

COMMANDS = {
    "init": "setup",
    "serve": "serving",
    "worker": "serving",
    "demo": "demo",
    "import": "importing",
    "publish": "publishing",
    "verify": "operating",
    "check": "checking",
    "reindex": "reindexing",
    "backup": "operating",
    "restore": "operating",
    "org": "organizations",
    "user": "users",
    "outlet": "outlets",
    "agency": "outlets",
    "key": "keys",
    "person": "persons",
    "regulation": "regulation",
    "duties": "regulation",
    "pickup": "filings",
    "filing": "filings",
    "request": "requests",
    "segment": "segments",
    "report": "reports",
    "notice": "notices",
    "webhook": "webhooks",
    "websub": "websub",
    "signing": "signing",
    "source": "sources",
    "pull": "sources",
}


class LazyGroup(click.Group):
    """Finds a command's module by name when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; whoever breaks off at a question is answered in the language of the run."""
        try:
            return super().invoke(ctx)
        except click.Abort:
            from hub.cli.speech import _

            click.echo(err=True)
            fail(_("Nothing was changed."))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"hub.cli.{COMMANDS[cmd_name]}")
        command: click.Command = getattr(module, f"{cmd_name}_command")
        return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="story-hub")
@click.option("--data", metavar="DIR", help="Data directory; overrides HUB_DATA.")
@click.pass_context
def main(context: click.Context, data: str | None) -> None:
    """A content syndication hub: organizations push stories, an editor releases them, every outlet reads its feed."""
    context.obj = data


def fail(message: str, status: int = 1) -> None:
    """Say on stderr what went wrong and end."""
    click.echo(f"hub: {message}", err=True)
    sys.exit(status)
