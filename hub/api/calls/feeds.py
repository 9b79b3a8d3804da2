"""Feeds and pages: the calls, as the API describes them."""

from __future__ import annotations

from collections.abc import Mapping

from feeds import websub
from hub.api.calls.calendars import CALENDAR
from hub.api.calls.common import (
    ADDRESS_HOLDER,
    BY_AUDIENCE,
    ENTRY,
    ENTRY_GONE,
    EVERYONE,
    FEED,
    IF_NONE_MATCH,
    IMAGE,
    KEPT_COPY,
    KEYS,
    LIST_FORMAT,
    MANIFEST,
    MOVED,
    OUTLINES,
    PAGE,
    PROFILE,
    TEXT,
    UNCHANGED,
)
from hub.api.calls.shapes import HTML, URLENCODED, Answer, Body, Call, Parameter, Text
from hub.errors import Gone, NotFound, Unauthenticated
from hub.outlets import terms

URI = {"type": "string", "format": "uri"}
PLANNED_READER = Text(
    "đơn vị nhận tin có cam kết chờ giờ còn hiệu lực, với khóa của mình",
    "outlets whose embargo term holds, with their key",
)
WEBSUB = (
    Parameter(
        "hub.mode",
        Text("Đăng ký (subscribe) hay thôi đăng ký (unsubscribe).", "To subscribe, or to unsubscribe."),
        {"type": "string", "enum": ["subscribe", "unsubscribe"]},
        "subscribe",
        required=True,
    ),
    Parameter(
        "hub.topic",
        Text("Địa chỉ self của nguồn tin.", "The feed's self address."),
        URI,
        "/feeds/public/all.atom",  # of this hub
        required=True,
    ),
    Parameter(
        "hub.callback",
        Text("Địa chỉ của bạn, nơi thay đổi được đẩy tới.", "Your own address, where changes are pushed to."),
        URI,
        "https://reader.example/callback",
        required=True,
    ),
    Parameter(
        "hub.lease_seconds",
        Text(
            "Số giây đăng ký: từ 1 đến 30 ngày; thiếu thì 10 ngày.",
            "For how many seconds: 1 to 30 days are given; 10 without it.",
        ),
        {"type": "integer"},
        "864000",
    ),
    Parameter(
        "hub.secret",
        Text("Khóa ký từng lần đẩy, dưới 200 byte.", "What each push is signed with, under 200 bytes."),
        {"type": "string", "maxLength": websub.SECRET_BYTES - 1},
        "…",
    ),
)

FILM_TYPES = ("video/mp4", "video/webm")
RANGE = Parameter(
    "Range", Text("Chỉ một đoạn (RFC 9110 §14).", "Only a part (RFC 9110 §14)."), TEXT, example="bytes=0-1048575"
)

