"""JSON Feed 1.1 and its ``_hub``."""

import os
from pathlib import Path

import jsonschema_rs
import orjson
import pytest
from feed_documents import OF_AN_ARCHIVE, a_feed, a_full_entry, a_picture, a_tombstone, an_entry

from feeds import jsonfeed

SCHEMA = orjson.loads((Path(__file__).parents[2] / "schemas" / "feed-entry.v1.json").read_bytes())
ITEMS = [a_tombstone(), a_full_entry(2), an_entry(1), an_entry(3, content="", summary="")]


def rendered(items=ITEMS, **changes) -> dict:
    return orjson.loads(jsonfeed.render(a_feed("json", **changes), items))


@pytest.mark.parametrize(
    "changes", [{}, {"author": None, "links": (), "alternates": (), "icon": "", "rights": ""}, OF_AN_ARCHIVE]
)
@pytest.mark.parametrize("items", [ITEMS, []])
def test_the_feed_fits_the_published_schema(items, changes):
    folder = os.environ.get("HUB_TEST_STANDARDS")
    if not folder:
        pytest.skip("HUB_TEST_STANDARDS does not name the folder with jsonfeed-schema-1.1.json")
    schema = orjson.loads((Path(folder) / "jsonfeed-schema-1.1.json").read_bytes())
    validator = jsonschema_rs.validator_for(schema, validate_formats=True)
    assert [str(error) for error in validator.iter_errors(rendered(items, **changes))] == []


@pytest.mark.parametrize("item", rendered()["items"], ids=lambda item: item["_hub"]["status"])
def test_hub_fits_its_own_schema(item):
    validator = jsonschema_rs.validator_for(SCHEMA, validate_formats=True)
    assert [str(error) for error in validator.iter_errors(item["_hub"])] == []


def test_the_schema_is_one_and_every_field_has_title_and_description():
    jsonschema_rs.meta.validate(SCHEMA)
    untold = []

    def visit(node: object, path: str, *, is_field: bool) -> None:
        if isinstance(node, dict):
            if is_field and not (node.get("title") and node.get("description")):
                untold.append(path)
            for key, value in node.items():
                for name, field in value.items() if key in ("properties", "$defs") else ():
                    visit(field, f"{path}/{name}", is_field=True)
                if key == "items":
                    visit(value, f"{path}/items", is_field="$ref" not in value)

    visit(SCHEMA, "", is_field=True)
    assert untold == []


@pytest.mark.parametrize("extra", [{"surprise": 1}, {"status": "gone"}, {"urgency": 0}])
def test_the_schema_is_closed(extra):
    hub = orjson.loads(jsonfeed.render_entry(a_full_entry()))["_hub"] | extra
    assert not jsonschema_rs.validator_for(SCHEMA).is_valid(hub)


def test_the_head_names_itself_its_page_its_next_page_and_its_hub():
    feed = a_feed("json")
    head = rendered()
    assert head["version"] == "https://jsonfeed.org/version/1.1"
    assert (head["feed_url"], head["home_page_url"], head["language"]) == (feed.self_url, feed.home_url, "vi-VN")
    assert head["next_url"] == feed.links[1].href
    assert head["hubs"] == [{"type": "WebSub", "url": feed.links[0].href}]
    assert {link["type"] for link in head["_hub"]["links"] if link["rel"] == "alternate"} == {
        "application/rss+xml",
        "application/atom+xml",
        "application/json",
    }


def test_an_item_says_what_the_entry_says():
    entry = a_full_entry(pictures=(a_picture(1),))
    item = rendered([entry])["items"][0]
    size = entry.pictures[0].renditions[0]
    assert (item["id"], item["url"], item["title"]) == (entry.id, entry.url, entry.title)
    assert (item["content_html"], item["summary"], item["language"]) == (entry.content, entry.summary, "vi")
    assert item["date_modified"] == "2025-10-14T05:01:00.123456Z"
    assert item["image"] == size.url
    assert item["attachments"] == [
        {"url": size.url, "mime_type": "image/jpeg", "title": entry.pictures[0].alt, "size_in_bytes": size.length}
    ]
    assert item["tags"] == [category.label for category in entry.categories]
    assert item["_hub"]["byline"][0]["role"] == "Chủ tịch"
    assert len(item["_hub"]["pictures"][0]["renditions"]) == 3


def test_an_entry_without_a_body_has_its_summary_as_text():
    item = rendered([an_entry(content="")])["items"][0]
    assert item["content_text"] == an_entry().summary
    assert "content_html" not in item


def test_a_lone_surrogate_costs_itself_not_the_feed():
    assert rendered([an_entry(title="a\ud800b")])["items"][0]["title"] == "ab"
