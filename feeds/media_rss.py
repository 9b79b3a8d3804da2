"""Pictures and films as Media RSS (https://www.rssboard.org/media-rss), for RSS and Atom alike.

A picture with several sizes is a ``media:group``; one size alone stands by itself, since validators
warn of a group without alternatives. The alternative text is ``media:description``.
"""

from __future__ import annotations

from collections.abc import Iterable

from feeds.document import Footage, Picture, Rendition
from feeds.markup import Fragment, holds_markup, html_of

NAMESPACE = "http://search.yahoo.com/mrss/"  # with the slash, always
PREFIX = "media"

_CREDIT = "<media:credit>%s</media:credit>"
_RIGHTS = "<media:copyright>%s</media:copyright>"


def write_pictures(xml: Fragment, pictures: Iterable[Picture]) -> None:
    """The ``media:`` elements of an entry's pictures, each with alt, caption, credit and rights."""
    for picture in pictures:
        if len(picture.renditions) > 1:
            xml.add("<media:group>")
            default = ' isDefault="true"'
            for rendition in picture.renditions:
                _content(xml, rendition, f"{default}/>")
                default = ""
            _words(xml, picture)
            xml.add("</media:group>")
        elif picture.renditions:
            _content(xml, picture.renditions[0], ">")
            _words(xml, picture)
            xml.add("</media:content>")


def write_films(xml: Fragment, footage: Iterable[Footage]) -> None:
    """The ``media:content`` of each film that the hub keeps; footage by reference stands in our namespace alone."""
    for film in footage:
        if film.length:
            seconds = f' duration="{film.duration_seconds}"' if film.duration_seconds is not None else ""
            xml.add(
                f'<media:content url="%s" fileSize="{film.length}" type="{film.media_type}" medium="video"{seconds}>'
            )
            xml.put((film.url,))
            _words(xml, film)
            xml.add("</media:content>")


def _content(xml: Fragment, rendition: Rendition, end: str) -> None:
    size = f' fileSize="{rendition.length}"' if rendition.length else ""  # 0, "unknown", is an error to validators
    xml.add(
        f'<media:content url="{rendition.url and "%s"}"{size} type="{rendition.media_type and "%s"}" medium="image"'
        f' width="{rendition.width}" height="{rendition.height}"{end}'
    )
    xml.put((rendition.url, rendition.media_type))


def _words(xml: Fragment, picture: Picture | Footage) -> None:
    for element, words in (("title", picture.caption), ("description", picture.alt)):
        if words:
            is_html = holds_markup(words)
            xml.add(f'<media:{element} type="{"html" if is_html else "plain"}">%s</media:{element}>')
            xml.put((html_of(words) if is_html else words,))
    xml.add(f"{picture.credit and _CREDIT}{picture.rights and _RIGHTS}")
    xml.put((picture.credit, picture.rights))
