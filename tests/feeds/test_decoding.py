"""Bytes of feeds: read as what they are, not as what they say they are; and never with entities."""

from __future__ import annotations

import pytest

from feeds.decoding import decode, is_cut_off, to_utf8
from feeds.parsed import NotAFeed

SAID = "Tổ tự quản giữ sạch bến Đá Lau, ông Biển đi đầu"
FEED = "<rss><channel><title>{}</title></channel></rss>"
DECLARED = '<?xml version="1.0" encoding="{}"?>' + FEED


@pytest.mark.parametrize(
    ("body", "charset"),
    [
        (SAID.encode(), ""),
        (SAID.encode(), "iso-8859-1"),  # what servers say by default
        (SAID.encode("utf-8-sig"), "windows-1252"),
        (SAID.encode("utf-16"), ""),
        (DECLARED.format("utf-16", SAID).encode("utf-16-le"), ""),
        (DECLARED.format("windows-1252", SAID).encode(), "utf-8"),
    ],
)
def test_what_is_utf_8_or_carries_a_mark_is_read_so_whatever_was_claimed(body: bytes, charset: str) -> None:
    assert SAID in decode(body, charset=charset)


@pytest.mark.parametrize(
    ("body", "charset", "said"),
    [
        ("Café crème".encode("latin-1"), "iso-8859-1", "Café crème"),
        ("Café crème".encode("latin-1"), "", "Café crème"),
        ("Café crème".encode("latin-1"), "utf-8", "Café crème"),
        ("Привет".encode("koi8-r"), "KOI8-R", "Привет"),
        (b"B\xea\xecn \xd0\xe1 Lau s\xe1ng s\xf4\xf2m", "", "Bê\u0301n Đá Lau sáng sô\u0323m"),  # windows-1258
        ("Café".encode("latin-1"), "utf-7", "Café"),  # no encoding of feeds
        ("Café".encode("latin-1"), "no-such-thing", "Café"),
    ],
)
def test_other_encodings_are_read_as_claimed_or_as_is_likely_here(body: bytes, charset: str, said: str) -> None:
    assert decode(body, charset=charset) == said


def test_one_bad_byte_costs_one_character() -> None:
    body = SAID.encode()
    broken = body[:30] + b"\xff" + body[30:]
    assert decode(broken).replace("\ufffd", "") == SAID


@pytest.mark.parametrize(
    ("sent", "left"),
    [
        ("a\x00b\x1bc\x85", "abc\x85"),
        ("a&#1;b&#x1B;c&#xD800;d&#65;", "abcd&#65;"),
        ("mot</br>hai", "mot<br/>hai"),
        ("mot&lt;/BR &gt;hai", "mot&lt;br/&gt;hai"),
    ],
)
def test_what_no_document_may_hold_is_taken_out(sent: str, left: str) -> None:
    assert FEED.format(left) in to_utf8(FEED.format(sent).encode()).decode()


@pytest.mark.parametrize(
    "prolog",
    [
        '<?xml version="1.0" encoding="ISO-8859-1"?>',
        '<?xml version="1.0"?><!-- ours -->\n<?xml-stylesheet href="x"?>',
        '<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://example.org/rss.dtd">',
        '<!DOCTYPE rss SYSTEM "file:///etc/passwd">',
    ],
)
def test_prolog_and_document_type_go(prolog: str) -> None:
    assert to_utf8((prolog + FEED.format(SAID)).encode()).decode() == (
        '<?xml version="1.0" encoding="utf-8"?>\n' + FEED.format(SAID)
    )


@pytest.mark.parametrize(
    ("sent", "fault"),
    [
        ('<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><rss/>', "entities"),
        ('<!doctype rss SYSTEM "http://example.org/x.dtd" [ <!ENTITY % p SYSTEM "file:///x"> %p; ]><rss/>', "entities"),
        ("<!DOCTYPE html>\n<html lang=vi><body>Không có nguồn tin</body></html>", "html"),
        ("<html></html>", "html"),
        ('<!DOCTYPE rss SYSTEM "a>b" [<!ENTITY a "aa">]><rss/>', "no element"),
        (" \n", "empty"),
        ("\x00\x01", "empty"),
    ],
)
def test_what_is_no_feed_is_named(sent: str, fault: str) -> None:
    with pytest.raises(NotAFeed, match=fault):
        to_utf8(sent.encode())


def test_json_is_left_as_it_is() -> None:
    assert to_utf8(b'\xef\xbb\xbf{"version": "</br>"}') == b'{"version": "</br>"}'


@pytest.mark.parametrize(
    ("sent", "cut_off"),
    [
        ("<rss><channel/></rss>", False),
        ("<rss><channel/></rss>\n<!-- page generated in 0.3 seconds -->", False),
        ("<feed xmlns='http://www.w3.org/2005/Atom'></feed><script>1</script>", False),
        ("<rdf:RDF xmlns:rdf='x'></rdf:RDF>", False),
        ("<rss version='2.0'/>", False),
        ("<rss><channel><item><title>a</title></ite", True),
        ("<rss><channel></channel>", True),
    ],
)
def test_a_document_without_its_end_is_cut_off_whatever_stands_behind_a_whole_one(sent: str, cut_off: bool) -> None:
    assert is_cut_off(to_utf8(sent.encode())) is cut_off
