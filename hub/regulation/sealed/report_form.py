"""A report of wrongdoing: what somebody may send, what is put under seal, and the file auditors carry away. Pure."""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

import schemas
from feeds.text import clean_text
from hub.errors import Invalid, Malformed, TooLarge
from hub.regulation.sealed.sealing import Sealed
from schemas.faults import fault_at

SCHEMA = "report.v1"
MAX_ATTACHED_BYTES = 5 * 1024 * 1024  # together
MAX_BODY_BYTES = 7_500_000  # of a request: so many in base64, and 20,000 escaped characters
INSIDE_FORM = "hub-report/1"
FILE_FORM = "hub-sealed-report/1"


class NotAReport(Malformed):
    """The file is no sealed report, or what is in it is not what its outside says."""

    key = "error.not_a_report"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of the reporter's, as it was sent."""

    name: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Report:
    """What a reporter said. No representation shows it, so that no traceback or log can."""

    text: str = field(repr=False)
    story: str = field(default="", repr=False)
    contact: str = field(default="", repr=False)
    attachments: tuple[Attachment, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class SealedReport:
    """A report as it lies in the hub and travels to an auditor."""

    id: str
    received_on: str
    sealed: Sealed


def prepare(document: object) -> Report:
    """Check and clean what was sent (`schemas/report.v1.json`). Raises Invalid with every fault, or TooLarge."""
    cleaned = _clean(document)
    if faults := schemas.check(SCHEMA, cleaned):
        raise Invalid(faults=faults)
    said: Mapping[str, Any] = cleaned  # type: ignore[assignment]  # the schema says it is an object
    attachments = tuple(_attachment(place, given) for place, given in enumerate(said.get("attachments", ())))
    if sum(len(attachment.data) for attachment in attachments) > MAX_ATTACHED_BYTES:
        raise TooLarge(max_bytes=MAX_ATTACHED_BYTES)
    return Report(said["text"], said.get("story", ""), said.get("contact", ""), attachments)


def to_bytes(report: Report, report_id: str) -> bytes:
    """What is put under seal. The id stands inside, too: nobody can pass one report off as another."""
    return orjson.dumps(
        {
            "form": INSIDE_FORM,
            "id": report_id,
            "text": report.text,
            "story": report.story,
            "contact": report.contact,
            "attachments": [
                {"name": attachment.name, "data": b64encode(attachment.data).decode()}
                for attachment in report.attachments
            ],
        }
    )


def from_bytes(plain: bytes, report_id: str) -> Report:
    """What `to_bytes` made. Raises NotAReport, also when it belongs to another id."""
    try:
        inside = orjson.loads(plain)
        if (inside["form"], inside["id"]) != (INSIDE_FORM, report_id):
            raise NotAReport()
        attachments = tuple(
            Attachment(_line(given["name"]), b64decode(given["data"], validate=True)) for given in inside["attachments"]
        )
        text = clean_text(inside["text"], multiline=True)  # whoever sealed it may not have been the hub
        return Report(text, _line(inside["story"]), _line(inside["contact"]), attachments)
    except (ValueError, KeyError, TypeError) as exc:
        raise NotAReport() from exc


def to_file(report: SealedReport) -> bytes:
    """The file an auditor carries to where the private key is: JSON, nothing in it can be read."""
    return orjson.dumps(
        {
            "form": FILE_FORM,
            "id": report.id,
            "received_on": report.received_on,
            "copies": {name: b64encode(copy).decode() for name, copy in report.sealed.copies.items()},
            "box": b64encode(report.sealed.box).decode(),
        },
        option=orjson.OPT_INDENT_2,
    )


def from_file(file: bytes) -> SealedReport:
    """What `to_file` made. Raises NotAReport."""
    try:
        told = orjson.loads(file)
        if told["form"] != FILE_FORM:
            raise NotAReport()
        copies = {str(name): b64decode(copy, validate=True) for name, copy in told["copies"].items()}
        sealed = Sealed(b64decode(told["box"], validate=True), copies)
        return SealedReport(_line(told["id"]), _line(told["received_on"]), sealed)
    except (ValueError, KeyError, TypeError, AttributeError) as exc:
        raise NotAReport() from exc


def _clean(document: object) -> object:
    if not isinstance(document, dict):
        return document
    cleaned = dict(document)
    for name in ("text", "story", "contact"):
        if isinstance(cleaned.get(name), str):
            cleaned[name] = clean_text(cleaned[name], multiline=name == "text").strip()
    return cleaned


def _attachment(place: int, given: Mapping[str, str]) -> Attachment:
    try:
        return Attachment(_line(given["name"]), b64decode(given["data"], validate=True))
    except (binascii.Error, ValueError):
        fault = fault_at(SCHEMA, ("attachments", place, "data"), "format", format="base64")
    raise Invalid(faults=[fault])  # outside, so that no chained error carries the data


def _line(text: str) -> str:
    return clean_text(text).strip()
