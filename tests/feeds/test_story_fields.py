"""Every field of a story stands in every format when it is set, and leaves no trace when it is not."""

import re
import xml.etree.ElementTree as ET
from dataclasses import fields, is_dataclass, replace
from datetime import date, datetime
from pathlib import Path

import orjson
import pytest
from feed_documents import a_feed, a_full_entry, a_story, an_entry

from feeds import atom, dates, jsonfeed, rss, story_xml
from feeds.document import Entry, Person, Story

HUB = f"{{{story_xml.NAMESPACE}}}"
SCHEMAS = Path(__file__).parents[2] / "schemas"
ELEMENTS = {
    "metrics": ["metric"],
    "claims": ["claim"],
    "occurred_from": ["occurred"],
    "occurred_to": ["occurred"],
}


def leaves(value: object) -> list[object]:
    """Every text, number and date below a field."""
    if isinstance(value, tuple):
        return [leaf for part in value for leaf in leaves(part)]
    if is_dataclass(value):
        return [leaf for field in fields(value) for leaf in leaves(getattr(value, field.name))]
    return [] if value is None or value == "" else [value]


def written(value: object) -> str:
    if isinstance(value, datetime):
        return dates.rfc3339(value)
    if isinstance(value, date):
        return value.isoformat()
    return str(value).lower() if isinstance(value, bool) else str(value)


def hub_elements(form, entry: Entry) -> list[ET.Element]:
    root = ET.fromstring(form.render(a_feed(), [entry]))
    return [element for element in root.iter() if element.tag.startswith(HUB)]


def hub_texts(form, entry: Entry) -> set[str]:
    elements = hub_elements(form, entry)
    texts = {element.text for element in elements if element.text}
    return texts | {value for element in elements for value in element.attrib.values()}


def json_leaves(value: object) -> list[object]:
    if isinstance(value, dict):
        return [leaf for part in value.values() for leaf in json_leaves(part)]
    if isinstance(value, list):
        return [leaf for part in value for leaf in json_leaves(part)]
    return [value]


def twin(entry: Entry) -> dict:
    return orjson.loads(jsonfeed.render_entry(entry))["_hub"]


STORY_FIELDS = [field.name for field in fields(Story)]


@pytest.mark.parametrize("name", STORY_FIELDS)
@pytest.mark.parametrize("form", [rss, atom])
def test_a_field_that_is_set_stands_in_the_namespace(form, name):
    value = getattr(a_story(), name)
    texts = hub_texts(form, an_entry(story=Story(**{name: value})))
    assert leaves(value)
    assert [leaf for leaf in leaves(value) if written(leaf) not in texts] == []
    element = {"metrics": "metric", "claims": "claim", "occurred_from": "occurred", "occurred_to": "occurred"}.get(
        name, name.replace("_", "-")
    )
    assert f"{HUB}{element}" in {found.tag for found in hub_elements(form, an_entry(story=Story(**{name: value})))}


@pytest.mark.parametrize("name", STORY_FIELDS)
@pytest.mark.parametrize("form", [rss, atom])
def test_a_field_that_is_not_set_leaves_no_trace_in_the_namespace(form, name):
    empty = Story.__dataclass_fields__[name].default
    with_it, without = a_full_entry(story=a_story()), a_full_entry(story=a_story(**{name: empty}))
    assert form.render_entry(with_it) != form.render_entry(without)
    bare = hub_elements(form, an_entry(story=Story()))
    assert [element.tag.removeprefix(HUB) for element in bare] == ["story", "status"]


@pytest.mark.parametrize("name", STORY_FIELDS)
def test_a_field_stands_in_the_json_twin_only_when_it_is_set(name):
    value = getattr(a_story(), name)
    found = twin(an_entry(story=Story(**{name: value})))
    assert sorted(map(str, json_leaves(found[name]))) == sorted(
        str(leaf) if not isinstance(leaf, date) else written(leaf) for leaf in leaves(value)
    )
    assert name not in twin(an_entry(story=Story()))


def test_false_and_zero_are_values():
    story = a_story(
        subject=replace(a_story().subject, hazardous_work=False),
        metrics=(replace(a_story().metrics[0], value=0, before=0),),
    )
    found = twin(an_entry(story=story))
    assert found["subject"]["hazardous_work"] is False
    assert (found["metrics"][0]["value"], found["metrics"][0]["before"]) == (0, 0)
    for form in (rss, atom):
        body = form.render_entry(an_entry(story=story))
        assert b'hazardous-work="false"' in body
        assert b'<hub:metric value="0" before="0"' in body


@pytest.mark.parametrize("form", [rss, atom])
def test_texts_in_attributes_and_elements_survive_quotes_lines_and_markup(form):
    hostile = 'một "hai" \'ba\'\nbốn\tnăm <hub:status>withdrawn</hub:status> & %s 100% "/><x a="'
    story = a_story(
        metrics=(replace(a_story().metrics[0], unit=hostile),), deed=hostile, short_body=f"<p>{hostile}</p>"
    )
    elements = {element.tag: element for element in hub_elements(form, an_entry(story=story))}
    assert elements[f"{HUB}metric"].get("unit") == hostile
    assert elements[f"{HUB}deed"].text == hostile
    assert elements[f"{HUB}short-body"].text == f"<p>{hostile}</p>"
    assert elements[f"{HUB}status"].text == "released"


@pytest.mark.parametrize("form", [rss, atom])
def test_a_text_that_is_empty_against_the_rules_spoils_nothing(form):
    story = a_story(
        metrics=(replace(a_story().metrics[0], label=""),),
        interview=replace(a_story().interview, suggested_questions=("", "Vì sao?", "")),
    )
    entry = a_full_entry(story=story, authors=(Person(name=""), Person(name="A")), story_id="", url="")
    questions = [element.text for element in hub_elements(form, entry) if element.tag == f"{HUB}question"]
    assert questions == ["Vì sao?"]


def test_every_element_and_attribute_is_documented():
    document = (SCHEMAS / "story-namespace.md").read_text(encoding="utf-8")
    elements = hub_elements(rss, a_full_entry(is_test=True))
    names = {f"hub:{element.tag.removeprefix(HUB)}" for element in elements}
    attributes = {name for element in elements for name in element.attrib}
    described = set(re.findall(r"`([^`]+)`", document))
    assert names - described == set()
    assert attributes - described == set()
    assert {name for name in described if name.startswith("hub:")} - names == set()
    assert story_xml.NAMESPACE in described


def test_every_field_of_the_twin_is_documented():
    document = (SCHEMAS / "story-namespace.md").read_text(encoding="utf-8")
    assert {name for name in twin(a_full_entry()) if f"`{name}`" not in document} - {
        "about",
        "pictures",
        "categories",
    } == set()
