"""The demo's broadcast: the station plans a live exchange, the unit confirms its guest, and the rundown stands."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from hub.demo.stories import DemoStory
from hub.demo.telling import RELEASED, Teller

OUTLET, CHANNEL = "tv", "tv/segment"
LIVE = "giao lưu trực tiếp"  # the purpose of a guest's window
SECONDS = 1500
CREW = [{"name": "Mai Thị Lụa", "role": "host"}, {"name": "Vi Văn Sơn", "role": "camera"}]
SEGMENTS = "/api/v1/segments"


def plan(teller: Teller) -> Mapping[str, Any]:
    """The segment with its rundown; one that was planned before is read again."""
    key = teller.cast.outlets[OUTLET]
    known = teller.call("GET", SEGMENTS, key)["items"]
    if known:
        return teller.call("GET", f"{SEGMENTS}/{known[0]['code']}", key)
    story, guest, window = _find_guest(teller)
    starts_at = datetime.fromisoformat(window["starts_at"]) + timedelta(minutes=30)
    card = story.story["interview"]
    order = {
        "title": card.get("title") or story.story["title"],
        "starts_at": starts_at.isoformat(),
        "planned_seconds": SECONDS,
        "place": window["place"],
        "crew": CREW,
    }
    path = f"{SEGMENTS}/{teller.call('POST', SEGMENTS, key, order)['code']}"
    story_id = teller.call("GET", f"/api/v1/stories/{story.id}", teller.cast.organizations[story.organization])["id"]
    asked = teller.call("POST", f"{path}/guests", key, {"story": story_id, "name": guest["name"]})
    booking = asked["guests"][-1]["id"]
    teller.call("POST", f"/api/v1/bookings/{booking}/confirm", teller.cast.organizations[story.organization], {})
    etag = teller.call("GET", path, key)["etag"]
    return teller.call("PUT", f"{path}/rundown", key, {"items": _items(card, story_id, booking)}, if_match=etag)


def _find_guest(teller: Teller) -> tuple[DemoStory, Mapping[str, Any], Mapping[str, str]]:
    """A guest of a released story who can come to the studio, and when."""
    for story in teller.stories():
        if CHANNEL not in story.channels or story.suggested_state not in RELEASED - {"scheduled"}:
            continue
        for guest in story.story.get("interview", {}).get("guests", ()):
            for window in guest.get("availability", ()):
                if window.get("purpose") == LIVE:
                    return story, guest, window
    raise LookupError("no story of the demo has a guest for the studio")


def _items(card: Mapping[str, Any], story_id: str, booking: int) -> list[dict[str, Any]]:
    """A running order from what the interview card suggests."""
    asked = card.get("suggested_questions", ())
    visuals = [{name: shown[name] for name in ("description", "seconds") if name in shown} for shown in card["visuals"]]
    return [
        {"kind": "lead_in", "title": "Lời dẫn", "planned_seconds": 45},
        {"kind": "film", "title": "Phóng sự", "planned_seconds": 180, "story": story_id, "visuals": visuals[:4]},
        {
            "kind": "talk",
            "title": "Trò chuyện với khách",
            "planned_seconds": 900,
            "story": story_id,
            "guests": [booking],
            "questions": [{"text": question, "answer_seconds": 90} for question in asked],
        },
        {"kind": "viewer_question", "title": "Khán giả hỏi", "planned_seconds": 300, "guests": [booking]},
        {"kind": "close", "title": "Lời chào", "planned_seconds": 60},
    ]
