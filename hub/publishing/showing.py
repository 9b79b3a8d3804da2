"""What a channel showed, or shows, of one version of a story."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from feeds.document import Status
from hub.models import Channel, Release, Version
from hub.outlets.readership import STOOD, Had
from hub.publishing.visibility import Variant, prune, visible_paths
from hub.records.disclosures import Content, reveal, showing


def of_version(session: Session, had: Had, number: int) -> Content | None:
    """A version as its newest release in a channel lets it be seen now; None where it never stood or was taken back."""
    if had.state == Status.WITHDRAWN:
        return None
    query = (
        select(Release)
        .join(Version, Version.id == Release.version_id)
        .where(
            Release.channel_id == had.channel_id,
            Version.number == number,
            Version.story_id == Release.story_id,
            Release.state.in_(STOOD),
        )
        .order_by(Release.id.desc())
        .options(joinedload(Release.version))
        .limit(1)
    )
    release = session.scalar(query.where(Release.story_id == had.story_id))
    if release is None or release.state == "withdrawn":
        return None
    channel = session.get_one(Channel, had.channel_id)
    paths = visible_paths(release.fields, channel.fields, channel.audience, Variant.FULL)
    return prune(reveal(showing(release.version.disclosures, release.hidden)), paths, channel.audience)
