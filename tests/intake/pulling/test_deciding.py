"""What is decided about feeds without any of them: intervals, bodies, external ids, and when two texts are one."""

from __future__ import annotations

import gzip
import zlib
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from feeds.parsed import ParsedCategory, ParsedEntry, ParsedLink
from hub.intake.likeness import telling_of
from hub.intake.pulling import bodies, faults, intervals, sameness
from hub.intake.pulling.mapping import Mapped, Owner, map_entry
from hub.intake.submissions import is_external_id

NOW = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
M, H, D = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
STORY = {
    "title": "Người giữ bến Đá Lau",
    "summary": "Ông Nguyễn Văn Biển lập trạm cứu hộ không thu tiền ở bến Đá Lau, năm năm giúp 137 lượt tàu.",
    "body": {
        "html": (
            "<p>Bốn giờ sáng, bến Đá Lau còn đẫm hơi sương. Ông Nguyễn Văn Biển đã có mặt, mở bộ đàm và "
            "ghi giờ rời bến của từng tàu vào cuốn sổ bìa xanh.</p><p>Từ năm 2021, ông cùng ba người thợ "
            "máy trong nghiệp đoàn lập trạm cứu hộ không thu tiền. Mỗi tàu báo giờ đi và giờ dự kiến về; "
            "tàu nào quá hai giờ chưa về thì trạm gọi bộ đàm, rồi cho thuyền ra tìm.</p><p>Đến nay trạm "
            "đã giúp 137 lượt tàu, kéo 42 tàu chết máy vào bờ và cứu chín người bị nạn. Bà con góp dầu, "
            "ai có máy cũ thì cho phụ tùng.</p>"
        )
    },
    "subject": {"type": "individual", "name": "Nguyễn Văn Biển"},
    "place": {"commune": "xã Bến Lau", "province": "tỉnh Hải Sơn"},
    "deed": "Lập và trực trạm cứu hộ.",
    "method": "Ghi sổ giờ rời bến; trực bộ đàm theo ca.",
}
LIKELY = {
    "rewritten by the paper": (
        "Trạm cứu hộ của người thợ máy. Ở xã Bến Lau, ai đi biển cũng biết ông Nguyễn Văn Biển. Từ năm "
        "2021, ông và ba người thợ máy dựng trạm cứu hộ không thu tiền. Cuốn sổ bìa xanh của ông ghi giờ "
        "rời bến của từng tàu; tàu nào về trễ quá hai giờ là ông gọi bộ đàm. Năm năm qua, 137 lượt tàu "
        "được giúp đỡ."
    ),
    "the paper's lead, as feeds carry it": (
        "Ông Biển và cuốn sổ bìa xanh. Năm năm nay, ông NGUYỄN VĂN BIỂN (xã Bến Lau) lặng lẽ trực bộ đàm,"
        " ghi giờ rời bến của từng con tàu."
    ),
    "rewritten without mercy": (
        "Giữ bình yên cho tàu cá. Không lương, không phụ cấp, ông Nguyễn Văn Biển vẫn thức từ bốn giờ "
        "sáng để canh bộ đàm ở bến Đá Lau. Trạm cứu hộ do ông lập ra đã kéo 42 tàu chết máy vào bờ, cứu "
        "chín người bị nạn trên biển."
    ),
    "copied, the name left out": (
        "Bốn giờ sáng, bến Đá Lau còn đẫm hơi sương. Mỗi tàu báo giờ đi và giờ dự kiến về; tàu nào quá "
        "hai giờ chưa về thì trạm gọi bộ đàm, rồi cho thuyền ra tìm. Đến nay trạm đã giúp 137 lượt tàu."
    ),
    "without a single tone mark": (
        "Ong Nguyen Van Bien lap tram cuu ho khong thu tien o ben Da Lau, nam nam giup 137 tau."
    ),
}
UNLIKELY = {
    "only the name": (
        "Trao giải cờ tướng huyện. Vận động viên Nguyễn Văn Biển, xã Bến Lau, giành giải nhất nội dung cá"
        " nhân nam tại giải cờ tướng mở rộng tổ chức ở nhà văn hóa tỉnh Hải Sơn ngày 20/11."
    ),
    "name and place": (
        "Ông Nguyễn Văn Biển trúng cử trưởng thôn. Chiều qua, cử tri thôn Đá Lau, xã Bến Lau, tỉnh Hải "
        "Sơn bầu ông Nguyễn Văn Biển làm trưởng thôn nhiệm kỳ mới với 98 phần trăm số phiếu."
    ),
    "a name in a list": (
        "Hội nghị biểu dương điển hình tiên tiến. Sáng 18/11, tỉnh Hải Sơn biểu dương 45 điển hình tiên "
        "tiến, trong đó có bà Lê Thị Mận, ông Trần Văn Sóng, ông Nguyễn Văn Biển và tập thể Hội Phụ nữ xã"
        " Gò Mận."
    ),
    "only the topic": (
        "Trạm cứu hộ trên biển hoạt động hiệu quả. Tỉnh có 12 trạm cứu hộ tàu cá, mỗi trạm trực bộ đàm "
        "ngày đêm. Sáu tháng đầu năm, các trạm đã giúp 300 lượt tàu gặp nạn, kéo tàu chết máy vào bờ an "
        "toàn."
    ),
    "the same deed of somebody else": (
        "Ông Trần Văn Sóng, xã Gò Mận, lập trạm cứu hộ không thu tiền từ năm 2019. Ông trực bộ đàm theo "
        "ca, ghi sổ tàu ra vào, giúp được hơn một trăm lượt tàu."
    ),
    "something else": ("Giá xăng dầu giảm từ 15 giờ chiều nay. Mỗi lít xăng E5 giảm 320 đồng."),
    "nothing": "",
}


