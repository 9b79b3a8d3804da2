"""OPML 2.0: a list of feeds that feed readers import (http://opml.org/spec2.opml)."""

from __future__ import annotations

import xml.etree.ElementTree as ET  # writing only; nothing is parsed here
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from feeds import dates, markup

MEDIA_TYPE = "text/x-opml; charset=utf-8"


@dataclass(frozen=True, kw_only=True, slots=True)
class Outline:
    """One feed of the list."""

    title: str
    xml_url: str  # absolute address of the feed
    html_url: str = ""  # absolute address of the page that explains it
    type: str = "rss"  # "rss" for RSS, Atom and JSON Feed alike, readers look at the feed itself; "link" for others
    language: str = ""
    description: str = ""


def render(title: str, outlines: Iterable[Outline], *, modified: datetime | None = None) -> bytes:
    """The list as an OPML 2.0 document, in the order given; `modified` is UTC, left out when unknown."""
    root = ET.Element("opml", version="2.0")
    head = ET.SubElement(root, "head")
    ET.SubElement(head, "title").text = markup.scrub_text(title)
    if modified is not None:
        ET.SubElement(head, "dateModified").text = dates.rfc822(modified)
    ET.SubElement(head, "docs").text = "http://opml.org/spec2.opml"
    body = ET.SubElement(root, "body")
    for outline in outlines:
        ET.SubElement(body, "outline", _attributes(outline))
    rendered: bytes = ET.tostring(root, encoding="UTF-8", xml_declaration=True)
    return rendered


def _attributes(outline: Outline) -> dict[str, str]:
    attributes = {
        "type": outline.type,
        "text": outline.title,
        "title": outline.title,
        "url" if outline.type == "link" else "xmlUrl": outline.xml_url,
        "htmlUrl": outline.html_url,
        "language": outline.language,
        "description": outline.description,
    }
    return {name: markup.scrub_text(value) for name, value in attributes.items() if value}
