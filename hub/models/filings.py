"""What outlets and organizations say they did: uses of stories, quarter reports, ideas and their answers.

Texts stand here only; the journal chains their commitments.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Float, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hub.db import Base
from hub.models.accounts import Organization
from hub.models.outlets import Outlet


class Pickup(Base):
    """One use of a story that an outlet tells of, planned or done, or that it will not use it.

    A row that was filed stays as it is: what is put right or taken back is another row that `replaces` it. The hub's
    own finds are `proposed` until the outlet confirms (`filed`, told then) or rejects them; unconfirmed they count for
    nothing, and the journal does not know them.
    """

    __tablename__ = "pickups"
    __table_args__ = (
        Index("ix_pickups_outlet_id_id", "outlet_id", "id"),
        Index("ix_pickups_at", "at"),
        Index("ix_pickups_replaces_id", "replaces_id", unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    outlet_id: Mapped[int] = mapped_column(ForeignKey("outlets.id"))
    story_id: Mapped[str] = mapped_column(ForeignKey("stories.id"), index=True)
    version: Mapped[int]  # the one used, or the newest that the outlet had
    channel: Mapped[str] = mapped_column(String(90), default="")  # outlet/channel where it was read; empty: not said
    use: Mapped[str] = mapped_column(String(20))  # of the vocabulary pickup_uses
    used_on: Mapped[date | None]
    place: Mapped[str] = mapped_column(String(300), default="")  # page, issue, programme
    url: Mapped[str] = mapped_column(Text, default="")
    note: Mapped[str] = mapped_column(Text, default="")
    reason: Mapped[str] = mapped_column(Text, default="", server_default="")  # why it was declined
    used_time: Mapped[str] = mapped_column(String(5), default="", server_default="")  # of the day, in Việt Nam: 19:45
    duration_seconds: Mapped[int | None]  # of what was aired
    words: Mapped[int | None]  # of what was printed or published
    clip_url: Mapped[str] = mapped_column(Text, default="", server_default="")  # a recording, or a scan of the page
    state: Mapped[str] = mapped_column(String(12), default="filed", server_default="filed")  # or proposed, rejected,
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("pickups.id"))  # taken_back: says that this one is
    likeness: Mapped[float | None] = mapped_column(Float)  # of what the hub found, 0 to 1; None: told by the outlet
    proposed_at: Mapped[datetime | None]  # when the hub found it
    actor_name: Mapped[str] = mapped_column(String(300))
    salt: Mapped[str] = mapped_column(String(32))
    at: Mapped[datetime]  # told, confirmed or rejected; of a proposal: found

    outlet: Mapped[Outlet] = relationship(lazy="raise")


class Filing(Base):
    """A quarter report, an idea, or the answer to one."""

    __tablename__ = "filings"
    __table_args__ = (
        Index("ix_filings_organization_id_id", "organization_id", "id"),
        Index("ix_filings_recipient_id_id", "recipient_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))  # report, idea or idea_answer
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organizations.id"))  # who files; None: the desk
    recipient_id: Mapped[int | None] = mapped_column(ForeignKey("organizations.id"))  # who has to answer, or asked
    quarter: Mapped[str] = mapped_column(String(7), default="")  # of a report, such as 2026-Q3
    text: Mapped[str] = mapped_column(Text)
    answers_id: Mapped[int | None] = mapped_column(ForeignKey("filings.id"), unique=True)  # one answer, no more
    actor_name: Mapped[str] = mapped_column(String(300))
    salt: Mapped[str] = mapped_column(String(32))
    at: Mapped[datetime]

    organization: Mapped[Organization | None] = relationship(lazy="raise", foreign_keys=organization_id)
    recipient: Mapped[Organization | None] = relationship(lazy="raise", foreign_keys=recipient_id)
