"""Rundowns and name straps as CSV, JSON and DOCX, read back by csv, the schema and python-docx."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import docx
import jsonschema_rs
import orjson
import pytest
from docx.oxml.ns import qn

import schemas
from feeds import rundown, rundown_sheet
from feeds._docx import FONT_KINDS, SANS, SERIF
from feeds.document import Contact, Slot
from feeds.planning import (
    BookedGuest,
    BookingState,
    CrewMember,
    ItemKind,
    Question,
    Recurrence,
    Rundown,
    RundownItem,
    Segment,
    SegmentState,
    Visual,
)

AIR = datetime(2026, 10, 14, 12, 30, tzinfo=UTC)  # 19:30 in Việt Nam
MINUTE = timedelta(minutes=1)
MAN, SEN = "Lê Văn Mạn", "Phạm Thị Sen"

GUESTS = (
    BookedGuest(
        name=MAN, state=BookingState.CONFIRMED, role="người lái đò", name_strap="LÊ VĂN MẠN; Bến Lau, “lái đò”",
        pronunciation="Mạn (nặng)", story_id="st_1", contact=Contact(phone="+84 90 000 00 00"), travel="xe đón 17:00",
        availability=(Slot(starts_at=AIR - 60 * MINUTE, ends_at=AIR + 60 * MINUTE, place="Trường quay 2"),),
        access_needs="xe lăn", fallback=SEN, consented_topics=("tủ sách",), off_limits=("chuyện gia đình",),
    ),
    BookedGuest(name=SEN, state=BookingState.DECLINED, contact=Contact(phone="+84 91 000 00 00")),
)  # fmt: skip
ITEMS = (
    RundownItem(number=1, kind=ItemKind.FILM, title="Sáng ở bến", planned_seconds=120, real_seconds=135,
                starts_at=AIR, ends_at=AIR + timedelta(seconds=135), note="đổi băng\nnếu mưa",
                visuals=(Visual(description="Đò cập bến", url="https://tv.example/1.mp4", seconds=40, width=1920,
                                height=1080, codec="H.264", rights="Phát một lần", credit="Đài xã"),)),
    RundownItem(number=2, kind=ItemKind.TALK, title='=HYPERLINK("http://x.example")', planned_seconds=600,
                starts_at=AIR + timedelta(seconds=135), ends_at=AIR + timedelta(seconds=735), guests=(MAN,),
                questions=(Question(text="Vì sao ông bắt đầu?", answer_seconds=90), Question(text="Ai mượn nhiều?"))),
)  # fmt: skip
SEGMENT = Segment(
    uid="seg_1@hub.example", code="seg_1", sequence=2, title="Người đưa sách qua đò", state=SegmentState.CONFIRMED,
    starts_at=AIR, planned_seconds=900, created_at=AIR, updated_at=AIR, theme="Đọc sách", programme="Giao lưu",
    place="Trường quay 2", guests=GUESTS, rundown=Rundown(items=ITEMS, planned_seconds=720, over_seconds=-165),
    recording=Slot(starts_at=AIR - 1440 * MINUTE, ends_at=AIR - 1380 * MINUTE, place="Bến Lau"),
    crew=(CrewMember(name="Trịnh Bảo", role="host"),), notice="Khách dự phòng chưa trả lời", story_ids=("st_1",),
    recurrence=Recurrence(rule="FREQ=WEEKLY", excluded=(AIR + 7 * 1440 * MINUTE,)),
)  # fmt: skip


def _rows(body: bytes) -> list[dict[str, str]]:
    assert body.startswith(b"\xef\xbb\xbf")  # else Excel reads Vietnamese as another code page
    return list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline="")))


def test_a_rundown_as_csv_holds_every_item_with_its_running_clock():
    film, talk = _rows(rundown.render_csv(SEGMENT))
    assert (film["number"], film["kind"], film["title"], film["clock"]) == ("1", "film", "Sáng ở bến", "19:30:00")
    assert (film["planned_seconds"], film["real_seconds"], talk["real_seconds"]) == ("120", "135", "")
    assert film["visuals"] == "Đò cập bến (40 s, 1920×1080, H.264, Đài xã, https://tv.example/1.mp4)"
    assert (film["rights"], film["note"]) == ("Phát một lần", "đổi băng\nnếu mưa")
    assert (talk["clock"], talk["starts_at"]) == ("19:32:15", "2026-10-14T12:32:15.000000Z")
    assert (talk["guests"], talk["questions"]) == (MAN, "Vì sao ông bắt đầu? (90 s) | Ai mượn nhiều?")


@pytest.mark.parametrize("start", ["=1+1", "+84", "-2", "@SUM(1)", "\t=1", "＝1", "＠x"])
def test_a_spreadsheet_calculates_nothing_that_people_wrote(start):
    spoilt = replace(SEGMENT, guests=(replace(GUESTS[0], name=start, role=start),))
    (row,) = _rows(rundown.render_straps(spoilt))
    assert row["name"] == row["role"] == f"'{start}"
    assert _rows(rundown.render_csv(SEGMENT))[1]["title"] == '\'=HYPERLINK("http://x.example")'


def test_name_straps_are_of_those_who_come_and_say_where_they_are_seen():
    assert _rows(rundown.render_straps(SEGMENT)) == [
        {"name": MAN, "name_strap": "LÊ VĂN MẠN; Bến Lau, “lái đò”", "role": "người lái đò",
         "pronunciation": "Mạn (nặng)", "items": "2"}
    ]  # fmt: skip


def test_a_rundown_as_json_fits_its_schema_and_says_everything():
    told = orjson.loads(rundown.render_json(SEGMENT))
    validator = jsonschema_rs.validator_for(schemas.load("rundown-export.v1"), validate_formats=True)
    assert [str(error) for error in validator.iter_errors(told)] == []
    assert told["guests"][0]["contact"] == {"phone": "+84 90 000 00 00"}
    assert told["rundown"]["items"][1]["questions"][0] == {"text": "Vì sao ông bắt đầu?", "answer_seconds": 90}
    assert (told["rundown"]["over_seconds"], told["recurrence"]["rule"]) == (-165, "FREQ=WEEKLY")
    bare = replace(SEGMENT, guests=(), rundown=None, recurrence=None, theme="", place="")
    assert [str(error) for error in validator.iter_errors(orjson.loads(rundown.render_json(bare)))] == []
    assert list(validator.iter_errors({**told, "state": "perhaps"})) != []


def test_the_sheet_reads_back_with_guests_rundown_and_balance():
    read = docx.Document(io.BytesIO(rundown_sheet.render(SEGMENT, crew_roles={"host": "người dẫn"})))
    texts = [paragraph.text for paragraph in read.paragraphs]
    assert texts[:3] == ["Người đưa sách qua đò", "Giao lưu", "LƯU Ý: Khách dự phòng chưa trả lời"]
    assert "Phát sóng: 19:30 14/10/2026 (Asia/Ho_Chi_Minh)" in texts
    assert "Ghi hình: 19:30 13/10/2026 – 20:30 13/10/2026, Bến Lau" in texts
    assert "Trịnh Bảo, người dẫn" in texts
    assert "Dòng chữ chạy tên: LÊ VĂN MẠN; Bến Lau, “lái đò”" in texts
    assert "Liên hệ: +84 90 000 00 00" in texts
    assert "Không hỏi: chuyện gia đình" in texts
    assert f"{SEN} (từ chối)" in texts
    assert not any("+84 91" in text for text in texts)  # nobody is to call who is not coming
    assert texts[-1] == "Dự kiến: 12:00. Ngắn hơn dự kiến: 2:45"
    head, film, talk = [[cell.text for cell in row.cells] for row in read.tables[0].rows]
    assert head == ["Số", "Bắt đầu", "Loại", "Nội dung", "Khách mời", "Dự kiến", "Thực tế"]
    assert (film[1], film[2], film[5], film[6]) == ("19:30:00", "Phóng sự", "2:00", "2:15")
    assert "1920×1080; H.264; Bản quyền: Phát một lần" in film[3]
    assert talk[3].split("\n")[1:] == ["? Vì sao ông bắt đầu? (1:30)", "? Ai mượn nhiều?"]
    assert talk[4] == MAN


def test_the_sheet_of_an_english_channel_is_english_and_equal_segments_have_equal_bytes():
    sheet = rundown_sheet.render(SEGMENT, language="en")
    texts = [paragraph.text for paragraph in docx.Document(io.BytesIO(sheet)).paragraphs]
    assert "Off limits: chuyện gia đình" in texts
    assert sheet == rundown_sheet.render(replace(SEGMENT), language="en")


def test_the_sheet_lies_across_in_fonts_that_have_every_vietnamese_letter_and_repeats_its_head():
    read = docx.Document(io.BytesIO(rundown_sheet.render(SEGMENT)))
    section, table = read.sections[0], read.tables[0]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (297, 210)
    margins = section.left_margin.mm + section.right_margin.mm
    assert sum(rundown_sheet.WIDTHS_MM) == round(section.page_width.mm - margins)
    head, *rows = (row._tr.trPr for row in table.rows)
    assert head.find(qn("w:tblHeader")) is not None
    assert all(row.find(qn("w:cantSplit")) is not None for row in (head, *rows))
    fonts = [read.styles[style.name].element.rPr.rFonts for style in rundown_sheet.STYLES]
    assert {each.get(qn(slot)) for each in fonts for slot in FONT_KINDS} == {SANS, SERIF}
    assert read.core_properties.revision == SEGMENT.sequence
