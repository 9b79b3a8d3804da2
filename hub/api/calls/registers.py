"""Organizations, users, outlets: the calls, as the API describes them."""

from __future__ import annotations

from collections.abc import Mapping

from hub.accounts import history as register_history
from hub.accounts.organizations import CodeTaken
from hub.accounts.users import WrongPlace
from hub.actors import Role
from hub.api import notices, reading
from hub.api.calls.common import (
    CURSOR,
    DAY_AS_OF,
    DEPUTY,
    DESK,
    LIMIT,
    MEMBERSHIP,
    NEW_USER,
    REGISTER_EVENT,
    UNREADABLE,
    VERSION_CURSOR,
)
from hub.api.calls.shapes import Answer, Call, Text
from hub.errors import Invalid, NotFound

CALLS: Mapping[str, Call] = {
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
}
