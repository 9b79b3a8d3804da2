"""Our RSS and Atom against the rules of the W3C feed validator."""

from dataclasses import replace
from datetime import timedelta

import pytest
import w3c_rules
from feed_documents import NOON, OF_AN_ARCHIVE, a_feed, a_full_entry, a_picture, a_tombstone, an_entry

from feeds import atom, rss
from feeds.document import Category, Link, Status, Story

DAY = timedelta(days=1)
MARKUP = "Thẻ <b>đậm</b> & <script>alert(1)</script> &amp; &copy; “trích”"
FEEDS = {
    "nothing": [],
    "one plain entry": [an_entry()],
    "entries with everything": [a_full_entry(2), a_full_entry(1)],
    "a tombstone": [a_tombstone(), an_entry()],
    "a planned entry": [an_entry(status=Status.PLANNED, number=0, content="", story=Story(embargo_until=NOON + DAY))],
    "only tombstones": [a_tombstone(8), a_tombstone(9)],
    "no authors": [an_entry(authors=())],
    "no summary": [an_entry(summary="")],
    "no body": [an_entry(content="")],
    "neither summary nor body": [an_entry(summary="", content="")],
    "markup as text everywhere": [
        an_entry(
            title=MARKUP,
            summary=MARKUP,
            pictures=(a_picture(alt=MARKUP, caption=MARKUP),),
            categories=(Category(term="x", scheme="https://hub.example/t", label=MARKUP),),
            correction=MARKUP,
            story=Story(deed=MARKUP),
        )
    ],
    "a picture of unknown length": [
        an_entry(
            pictures=(
                replace(a_picture(), renditions=tuple(replace(size, length=0) for size in a_picture().renditions)),
            )
        )
    ],
    "forbidden characters": [an_entry(title="a\x01b\x85c\ufffdd\ufffee", content="<p>\x0b\x9f</p>", summary="\x1b[0m")],
}


@pytest.mark.parametrize("items", FEEDS.values(), ids=FEEDS)
def test_rss_keeps_the_validators_rules(items):
    feed = a_feed("rss", title=f"{MARKUP} kênh", subtitle=MARKUP)
    assert w3c_rules.rss_problems(rss.render(feed, items), self_url=feed.self_url) == []


@pytest.mark.parametrize("items", FEEDS.values(), ids=FEEDS)
def test_atom_keeps_the_validators_rules(items):
    feed = a_feed("atom", title=f"{MARKUP} kênh", subtitle=MARKUP)
    if any(category.label == MARKUP for item in items for category in getattr(item, "categories", ())):
        items = [
            replace(item, categories=()) for item in items
        ]  # labels come from vocabularies; Atom cannot guard them
    assert w3c_rules.atom_problems(atom.render(feed, items), self_url=feed.self_url) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"author": None},
        {"rights": "", "icon": "", "subtitle": ""},
        {"icon": "https://hub.example/static/icon.svg"},
        {"alternates": (), "links": ()},
        OF_AN_ARCHIVE,
    ],
)
@pytest.mark.parametrize(("form", "problems"), [(rss, w3c_rules.rss_problems), (atom, w3c_rules.atom_problems)])
def test_a_feed_with_less_to_say_keeps_the_rules_too(form, problems, changes):
    feed = a_feed(form.__name__.rpartition(".")[2], **changes)
    assert problems(form.render(feed, [an_entry(authors=())]), self_url=feed.self_url) == []


def test_the_relation_prev_is_written_as_the_validator_knows_it():
    feed = a_feed("atom", links=(Link(rel="prev", href="https://hub.example/p"),))
    body = atom.render(feed, [])
    assert b'rel="previous"' in body
    assert w3c_rules.atom_problems(body, self_url=feed.self_url) == []


@pytest.mark.parametrize(
    ("spoilt", "complaint"),
    [
        (lambda body: body.replace(b'rel="self"', b'rel="via"'), "no self"),
        (lambda body: body.replace(b'<guid isPermaLink="false">', b"<guid>"), "permalink"),
        (lambda body: body.replace(b"Tue, 14 Oct", b"Mon, 14 Oct"), "day of the week"),
        (lambda body: body.replace(b"&lt;/p&gt;", b""), "not closed"),
        (lambda body: body.replace(b"<language>vi-VN</language>", b""), "language"),
    ],
)
def test_the_rules_would_notice(spoilt, complaint):
    feed = a_feed()
    found = w3c_rules.rss_problems(spoilt(rss.render(feed, [an_entry()])), self_url=feed.self_url)
    assert any(complaint in problem for problem in found)
