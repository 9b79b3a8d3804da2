"""The demo's day: organizations push their stories over HTTP, the editor works through them, readers read back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import schemas
from feeds.parse import parse
from hub.demo.pictures import draw
from hub.demo.province import Cast
from hub.demo.stories import DemoStory, load_stories, with_uploads
from hub.publishing.documents import FORMATS

APPROVED = frozenset({"approved", "scheduled", "published", "published_with_correction"})
RELEASED = APPROVED - {"approved"}
SECONDS = 30


class DemoFailed(Exception):
    """The hub did not answer as the demo expects."""


@dataclass(frozen=True, slots=True)
class ReadBack:
    """One feed as a reader got it."""

    outlet: str
    channel: str
    audience: str
    format: str
    entries: int
    url: str
    media_type: str


@dataclass(frozen=True, slots=True)
class Teller:
    """Speaks HTTP to the hub at `base` for everybody of the cast."""

    base: str
    cast: Cast

    def stories(self) -> list[DemoStory]:
        """The stories of the demo's day."""
        return load_stories(self.cast.day)

    def tell(self, story: DemoStory) -> str:
        """Push a story with its organization's own key, and take it as far as it goes; returns its state."""
        key = self.cast.organizations[story.organization]
        known = self._find(key, story.id)
        if known is not None:
            return known
        document = with_uploads(story.story, {name: self._upload(key, name) for name in story.drawings})
        pushed = self._call("PUT", f"/api/v1/stories/{story.id}", key, document)
        if story.suggested_state not in APPROVED:
            return str(pushed["state"])
        order = {"channels": list(story.channels)} if story.suggested_state in RELEASED else {}
        answer = self._act(pushed["id"], "approve", **order)
        if story.correction is not None:
            corrected = {**document, **story.correction["fields"]}
            self._call("PUT", f"/api/v1/stories/{story.id}", key, corrected)
            self._act(pushed["id"], "approve")
            answer = self._act(pushed["id"], "release", public_note=story.correction["note"]["vi"])
        return str(answer["state"])

    def read_back(self) -> Iterator[ReadBack]:
        """Read every feed in every format as its readers do; raises DemoFailed for one that does not hold."""
        for outlet, channel, audience in self.cast.feeds:
            for form, renderer in FORMATS.items():
                url = f"{self.base}/feeds/{outlet}/{channel}.{form}"
                body = self._read(url, self.cast.outlets.get(outlet))
                feed = parse(body)
                if feed.format != form:
                    raise DemoFailed(f"{url} reads as {feed.format}")
                if form == "json":
                    _check_extension(url, json.loads(body))
                media_type = renderer.MEDIA_TYPE.partition(";")[0]
                yield ReadBack(outlet, channel, audience, form, len(feed.entries), url, media_type)

    def _find(self, key: str, story_id: str) -> str | None:
        try:
            return str(self._call("GET", f"/api/v1/stories/{story_id}", key)["state"])
        except HTTPError as exc:
            if exc.code != 404:
                raise
            return None

    def _act(self, story_id: str, act: str, **order: Any) -> Mapping[str, Any]:
        return self._call("POST", f"/api/v1/stories/{story_id}/acts", self.cast.editor, {"act": act, **order})

    def _upload(self, key: str, drawing: str) -> str:
        request = Request(f"{self.base}/api/v1/media", data=draw(drawing), method="POST")  # noqa: S310  our server
        request.add_header("Content-Type", "image/jpeg")
        return str(self._send(request, key)["id"])

    def _call(self, method: str, path: str, key: str, body: Any = None) -> Mapping[str, Any]:
        data = json.dumps(body).encode() if body is not None else None
        request = Request(self.base + path, data=data, method=method)  # noqa: S310  our own server's address
        request.add_header("Content-Type", "application/json")
        return self._send(request, key)

    def _send(self, request: Request, key: str) -> Mapping[str, Any]:
        request.add_header("Authorization", f"Bearer {key}")
        with urlopen(request, timeout=SECONDS) as answer:  # noqa: S310  our own server's address
            said: Mapping[str, Any] = json.load(answer)
            return said

    def _read(self, url: str, key: str | None) -> bytes:
        request = Request(url)  # noqa: S310  our own server's address
        if key:
            request.add_header("Authorization", f"Bearer {key}")
        with urlopen(request, timeout=SECONDS) as answer:  # noqa: S310
            body: bytes = answer.read()
            return body


def tell_all(teller: Teller, *, told: Callable[[DemoStory, str], None]) -> None:
    """Tell every story, some at a time; `told` hears of each in order."""
    stories = teller.stories()
    with ThreadPoolExecutor(max_workers=4) as pool:
        for story, state in zip(stories, pool.map(teller.tell, stories), strict=True):
            told(story, state)


def explain(error: HTTPError) -> str:
    """An HTTP refusal with the hub's own words."""
    try:
        problem = json.loads(error.read())
    except ValueError:
        return f"{error.url}: {error}"
    faults = "; ".join(f"{fault['pointer']}: {fault['detail']}" for fault in problem.get("errors", ()))
    return f"{error.url}: {error.code} {problem.get('detail', '')} {faults}"


def _check_extension(url: str, feed: Mapping[str, Any]) -> None:
    for item in feed["items"]:
        if faults := schemas.check("feed-entry.v1", item["_hub"]):
            raise DemoFailed(f"{url}: {item['id']}: {faults[0].pointer} {faults[0].sentence('en')}")
