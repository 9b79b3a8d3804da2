"""Programmes, segments and bookings: the calls, as the API describes them."""

from __future__ import annotations

from collections.abc import Mapping

from feeds import rundown, rundown_sheet
from hub.accounts import rights
from hub.api import reading
from hub.api.calls.common import CURSOR, LIMIT, OUTLET, UNREADABLE, VERSION_CURSOR
from hub.api.calls.shapes import JSON, Answer, Body, Call, Parameter, Text
from hub.errors import Invalid, NotFound, Unconditional
from hub.outlets.planning import asking, bookings, keeping, moves, orders, overlaps, programmes, segments

GROUP = "planning"
KNOWN = Parameter(
    "If-Match",
    Text(
        "ETag của kế hoạch lần đọc gần nhất; đã đổi thì 412.", "The plan's ETag as last read; 412 when it has changed."
    ),
    {"type": "string"},
)
NEEDED = Parameter(
    "If-Match",
    Text(
        "ETag của kế hoạch lần đọc gần nhất; thiếu thì 428, đã đổi thì 412.",
        "The plan's ETag as last read; 428 without it, 412 when it has changed.",
    ),
    {"type": "string"},
    required=True,
)
INSTANT = {"type": "string", "format": "date-time"}
FROM_TIME = Parameter(
    "from",
    Text("Chỉ những phần kết thúc sau lúc này.", "Only what ends after this."),
    INSTANT,
    "2026-11-30T00:00:00+07:00",
)
UNTIL_TIME = Parameter("until", Text("Chỉ những phần bắt đầu trước lúc này.", "Only what begins before this."), INSTANT)
NEW_SEGMENT = Body(
    schema=orders.SEGMENT,
    examples={
        "by_itself": {"title": "Giao lưu cuối tuần", "starts_at": "2026-12-05T20:00:00+07:00", "planned_seconds": 1800},
        "occurrence": {
            "programme": "prg_01kx0000000000000000000000",
            "recurrence_id": "2026-12-08T19:30:00+07:00",
            "theme": "Giữ bến mùa bão",
        },
    },
)
CHANGED_SEGMENT = Body(
    schema=orders.SEGMENT,
    examples={
        "moved": {"starts_at": "2026-12-05T21:00:00+07:00"},
        "crew": {"crew": [{"name": "Mai Thị Lụa", "role": "host"}]},
    },
)
STATE = Body(schema=orders.STATE, examples={"confirmed": {"state": "confirmed"}, "aired": {"state": "aired"}})
NEW_PROGRAMME = Body(
    schema=orders.PROGRAMME,
    examples={
        "weekly": {
            "title": "Người tốt quanh ta",
            "rule": "FREQ=WEEKLY;BYDAY=TU",
            "starts_at": "2026-12-01T19:30:00+07:00",
            "planned_seconds": 1800,
        }
    },
)
CHANGED_PROGRAMME = Body(schema=orders.PROGRAMME, examples={"new_year": {"excluded": ["2026-12-29T19:30:00+07:00"]}})
NEW_GUEST = Body(
    schema=orders.BOOKING,
    examples={
        "from_a_card": {"story": "st_01k2m3n4p5q6r7s8t9v0w1x2y3", "name": "Nguyễn Văn Biển"},
        "free": {"name": "Lò Thị Hạnh", "role": "chuyên gia", "contact": {"phone": "0200 000 0123"}},
    },
)
CHANGED_GUEST = Body(schema=orders.BOOKING, examples={"strap": {"name_strap": "Ông Nguyễn Văn Biển, thợ máy tàu cá"}})
UNIT_ANSWER = Body(schema=orders.ANSWER, examples={"nothing": {}, "note": {"note": "Bác Biển đến trước 30 phút."}})
ITEM = {"kind": "lead_in", "title": "Phóng sự dẫn", "planned_seconds": 90}
RUNDOWN = Body(
    schema=orders.RUNDOWN,
    examples={
        "items": {
            "items": [
                ITEM,
                {
                    "kind": "talk",
                    "title": "Trò chuyện với khách",
                    "planned_seconds": 900,
                    "guests": [1],
                    "questions": [{"text": "Bác bắt đầu từ đâu?", "answer_seconds": 60}],
                },
                {"kind": "close", "title": "Chào khán giả", "planned_seconds": 30},
            ]
        }
    },
)
STEP = Body(
    schema=orders.RUNDOWN,
    examples={
        "insert": {"step": {"do": "insert", "number": 2, "item": ITEM}},
        "move": {"step": {"do": "move", "number": 3, "to": 1}},
        "time": {"step": {"do": "time", "number": 1, "real_seconds": 84}},
    },
)
HEADERS = ("ETag", "Cache-Control")
UNKEPT = ("Cache-Control",)
FILES = (rundown_sheet.MEDIA_TYPE, "text/csv", JSON)
SEGMENT = Answer(schema="answers.v1.segment", headers=HEADERS)
NEW = Answer(status=201, schema="answers.v1.segment", headers=("Location", *HEADERS))
PROGRAMME = Answer(schema="answers.v1.programme", headers=HEADERS)
CHANGES = (*UNREADABLE, Invalid, NotFound, keeping.PlanChanged)
COMING = (  # what stands against somebody's coming
    *(overlaps.BookedTwice, overlaps.BookedElsewhere),
    *(asking.NoConsent, asking.ConsentGone, asking.ConsentEnds, asking.CardGone),
)

