"""Moved to hub.actors."""

from hub.actors import *  # noqa: F403
