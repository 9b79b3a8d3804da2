"""check(name, document): every fault of a document at once, by its schema and by the rules between its fields."""

import difflib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from itertools import islice
from typing import Any

import jsonschema_rs

from schemas import outlet, story, tree
from schemas.faults import Fault, fault_at
from schemas.formats import find_day, find_instant
from schemas.loading import loaded

ADDRESSES = "https://hub.example/schemas/"  # where the $id of our schemas begin
FAULTS_AT_MOST = 1000  # nobody reads more, and a hostile document could hold a hundred thousand
DEPTH_AT_MOST = 32  # no document of ours goes half as deep
LONE_SURROGATE = re.compile("[\ud800-\udfff]")
SUGGEST_AMONG = 20  # unknown fields; beyond that nobody mistyped, and guessing would take long
SUGGEST_UP_TO = 60  # characters

# What JSON Schema cannot say, per schema.
RULES: Mapping[str, Callable[[Any], Iterable[Fault]]] = {
    "story.v1": story.faults,
    "outlet.v1": outlet.faults,
    "consent-act.v1": story.consent_act_faults,
}

# JSON Schema keyword -> our code. A keyword that is missing here answers `shape`.
CODES = {
    "type": "type",
    "enum": "enum",
    "const": "enum",
    "maxLength": "too_long",
    "minLength": "too_short",
    "maxItems": "too_many",
    "maxProperties": "too_many",
    "minItems": "too_few",
    "minProperties": "too_few",
    "contains": "too_few",
    "uniqueItems": "not_unique",
    "pattern": "pattern",
    "format": "format",
    "minimum": "minimum",
    "exclusiveMinimum": "minimum",
    "maximum": "maximum",
    "exclusiveMaximum": "maximum",
}


def check(name: str, document: Any) -> list[Fault]:
    """All faults of `document`, parsed JSON, against the schema `name`: sorted by pointer, each (pointer, code) once.

    Entries beyond the most that a list may have are not looked into, and a thousand faults end the search.
    An empty answer means that the document may be trusted. Never raises for what json.loads may answer.
    Raises LookupError when there is no such schema.
    """
    faults = [*_schema_faults(name, document), *RULES.get(name, _no_rules)(document)]
    return _tidy(faults) if faults else faults


def check_story(document: Any) -> list[Fault]:
    """All faults of a submission (story.v1)."""
    return check("story.v1", document)


