"""Markdown as HTML: CommonMark with tables and strikethrough. The only importer of markdown-it-py."""

from __future__ import annotations

import re
from functools import lru_cache

from markdown_it import MarkdownIt

from feeds.text import clean_text

# U+0338 joins with the > of a tag under NFC; other marks may stand before it and change places with it.
_MARKS_AFTER_TAG = re.compile(r">[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\u3099\u309a\ufe20-\ufe2f]+")


def markdown_to_html(text: str) -> str:
    """`text` as HTML, its raw HTML shown as text. The result is not safe yet: it still wants `clean_html`."""
    return _MARKS_AFTER_TAG.sub(">", str(_renderer().render(clean_text(text, multiline=True))))


@lru_cache(maxsize=1)
def _renderer() -> MarkdownIt:
    # It keeps no state between calls: threads may share it.
    return MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
