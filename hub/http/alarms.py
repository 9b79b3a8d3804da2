"""``?alarms=MINUTES``: readers of a calendar are woken only when they ask for it."""

from __future__ import annotations

from flask import request

from feeds.calendar import MAX_ALARM_MINUTES
from hub.errors import Malformed

PARAMETER = "alarms"


class BadAlarm(Malformed):
    """`alarms` is no whole number of minutes, or over a week."""

    key = "error.bad_alarm"


def alarm_minutes() -> int | None:
    """How long before a broadcast the reader wants an alarm; None for none. Raises BadAlarm."""
    sent = request.args.get(PARAMETER)
    if sent is None:
        return None
    if not (sent.isascii() and sent.isdigit()) or len(sent) > 5 or int(sent) > MAX_ALARM_MINUTES:
        raise BadAlarm(sent=sent[:40], most=MAX_ALARM_MINUTES)
    return int(sent)