CALLS: Mapping[str, Call] = {
    "api.list_segments": Call(
        group=GROUP,
        title=Text("Danh sách buổi phát sóng của đơn vị", "List an outlet's segments"),
        about=Text(
            "Đơn vị chỉ thấy kế hoạch của mình. Buổi của chương trình chưa sửa gì thì xem ở chương trình.",
            "An outlet sees its own plans alone. Occurrences that nothing was changed for stand with their programme.",
        ),
        roles=OUTLET,
        query=(FROM_TIME, UNTIL_TIME, LIMIT, CURSOR),
        answers=(Answer(schema="answers.v1.segments", headers=("Link",)),),
        refusals=(reading.BadQuery,),
    ),
    "api.post_segment": Call(
        group=GROUP,
        title=Text("Lập một buổi phát sóng", "Plan a segment"),
        about=Text(
            "Riêng lẻ, hoặc là một buổi của chương trình với chủ đề, giờ, khách mời riêng.",
            "By itself, or as an occurrence of a programme with a theme, a time and guests of its own.",
        ),
        roles=OUTLET,
        body=NEW_SEGMENT,
        answers=(NEW,),
        refusals=(*UNREADABLE, Invalid, NotFound, segments.OccurrencePlanned, overlaps.BookedTwice),
    ),
    "api.get_segment": Call(
        group=GROUP,
        title=Text("Một buổi phát sóng", "One segment"),
        about=Text(
            "Kèm khách mời, ê-kíp, kịch bản. Việc đọc số liên hệ được ghi nhật ký.",
            "With guests, crew and rundown. That contacts were read is journalled.",
        ),
        roles=OUTLET,
        answers=(SEGMENT,),
        refusals=(NotFound,),
    ),
    "api.patch_segment": Call(
        group=GROUP,
        title=Text("Sửa một buổi phát sóng", "Change a segment"),
        about=Text(
            "Đổi giờ thì khách đã xác nhận được hỏi lại; khách hoặc ê-kíp bận thì bị từ chối, nêu rõ bận việc gì.",
            "When its time moves, confirmed guests are asked again; where somebody is needed elsewhere then, it is "
            "refused, naming the other.",
        ),
        roles=OUTLET,
        headers=(NEEDED,),
        body=CHANGED_SEGMENT,
        answers=(SEGMENT,),
        refusals=(*CHANGES, Unconditional, keeping.PlanEnded, *COMING),
    ),
    "api.post_segment_state": Call(
        group=GROUP,
        title=Text("Đổi tình trạng của buổi phát sóng", "Bring a segment to another state"),
        about=Text(
            "Hủy thì trả chỗ cho mọi khách và báo cho đơn vị của họ.",
            "Cancelling gives every guest's slot back and tells their units.",
        ),
        roles=OUTLET,
        headers=(KNOWN,),
        body=STATE,
        answers=(SEGMENT,),
        refusals=(*CHANGES, moves.NotThisWay, moves.NotAiredYet, *COMING),
    ),
    "api.put_rundown": Call(
        group=GROUP,
        title=Text("Ghi kịch bản", "Put the rundown"),
        roles=OUTLET,
        headers=(NEEDED,),
        body=RUNDOWN,
        answers=(SEGMENT,),
        refusals=(*CHANGES, Unconditional, keeping.PlanEnded),
    ),
    "api.post_rundown_step": Call(
        group=GROUP,
        title=Text("Sửa một bước trong kịch bản", "Change the rundown by one step"),
        about=Text(
            "Chèn, chuyển, bỏ một mục, hoặc ghi thời lượng thực; đồng hồ kịch bản tính lại các mục sau.",
            "Insert, move or remove an item, or say what it really took; the running clock shifts those that follow.",
        ),
        roles=OUTLET,
        headers=(NEEDED,),
        body=STEP,
        answers=(SEGMENT,),
        refusals=(*CHANGES, Unconditional, keeping.PlanEnded),
    ),
    "api.post_guest": Call(
        group=GROUP,
        title=Text("Mời khách", "Ask a guest"),
        about=Text(
            "Khách trên thẻ giao lưu của một bài đang có ở kênh của đơn vị: giữ chỗ chờ đơn vị gửi bài trả lời; sự "
            "đồng ý cho dùng giọng nói (voice) hoặc giao lưu trực tiếp (live_appearance) phải còn đến hết phần phát "
            "sóng. Khách tự mời thì không cần.",
            "A guest of the interview card of a story that stands in a channel of the outlet: the slot is held for the "
            "unit's answer, and the guest's consent to the use of the voice (voice) or to a live appearance "
            "(live_appearance) has to last to the end of the broadcast. Whom the outlet knows by itself needs neither.",
        ),
        roles=OUTLET,
        headers=(KNOWN,),
        body=NEW_GUEST,
        answers=(NEW,),
        refusals=(*CHANGES, keeping.PlanEnded, bookings.TooManyGuests, *COMING),
    ),
    "api.patch_guest": Call(
        group=GROUP,
        title=Text("Sửa thông tin về khách", "Change what is said of a guest"),
        roles=OUTLET,
        headers=(NEEDED,),
        body=CHANGED_GUEST,
        answers=(SEGMENT,),
        refusals=(*CHANGES, Unconditional, keeping.PlanEnded, bookings.NotOptioned, *COMING),
    ),
    "api.delete_guest": Call(
        group=GROUP,
        title=Text("Thôi mời khách", "Give a guest's slot back"),
        about=Text("Khách rời kịch bản; đơn vị được báo.", "The guest leaves the rundown; the unit is told."),
        roles=OUTLET,
        headers=(KNOWN,),
        answers=(SEGMENT,),
        refusals=(NotFound, keeping.PlanChanged, keeping.PlanEnded),
    ),
    "api.swap_guest": Call(
        group=GROUP,
        title=Text("Thay bằng khách dự phòng", "Let the fall-back guest come instead"),
        roles=OUTLET,
        headers=(KNOWN,),
        answers=(SEGMENT,),
        refusals=(NotFound, keeping.PlanChanged, keeping.PlanEnded, bookings.NoFallback),
    ),
    "api.get_rundown": Call(
        group=GROUP,
        title=Text("Kịch bản của một buổi, dạng DOCX, CSV hoặc JSON", "A segment's rundown as DOCX, CSV or JSON"),
        about=Text(
            f"Chỉ của đơn vị mình. CSV là UTF-8 có BOM, các cột: {', '.join(rundown.RUNDOWN_COLUMNS)}. Liên hệ của "
            "khách mời có trong DOCX và JSON; việc đọc được ghi nhật ký.",
            f"The outlet's own only. CSV is UTF-8 with a BOM, its columns: {', '.join(rundown.RUNDOWN_COLUMNS)}. How "
            "to reach the guests stands in DOCX and JSON; that it was read is journalled.",
        ),
        roles=OUTLET,
        answers=(Answer(about=Text("Kịch bản.", "The rundown."), media_types=FILES, headers=UNKEPT),),
        refusals=(NotFound,),
    ),
    "api.get_straps": Call(
        group=GROUP,
        title=Text("Dòng chữ chạy tên khách mời, dạng CSV", "The guests' name straps as CSV"),
        about=Text(
            f"UTF-8 có BOM, các cột: {', '.join(rundown.STRAP_COLUMNS)}.",
            f"UTF-8 with a BOM, its columns: {', '.join(rundown.STRAP_COLUMNS)}.",
        ),
        roles=OUTLET,
        answers=(Answer(about=Text("Bảng tên.", "The straps."), media_types=("text/csv",), headers=UNKEPT),),
        refusals=(NotFound,),
    ),
    "api.list_programmes": Call(
        group=GROUP,
        title=Text("Danh sách chương trình định kỳ", "List an outlet's programmes"),
        roles=OUTLET,
        query=(LIMIT, VERSION_CURSOR),
        answers=(Answer(schema="answers.v1.programmes", headers=("Link",)),),
        refusals=(reading.BadQuery,),
    ),
    "api.post_programme": Call(
        group=GROUP,
        title=Text("Lập chương trình định kỳ", "Plan a programme"),
        roles=OUTLET,
        body=NEW_PROGRAMME,
        answers=(Answer(status=201, schema="answers.v1.programme", headers=("Location", *HEADERS)),),
        refusals=(*UNREADABLE, Invalid, NotFound),
    ),
    "api.get_programme": Call(
        group=GROUP,
        title=Text("Một chương trình định kỳ, kèm các buổi tới", "One programme, with its next starts"),
        roles=OUTLET,
        answers=(PROGRAMME,),
        refusals=(NotFound,),
    ),
    "api.patch_programme": Call(
        group=GROUP,
        title=Text("Sửa hoặc ngừng chương trình định kỳ", "Change or end a programme"),
        roles=OUTLET,
        headers=(NEEDED,),
        body=CHANGED_PROGRAMME,
        answers=(PROGRAMME,),
        refusals=(*CHANGES, Unconditional, keeping.PlanEnded, programmes.OccurrencesStrange),
    ),
    "api.list_bookings": Call(
        group=GROUP,
        title=Text("Khách của đơn vị được mời", "List what one's guests are asked to"),
        about=Text(
            "Đơn vị gửi bài chỉ thấy khách trong bài của mình.", "A unit sees the guests of its own stories alone."
        ),
        roles=rights.SPEAKERS,
        query=(LIMIT, VERSION_CURSOR),
        answers=(Answer(schema="answers.v1.bookings", headers=("Link",)),),
        refusals=(reading.BadQuery,),
    ),
    "api.answer_booking": Call(
        group=GROUP,
        title=Text("Xác nhận hoặc từ chối lời mời khách", "Confirm or decline a booking"),
        roles=rights.SPEAKERS,
        body=UNIT_ANSWER,
        answers=(Answer(schema="answers.v1.booking"),),
        refusals=(*CHANGES, keeping.PlanEnded, bookings.NotOptioned, *COMING),
    ),
}
