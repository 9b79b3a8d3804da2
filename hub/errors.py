"""The families of refusal. Each carries a message key and facts; only the doors know HTTP statuses.

A message key names a text in ``hub/i18n``; ``facts`` fill its placeholders and stand in logs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class HubError(Exception):
    """Something was refused, with the key of its sentence and the facts in it."""

    key = "error.unexpected"

    def __init__(self, *, faults: Sequence[Any] = (), **facts: Any) -> None:
        super().__init__(self.key, facts)
        self.facts = facts
        self.faults = tuple(faults)


class Malformed(HubError):
    """What was sent cannot be read at all."""

    key = "error.malformed"


class TooLarge(HubError):
    """What was sent is over a limit."""

    key = "error.too_large"


class Invalid(HubError):
    """What was sent can be read, but does not hold; ``faults`` says where."""

    key = "error.invalid"


class Unauthenticated(HubError):
    """Nobody, or nobody we know, is asking."""

    key = "error.unauthenticated"


class Forbidden(HubError):
    """The asker may know of the thing, but may not do this to it."""

    key = "error.forbidden"


class NotFound(HubError):
    """It is not there, or the asker may not know that it is.

    `kind` says what kind of thing was asked for (`hub.i18n.words`), `what` which one: only what the asker named.
    """

    key = "error.not_found"


class Gone(HubError):
    """It was here and was taken back."""

    key = "error.gone"


class Conflict(HubError):
    """The state of things forbids it now."""

    key = "error.conflict"


class Stale(HubError):
    """The sender's copy is older than ours (If-Match)."""

    key = "error.stale"


class Unconditional(HubError):
    """What several people change is changed only by those who say which state of it they know (If-Match)."""

    key = "error.if_match_needed"


class TooMany(HubError):
    """Too many reads or writes within a window, a minute or an hour; `seconds` says when to come back."""

    key = "error.too_many_requests"


class Unavailable(HubError):
    """The hub cannot write or read just now; try again."""

    key = "error.unavailable"
