"""The demo's day: organizations push their stories over HTTP, the editor works through them, readers read back."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import schemas
from feeds.parse import parse
from hub import i18n
from hub.demo.pictures import draw
from hub.demo.province import Cast
from hub.demo.stories import DemoStory, load_stories, with_uploads
from hub.i18n import words
from hub.publishing.documents import FORMATS

APPROVED = frozenset({"approved", "scheduled", "published", "published_with_correction"})
RELEASED = APPROVED - {"approved"}
SECONDS = 30
POLL_SECONDS = 0.2


def _(text: str) -> str:
    """Marks a text for the catalogues."""
    return text


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
    language: str = "vi"

    def say(self, text: str, **facts: Any) -> str:
        """An English text in the language of the run."""
        return i18n.sentence(text, self.language, **facts)

    def minute(self, at: str) -> str:
        """An instant of an answer by the clocks of Việt Nam."""
        return words.format_instant(datetime.fromisoformat(at), self.language)

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
        pushed = self.call("PUT", f"/api/v1/stories/{story.id}", key, document)
        if story.returned is not None:
            confirmer = self.cast.people.confirmers[story.organization]
            return str(self._act(pushed["id"], "return", by=confirmer, **story.returned)["state"])
        state = self._climb(pushed, story)
        if story.suggested_state not in APPROVED:
            return state
        self._verify(pushed["id"], document)
        order: dict[str, Any] = {"channels": list(story.channels)} if story.suggested_state in RELEASED else {}
        answer = self._act(pushed["id"], "approve", **order)
        if story.correction is not None:
            corrected = {**document, **story.correction["fields"]}
            self.call("PUT", f"/api/v1/stories/{story.id}", key, corrected)
            self._verify(pushed["id"], corrected)  # a claim in other words is another claim
            self._act(pushed["id"], "approve")
            why = story.correction["note"]["vi"]
            notes = [{"pointer": f"/{name}", "reason": why} for name in story.correction["fields"]]
            answer = self._act(pushed["id"], "release", public_note=why, changes=notes)
        if story.withdraws:
            self._withdraw_consent(pushed["id"], key, story.withdraws)
        return str(answer["state"])

    def list_late(self) -> list[Mapping[str, Any]]:
        """What units owe and have not done in time, as the desk sees it; waits until the worker has looked."""
        ends = time.monotonic() + SECONDS
        while True:
            late: list[Mapping[str, Any]] = self.call("GET", "/api/v1/duties?state=late", self.cast.editor)["items"]
            if late or time.monotonic() > ends:
                return late
            time.sleep(POLL_SECONDS)

    def list_acts(self, story: DemoStory) -> list[Mapping[str, Any]]:
        """Everything that was done to a story, oldest first."""
        key = self.cast.organizations[story.organization]
        acts: list[Mapping[str, Any]] = self.call("GET", f"/api/v1/stories/{story.id}/acts", key)["items"]
        return acts

    def list_receipts(self, outlet: str) -> list[Mapping[str, Any]]:
        """What an outlet is asked to confirm that it has taken back."""
        receipts: list[Mapping[str, Any]] = self.call("GET", "/api/v1/receipts", self.cast.outlets[outlet])["items"]
        return receipts

    def tell_uses(self) -> list[Mapping[str, Any]]:
        """Let newspaper and station tell what they did with stories that stand released, once; returns what stands.

        The newest first, as the desk reads them, each with the `title` of its story.
        """
        if not self.call("GET", "/api/v1/pickups", self.cast.editor)["items"]:
            for outlet, said in self._uses():
                self.call("POST", "/api/v1/pickups", self.cast.outlets[outlet], said)
        told = self.call("GET", "/api/v1/pickups", self.cast.editor)["items"]
        titles = {each["id"]: each["title"] for each in self.call("GET", "/api/v1/stories", self.cast.editor)["items"]}
        stands = (each for each in told if each["state"] == "filed" and each["replaced_by"] is None)
        return [{**each, "title": titles.get(each["story"]) or each["story"]} for each in stands]

    def _uses(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """What each outlet does with the stories of its channel that stand there, in their order."""
        today = self.cast.day.isoformat()
        ways: Mapping[str, Sequence[dict[str, Any]]] = {
            "newspaper": (
                {"use": "printed", "used_on": today, "place": "Số 3127, trang 5", "words": 640},
                {"use": "published", "used_on": today, "url": "https://bao-hai-son.example/nguoi-tot-viec-tot/2"},
                {"use": "declined", "reason": "Đã có bài cùng địa bàn trong tuần."},
            ),
            "tv": ({"use": "planned", "place": "Giao lưu tối thứ sáu", "time": "19:45", "duration_seconds": 900},),
        }
        for outlet, said in ways.items():
            channels = [f"{outlet}/{channel}" for code, channel, _ in self.cast.feeds if code == outlet]
            here = [story for story in self.stories() if self._stands_in(story, channels)]
            for story, use in zip(here, said, strict=False):
                key = self.cast.organizations[story.organization]
                yield outlet, {"story": self.call("GET", f"/api/v1/stories/{story.id}", key)["id"], **use}

    def _stands_in(self, story: DemoStory, channels: Sequence[str]) -> bool:
        return story.suggested_state.startswith("published") and not set(channels).isdisjoint(story.channels)

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
            return str(self.call("GET", f"/api/v1/stories/{story_id}", key)["state"])
        except HTTPError as exc:
            if exc.code != 404:
                raise
            return None

    def _verify(self, story_id: str, document: Mapping[str, Any]) -> None:
        """Somebody of the desk holds each claim against its source."""
        if document.get("claims"):
            self._act(story_id, "verify_claim", claims=list(range(len(document["claims"]))))

    def _climb(self, pushed: Mapping[str, Any], story: DemoStory) -> str:
        """Let each level of the chain confirm a story: its unit, then the organization of the province above it."""
        state, line = str(pushed["state"]), self.cast.line_of(story.organization)
        while state == "confirming":
            step = self.call("GET", f"/api/v1/stories/{story.id}", self.cast.organizations[story.organization])["step"]
            confirmer = self.cast.people.confirmers[line[0] if step == "unit" else line[-1]]
            state = str(self._act(pushed["id"], "confirm", by=confirmer)["state"])
        return state

    def _withdraw_consent(self, story_id: str, key: str, scopes: Sequence[str]) -> None:
        """Somebody takes scopes of their consent back: what they opened leaves every feed at once."""
        for person in self.call("GET", f"/api/v1/persons?story={story_id}", key)["items"]:
            order = {"act": "withdraw", "story": story_id, "scopes": list(scopes)}
            self.call("POST", f"/api/v1/persons/{person['id']}/acts", self.cast.editor, order)

    def _act(self, story_id: str, act: str, *, by: str = "", **order: Any) -> Mapping[str, Any]:
        return self.call("POST", f"/api/v1/stories/{story_id}/acts", by or self.cast.editor, {"act": act, **order})

    def _upload(self, key: str, drawing: str) -> str:
        request = Request(f"{self.base}/api/v1/media", data=draw(drawing), method="POST")  # noqa: S310  our server
        request.add_header("Content-Type", "image/jpeg")
        return str(self._send(request, key)["id"])

    def call(self, method: str, path: str, key: str, body: Any = None, *, if_match: str = "") -> Mapping[str, Any]:
        """One call of the API with somebody's key; raises HTTPError for a refusal."""
        data = json.dumps(body).encode() if body is not None else None
        request = Request(self.base + path, data=data, method=method)  # noqa: S310  our own server's address
        request.add_header("Content-Type", "application/json")
        if if_match:
            request.add_header("If-Match", if_match)
        return self._send(request, key)

    def _send(self, request: Request, key: str) -> Mapping[str, Any]:
        request.add_header("Authorization", f"Bearer {key}")
        request.add_header("Accept-Language", self.language)
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


