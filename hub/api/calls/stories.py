"""Stories and their versions: the calls, as the API describes them."""

from __future__ import annotations

from collections.abc import Mapping

from hub.api import reading, stories
from hub.api.calls.common import (
    CURSOR,
    DESK,
    FROM,
    IDEMPOTENCY_KEY,
    IF_MATCH,
    LIMIT,
    ORGANIZATION,
    SAVED,
    STATE,
    STORY,
    TO,
    UNREADABLE,
    VERSION_CURSOR,
)
from hub.api.calls.shapes import Answer, Call, Text
from hub.errors import Invalid, NotFound, Stale
from hub.intake import idempotency, submissions
from hub.regulation import reading as regulation_reading
from hub.regulation import workflow

CALLS: Mapping[str, Call] = {
    "api.put_story": Call(
        group="stories",
        title=Text("Gửi bài, hoặc gửi bản mới của bài", "Push a story, or a new version of it"),
        about=Text(
            "Gửi lại đúng nội dung cũ không tạo phiên bản mới. Bài bị trả lại mà gửi lại y nguyên thì bị từ chối: hãy "
            "sửa, hoặc dùng bước submit (bản đính chính: correct) để nộp nguyên như vậy. Nội dung mới của bài đã phát "
            "hành là bản đính chính, chờ biên tập viên duyệt. Bài đã rút không quay lại được: bài mới ghi mã của nó "
            "vào replaces.",
            "The same content again makes no new version. A returned story that comes again unchanged is refused: mend "
            "it, or do the act submit (for a correction: correct) to hand it in as it is. New content for a released "
            "story is a correction and waits for the editor. A withdrawn story never returns: a new one names it in "
            "replaces.",
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
            *(submissions.ReturnedUnchanged, workflow.ActForbidden, Stale, Invalid),
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
        refusals=(reading.BadIdempotencyKey, *UNREADABLE, Invalid, idempotency.KeyReused),
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
}
