"""A withdrawn story in each format: the mark is there, the story is not."""

import xml.etree.ElementTree as ET

import orjson
import pytest
from feed_documents import a_feed, a_tombstone, an_entry

from feeds import atom, jsonfeed, parse, rss

FORMATS = {"rss": rss, "atom": atom, "json": jsonfeed}


def test_atom_says_deleted_entry():
    tombstone = a_tombstone()
    assert atom.render_entry(tombstone) == (
        f'<at:deleted-entry ref="{tombstone.id}" when="2025-10-14T06:49:00.123456Z"/>'.encode()
    )
    root = ET.fromstring(atom.render(a_feed("atom"), [tombstone, an_entry()]))
    deleted = root.find("{http://purl.org/atompub/tombstones/1.0}deleted-entry")
    assert deleted.get("ref") == tombstone.id


def test_rss_keeps_the_guid_and_nothing_else_of_the_story():
    item = ET.fromstring(rss.render(a_feed(), [a_tombstone()])).find("channel/item")
    told = {child.tag.rpartition("}")[2]: child.text for child in item}
    assert told == {
        "title": "Tin đã được rút",
        "link": a_tombstone().url,
        "description": "Tin đã được rút",
        "guid": a_tombstone().id,
        "pubDate": "Tue, 14 Oct 2025 05:00:00 +0000",
        "updated": "2025-10-14T06:49:00.123456Z",
        "language": "vi",
        "story": None,
        "status": "withdrawn",
    }


@pytest.mark.parametrize(
    ("language", "title"),
    [
        ("vi", "Tin đã được rút"),
        ("en", "This story has been withdrawn"),
        ("en-GB", "This story has been withdrawn"),
        ("fr", "Tin đã được rút"),
    ],
)
def test_the_neutral_title_speaks_the_entrys_language(language, title):
    assert title.encode() in rss.render_entry(a_tombstone(language=language))
    assert orjson.loads(jsonfeed.render_entry(a_tombstone(language=language)))["title"] == title


def test_json_says_so_in_hub():
    item = orjson.loads(jsonfeed.render_entry(a_tombstone()))
    assert item["_hub"]["status"] == "withdrawn"
    assert set(item["_hub"]) == {"about", "story", "number", "status"}
    assert item["content_text"] == item["title"] == "Tin đã được rút"


@pytest.mark.parametrize("form", FORMATS)
def test_our_parser_finds_every_tombstone_in_every_format(form):
    items = [a_tombstone(9), an_entry(1), a_tombstone(8), a_tombstone(7), an_entry(2)]
    found = parse.parse(FORMATS[form].render(a_feed(form), items))
    assert found.deleted == tuple(item.id for item in items if type(item).__name__ == "Tombstone")
    living = [entry.id for entry in found.entries if not entry.withdrawn]
    assert living == [an_entry(1).id, an_entry(2).id]
