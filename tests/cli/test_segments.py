"""`hub segment`: the operator sees what outlets plan, and never how to reach a guest."""

from __future__ import annotations

from hub.config import Settings
from tests.builders import World
from tests.cli.test_operating import run
from tests.outlets.planning.scenes import GUEST, Station, a_told_story, answer

PAST, AHEAD = "2020-12-01T08:30:00+07:00", "2090-12-01T08:30:00+07:00"  # whatever day it is today
LATER = "2090-12-02T08:30:00+07:00"


def test_segments_are_listed_shown_and_run_down(world: World, settings: Settings) -> None:
    tv, story = Station(world.tv), a_told_story(world)
    tv.plan(starts_at=PAST, title="Đã phát")
    segment = tv.plan(starts_at=AHEAD, place="Trường quay 2", crew=[{"name": "Mai Thị Lụa", "role": "host"}])
    booking = tv.book(segment, story)
    assert answer(world.fishers, booking).status_code == 200
    item = {"kind": "talk", "title": "Trò chuyện", "planned_seconds": 600, "guests": [booking["id"]]}
    tv.done(tv.change(segment, "/rundown", "PUT", items=[{**item, "title": "Dẫn", "guests": []}, item]))
    listed = run(settings, "segment", "list", "--all", "--outlet", "tv").stdout.splitlines()
    line = [segment["code"], "2090-12-01T08:30+07:00", "tv/segment", "planned", "1800", "Giao lưu"]
    assert [each.split("\t") for each in listed][1:] == [line]
    assert "Đã phát" not in run(settings, "segment", "list").stdout
    shown = run(settings, "segment", "show", segment["code"], LANG="vi_VN.UTF-8").stdout
    assert {f"Khách mời\t{GUEST}\tđã xác nhận\tnhân vật chính\t{GUEST}", "Ê-kíp\tMai Thị Lụa\tNgười dẫn"} <= {
        *shown.splitlines()
    }
    assert "0200 000 0999" not in shown
    rundown = run(settings, "segment", "rundown", segment["code"], LANG="vi_VN.UTF-8").stdout.splitlines()
    assert rundown == ["1\t08:30:00\t600\tGiao lưu\tDẫn\t-", f"2\t08:40:00\t600\tGiao lưu\tTrò chuyện\t{GUEST}"]
    assert run(settings, "segment", "show", "seg_nothing").exit_code == 1
    refused = tv.plan(starts_at=LATER)
    declined = answer(world.fishers, tv.book(refused, story), "decline", note="Đi khơi.")
    assert declined.status_code == 200
    for language, notice in {
        "vi_VN.UTF-8": f"Lưu ý\t{GUEST} không tham gia: đơn vị đã từ chối.",
        "en_US.UTF-8": f"Notice\t{GUEST} does not come: the unit has declined.",
    }.items():
        assert notice in run(settings, "segment", "show", refused["code"], LANG=language).stdout.splitlines()
