"""A run's settings, and the environment that hands them to a child. Imports nothing large: `serve` stays small."""

from __future__ import annotations

import os
from pathlib import Path

import click

from hub.cli import fail
from hub.cli.speech import _
from hub.config import BadSetting, Settings, read_settings


def settings_of(context: click.Context, **chosen: object) -> Settings:
    """The settings of this run; a fault ends it with status 2."""
    data = context.find_root().obj
    try:
        return read_settings(os.environ, **{"data": Path(data) if data else None, **chosen})
    except BadSetting as exc:
        fail(_(exc.text, **exc.facts), 2)
        raise


def check_single_sign_on(settings: Settings) -> None:
    """End the run with status 2 where people are to sign in by another house, and could not."""
    try:
        settings.check_single_sign_on()
    except BadSetting as exc:
        fail(_(exc.text, **exc.facts), 2)


def environment_of(settings: Settings) -> dict[str, str]:
    """The environment that gives a child process these settings."""
    return {
        **os.environ,
        "HUB_DATA": str(settings.data),
        "HUB_DATABASE_URL": settings.database_url,
        "HUB_BASE_URL": settings.base,
        "HUB_HOST": settings.host,
        "HUB_PORT": str(settings.port),
        "HUB_LOG_FORMAT": settings.log_format,
    }
