"""What was shown before somebody agreed to it: a mark of it goes along, and only what it names is done."""

from __future__ import annotations

import hashlib

from hub.errors import Conflict


class PreviewMoved(Conflict):
    """What would follow is not what was shown, or nothing was shown yet."""

    key = "error.preview_moved"


def mark_of(*shown: object) -> str:
    """The mark of what is shown: values whose representation says all of them, as frozen dataclasses do."""
    return hashlib.sha256(repr(shown).encode()).hexdigest()[:32]


def check(mark: str, *follows: object) -> None:
    """Raise PreviewMoved where what would follow now has another mark than what was agreed to."""
    if mark != mark_of(*follows):
        raise PreviewMoved()
