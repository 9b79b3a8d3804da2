"""What organizations submit: stories, their versions and acts, and the pictures they upload."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hub.db import Base
from hub.models.accounts import Organization


class Story(Base):
    """A story through its life; everything it says stands in its versions."""

    __tablename__ = "stories"
    __table_args__ = (
        UniqueConstraint("organization_id", "external_id"),
        Index("ix_stories_organization_id_id", "organization_id", "id"),
        Index("ix_stories_state_id", "state", "id"),
        Index("ix_stories_created_at_state", "created_at", "state", "organization_id"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    organization_name: Mapped[str] = mapped_column(String(300), default="")  # as it was called when the story came
    external_id: Mapped[str | None] = mapped_column(String(128))
    state: Mapped[str] = mapped_column(String(30))
    latest: Mapped[int]  # number of the newest version
    released: Mapped[int | None]  # number of the version that stands in channels
    held: Mapped[bool] = mapped_column(default=False)
    resumes_to: Mapped[str] = mapped_column(String(30), default="")  # the state that a lift restores
    urgency: Mapped[int] = mapped_column(default=5)  # of the newest version, IPTC 1 to 9
    step: Mapped[str] = mapped_column(String(30), default="")  # of the chain, that waits to be confirmed
    step_since: Mapped[datetime | None]
    revision: Mapped[int] = mapped_column(default=1)  # moves with every version and act; the ETag
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    organization: Mapped[Organization] = relationship(lazy="raise")


class Version(Base):
    """One immutable state of a story, as salted disclosures (RFC 9901 §4.2) under a chained digest."""

    __tablename__ = "versions"
    __table_args__ = (UniqueConstraint("story_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    story_id: Mapped[str] = mapped_column(ForeignKey("stories.id"))
    number: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    digests: Mapped[list[str]]  # of the disclosures, sorted; never change
    disclosures: Mapped[dict[str, Any]]  # digest -> base64url disclosure; an erased one is missing
    removed: Mapped[list[Any]]  # what the sanitizer took out
    created_at: Mapped[datetime]

    story: Mapped[Story] = relationship(lazy="raise")


class Act(Base):
    """One step of the regulation on a version; also a row of the journal, which chains its commitment."""

    __tablename__ = "acts"
    __table_args__ = (Index("ix_acts_story_id_id", "story_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    story_id: Mapped[str] = mapped_column(ForeignKey("stories.id"))
    version: Mapped[int]
    kind: Mapped[str] = mapped_column(String(30))
    actor_kind: Mapped[str] = mapped_column(String(20))
    actor_id: Mapped[int | None]
    actor_name: Mapped[str] = mapped_column(String(300))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    by_code: Mapped[str] = mapped_column(String(80), default="")  # of the organization or outlet that acted
    step: Mapped[str] = mapped_column(String(30), default="")  # of the chain, where the act confirmed one
    clause: Mapped[str] = mapped_column(String(12), default="")  # of the regulation, that the act rests on
    state_before: Mapped[str] = mapped_column(String(30))
    state_after: Mapped[str] = mapped_column(String(30))
    note: Mapped[str] = mapped_column(Text, default="")
    reason: Mapped[str] = mapped_column(String(60), default="")
    channels: Mapped[list[str]]
    embargo_until: Mapped[datetime | None]
    into_id: Mapped[str | None] = mapped_column(String(32))  # the story that a join made this one a part of
    faults: Mapped[list[Any] | None]  # what a return asks to mend: pointer, code, note
    changes: Mapped[list[Any] | None]  # what a correction says of each changed field: pointer, reason, severity
    salt: Mapped[str] = mapped_column(String(32))
    at: Mapped[datetime]

    story: Mapped[Story] = relationship(lazy="raise")


class Correction(Base):
    """A version that took the place of a released one; the texts before and after stand in the versions alone."""

    __tablename__ = "corrections"

    act_id: Mapped[int] = mapped_column(ForeignKey("acts.id"), primary_key=True, autoincrement=False)  # its release
    story_id: Mapped[str] = mapped_column(ForeignKey("stories.id"), index=True)
    from_version: Mapped[int]
    to_version: Mapped[int]
    severity: Mapped[str] = mapped_column(String(20))  # of the whole: its gravest change's
    changes: Mapped[list[Any]]  # what was said of fields: pointer, reason, severity
    actor_name: Mapped[str] = mapped_column(String(300))
    at: Mapped[datetime]


class ClaimCheck(Base):
    """A claim of a story that somebody has verified: it holds for every version that makes the very same claim."""

    __tablename__ = "claim_checks"

    story_id: Mapped[str] = mapped_column(ForeignKey("stories.id"), primary_key=True)
    claim: Mapped[str] = mapped_column(String(64), primary_key=True)  # SHA-256 of the claim under the story's id
    act_id: Mapped[int] = mapped_column(ForeignKey("acts.id"))


class Upload(Base):
    """A picture an organization sent, already re-encoded, or a film, as sent. Without a story it goes after a day."""

    __tablename__ = "uploads"

    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(index=True)
    referenced: Mapped[bool] = mapped_column(default=False, index=True)
    kind: Mapped[str] = mapped_column(String(10), default="picture", server_default="picture")  # picture, film

    renditions: Mapped[list[Rendition]] = relationship(lazy="raise", order_by="Rendition.width.desc()")


class UploadStory(Base):
    """A story of which some version names an upload: once all of them are withdrawn, the picture is closed, too."""

    __tablename__ = "upload_stories"

    upload_id: Mapped[str] = mapped_column(ForeignKey("uploads.id"), primary_key=True)
    story_id: Mapped[str] = mapped_column(ForeignKey("stories.id"), primary_key=True, index=True)


class Rendition(Base):
    """One width of an upload; the file lies under its hash. A film has one, of width and height 0."""

    __tablename__ = "renditions"

    upload_id: Mapped[str] = mapped_column(ForeignKey("uploads.id", ondelete="CASCADE"), primary_key=True)
    width: Mapped[int] = mapped_column(primary_key=True)
    height: Mapped[int]
    media_type: Mapped[str] = mapped_column(String(40))
    length: Mapped[int]  # bytes
    sha256: Mapped[str] = mapped_column(String(64), index=True)


class MediaToken(Base):
    """The address of one picture in one release; gone when the release loses it."""

    __tablename__ = "media_tokens"
    __table_args__ = (UniqueConstraint("release_id", "upload_id"),)

    token: Mapped[str] = mapped_column(String(32), primary_key=True)
    release_id: Mapped[int] = mapped_column(ForeignKey("releases.id"))
    upload_id: Mapped[str] = mapped_column(ForeignKey("uploads.id"), index=True)
    lost_at: Mapped[datetime | None]  # when consent took it from the release