def at_work_of(teller: Teller) -> Iterator[tuple[str, str]]:
    """What the demo shows of the regulation: a chain, a late unit, a return, a consent withdrawn after release."""
    say = teller.say
    stories = {story.id: story for story in teller.stories()}
    chain = next(story for story in stories.values() if story.suggested_state == "published")
    steps = [
        say(_("%(act)s (clause %(clause)s)"), act=say(words.ACTS.get(act["act"], act["act"])), clause=act["clause"])
        for act in teller.list_acts(chain)
    ]
    yield say(_("chain of %(story)s"), story=chain.id), " → ".join(steps)
    for duty in teller.list_late():
        owner, due = duty["owner"]["code"], teller.minute(duty["due_at"])
        told = say(
            _("%(owner)s: clause %(clause)s, due %(due)s"), owner=owner, clause=duty["clause"]["number"], due=due
        )
        yield say(words.STATES["late"]), told
    for story in stories.values():
        if story.returned is not None:
            for fault in (act for act in teller.list_acts(story) if act["act"] == "return"):
                hints = "; ".join(
                    f"{schemas.title_of(one['pointer'], teller.language)}: {one['label']}" for one in fault["faults"]
                )
                told = say(_("clause %(clause)s: %(hints)s"), clause=fault["clause"], hints=hints)
                yield say(_("return of %(story)s"), story=story.id), told
        if story.withdraws:
            yield say(_("consent of %(story)s"), story=story.id), _asked(teller, story)


def _asked(teller: Teller, story: DemoStory) -> str:
    """Which scopes were withdrawn, and until when the newspaper is asked to say that it took them out."""
    key = teller.cast.organizations[story.organization]
    story_id = teller.call("GET", f"/api/v1/stories/{story.id}", key)["id"]
    places = [
        teller.say(
            _("%(channels)s until %(due)s"), channels=", ".join(one["channels"]), due=teller.minute(one["due_at"])
        )
        for one in teller.list_receipts("newspaper")
        if one["story"] == story_id
    ]
    told = _("withdrawn after release: %(scopes)s; asked: %(places)s")
    known = schemas.vocabulary("consent_scopes")
    named = "; ".join(known.label(scope, teller.language) for scope in story.withdraws)
    return teller.say(told, scopes=named, places="; ".join(places))
