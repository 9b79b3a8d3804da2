"""Uploads: a picture is re-encoded, a film stays as sent; kept by hash, they go again when no story takes them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import Select, and_, delete, or_, select, update
from sqlalchemy.orm import Session

from hub import ids
from hub.accounts import rights
from hub.actors import Actor, Role
from hub.clock import local_day
from hub.errors import NotFound
from hub.intake.media_store import MediaStore
from hub.intake.pictures import ProcessedPicture
from hub.models import FormDraftUpload, Rendition, Story, Upload, UploadStory
from hub.regulation.workflow import State

UNREFERENCED = timedelta(hours=24)
PICTURE, FILM = "picture", "film"  # kinds of uploads
READERS = frozenset({Role.CONFIRMER, Role.EDITOR, Role.AUDITOR})


def keep(store: MediaStore, picture: ProcessedPicture) -> list[Rendition]:
    """Put a picture's files on disk, before any row names them. What no row comes to name, the sweeper takes."""
    return [
        Rendition(
            width=rendition.width,
            height=rendition.height,
            media_type=rendition.media_type,
            length=len(rendition.data),
            sha256=store.put(rendition.data),
        )
        for rendition in reversed(picture.renditions)  # largest first, as they are read
    ]


def add(session: Session, renditions: list[Rendition], *, actor: Actor, now: datetime, kind: str = PICTURE) -> Upload:
    """Name kept files as an upload of `actor`'s organization."""
    upload = Upload(
        id=ids.new_upload_id(), organization_id=actor.organization_id, created_at=now, referenced=False, kind=kind
    )
    upload.renditions = renditions
    session.add(upload)
    session.flush()
    return upload


def name(session: Session, upload_ids: Collection[str], *, story_id: str) -> None:
    """Note that a version of a story names these uploads, which stay from now on."""
    session.execute(update(Upload).where(Upload.id.in_(upload_ids)).values(referenced=True))
    known = set(session.scalars(select(UploadStory.upload_id).where(UploadStory.story_id == story_id)))
    session.add_all(UploadStory(upload_id=upload, story_id=story_id) for upload in sorted({*upload_ids} - known))


def get_rendition(session: Session, upload_id: str, width: int, *, asker: Actor, now: datetime) -> Rendition:
    """One width of an upload of the asking organization; the chain and the desk see those that stories name.

    Once every story that names it is withdrawn, it is closed to all but auditors, as their versions are.
    Raises NotFound.
    """
    rendition = session.scalar(_open_to(asker, upload_id, now=now).where(Rendition.width == width))
    if rendition is None:
        raise NotFound(what=upload_id, kind="upload")
    return rendition


def kinds_of(session: Session, upload_ids: Collection[str], *, organization_id: int | None) -> dict[str, str]:
    """What these uploads of an organization are, by their ids; those of others are left out."""
    query = select(Upload.id, Upload.kind).where(Upload.id.in_(upload_ids), Upload.organization_id == organization_id)
    return {row.id: row.kind for row in session.execute(query)} if upload_ids else {}


def get_nearest(session: Session, upload_id: str, width: int, *, asker: Actor, now: datetime) -> Rendition:
    """As `get_rendition`: the smallest that is at least so wide, else the widest there is. Raises NotFound."""
    found = list(session.scalars(_open_to(asker, upload_id, now=now).order_by(Rendition.width)))
    if not found:
        raise NotFound(what=upload_id, kind="upload")
    return next((rendition for rendition in found if rendition.width >= width), found[-1])


def _open_to(asker: Actor, upload_id: str, *, now: datetime) -> Select[Rendition]:
    query = select(Rendition).join(Upload, Upload.id == Rendition.upload_id).where(Upload.id == upload_id)
    on = local_day(now)
    named = rights.within_reach(Upload.organization_id, asker, READERS, on=on)
    audited = rights.within_reach(Upload.organization_id, asker, {Role.AUDITOR}, on=on)
    told = (
        select(Story.id).join(UploadStory, UploadStory.story_id == Story.id).where(UploadStory.upload_id == Upload.id)
    )
    is_open = or_(~Upload.referenced, told.where(Story.state != State.WITHDRAWN).exists(), audited)
    return query.where(or_(rights.own(Upload.organization_id, asker, on=on), and_(Upload.referenced, named)), is_open)


def remove_unreferenced(session: Session, *, now: datetime) -> list[str]:
    """Drop uploads that no story or draft took within a day; returns the hashes that no rendition names any more."""
    drafted = select(FormDraftUpload.upload_id)
    unnamed = and_(Upload.referenced.is_(False), Upload.created_at < now - UNREFERENCED, Upload.id.not_in(drafted))
    old = select(Upload.id).where(unnamed)
    hashes = set(session.scalars(select(Rendition.sha256).where(Rendition.upload_id.in_(old))))
    session.execute(delete(Rendition).where(Rendition.upload_id.in_(old)))
    session.execute(delete(Upload).where(unnamed))
    still = set(session.scalars(select(Rendition.sha256).where(Rendition.sha256.in_(hashes)))) if hashes else set()
    return sorted(hashes - still)


def list_named(session: Session, hashes: Collection[str]) -> set[str]:
    """Those of `hashes` that a rendition names."""
    return set(session.scalars(select(Rendition.sha256).where(Rendition.sha256.in_(hashes))))
