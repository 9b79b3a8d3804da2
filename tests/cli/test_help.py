"""Whoever asks is told: every command, option and setting explains itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

import click
import pytest
from click.testing import CliRunner

from hub.cli import COMMANDS, main
from hub.config import Settings, read_settings


def walk(command: click.Command, context: click.Context, path: tuple[str, ...]) -> Iterator[tuple[str, click.Command]]:
    """A command and everything below it, each by its full name."""
    yield " ".join(path), command
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None, name
            yield from walk(below, click.Context(below, parent=context, info_name=name), (*path, name))


EVERY = dict(walk(main, click.Context(main, info_name="hub"), ("hub",)))


def test_every_command_of_the_contract_is_there() -> None:
    wanted = "init serve worker demo import publish verify check backup restore org outlet key"
    assert {f"hub {name}" for name in wanted.split()} <= EVERY.keys()
    assert {f"hub {name}" for name in COMMANDS} <= EVERY.keys()


@pytest.mark.parametrize("name", EVERY)
def test_every_command_and_every_option_has_a_help_text(name: str) -> None:
    command = EVERY[name]
    assert (command.help or "").strip().endswith((".", ":")), name
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert (parameter.help or "").strip(), f"{name} {parameter.opts}"


@pytest.mark.parametrize("name", EVERY)
def test_help_is_given_without_a_database(name: str) -> None:
    done = CliRunner().invoke(main, [*name.split()[1:], "--help"], env={"HUB_DATABASE_URL": "nonsense"})
    assert (done.exit_code, done.stderr) == (0, "")
    assert (EVERY[name].help or "").split()[0] in done.stdout


@pytest.mark.parametrize("name", [known.name for known in fields(Settings)])
def test_every_setting_has_a_help_text_and_can_be_set(name: str) -> None:
    (known,) = (known for known in fields(Settings) if known.name == name)
    assert known.metadata.get("help", "").strip(), name
    others = {"allow_networks": "::1/128", "smtp": "smtp://mail.example", "secret": "7" * 32}
    others["oidc_issuer"] = "https://id.example"
    value = {"base_url": "https://hub.example", "log_format": "json", **others}.get(name, "7")
    assert str(getattr(read_settings({f"HUB_{name.upper()}": value}), name)) == value
