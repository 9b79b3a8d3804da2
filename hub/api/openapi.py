"""The API's description: one table of calls, and the OpenAPI 3.1 document made from it.

Nothing is described twice: paths and methods come from the routes, shapes and limits from `schemas/`, problems from
the refusals' own classes, their sentences from `hub/i18n`. The table says what no code can: what a call is for.
Source: OpenAPI 3.1.1, https://spec.openapis.org/oas/v3.1.1.html; its schemas are JSON Schema 2020-12.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from importlib.resources import files
from typing import Any

from werkzeug.routing import Map, Rule

import schemas
from hub import i18n
from hub.api.calls import (
    CALLS,
    FORM,
    GROUPS,
    HEADERS,
    JSON,
    PATH,
    ROLES,
    TOO_MANY_REQUESTS,
    UNEXPECTED,
    URLENCODED,
    Answer,
    Body,
    Call,
    Parameter,
    Route,
    Text,
)
from hub.config import Settings
from hub.errors import HubError, Unauthenticated, Unavailable
from hub.http import asking, limits, problems
from hub.http.language import LANGUAGES
from hub.intake import submissions

VERSION = "1.0.0"  # of the contract, not of the program
SCHEMAS = (
    *(
        "story.v1",
        "act.v1",
        "consent-act.v1",
        "upload.v1",
        "receipt-answer.v1",
        "report.v1",
        "receipt.v1",
        "answers.v1",
    ),
    *("feed-entry.v1", "outlet.v1", "regulation.v1", "waiver.v1", "notices.v1", "problem.v1"),
    *("pickup.v1", "filing.v1", "request.v1", "request-answer.v1"),
    *("programme.v1", "segment.v1", "segment-state.v1", "booking.v1", "booking-answer.v1", "rundown.v1"),
    *("organization-event.v1", "user.v1", "membership.v1", "delegation.v1"),
)
EXAMPLES = files("schemas").joinpath("examples", "valid")
LIMITS = {"min": "minimum", "max": "maximum"}  # what converters of whole numbers call them

_CONVERTED = re.compile(r"<(?:(?P<converter>\w+)(?:\((?P<options>[^)]*)\))?:)?(?P<name>\w+)>")


def list_routes(url_map: Map) -> list[Route]:
    """The described calls as the application routes them, in the order of CALLS."""
    rules: dict[str, list[Rule]] = {}
    for rule in url_map.iter_rules():
        rules.setdefault(rule.endpoint, []).append(rule)
    return [
        Route(
            endpoint=endpoint,
            method=method,
            path=_CONVERTED.sub(r"{\g<name>}", rule.rule),
            parameters=[
                _path_parameter(call, *match.group("name", "options")) for match in _CONVERTED.finditer(rule.rule)
            ],
            call=call,
        )
        for endpoint, call in CALLS.items()
        for rule in rules.get(endpoint, ())
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]


def build(url_map: Map, settings: Settings) -> dict[str, Any]:
    """The OpenAPI document of an application. Its texts are English; `x-…-vi` beside them is Vietnamese."""
    paths: dict[str, dict[str, Any]] = {}
    for route in list_routes(url_map):
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.1",
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "info": {
            "title": "Story hub",
            "version": VERSION,
            "summary": "Organizations push stories, an editor releases them, every outlet reads its own feed.",
            "description": (
                "Bodies are strict JSON in UTF-8. Lists answer {items, next}. Every refusal is a problem (RFC 9457) in "
                "Vietnamese, or in English by ?lang=en or Accept-Language. What one may not know of is answered with "
                "the same 404 as what is not there."
            ),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": settings.base}],
        "tags": [{"name": name, "description": text.en, "x-description-vi": text.vi} for name, text in GROUPS.items()],
        "paths": paths,
        "components": {
            "schemas": component_schemas(),
            "responses": _common_responses(),
            "headers": {
                name: {"description": text.en, "x-description-vi": text.vi, "schema": {"type": "string"}}
                for name, text in HEADERS.items()
            },
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "description": "A key: org_…, edt_… or out_…."},
                "basic": {"type": "http", "scheme": "basic", "description": "For feeds: the key as the password."},
            },
        },
    }


def component_schemas() -> dict[str, Any]:
    """Every schema file and each of its `$defs` as a component of its own: ``story.v1``, ``story.v1.contact`` …"""
    components: dict[str, Any] = {}
    for name in SCHEMAS:
        schema = schemas.load(name)
        definitions = schema.pop("$defs", {})
        for keyword in ("$schema", "$id"):
            schema.pop(keyword)
        shapes = {f"{name}.{part}": shape for part, shape in definitions.items()}
        if set(schema) - {"title", "x-title-vi", "description", "x-description-vi"}:  # a file may hold definitions only
            shapes = {name: schema, **shapes}
        components.update({key: _with_local_references(shape, name) for key, shape in shapes.items()})
    stored = {_content_name(key): _as_read_back(shape) for key, shape in components.items() if "story.v1" in key}
    del stored[_content_name("story.v1")]["properties"][submissions.UNVERSIONED]
    return {**components, **stored}


def examples_of(body: Body) -> dict[str, Any]:
    """The values of a body's examples by name; those kept in a file are read."""
    return {
        name: json.loads(EXAMPLES.joinpath(value).read_text(encoding="utf-8")) if isinstance(value, str) else value
        for name, value in body.examples.items()
    }


