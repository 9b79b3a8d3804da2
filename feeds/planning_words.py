"""What calendars, running orders and sheets of name straps say in words, in Vietnamese or in English.

`feeds` has no catalogues: a document is said in the one language of its channel, whoever reads it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

from feeds.document import Slot
from feeds.planning import BookingState, Certainty, ItemKind, SegmentState, Setting, Transmission

Words = Mapping[str, str]

_SAID: dict[str, tuple[str, str]] = {  # Vietnamese, English
    SegmentState.OPTION: ("giữ chỗ", "option"),
    SegmentState.PLANNED: ("dự kiến", "planned"),
    SegmentState.CONFIRMED: ("đã xác nhận", "confirmed"),
    SegmentState.AIRED: ("đã phát sóng", "aired"),
    SegmentState.POSTPONED: ("hoãn", "postponed"),
    SegmentState.CANCELLED: ("hủy", "cancelled"),
    BookingState.OPTIONED: ("đang giữ chỗ", "optioned"),
    BookingState.DECLINED: ("từ chối", "declined"),
    BookingState.EXPIRED: ("hết hạn giữ chỗ", "option expired"),
    BookingState.RELEASED: ("không mời nữa", "released"),
    Certainty.UNCERTAIN: ("chưa chắc", "uncertain"),
    Certainty.POSSIBLE: ("có thể", "possible"),
    Certainty.LIKELY: ("nhiều khả năng", "likely"),
    Certainty.CERTAIN: ("chắc chắn", "certain"),
    Transmission.LIVE: ("trực tiếp", "live"),
    Transmission.RECORDED: ("ghi hình trước", "recorded"),
    Setting.STUDIO: ("trường quay", "studio"),
    Setting.REMOTE: ("hiện trường", "remote"),
    ItemKind.LEAD_IN: ("Dẫn", "Lead-in"),
    ItemKind.FILM: ("Phóng sự", "Film"),
    ItemKind.TALK: ("Giao lưu", "Talk"),
    ItemKind.VIEWER_QUESTION: ("Câu hỏi khán giả", "Viewer question"),
    ItemKind.CLOSE: ("Kết", "Close"),
    "access_needs": ("Cần hỗ trợ", "Access needs"),
    "air_time": ("Phát sóng", "On air"),
    "availability": ("Có thể đến", "Available"),
    "code": ("Mã", "Code"),
    "contact": ("Liên hệ", "Contact"),
    "credit": ("Tác giả", "Credit"),
    "crew": ("Ê-kíp", "Crew"),
    "duration": ("Thời lượng", "Duration"),
    "end": ("Kết thúc", "End"),
    "fallback": ("Khách dự phòng", "Fall-back"),
    "guest": ("Khách mời", "Guest"),
    "guests": ("Khách mời", "Guests"),
    "kind": ("Loại", "Kind"),
    "name": ("Họ tên", "Name"),
    "name_strap": ("Dòng chữ chạy tên", "Name strap"),
    "note": ("Ghi chú", "Note"),
    "notice": ("LƯU Ý", "NOTICE"),
    "number": ("Số", "No."),
    "off_limits": ("Không hỏi", "Off limits"),
    "over": ("Dài hơn dự kiến", "Over"),
    "place": ("Địa điểm", "Place"),
    "planned": ("Dự kiến", "Planned"),
    "programme": ("Chương trình", "Programme"),
    "pronunciation": ("Đọc là", "Pronounced"),
    "questions": ("Câu hỏi", "Questions"),
    "real": ("Thực tế", "Real"),
    "recording": ("Ghi hình", "Recording"),
    "rights": ("Bản quyền", "Rights"),
    "role": ("Chức danh", "Role"),
    "rundown": ("Kịch bản", "Rundown"),
    "start": ("Bắt đầu", "Start"),
    "state": ("Tình trạng", "State"),
    "theme": ("Chủ đề", "Theme"),
    "title": ("Nội dung", "Title"),
    "topics": ("Được hỏi về", "May be asked about"),
    "travel": ("Đi lại", "Travel"),
    "under": ("Ngắn hơn dự kiến", "Under"),
    "visuals": ("Hình ảnh", "Visuals"),
}
_VIETNAMESE, _ENGLISH = (MappingProxyType({key: said[place] for key, said in _SAID.items()}) for place in (0, 1))


def words_of(language: str) -> Words:
    """The words by key, or by member of an enumeration of `feeds.planning`; Vietnamese where we have no others.

    "Confirmed" of a guest is said as of a segment.
    """
    return _ENGLISH if language.partition("-")[0].lower() == "en" else _VIETNAMESE


def clock(instant: datetime, zone: str, *, seconds: bool = False) -> str:
    """The time of day where `zone` is: ``19:30``, or ``19:30:00``."""
    return f"{instant.astimezone(ZoneInfo(zone)):{'%H:%M:%S' if seconds else '%H:%M'}}"


def moment(instant: datetime, zone: str) -> str:
    """Time and day where `zone` is, as Vietnamese papers write them: ``19:30 14/10/2026``."""
    return f"{instant.astimezone(ZoneInfo(zone)):%H:%M %d/%m/%Y}"


def window(slot: Slot, zone: str) -> str:
    """From when to when where `zone` is, and where and what for."""
    said = f"{moment(slot.starts_at, zone)} – {moment(slot.ends_at, zone)}"
    return ", ".join(filter(None, (said, slot.place, slot.purpose)))


def running_time(seconds: int) -> str:
    """Minutes and seconds as a newsroom writes them: ``4:30``, past an hour ``1:04:30``; ``-0:30`` below nought."""
    minutes, second = divmod(abs(seconds), 60)
    hours, minute = divmod(minutes, 60)
    said = f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"
    return f"-{said}" if seconds < 0 else said
