"""Every call of the API as one table, keyed by endpoint: texts, roles, parameters, schemas, refusals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, NamedTuple

from feeds import opml
from hub.accounts import history as register_history
from hub.accounts.organizations import CodeTaken
from hub.accounts.users import WrongPlace
from hub.actors import Role
from hub.api import media, notices, persons, reading, receipts, stories
from hub.errors import Gone, HubError, Invalid, NotFound, Stale, TooLarge, Unauthenticated, Unavailable
from hub.http.language import LANGUAGES
from hub.intake import idempotency, pictures, submissions
from hub.outlets.receipts import ReceiptAnswered
from hub.publishing.documents import FORMATS
from hub.records import likenesses
from hub.records.persons import NotMergeable
from hub.records.proofs import BEGINNINGS, MAX_BYTES, NotAProof
from hub.regulation import acts, chain, filings, joining, pickups, releasing, reports, workflow
from hub.regulation import reading as regulation_reading
from hub.regulation.duties import reading as duties_reading
from hub.regulation.duties import waiving

HTML, JSON, FORM, OPML = "text/html", "application/json", "multipart/form-data", opml.MEDIA_TYPE.partition(";")[0]
FEED_TYPES = tuple(form.MEDIA_TYPE.partition(";")[0] for form in FORMATS.values())
TOO_MANY_REQUESTS = "error.too_many_requests"
UNEXPECTED = HubError.key


class Text(NamedTuple):
    """A text in both languages."""

    vi: str
    en: str

    def to(self, language: str) -> str:
        """The text in ``vi`` or ``en``."""
        return self.en if language == "en" else self.vi


@dataclass(frozen=True, slots=True)
class Parameter:
    """What stands in a path, a query or a header."""

    name: str
    about: Text
    schema: Mapping[str, Any]
    example: str = ""
    required: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Body:
    """What a call takes: JSON of a schema, or a file."""

    schema: str = ""  # name of a component
    media_types: Sequence[str] = (JSON,)
    examples: Mapping[str, Any] = field(default_factory=dict)  # values, or the name of a file under EXAMPLES


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What a call answers when it does what was asked; what it is says `about`, or else its schema's title."""

    status: int = HTTPStatus.OK
    schema: str = ""  # name of a component; of JSON only
    about: Text | None = None
    media_types: Sequence[str] = (JSON,)
    headers: Sequence[str] = ()  # names in HEADERS


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """One call, under its endpoint's name in CALLS."""

    group: str
    title: Text
    about: Text | None = None
    roles: Sequence[Role] = ()  # whose key opens it; without one `who` says it
    who: Text | None = None
    key_optional: bool = False  # answers without a key, and more with one
    query: Sequence[Parameter] = ()
    headers: Sequence[Parameter] = ()
    body: Body | None = None
    answers: Sequence[Answer]
    refusals: Sequence[type[HubError]] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Route:
    """A call where it is found."""

    endpoint: str
    method: str
    path: str  # with {names}
    parameters: Sequence[Parameter]  # of the path
    call: Call

    @property
    def name(self) -> str:
        """The view's name: unique in the description, and an anchor of the page."""
        return self.endpoint.partition(".")[2]


