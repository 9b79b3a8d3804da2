"""The demo's stories and province, read from the package. Days count from the day of loading: nothing goes stale.

In stories.json `"today+9"` is a day, `"today+9 04:00"` an hour of it in Vietnam, `"year-13"` a year. Plain dates and
years told in prose are history and stay. A picture names its `drawing` until an upload takes that place.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, timezone
from importlib import resources
from typing import Any

VIETNAM = timezone(timedelta(hours=7))

_DAY = re.compile(r"today([+-]\d+)(?: (\d\d:\d\d))?")
_YEAR = re.compile(r"year([+-]\d+)")


@dataclass(frozen=True, kw_only=True, slots=True)
class DemoStory:
    """One story document (shape of story.v1, without `state`) and what the demo does with it."""

    id: str  # the organization's own id: "demo-001"
    organization: str  # code of who submits it
    story: dict[str, Any]
    suggested_state: str  # how far the demo takes it: submitted, in_review, approved, scheduled, published …
    channels: tuple[str, ...]  # "newspaper/column", …
    correction: dict[str, Any] | None  # {"fields": top-level fields to replace, "note": {"vi", "en"}}
    drawings: tuple[str, ...]  # names for pictures.draw(), in the order of `media`
    submitted_by: dict[str, str]  # name, role, organization, submitted_at
    late_since_days: int = 0  # its unit has not looked at it for so long
    withdraws: tuple[str, ...] = ()  # scopes of consent that somebody takes back after the release
    returned: dict[str, Any] | None = None  # how its unit returns it: {"note", "faults"}


def load_stories(today: date, uploads: Mapping[str, str] | None = None) -> list[DemoStory]:
    """The twelve stories as of `today`.

    `uploads` maps drawings to upload ids (`med_…`); the documents are submissions only with it. Without it pictures
    keep their `drawing`: upload what `DemoStory.drawings` names, then call with_uploads().
    Raises KeyError when `uploads` lacks a drawing.
    """
    stories = [_story(_dated(entry, today)) for entry in _read("stories.json")]
    if uploads is None:
        return stories
    return [replace(story, story=with_uploads(story.story, uploads)) for story in stories]


def load_province() -> dict[str, Any]:
    """The province: `organizations` (parents before children), `outlets` (shape of outlet.v1), `editor`."""
    province: dict[str, Any] = _read("province.json")
    return province


def with_uploads(story: Mapping[str, Any], uploads: Mapping[str, str]) -> dict[str, Any]:
    """A copy of the document whose pictures name their upload instead of their drawing."""
    return {**story, "media": [_uploaded(item, uploads) for item in story.get("media", [])]}


def _read(name: str) -> Any:
    return json.loads(resources.files(__package__ or "hub.demo").joinpath(name).read_text(encoding="utf-8"))


def _story(entry: dict[str, Any]) -> DemoStory:
    demo = entry["demo"]
    return DemoStory(
        id=entry["id"],
        organization=entry["organization"],
        story=entry["story"],
        suggested_state=demo["suggested_state"],
        channels=tuple(demo["channels"]),
        correction=demo.get("correction"),
        drawings=tuple(_drawings(entry["story"])),
        submitted_by=demo["submitted_by"],
        late_since_days=demo.get("late_since_days", 0),
        withdraws=tuple(demo.get("withdraws", ())),
        returned=demo.get("return"),
    )


def _drawings(story: Mapping[str, Any]) -> Iterator[str]:
    return (item["drawing"] for item in story["media"] if "drawing" in item)


def _uploaded(item: Mapping[str, Any], uploads: Mapping[str, str]) -> dict[str, Any]:
    if "drawing" not in item:
        return dict(item)
    rest = {key: value for key, value in item.items() if key != "drawing"}
    return {**rest, "upload": uploads[item["drawing"]]}


def _dated(node: Any, today: date) -> Any:
    """`node` with every relative day, hour and year told as of `today`."""
    if isinstance(node, dict):
        return {key: _dated(value, today) for key, value in node.items()}
    if isinstance(node, list):
        return [_dated(value, today) for value in node]
    if not isinstance(node, str):
        return node
    if year := _YEAR.fullmatch(node):
        return today.year + int(year[1])
    if day := _DAY.fullmatch(node):
        then = today + timedelta(days=int(day[1]))
        return datetime.combine(then, time.fromisoformat(day[2]), VIETNAM).isoformat() if day[2] else then.isoformat()
    return node
