"""Texts beside the versions that tell an erased name: they go with their salts, and the journal says which went.

Notes of acts, corrections and releases, what outlets told of uses and receipts, why a duty was waived, what the
organizations of the stories filed, requests for coverage and their answers, and what a sender calls a story. The
commitments in the journal stay.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from hub.models import (
    Correction,
    CoverageRequest,
    Duty,
    Filing,
    Pickup,
    Receipt,
    Release,
    RequestAnswer,
    Story,
    Waiver,
)
from hub.records import forgetting
from hub.regulation import acts

PICKUP_TEXTS = ("place", "url", "note", "reason", "clip_url", "salt")
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
    theirs = or_(Filing.organization_id.in_(organization_ids), Filing.recipient_id.in_(organization_ids))
    cleared = []
    for filing in session.scalars(select(Filing).where(theirs).order_by(Filing.id)):
        if forgetting.tells(filing.text, names):
            filing.text, filing.salt = "", ""
            cleared.append(filing.id)
    return cleared


def clear_requests(session: Session, names: Collection[str]) -> dict[str, list[int]]:
    """Empty the requests for coverage and the answers to them that tell the names; returns the numbers of both.

    Of all outlets and organizations: an outlet may ask anybody for anybody.
    """
    cleared: dict[str, list[int]] = {"requests": [], "request_answers": []}
    for row in session.scalars(select(CoverageRequest).order_by(CoverageRequest.id)):
        if forgetting.tells([row.title, row.text, row.place, row.person], names):
            row.title, row.text, row.place, row.person, row.salt = "", "", "", "", ""
            cleared["requests"].append(row.id)
    for answer in session.scalars(select(RequestAnswer).order_by(RequestAnswer.id)):
        if forgetting.tells(answer.text, names):
            answer.text, answer.salt = "", ""
            cleared["request_answers"].append(answer.id)
    return {table: numbers for table, numbers in cleared.items() if numbers}


def _clear_acts(session: Session, story_id: str, names: Collection[str]) -> list[int]:
    cleared = []
    for act in acts.list_acts(session, story_id):
        if forgetting.tells([act.note, *(act.faults or ()), *(act.changes or ())], names):
            act.note, act.faults, act.changes, act.salt = "", None, None, ""
            cleared.append(act.id)
    return cleared


def _clear_corrections(session: Session, story_id: str, names: Collection[str]) -> list[int]:
    """What outlets were told of corrections, by the numbers of their acts."""
    query = select(Correction).where(Correction.story_id == story_id).order_by(Correction.act_id)
    cleared = []
    for correction in session.scalars(query):
        if forgetting.tells(correction.changes, names):
            correction.changes = [{**change, "reason": ""} for change in correction.changes]
            cleared.append(correction.act_id)
    return cleared


def _clear_releases(session: Session, story_id: str, names: Collection[str]) -> list[int]:
    """What readers were told; the journal keeps no commitment of it."""
    query = select(Release).where(Release.story_id == story_id, Release.note != "").order_by(Release.id)
    cleared = []
    for release in session.scalars(query):
        if forgetting.tells(release.note, names):
            release.note = ""
            cleared.append(release.id)
    return cleared


def _clear_pickups(session: Session, story_id: str, names: Collection[str]) -> list[int]:
    cleared = []
    for pickup in session.scalars(select(Pickup).where(Pickup.story_id == story_id).order_by(Pickup.id)):
        texts, addresses = [pickup.place, pickup.note, pickup.reason], [pickup.url, pickup.clip_url]
        if forgetting.tells(texts, names) or any(forgetting.spells(address, names) for address in addresses):
            for column in PICKUP_TEXTS:
                setattr(pickup, column, "")
            cleared.append(pickup.id)
    return cleared


def _clear_receipts(session: Session, story_id: str, names: Collection[str]) -> list[int]:
    cleared = []
    for receipt in session.scalars(select(Receipt).where(Receipt.story_id == story_id).order_by(Receipt.id)):
        if forgetting.tells(receipt.note, names):
            receipt.note, receipt.salt = "", ""
            cleared.append(receipt.id)
    return cleared


def _clear_waivers(session: Session, story_id: str, names: Collection[str]) -> list[int]:
    query = select(Waiver).join(Duty, Duty.id == Waiver.duty_id).where(Duty.story_id == story_id).order_by(Waiver.id)
    cleared = []
    for waiver in session.scalars(query):
        if forgetting.tells(waiver.note, names):
            waiver.note, waiver.salt = "", ""
            cleared.append(waiver.id)
    return cleared
