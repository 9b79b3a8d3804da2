"""Ledgers of channels, pick-ups, receipts: the calls, as the API describes them."""

from __future__ import annotations

from collections.abc import Mapping

from hub.actors import Role
from hub.api import reading
from hub.api.calls.common import (
    AFTER,
    DESK,
    LIMIT,
    MOVED,
    OUTLET,
    PICKUP,
    STORY_OF,
    UNREADABLE,
    VERSION_CURSOR,
)
from hub.api.calls.shapes import Answer, Call, Text
from hub.errors import Invalid, NotFound

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
}
