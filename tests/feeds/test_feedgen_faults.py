"""One test for each fault of feedgen 1.0.0 that was reproduced, and the house rule that keeps it in one module."""

import ast
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from feed_documents import a_feed, a_full_entry, a_picture, an_entry

from feeds import atom, rss
from feeds.document import Link, Person

ATOM = "{http://www.w3.org/2005/Atom}"
FEEDS = Path(rss.__file__).parent


def channel(items=(), **changes) -> ET.Element:
    return ET.fromstring(rss.render(a_feed("rss", **changes), list(items))).find("channel")


def entry_of(entry) -> ET.Element:
    return ET.fromstring(atom.render(a_feed("atom"), [entry])).find(f"{ATOM}entry")


def test_atom_entry_links_keep_rel_type_length_and_title():
    enclosures = [link for link in entry_of(a_full_entry()).iter(f"{ATOM}link") if link.get("rel") == "enclosure"]
    assert [sorted(link.keys()) for link in enclosures] == [["href", "length", "rel", "title", "type"]] * 2


def test_several_pictures_leave_the_first_as_the_rss_enclosure():
    entry = an_entry(pictures=(a_picture(1), a_picture(2)))
    found = channel([entry]).findall("item/enclosure")
    assert [enclosure.get("url") for enclosure in found] == [entry.pictures[0].renditions[0].url]


def test_the_rss_channels_link_is_its_page_whatever_links_follow():
    links = (Link(rel="hub", href="https://hub.example/websub"), Link(rel="next", href="https://hub.example/next"))
    found = channel(links=links)
    assert found.findtext("link") == a_feed().home_url
    shown = {(link.get("rel"), link.get("href")) for link in found.findall(f"{ATOM}link")}
    assert {("hub", links[0].href), ("next", links[1].href), ("self", a_feed().self_url)} <= shown


def test_an_author_without_email_stands_in_rss():
    item = channel([an_entry(authors=(Person(name="Lê Văn Bảy"),))]).find("item")
    assert item.findtext("{http://purl.org/dc/elements/1.1/}creator") == "Lê Văn Bảy"
    assert item.find("author") is None


def test_updated_is_what_the_feed_says_and_never_now():
    assert channel().findtext("lastBuildDate") == "Tue, 14 Oct 2025 05:00:00 +0000"
    assert ET.fromstring(atom.render(a_feed("atom"), [])).findtext(f"{ATOM}updated") == "2025-10-14T05:00:00.123456Z"


@pytest.mark.parametrize("code", [0x00, 0x01, 0x0B, 0x1F, 0x85, 0xD800, 0xFFFD, 0xFFFE, 0xFFFF])
@pytest.mark.parametrize("field", ["title", "summary", "content", "correction", "url"])
@pytest.mark.parametrize("form", [rss, atom])
def test_one_forbidden_character_does_not_cost_the_feed(form, field, code):
    character = chr(code)
    good, bad = an_entry(1), an_entry(2, **{field: f"trước{character}sau"})
    body = form.render(a_feed(title=f"Kênh{character}"), [bad, good])
    ET.fromstring(body)
    assert good.title.encode() in body
    assert "trước" in body.decode()


def test_atom_content_is_escaped_html():
    content = entry_of(an_entry(content="<p>a ]]> b &amp; c</p>")).find(f"{ATOM}content")
    assert (content.get("type"), content.text) == ("html", "<p>a ]]> b &amp; c</p>")


@pytest.mark.parametrize(
    ("package", "home"), [("feedgen", "_feedgen.py"), ("lxml", "_feedgen.py"), ("feedparser", "parse.py")]
)
def test_each_part_is_imported_in_one_place_only(package, home):
    importers = set()
    for path in FEEDS.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            importers |= {path.name for name in names if name.split(".")[0] == package}
    assert importers == {home}