@pytest.mark.parametrize("text", LIKELY.values(), ids=LIKELY)
def test_a_likely_use_is_asked_about(text: str) -> None:
    found = sameness.likely_use(sameness.said_in(text), telling_of(STORY))
    assert found is not None
    assert 0 < found <= 1


@pytest.mark.parametrize("text", UNLIKELY.values(), ids=UNLIKELY)
def test_nobody_is_asked_about_a_name_or_a_topic_alone(text: str) -> None:
    assert sameness.likely_use(sameness.said_in(text), telling_of(STORY)) is None


@pytest.mark.parametrize(
    ("text", "is_copy"),
    [
        (STORY["summary"], True),
        ("Người giữ bến Đá Lau", False),  # too short to tell
        (f"{STORY['title']}. {STORY['summary']} Xem tiếp tại trang của hội.", True),
        (LIKELY["rewritten by the paper"], False),
        (UNLIKELY["the same deed of somebody else"], False),
        ("Đá Lau", False),
        ("", False),
    ],
)
def test_a_copy_of_what_the_hub_put_out_is_known(text: str, is_copy: bool) -> None:
    assert sameness.is_copy(sameness.said_in(text), telling_of(STORY)) is is_copy


@pytest.mark.parametrize(
    ("said", "wait"),
    [
        ({"interval": H}, H),
        ({"interval": M}, 15 * M),
        ({"interval": H, "asked": 3 * H}, 3 * H),
        ({"interval": H, "asked": M}, H),
        ({"interval": H, "asked": 30 * D}, D),
        ({"interval": H, "chance": 1.0}, 66 * M),
        ({"interval": H, "failures": 1}, 2 * H),
        ({"interval": 15 * M, "failures": 3}, 2 * H),
        ({"interval": H, "failures": 99}, D),
        ({"interval": D, "failures": 3}, D),
        ({"interval": H, "failures": 1, "retry_after": 5 * H}, 5 * H),
        ({"interval": H, "retry_after": M}, H),
        ({"interval": H, "retry_after": 99 * D}, 7 * D),
    ],
)
def test_sources_are_read_politely(said: dict, wait: timedelta) -> None:
    assert intervals.next_poll(**{"now": NOW, "chance": 0.0, **said}) == NOW + wait


packed = partial(gzip.compress, mtime=0)  # equal bytes, so that tests have equal names
RAW = zlib.compressobj(wbits=-15)
DEFLATED = RAW.compress(b"<rss/>") + RAW.flush()


@pytest.mark.parametrize(
    ("body", "coding"),
    [
        (b"<rss/>", ""),
        (b"<rss/>", "identity"),
        (packed(b"<rss/>"), "gzip"),
        (packed(b"<rss/>"), "X-GZIP"),
        (packed(b"<rss/>") + b"tail", "gzip"),
        (zlib.compress(b"<rss/>"), "deflate"),
        (DEFLATED, "deflate"),
    ],
)
def test_one_layer_is_unpacked(body: bytes, coding: str) -> None:
    assert bodies.unpack(body, coding, max_bytes=6) == b"<rss/>"


