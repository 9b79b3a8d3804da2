"""Calendars of broadcasts, and the addresses of units' own: the calls, as the API describes them."""

from __future__ import annotations

from collections.abc import Mapping

from feeds import calendar
from hub.accounts import rights
from hub.api.calls.common import ADDRESS_HOLDER, IF_NONE_MATCH, MOVED, OUTLET, UNCHANGED
from hub.api.calls.shapes import Answer, Call, Parameter, Text
from hub.errors import Gone, NotFound, Unauthenticated
from hub.http.alarms import PARAMETER, BadAlarm

ALARMS = Parameter(
    PARAMETER,
    Text("Nhắc trước bấy nhiêu phút; thiếu thì không nhắc.", "Alarms so many minutes before; without it none."),
    {"type": "integer", "minimum": 0, "maximum": calendar.MAX_ALARM_MINUTES},
    "30",
)
CALENDAR = Answer(
    about=Text("Lịch iCalendar (RFC 5545).", "An iCalendar stream (RFC 5545)."),
    media_types=(calendar.MEDIA_TYPE.partition(";")[0],),
    headers=("ETag", "Cache-Control"),
)
UNKEPT = ("Cache-Control",)

CALLS: Mapping[str, Call] = {
    "calendars.get_calendar": Call(
        group="planning",
        title=Text("Lịch phát sóng của một kênh", "The calendar of a channel's broadcasts"),
        about=Text(
            "Của kênh có hồ sơ segment. Buổi đã hủy còn trong lịch 30 ngày, với STATUS:CANCELLED.",
            "Of channels with the profile segment. What was cancelled stays for 30 days, as STATUS:CANCELLED.",
        ),
        roles=OUTLET,
        query=(ALARMS,),
        headers=(IF_NONE_MATCH,),
        answers=(CALENDAR, UNCHANGED, MOVED),
        refusals=(BadAlarm, Unauthenticated, NotFound, Gone),
    ),
    "calendars.get_calendar_by_address": Call(
        group="planning",
        title=Text("Lịch phát sóng ở địa chỉ riêng", "The calendar at an unguessable address"),
        about=Text(
            "Cho ứng dụng lịch không đăng nhập được. Không có số điện thoại, trừ khi khóa được phép.",
            "For calendar programs that cannot log in. Without telephone numbers unless the key allows them.",
        ),
        who=ADDRESS_HOLDER,
        query=(ALARMS,),
        headers=(IF_NONE_MATCH,),
        answers=(CALENDAR, UNCHANGED, MOVED),
        refusals=(BadAlarm, NotFound, Gone),
    ),
    "calendars.get_calendar_of_unit": Call(
        group="planning",
        title=Text("Lịch của đơn vị có khách mời", "The calendar of a unit whose people are guests"),
        about=Text(
            "Chỉ những buổi có khách mời của đơn vị; không có tên khách mời khác.",
            "Only the broadcasts with the unit's own guests; nobody else is named.",
        ),
        who=ADDRESS_HOLDER,
        query=(ALARMS,),
        headers=(IF_NONE_MATCH,),
        answers=(CALENDAR, UNCHANGED),
        refusals=(BadAlarm, NotFound),
    ),
    "api.post_calendar_address": Call(
        group="planning",
        title=Text(
            "Lấy địa chỉ lịch của đơn vị mình, hoặc đổi địa chỉ mới", "Make your unit's calendar address, or a new one"
        ),
        about=Text(
            "Địa chỉ chỉ hiện một lần; địa chỉ cũ hết hiệu lực ngay. Được ghi nhật ký.",
            "The address is shown once; an older one ends at once. It is journalled.",
        ),
        roles=rights.SPEAKERS,
        answers=(Answer(status=201, schema="answers.v1.new_calendar_address", headers=UNKEPT),),
    ),
    "api.get_calendar_address": Call(
        group="planning",
        title=Text("Địa chỉ lịch đang dùng", "The calendar address in use"),
        about=Text("Chỉ phần đầu, không bao giờ cả địa chỉ.", "Its beginning, never the whole."),
        roles=rights.SPEAKERS,
        answers=(Answer(schema="answers.v1.calendar_address", headers=UNKEPT),),
        refusals=(NotFound,),
    ),
    "api.delete_calendar_address": Call(
        group="planning",
        title=Text("Thu hồi địa chỉ lịch", "Take the calendar address back"),
        roles=rights.SPEAKERS,
        answers=(Answer(status=204, about=Text("Đã thu hồi.", "It is taken back."), media_types=()),),
        refusals=(NotFound,),
    ),
}
