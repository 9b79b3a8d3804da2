"""The public address that a data directory was set up or served under last, for commands that are not told it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from hub.models import Setting

NAME = "base_url"


def note(session: Session, base: str) -> None:
    """Remember the address that the hub is served under from now on."""
    if find(session) != base:
        session.merge(Setting(name=NAME, value=base))


def find(session: Session) -> str | None:
    """The address that was noted last."""
    row = session.get(Setting, NAME)
    return row.value if row else None
