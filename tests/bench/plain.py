"""A plain Flask view to compare with: it asks the database for 50 stories and lets feedgen render them, each time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flask import Flask, Response
from sqlalchemy import JSON, String, Text, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from feeds.document import Category, Entry, Feed, Person, Status
from hub.db import UTCDateTime
from tests.bench.render import bare_feedgen

PAGE_ENTRIES = 50


class PlainBase(DeclarativeBase):
    type_annotation_map = {datetime: UTCDateTime, list[str]: JSON}  # noqa: RUF012


class PlainStory(PlainBase):
    """All that feedgen has words for, in one row."""

    __tablename__ = "plain_stories"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(60))
    title: Mapped[str] = mapped_column(Text)
    summary: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    author: Mapped[str] = mapped_column(Text)
    topics: Mapped[list[str]]
    published: Mapped[datetime]
    updated: Mapped[datetime] = mapped_column(index=True)


def make_plain_app(url: str, feed: Feed, entries: Sequence[Entry]) -> Flask:
    """An application with one view, ``/feed``, over a table of these entries at `url`."""
    engine = create_engine(url)
    PlainBase.metadata.create_all(engine)
    with Session(engine) as session:
        session.add_all(
            PlainStory(
                uid=entry.id,
                title=entry.title,
                summary=entry.summary,
                html=entry.content,
                author="".join(person.name for person in entry.authors[:1]),
                topics=[category.term for category in entry.categories],
                published=entry.published,
                updated=entry.updated,
            )
            for entry in entries
        )
        session.commit()
    app = Flask("plain")

    @app.get("/feed")
    def get_feed() -> Response:
        with Session(engine) as session:
            rows = session.scalars(select(PlainStory).order_by(PlainStory.updated.desc()).limit(PAGE_ENTRIES)).all()
        generator = bare_feedgen(feed, [_entry_of(row) for row in rows])
        return Response(generator.rss_str(), content_type="application/rss+xml; charset=utf-8")

    return app


def _entry_of(row: PlainStory) -> Entry:
    return Entry(
        id=row.uid,
        story_id="",
        version=1,
        number=row.id,
        status=Status.RELEASED,
        title=row.title,
        url=f"https://hub.example/stories/{row.id}",
        published=row.published,
        updated=row.updated,
        summary=row.summary,
        content=row.html,
        authors=(Person(name=row.author),),
        categories=tuple(Category(term=topic, scheme="", label="") for topic in row.topics),
    )
