"""A segment's rundown and name straps over HTTP: the outlet's own, in three forms, contacts journalled."""

from __future__ import annotations

import csv
import io

import docx
import jsonschema_rs

import schemas
from hub.db import Database
from tests.api.test_pickups import rows_of
from tests.builders import World
from tests.outlets.planning.scenes import GUEST, Station, a_told_story, answer
from tests.outlets.planning.test_week import ITEMS

PHONE = "0200 000 0111"


def test_an_outlet_takes_its_rundown_and_straps_as_files_and_nobody_else_does(world: World, database: Database) -> None:
    tv, story = Station(world.tv), a_told_story(world, GUEST)
    segment = tv.plan()
    booking = tv.book(segment, story, name_strap="NGUYỄN VĂN BIỂN")
    assert answer(world.fishers, booking).status_code == 200
    tv.done(tv.change(segment, "/rundown", "PUT", items=ITEMS))
    name, path = segment["code"], f"/api/v1/segments/{segment['code']}"
    before = len(rows_of(database, "contacts_read"))

    sheet = world.tv.get(f"{path}/rundown.docx")
    assert sheet.headers["Content-Disposition"] == f'attachment; filename="{name}.docx"'
    assert sheet.headers["Cache-Control"] == "no-store"
    texts = [paragraph.text for paragraph in docx.Document(io.BytesIO(sheet.data)).paragraphs]
    assert "Dòng chữ chạy tên: NGUYỄN VĂN BIỂN" in texts
    assert f"Liên hệ: {PHONE}" in texts

    told = world.tv.get(f"{path}/rundown.json").json
    jsonschema_rs.validate(schemas.load("rundown-export.v1"), told)
    assert (told["code"], told["guests"][0]["contact"]) == (name, {"phone": PHONE})
    assert [row["segment"] for row in rows_of(database, "contacts_read")[before:]] == [name, name]

    items, straps = (
        list(csv.DictReader(io.StringIO(world.tv.get(f"{path}/{file}").data.decode("utf-8-sig"), newline="")))
        for file in ("rundown.csv", "straps.csv")
    )
    assert [(item["kind"], item["title"]) for item in items] == [(item["kind"], item["title"]) for item in ITEMS]
    assert [strap["name_strap"] for strap in straps] == ["NGUYỄN VĂN BIỂN"]
    assert len(rows_of(database, "contacts_read")) == before + 2  # neither table tells how to reach anybody

    for file in ("rundown.docx", "rundown.csv", "rundown.json", "straps.csv"):
        statuses = [
            client.get(f"{path}/{file}").status_code for client in (world.newspaper, world.fishers, world.reader)
        ]
        assert statuses == [404, 403, 401], file
    assert world.tv.get("/api/v1/segments/seg_none/rundown.csv").status_code == 404
    assert world.tv.get(f"{path}/rundown.exe").status_code == 404


def test_a_fall_back_who_comes_is_on_every_file_and_whoever_declined_on_none(world: World) -> None:
    tv, story = Station(world.tv), a_told_story(world, GUEST, "Lò Thị Hạnh")
    segment = tv.plan()
    main = tv.book(segment, story)
    spare = tv.book(segment, story, "Lò Thị Hạnh", fallback_for=main["id"], name_strap="LÒ THỊ HẠNH")
    talk = [{**item, "guests": [main["id"], spare["id"]]} if item["kind"] == "talk" else item for item in ITEMS]
    tv.done(tv.change(segment, "/rundown", "PUT", items=talk))
    path = f"/api/v1/segments/{segment['code']}"

    def straps() -> list[tuple[str, str]]:
        text = world.tv.get(f"{path}/straps.csv").data.decode("utf-8-sig")
        return [(row["name_strap"], row["items"]) for row in csv.DictReader(io.StringIO(text, newline=""))]

    assert straps() == [(GUEST, "2"), ("LÒ THỊ HẠNH", "2")]
    assert answer(world.fishers, main, "decline").status_code == 200
    assert answer(world.fishers, spare).status_code == 200
    assert straps() == [("LÒ THỊ HẠNH", "2")]
    told = world.tv.get(f"{path}/rundown.json").json
    jsonschema_rs.validate(schemas.load("rundown-export.v1"), told)
    assert told["rundown"]["items"][1]["guests"] == ["Lò Thị Hạnh"]
    assert tv.read(segment)["rundown"]["items"][1]["guests"] == [spare["id"]]
    assert [(guest["name"], guest["state"], guest.get("fallback_for")) for guest in told["guests"]] == [
        (GUEST, "declined", None),
        ("Lò Thị Hạnh", "confirmed", GUEST),
    ]
    assert ["contact" in guest for guest in told["guests"]] == [False, True]
    sheet = docx.Document(io.BytesIO(world.tv.get(f"{path}/rundown.docx").data))
    headings = [paragraph.text for paragraph in sheet.paragraphs]
    assert "Lò Thị Hạnh (đã xác nhận, Khách dự phòng)" in headings
