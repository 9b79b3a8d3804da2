"""Ledgers of channels, pick-ups, receipts: the calls, as the API describes them."""

from __future__ import annotations

from collections.abc import Mapping

from hub.actors import Role
from hub.api import reading
from hub.api.calls.common import (
    AFTER,
    DAYS,
    DESK,
    IDEMPOTENCY_KEY,
    LIMIT,
    MOVED,
    OUTLET,
    OUTLET_FILE,
    PICKUP,
    PICKUP_STATE,
    STORY_OF,
    UNREADABLE,
    VERSION_CURSOR,
)
from hub.api.calls.shapes import Answer, Call, Text
from hub.errors import Invalid, NotFound
from hub.intake import idempotency
from hub.outlets import terms
from hub.regulation.filed import pickups

CALLS: Mapping[str, Call] = {
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
    "api.list_planned": Call(
        group="outlets",
        title=Text("Bài sắp phát hành vào kênh", "What is coming to a channel"),
        about=Text(
            "Chỉ khi đơn vị đã ký cam kết chờ giờ và cam kết còn hiệu lực; không thì 404. Có tiêu đề, giờ đã báo, "
            "khung giờ và khách mời; không bao giờ có nội dung.",
            "Only while an embargo term that the outlet has signed holds; else 404. Title, announced time, slots and "
            "guests; never the body.",
        ),
        roles=OUTLET,
        answers=(Answer(schema="answers.v1.planned", headers=("Cache-Control",)),),
        refusals=(NotFound, terms.NoTerm),
    ),
    "api.preview_outlets": Call(
        group="registers",
        title=Text("Xem trước tiêu chí chọn bài", "Preview what channels would let in"),
        about=Text(
            "Không lưu gì. Với mỗi kênh trong tệp: từng bài đã phát hành trong những ngày qua có được nhận hay không, "
            "và vì sao.",
            "Saves nothing. For each channel of the file: whether it would have had each story released during the "
            "last days, and why.",
        ),
        roles=(Role.EDITOR, Role.ADMIN),
        query=(DAYS,),
        body=OUTLET_FILE,
        answers=(Answer(schema="answers.v1.previews"),),
        refusals=(*UNREADABLE, reading.BadQuery, Invalid),
    ),
    "api.post_pickup": Call(
        group="pickups",
        title=Text("Phản hồi sử dụng một bài", "Tell what was done with a story"),
        about=Text(
            "Với bài đã có trong kênh mà đơn vị đọc được, kể cả bài đã rút. Mỗi lần dùng gửi một phản hồi; đơn vị gửi "
            "bài được báo khi bài được in, phát, đăng. Phản hồi là bằng chứng thực hiện nghĩa vụ theo quy chế.",
            "Of stories that stood in a channel the outlet can read, withdrawn since or not. Each use is told by "
            "itself; the sender hears of what was printed, aired or published. It proves duties of the regulation.",
        ),
        roles=OUTLET,
        headers=(IDEMPOTENCY_KEY,),
        body=PICKUP,
        answers=(Answer(status=201, schema="answers.v1.pickup"),),
        refusals=(
            *(reading.BadIdempotencyKey, *UNREADABLE, NotFound, Invalid, idempotency.KeyReused),
            pickups.PickupReplaced,
        ),
    ),
    "api.take_pickup_back": Call(
        group="pickups",
        title=Text("Thu hồi một phản hồi đã gửi nhầm", "Take back what was told by mistake"),
        about=Text(
            "Phản hồi cũ vẫn còn trong sổ, phản hồi mới cho biết nó không đúng. Muốn sửa thì gửi phản hồi mới với "
            "replaces.",
            "The old pick-up stays in the book, a new one says that it was not so. To put it right, send another one "
            "with replaces.",
        ),
        roles=OUTLET,
        answers=(Answer(status=201, schema="answers.v1.pickup"),),
        refusals=(NotFound, pickups.PickupReplaced),
    ),
    "api.confirm_pickup": Call(
        group="pickups",
        title=Text("Xác nhận lần dùng mà hệ thống tìm thấy", "Confirm a use that the hub found"),
        about=Text(
            "Từ lúc này nó được tính như phản hồi của đơn vị, và đơn vị gửi bài được báo.",
            "From now on it counts as told by the outlet, and the sender hears of it.",
        ),
        roles=OUTLET,
        answers=(Answer(schema="answers.v1.pickup"),),
        refusals=(NotFound, pickups.PickupSettled),
    ),
    "api.reject_pickup": Call(
        group="pickups",
        title=Text("Bác lần dùng mà hệ thống tìm thấy", "Reject a use that the hub found"),
        about=Text(
            "Địa chỉ ấy không bị hỏi lại cho bài này nữa.",
            "That address is not asked about for this story again.",
        ),
        roles=OUTLET,
        answers=(Answer(schema="answers.v1.pickup"),),
        refusals=(NotFound, pickups.PickupSettled),
    ),
    "api.list_pickups": Call(
        group="pickups",
        title=Text("Danh sách phản hồi sử dụng", "List what outlets did with stories"),
        about=Text(
            "Đơn vị nhận tin thấy phản hồi của mình; tổ chức thấy phản hồi về bài của mình và của đơn vị trực thuộc; "
            "biên tập viên thấy tất cả. Điều hệ thống tìm thấy (state=proposed) chỉ đơn vị được hỏi thấy.",
            "An outlet sees its own, an organization those about its stories and those of all below it, the editor "
            "all. What the hub found (state=proposed) only the outlet sees that is asked.",
        ),
        roles=(*DESK, Role.OUTLET),
        query=(STORY_OF, PICKUP_STATE, LIMIT, VERSION_CURSOR),
        answers=(Answer(schema="answers.v1.pickups", headers=("Link",)),),
        refusals=(reading.BadQuery,),
    ),
}
