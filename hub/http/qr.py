"""QR codes as SVG, for pages: the only importer of segno. No style and no script is in them."""

from __future__ import annotations

from html import escape

import segno

QUIET = 4  # modules of white around it (ISO/IEC 18004 §9.1)


class Svg(str):
    """An SVG element that templates show without escaping it again; made by `svg` alone."""

    __slots__ = ()

    def __html__(self) -> str:
        return self


def svg(text: str, *, label: str) -> Svg:
    """A QR code of `text`, black on white in any theme, as large as its CSS says; `label` tells what it is.

    Raises ValueError for a text that no QR code holds (about 2,900 bytes).
    """
    made = segno.make_qr(text, error="l")  # a screen loses no corner; fewer modules are read more easily
    size = made.symbol_size(scale=1, border=QUIET)[0]
    steps = []
    for y, modules in enumerate(made.matrix_iter(scale=1, border=QUIET)):
        x, row = 0, bytes(modules)
        while x < size:
            start = x
            while x < size and row[x]:
                x += 1
            if x > start:
                steps.append(f"M{start} {y}h{x - start}v1H{start}z")
            x += 1
    return Svg(
        f'<svg class="qr" viewBox="0 0 {size} {size}" role="img" aria-label="{escape(label)}" '
        f'shape-rendering="crispEdges"><rect width="{size}" height="{size}" fill="#fff"/>'
        f'<path fill="#000" d="{"".join(steps)}"/></svg>'
    )
