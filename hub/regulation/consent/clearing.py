"""Texts beside the versions that tell an erased name: they go with their salts, and the journal says which went.

`mentions` finds them; what a sender calls a story goes, too. The commitments in the journal stay.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from hub.models import FormDraft, FormDraftUpload, Story
from hub.records import forgetting
from hub.regulation.consent import mentions

PICKUP_TEXTS = (*mentions.OF_PICKUP, *mentions.PICKUP_ADDRESSES, "salt")
NOTES_ERASED = "notes_erased"  # the journal's record of texts that were emptied


def clear_story(session: Session, story: Story, names: Collection[str]) -> list[dict[str, Any]]:
    """Empty what tells these names beside a story's versions; returns the record of it, if anything went."""
    said = {
        "corrections": _clear_corrections(session, story.id, names),
        "releases": _clear_releases(session, story.id, names),
        "acts": _clear_acts(session, story.id, names),
        "pickups": _clear_pickups(session, story.id, names),
        "receipts": _clear_receipts(session, story.id, names),
        "waivers": _clear_waivers(session, story.id, names),
    }
    cleared: dict[str, Any] = {name: numbers for name, numbers in said.items() if numbers}
    if story.external_id is not None and forgetting.spells(story.external_id, names):
        story.external_id = None
        cleared["external_id"] = True
    return [{"kind": NOTES_ERASED, **cleared}] if cleared else []


def clear_filings(session: Session, organization_ids: Collection[int], names: Collection[str]) -> list[int]:
    """Empty what these organizations filed, or were asked or answered, that tells the names; returns the numbers."""
    found = mentions.list_filings(session, organization_ids, names)
    for filing in found:
        filing.text, filing.salt = "", ""
    return [filing.id for filing in found]


def clear_form_drafts(
    session: Session, organization_ids: Collection[int], story_ids: Collection[str], names: Collection[str]
) -> int:
    """Let go of what these organizations are writing of the stories that are cleared, or that tells the names.

    A draft is nobody's word yet, and no journal knows of it; returns how many went.
    """
    of_stories = session.scalars(select(FormDraft).where(FormDraft.story_id.in_(story_ids)))
    naming = mentions.list_form_drafts(session, organization_ids, names)
    found = list({row.id: row for row in (*of_stories, *naming)}.values())
    session.execute(delete(FormDraftUpload).where(FormDraftUpload.draft_id.in_([row.id for row in found])))
    for row in found:
        session.delete(row)
    session.flush()
    return len(found)


def clear_requests(session: Session, names: Collection[str]) -> dict[str, list[int]]:
    """Empty the requests for coverage and the answers to them that tell the names; returns the numbers of both."""
    requests, answers = mentions.list_requests(session, names), mentions.list_request_answers(session, names)
    for row in requests:
        row.title, row.text, row.place, row.person, row.salt = "", "", "", "", ""
    for answer in answers:
        answer.text, answer.salt = "", ""
    cleared = {"requests": [row.id for row in requests], "request_answers": [answer.id for answer in answers]}
    return {table: numbers for table, numbers in cleared.items() if numbers}


def _clear_acts(session: Session, story_id: str, names: Collection[str]) -> list[int]:
    found = mentions.list_acts(session, story_id, names)
    for act in found:
        act.note, act.faults, act.changes, act.salt = "", None, None, ""
    return [act.id for act in found]


def _clear_corrections(session: Session, story_id: str, names: Collection[str]) -> list[int]:
    """What outlets were told of corrections, by the numbers of their acts."""
    found = mentions.list_corrections(session, story_id, names)
    for correction in found:
        correction.changes = [{**change, "reason": ""} for change in correction.changes]
    return [correction.act_id for correction in found]


def _clear_releases(session: Session, story_id: str, names: Collection[str]) -> list[int]:
    """What readers were told; the journal keeps no commitment of it."""
    found = mentions.list_releases(session, story_id, names)
    for release in found:
        release.note = ""
    return [release.id for release in found]


def _clear_pickups(session: Session, story_id: str, names: Collection[str]) -> list[int]:
    found = mentions.list_pickups(session, story_id, names)
    for pickup in found:
        for column in PICKUP_TEXTS:
            setattr(pickup, column, "")
    return [pickup.id for pickup in found]


def _clear_receipts(session: Session, story_id: str, names: Collection[str]) -> list[int]:
    found = mentions.list_receipts(session, story_id, names)
    for receipt in found:
        receipt.note, receipt.salt = "", ""
    return [receipt.id for receipt in found]


def _clear_waivers(session: Session, story_id: str, names: Collection[str]) -> list[int]:
    found = mentions.list_waivers(session, story_id, names)
    for waiver in found:
        waiver.note, waiver.salt = "", ""
    return [waiver.id for waiver in found]
