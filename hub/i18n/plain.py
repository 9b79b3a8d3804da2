"""Faults of a story in the words of those who fill in a form or a table: labels for codes, digits for types."""

from __future__ import annotations

from typing import Any

import schemas
from hub.i18n import fault_sentence, sentence

LISTED_AT_MOST = 20  # labels of a sentence
EXAMPLES = {"/subject/birth_year": "1990", "/urgency": "5"}
EXAMPLE = "12"


def plain_sentence(fault: schemas.Fault, language: str) -> str:
    """As `fault_sentence`, without what only programs know."""
    field = _in(fault.facts.get("field"), language) or schemas.title_of(fault.pointer, language)
    if fault.code == "required":
        return sentence("fault.plain_required", language, field=field)
    if fault.code == "type" and not {"integer", "number"}.isdisjoint(_several(fault.facts.get("expected"))):
        example = EXAMPLES.get(fault.pointer, EXAMPLE)
        return sentence("fault.plain_number", language, field=field, example=example)
    known = schemas.vocabulary_at(fault.pointer) if fault.code == "enum" else None
    if known is None:
        return fault_sentence(fault, language)
    value = str(fault.facts.get("value", ""))[:60]
    labels = [item.label(language) for item in known]
    allowed = "; ".join(labels[:LISTED_AT_MOST]) + ("; …" if len(labels) > LISTED_AT_MOST else "")
    said = sentence("fault.plain_enum", language, field=field, value=value, allowed=allowed)
    meant = str(fault.facts.get("suggestion"))
    if meant in known:
        said += " " + sentence("fault.plain_suggestion", language, suggestion=known.label(meant, language))
    return said


def _several(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, tuple | list) else (value,)


def _in(value: Any, language: str) -> str:
    return str(value[language]) if isinstance(value, dict) or hasattr(value, "keys") else ""
