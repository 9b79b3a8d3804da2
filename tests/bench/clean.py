"""What the sanitizer costs beside bare bleach and nh3 on the same bodies."""

from __future__ import annotations

from functools import partial

import bleach
import nh3

from hub.intake.html import ALLOWED, ALLOWED_PROTOCOLS, clean_html
from tests.bench.measuring import Line, side_by_side
from tests.bench.worlds import a_body

WANTED = 1.15  # times
ROUNDS = 9
CALLS = 30

WORD = (
    '<p class="MsoNormal" style="margin:0"><span lang="VI">Đến khi thấy ông chạy xuồng ra chỗ nước xoáy.</span></p>\n'
)
SCRIPTED = "<script>alert(1)</script>"

TAGS = set(ALLOWED)
ATTRIBUTES = {tag: list(rules) for tag, rules in ALLOWED.items()}
ATTRIBUTE_SETS = {tag: set(rules) for tag, rules in ALLOWED.items()}


def bare(html: str) -> str:
    """What bleach and nh3 take, called as their manuals do."""
    once = bleach.clean(html, tags=TAGS, attributes=ATTRIBUTES, protocols=ALLOWED_PROTOCOLS, strip=True)
    return nh3.clean(once, tags=TAGS, attributes=ATTRIBUTE_SETS, link_rel=None)


def measure(*, quick: bool) -> list[Line]:
    bodies = {"clean": a_body(), "from Word": a_body() + WORD * 5, "scripted": a_body() + SCRIPTED}
    lines = []
    for name, html in bodies.items():
        ours, theirs = side_by_side(
            partial(clean_html, html), partial(bare, html), rounds=2 if quick else ROUNDS, calls=CALLS
        )
        measured = f"sanitizing {len(html.encode()):,} bytes, {name}"
        lines.append(Line(measure=measured, ours=ours, beside="bleach + nh3", theirs=theirs, limit=WANTED))
    return lines
