"""What happened before the demo's day: the regulation was adopted, and one unit has slept over a story since."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy.orm import Session

from hub.accounts import organizations
from hub.demo.pictures import draw
from hub.demo.stories import VIETNAM, DemoStory, with_uploads
from hub.intake import pictures, submissions, uploads
from hub.intake.media_store import MediaStore
from hub.regulation.edition import editions
from hub.regulation.sealed import reports, sealing

ADOPTED_BEFORE = timedelta(days=60)
MORNING = time(8, 30)


def adopt_regulation(session: Session, day: date) -> None:
    """The default regulation, adopted some weeks before the demo's day, once."""
    at = at_morning(day - ADOPTED_BEFORE)
    if editions.edition_in_force(session, at).id == 0:
        editions.adopt(session, editions.default_text(), now=at)


def tell_late_story(session: Session, store: MediaStore, story: DemoStory, day: date) -> None:
    """A story came in `story.late_since_days` before the demo's day, and its unit has not looked at it since."""
    at = at_morning(day - timedelta(days=story.late_since_days))
    sender = organizations.sender(session, organizations.get(session, story.organization), now=at)
    sent = {}
    for name in story.drawings:
        kept = uploads.keep(store, pictures.process(draw(name), declared_type="image/jpeg"))
        sent[name] = uploads.add(session, kept, actor=sender, now=at).id
    prepared = submissions.prepare(with_uploads(story.story, sent))
    submissions.submit(session, prepared, actor=sender, external_id=story.id, now=at)


def add_auditor(session: Session, *, now: datetime) -> bytes:
    """An auditor's key that reports are sealed to; returns the file that opens them."""
    key = sealing.make_key()
    reports.add_key(session, "Ban giám sát tỉnh Hải Sơn", str(key.public), now=now)
    return sealing.write_key(key)


def at_morning(day: date) -> datetime:
    """Half past eight on a day in Việt Nam."""
    return datetime.combine(day, MORNING, VIETNAM).astimezone(UTC)
