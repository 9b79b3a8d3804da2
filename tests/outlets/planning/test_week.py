"""A television week: a programme with an exception, a broadcast moved, a guest swapped, one cancelled, one aired."""

from __future__ import annotations

from datetime import timedelta

import icalendar

from feeds import calendar
from hub.clock import FixedClock, local_day
from hub.db import Database
from hub.models import Outbox
from hub.outlets import catalog
from hub.outlets.planning import reading
from tests.builders import World
from tests.outlets.planning.scenes import AIR, GUEST, SEGMENTS, Station, a_told_story, answer, at

OTHER = "Lò Thị Hạnh"
PROGRAMMES = "/api/v1/programmes"
ITEMS = [
    {
        "kind": "film",
        "title": "Bến lúc bình minh",
        "planned_seconds": 90,
        "visuals": [
            {
                "description": "Thuyền về bến",
                "url": "https://kho.example/ben.mxf",
                "seconds": 20,
                "width": 1920,
                "height": 1080,
                "codec": "XDCAM",
                "rights": "dùng một lần",
                "credit": "Đài Hải Sơn",
            }
        ],
    },
    {
        "kind": "talk",
        "title": "Trò chuyện",
        "planned_seconds": 900,
        "questions": [{"text": "Ông bắt đầu từ đâu?", "answer_seconds": 60}],
    },
    {"kind": "viewer_question", "title": "Khán giả hỏi", "planned_seconds": 300},
    {"kind": "close", "title": "Chào", "planned_seconds": 30},
]


