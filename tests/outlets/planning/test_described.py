"""What the planning's calls answer is what the API's description says of them, refusals among it."""

from __future__ import annotations

from typing import Any

from flask import Flask

from tests.api.test_openapi import Described
from tests.builders import Client, World
from tests.outlets.planning.scenes import GUEST, SEGMENTS, Station, a_told_story, at

PROGRAMMES, BOOKINGS = "/api/v1/programmes", "/api/v1/bookings"
ONE, PROGRAMME = f"{SEGMENTS}/{{segment_code}}", f"{PROGRAMMES}/{{programme_code}}"
ITEM = {
    "kind": "talk",
    "title": "Trò chuyện",
    "planned_seconds": 600,
    "note": "Ghế trái",
    "questions": [{"text": "Ông bắt đầu từ đâu?", "answer_seconds": 60}],
    "visuals": [{"description": "Bến", "url": "https://kho.example/ben.mxf", "width": 1920, "height": 1080}],
}


def test_the_calls_answer_as_described(world: World, app: Flask) -> None:
    described = Described(app.test_client().get("/api/v1/openapi.json").json)
    tv, story = Station(world.tv), a_told_story(world)

    def ask(method: str, path: str, body: Any = None, *, by: Client = world.tv, known: str = "", **names: Any) -> Any:
        where = path
        for name, value in names.items():
            where = where.replace(f"{{{name}}}", str(value))
        headers = {"If-Match": known} if known else {}
        return described.check(by.ask(method, where, body=body, headers=headers), method, path)

    weekly = {"title": "Hằng tuần", "rule": "FREQ=WEEKLY", "starts_at": at(), "planned_seconds": 1800}
    programme = ask("POST", PROGRAMMES, weekly)
    code = programme["code"]
    ask("POST", PROGRAMMES, {**weekly, "rule": "FREQ=SECONDLY"})
    recording = {"starts_at": at(-1), "ends_at": at(-1, minutes=60)}
    own = {"programme": code, "recurrence_id": at(), "transmission": "recorded", "recording": recording}
    crew = [{"name": "Mai Thị Lụa", "role": "host"}]
    segment = ask("POST", SEGMENTS, {**own, "crew": crew})
    ask("POST", SEGMENTS, own)
    here = {"segment_code": segment["code"]}
    asked = ask("POST", f"{ONE}/guests", {"story": story, "name": GUEST, "topics": ["nghề biển"]}, **here)
    number = asked["guests"][0]["id"]
    ask("POST", f"{ONE}/guests", {"story": story, "name": GUEST}, **here)
    ask("POST", f"{ONE}/guests", {"story": story, "name": "Ai Đó"}, **here)
    spare = ask("POST", f"{ONE}/guests", {"name": "Bà Thao", "fallback_for": number}, **here)["guests"][1]["id"]
    item = {**ITEM, "guests": [number], "story": story}
    etag = ask("PUT", f"{ONE}/rundown", {"items": [item]}, known=asked["etag"], **here)
    etag = tv.read(segment)["etag"]
    ask("PUT", f"{ONE}/rundown", {"items": [item]}, known=etag, **here)
    steps = f"{ONE}/rundown/steps"
    etag = tv.read(segment)["etag"]
    ask("POST", steps, {"step": {"do": "insert", "number": 1, "item": ITEM}}, known=etag, **here)
    ask("POST", steps, {"step": {"do": "remove", "number": 9}}, known=tv.read(segment)["etag"], **here)
    one = f"{ONE}/guests/{{booking_id}}"
    ask("PATCH", one, {"name_strap": "Ông Biển"}, known=tv.read(segment)["etag"], booking_id=number, **here)
    ask("GET", BOOKINGS, by=world.fishers)
    ask("POST", f"{BOOKINGS}/{{booking_id}}/{{said}}", {}, by=world.fishers, booking_id=number, said="confirm")
    ask("POST", f"{BOOKINGS}/{{booking_id}}/{{said}}", {}, by=world.fishers, booking_id=number, said="decline")
    ask("POST", f"{BOOKINGS}/{{booking_id}}/{{said}}", {}, by=world.women, booking_id=number, said="confirm")
    ask("POST", f"{one}/swap", booking_id=number, **here)
    ask("POST", f"{one}/swap", booking_id=spare, **here)
    ask("DELETE", one, booking_id=spare, **here)
    ask("PATCH", ONE, {"title": "Tên khác"}, **here)
    ask("PATCH", ONE, {"title": "Tên khác"}, known=etag, **here)
    ask("PATCH", ONE, {"title": "Tên khác"}, known=tv.read(segment)["etag"], **here)
    ask("GET", ONE, **here)
    ask("GET", ONE, by=world.newspaper, **here)
    ask("GET", SEGMENTS)
    ask("POST", f"{ONE}/state", {"state": "aired"}, **here)
    ask("POST", f"{ONE}/state", {"state": "cancelled"}, **here)
    ask("GET", PROGRAMMES)
    ask("GET", PROGRAMME, programme_code=code)
    ask("PATCH", PROGRAMME, {"rule": "FREQ=MONTHLY"}, known=programme["etag"], programme_code=code)
    ask("PATCH", PROGRAMME, {"cancelled": True}, known=programme["etag"], programme_code=code)
