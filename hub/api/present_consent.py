"""What the API answers of the consent ledger; a guardian's name is sealed and never among it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from hub.api.present import instant
from hub.models import Consent, Person, Proof, Receipt
from hub.outlets import catalog
from hub.outlets.receipts import Loss
from hub.records.consent_terms import unsalted
from hub.regulation.consent.consenting import Ended

DAY = timedelta(days=1)


def person(row: Person) -> dict[str, Any]:
    """A person's line in a list."""
    return {
        "id": row.id,
        "kind": row.kind,
        "name": row.name,
        "birth_year": row.birth_year,
        "unit": row.unit,
        "minor": row.minor,
        "erased_at": instant(row.erased_at),
        "created_at": instant(row.created_at),
    }


def person_whole(row: Person, stories: Sequence[str], ledger: Sequence[Consent]) -> dict[str, Any]:
    """A person with stories and ledger."""
    return {**person(row), "stories": list(stories), "consents": [consent(entry) for entry in ledger]}


def consent(row: Consent) -> dict[str, Any]:
    """One entry of the ledger."""
    return {
        "id": row.id,
        "story": row.story_id,
        "scope": row.scope,
        "outlets": row.outlets,
        "audience": row.audience,
        "form": row.form,
        "obtained_on": row.obtained_on,
        "expires_at": instant(row.expires_at),
        "guardian": {name: said for name, said in unsalted(row.guardian).items() if name != "name"},
        "assent_on": row.assent_on,
        "clearance": unsalted(row.clearance),
        "proof": row.proof_id,
        "opened_at": instant(row.opened_at),
        "ended_at": instant(row.ended_at),
        "end_reason": row.end_reason,
    }


def done(
    act: str, row: Person, entries: Sequence[str], losses: Sequence[Loss], receipts: Sequence[int]
) -> dict[str, Any]:
    """What an act on the ledger did."""
    return {
        "act": act,
        "person": row.id,
        "consents": list(entries),
        "losses": [
            {
                "story": loss.story_id,
                "channel": catalog.address_of(loss.channel),
                "task": loss.task,
                "fields": list(loss.fields),
            }
            for loss in losses
        ],
        "receipts": list(receipts),
    }


def withdrawn(row: Person, ended: Ended, known: Sequence[str], went_on: Collection[str]) -> dict[str, Any]:
    """What a withdrawal did, as far as the asker may know of the stories; `went_on` are those that theirs became a
    part of, of which whoever reads the outlets hears as much.
    """
    entries = [entry.id for entry in ended.consents if entry.story_id in (None, *known)]
    heard = {*known, *went_on}
    losses = [loss for loss in ended.outcome.losses if loss.story_id in heard]
    receipts = [receipt.id for receipt in ended.outcome.receipts if receipt.story_id in heard]
    return done("withdraw", row, entries, losses, receipts)


def proof(row: Proof) -> dict[str, Any]:
    """A sealed file, from outside."""
    return {
        "id": row.id,
        "person": row.person_id,
        "media_type": row.media_type,
        "length": row.length,
        "sha256": row.sha256,
        "created_at": instant(row.created_at),
    }


def receipt(row: Receipt, *, now: datetime) -> dict[str, Any]:
    """A receipt with its countdown; needs `row.outlet` loaded."""
    return {
        "id": row.id,
        "outlet": row.outlet.code,
        "story": row.story_id,
        "task": row.task,
        "channels": row.channels,
        "fields": row.fields,
        "asked_at": instant(row.asked_at),
        "due_at": instant(row.due_at),
        "days_left": None if row.answer else _days(row.due_at - now),
        "answer": row.answer or None,
        "note": row.note,
        "answered_at": instant(row.answered_at),
    }


def _days(left: timedelta) -> int:
    """A day begun counts as one, before the deadline and after it: 24 hours to a second before it are 1, then -1."""
    return -(-left // DAY) if left > timedelta() else left // DAY