def who_may(call: Call) -> Text:
    """Who may make a call, in words."""
    if call.who is not None:
        return call.who
    return Text(*(", ".join(ROLES[role].to(language) for role in call.roles) for language in LANGUAGES))


def about_answer(answer: Answer) -> Text:
    """What an answer is: its own words, or the title of its schema."""
    if answer.about is not None:
        return answer.about
    name, _, definition = answer.schema.rpartition(".")
    shape = schemas.load(name)["$defs"][definition]
    return Text(shape["x-title-vi"], shape["title"])


def sentence(key: str, language: str) -> str:
    """The sentence of a problem or fault, with … for its facts; empty when there is none."""
    text = i18n.sentence(key, language)
    return "" if text == key else text


def code_of(refusal: type[HubError]) -> str:
    """The last part of a problem's `type`."""
    return refusal.key.removeprefix("error.")


def refusals_of(route: Route) -> dict[int, list[type[HubError]]]:
    """What a call may refuse, by status; also what comes of asking for a key."""
    kinds = [*route.call.refusals, *((Unauthenticated, asking.NotForYou) if route.call.roles else ())]
    found: dict[int, list[type[HubError]]] = {}
    for kind in dict.fromkeys(kinds):
        found.setdefault(int(problems.status_of(kind())), []).append(kind)
    return dict(sorted(found.items()))


def is_limited(route: Route) -> bool:
    """Does the call count against the limits?"""
    return route.endpoint not in limits.UNLIMITED


def list_problems(routes: Sequence[Route]) -> dict[str, int]:
    """Every problem key that these calls, or any request at all, may answer; with its status."""
    found = {kind.key: status for route in routes for status, kinds in refusals_of(route).items() for kind in kinds}
    anywhere = {
        "error.malformed": 400,
        "error.method_not_allowed": 405,
        TOO_MANY_REQUESTS: 429,
        UNEXPECTED: 500,
        Unavailable.key: 503,
    }
    return dict(sorted({**anywhere, **found}.items(), key=lambda item: (item[1], item[0])))


def _path_parameter(call: Call, name: str, options: str | None) -> Parameter:
    """A parameter of a path, with what its converter lets in: words to choose from, or bounds of a number."""
    known = call.path.get(name) or PATH[name]
    words = [option.strip(" '\"") for option in (options or "").split(",") if option]
    bounds = dict(word.split("=") for word in words if "=" in word)
    schema = {**known.schema, **{LIMITS[bound]: int(number) for bound, number in bounds.items()}}
    choice = [word for word in words if "=" not in word]
    return replace(known, name=name, schema={**schema, "enum": choice} if choice else schema)


def _operation(route: Route) -> dict[str, Any]:
    call = route.call
    operation = {
        "operationId": route.name,
        "tags": [call.group],
        "summary": call.title.en,
        "x-summary-vi": call.title.vi,
        "description": f"{call.about.en if call.about else ''} Who: {who_may(call).en}.".strip(),
        "x-roles": [role.value for role in call.roles],
        "parameters": [
            *(_parameter(parameter, "path") for parameter in route.parameters),
            *(_parameter(parameter, "query") for parameter in call.query),
            *(_parameter(parameter, "header") for parameter in call.headers),
        ],
        "responses": _responses(route),
        "security": _security(call),
    }
    if call.body is not None:
        operation["requestBody"] = {"required": True, "content": dict(_sent(call.body))}
    return operation


def _parameter(parameter: Parameter, place: str) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "in": place,
        "required": parameter.required or place == "path",
        "description": parameter.about.en,
        "x-description-vi": parameter.about.vi,
        "schema": dict(parameter.schema),
    }


def _security(call: Call) -> list[dict[str, list[str]]]:
    if call.roles:
        return [{"bearer": []}]
    return [{}, {"bearer": []}, {"basic": []}] if call.key_optional else []