@pytest.mark.parametrize(
    ("body", "coding", "fault"),
    [
        (b"<rss/> ", "", "too_large"),
        (packed(b"<rss/> "), "gzip", "too_large"),
        (b"no gzip", "gzip", "broken"),
        (packed(b"<rss/>")[:-9], "gzip", "broken"),
        (b"", "gzip", "broken"),
        (packed(packed(b"")), "gzip, gzip", "packed_twice"),
        (b"<rss/>", "zstd", "encoding"),
    ],
)
def test_nothing_else_is_unpacked(body: bytes, coding: str, fault: str) -> None:
    with pytest.raises(bodies.BadBody, match=fault):
        bodies.unpack(body, coding, max_bytes=6)
    assert faults.sentence(fault, "vi") != fault


@pytest.mark.parametrize(
    ("status", "word"),
    [(404, "missing"), (410, "gone"), (401, "refused"), (429, "busy"), (500, "server"), (204, "server")],
)
def test_statuses_have_words(status: int, word: str) -> None:
    assert faults.of_status(status) == word
    assert faults.sentence(word, "en") != faults.sentence(word, "vi")


def an_entry(**changes: object) -> ParsedEntry:
    said = {
        "id": "https://site.example/?p=1",
        "title": "Một",
        "links": (ParsedLink(rel="alternate", href="https://site.example/1"),),
        "published": NOW,
        "updated": None,
        "summary": "Tóm tắt.",
        "summary_html": "<p>Tóm tắt.</p>",
        "text": "Tóm tắt.",
        "content": "",
        "enclosures": (),
        "categories": (),
        "authors": (),
        **changes,
    }
    return ParsedEntry(**said)  # type: ignore[arg-type]


def mapped(entry: ParsedEntry, *, language: str = "", location: str = "https://site.example/rss") -> Mapped | None:
    return map_entry(entry, language=language, location=location, owner=Owner(name="Hội", kind=""), now=NOW)


def test_external_ids_are_stable_and_nobody_else_s() -> None:
    one, again = mapped(an_entry()), mapped(an_entry(title="Hai"), location="https://site.example/atom")
    assert one is not None
    assert again is not None
    assert one.external_id == again.external_id
    assert is_external_id(one.external_id)
    here, there = (mapped(an_entry(id="7"), location=f"https://{host}/rss") for host in ("a.example", "b.example"))
    assert here is not None
    assert there is not None
    assert here.external_id != there.external_id
    by_link = mapped(an_entry(id=""))
    assert by_link is not None
    assert by_link.guid == "https://site.example/1"


@pytest.mark.parametrize(
    "changes",
    [{"id": "", "links": ()}, {"title": "", "text": ""}, {"text": "\u200b"}],
    ids=["nothing to know it by", "no word", "nothing to see"],
)
def test_what_says_nothing_is_no_draft(changes: dict) -> None:
    assert mapped(an_entry(**changes)) is None


@pytest.mark.parametrize(
    ("changes", "field", "value"),
    [
        ({"title": "a " * 200}, "title", "a " * 98 + "a…"),
        ({"title": ""}, "title", "Tóm tắt."),
        ({"title": "Một\x07 hai\u202e"}, "title", "Một hai"),
        ({"summary": "Câu một. " * 200}, "summary", ("Câu một. " * 77).strip()),
        ({"summary": "không có câu nào " * 60}, "summary", None),
        ({"authors": ("admin", "a@b.example", "Phan Thị Hòa")}, "byline", {"name": "Phan Thị Hòa"}),
        ({"authors": ("admin",)}, "byline", None),
        ({"categories": (ParsedCategory(term="CHUYEN DOI SO"),)}, "topics", ["chuyen_doi_so"]),
        ({"categories": (ParsedCategory(term="Gương người tốt, việc tốt"),)}, "kind", "guong_nguoi_tot_viec_tot"),
        ({"categories": (ParsedCategory(term="Tin tức"),)}, "topics", None),
        ({"content": "<p>Toàn văn</p>"}, "body", {"html": "<p>Toàn văn</p>"}),
        ({"summary_html": "", "summary": "1 < 2"}, "body", {"html": "<p>1 &lt; 2</p>"}),
    ],
)
def test_a_draft_says_what_its_entry_says_and_no_more(changes: dict, field: str, value: object) -> None:
    found = mapped(an_entry(**changes))
    assert found is not None
    assert found.draft.get(field) == value


@pytest.mark.parametrize(
    ("said", "code"), [("", "vi"), ("vi-vn", "vi-VN"), ("EN_us", "en-US"), ("vi-Latn-VN", "vi"), ("tiếng Việt", "vi")]
)
def test_a_missing_or_odd_language_is_mended(said: str, code: str) -> None:
    found = mapped(an_entry(), language=said)
    assert found is not None
    assert found.draft["language"] == code
