"""The schemas as documents: sound, described in both languages, complete after loading."""

import json
import re
from pathlib import Path

import jsonschema_rs
import pytest

import schemas

FOLDER = Path(schemas.__file__).parent
OURS = ("story.v1", "outlet.v1", "problem.v1", "regulation.v1")
ALL = (*OURS, "act.v1", "report.v1", "receipt.v1", "consent-act.v1", "answers.v1", "feed-entry.v1", "notices.v1")
FILED = ("pickup.v1", "filing.v1", "request.v1", "request-answer.v1")
PLANNING = ("programme.v1", "segment.v1", "segment-state.v1", "booking.v1", "booking-answer.v1", "rundown.v1")
ALL += (*FILED, *PLANNING, "rundown-export.v1")


def properties(node, path=""):
    """Every (path, node) that stands in a `properties`, outside of conditions."""
    if isinstance(node, dict):
        for name, child in node.get("properties", {}).items():
            yield f"{path}/{name}", child
        for keyword, child in node.items():
            if keyword not in ("if", "enum", "required", "x-hint"):
                yield from properties(child, path if keyword == "properties" else f"{path}/{keyword}")
    elif isinstance(node, list):
        for child in node:
            yield from properties(child, path)


def described(name, node):
    """`node` with what its reference leads to, its own words first."""
    while "$ref" in node:
        file, _, pointer = node["$ref"].partition("#")
        name = file.removesuffix(".json") or name
        target = schemas.load(name)
        for step in pointer.split("/")[1:]:
            target = target[step]
        node = {**target, **{key: value for key, value in node.items() if key != "$ref"}}
    return node


@pytest.mark.parametrize("name", ALL)
def test_a_schema_is_valid_json_schema_2020_12_and_knows_its_address(name):
    schema = schemas.load(name)
    jsonschema_rs.meta.validate(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == f"https://hub.example/schemas/{name}.json"


@pytest.mark.parametrize("name", ALL)
def test_every_property_is_titled_and_described_in_both_languages(name):
    found = list(properties(schemas.load(name)))
    few = {"receipt.v1": 1, "booking-answer.v1": 1, "segment-state.v1": 2, "request-answer.v1": 5, "report.v1": 6}
    assert len(found) >= few.get(name, 7)
    for path, node in found:
        for keyword in ("title", "x-title-vi", "description", "x-description-vi"):
            assert described(name, node).get(keyword, "").strip(), f"{path} lacks {keyword}"


@pytest.mark.parametrize("name", ALL)
def test_what_is_said_in_one_language_is_said_in_the_other(name):
    root = schemas.load(name)
    assert root["title"]
    assert root["x-title-vi"]
    for path, node in properties(root):
        for one, other in (("title", "x-title-vi"), ("description", "x-description-vi")):
            assert (one in node) == (other in node), path


@pytest.mark.parametrize("name", OURS)
def test_every_property_has_an_audience(name):
    for path, node in properties(schemas.load(name)):
        assert node.get("x-audience") in {"public", "outlet", "desk", "sealed"}, path


@pytest.mark.parametrize(
    "name", [*OURS[:2], "regulation.v1", "report.v1", "receipt.v1", "pickup.v1", "filing.v1", *PLANNING]
)
def test_every_object_is_closed(name):
    for node in objects(schemas.load(name)):
        if "allOf" in node:  # a media item, a filing: what its kind names is one of the closed objects
            assert all(set(branch) == {"if", "then"} for branch in node["allOf"])
        else:
            assert node["additionalProperties"] is False, node


def objects(node):
    """Every node that describes an object, outside of conditions."""
    if isinstance(node, dict):
        if node.get("type") == "object":
            yield node
        for keyword, child in node.items():
            if keyword != "if":
                yield from objects(child)
    elif isinstance(node, list):
        for child in node:
            yield from objects(child)


@pytest.mark.parametrize(
    "name",
    [
        *("story.v1", "outlet.v1", "regulation.v1", "report.v1", "receipt.v1", "consent-act.v1", "receipt-answer.v1"),
        *("pickup.v1", "filing.v1", "request.v1", "request-answer.v1"),
        *("organization-event.v1", "user.v1", "membership.v1", "delegation.v1"),
    ],
)
def test_everything_that_is_sent_to_us_is_bounded(name):
    for path, node in properties(schemas.load(name)):
        if node.get("type") == "string":
            assert {"maxLength", "enum", "const", "pattern", "format"} & set(node), path
        if node.get("type") == "array":
            assert "maxItems" in node, path
        if node.get("type") in ("number", "integer"):
            assert {"minimum", "maximum"} <= set(node), path


def test_a_schema_file_never_repeats_the_codes_of_a_vocabulary():
    for name in OURS:
        raw = (FOLDER / f"{name}.json").read_text(encoding="utf-8")
        for path, node in properties(json.loads(raw)):
            assert not ({"x-vocabulary", "enum"} <= set(node)), path


@pytest.mark.parametrize("name", OURS)
def test_a_loaded_schema_is_complete_and_refers_to_nothing_outside(name):
    text = json.dumps(schemas.load(name))
    assert all(reference.startswith("#/") for reference in re.findall(r'"\$ref": "([^"]*)"', text))
    for _, node in properties(schemas.load(name)):
        for part in (node, node.get("items", {})):
            if "x-vocabulary" in part:
                assert part["enum"] == list(schemas.vocabulary(part["x-vocabulary"]).codes)


def test_a_loaded_schema_belongs_to_its_caller():
    schemas.load("story.v1")["properties"].clear()
    assert "title" in schemas.load("story.v1")["properties"]


@pytest.mark.parametrize("name", ["story.v2", "../pyproject", "", "vocabularies/topics.v1"])
def test_only_our_own_schemas_can_be_loaded(name):
    with pytest.raises(LookupError):
        schemas.load(name)


def test_contacts_are_marked_explicit_and_nothing_else_is():
    marked = {path.rpartition("/")[2] for path, node in properties(schemas.load("story.v1")) if node.get("x-explicit")}
    assert marked == {"contact"}
