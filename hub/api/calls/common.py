"""What the calls share: groups, roles, parameters, headers, bodies and answers."""

from __future__ import annotations

from collections.abc import Mapping

from hub.actors import Role
from hub.api import persons, reading, receipts, stories
from hub.api.calls.shapes import FORM, HTML, OPML, Answer, Body, Parameter, Text
from hub.errors import HubError, TooLarge
from hub.http.language import LANGUAGES
from hub.intake import idempotency, pictures, submissions
from hub.outlets.uses import PROPOSED
from hub.publishing.documents import FORMATS
from hub.regulation.duties import reading as duties_reading
from hub.regulation.filed import filings, pickups

FEED_TYPES = tuple(form.MEDIA_TYPE.partition(";")[0] for form in FORMATS.values())
TOO_MANY_REQUESTS = "error.too_many_requests"
UNEXPECTED = HubError.key
GROUPS: Mapping[str, Text] = {
    "stories": Text("Bài và phiên bản", "Stories and versions"),
    "acts": Text("Các bước xử lý theo quy chế", "Acts of the regulation"),
    "regulation": Text("Quy chế và nghĩa vụ", "The regulation and its duties"),
    "media": Text("Ảnh", "Pictures"),
    "reports": Text("Báo tin sai phạm, có niêm phong", "Sealed reports of wrongdoing"),
    "outlets": Text("Sổ thay đổi của kênh, bài sắp phát hành", "Ledgers of channels, and what is coming"),
    "pickups": Text("Phản hồi sử dụng", "Pick-ups"),
    "requests": Text("Đề nghị viết bài", "Requests for coverage"),
    "planning": Text(
        "Lên lịch phát sóng: chương trình, khách mời, kịch bản, lịch",
        "Planning of broadcasts: programmes, guests, rundowns, calendars",
    ),
    "consent": Text("Sổ đồng ý", "The consent ledger"),
    "notices": Text("Tin báo qua thư", "Notices by mail"),
    "registers": Text("Tổ chức, người dùng, đơn vị nhận tin", "Organizations, users, outlets"),
    "feeds": Text("Nguồn tin: định dạng, trang, bằng chứng", "Feeds: formats, pages, proofs"),
    "push": Text("Đẩy nguồn tin (WebSub)", "Feeds pushed to you (WebSub)"),
    "operation": Text("Mô tả và vận hành", "Description and operation"),
}
ROLES: Mapping[Role, Text] = {
    Role.CONTRIBUTOR: Text("tổ chức gửi bài", "submitting organization"),
    Role.CONFIRMER: Text("người xác nhận", "confirmer"),
    Role.EDITOR: Text("biên tập viên", "editor"),
    Role.AUDITOR: Text("người giám sát", "auditor"),
    Role.ADMIN: Text("quản trị", "administrator"),
    Role.OUTLET: Text("đơn vị nhận tin", "outlet"),
}
ORGANIZATION, OUTLET = (Role.CONTRIBUTOR,), (Role.OUTLET,)
DESK = (Role.CONTRIBUTOR, Role.CONFIRMER, Role.EDITOR, Role.AUDITOR)  # reading.READERS
LEDGER = (Role.CONTRIBUTOR, Role.EDITOR)  # consenting.ACTORS
JUDGES = (Role.CONFIRMER, Role.EDITOR)  # who may compare stories: hub.regulation.likening
EVERYONE = Text("mọi người, không cần khóa", "everyone, without a key")
BY_AUDIENCE = Text(
    "mọi người với kênh công khai; kênh khác cần khóa của đơn vị nhận tin",
    "everyone for public channels; others need their outlet's key",
)
ADDRESS_HOLDER = Text("người giữ địa chỉ riêng", "whoever holds the unguessable address")
DATE = {"type": "string", "format": "date"}
TEXT, COUNT, FROM_ZERO = {"type": "string"}, {"type": "integer", "minimum": 1}, {"type": "integer", "minimum": 0}
STORY_ID = Text(
    "Mã st_… của bài, hoặc mã riêng do tổ chức đặt (không bắt đầu bằng st_).",
    "The story's st_… id, or the organization's own external id (not beginning with st_).",
)
WIDTH = Text("Một trong các chiều rộng của ảnh, tính bằng điểm ảnh.", "One of the picture's widths, in pixels.")
PATH: Mapping[str, Parameter] = {
    known.name: known
    for known in (
        Parameter("story_id", STORY_ID, {**TEXT, "pattern": f"^{submissions.EXTERNAL_ID.pattern}$"}, "nghe-ca-2026-07"),
        Parameter("other_id", Text("Mã st_… của bài kia.", "The other story's st_… id."), TEXT, "st_…"),
        Parameter("number", Text("Số của phiên bản.", "Number of the version."), COUNT, "1"),
        Parameter("upload_id", Text("Mã med_… của ảnh.", "The picture's med_… id."), TEXT, "med_…"),
        Parameter(
            "partial_id",
            Text("Mã upl_… của tệp tải lên từng mảnh.", "The upl_… id of an upload in pieces."),
            TEXT,
            "upl_…",
        ),
        Parameter("width", WIDTH, COUNT, "960"),
        Parameter("outlet", Text("Mã đơn vị nhận tin.", "Code of the outlet."), TEXT, "newspaper"),
        Parameter("channel", Text("Mã kênh.", "Code of the channel."), TEXT, "column"),
        Parameter(
            "part",
            Text("Khoảng số và mã băm của trang lưu trữ.", "The archived page's range of numbers and digest."),
            TEXT,
            "51-100-…",
        ),
        Parameter("format_name", Text("Định dạng của nguồn tin.", "Format of the feed."), TEXT, "atom"),
        Parameter(
            "secret", Text("Phần bí mật của địa chỉ riêng.", "The unguessable part of the address."), TEXT, "adr_…"
        ),
        Parameter("person_id", Text("Mã per_… của người.", "The person's per_… id."), TEXT, "per_…"),
        Parameter("proof_id", Text("Mã prf_… của giấy tờ.", "The proof's prf_… id."), TEXT, "prf_…"),
        Parameter("pickup_id", Text("Số phản hồi sử dụng.", "Number of the pick-up."), COUNT, "1"),
        Parameter("receipt_id", Text("Số phiếu.", "Number of the receipt."), COUNT, "1"),
        Parameter("request_id", Text("Số của đề nghị.", "Number of the request."), COUNT, "1"),
        Parameter("entry", Text("Mã mục tin, bỏ urn:uuid:.", "The entry's id without urn:uuid:."), TEXT, "…"),
        Parameter("duty_id", Text("Mã du_… của nghĩa vụ.", "The duty's du_… id."), TEXT, "du_…"),
        Parameter("day", Text("Ngày, theo giờ Việt Nam.", "The day, in Việt Nam."), DATE, "2026-11-23"),
        Parameter("code", Text("Mã tổ chức.", "Code of the organization."), TEXT, "nghe-ca"),
        Parameter("form", Text("Dạng tệp: docx, csv hoặc json.", "Form of the file: docx, csv or json."), TEXT, "docx"),
        Parameter("user_id", Text("Mã người dùng.", "Id of the user."), COUNT, "7"),
        Parameter("segment_code", Text("Mã seg_… của buổi phát sóng.", "The segment's seg_… code."), TEXT, "seg_…"),
        Parameter("programme_code", Text("Mã prg_… của chương trình.", "The programme's prg_… code."), TEXT, "prg_…"),
        Parameter("booking_id", Text("Số của lời mời.", "Number of the booking."), COUNT, "1"),
        Parameter("said", Text("confirm hoặc decline.", "confirm or decline."), TEXT, "confirm"),
        Parameter("ticket", Text("Phần riêng của địa chỉ gói in.", "What is the key's own of the address."), TEXT, "…"),
        Parameter("token", Text("Mã ảnh trong một lần phát hành.", "Token of a picture in one release."), TEXT, "…"),
    )
}
STATE = Parameter(
    "state",
    Text("Chỉ những bài ở trạng thái này.", "Only stories in this state."),
    {"$ref": "#/components/schemas/answers.v1.state"},
)
NEXT = Text("next của trang trước.", "next of the page before.")
CURSOR, VERSION_CURSOR = Parameter("cursor", NEXT, TEXT), Parameter("cursor", NEXT, FROM_ZERO)
LIMIT = Parameter(
    "limit",
    Text(f"Số mục mỗi trang, nhiều nhất {reading.MAX_PAGE}.", f"Items a page, at most {reading.MAX_PAGE}."),
    {**COUNT, "default": stories.DEFAULT_PAGE},
)
FROM = Parameter(
    "from", Text("Phiên bản cũ; thiếu thì lấy bản trước to.", "The older version; else the one before to."), COUNT, "1"
)
TO = Parameter(
    "to", Text("Phiên bản mới; thiếu thì lấy bản mới nhất.", "The newer version; else the newest."), COUNT, "2"
)
CHANNEL = Parameter(
    "channel",
    Text("Kênh, viết đơn-vị-nhận-tin/kênh.", "The channel, as outlet/channel."),
    {"$ref": "#/components/schemas/answers.v1.channel_address"},
    "newspaper/column",
    required=True,
)
AFTER = Parameter(
    "after",
    Text("Số cuối cùng đã nhận; 0 để đọc từ đầu.", "The last number you have; 0 begins at the beginning."),
    {**FROM_ZERO, "default": 0},
    "0",
)
LIST_FORMAT = Parameter(
    "format",
    Text("Định dạng của các nguồn tin trong danh sách.", "The format of the feeds that it lists."),
    {**TEXT, "enum": ["rss", "atom", "json", "ninjs"], "default": "atom"},
    "rss",
)
PROFILE = Parameter(
    "profile",
    Text(
        "Với .ninjs: hub để mỗi mục tin có thêm _hub, đủ các mục của bài.",
        "With .ninjs: hub, for every entry to carry _hub with all fields of its story.",
    ),
    {"type": "string", "enum": ["hub"]},
)
OF_STORY = Parameter(
    "story", Text("Chỉ những người mà bài này nói tới.", "Only those whom this story tells of."), TEXT, "st_…"
)
STORY_OF = Parameter("story", Text("Mã st_… của bài.", "The story's st_… id."), TEXT, "st_…")
PICKUP_STATE = Parameter(
    "state",
    Text(
        "Chỉ trạng thái này; thiếu thì là những gì đơn vị đã phản hồi (filed) hoặc đã thu hồi (taken_back).",
        "Only this state; else what outlets told (filed) or took back (taken_back).",
    ),
    {**TEXT, "enum": list(pickups.STATES)},
    PROPOSED,
)
FILING_KIND = Parameter(
    "kind", Text("Chỉ loại này.", "Only this kind."), {**TEXT, "enum": list(filings.KINDS)}, filings.REPORT
)
OPEN = Parameter(
    "state",
    Text("open: chỉ phiếu chưa trả lời.", "open: only those not yet answered."),
    {**TEXT, "enum": list(receipts.STATES), "default": "all"},
)
LANG = Parameter(
    "lang",
    Text(
        "Ngôn ngữ, ưu tiên hơn Accept-Language; lời gọi nào cũng nhận.", "Before Accept-Language; every call takes it."
    ),
    {**TEXT, "enum": list(LANGUAGES)},
)
DAY_AS_OF = Parameter(
    "as_of", Text("Ngày, theo giờ Việt Nam; thiếu thì hôm nay.", "A day in Việt Nam; else today."), DATE, "2026-07-01"
)
IF_MATCH = Parameter(
    "If-Match",
    Text(
        "ETag của bài lần đọc gần nhất; bài đã đổi thì 412.", "The story's ETag as last read; 412 when it has changed."
    ),
    TEXT,
)
IF_NONE_MATCH = Parameter(
    "If-None-Match",
    Text("ETag của bản đã có; chưa đổi thì 304.", "ETag of the copy you have; 304 when nothing changed."),
    TEXT,
)
KEPT_HOURS = int(idempotency.KEPT.total_seconds()) // 3600
IDEMPOTENCY_KEY = Parameter(
    "Idempotency-Key",
    Text(
        f"Khóa tự đặt. Gửi lại cùng khóa, cùng nội dung thì nhận đúng câu trả lời cũ, trong {KEPT_HOURS} giờ.",
        f"Of your own. The same key with the same bytes hears the first answer again, for {KEPT_HOURS} hours.",
    ),
    {**TEXT, "minLength": 1, "maxLength": 255},
)
AS_OF = Parameter(
    "as_of",
    Text(
        "Ngày (tính đến hết ngày, giờ Việt Nam) hoặc thời điểm; thiếu thì là lúc này.",
        "A day (its end in Việt Nam) or an instant; else now.",
    ),
    TEXT,
    "2026-12-31",
)
ABOUT_DUTIES = (
    Parameter("organization", Text("Mã tổ chức có nghĩa vụ.", "Code of the organization that owes."), TEXT, "nghe-ca"),
    Parameter("outlet", Text("Mã đơn vị nhận tin có nghĩa vụ.", "Code of the outlet that owes."), TEXT, "newspaper"),
    Parameter("clause", Text("Số điều, hoặc điều và khoản.", "A clause, with or without its paragraph."), TEXT, "10.1"),
    Parameter("story", Text("Mã st_… của bài.", "The story's st_… id."), TEXT, "st_…"),
    Parameter(
        "state",
        Text("Chỉ nghĩa vụ ở tình trạng này.", "Only duties in this state."),
        {**TEXT, "enum": list(duties_reading.STATES)},
        "late",
    ),
)
HEADERS: Mapping[str, Text] = {
    "Location": Text("Địa chỉ của thứ vừa tạo hoặc vừa đổi.", "Address of what was made or changed."),
    "ETag": Text("Dấu của nội dung, dùng cho If-Match và If-None-Match.", "For If-Match and If-None-Match."),
    "Upload-Offset": Text("Số byte đã lưu chắc chắn.", "Bytes that are safe."),
    "Upload-Length": Text("Số byte của cả tệp.", "Bytes of the whole file."),
    "Content-Range": Text("Đoạn được gửi, và dung lượng cả tệp.", "The range that is sent, and the length of all."),
    "Last-Modified": Text("Lúc nội dung đổi lần cuối.", "When the content last changed."),
    "Cache-Control": Text("Được giữ bản sao bao lâu.", "How long a copy may be kept."),
    "Link": Text(
        'Địa chỉ trang tiếp, rel="next"; ở nguồn tin: rel="hub" và rel="self" của WebSub (RFC 8288).',
        'Address of the next page, rel="next"; of feeds: rel="hub" and rel="self" of WebSub (RFC 8288).',
    ),
    "Retry-After": Text("Số giây nên chờ rồi gửi lại.", "Seconds to wait before trying again."),
    "WWW-Authenticate": Text("Các cách đưa khóa.", "The ways to show a key."),
}
STORY = Body(schema="story.v1", examples={"minimal": "story.v1/minimal.json"})
ORDER = Body(
    schema="act.v1",
    examples={
        "approve_and_release": {"act": "approve", "version": 2, "channels": ["newspaper/column", "public/all"]},
        "submit": {"act": "submit"},
        "return": {"act": "return", "version": 1, "note": "Xin bổ sung số liệu về kết quả."},
        "withdraw": {"act": "withdraw", "reason": "subject_request"},
        "join": {"act": "join", "into": "st_01k2m3n4p5q6r7s8t9v0w1x2y3"},
    },
)
CONSENT_ACT = Body(
    schema=persons.SCHEMA,
    examples={
        "withdraw": {"act": "withdraw", "scopes": ["image"]},
        "record": {
            "act": "record",
            "scopes": ["live_appearance"],
            "obtained_on": "2026-11-20",
            "form": "văn bản ký tay",
        },
        "clear": {"act": "clear", "clearance": {"by": "Đại tá Lâm Văn Rạng", "date": "2026-10-14"}},
        "merge": {"act": "merge", "double": "per_01kx0000000000000000000000"},
    },
)
RECEIPT_ANSWER = Body(
    schema=receipts.SCHEMA,
    examples={"done": {"answer": "done"}, "cannot": {"answer": "cannot", "note": "Số báo đã phát hành."}},
)
WAIVER = Body(schema="waiver.v1", examples={"storm": {"note": "Bão số 9, đơn vị mất liên lạc ba ngày."}})
OUTLET_FILE = Body(
    schema="outlet.v1",
    examples={
        "public": "outlet.v1/public-without-agency.json",
        "agency": "outlet.v1/newspaper-agency.json",
    },
)
DAYS = Parameter(
    "days",
    Text("Xem lại bao nhiêu ngày.", "How many days to look back."),
    {**COUNT, "default": 90, "maximum": 3_660},
    "90",
)
PICKUP = Body(
    schema=pickups.SCHEMA,
    examples={"printed": "pickup.v1/printed.json", "declined": "pickup.v1/declined.json"},
)
FILING = Body(
    schema=filings.SCHEMA,
    examples={
        "report": "filing.v1/report.json",
        "idea": "filing.v1/idea.json",
        "idea_answer": "filing.v1/idea-answer.json",
    },
)
REPORT = Body(
    schema="report.v1",
    examples={"about_a_story": {"text": "Số giờ trong bài là khai khống.", "story": "/stories/st_…"}},
)
RECEIPT = Body(schema="receipt.v1", examples={"receipt": {"receipt": "7k3d-9m2p-x4vq-0b8t-hc5w-2n6r-e1ya"}})
REGISTER_EVENT = Body(
    schema="organization-event.v1",
    examples={
        "merge": {"event": "merge", "on": "2026-07-01", "decision": "12-QĐ/MTTQ", "into": ["phuong-ben-lau"]},
        "rename": {"event": "rename", "on": "2026-07-01", "decision": "13-QĐ/MTTQ", "name": "Mặt trận phường Bến Lau"},
    },
)
NEW_USER = Body(schema="user.v1", examples={"user": {"name": "Phan Thị Hòa", "email": "hoa@example.org"}})
MEMBERSHIP = Body(schema="membership.v1", examples={"confirmer": {"role": "confirmer", "organization": "nghe-ca"}})
DEPUTY = Body(
    schema="delegation.v1",
    examples={
        "leave": {"deputy": "binh@example.org", "from": "2026-12-01", "until": "2026-12-15", "note": "Nghỉ phép"}
    },
)
PICTURE = Body(media_types=(*pictures.FORMATS, FORM))
CHOICE = Body(
    schema="notices.v1", examples={"daily": {"kinds": {"released": "daily", "used": "none"}, "digest_hour": 7}}
)
UNREADABLE = (reading.UnreadableJson, TooLarge)
SAVED, KEPT_COPY = ("Location", "ETag"), ("ETag", "Cache-Control")
UNCHANGED = Answer(status=304, about=Text("Bản đã có vẫn còn đúng.", "The copy you have still holds."), media_types=())
PAGE = Answer(about=Text("Trang web.", "A web page."), media_types=(HTML,), headers=KEPT_COPY)
OUTLINES = Answer(about=Text("Danh sách OPML 2.0.", "OPML 2.0."), media_types=(OPML,), headers=KEPT_COPY)
MOVED = Answer(
    status=308,
    about=Text("Đơn vị nhận tin đã sáp nhập; địa chỉ mới ở Location.", "The outlet has merged; Location is where to."),
    media_types=("text/plain",),
    headers=("Location", "Cache-Control"),
)
FEED_HEADERS = ("ETag", "Last-Modified", "Cache-Control", "Link")
FEED = Answer(schema="answers.v1.feed", media_types=FEED_TYPES, headers=FEED_HEADERS)
ENTRY = Answer(about=Text("Mục tin, kèm bằng chứng.", "The entry, with its proof."), headers=KEPT_COPY)
ENTRY_GONE = Answer(status=410, about=Text("Dấu của bài đã rút.", "What is left of a withdrawn story."))
MANIFEST = Answer(
    about=Text("Bản kê đã ký (JWS).", "A signed manifest (JWS)."),
    media_types=("application/jose",),
    headers=KEPT_COPY,
)
KEYS = Answer(
    about=Text("Các khóa công khai (JWK Set).", "The public keys (JWK Set)."),
    media_types=("application/jwk-set+json",),
    headers=KEPT_COPY,
)
IMAGE = Answer(about=Text("Ảnh.", "The picture."), media_types=("image/jpeg", "image/png"), headers=("Cache-Control",))
CHOSEN = Answer(
    schema="notices.v1",
    about=Text("Lựa chọn đang có hiệu lực.", "The choice as it holds."),
    headers=("Cache-Control",),
)
