"""What `create_app` built and every view needs, in one frozen value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from flask import current_app

from hub.clock import Clock
from hub.config import Settings
from hub.db import Database
from hub.http.marks import KeyMarks
from hub.intake.media_store import MediaStore
from hub.records.secret import Secret

EXTENSION = "hub"


@dataclass(frozen=True, slots=True)
class Services:
    """The application's parts."""

    settings: Settings
    database: Database
    clock: Clock
    store: MediaStore
    marks: KeyMarks
    secret: Secret


def services() -> Services:
    """The parts of the running application."""
    return cast("Services", current_app.extensions[EXTENSION])
