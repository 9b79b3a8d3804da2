"""Broadcasts as rows: what an outlet planned, for those who read it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from hub import ids
from hub.accounts import organizations
from hub.models import Booking, Programme, Segment
from hub.outlets import catalog

HOUR = timedelta(hours=1)
ZONE = "Asia/Ho_Chi_Minh"
ITEMS = [
    {"kind": "film", "title": "Sáng ở bến", "planned_seconds": 120, "visuals": [{"description": "Đò cập bến"}]},
    {"kind": "talk", "title": "Trò chuyện", "planned_seconds": 600, "questions": [{"text": "Vì sao ông bắt đầu?"}]},
]


def a_segment(session: Session, *, channel: str = "tv/segment", at: datetime, now: datetime, **other: Any) -> Segment:
    """A live broadcast of half an hour with a short rundown."""
    code = ids.new_segment_code()
    told: dict[str, Any] = {
        "code": code,
        "uid": ids.event_uid(code),
        "sequence": 1,
        "channel_id": catalog.get_channel(session, channel).id,
        "title": "Người giữ bến",
        "theme": "Cứu hộ trên biển",
        "starts_at": at,
        "ends_at": at + HOUR / 2,
        "time_zone": ZONE,
        "planned_seconds": 1800,
        "transmission": "live",
        "setting": "studio",
        "place": "Trường quay 2",
        "state": "confirmed",
        "certainty": "eos5",
        "busy_from": at,
        "busy_until": at + HOUR / 2,
        "items": ITEMS,
        "notices": [],
        "salt": "s",
        "created_at": now,
        "updated_at": now,
        **other,
    }
    row = Segment(**told)
    session.add(row)
    session.flush()
    return row


def a_guest(session: Session, segment: Segment, name: str, unit: str, *, now: datetime, **other: Any) -> Booking:
    """A guest of a unit, confirmed, with a telephone number."""
    told: dict[str, Any] = {
        "segment_id": segment.id,
        "outlet_id": catalog.get_outlet(session, "tv").id,
        "organization_id": organizations.get(session, unit).id,
        "name": name,
        "name_key": name.lower(),
        "role": "khách mời",
        "name_strap": name.upper(),
        "contact": {"phone": "0200 000 0999"},
        "availability": [],
        "time_zone": ZONE,
        "scopes": [],
        "topics": [],
        "off_limits": [],
        "slot_from": segment.busy_from,
        "slot_until": segment.busy_until,
        "state": "confirmed",
        "created_at": now,
        "updated_at": now,
        **other,
    }
    row = Booking(**told)
    session.add(row)
    session.flush()
    return row


def a_programme(session: Session, *, at: datetime, now: datetime, **other: Any) -> Programme:
    """A programme of the station, every week."""
    code = ids.new_programme_code()
    told: dict[str, Any] = {
        "code": code,
        "uid": ids.event_uid(code),
        "channel_id": catalog.get_channel(session, "tv/segment").id,
        "title": "Giao lưu cuối tuần",
        "rule": "FREQ=WEEKLY",
        "excluded": [(at + timedelta(days=7)).isoformat()],
        "starts_at": at,
        "time_zone": ZONE,
        "planned_seconds": 1800,
        "transmission": "live",
        "setting": "studio",
        "state": "confirmed",
        "salt": "s",
        "created_at": now,
        "updated_at": now,
        **other,
    }
    row = Programme(**told)
    session.add(row)
    session.flush()
    return row
