"""The API's own description: OpenAPI 3.1, and a readable page that needs no other host."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import orjson
from flask import Blueprint, Response, current_app, render_template, request

import schemas
from hub.accounts.keys import PREFIXES
from hub.actors import Role
from hub.api import openapi
from hub.api.calls import CALLS, FAULT_CODES, GROUPS, IDEMPOTENCY_KEY, JSON, URLENCODED, Body, Route, Text
from hub.http.language import LANGUAGES, asked_language
from hub.http.problems import TYPE
from hub.http.services import services

CACHE = "public, max-age=60"
KEPT = "hub.docs"  # what was rendered, by name: it changes with the program only
PREFIX = "#/components/schemas/"
VOCABULARIES = (
    *("kinds", "stages", "topics", "priority_groups", "organization_kinds", "organization_systems", "levels"),
    *("evidence_kinds", "roles", "return_faults", "correction_severities"),
    *("consent_scopes", "profiles", "withdrawal_reasons", "hold_reasons", "report_statuses", "pickup_uses"),
    "crew_roles",
)
LISTED_FIELDS = ("consent_scopes", "profiles")  # vocabularies whose items name fields of the story
AUDIENCES: Mapping[str, Text] = {
    "public": Text("công khai", "public"),
    "outlet": Text("đơn vị nhận tin", "outlets"),
    "desk": Text("biên tập", "the desk"),
    "sealed": Text("niêm phong", "sealed"),
}
INPUTS = (
    *("story.v1", "act.v1", "consent-act.v1", "receipt-answer.v1", "report.v1", "receipt.v1", "outlet.v1"),
    *("pickup.v1", "filing.v1", "request.v1", "request-answer.v1"),
    *("programme.v1", "segment.v1", "segment-state.v1", "booking.v1", "booking-answer.v1", "rundown.v1"),
    *("notices.v1", "organization-event.v1", "user.v1", "membership.v1", "delegation.v1"),
)
FORMATS = {"date", "date-time", "uri", "uri-reference", "email", "uuid"}

FILES = {  # what the examples send, by media type
    "image/jpeg": "picture.jpg",
    "application/pdf": "consent.pdf",
    "application/offset+octet-stream": "piece",
}
LINE = 100  # characters; longer examples are written over several lines
Node = Mapping[str, Any]
Components = Mapping[str, Any]

bp = Blueprint(
    "docs", __name__, template_folder="templates", static_folder="static", static_url_path="/api/docs/static"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One field in a table of fields, or a line about those that follow it (then without a name)."""

    depth: int
    name: str = ""
    title: Text
    about: Text | None = None
    kind: str = ""
    limits: Sequence[Text] = ()
    required: bool = False
    audience: str = ""
    scopes: Sequence[str] = ()
    vocabulary: str = ""
    shapes: Sequence[str] = ()  # sections that tell more


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """A shape with its fields, and examples where a call takes it."""

    name: str  # of the component
    title: Text
    about: Text | None
    rows: Sequence[Row]
    is_sent: bool  # to the hub; answers otherwise
    examples: Sequence[tuple[str, str]]  # name, JSON


@dataclass(frozen=True, kw_only=True, slots=True)
class _Below:
    """What a field inherits from those it stands in."""

    of_story: bool
    depth: int = 0
    path: str = ""  # dotted
    audience: str = ""
    scopes: frozenset[str] = frozenset()


@bp.get("/api/v1/openapi.json")
def openapi_document() -> Response:
    def make() -> bytes:
        return orjson.dumps(openapi.build(current_app.url_map, services().settings), option=orjson.OPT_INDENT_2)

    return _answer(_kept("openapi.json", make), JSON)


@bp.get("/api/docs")
def api_docs() -> Response:
    language = asked_language()
    answer = _answer(_kept(language, partial(_render, language)), "text/html; charset=utf-8")
    answer.headers["Content-Language"] = language
    answer.vary.add("Accept-Language")
    return answer


def _kept(name: str, make: Callable[[], bytes]) -> bytes:
    """What `make` gave the first time; two that ask at once make the same."""
    kept: dict[str, bytes] = current_app.extensions.setdefault(KEPT, {})
    if name not in kept:
        kept[name] = make()
    return kept[name]


def _answer(body: bytes, content_type: str) -> Response:
    answer = Response(body, content_type=content_type)
    answer.headers["Cache-Control"] = CACHE
    answer.add_etag()
    return answer.make_conditional(request)  # type: ignore[return-value]


def _render(language: str) -> bytes:
    routes = openapi.list_routes(current_app.url_map)
    settings = services().settings
    components = openapi.component_schemas()
    page = render_template(
        "api_docs.html",
        language=language,
        languages=LANGUAGES,
        say=lambda vi, en: Text(vi, en).to(language),
        openapi=openapi,
        code_sources=FAULT_CODES,
        settings=settings,
        problem_type=TYPE,
        groups=[
            (name, title, [route for route in routes if route.call.group == name]) for name, title in GROUPS.items()
        ],
        sections=list_sections(components),
        audiences=AUDIENCES,
        vocabularies=[schemas.vocabulary(name) for name in VOCABULARIES],
        listed_fields=LISTED_FIELDS,
        fault_codes=schemas.vocabulary("faults"),
        problems=openapi.list_problems(routes),
        curl=partial(curl, base=settings.base),
        describe=partial(describe, components),
    )
    return page.encode()


