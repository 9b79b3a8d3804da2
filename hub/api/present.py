"""What the API answers: rows as JSON values, each shape in one place (described in `hub/api/openapi.py`)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import orjson
from flask import Response, request

import schemas
from hub import i18n
from hub.actors import Role
from hub.http.language import asked_language
from hub.http.services import services
from hub.intake.advice import SENTENCES, Advice
from hub.intake.submissions import etag_of
from hub.models import Act, PartialUpload, Story, Upload, Version
from hub.outlets.ledgers import ChangeKind
from hub.records.disclosures import Content
from hub.regulation import holds, likening
from hub.regulation.acts import Done
from hub.regulation.explaining import Explanation, Here
from hub.regulation.previewing import Preview
from hub.regulation.release_rules import Refusal

NOBODY = {"role": Role.SYSTEM.value, "name": ""}


def _(text: str) -> str:
    """Marks a text for the catalogues."""
    return text


def instant(at: datetime | None) -> str | None:
    """RFC 3339 in UTC, ``…Z``."""
    return at.isoformat().replace("+00:00", "Z") if at else None


def story(
    row: Story,
    version: Version,
    content: Content,
    removed: Sequence[Any],
    *,
    checked: likening.Checked,
    missing: Sequence[str] = (),
) -> dict[str, Any]:
    """A story with its newest version, as far as the asker may read it; needs `row.organization` loaded.

    `missing` is what a draft that came of a feed still lacks.
    """
    return {
        **summary(row, content.get("title", ""), checked=checked),  # an erasure may have left none
        "digest": version.digest,
        "content": content,
        "removed": list(removed),
        **({"missing": list(missing)} if missing else {}),
    }


def summary(
    row: Story, title: str, *, organization: str = "", checked: likening.Checked | None = None
) -> dict[str, Any]:
    """A story's line in a list; needs `row.organization` loaded, or its code."""
    likeness = {} if checked is None else {"likeness": checked.value}
    return {
        "id": row.id,
        "external_id": row.external_id,
        "organization": organization or row.organization.code,
        "title": title,
        "organization_name": row.organization_name,
        "state": row.state,
        "step": row.step,
        "version": row.latest,
        "released_version": row.released,
        "etag": f'"{etag_of(row)}"',
        "created_at": instant(row.created_at),
        "updated_at": instant(row.updated_at),
        **likeness,
    }


def advice(given: Advice) -> dict[str, str]:
    """What would make a submission better, in the language asked for."""
    said = i18n.sentence(SENTENCES[given.code], asked_language(), **given.facts)
    return {"pointer": given.pointer, "code": given.code, "detail": said}


def version(row: Version, content: Content | None = None) -> dict[str, Any]:
    """One version; with its content where it was asked for alone."""
    shown = {"story": row.story_id, "number": row.number, "digest": row.digest, "created_at": instant(row.created_at)}
    return shown if content is None else {**shown, "content": content, "removed": row.removed}


def act(row: Act, bases: Sequence[str], goals: Collection[str] = ()) -> dict[str, Any]:
    """One act, and the numbers of the legal bases that its clause rests on.

    Into which story one was joined is told where it is among the `goals` that the asker may know of.
    """
    into = {"into": row.into_id} if row.into_id in goals else {}
    return {
        "id": row.id,
        "story": row.story_id,
        "act": row.kind,
        "version": row.version,
        "actor": {"role": row.actor_kind, "name": row.actor_name},
        "state_before": row.state_before,
        "state": row.state_after,
        "note": row.note,
        "reason": row.reason,
        "channels": row.channels,
        "embargo_until": instant(row.embargo_until),
        "at": instant(row.at),
        "step": row.step,
        "clause": row.clause,
        "legal_bases": list(bases),
        "faults": [_return_fault(fault) for fault in row.faults or ()],
        **into,
    }


def hushed(shown: dict[str, Any]) -> dict[str, Any]:
    """An act for those who do not hold stories themselves: who held one, the desk or auditors, is not for them."""
    return {**shown, "actor": NOBODY} if shown["act"] in holds.KINDS else shown


def likeness(found: likening.Found, title: str) -> dict[str, Any]:
    """A story that seems to tell the same deed, and what was decided."""
    row = found.likeness
    decided = {"role": row.decided_by, "name": row.decided_by_name, "at": instant(row.decided_at)}
    return {
        "story": summary(found.story, title),
        "similarity": row.similarity,
        "found_at": instant(row.found_at),
        "decision": row.decision or None,
        "decided": decided if row.decision else None,
    }


