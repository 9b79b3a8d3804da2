"""What the forms of acts bring, read into an order as the API reads its documents; and refusals beside their fields."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.datastructures import MultiDict

import schemas
from feeds.text import clean_text
from hub import i18n
from hub.clock import LOCAL
from hub.errors import HubError, Invalid
from hub.http.language import asked_language
from hub.regulation import orders
from hub.regulation.foreseeing import Seen
from hub.regulation.releasing import Order
from hub.regulation.workflow import ActKind
from hub.web.numbers import number_in

FAULT_ROWS = 5  # fields that one return can name in the form
UNEXPLAINED = "unexplained_change"  # of a correction's field: nobody said why
MISSING = {  # what a form says of a field that was left empty
    "/reason": lazy_gettext("Choose why."),
    "/note": lazy_gettext("Say in a note what it is about."),
}
DO, PREVIEW = "do", "preview"
Form = MultiDict[str, str]


@dataclass(frozen=True, slots=True)
class Told:
    """Refusals in words: those that belong beside a field, by its name in the form, and the others."""

    beside: Mapping[str, Sequence[str]] = field(default_factory=dict)
    general: Sequence[str] = ()


def read_order(kind: ActKind, form: Form) -> Order:
    """The order that a form says. Raises Invalid with every fault, as the API does."""
    said = _document(kind, form)
    if faults := schemas.check("act.v1", said):
        raise Invalid(faults=faults)
    return orders.from_document(said)


def read_seen(form: Form) -> Seen:
    """How the story stood on the page that the form is from."""
    return Seen(revision=_number(form.get("revision", "")), last_act=_number(form.get("last_act", "")))


def with_field(form: Form, name: str, value: str) -> Form:
    """The form with one more field, which its address says."""
    return MultiDict([*form.items(multi=True), (name, value)])


def mark_of(order: Order) -> str:
    """What stands for an order, so that what is done is what was previewed."""
    said = orjson.dumps(order, option=orjson.OPT_SORT_KEYS | orjson.OPT_SERIALIZE_DATACLASS)
    return hashlib.sha256(said).hexdigest()[:24]


def told_of(error: HubError, form: Form) -> Told:
    """A refusal as the form shows it."""
    language = asked_language()
    beside: dict[str, list[str]] = {}
    tells_all = bool(error.faults) and (
        isinstance(error, Invalid) or all(fault.code == UNEXPLAINED for fault in error.faults)
    )
    general = [] if tells_all else [i18n.sentence(error.key, language, **error.facts)]
    for fault in error.faults:
        sentence = _sentence_of(fault, language)
        if clause := fault.facts.get("clause"):
            sentence = f"{sentence} ({i18n.sentence('clause %(number)s', language, number=clause)})"
        name = _reason_of(fault.facts["field"], form) if fault.code == UNEXPLAINED else _name_of(fault.pointer, form)
        told = beside.setdefault(name, []) if name else general
        told.append(sentence)
    return Told({name: list(dict.fromkeys(lines)) for name, lines in beside.items()}, list(dict.fromkeys(general)))


def _sentence_of(fault: schemas.Fault, language: str) -> str:
    """A fault in the words of the form, where those of the API's documents name what no field here is called."""
    if fault.code == UNEXPLAINED:
        return str(_("Say why “%(field)s” was changed.", field=schemas.title_of(fault.facts["field"], language)))
    if fault.code == "required" and fault.pointer in MISSING:
        return str(MISSING[fault.pointer])
    return i18n.fault_sentence(fault, language)


def _document(kind: ActKind, form: Form) -> dict[str, Any]:
    """The act as `schemas/act.v1.json` has it; what was left empty is left out."""
    said: dict[str, Any] = {"act": kind.value}
    if form.get("version"):
        said["version"] = _number(form["version"])
    for name in ("note", "public_note"):
        if text := clean_text(form.get(name, ""), multiline=True).strip():
            said[name] = text
    said |= {name: form[name] for name in ("reason", "severity", "into") if form.get(name)}
    if form.get("embargo"):
        said["embargo_until"] = _instant(form["embargo"])
    if kind is ActKind.RELEASE or (kind is ActKind.APPROVE and form.get("and_release")):
        said |= {"channels": list(dict.fromkeys(form.getlist("channels")))}
    rows = [_fault_row(form, number) for number in range(FAULT_ROWS)]
    said |= {"faults": [row for row in rows if row]} if kind is ActKind.RETURN and any(rows) else {}
    said |= {"claims": [_number(place) for place in form.getlist("claim")]} if form.getlist("claim") else {}
    changes = [_change_row(form, number) for number in range(_number(form.get("changes", "")))]
    said |= {"changes": [row for row in changes if row]} if any(changes) else {}
    return said


def _fault_row(form: Form, number: int) -> dict[str, str]:
    code, pointer = form.get(f"fault-{number}-code", ""), form.get(f"fault-{number}-field", "")
    note = clean_text(form.get(f"fault-{number}-note", ""), multiline=True).strip()
    if not code and not note and not pointer:
        return {}
    return {"pointer": pointer, "code": code or "other"} | ({"note": note} if note else {})


def _change_row(form: Form, number: int) -> dict[str, str]:
    """What is said of one change; nothing where neither reason nor severity was."""
    reason = clean_text(form.get(f"change-{number}-reason", ""), multiline=True).strip()
    severity = form.get(f"change-{number}-severity", "")
    if not reason and not severity:
        return {}
    told = {"reason": reason, "severity": severity}
    return {"pointer": form.get(f"change-{number}-field", ""), **{name: text for name, text in told.items() if text}}


def _instant(said: str) -> str:
    """A field of the type datetime-local, by the clocks of Việt Nam; as it was sent where it is none."""
    try:
        return datetime.fromisoformat(said).replace(tzinfo=LOCAL).isoformat()
    except ValueError:
        return said


def _reason_of(field: str, form: Form) -> str:
    """The field of the form that takes the reason for a change; that of all changes where none is for it alone."""
    rows = range(_number(form.get("changes", "")))
    return next((f"change-{row}-reason" for row in rows if form.get(f"change-{row}-field") == field), "changes")


def _name_of(pointer: str, form: Form) -> str:
    """The field of the form that a fault belongs to."""
    first, *_ = pointer.lstrip("/").split("/")
    if first in ("faults", "changes"):
        return first
    names = {"embargo_until": "embargo", "claims": "claim"}
    name = names.get(first, first)
    return name if name in ("note", "public_note", "reason", "severity", "embargo", "claim", "channels", "into") else ""


def _number(said: str) -> int:
    return number_in(said) or 0
