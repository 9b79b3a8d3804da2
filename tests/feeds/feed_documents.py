"""Builders of feed documents: small ones that say what matters, and one entry in which every field is set."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

from feeds.document import (
    Category,
    Claim,
    Contact,
    Correction,
    Entry,
    Feed,
    Footage,
    Guest,
    Interview,
    Link,
    Metric,
    Pack,
    Person,
    Picture,
    Place,
    Rendition,
    Slot,
    Status,
    Story,
    Subject,
    Supplier,
    Tombstone,
    Unit,
    Visual,
    Words,
)

BASE = "https://hub.example"
NOON = datetime(2025, 10, 14, 5, 0, 0, 123456, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
TOPICS = f"{BASE}/vocabularies/topics"
FORMATS = {
    "rss": "application/rss+xml",
    "atom": "application/atom+xml",
    "json": "application/feed+json",
    "ninjs": "application/json",
}
OF_AN_ARCHIVE = {  # what differs in the head of a page of the archive (RFC 5005)
    "is_archive": True,
    "links": tuple(
        Link(rel=rel, href=f"https://hub.example/feeds/newspaper/column/archive/{number}")
        for number, rel in enumerate(("current", "prev-archive", "next-archive"))
    ),
}
PARAGRAPH = (
    "<p>Bốn giờ sáng, bến Đá Lau còn đẫm hơi sương. Trong căn lán lợp tôn cạnh cầu cảng, ông Trần Bá Khơi đã ngồi "
    "bên chiếc bộ đàm, tay lật cuốn sổ bìa xanh ghi giờ rời bến của từng tàu. “Tàu nào đi mấy ngày, máy móc ra sao, "
    "trên tàu có mấy anh em, tôi phải nắm được”, ông nói.</p>\n"
)


def an_id(number: int) -> str:
    return uuid.uuid5(uuid.NAMESPACE_URL, f"{BASE}/entries/{number}").urn


def a_feed(extension: str = "rss", **changes: Any) -> Feed:
    address = f"{BASE}/feeds/newspaper/column"
    others = {name: kind for name, kind in FORMATS.items() if name != extension}
    fields: dict[str, Any] = {
        "id": "urn:uuid:5f0c3f0e-3f0d-4b53-9f6e-0d6b1f7f3a11",
        "title": "Chuyên mục “Gương người tốt, việc tốt”",
        "subtitle": "Những việc làm đáng học ở cơ sở",
        "self_url": f"{address}.{extension}",
        "home_url": address,
        "updated": NOON,
        "author": Person(name="Ban Tuyên giáo Tỉnh ủy"),
        "rights": "© 2025 Trung tâm nội dung",
        "icon": f"{BASE}/static/icon.png",
        "alternates": tuple(
            Link(rel="alternate", href=f"{address}.{name}", media_type=kind, title=name.upper())
            for name, kind in others.items()
        ),
        "links": (
            Link(rel="hub", href=f"{BASE}/websub"),
            Link(rel="next", href=f"{address}.{extension}?before=1&size=50", media_type=FORMATS[extension]),
        ),
    }
    return Feed(**{**fields, **changes})


def an_entry(number: int = 1, **changes: Any) -> Entry:
    fields: dict[str, Any] = {
        "id": an_id(number),
        "story_id": f"st_{number:026d}",
        "version": 1,
        "number": number,
        "status": Status.RELEASED,
        "title": f"Người thợ máy giữ lửa cho “trạm cứu hộ 0 đồng” số {number}",
        "url": f"{BASE}/feeds/newspaper/column/{number}",
        "published": NOON,
        "updated": NOON + number * MINUTE,
        "summary": "Gần chín năm nay, hễ có tàu hỏng máy ngoài khơi là ngư dân lại gọi ông Trần Bá Khơi.",
        "content": PARAGRAPH,
        "authors": (Person(name="Phan Thị Diệu Hòa"),),
    }
    return Entry(**{**fields, **changes})


def a_picture(number: int = 1, *, sizes: tuple[int, ...] = (1600, 800, 320), **changes: Any) -> Picture:
    fields: dict[str, Any] = {
        "renditions": tuple(
            Rendition(
                url=f"{BASE}/media/pic{number}/{width}",
                width=width,
                height=width * 2 // 3,
                length=width * 150,
                media_type="image/jpeg",
            )
            for width in sizes
        ),
        "alt": f"Người đàn ông đội mũ vải cúi xuống khoang máy, ảnh {number}.",
        "caption": "Ông Trần Bá Khơi kiểm tra máy tàu tại bến Đá Lau.",
        "credit": "Nghiệp đoàn nghề cá xã Bến Lau",
        "rights": "Được dùng kèm tên tác giả",
        "upload": f"med_{number:022d}",
    }
    return Picture(**{**fields, **changes})


def a_story(**changes: Any) -> Story:
    """A story with every field of every part set."""
    contact = Contact(name="Đỗ Văn An", phone="+84 90 000 00 00", email="an@hub.example", address="12 Trần Phú")
    slot = Slot(starts_at=NOON + 60 * MINUTE, ends_at=NOON + 120 * MINUTE, place="Bến Đá Lau", purpose="Ghi hình")
    guest = Guest(
        name="Trần Bá Khơi",
        role="nhân vật",
        position="thợ máy tàu cá",
        notes="Nói chậm, nghe máy trợ thính bên trái",
        contact=contact,
        availability=(slot,),
        off_limits=("chuyện gia đình",),
    )
    second = Guest(name="Phan Thị Diệu Hòa", role="cán bộ", position="Chủ tịch nghiệp đoàn")
    fields: dict[str, Any] = {
        "kind": "guong_nguoi_tot_viec_tot",
        "stage": "proven",
        "standfirst": "Ở bến Đá Lau, một người thợ máy trực bộ đàm suốt chín năm để không con tàu nào phải đợi.",
        "subject": Subject(
            type="individual",
            name="Trần Bá Khơi",
            role="thợ máy tàu cá",
            unit="Tổ cứu hộ số 2",
            birth_year=1974,
            gender="nam",
            member_count=1,
            priority_groups=("nhan_dan_lao_dong", "cuu_chien_binh"),
            hazardous_work=True,
        ),
        "unit": Unit(name="Nghiệp đoàn nghề cá xã Bến Lau", kind="cong_doan", level="grassroots"),
        "place": Place(commune="xã Bến Lau", province="tỉnh Hải Sơn", detail="cầu cảng số 3"),
        "movement": "Ngư dân đoàn kết, vươn khơi an toàn",
        "deed": "Lập và trực trạm cứu hộ, sửa máy tàu cá miễn phí tại bến.",
        "method": "Ghi sổ giờ rời bến; trực bộ đàm theo ca; phiếu “sức khỏe máy” cho từng tàu.",
        "result": "137 lượt tàu được hỗ trợ; số vụ hỏng máy giảm từ 19 còn 3.",
        "metrics": (
            Metric(label="Lượt tàu được hỗ trợ", value=137, unit="lượt", before=0, period="12/2017 – 9/2025"),
            Metric(label="Giờ trực", value=12.5, unit="giờ/ngày", period="2025"),
            Metric(label="Vụ hỏng máy phải thả trôi", value=3, unit="vụ", before=19),
        ),
        "lesson": "Phải có người trực trên bờ, có sổ sách và đồ nghề để sẵn trước khi sự cố xảy ra.",
        "occurred_from": date(2017, 12, 10),
        "occurred_to": date(2025, 9, 30),
        "claims": (
            Claim(text="137 lượt tàu được hỗ trợ", source="Sổ sự cố 2018 – 2025, tr. 12", source_kind="so_sach"),
            Claim(text="14 thanh niên được truyền nghề", source="Xác nhận của nghiệp đoàn", source_kind="xac_nhan"),
        ),
        "spokesperson": Person(name="Lê Thị Hạnh", role="phát ngôn", organization="Hội", email="hanh@hub.example"),
        "spokesperson_contact": Contact(
            name="Lê Thị Hạnh", phone="+84 91 000 00 00", email="h@hub.example", address="5"
        ),
        "interview": Interview(
            title="Người trực trên bờ",
            format="đối thoại trực tiếp",
            duration_minutes=15,
            guests=(guest, second),
            suggested_questions=("Vì sao ông bắt đầu?", "Điều gì khó nhất?", "Nơi khác làm theo được không?"),
            visuals=(Visual(description="Căn lán lúc bốn giờ sáng", seconds=20), Visual(description="Sổ bìa xanh")),
            slots=(slot,),
            off_limits=("thu nhập",),
            notes_for_crew="Sóng điện thoại yếu, mang bộ đàm.",
            contact=contact,
        ),
        "footage": (
            Footage(
                url=f"{BASE}/footage/1.mp4",
                duration_seconds=48,
                codec="H.264",
                rights="Phát một lần",
                caption="Trực bộ đàm đêm biển động",
                alt="Căn lán nhỏ, đèn vàng",
                credit="Đài xã",
            ),
        ),
        "short_body": "<p>Bản ngắn cho bản tin.</p>",
        "embargo_until": NOON - 60 * MINUTE,
        "urgency": 5,
    }
    return Story(**{**fields, **changes})


def a_full_entry(number: int = 1, **changes: Any) -> Entry:
    fields: dict[str, Any] = {
        "version": 3,
        "status": Status.CORRECTED,
        "content": PARAGRAPH * 9,
        "authors": (
            Person(name="Phan Thị Diệu Hòa", role="Chủ tịch", organization="Nghiệp đoàn", email="hoa@hub.example"),
            Person(name="Lê Văn Bảy"),
        ),
        "categories": (
            Category(term="tuong_than_tuong_ai", scheme=TOPICS, label="Tương thân, tương ái"),
            Category(term="bien_dao", scheme=TOPICS, label="Biển, đảo"),
        ),
        "pictures": (a_picture(number * 2), a_picture(number * 2 + 1, sizes=(1200,))),
        "correction": "Sửa năm thành lập trạm.",
        "corrected": Correction(severity="minor", replaces=2, at=NOON + MINUTE),
        "suppliers": (Supplier(name="Nghiệp đoàn nghề cá xã Bến Lau"), Supplier(name="Hội Phụ nữ xã Bến Lau")),
        "usages": ("archive", "reuse"),
        "json_url": f"{BASE}/feeds/newspaper/column/{number}.json",
        "proof": "e30.e30.c2ln~WyJhIiwiL3RpdGxlIiwiYiJd~",
        "words": Words(standfirst=19, body=612, short=7),
        "pack": Pack(url=f"{BASE}/packs/3-{number:032x}-{number:040x}.zip"),
        "story": a_story(),
    }
    return an_entry(number, **{**fields, **changes})


def a_tombstone(number: int = 9, **changes: Any) -> Tombstone:
    fields: dict[str, Any] = {
        "id": an_id(number),
        "story_id": f"st_{number:026d}",
        "number": number + 100,
        "url": f"{BASE}/feeds/newspaper/column/{number}",
        "updated": NOON + (100 + number) * MINUTE,
        "published": NOON,
    }
    return Tombstone(**{**fields, **changes})
