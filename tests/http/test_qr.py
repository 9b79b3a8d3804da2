"""QR codes: one SVG element that a strict policy lets through, and that says what was meant."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
import segno
from markupsafe import escape

from hub.http.qr import svg


def test_the_picture_holds_the_very_modules() -> None:
    text = "https://hub.example/feeds/k/adr_x/newspaper/column.atom"
    root = ElementTree.fromstring(svg(text, label="Mã QR"))
    size = int(root.attrib["viewBox"].split()[2])
    dark = set()
    for step in root.find("path").attrib["d"].split("z")[:-1]:  # M x y h width
        x, y = step[1:].split("h")[0].split()
        width = int(step.split("h")[1].split("v")[0])
        dark |= {(int(x) + n, int(y)) for n in range(width)}
    wanted = [list(row) for row in segno.make_qr(text, error="l").matrix_iter(scale=1, border=4)]
    assert dark == {(x, y) for y, row in enumerate(wanted) for x, module in enumerate(row) if module}
    assert len(wanted) == size


def test_a_strict_policy_has_nothing_to_forbid() -> None:
    made = svg("x", label='a <b> & "c"')
    assert "style" not in made
    assert "<script" not in made
    assert escape(made) == made  # templates show it as it is
    assert ElementTree.fromstring(made).attrib["aria-label"] == 'a <b> & "c"'


def test_what_is_too_long_is_refused() -> None:
    with pytest.raises(ValueError, match="too large"):
        svg("x" * 4000, label="x")
