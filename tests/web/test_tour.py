"""The pictures that README shows: six, small, and of pages that exist."""

from __future__ import annotations

import re

from PIL import Image

from hub.http.wording import STATIC

MOST_BYTES = 1_000_000  # all of them together
README = STATIC.parents[2] / "README.md"


def test_the_tour_has_six_pictures_under_a_megabyte_and_readme_shows_each() -> None:
    pictures = sorted((STATIC / "tour").iterdir())
    shown = re.findall(r"!\[[^\]]+\]\((hub/web/static/tour/[a-z]+\.webp)\)", README.read_text(encoding="utf-8"))
    assert sorted(shown) == [path.relative_to(README.parent).as_posix() for path in pictures]
    assert len(pictures) == 6
    assert sum(path.stat().st_size for path in pictures) < MOST_BYTES
    for path in pictures:
        with Image.open(path) as picture:
            assert picture.width >= 390
            assert picture.getcolors(64) is None  # not an empty page