def _sent(body: Body) -> Iterator[tuple[str, Any]]:
    for media_type in body.media_types:
        if media_type == JSON:
            examples = {name: {"value": value} for name, value in examples_of(body).items()}
            yield media_type, {"schema": _reference(body.schema), "examples": examples}
        elif media_type == FORM:
            part = {"type": "string", "contentMediaType": "application/octet-stream"}
            yield media_type, {"schema": {"type": "object", "required": ["file"], "properties": {"file": part}}}
        elif media_type == URLENCODED:
            yield media_type, {"schema": _form(body)}
        else:
            yield media_type, {}


def _form(body: Body) -> dict[str, Any]:
    """The schema of a form's parameters, each with what it means."""
    return {
        "type": "object",
        "required": [parameter.name for parameter in body.form if parameter.required],
        "properties": {
            parameter.name: {
                **parameter.schema,
                "description": parameter.about.en,
                "x-description-vi": parameter.about.vi,
            }
            for parameter in body.form
        },
    }


def _responses(route: Route) -> dict[str, Any]:
    found: dict[str, Any] = {
        str(int(answer.status)): {
            "description": about_answer(answer).en,
            "x-description-vi": about_answer(answer).vi,
            "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in answer.headers},
            "content": {media_type: _answered(answer, media_type) for media_type in answer.media_types},
        }
        for answer in route.call.answers
    }
    for status, kinds in refusals_of(route).items():
        found.setdefault(str(status), _problem(problems.title(status, "en"), [code_of(kind) for kind in kinds], status))
    if is_limited(route):
        found.setdefault("429", {"$ref": "#/components/responses/TooManyRequests"})
    found.setdefault("503", {"$ref": "#/components/responses/Unavailable"})
    found["default"] = {"$ref": "#/components/responses/Problem"}
    return found


def _answered(answer: Answer, media_type: str) -> dict[str, Any]:
    is_json = media_type == JSON or media_type.endswith("+json")
    return {"schema": _reference(answer.schema)} if answer.schema and is_json else {}


def _common_responses() -> dict[str, Any]:
    return {
        "TooManyRequests": _problem("Too many requests", ["too_many_requests"], 429),
        "Unavailable": _problem("The hub cannot read or write just now; try again.", ["unavailable"], 503),
        "Problem": _problem("Any other refusal.", [], 500),
    }


def _problem(description: str, codes: Sequence[str], status: int) -> dict[str, Any]:
    headers = {401: ["WWW-Authenticate"], 429: ["Retry-After"], 503: ["Retry-After"]}.get(status, [])
    return {
        "description": f"{description}: {', '.join(codes)}" if codes else description,
        "x-problems": [problems.TYPE + code for code in codes],
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in headers},
        "content": {problems.MEDIA_TYPE: {"schema": _reference("problem.v1")}},
    }


def _reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _with_local_references(node: Any, schema_name: str) -> Any:
    """A copy whose references lead to components: ``#/$defs/x``, ``act.v1.json#/properties/act`` and x-content-of."""
    if isinstance(node, list):
        return [_with_local_references(child, schema_name) for child in node]
    if not isinstance(node, dict):
        return node
    copied = {key: _with_local_references(child, schema_name) for key, child in node.items()}
    if isinstance(copied.get("$ref"), str):
        file, _, pointer = copied["$ref"].partition("#")
        name = file.removesuffix(".json") or schema_name
        definition = pointer.removeprefix("/$defs/")
        if definition != pointer:
            name, pointer = f"{name}.{definition}", ""
        copied["$ref"] = f"#/components/schemas/{name}{pointer}"
    if isinstance(copied.get("x-content-of"), str):
        copied["$ref"] = f"#/components/schemas/{_content_name(copied.pop('x-content-of'))}"
    return copied


def _content_name(component: str) -> str:
    return f"{component}.content"


def _as_read_back(node: Any) -> Any:
    """The shape of content that was stored: cleaned, and without what the asker may not read or what was erased."""
    if isinstance(node, list):
        return [_as_read_back(child) for child in node]
    if not isinstance(node, dict):
        return node
    kept = {key: _as_read_back(child) for key, child in node.items() if key not in ("required", "oneOf", "x-fault")}
    if isinstance(kept.get("$ref"), str):
        kept["$ref"] = _content_name(kept["$ref"])
    fields = kept.get("properties", {})
    if submissions.TO_HTML.keys() <= fields.keys():  # a body is kept as HTML, whatever it was sent as
        kept["properties"] = {
            name: fields[name] for name in fields if name == "html" or name not in submissions.TO_HTML
        }
    return kept