def _return_fault(fault: Mapping[str, str]) -> dict[str, str]:
    """What a return asks to mend, with the hint that says how, in the language asked for."""
    item = schemas.vocabulary("return_faults")[fault["code"]]
    language = asked_language()
    hints = item.extras["hint"]
    return {**fault, "label": item.label(language), "hint": hints.get(language, hints["vi"])}


def done(acted: Done, shown: Sequence[dict[str, Any]], *, unexplained: Sequence[str] = ()) -> dict[str, Any]:
    """The newest act as it is `shown`, what happened before it in the same call, and the channels the rules kept the
    story out of. `unexplained`: the fields that it corrected without a reason.
    """
    *before, newest = shown
    return {
        **newest,
        "before": before,
        "kept_out": [_refusal(address, refusal) for address, refusal in acted.kept_out],
        "unexplained": list(unexplained),
    }


def why(row: Story, channel: str, found: Explanation) -> dict[str, Any]:
    """Why the newest version of a story would enter a channel or be kept out, and how the story stands there."""
    return {
        "story": row.id,
        "version": row.latest,
        "state": row.state,
        "channel": channel,
        "proposed": found.mismatch is None,
        "mismatch": found.mismatch,
        "releasable": not found.refusals,
        "refusals": [_refusal(channel, refusal) for refusal in found.refusals],
        "waits_for": asdict(found.waits_for) if found.waits_for is not None else None,
        "here": _here(found.here),
    }


def preview(channel: str, found: Preview) -> dict[str, Any]:
    """What a channel would have made of a story, and why."""
    return {
        "channel": channel,
        "story": found.story_id,
        "title": found.title,
        "released_at": instant(found.released_at),
        "let_in": found.is_let_in,
        "stands": found.stands,
        "matches": dict(found.matches),
        "mismatch": found.mismatch,
        "refusals": [_refusal(channel, refusal) for refusal in found.refusals],
    }


def _here(here: Here | None) -> dict[str, Any] | None:
    return {**asdict(here), "available_from": instant(here.available_from)} if here is not None else None


def _refusal(channel: str, refusal: Refusal) -> dict[str, str]:
    detail = i18n.sentence(f"fault.{refusal.code}", asked_language(), **{**refusal.facts, "channel": channel})
    return {
        "channel": channel,
        "code": refusal.code,
        "detail": detail,
        "clause": refusal.facts.get("clause", ""),
    }


def upload(row: Upload) -> dict[str, Any]:
    """An upload with its renditions, largest first; needs them loaded."""
    return {
        "id": row.id,
        "renditions": [
            {"width": r.width, "height": r.height, "length": r.length, "media_type": r.media_type}
            for r in row.renditions
        ],
    }


def partial_upload(row: PartialUpload, became: Upload | None, *, piece_bytes: int) -> dict[str, Any]:
    """A file that comes in pieces, and the upload it became."""
    return {
        "id": row.id,
        "name": row.name,
        "media_type": row.media_type,
        "length": row.length,
        "offset": row.kept,
        "piece_bytes": piece_bytes,
        "upload": upload(became) if became is not None else None,
    }


def change(number: int, kind: ChangeKind | str, at: datetime, entry: Any) -> dict[str, Any]:
    """One row of a channel's ledger; `entry` is the JSON Feed item that stands for it now."""
    return {"number": number, "kind": str(kind), "at": instant(at), "entry": entry}


def page(items: Sequence[Any], following: str | int | None) -> dict[str, Any]:
    """Every list's shape."""
    return {"items": list(items), "next": following}


def linked_page(items: Sequence[Any], following: str | int | None, *, parameter: str = "cursor") -> Response:
    """A list's page, with a Link to the next one where there is one (RFC 8288)."""
    answer = json_answer(page(items, following))
    if following is not None:
        query = urlencode({**request.args.to_dict(), parameter: following})
        answer.headers["Link"] = f'<{services().settings.address(request.path)}?{query}>; rel="next"'
    return answer


def raw_json(body: bytes | None) -> orjson.Fragment | None:
    """Bytes that are JSON already; null for an entry that could not be rendered."""
    return orjson.Fragment(body) if body is not None else None


def json_answer(body: Any, status: int = HTTPStatus.OK) -> Response:
    """A JSON response."""
    return Response(orjson.dumps(body), status, content_type="application/json")
