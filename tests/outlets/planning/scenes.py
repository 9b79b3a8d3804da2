"""A television station at work: orders over HTTP, as its producers and the units of its guests send them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from werkzeug.test import TestResponse

from tests.builders import INTERVIEW, Client, World, a_story

SEGMENTS = "/api/v1/segments"
AIR = datetime.fromisoformat("2026-12-01T08:30:00+07:00")  # within the availability of the builders' guest
GUEST = "Nguyễn Văn Biển"


def at(days: float = 0, *, minutes: int = 0) -> str:
    """An instant so long after the usual air time."""
    return (AIR + timedelta(days=days, minutes=minutes)).isoformat()


def a_card(*names: str) -> dict[str, Any]:
    """An interview card with these guests."""
    guests = [{"name": name, "role": "khách mời", "contact": {"phone": "0200 000 0111"}} for name in names]
    return {**INTERVIEW, "guests": guests, "off_limits": ["chuyện riêng"]}


@dataclass
class Station:
    """Somebody who plans broadcasts for an outlet."""

    client: Client

    def plan(self, **changes: Any) -> dict[str, Any]:
        """Plan a broadcast of half an hour; returns it."""
        order = {"title": "Giao lưu", "starts_at": at(), "planned_seconds": 1800, **changes}
        return self.done(self.client.ask("POST", SEGMENTS, body=order), 201)

    def ask(self, segment: Mapping[str, Any], story: str | None = None, name: str = GUEST, **more: Any) -> TestResponse:
        """Ask a guest to a segment."""
        order = {"name": name, **({"story": story} if story else {}), **more}
        return self.client.ask("POST", f"{SEGMENTS}/{segment['code']}/guests", body=order)

    def book(
        self, segment: Mapping[str, Any], story: str | None = None, name: str = GUEST, **more: Any
    ) -> dict[str, Any]:
        """Ask a guest who can come; returns the booking."""
        found: dict[str, Any] = self.done(self.ask(segment, story, name, **more), 201)["guests"][-1]
        return found

    def change(self, segment: Mapping[str, Any], path: str = "", method: str = "PATCH", **order: Any) -> TestResponse:
        """Change a segment as it is now, or what belongs to it."""
        now = self.read(segment)
        return self.client.ask(
            method, f"{SEGMENTS}/{segment['code']}{path}", body=order, headers={"If-Match": now["etag"]}
        )

    def bring(self, segment: Mapping[str, Any], state: str, **more: Any) -> TestResponse:
        """Bring a segment to another state."""
        return self.client.ask("POST", f"{SEGMENTS}/{segment['code']}/state", body={"state": state, **more})

    def read(self, segment: Mapping[str, Any]) -> dict[str, Any]:
        """A segment as it is now."""
        return self.done(self.client.get(f"{SEGMENTS}/{segment['code']}"))

    def done(self, answer: TestResponse, status: int = 200) -> dict[str, Any]:
        """The body of an answer that is as it should be."""
        assert answer.status_code == status, answer.text
        body: dict[str, Any] = answer.json
        return body


def answer(client: Client, booking: Mapping[str, Any], said: str = "confirm", **more: Any) -> TestResponse:
    """What a unit says to a booking."""
    return client.ask("POST", f"/api/v1/bookings/{booking['id']}/{said}", body=more)


def a_told_story(world: World, *names: str, external_id: str = "one", scopes: list[str] | None = None) -> str:
    """A released story with these guests on its card; returns its id."""
    story = a_story(interview=a_card(*names)) if names else a_story()
    if scopes is not None:
        story["consent"] = {**story["consent"], "scopes": scopes}
    return world.release(story, external_id=external_id)