def curl(route: Route, *, base: str) -> str:
    """The call as a command line."""
    path = route.path
    for parameter in route.parameters:
        path = path.replace(f"{{{parameter.name}}}", parameter.example)
    query = "&".join(
        f"{parameter.name}={parameter.example}".replace("+", "%2B")  # a bare one would arrive as a space
        for parameter in route.call.query
        if parameter.example
    )
    words = [f"'{base}{path}{'?' if query else ''}{query}'", *_curl_options(route, base)]
    method = "" if route.method == "GET" else f"-X {route.method} "
    return f"curl {method}" + " \\\n  ".join(words)


def _curl_options(route: Route, base: str) -> Iterator[str]:
    call = route.call
    if call.roles:
        yield f"-H 'Authorization: Bearer {_prefix(Role.EDITOR if call.group == 'acts' else call.roles[0])}…'"
    elif call.key_optional:
        yield f"-H 'Authorization: Bearer {_prefix(Role.OUTLET)}…'"
    if IDEMPOTENCY_KEY in call.headers:
        yield "-H 'Idempotency-Key: 6f1c2f5e'"
    if any(header.name == "If-Match" and header.required for header in call.headers):
        yield "-H 'If-Match: \"…\"'"
    if call.body is not None:
        yield from _curl_body(call.body, base)


def _curl_body(body: Body, base: str) -> Iterator[str]:
    """What is sent: an example of the schema, the parameters of a form, or a file."""
    media_type = body.media_types[0]
    if media_type == URLENCODED:  # curl says so by itself
        for parameter in body.form:
            if parameter.required:
                value = base + parameter.example if parameter.example.startswith("/") else parameter.example
                yield f"--data-urlencode '{parameter.name}={value}'"
        return
    yield f"-H 'Content-Type: {media_type}'"
    if body.schema == "story.v1":  # stories are too long for a line
        yield "--data-binary @story.json"
    elif body.schema:
        example = next(iter(openapi.examples_of(body).values()))
        yield f"--data {shlex.quote(json.dumps(example, ensure_ascii=False))}"
    else:
        yield f"--data-binary @{FILES[media_type]}"


def _prefix(role: Role) -> str:
    """How a key begins that has this role: the plainest one, else a user's."""
    return PREFIXES[{Role.CONTRIBUTOR: "organization", Role.EDITOR: "editor", Role.OUTLET: "outlet"}.get(role, "user")]


def list_sections(components: Components) -> list[Section]:
    """Every shape that deserves a table of its own, in the order of the schema files."""
    bodies = {call.body.schema: call.body for call in CALLS.values() if call.body is not None}
    return [
        Section(
            name=name,
            title=_title(node, name),
            about=_about(node),
            rows=list(_rows(components, node, _Below(of_story=name == "story.v1"))),
            is_sent=name in INPUTS,
            examples=[(word, _written(value)) for word, value in openapi.examples_of(bodies[name]).items()]
            if name in bodies
            else [],
        )
        for name, node in components.items()
        if _is_section(components, name)
    ]


def describe(components: Components, schema: Node) -> Row:
    """A parameter's schema as a row without name and title."""
    node = _followed(components, schema)
    return Row(depth=0, title=Text("", ""), kind=_kind(components, node), limits=list(_limits(node)))


def _is_section(components: Components, name: str) -> bool:
    """Files are sections; of the file that holds definitions only, each that has fields."""
    return name in openapi.SCHEMAS or (name.startswith("answers.v1.") and "properties" in components[name])


def _rows(components: Components, node: Node, below: _Below) -> Iterator[Row]:
    """A row for each field below `node`, and the fields below that; lines say where a branch or a copy begins."""
    parts = node.get("allOf", ())
    for part in parts:
        if "$ref" in part:
            title = Text("Mọi mục của:", "Every field of:")
            yield Row(depth=below.depth, title=title, shapes=_shapes(components, part))
    for part in node.get("oneOf", ()):
        if "$ref" in part:
            branch = _followed(components, part)
            yield Row(depth=below.depth, title=_title(branch, ""), about=_about(branch))
            yield from _rows(components, branch, below)
    for name, child in node.get("properties", {}).items():
        yield from _field(components, node, name, child, below)
    for part in parts:
        if "then" in part:
            ((name, choice),) = part["if"]["properties"].items()
            values = ", ".join(choice.get("enum") or (choice["const"],))
            branch = _followed(components, part["then"])
            if "properties" not in branch:
                needed = ", ".join(branch["required"])
                title = Text(
                    f"Khi {name} là {values} thì bắt buộc: {needed}", f"{needed}: required when {name} is {values}"
                )
                yield Row(depth=below.depth, title=title)
                continue
            yield Row(depth=below.depth, title=Text(f"Khi {name} là {values}:", f"When {name} is {values}:"))
            others = {key: child for key, child in branch["properties"].items() if key != name}
            yield from _rows(components, {**branch, "properties": others}, below)