def test_a_television_week(world: World, database: Database, clock: FixedClock) -> None:
    tv, story = Station(world.tv), a_told_story(world, GUEST, OTHER)
    weekly = tv.done(
        world.tv.ask(
            "POST",
            PROGRAMMES,
            body={
                "title": "Người tốt quanh ta",
                "rule": "FREQ=WEEKLY;BYDAY=TU",
                "starts_at": at(),
                "planned_seconds": 1500,
            },
        ),
        201,
    )
    path = f"{PROGRAMMES}/{weekly['code']}"

    # the exception: no broadcast on the third Tuesday
    changed = world.tv.ask("PATCH", path, body={"excluded": [at(14)]}, headers={"If-Match": weekly["etag"]})
    starts = [each["starts_at"] for each in tv.done(changed)["next"]]
    assert starts[:3] == ["2026-12-01T01:30:00Z", "2026-12-08T01:30:00Z", "2026-12-22T01:30:00Z"]
    assert changed.json["sequence"] == weekly["sequence"] + 1

    # an occurrence with guests of its own: the main one declines, and the fall-back comes
    tuesday = tv.done(
        world.tv.ask("POST", SEGMENTS, body={"programme": weekly["code"], "recurrence_id": at(), "theme": "Giữ bến"}),
        201,
    )
    assert (tuesday["uid"], tuesday["title"], tuesday["planned_seconds"]) == (weekly["uid"], weekly["title"], 1500)
    main = tv.book(tuesday, story)
    spare = tv.book(tuesday, story, OTHER, fallback_for=main["id"])
    talk = [{**item, "guests": [main["id"]]} if item["kind"] == "talk" else item for item in ITEMS]
    tv.done(tv.change(tuesday, "/rundown", "PUT", items=talk))
    assert answer(world.fishers, main, "decline", note="Ông Biển đi khơi.").json["booking_state"] == "declined"
    assert tv.read(tuesday)["notice"] == f"{GUEST} không tham gia: đơn vị đã từ chối."
    assert tv.read(tuesday)["rundown"]["items"][1]["guests"] == []
    swapped = tv.done(world.tv.ask("POST", f"{SEGMENTS}/{tuesday['code']}/guests/{main['id']}/swap"))
    assert [(guest["id"], guest["booking_state"]) for guest in swapped["guests"]] == [
        (main["id"], "released"),
        (spare["id"], "optioned"),
    ]
    assert answer(world.fishers, spare).json["booking_state"] == "confirmed"

    # it is moved by an hour, and whoever had agreed is asked again
    moved = tv.done(tv.change(tuesday, starts_at=at(minutes=60)))
    (guest,) = [each for each in moved["guests"] if each["id"] == spare["id"]]
    assert (guest["booking_state"], guest["slot"]["starts_at"]) == ("optioned", "2026-12-01T02:30:00Z")
    assert OTHER in moved["notice"]
    assert answer(world.fishers, spare).json["booking_state"] == "confirmed"
    assert tv.done(tv.change(tuesday, notice_seen=True))["notice"] == ""

    # another one is cancelled, and its guest is free
    saturday = tv.plan(starts_at=at(4), crew=[{"name": "Mai Thị Lụa", "role": "host"}])
    freed = tv.book(saturday, story)
    cancelled = tv.done(tv.bring(saturday, "cancelled"))
    assert (cancelled["state"], cancelled["guests"][0]["booking_state"]) == ("cancelled", "released")
    assert tv.bring(saturday, "planned").status_code == 409
    assert answer(world.fishers, freed).status_code == 409

    # on air: what the items really took shifts those that follow
    tv.done(tv.bring(tuesday, "confirmed"))
    assert tv.bring(tuesday, "aired").json["type"].endswith("segment_to_come")
    clock.at = AIR + timedelta(hours=1)
    tv.done(tv.bring(tuesday, "aired"))
    tv.done(tv.change(tuesday, "/rundown/steps", "POST", step={"do": "time", "number": 1, "real_seconds": 105}))
    aired = tv.done(tv.change(tuesday, "/rundown/steps", "POST", step={"do": "move", "number": 3, "to": 2}))
    assert [(item["kind"], item["starts_at"][14:19]) for item in aired["rundown"]["items"]] == [
        ("film", "30:00"),
        ("viewer_question", "31:45"),
        ("talk", "36:45"),
        ("close", "51:45"),
    ]
    assert (aired["rundown"]["planned_seconds"], aired["rundown"]["over_seconds"]) == (1320, -165)

    # what calendars, running orders and the unit read of the week
    with database.reading() as session:
        channel = next(each for each in catalog.list_open(session) if each.profile == "segment")
        since = clock.now() - reading.KEPT
        told = reading.list_documents(
            session,
            channel.id,
            since=since,
            with_contacts=False,
            address="https://hub.example{}".format,
        )
        today = local_day(clock.now())
        unit = reading.list_for_unit(session, 2, on=today, since=since, address="https://hub.example{}".format)
        kinds = [row.payload["kind"] for row in session.query(Outbox).order_by(Outbox.id) if row.kind == "notice"]
    assert [(each.code, each.recurrence_id is not None, each.state) for each in told] == [
        (weekly["code"], False, "confirmed"),
        (tuesday["code"], True, "aired"),
        (saturday["code"], False, "cancelled"),
    ]
    assert told[0].recurrence is not None
    assert told[1].uid == told[0].uid
    assert [guest.contact for guest in told[1].guests] == [None]
    assert [each.name for each in told[1].guests] == [OTHER]
    assert told[1].rundown is not None
    assert [item.guests for item in told[1].rundown.items][2] == (OTHER,)
    assert {(each.code, guest.name, guest.state) for each in unit for guest in each.guests} == {
        (tuesday["code"], GUEST, "released"),
        (tuesday["code"], OTHER, "confirmed"),
        (saturday["code"], GUEST, "released"),
    }
    assert all(each.rundown is None and not each.crew for each in unit)
    assert [kind for kind in kinds if kind in ("booked", "replied", "freed")] == [
        *("booked", "booked", "replied", "replied"),
        *("booked", "replied", "booked", "freed"),
    ]


