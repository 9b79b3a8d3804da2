"""Notices: the calls, as the API describes them."""

from __future__ import annotations

from collections.abc import Mapping

from hub.api import notices
from hub.api.calls.common import (
    CHOICE,
    CHOSEN,
    UNREADABLE,
)
from hub.api.calls.shapes import Call, Text
from hub.errors import Invalid

CALLS: Mapping[str, Call] = {
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
}