def _field(components: Components, holder: Node, name: str, child: Node, below: _Below) -> Iterator[Row]:
    shape = _followed(components, child)
    element = _followed(components, shape["items"]) if "items" in shape else shape
    audience = _strictest(below.audience, holder.get("x-audience"), child.get("x-audience"))
    path = f"{below.path}.{name}".removeprefix(".")
    scopes = _scopes(path) if below.of_story else frozenset()
    shapes = _shapes(components, child)
    yield Row(
        depth=below.depth,
        name=name,
        title=_title(shape, name),
        about=_about(shape),
        kind=_kind(components, shape),
        limits=[*_limits(shape), *(_limits(element) if element is not shape else ())],
        required=name in holder.get("required", ()),
        audience=audience,
        scopes=[] if scopes == below.scopes else sorted(scopes),
        vocabulary=element.get("x-vocabulary", ""),
        shapes=shapes,
    )
    if not shapes:
        inner = _Below(of_story=below.of_story, depth=below.depth + 1, path=path, audience=audience, scopes=scopes)
        yield from _rows(components, element, inner)


def _shapes(components: Components, node: Node) -> list[str]:
    """The sections that `node`, or an element of it, refers to."""
    parts = (node, node.get("items", {}), *node.get("anyOf", ()))
    names = [part["$ref"].removeprefix(PREFIX).removesuffix(".content") for part in parts if "$ref" in part]
    followed = [name for name in names if not _is_section(components, name) and name in components]
    names += [inner for name in followed for inner in _shapes(components, components[name])]
    return [name for name in names if name in components and _is_section(components, name)]


def _followed(components: Components, node: Node) -> Node:
    """`node` with what its reference leads to, its own words first."""
    while "$ref" in node:
        name, *steps = node["$ref"].removeprefix(PREFIX).split("/")
        target = components[name]
        for step in steps:
            target = target[step]
        node = {**target, **{key: value for key, value in node.items() if key != "$ref"}}
    return node


def _kind(components: Components, node: Node) -> str:
    node = _followed(components, node)
    if "items" in node or "prefixItems" in node:
        return f"{_kind(components, node.get('items', {}))}[]" + (" | null" if "null" in node["type"] else "")
    if "anyOf" in node:
        return " | ".join(_kind(components, part) for part in node["anyOf"])
    if node.get("format") in FORMATS:
        return str(node["format"]) + (" | null" if "null" in node["type"] else "")
    kinds = node.get("type", "string" if {"enum", "const"} & node.keys() else "object" if "oneOf" in node else "any")
    return kinds if isinstance(kinds, str) else " | ".join(kinds)


def _limits(node: Node) -> Iterator[Text]:
    if "const" in node:
        yield Text(f"luôn là {node['const']}", f"always {node['const']}")
    if "enum" in node and "x-vocabulary" not in node:
        codes = ", ".join(str(code) for code in node["enum"])
        yield Text(f"một trong: {codes}", f"one of: {codes}")
    for least, most, vi, en in (
        ("minLength", "maxLength", "ký tự", "characters"),
        ("minItems", "maxItems", "mục", "items"),
        ("minimum", "maximum", "", ""),
    ):
        if least in node or most in node:
            yield Text(
                *(
                    _between(node.get(least), node.get(most), unit, language)
                    for unit, language in ((vi, "vi"), (en, "en"))
                )
            )
    if node.get("uniqueItems"):
        yield Text("không lặp lại", "no repeats")
    if "pattern" in node:
        hint = node.get("x-hint", {"vi": node["pattern"], "en": node["pattern"]})
        yield Text(hint["vi"], hint["en"])
    if "default" in node:
        yield Text(f"mặc định {node['default']}", f"default {node['default']}")


def _between(least: float | None, most: float | None, unit: str, language: str) -> str:
    if least and most is not None:
        numbers = f"{least} – {most}"
    elif most is not None:
        numbers = Text("tối đa", "at most").to(language) + f" {most}"
    else:
        numbers = Text("từ", "from").to(language) + f" {least}"
    return f"{numbers} {unit}".strip()


def _written(value: Any) -> str:
    line = json.dumps(value, ensure_ascii=False)
    return line if len(line) <= LINE else json.dumps(value, ensure_ascii=False, indent=2)


def _scopes(path: str) -> frozenset[str]:
    try:
        return schemas.consent_needed(path)
    except ValueError:  # it only holds fields under consent, and those say which
        return frozenset()


def _strictest(*audiences: str | None) -> str:
    named = [schemas.Audience.named(audience) for audience in audiences if audience]
    return max(named).word if named else ""


def _title(node: Node, name: str) -> Text:
    title = node.get("title", name)
    return Text(node.get("x-title-vi", title), title)


def _about(node: Node) -> Text | None:
    """The description; in English where the schema has no Vietnamese one."""
    about = node.get("description")
    return Text(node.get("x-description-vi", ""), about) if about else None