def test_what_was_cancelled_stays_in_sight_for_thirty_days(world: World, database: Database, clock: FixedClock) -> None:
    tv = Station(world.tv)
    gone = tv.plan()
    tv.done(tv.bring(gone, "cancelled"))
    last = AIR + timedelta(seconds=1800) + reading.KEPT

    def is_told(now_is: timedelta) -> bool:
        with database.reading() as session:
            (channel,) = [each for each in catalog.list_open(session) if each.profile == "segment"]
            since = last + now_is - reading.KEPT
            return bool(reading.list_documents(session, channel.id, since=since, with_contacts=True, address=str))

    assert is_told(timedelta())
    assert not is_told(timedelta(seconds=1))


def test_a_programme_ends_with_all_that_is_still_ahead_of_it(world: World) -> None:
    tv = Station(world.tv)
    order = {"title": "Hằng tuần", "rule": "FREQ=WEEKLY", "starts_at": at(), "planned_seconds": 600}
    weekly = tv.done(world.tv.ask("POST", PROGRAMMES, body=order), 201)
    path = f"{PROGRAMMES}/{weekly['code']}"
    own = {"programme": weekly["code"], "recurrence_id": at(7)}
    second = tv.done(world.tv.ask("POST", SEGMENTS, body=own), 201)
    again = world.tv.ask("POST", SEGMENTS, body=own)
    assert (again.status_code, again.json["segment"]) == (409, second["code"])
    assert world.tv.ask("POST", SEGMENTS, body={**own, "recurrence_id": at(8)}).status_code == 422
    for change in ({"rule": "FREQ=MONTHLY"}, {"excluded": [at(7)]}, {"starts_at": at(1)}):
        refused = world.tv.ask("PATCH", path, body=change, headers={"If-Match": weekly["etag"]})
        assert (refused.status_code, refused.json["segment"]) == (409, second["code"]), change
    assert world.tv.ask("PATCH", path, body={"title": "X"}).status_code == 428
    ended = tv.done(world.tv.ask("PATCH", path, body={"cancelled": True}, headers={"If-Match": weekly["etag"]}))
    assert (ended["state"], ended["next"]) == ("cancelled", [])
    assert tv.read(second)["state"] == "cancelled"


def test_an_occurrence_out_of_sight_does_not_come_back_as_the_rule_gives_it(world: World, database: Database) -> None:
    tv = Station(world.tv)
    order = {"title": "Hằng tuần", "rule": "FREQ=WEEKLY", "starts_at": at(), "planned_seconds": 600}
    weekly = tv.done(world.tv.ask("POST", PROGRAMMES, body=order), 201)
    _, moved, cancelled, still_told = (
        tv.done(world.tv.ask("POST", SEGMENTS, body={"programme": weekly["code"], "recurrence_id": at(days)}), 201)
        for days in (0, 7, 14, 70)
    )
    tv.done(tv.change(moved, starts_at=at(8)))
    for segment in (cancelled, still_told):
        tv.done(tv.bring(segment, "cancelled"))
    since = AIR + timedelta(days=60)
    with database.reading() as session:
        (channel,) = [each for each in catalog.list_open(session) if each.profile == "segment"]
        told = reading.list_documents(session, channel.id, since=since, with_contacts=False, address=str)
    assert [each.code for each in told] == [weekly["code"], still_told["code"]]
    assert told[0].recurrence is not None
    assert told[0].recurrence.excluded == (AIR + timedelta(days=7), AIR + timedelta(days=14))
    starts = icalendar.Calendar.from_ical(calendar.render("Lịch", told)).walk("VEVENT")[0]["EXDATE"].dts
    assert [each.dt for each in starts] == list(told[0].recurrence.excluded)


def test_what_is_live_again_is_recorded_no_more(world: World) -> None:
    tv = Station(world.tv)
    segment = tv.plan(transmission="recorded", recording={"starts_at": at(-2), "ends_at": at(-2, minutes=60)})
    assert segment["recording"] == {"starts_at": "2026-11-29T01:30:00Z", "ends_at": "2026-11-29T02:30:00Z"}
    assert tv.done(tv.change(segment, transmission="live"))["recording"] is None
    told = world.tv.get("/feeds/tv/segment.ics").get_data(as_text=True)
    assert "trực tiếp" in told
    assert "Ghi hình" not in told