GROUPS: Mapping[str, Text] = {
    "stories": Text("Bài và phiên bản", "Stories and versions"),
    "acts": Text("Các bước xử lý theo quy chế", "Acts of the regulation"),
    "regulation": Text("Quy chế và nghĩa vụ", "The regulation and its duties"),
    "media": Text("Ảnh", "Pictures"),
    "reports": Text("Báo tin sai phạm, có niêm phong", "Sealed reports of wrongdoing"),
    "outlets": Text("Sổ thay đổi của kênh", "Ledgers of channels"),
    "consent": Text("Sổ đồng ý", "The consent ledger"),
    "notices": Text("Tin báo qua thư", "Notices by mail"),
    "registers": Text("Tổ chức, người dùng, đơn vị nhận tin", "Organizations, users, outlets"),
    "feeds": Text("Nguồn tin", "Feeds"),
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
        Parameter("width", WIDTH, COUNT, "960"),
        Parameter("outlet", Text("Mã đơn vị nhận tin.", "Code of the outlet."), TEXT, "newspaper"),
        Parameter("channel", Text("Mã kênh.", "Code of the channel."), TEXT, "column"),
        Parameter("format_name", Text("Định dạng của nguồn tin.", "Format of the feed."), TEXT, "atom"),
        Parameter(
            "secret", Text("Phần bí mật của địa chỉ riêng.", "The unguessable part of the address."), TEXT, "adr_…"
        ),
        Parameter("person_id", Text("Mã per_… của người.", "The person's per_… id."), TEXT, "per_…"),
        Parameter("proof_id", Text("Mã prf_… của giấy tờ.", "The proof's prf_… id."), TEXT, "prf_…"),
        Parameter("receipt_id", Text("Số phiếu.", "Number of the receipt."), COUNT, "1"),
        Parameter("entry", Text("Mã mục tin, bỏ urn:uuid:.", "The entry's id without urn:uuid:."), TEXT, "…"),
        Parameter("duty_id", Text("Mã du_… của nghĩa vụ.", "The duty's du_… id."), TEXT, "du_…"),
        Parameter("day", Text("Ngày, theo giờ Việt Nam.", "The day, in Việt Nam."), DATE, "2026-11-23"),
        Parameter("code", Text("Mã tổ chức.", "Code of the organization."), TEXT, "nghe-ca"),
        Parameter("user_id", Text("Mã người dùng.", "Id of the user."), COUNT, "7"),
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
OF_STORY = Parameter(
    "story", Text("Chỉ những người mà bài này nói tới.", "Only those whom this story tells of."), TEXT, "st_…"
)
STORY_OF = Parameter("story", Text("Mã st_… của bài.", "The story's st_… id."), TEXT, "st_…")
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
    "Last-Modified": Text("Lúc nội dung đổi lần cuối.", "When the content last changed."),
    "Cache-Control": Text("Được giữ bản sao bao lâu.", "How long a copy may be kept."),
    "Link": Text('Địa chỉ trang tiếp, rel="next" (RFC 8288).', 'Address of the next page, rel="next" (RFC 8288).'),
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
FEED = Answer(schema="answers.v1.feed", media_types=FEED_TYPES, headers=("ETag", "Last-Modified", "Cache-Control"))
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

CALLS: Mapping[str, Call] = {
    "api.put_story": Call(
        group="stories",
        title=Text("Gửi bài, hoặc gửi bản mới của bài", "Push a story, or a new version of it"),
        about=Text(
            "Gửi lại đúng nội dung cũ không tạo phiên bản mới. Nội dung mới của bài đã phát hành là bản đính chính, "
            "chờ biên tập viên duyệt. Bài đã rút không quay lại được: bài mới ghi mã của nó vào replaces.",
            "The same content again makes no new version. New content for a released story is a correction and waits "
            "for the editor. A withdrawn story never returns: a new one names it in replaces.",
        ),
        roles=ORGANIZATION,
        headers=(IF_MATCH,),
        body=STORY,
        answers=(
            Answer(status=201, about=Text("Bài mới.", "A new story."), schema="answers.v1.submitted", headers=SAVED),
            Answer(about=Text("Bài đã có.", "A known story."), schema="answers.v1.submitted", headers=SAVED),
        ),
        refusals=(
            *(stories.BadExternalId, *UNREADABLE, NotFound, submissions.Withdrawn, submissions.NoDraftNow),
            *(workflow.ActForbidden, Stale, Invalid),
        ),
    ),
    "api.post_story": Call(
        group="stories",
        title=Text("Gửi bài không có mã riêng", "Push a story without an id of your own"),
        about=Text(
            "Nên kèm Idempotency-Key, để gửi lại khi mất mạng không thành hai bài.",
            "Send an Idempotency-Key, so that trying again after a lost answer does not make two stories.",
        ),
        roles=ORGANIZATION,
        headers=(IDEMPOTENCY_KEY,),
        body=STORY,
        answers=(Answer(status=201, schema="answers.v1.submitted", headers=SAVED),),
        refusals=(stories.BadIdempotencyKey, *UNREADABLE, Invalid, idempotency.KeyReused),
    ),
    "api.list_stories": Call(
        group="stories",
        title=Text("Danh sách bài", "List stories"),
        about=Text(
            "Tổ chức thấy bài của mình; biên tập viên thấy mọi bài đã gửi, trừ bản nháp.",
            "An organization sees its own; the editor whatever was handed in, no drafts.",
        ),
        roles=DESK,
        query=(STATE, LIMIT, CURSOR),
        answers=(Answer(schema="answers.v1.stories", headers=("Link",)),),
        refusals=(reading.BadQuery,),
    ),
    "api.get_story": Call(
        group="stories",
        title=Text("Đọc một bài", "Read a story"),
        about=Text(
            "Nội dung là của phiên bản mới nhất. Việc đọc số điện thoại, địa chỉ liên hệ được ghi vào nhật ký.",
            "The content is the newest version's. That somebody's contacts were read is journalled.",
        ),
        roles=DESK,
        answers=(Answer(schema="answers.v1.story", headers=SAVED),),
        refusals=(NotFound,),
    ),
    "api.list_versions": Call(
        group="stories",
        title=Text("Danh sách phiên bản", "List versions"),
        roles=DESK,
        query=(VERSION_CURSOR,),
        answers=(Answer(schema="answers.v1.versions"),),
        refusals=(reading.BadQuery, NotFound),
    ),
    "api.get_version": Call(
        group="stories",
        title=Text("Đọc một phiên bản", "Read a version"),
        roles=DESK,
        answers=(Answer(schema="answers.v1.version"),),
        refusals=(NotFound, regulation_reading.StoryClosed),
    ),
    "api.compare_versions": Call(
        group="stories",
        title=Text("So hai phiên bản theo từng mục", "Compare two versions field by field"),
        roles=DESK,
        query=(FROM, TO),
        answers=(Answer(schema="answers.v1.differences"),),
        refusals=(reading.BadQuery, NotFound, regulation_reading.StoryClosed),
    ),
    "api.act_on_story": Call(
        group="acts",
        title=Text("Làm một bước xử lý", "Do an act"),
        about=Text(
            "Tổ chức: submit, recall, correct, request_withdrawal. Biên tập viên: return, approve, release, hold, "
            "lift, withdraw, join; approve kèm channels thì duyệt và phát hành luôn. Không ghi channels thì bài vào "
            "những kênh có tiêu chí hợp với bài; chọn thêm kênh khác phải có note. join gộp bài chưa phát hành vào bài "
            "khác kể cùng việc ấy (into); bài được giữ lại ghi tên cả hai đơn vị.",
            "Organizations: submit, recall, correct, request_withdrawal. The editor: return, approve, release, hold, "
            "lift, withdraw, join; approve with channels releases as well. Without channels the story goes where a "
            "selection proposes it; going beyond needs a note. join makes a story that was never released a part of "
            "another one that tells the same deed (into), which then credits both suppliers.",
        ),
        roles=DESK,
        body=ORDER,
        answers=(Answer(status=201, schema="answers.v1.done", headers=SAVED),),
        refusals=(
            *(*UNREADABLE, NotFound, workflow.ActForbidden, workflow.ActNotYours, acts.VersionConflict),
            *(releasing.ReleaseRefused, releasing.NoChannel, releasing.AlreadyReleased, acts.NothingToCorrect),
            *(chain.NotYourStep, chain.OwnStory, chain.SecondPersonNeeded, joining.CannotJoinInto, Invalid),
        ),
    ),
    "api.list_corrections": Call(
        group="acts",
        title=Text("Các lần đính chính của bài", "The corrections of a story"),
        about=Text(
            "Từng thay đổi: mục, trước, sau, lý do, mức độ, ai sửa; kèm lời đính chính viết sẵn để in và để đọc trên "
            "sóng. Đơn vị nhận tin thấy đúng phần mà kênh của mình đã hiện.",
            "Each change: field, before, after, reason, severity and who; with ready words to print and to read on "
            "air. An outlet sees what its own channels showed.",
        ),
        roles=(*DESK, Role.OUTLET),
        answers=(Answer(schema="answers.v1.corrections"),),
        refusals=(NotFound, regulation_reading.StoryClosed),
    ),
    "api.list_readers": Call(
        group="acts",
        title=Text("Những ai có thể đã có bài", "Who could have had a story"),
        about=Text(
            "Các kênh bài đã đứng, từ khi nào, những phiên bản nào; giữ lâu bằng chính bài, kể cả sau khi rút.",
            "The channels it stood in, since when, which versions; kept as long as the story, also once withdrawn.",
        ),
        roles=DESK,
        answers=(Answer(schema="answers.v1.readers"),),
        refusals=(NotFound,),
    ),
    "api.list_likenesses": Call(
        group="acts",
        title=Text("Các bài có vẻ kể cùng một việc", "Stories that seem to tell the same deed"),
        about=Text(
            "Được dò ít lâu sau khi bài đến (xem likeness của bài); kể cả những bài đã quyết định.",
            "Searched for soon after a story arrives (see its likeness); with those that were decided.",
        ),
        roles=JUDGES,
        answers=(Answer(schema="answers.v1.likenesses"),),
        refusals=(NotFound,),
    ),
    "api.dismiss_likeness": Call(
        group="acts",
        title=Text("Xác nhận hai bài kể hai việc khác nhau", "Say that two stories tell two deeds"),
        about=Text(
            "Hai bài không được nêu với nhau nữa. Làm lại lần nữa không thay đổi gì.",
            "They are not brought up together again. Saying it twice changes nothing.",
        ),
        roles=JUDGES,
        answers=(Answer(schema="answers.v1.likeness"),),
        refusals=(NotFound, likenesses.LikenessDecided),
    ),
    "api.list_acts": Call(
        group="acts",
        title=Text("Các bước đã làm với một bài", "What was done to a story"),
        roles=DESK,
        answers=(Answer(schema="answers.v1.acts"),),
        refusals=(NotFound,),
    ),
    "api.explain_channel": Call(
        group="acts",
        title=Text("Vì sao một kênh có hoặc không có bài", "Why a channel has a story or not"),
        roles=DESK,
        query=(CHANNEL,),
        answers=(Answer(schema="answers.v1.why"),),
        refusals=(NotFound,),
    ),
    "api.get_regulation": Call(
        group="regulation",
        title=Text("Quy chế đang có hiệu lực", "The regulation in force"),
        about=Text(
            "Mỗi việc được xét theo bản có hiệu lực khi việc đó xảy ra.",
            "What happens is judged by the edition in force when it happened.",
        ),
        who=EVERYONE,
        query=(AS_OF,),
        answers=(Answer(schema="answers.v1.edition"),),
        refusals=(reading.BadQuery, NotFound),
    ),
    "api.list_duties": Call(
        group="regulation",
        title=Text("Việc phải làm: đến hạn, quá hạn, đã làm, được miễn", "What is due, late, met or waived"),
        about=Text(
            "Tổ chức thấy việc của mình và của đơn vị trực thuộc; đơn vị nhận tin thấy việc của mình; biên tập viên "
            "thấy tất cả. Mỗi dòng dẫn điều khoản và các dòng nhật ký chứng minh.",
            "An organization sees what it and all below it owe, an outlet its own, the editor all. Each line names its "
            "clause and the journal rows that prove it.",
        ),
        roles=(*DESK, Role.OUTLET),
        query=(*ABOUT_DUTIES, AS_OF, LIMIT, CURSOR),
        answers=(Answer(schema="answers.v1.duties", headers=("Link",)),),
        refusals=(reading.BadQuery,),
    ),
    "api.get_duty": Call(
        group="regulation",
        title=Text("Một nghĩa vụ và bằng chứng của nó", "A duty with its evidence"),
        roles=(*DESK, Role.OUTLET),
        answers=(Answer(schema="answers.v1.proved_duty"),),
        refusals=(NotFound,),
    ),
    "api.waive_duty": Call(
        group="regulation",
        title=Text("Miễn một nghĩa vụ", "Waive a duty"),
        about=Text("Phải ghi lý do; được ghi nhật ký.", "Needs a reason; it is journalled."),
        roles=(Role.EDITOR,),
        body=WAIVER,
        answers=(Answer(schema="answers.v1.duty"),),
        refusals=(*UNREADABLE, NotFound, waiving.DutyEnded, Invalid),
    ),
    "api.post_filing": Call(
        group="regulation",
        title=Text("Gửi báo cáo quý, ý tưởng, kiến nghị hoặc lời trả lời", "File a report, an idea, or an answer"),
        about=Text(
            "report: tổ chức báo cáo quý đã kết thúc. idea: tổ chức gửi tổ chức khác, hoặc biên tập viên gửi thay; tổ "
            "chức nhận phải trả lời trong thời hạn của quy chế. idea_answer: người xác nhận của tổ chức nhận, hoặc "
            "của cấp trên, trả lời một lần. Nhật ký chỉ giữ cam kết của nội dung.",
            "report: an organization reports on a quarter that is over. idea: to an organization, from another one or "
            "from the editor for somebody; it owes an answer within the regulation's term. idea_answer: once, by a "
            "confirmer of the organization that was asked or of one above it. The journal keeps commitments only.",
        ),
        roles=filings.FILERS,
        body=FILING,
        answers=(Answer(status=201, schema="answers.v1.filing"),),
        refusals=(
            *(*UNREADABLE, NotFound, filings.FilesForNobody, filings.AnswerNotYours, filings.IdeaAnswered),
            Invalid,
        ),
    ),
    "api.list_filings": Call(
        group="regulation",
        title=Text("Danh sách báo cáo, ý tưởng, kiến nghị và lời trả lời", "List reports, ideas and answers"),
        about=Text(
            "Tổ chức thấy những gì mình và đơn vị trực thuộc gửi hoặc nhận; biên tập viên thấy tất cả.",
            "An organization sees what it and all below it sent or were sent; the editor all.",
        ),
        roles=DESK,
        query=(FILING_KIND, LIMIT, VERSION_CURSOR),
        answers=(Answer(schema="answers.v1.filings", headers=("Link",)),),
        refusals=(reading.BadQuery,),
    ),
    "api.post_media": Call(
        group="media",
        title=Text("Tải ảnh lên", "Upload a picture"),
        about=Text(
            f"Gửi chính tệp ảnh, hoặc biểu mẫu với phần tên là file; tối đa {pictures.MAX_BYTES // 2**20} MB và "
            f"{pictures.MAX_PIXELS // 10**6} triệu điểm ảnh.",
            f"Send the file itself, or a form whose part is named file; at most {pictures.MAX_BYTES // 2**20} MB and "
            f"{pictures.MAX_PIXELS // 10**6} million pixels.",
        ),
        roles=ORGANIZATION,
        body=PICTURE,
        answers=(Answer(status=201, schema="answers.v1.upload", headers=("Location",)),),
        refusals=(media.NotAPicture, TooLarge),
    ),
    "api.get_media": Call(
        group="media",
        title=Text("Xem ảnh đã tải lên", "Look at an upload"),
        about=Text(
            "Trước khi phát hành: tổ chức xem ảnh của mình, biên tập viên xem ảnh mà bài có dùng.",
            "Before any release: an organization its own pictures, the editor those that stories name.",
        ),
        roles=DESK,
        answers=(IMAGE,),
        refusals=(NotFound,),
    ),
    "api.post_report": Call(
        group="reports",
        title=Text("Báo tin về sai phạm", "Report wrongdoing"),
        about=Text(
            "Nội dung được niêm phong ngay bằng khóa công khai của người giám sát; hệ thống không đọc lại được, không "
            "ghi vào nhật ký, không đếm. Không xem khóa đăng nhập. Mã nhận tin chỉ hiện một lần.",
            "Sealed at once to the auditors' public keys; the hub cannot read it again and neither logs nor counts it. "
            "No key is looked at. The receipt is shown once.",
        ),
        who=EVERYONE,
        body=REPORT,
        answers=(Answer(status=201, schema="answers.v1.report_received", headers=("Cache-Control",)),),
        refusals=(*UNREADABLE, Invalid, reports.NoAuditor, Unavailable),
    ),
    "api.ask_report": Call(
        group="reports",
        title=Text("Hỏi kết quả bằng mã nhận tin", "Ask what became of a report"),
        about=Text(
            "Mã nằm trong nội dung gửi đi, không bao giờ nằm trong địa chỉ.",
            "The receipt stands in the body, never in an address.",
        ),
        who=Text("người giữ mã nhận tin", "whoever holds the receipt"),
        body=RECEIPT,
        answers=(Answer(schema="answers.v1.report_told", headers=("Cache-Control",)),),
        refusals=(*UNREADABLE, Invalid, reports.NoSuchReceipt),
    ),
    "api.list_changes": Call(
        group="outlets",
        title=Text("Đọc sổ thay đổi của kênh, không sót mục nào", "Read a channel's ledger without loss"),
        about=Text(
            "Giữ lại số cuối cùng đã xử lý và hỏi tiếp từ đó. Bài đã rút chỉ còn dấu đã rút, kể cả khi đọc lại từ 0.",
            "Keep the last number you dealt with and go on from there. A withdrawn story is a tombstone, even from 0.",
        ),
        roles=OUTLET,
        query=(AFTER, LIMIT),
        answers=(Answer(schema="answers.v1.changes", headers=("Cache-Control",)), MOVED),
        refusals=(reading.BadQuery, NotFound),
    ),
    "api.list_persons": Call(
        group="consent",
        title=Text("Danh sách người mà các bài nói tới", "List the persons that stories are about"),
        about=Text(
            "Người, tập thể, hộ gia đình. Tổ chức thấy người trong bài của mình; biên tập viên thấy tất cả.",
            "Persons, collectives, households. An organization sees those of its own stories; the editor all.",
        ),
        roles=DESK,
        query=(OF_STORY, LIMIT, CURSOR),
        answers=(Answer(schema="answers.v1.persons", headers=("Link",)),),
        refusals=(reading.BadQuery,),
    ),
    "api.get_person": Call(
        group="consent",
        title=Text("Đọc sổ đồng ý của một người", "Read a person's ledger"),
        about=Text(
            "Người đã gộp dẫn tới người còn lại. Họ tên người giám hộ được niêm phong.",
            "Whoever was merged leads to the one who was kept. A guardian's name is sealed.",
        ),
        roles=DESK,
        answers=(Answer(schema="answers.v1.person_whole"),),
        refusals=(NotFound,),
    ),
    "api.act_on_person": Call(
        group="consent",
        title=Text("Ghi, rút sự đồng ý; gộp người bị ghi trùng", "Record or withdraw consent, merge a double"),
        about=Text(
            "Rút có hiệu lực ngay ở mọi nguồn tin, trang và ảnh; đơn vị đã nhận bài được yêu cầu gỡ và trả lời. Ghi "
            "thêm chỉ có tác dụng với lần phát hành sau. Chỉ biên tập viên gộp người và ghi đã báo kết quả.",
            "A withdrawal acts at once in every feed, page and picture; outlets that had the story are asked to act "
            "and answer. What is recorded counts for later releases only. Only the editor merges and reports.",
        ),
        roles=LEDGER,
        body=CONSENT_ACT,
        answers=(Answer(status=201, schema="answers.v1.consent_done"),),
        refusals=(*UNREADABLE, NotFound, NotMergeable, Invalid),
    ),
    "api.post_proof": Call(
        group="consent",
        title=Text("Gửi giấy tờ chứng minh sự đồng ý", "Send the paper behind a consent"),
        about=Text(
            f"PDF hoặc ảnh, tối đa {MAX_BYTES // 2**20} MB; niêm phong ngay khi nhận.",
            f"A PDF or a picture, at most {MAX_BYTES // 2**20} MB; sealed as it comes in.",
        ),
        roles=LEDGER,
        body=Body(media_types=(*BEGINNINGS, FORM)),
        answers=(Answer(status=201, schema="answers.v1.proof", headers=("Location",)),),
        refusals=(NotFound, NotAProof, TooLarge),
    ),
    "api.get_proof": Call(
        group="consent",
        title=Text("Mở giấy tờ đã niêm phong", "Open a sealed paper"),
        about=Text("Mỗi lần mở được ghi vào nhật ký.", "Every opening is journalled."),
        roles=(Role.EDITOR, Role.AUDITOR),
        answers=(Answer(about=Text("Tệp.", "The file."), media_types=tuple(BEGINNINGS), headers=("Cache-Control",)),),
        refusals=(NotFound,),
    ),
    "api.list_receipts": Call(
        group="consent",
        title=Text("Danh sách phiếu yêu cầu gỡ", "List what outlets are asked to do"),
        about=Text(
            "Đơn vị nhận tin thấy phiếu của mình; biên tập viên thấy tất cả, kèm số ngày còn lại.",
            "An outlet sees its own; the editor all of them, with the days that are left.",
        ),
        roles=(Role.OUTLET, Role.EDITOR),
        query=(OPEN, LIMIT, VERSION_CURSOR),
        answers=(Answer(schema="answers.v1.receipts", headers=("Link",)),),
        refusals=(reading.BadQuery,),
    ),
    "api.answer_receipt": Call(
        group="consent",
        title=Text("Trả lời một phiếu yêu cầu", "Answer a receipt"),
        roles=OUTLET,
        body=RECEIPT_ANSWER,
        answers=(Answer(status=201, schema="answers.v1.receipt"),),
        refusals=(*UNREADABLE, NotFound, ReceiptAnswered, Invalid),
    ),
    "api.post_pickup": Call(
        group="outlets",
        title=Text("Phản hồi sử dụng một bài", "Tell what was done with a story"),
        about=Text(
            "Với bài đã có trong kênh mà đơn vị đọc được, kể cả bài đã rút. Mỗi lần dùng gửi một phản hồi; đơn vị gửi "
            "bài được báo khi bài được in, phát, đăng. Phản hồi là bằng chứng thực hiện nghĩa vụ theo quy chế.",
            "Of stories that stood in a channel the outlet can read, withdrawn since or not. Each use is told by "
            "itself; the sender hears of what was printed, aired or published. It proves duties of the regulation.",
        ),
        roles=OUTLET,
        body=PICKUP,
        answers=(Answer(status=201, schema="answers.v1.pickup"),),
        refusals=(*UNREADABLE, NotFound, Invalid),
    ),
    "api.list_pickups": Call(
        group="outlets",
        title=Text("Danh sách phản hồi sử dụng", "List what outlets did with stories"),
        about=Text(
            "Đơn vị nhận tin thấy phản hồi của mình; tổ chức thấy phản hồi về bài của mình và của đơn vị trực thuộc; "
            "biên tập viên thấy tất cả.",
            "An outlet sees its own, an organization those about its stories and those of all below it, the editor "
            "all.",
        ),
        roles=(*DESK, Role.OUTLET),
        query=(STORY_OF, LIMIT, VERSION_CURSOR),
        answers=(Answer(schema="answers.v1.pickups", headers=("Link",)),),
        refusals=(reading.BadQuery,),
    ),
    "api.get_notices": Call(
        group="notices",
        title=Text("Mình được báo việc gì", "What you are told"),
        about=Text(
            "Cần khóa của chính người đó: khóa của tổ chức, cơ quan hoặc bàn biên tập không phải của riêng ai.",
            "With the person's own key: keys of organizations, outlets or the desk are nobody's own.",
        ),
        roles=notices.PEOPLE,
        answers=(CHOSEN,),
    ),
    "api.put_notices": Call(
        group="notices",
        title=Text("Chọn việc được báo và khi nào", "Choose what you are told, and when"),
        about=Text("Mục không nêu thì giữ nguyên.", "What is not named stays as it is."),
        roles=notices.PEOPLE,
        body=CHOICE,
        answers=(CHOSEN,),
        refusals=(*UNREADABLE, Invalid),
    ),
    "api.get_me": Call(
        group="registers",
        title=Text("Mình là ai, được làm gì", "Who you are, and what you may do"),
        roles=notices.PEOPLE,
        answers=(Answer(schema="answers.v1.me", headers=("Cache-Control",)),),
    ),
    "api.post_delegation": Call(
        group="registers",
        title=Text("Nhờ người làm thay khi vắng", "Have a deputy while you are away"),
        about=Text(
            "Cần khóa của chính người đó. Người thay có mọi vai trò của mình trong thời gian ấy.",
            "With the person's own key. The deputy has all of your roles for that time.",
        ),
        roles=notices.PEOPLE,
        body=DEPUTY,
        answers=(Answer(status=201, schema="answers.v1.delegation"),),
        refusals=(*UNREADABLE, Invalid, NotFound),
    ),
    "api.list_organizations": Call(
        group="registers",
        title=Text("Các tổ chức vào một ngày", "The organizations of a day"),
        about=Text(
            "Tổ chức thấy mình và cấp dưới; biên tập viên, người giám sát và quản trị thấy tất cả.",
            "An organization sees itself and all below it; editors, auditors and administrators see all.",
        ),
        roles=(*DESK, Role.ADMIN),
        query=(DAY_AS_OF, LIMIT, CURSOR),
        answers=(Answer(schema="answers.v1.organizations", headers=("Link",)),),
        refusals=(reading.BadQuery,),
    ),
    "api.get_organization": Call(
        group="registers",
        title=Text("Một tổ chức và lịch sử của nó", "An organization and its history"),
        roles=(*DESK, Role.ADMIN),
        answers=(Answer(schema="answers.v1.organization"),),
        refusals=(NotFound,),
    ),
    "api.post_organization_event": Call(
        group="registers",
        title=Text("Ghi một sự việc của tổ chức", "Record what happens to an organization"),
        about=Text(
            "Chỉ trong phạm vi mình quản trị: mọi tổ chức được nêu phải thuộc phạm vi đó. Được ghi nhật ký.",
            "Within your own subtree: every organization named has to stand in it. It is journalled.",
        ),
        roles=(Role.ADMIN,),
        body=REGISTER_EVENT,
        answers=(Answer(status=201, schema="answers.v1.register_events", headers=("Location",)),),
        refusals=(
            *(*UNREADABLE, Invalid, NotFound),
            *(register_history.Cycle, register_history.OverlappingValidity, register_history.HasEnded),
        ),
    ),
    "api.list_users": Call(
        group="registers",
        title=Text("Ai giữ vai trò gì vào một ngày", "Who has which role, on a day"),
        about=Text("Trong phạm vi của người hỏi.", "Within the asker's reach."),
        roles=(Role.EDITOR, Role.ADMIN),
        query=(DAY_AS_OF, LIMIT, VERSION_CURSOR),
        answers=(Answer(schema="answers.v1.seats", headers=("Link",)),),
        refusals=(reading.BadQuery,),
    ),
    "api.post_user": Call(
        group="registers",
        title=Text("Thêm người dùng", "Add a user"),
        about=Text(
            "Khóa chỉ hiện một lần và chưa mở được gì khi chưa có vai trò.",
            "The key is shown once, and opens nothing before the user has a role.",
        ),
        roles=(Role.ADMIN,),
        body=NEW_USER,
        answers=(Answer(status=201, schema="answers.v1.new_user", headers=("Cache-Control",)),),
        refusals=(*UNREADABLE, Invalid, CodeTaken),
    ),
    "api.post_membership": Call(
        group="registers",
        title=Text("Giao vai trò trong một tổ chức", "Give a role in an organization"),
        about=Text(
            "Chỉ trong phạm vi mình quản trị, cho người chưa có vai trò hoặc đã có vai trò trong phạm vi đó.",
            "Within your own subtree, to users without a role as yet or with one in it.",
        ),
        roles=(Role.ADMIN,),
        body=MEMBERSHIP,
        answers=(Answer(status=201, schema="answers.v1.seat"),),
        refusals=(*UNREADABLE, Invalid, NotFound, WrongPlace),
    ),
    "api.list_outlets": Call(
        group="registers",
        title=Text("Các đơn vị nhận tin vào một ngày", "The outlets of a day"),
        about=Text(
            "Đơn vị nhận tin thấy mình và các kênh công khai; người khác thấy tất cả.",
            "An outlet sees itself and the public's; others see all.",
        ),
        roles=notices.PEOPLE,
        query=(DAY_AS_OF, LIMIT, CURSOR),
        answers=(Answer(schema="answers.v1.outlets", headers=("Link",)),),
        refusals=(reading.BadQuery,),
    ),
    "feeds.get_feed": Call(
        group="feeds",
        title=Text("Nguồn tin của một kênh", "A channel's feed"),
        about=Text(
            "Trang đầu, thay đổi mới nhất trước. Khóa đưa bằng Bearer, hoặc làm mật khẩu của Basic với tên bất kỳ.",
            "The first page, newest change first. The key as Bearer, or as the password of Basic under any name.",
        ),
        who=BY_AUDIENCE,
        key_optional=True,
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
        headers=(IF_NONE_MATCH,),
        answers=(FEED, UNCHANGED, MOVED),
        refusals=(NotFound, Gone),
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
        headers=(IF_NONE_MATCH,),
        answers=(OUTLINES, UNCHANGED),
        refusals=(Unauthenticated,),
    ),
    "pages.feeds_of_address_as_opml": Call(
        group="feeds",
        title=Text("Danh sách nguồn tin ở địa chỉ riêng", "The feeds of an unguessable address as OPML"),
        who=ADDRESS_HOLDER,
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
    "media.get_picture": Call(
        group="feeds",
        title=Text("Ảnh của một mục tin", "A picture of an entry"),
        who=Text("người có địa chỉ ảnh, ghi trong nguồn tin", "whoever has its address, which stands in the feed"),
        headers=(IF_NONE_MATCH,),
        answers=(IMAGE, UNCHANGED),
        refusals=(NotFound, Gone),
    ),
    "docs.openapi_document": Call(
        group="operation",
        title=Text("Bản mô tả này, cho máy đọc", "This description, for machines"),
        who=EVERYONE,
        headers=(IF_NONE_MATCH,),
        answers=(Answer(about=Text("Tài liệu OpenAPI 3.1.", "OpenAPI 3.1."), headers=KEPT_COPY), UNCHANGED),
    ),
    "docs.api_docs": Call(
        group="operation",
        title=Text("Trang mô tả này", "This page"),
        who=EVERYONE,
        query=(LANG,),
        headers=(IF_NONE_MATCH,),
        answers=(PAGE, UNCHANGED),
    ),
    "health.healthz": Call(
        group="operation",
        title=Text("Máy chủ còn chạy không", "Is it alive"),
        who=EVERYONE,
        answers=(Answer(schema="answers.v1.alive"),),
    ),
    "health.readyz": Call(
        group="operation",
        title=Text("Hệ thống làm việc được chưa", "Can it work"),
        who=EVERYONE,
        answers=(Answer(schema="answers.v1.readiness"), Answer(status=503, schema="answers.v1.readiness")),
    ),
    "health.metrics": Call(
        group="operation",
        title=Text("Số đo vận hành", "Figures for operators"),
        about=Text(
            "Cần khóa trong HUB_METRICS_KEY; nếu không đặt khóa thì chỉ chính máy chủ hỏi được.",
            "Needs the key in HUB_METRICS_KEY; without one only the machine itself may ask.",
        ),
        who=Text("người vận hành", "operators"),
        key_optional=True,
        answers=(Answer(about=Text("Dạng của Prometheus.", "As Prometheus reads them."), media_types=("text/plain",)),),
        refusals=(NotFound,),
    ),
}

# The codes in `errors` that are not the schemas' own (vocabulary `faults`); their sentences are under fault.<code>.
FAULT_CODES: Sequence[tuple[Text, str]] = (
    (
        Text("JSON không đọc được", "JSON that cannot be read"),
        "not_utf8 not_json duplicate_key not_a_number number_too_large lone_surrogate too_deep",
    ),
    (Text("Bài", "Stories"), "unclean too_complex empty_after_cleaning unknown_upload not_withdrawn"),
    (Text("Ảnh", "Pictures"), "not_a_picture type_mismatch too_large too_many_pixels truncated"),
    (
        Text("Bước xử lý", "Acts"),
        "note_needed unknown_channel unknown_story joined_into_itself unknown_claim field_not_changed",
    ),
    (Text("Sổ đồng ý", "The consent ledger"), "unknown_proof"),
    (
        Text("Phản hồi sử dụng; báo cáo, ý tưởng", "Pick-ups; reports, ideas"),
        "use_to_come version_not_had quarter_not_over unknown_organization",
    ),
    (
        Text("Bảng tổ chức, người dùng", "Tables of organizations, users"),
        "unknown_column cell_missing cell_not_in_list cell_not_a_day overlapping_rows unknown_parent circle "
        "ends_before_it_starts",
    ),
    (
        Text("Quy chế", "The regulation"),
        "duplicate_number unknown_duty unknown_owner unknown_clause unknown_paragraph unknown_legal_basis "
        "repealed_legal_basis impossible_deadline deadline_without_period reminder_too_early",
    ),
    (
        Text("Quy tắc phát hành", "Rules of release"),
        "no_consent consent_not_yet name_without_consent no_guardian_consent no_child_assent embargo_too_early "
        "no_guest no_method_or_lesson field_missing unverified_claim child_detail_without_consent no_unit_clearance "
        "taken_back_here",
    ),
)