@cache
def _validator(name: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(
        loaded(name),
        validate_formats=True,
        formats={
            "date": lambda text: find_day(text) is not None,
            "date-time": lambda text: find_instant(text) is not None,
        },
        email_options=jsonschema_rs.EmailOptions(
            require_tld=True, allow_domain_literal=False, allow_display_text=False
        ),
        retriever=_retrieve,
        offline=False,
    )


def _retrieve(uri: str) -> dict[str, Any]:
    """Our own schemas only; nothing is ever fetched."""
    if not uri.startswith(ADDRESSES):
        raise LookupError(f"not one of our schemas: {uri}")
    return loaded(uri.removeprefix(ADDRESSES).removesuffix(".json"))


def _no_rules(_document: Any) -> Iterable[Fault]:
    return ()


def _schema_faults(name: str, document: Any) -> list[Fault]:
    if _is_valid(name, document):
        return []
    found: list[Fault] = []
    errors = _validator(name).iter_errors(_mended(name, document, [], found))
    translated = (fault for error in errors for fault in _translated(name, error))
    return found + list(islice(translated, FAULTS_AT_MOST))


def _is_valid(name: str, document: Any) -> bool:
    try:
        return _validator(name).is_valid(document)
    except ValueError:  # what json.loads lets pass and the validator cannot hold: lone surrogates, deep nesting
        return False


def _translated(name: str, error: jsonschema_rs.ValidationError) -> Iterator[Fault]:
    keyword, facts, tokens = error.kind.name, error.kind.as_dict(), error.instance_path
    if keyword == "required":
        yield fault_at(name, [*tokens, facts["property"]], "required")
    elif keyword in ("additionalProperties", "unevaluatedProperties"):
        yield from _unknown_fields(name, tokens, facts["unexpected"])
    else:
        code = CODES.get(keyword) or _named_fault(name, tokens)
        yield fault_at(name, tokens, code, **_facts(name, code, error))


def _unknown_fields(name: str, tokens: list[str | int], unexpected: list[str]) -> Iterator[Fault]:
    parent = _node(name, tokens)
    known = list(dict.fromkeys(member for member, _, _ in tree.members(loaded(name), parent))) if parent else []
    for extra in unexpected:
        guess = _suggestion(extra, known) if len(unexpected) <= SUGGEST_AMONG else {}
        yield fault_at(name, [*tokens, extra], "unknown_field", name=extra, **guess)


def _named_fault(name: str, tokens: list[str | int]) -> str:
    """The code a schema gives by x-fault to a construct such as oneOf."""
    return _keyword(name, tokens, "x-fault") or "shape"


def _facts(name: str, code: str, error: jsonschema_rs.ValidationError) -> dict[str, Any]:
    value: Any = error.instance
    facts = error.kind.as_dict()
    if code == "type":
        given = _json_type(value)
        variant = {"variant": "null"} if given == "null" else {}
        return {"expected": tuple(facts["types"]), "given": given, **variant}
    if code == "enum":
        allowed = tuple(facts.get("options") or (facts.get("expected_value"),))
        return {"value": value, "allowed": allowed, **_suggestion(value, allowed)}
    if code in ("too_long", "too_short"):
        return {"limit": facts["limit"], "length": len(value)}
    if code in ("too_many", "too_few"):
        return {"limit": facts.get("limit", 1), "count": len(value)}
    if code == "not_unique":
        return {"value": _first_repeated(value)}
    if code == "pattern":
        hint = _keyword(name, error.instance_path, "x-hint") or facts["pattern"]
        return {"value": value, "hint": hint}
    if code == "format":
        return {"value": value, "format": facts["format"], "variant": facts["format"]}
    if code in ("minimum", "maximum"):
        return {"limit": facts["limit"], "value": value}
    if code == "body_format":
        present = tuple(key for key in ("html", "markdown", "text") if key in value)
        return {"present": present, **({} if present else {"variant": "none"})}
    return {}


def _node(name: str, tokens: list[str | int]) -> tree.Node | None:
    root = loaded(name)
    return tree.trail(root, tokens)[-1] if tokens else root


def _keyword(name: str, tokens: list[str | int], keyword: str) -> Any:
    node = _node(name, tokens)
    return tree.value_of(loaded(name), node, keyword) if node else None


def _suggestion(given: Any, known: Iterable[Any]) -> dict[str, str]:
    if not isinstance(given, str) or len(given) > SUGGEST_UP_TO:
        return {}
    guesses = difflib.get_close_matches(given, [each for each in known if isinstance(each, str)], n=1, cutoff=0.75)
    return {"suggestion": guesses[0]} if guesses else {}


def _first_repeated(values: list[Any]) -> Any:
    seen = set()
    for value in values:
        key = json.dumps(value, sort_keys=True)
        if key in seen:
            return value
        seen.add(key)
    return ""


def _json_type(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    for kind, name in ((int, "integer"), (str, "string"), (dict, "object"), (list, "array")):
        if isinstance(value, kind):
            return name
    return "number"


def _tidy(faults: list[Fault]) -> list[Fault]:
    """One fault per pointer and code, without those that only follow from another at the same place."""
    first: dict[tuple[str, str], Fault] = {}
    for fault in faults:
        first.setdefault((fault.pointer, fault.code), fault)
    echoes = {key for key in first if key[1] != "type" and (key[0], "type") in first}
    echoes |= {key for key in first if key[1] == "pattern" and (key[0], "format") in first}
    return [first[key] for key in sorted(first, key=_place) if key not in echoes]


def _place(key: tuple[str, str]) -> tuple[Any, ...]:
    """Where a fault stands among others: the tenth entry of a list comes after the second."""
    steps = [(int(step), "") if step.isdecimal() else (-1, step) for step in key[0].split("/")]
    return steps, key[1]


def _mended(name: str, value: Any, tokens: list[str | int], found: list[Fault]) -> Any:
    """A copy whose faults can be listed, and quickly; what had to be replaced or cut off goes into `found`."""
    if len(tokens) > DEPTH_AT_MOST:
        found.append(fault_at(name, tokens[:1], "shape"))
        return None
    if isinstance(value, str):
        mended = LONE_SURROGATE.sub("\ufffd", value)
        if mended != value:
            found.append(fault_at(name, tokens, "format", value=mended, format="Unicode", variant="unicode"))
        return mended
    if isinstance(value, dict):
        keys = {key: LONE_SURROGATE.sub("\ufffd", key) for key in value}
        return {keys[key]: _mended(name, child, [*tokens, keys[key]], found) for key, child in value.items()}
    if isinstance(value, list):
        limit = _keyword(name, tokens, "maxItems")
        if limit is not None and len(value) > limit:  # what is too many anyway is not looked into
            found.append(fault_at(name, tokens, "too_many", limit=limit, count=len(value)))
            value = value[:limit]
        return [_mended(name, child, [*tokens, at], found) for at, child in enumerate(value)]
    return value
