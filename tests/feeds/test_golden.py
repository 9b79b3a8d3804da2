"""Golden files: the exact bytes of each format, so that a change of the output is seen and meant.

To write them anew after a change that is meant: ``HUB_UPDATE_GOLDEN=1 pytest tests/feeds/test_golden.py``,
then read the difference, and raise ``feeds.RENDERER_VERSION``.
"""

import os
from dataclasses import replace
from pathlib import Path

import pytest
from feed_documents import PARAGRAPH, a_feed, a_full_entry, a_story, a_tombstone, an_entry

from feeds import atom, jsonfeed, ninjs, ninjs_hub, rss
from feeds.document import Status

GOLDEN = Path(__file__).parent / "golden"
FORMATS = {"rss": rss, "atom": atom, "json": jsonfeed, "ninjs": ninjs, "ninjs-hub": ninjs_hub}
FEEDS = {
    "column": [
        a_tombstone(9),
        replace(a_full_entry(3, content=PARAGRAPH), story=a_story(interview=None, footage=())),
        an_entry(2, title="Thẻ <b>đậm</b> & “trích” trong tên", summary="1 < 2 & 3"),
        an_entry(1),
    ],
    "segment": [
        a_full_entry(2, content="", pictures=(), status=Status.HELD),
        an_entry(1, story=a_story(claims=(), metrics=(), embargo_until=None)),
    ],
}


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("name", FEEDS)
def test_the_output_is_the_one_we_agreed_on(name, form):
    path = GOLDEN / f"{name}.{form}"
    body = FORMATS[form].render(a_feed(form.partition("-")[0]), FEEDS[name])
    if os.environ.get("HUB_UPDATE_GOLDEN") == "1":
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(body)
    assert body == path.read_bytes()
