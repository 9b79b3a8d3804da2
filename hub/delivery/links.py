"""Where letters and webhooks lead: the one place that decides it.

Letters are read by people, and an address of the API would show them 401 and JSON. So as long as there are no desks, a
letter names its story and leads only to what anybody can open; `for_people` is what the desks change.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.delivery.recipients import PUBLIC, WITHDRAWN, Kind
from hub.models import Channel, Entry

CHOICES = "/api/v1/me/notices"  # the call by which somebody changes what they are told
DOCS = "/api/docs"  # the page that explains it


def for_people(session: Session, facts: Mapping[str, Any]) -> str:
    """The path of a page about an event's story; empty where there is none that its reader can open."""
    shown = (
        select(Entry.id)
        .join(Channel, Channel.id == Entry.channel_id)
        .where(Entry.story_id == facts.get("story"), Entry.listed.is_(True), Entry.state != WITHDRAWN)
        .where(Channel.audience == PUBLIC)
    )
    return f"/stories/{facts['story']}" if session.scalar(shown.limit(1)) is not None else ""


def for_machines(facts: Mapping[str, Any]) -> str:
    """The path at which a program reads on: bookings for units, segments for outlets; the request, the story, or the
    duties.
    """
    if facts.get("booking"):
        theirs = facts["kind"] in (Kind.BOOKED, Kind.FREED)
        return "/api/v1/bookings" if theirs else f"/api/v1/segments/{facts['segment']}"
    if facts.get("request"):
        return f"/api/v1/requests/{facts['request']}"
    return f"/api/v1/stories/{facts['story']}" if facts.get("story") else "/api/v1/duties"