CALLS: Mapping[str, Call] = {
    "feeds.get_feed": Call(
        group="feeds",
        title=Text("Nguồn tin của một kênh", "A channel's feed"),
        about=Text(
            "Trang đầu, thay đổi mới nhất trước. Khóa đưa bằng Bearer, hoặc làm mật khẩu của Basic với tên bất kỳ.",
            "The first page, newest change first. The key as Bearer, or as the password of Basic under any name.",
        ),
        who=BY_AUDIENCE,
        key_optional=True,
        query=(PROFILE,),
        headers=(IF_NONE_MATCH,),
        answers=(FEED, UNCHANGED, MOVED),
        refusals=(Unauthenticated, NotFound, Gone),
    ),
    "feeds.get_feed_by_address": Call(
        group="feeds",
        title=Text("Nguồn tin ở địa chỉ riêng", "The feed at an unguessable address"),
        about=Text(
            "Cho phần mềm đọc tin không đăng nhập được. Không có số điện thoại, trừ khi khóa được phép.",
            "For readers that cannot log in. Without telephone numbers unless the key allows them.",
        ),
        who=ADDRESS_HOLDER,
        query=(PROFILE,),
        headers=(IF_NONE_MATCH,),
        answers=(FEED, UNCHANGED, MOVED),
        refusals=(NotFound, Gone),
    ),
    "archives.get_archive": Call(
        group="feeds",
        title=Text("Một trang lưu trữ của kênh", "A page of a channel's archive"),
        about=Text(
            "Theo RFC 5005; liên kết `prev-archive` của nguồn tin dẫn tới. Trang đã đổi nội dung thì địa chỉ cũ trả "
            "410: đọc lại từ nguồn tin.",
            "By RFC 5005; `prev-archive` of the feed leads there. Once a page shows something else, its old address "
            "answers 410: begin again from the feed.",
        ),
        who=BY_AUDIENCE,
        key_optional=True,
        query=(PROFILE,),
        headers=(IF_NONE_MATCH,),
        answers=(FEED, UNCHANGED),
        refusals=(Unauthenticated, NotFound, Gone),
    ),
    "archives.get_archive_by_address": Call(
        group="feeds",
        title=Text("Một trang lưu trữ ở địa chỉ riêng", "A page of the archive at an unguessable address"),
        who=ADDRESS_HOLDER,
        query=(PROFILE,),
        headers=(IF_NONE_MATCH,),
        answers=(FEED, UNCHANGED),
        refusals=(NotFound, Gone),
    ),
    "websub.take_request": Call(
        group="push",
        title=Text("Đăng ký được đẩy một nguồn tin (WebSub)", "Subscribe to a feed, to have it pushed (WebSub)"),
        about=Text(
            "Nguồn tin dưới /feeds/k/ thì phải có hub.secret và callback https. Bị từ chối thì câu trả lời là văn bản "
            "thuần.",
            "Feeds under /feeds/k/ need hub.secret, and an https callback. Refusals are plain text.",
        ),
        who=EVERYONE,
        body=Body(media_types=(URLENCODED,), form=WEBSUB),
        answers=(
            Answer(
                status=202,
                about=Text("Đã nhận; callback sẽ được hỏi.", "Accepted; the callback will be asked."),
                media_types=(),
            ),
            *(
                Answer(status=status, about=about, media_types=("text/plain",))
                for status, about in (
                    (400, Text("Thiếu hoặc sai tham số.", "A parameter is missing, or cannot be read.")),
                    (403, Text("Không gửi được tới callback này.", "Nothing is sent to this callback.")),
                    (404, Text("Không có nguồn tin này.", "There is no such topic.")),
                    (413, Text("Biểu mẫu quá dài.", "The form is too long.")),
                )
            ),
            Answer(
                status=429,
                about=Text(
                    "Quá nhiều yêu cầu, hoặc callback ở máy này đã có quá nhiều đăng ký.",
                    "Too many requests, or too many subscriptions at the callback's host.",
                ),
                media_types=("text/plain",),
                headers=("Retry-After",),
            ),
        ),
    ),
    "conformance.get_test_feed": Call(
        group="feeds",
        title=Text("Kênh thử phần mềm đọc tin", "The channel to test readers with"),
        about=Text(
            "Không phải tin: cứ năm phút có một mục hiện ra, được đính chính rồi bị rút; thêm mục rất dài, mục không "
            "ảnh, chữ Việt khó.",
            "No stories: every five minutes an item appears, is corrected and then withdrawn; besides a very long one, "
            "one without a picture, and hard Vietnamese text.",
        ),
        who=BY_AUDIENCE,
        key_optional=True,
        query=(PROFILE,),
        headers=(IF_NONE_MATCH,),
        answers=(FEED, UNCHANGED),
        refusals=(Unauthenticated, NotFound, Gone),
    ),
    "conformance.get_test_feed_by_address": Call(
        group="feeds",
        title=Text("Kênh thử ở địa chỉ riêng", "The test channel at an unguessable address"),
        who=ADDRESS_HOLDER,
        query=(PROFILE,),
        headers=(IF_NONE_MATCH,),
        answers=(FEED, UNCHANGED),
        refusals=(NotFound, Gone),
    ),
    "conformance.get_test_calendar": Call(
        group="feeds",
        title=Text("Lịch thử phần mềm lịch", "The calendar to test programs with"),
        about=Text(
            "Không có chương trình nào thật: cứ năm phút có một mục được thêm, rồi dời, rồi hủy.",
            "No broadcasts: every five minutes an event is entered, then moved, then cancelled.",
        ),
        who=BY_AUDIENCE,
        key_optional=True,
        headers=(IF_NONE_MATCH,),
        answers=(CALENDAR, UNCHANGED),
        refusals=(Unauthenticated, NotFound, Gone),
    ),
    "conformance.get_test_calendar_by_address": Call(
        group="feeds",
        title=Text("Lịch thử ở địa chỉ riêng", "The test calendar at an unguessable address"),
        who=ADDRESS_HOLDER,
        headers=(IF_NONE_MATCH,),
        answers=(CALENDAR, UNCHANGED),
        refusals=(NotFound, Gone),
    ),
    "conformance.show_cases": Call(
        group="feeds",
        title=Text("Trang của kênh thử: phải thấy gì", "The page of the test channel: what should be seen"),
        who=BY_AUDIENCE,
        key_optional=True,
        headers=(IF_NONE_MATCH,),
        answers=(PAGE, UNCHANGED),
        refusals=(Unauthenticated, NotFound, Gone),
    ),
    "planned.get_planned": Call(
        group="feeds",
        title=Text("Bài sắp phát hành của kênh, dạng nguồn tin", "What is coming to a channel, as a feed"),
        about=Text(
            "Chỉ khi đơn vị đã ký cam kết chờ giờ và cam kết còn hiệu lực; không thì 404. Không bao giờ có nội dung.",
            "Only while an embargo term that the outlet has signed holds; else 404. Never the body.",
        ),
        who=PLANNED_READER,
        key_optional=True,
        query=(PROFILE,),
        headers=(IF_NONE_MATCH,),
        answers=(FEED, UNCHANGED, MOVED),
        refusals=(Unauthenticated, NotFound, terms.NoTerm, Gone),
    ),
    "planned.get_planned_by_address": Call(
        group="feeds",
        title=Text("Bài sắp phát hành, ở địa chỉ riêng", "What is coming, under an unguessable address"),
        about=Text(
            "Chỉ khi đơn vị đã ký cam kết chờ giờ và cam kết còn hiệu lực; không thì 404. Không bao giờ có nội dung.",
            "Only while an embargo term that the outlet has signed holds; else 404. Never the body.",
        ),
        who=ADDRESS_HOLDER,
        query=(PROFILE,),
        headers=(IF_NONE_MATCH,),
        answers=(FEED, UNCHANGED, MOVED),
        refusals=(NotFound, terms.NoTerm, Gone),
    ),
    "pages.list_feeds": Call(
        group="feeds",
        title=Text("Trang liệt kê nguồn tin", "The page of feeds"),
        who=BY_AUDIENCE,
        key_optional=True,
        headers=(IF_NONE_MATCH,),
        answers=(PAGE, UNCHANGED),
        refusals=(Unauthenticated,),
    ),
    "pages.feeds_as_opml": Call(
        group="feeds",
        title=Text("Danh sách nguồn tin cho phần mềm đọc tin", "The feeds as OPML, for feed readers"),
        who=BY_AUDIENCE,
        key_optional=True,
        query=(LIST_FORMAT,),
        headers=(IF_NONE_MATCH,),
        answers=(OUTLINES, UNCHANGED),
        refusals=(Unauthenticated,),
    ),
    "pages.feeds_of_address_as_opml": Call(
        group="feeds",
        title=Text("Danh sách nguồn tin ở địa chỉ riêng", "The feeds of an unguessable address as OPML"),
        who=ADDRESS_HOLDER,
        query=(LIST_FORMAT,),
        headers=(IF_NONE_MATCH,),
        answers=(OUTLINES, UNCHANGED),
        refusals=(NotFound,),
    ),
    "pages.feed_page": Call(
        group="feeds",
        title=Text("Trang giới thiệu một nguồn tin", "The page that explains a feed"),
        who=BY_AUDIENCE,
        key_optional=True,
        headers=(IF_NONE_MATCH,),
        answers=(PAGE, UNCHANGED, MOVED),
        refusals=(Unauthenticated, NotFound, Gone),
    ),
    "pages.outlet_entry_page": Call(
        group="feeds",
        title=Text("Trang của một mục tin trong kênh", "The page of an entry in a channel"),
        who=BY_AUDIENCE,
        key_optional=True,
        headers=(IF_NONE_MATCH,),
        answers=(
            PAGE,
            UNCHANGED,
            MOVED,
            Answer(status=410, about=Text("Bài đã rút.", "The story was withdrawn."), media_types=(HTML,)),
        ),
        refusals=(Unauthenticated, NotFound, Gone),
    ),
    "proofs.get_entry": Call(
        group="feeds",
        title=Text("Một mục tin trong kênh, dạng JSON, kèm bằng chứng", "An entry as JSON, with its proof"),
        about=Text(
            "Đúng mục tin trong JSON Feed của kênh; `_hub.proof` là SD-JWT (RFC 9901).",
            "The very item of the channel's JSON Feed; `_hub.proof` is an SD-JWT (RFC 9901).",
        ),
        who=BY_AUDIENCE,
        key_optional=True,
        headers=(IF_NONE_MATCH,),
        answers=(ENTRY, UNCHANGED, MOVED, ENTRY_GONE),
        refusals=(Unauthenticated, NotFound, Gone),
    ),
    "proofs.get_public_entry": Call(
        group="feeds",
        title=Text("Một bài công khai, dạng JSON, kèm bằng chứng", "A public story as JSON, with its proof"),
        who=EVERYONE,
        headers=(IF_NONE_MATCH,),
        answers=(ENTRY, UNCHANGED, ENTRY_GONE),
        refusals=(NotFound,),
    ),
    "proofs.get_manifest": Call(
        group="feeds",
        title=Text("Bản kê mới nhất của kênh, có chữ ký", "The channel's newest signed manifest"),
        about=Text(
            "Mỗi ngày một bản: các số, mã mục tin, phiên bản và mã băm. `hub check --manifest` đọc được.",
            "One a day: numbers, ids, versions and digests. `hub check --manifest` reads it.",
        ),
        who=BY_AUDIENCE,
        key_optional=True,
        headers=(IF_NONE_MATCH,),
        answers=(MANIFEST, UNCHANGED, MOVED),
        refusals=(Unauthenticated, NotFound, Gone),
    ),
    "proofs.get_manifest_of_day": Call(
        group="feeds",
        title=Text("Bản kê của một ngày", "The manifest of a day"),
        who=BY_AUDIENCE,
        key_optional=True,
        headers=(IF_NONE_MATCH,),
        answers=(MANIFEST, UNCHANGED),
        refusals=(Unauthenticated, NotFound),
    ),
    "proofs.get_manifest_by_address": Call(
        group="feeds",
        title=Text("Bản kê ở địa chỉ riêng", "The manifest at an unguessable address"),
        who=ADDRESS_HOLDER,
        headers=(IF_NONE_MATCH,),
        answers=(MANIFEST, UNCHANGED, MOVED),
        refusals=(NotFound, Gone),
    ),
    "proofs.get_jwks": Call(
        group="feeds",
        title=Text("Khóa để kiểm chữ ký", "Keys to check signatures with"),
        about=Text(
            "Mọi khóa, kể cả khóa đã thôi dùng. `iss` của mỗi khóa cho biết khóa ký thay ai.",
            "All keys, also retired ones. The `iss` of each says for whom it signs.",
        ),
        who=EVERYONE,
        headers=(IF_NONE_MATCH,),
        answers=(KEYS, UNCHANGED),
    ),
    "media.get_film": Call(
        group="feeds",
        title=Text("Xem video của một mục tin", "A film of an entry"),
        about=Text(
            "Nguyên như đã gửi; nhận Range để xem từ giữa hoặc tải tiếp. 410 khi bài đã rút.",
            "As it was sent; Range lets a reader begin in the middle, or go on. 410 once the story is withdrawn.",
        ),
        who=Text("người có địa chỉ video, ghi trong nguồn tin", "whoever has its address, which stands in the feed"),
        headers=(IF_NONE_MATCH, RANGE),
        answers=(
            Answer(about=Text("Cả video.", "The film."), media_types=FILM_TYPES, headers=KEPT_COPY),
            Answer(
                status=206,
                about=Text("Đoạn được hỏi.", "The range that was asked for."),
                media_types=FILM_TYPES,
                headers=("Content-Range", *KEPT_COPY),
            ),
            UNCHANGED,
        ),
        refusals=(NotFound, Gone),
    ),
    "media.get_picture": Call(
        group="feeds",
        title=Text("Ảnh của một mục tin", "A picture of an entry"),
        who=Text("người có địa chỉ ảnh, ghi trong nguồn tin", "whoever has its address, which stands in the feed"),
        headers=(IF_NONE_MATCH,),
        answers=(IMAGE, UNCHANGED),
        refusals=(NotFound, Gone),
    ),
}
