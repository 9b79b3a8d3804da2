import xml.etree.ElementTree as ET
from datetime import UTC, datetime

from feeds import opml

OUTLINES = [
    opml.Outline(
        title="Chuyên mục <b> & “báo”", xml_url="https://hub.example/a.rss?x=1&y=2", html_url="https://hub.example/a"
    ),
    opml.Outline(title="Truyền hình\x01", xml_url="https://hub.example/b.atom", type="atom", language="vi"),
]


def test_the_list_is_opml_2_and_keeps_every_address():
    root = ET.fromstring(opml.render("Nguồn tin", OUTLINES, modified=datetime(2026, 10, 14, tzinfo=UTC)))
    assert (root.tag, root.get("version"), root.findtext("head/title")) == ("opml", "2.0", "Nguồn tin")
    assert root.findtext("head/dateModified") == "Wed, 14 Oct 2026 00:00:00 +0000"
    first, second = root.findall("body/outline")
    assert first.attrib == {
        "type": "rss",
        "text": OUTLINES[0].title,
        "title": OUTLINES[0].title,
        "xmlUrl": OUTLINES[0].xml_url,
        "htmlUrl": OUTLINES[0].html_url,
    }
    assert (second.get("type"), second.get("text"), second.get("language")) == ("atom", "Truyền hình", "vi")


def test_equal_lists_give_equal_bytes_and_an_empty_one_is_a_list():
    assert opml.render("t", OUTLINES) == opml.render("t", OUTLINES)
    assert ET.fromstring(opml.render("t", [])).findall("body/outline") == []
