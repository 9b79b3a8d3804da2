"""The sheet the demo pictures are drawn on, and the things that stand in several of them: boats, people, trees."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from random import Random

from PIL import Image, ImageDraw, ImageFilter

WIDTH, HEIGHT, QUALITY = 1600, 1067, 85
_SCALE = 2  # drawn twice as large, then averaged: smooth edges
_SOFT = 8  # blurred shapes are drawn small, they have no edges to lose

Point = tuple[float, float]


class Canvas:
    """A sheet of WIDTH × HEIGHT units. Colours are `#rrggbb` or `#rrggbbaa`; later shapes cover earlier ones."""

    def __init__(self, name: str) -> None:
        self.random = Random(name)  # noqa: S311 - decoration, and the same for every run
        self.image = Image.new("RGB", (WIDTH * _SCALE, HEIGHT * _SCALE))
        self.pen = ImageDraw.Draw(self.image, "RGBA")

    def band(self, top: float, bottom: float, *colors: str, left: float = 0, wide: float = WIDTH) -> None:
        """A vertical gradient through `colors`, as wide as the sheet unless told."""
        rows = Image.new("RGB", (1, int((bottom - top) * _SCALE)))
        last = len(colors) - 1
        for row in range(rows.height):
            place = row / max(rows.height - 1, 1) * last
            at = min(int(place), max(last - 1, 0))
            pair = zip(_rgb(colors[at]), _rgb(colors[min(at + 1, last)]), strict=True)
            red, green, blue = (round(a + (b - a) * (place - at)) for a, b in pair)
            rows.putpixel((0, row), (red, green, blue))
        self.image.paste(rows.resize((int(wide * _SCALE), rows.height)), (int(left * _SCALE), int(top * _SCALE)))

    def polygon(self, color: str, *points: Point) -> None:
        self.pen.polygon([(x * _SCALE, y * _SCALE) for x, y in points], fill=color)

    def line(self, color: str, width: float, *points: Point) -> None:
        scaled = [(x * _SCALE, y * _SCALE) for x, y in points]
        self.pen.line(scaled, fill=color, width=max(1, round(width * _SCALE)), joint="curve")

    def box(self, color: str, x: float, y: float, wide: float, high: float, round_by: float = 0) -> None:
        edges = [v * _SCALE for v in (x, y, x + wide, y + high)]
        self.pen.rounded_rectangle(edges, radius=round_by * _SCALE, fill=color)

    def oval(self, color: str, x: float, y: float, rx: float, ry: float | None = None) -> None:
        ry = rx if ry is None else ry
        self.pen.ellipse([v * _SCALE for v in (x - rx, y - ry, x + rx, y + ry)], fill=color)

    def ring(self, color: str, width: float, x: float, y: float, radius: float) -> None:
        edges = [v * _SCALE for v in (x - radius, y - radius, x + radius, y + radius)]
        self.pen.ellipse(edges, outline=color, width=round(width * _SCALE))

    def glow(self, color: str, x: float, y: float, radius: float, strength: float = 1.0) -> None:
        """Light that fades with the distance."""
        size = int(radius * 2 * _SCALE)
        mask = Image.radial_gradient("L").point(
            [round(max(0.0, 1 - d / 180) ** 2 * 255 * strength) for d in range(256)]
        )
        corner = (int((x - radius) * _SCALE), int((y - radius) * _SCALE))
        self.image.paste(_rgb(color), (*corner, corner[0] + size, corner[1] + size), mask.resize((size, size)))

    def soft(self, color: str, strength: float, blur: float, *points: Point) -> None:
        """A blurred polygon: a beam, a shadow, a bank of mist."""
        mask = Image.new("L", (WIDTH // _SOFT, HEIGHT // _SOFT + 1))
        ImageDraw.Draw(mask).polygon([(x / _SOFT, y / _SOFT) for x, y in points], fill=round(255 * strength))
        mask = mask.filter(ImageFilter.GaussianBlur(blur / _SOFT)).resize(self.image.size, Image.Resampling.BICUBIC)
        self.image.paste(_rgb(color), (0, 0), mask)

    def ridge(self, color: str, y: float, rise: float, length: float = 700) -> None:
        """Rolling ground from `y` down to the bottom edge."""
        phases = [self.random.uniform(0, math.tau) for _ in range(3)]
        points: list[Point] = [(0, HEIGHT)]
        for x in range(0, WIDTH + 20, 10):
            waves = (math.sin(x / length * math.tau * n + phase) / n for n, phase in enumerate(phases, 1))
            points.append((x, y - rise * sum(waves) / 1.8))
        self.polygon(color, *points, (WIDTH, HEIGHT))

    def jpeg(self) -> bytes:
        buffer = io.BytesIO()
        self.image.resize((WIDTH, HEIGHT), Image.Resampling.BOX).save(buffer, "JPEG", quality=QUALITY, optimize=True)
        return buffer.getvalue()


# Things that stand in several scenes -------------------------------------------------------------------------------


def _rgb(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def stars(c: Canvas, count: int, lowest: float) -> None:
    for _ in range(count):
        size = c.random.choice((0.8, 1.0, 1.5))
        c.oval("#ffffffb0", c.random.uniform(0, WIDTH), c.random.uniform(0, lowest), size)


def cloud(c: Canvas, color: str, x: float, y: float, size: float) -> None:
    for dx, dy, r in ((-1.5, 0.1, 0.45), (-0.7, -0.25, 0.7), (0.3, -0.4, 0.85), (1.2, -0.05, 0.6)):
        c.oval(color, x + dx * size, y + dy * size, r * size, r * size * 0.62)
    c.box(color, x - 2.1 * size, y - 0.02 * size, 4.1 * size, 0.4 * size, 0.2 * size)


def shimmer(c: Canvas, color: str, x: float, top: float, bottom: float, spread: float, count: int = 120) -> None:
    """The path of light on water, wider towards the viewer."""
    for _ in range(count):
        depth = c.random.random()
        half = 8 + 46 * depth * c.random.random()
        at = x + c.random.gauss(0, 0.18 + 0.5 * depth) * spread
        c.oval(color, at, top + (bottom - top) * depth**1.4, half, 1 + 2.2 * depth)


def boat(c: Canvas, x: float, y: float, size: float, hull: str, trim: str, cabin: str = "#e9dfc7") -> None:
    """A fishing boat seen from the side, bow to the right; (x, y) is the middle of the water line."""

    def at(dx: float, dy: float) -> Point:
        return x + dx * size, y + dy * size

    c.line("#3b3a44", 0.022 * size, at(-0.18, -0.3), at(-0.18, -1.15))
    c.line("#3b3a44", 0.01 * size, at(-0.95, -0.3), at(-0.18, -1.12), at(1.12, -0.42))
    c.line("#3b3a44", 0.014 * size, at(0.45, -0.2), at(0.45, -0.8))
    c.polygon(cabin, at(-0.72, -0.2), at(-0.72, -0.62), at(-0.1, -0.62), at(-0.02, -0.2))
    c.polygon(trim, at(-0.8, -0.6), at(-0.8, -0.68), at(-0.02, -0.68), at(-0.05, -0.6))
    for left in (-0.64, -0.43, -0.23):
        c.box("#31465a", *at(left, -0.54), 0.13 * size, 0.15 * size, 0.02 * size)
    curve = [
        at(-1.0 + 2.2 * t / 20, -0.26 - 0.26 * (t / 20) ** 4 + 0.05 * math.sin(t / 20 * math.pi)) for t in range(21)
    ]
    c.polygon(hull, *curve, at(0.98, -0.02), at(0.85, 0.02), at(-0.86, 0.02), at(-0.98, -0.08))
    c.line(trim, 0.045 * size, *[(px, py + 0.06 * size) for px, py in curve[:-1]])


def person(c: Canvas, x: float, y: float, high: float, shirt: str, legs: str, **look: str) -> None:
    """A figure without a face, feet at (x, y).

    `look`: `pose` stand, sit or kneel; `head` bare, cap or cone; `reach` 1 or -1 (left); colours `skin`, `hair`, `cap`.
    """
    pose, head, hair = look.get("pose", "stand"), look.get("head", "bare"), look.get("hair", "#2a211f")
    skin, side = look.get("skin", "#c98d68"), int(look.get("reach", "1"))
    hip = {"stand": 0.46, "sit": 0.12, "kneel": 0.2}[pose] * high
    leg = 0.11 * high
    if pose == "stand":
        c.line(legs, leg, (x - 0.06 * high, y - hip), (x - 0.07 * high, y))
        c.line(legs, leg, (x + 0.06 * high, y - hip), (x + 0.08 * high, y))
    else:
        c.line(legs, leg * 1.15, (x, y - hip), (x + side * 0.25 * high, y - hip), (x + side * 0.27 * high, y))
        c.oval(legs, x, y - hip, 0.11 * high, 0.08 * high)
    shoulder = y - hip - 0.33 * high
    c.box(shirt, x - 0.13 * high, shoulder, 0.26 * high, 0.37 * high, 0.08 * high)
    c.box(skin, x - 0.035 * high, shoulder - 0.06 * high, 0.07 * high, 0.1 * high)
    hand = (x + side * 0.33 * high, shoulder + 0.24 * high)
    c.line(
        shirt,
        0.075 * high,
        (x + side * 0.08 * high, shoulder + 0.06 * high),
        (x + side * 0.22 * high, shoulder + 0.2 * high),
    )
    c.line(skin, 0.055 * high, (x + side * 0.22 * high, shoulder + 0.2 * high), hand)
    c.oval(skin, *hand, 0.035 * high)
    top = shoulder - 0.112 * high
    c.oval(skin, x, top, 0.09 * high, 0.1 * high)
    c.pen.pieslice(
        [v * _SCALE for v in (x - 0.1 * high, top - 0.115 * high, x + 0.1 * high, top + 0.1 * high)],
        170,
        370,
        fill=hair,
    )
    if head == "cone":
        c.polygon("#efdca6", (x - 0.2 * high, top), (x, top - 0.17 * high), (x + 0.2 * high, top))
        c.polygon("#d8bf83", (x + 0.02 * high, top), (x, top - 0.17 * high), (x + 0.2 * high, top))
    if head == "cap":
        c.box(look.get("cap", "#55624a"), x - 0.1 * high, top - 0.13 * high, 0.2 * high, 0.09 * high, 0.04 * high)
        c.line(
            look.get("cap", "#55624a"),
            0.03 * high,
            (x - 0.14 * high, top - 0.045 * high),
            (x + 0.14 * high, top - 0.045 * high),
        )


def crown(c: Canvas, colors: Sequence[str], x: float, y: float, size: float, leaves: int = 46) -> None:
    """A leafy crown of round tufts, darker below, lighter above."""
    for n in range(leaves):
        angle, far = c.random.uniform(0, math.tau), math.sqrt(c.random.random())
        color = colors[min(n * len(colors) // leaves, len(colors) - 1)]
        lift = -0.28 * n / leaves
        c.oval(
            color,
            x + math.cos(angle) * far * size,
            y + (math.sin(angle) * far * 0.62 + lift) * size,
            size * c.random.uniform(0.16, 0.3),
        )


def casuarina(c: Canvas, x: float, y: float, high: float, *greens: str) -> None:
    """A sea pine: a slender trunk, rising branches, and thin needles that hang from them like rain."""
    lean = c.random.uniform(-0.04, 0.06) * high
    c.line("#6a5544", 0.02 * high, (x, y), (x + lean * 0.3, y - high * 0.5), (x + lean, y - high * 0.93))
    for n in range(44):
        t = 0.22 + 0.76 * n / 43
        reach = min(1, 2.6 * t - 0.1) * (0.02 + 0.27 * (1 - t) ** 0.7) * high * c.random.uniform(0.55, 1.1) * (-1) ** n
        start = (x + lean * t, y - high * t)
        tip = (start[0] + reach, start[1] - abs(reach) * c.random.uniform(0.25, 0.6))
        c.line("#6a5544", 0.005 * high, start, tip)
        for needle in range(22):
            along = (needle + 1) / 22
            top = (start[0] + (tip[0] - start[0]) * along, start[1] + (tip[1] - start[1]) * along - 0.012 * high)
            fall = high * c.random.uniform(0.03, 0.085)
            c.line(c.random.choice(greens), 0.004 * high, top, (top[0] + reach * 0.12 + fall * 0.25, top[1] + fall))


def house(c: Canvas, x: float, y: float, wide: float, high: float, wall: str, roof: str, window: str) -> None:
    c.box(wall, x, y - high, wide, high)
    c.polygon(
        roof,
        (x - 0.1 * wide, y - high),
        (x + 0.18 * wide, y - high * 1.5),
        (x + 0.82 * wide, y - high * 1.5),
        (x + 1.1 * wide, y - high),
    )
    c.box(window, x + 0.16 * wide, y - 0.72 * high, 0.24 * wide, 0.34 * high, 3)
    c.box("#00000038", x + 0.58 * wide, y - 0.74 * high, 0.24 * wide, 0.74 * high, 3)


def wheel(c: Canvas, x: float, y: float, radius: float, tyre: str, spokes: int = 18) -> None:
    for n in range(spokes):
        angle = math.tau * n / spokes
        c.line(
            "#c9ced1",
            radius * 0.018,
            (x, y),
            (x + math.cos(angle) * radius * 0.92, y + math.sin(angle) * radius * 0.92),
        )
    c.ring(tyre, radius * 0.1, x, y, radius)
    c.ring("#dfe4e6", radius * 0.03, x, y, radius * 0.91)
    c.oval("#8b9499", x, y, radius * 0.09)


def leaf(c: Canvas, color: str, x: float, y: float, length: float, angle: float, wide: float = 0.16) -> None:
    """A long leaf (banana, palm) that grows from (x, y)."""
    cos, sin = math.cos(angle), math.sin(angle)
    rim = [(t / 12, math.sin(t / 12 * math.pi) ** 0.7 * wide) for t in range(13)]
    outline = rim + [(along, -across) for along, across in reversed(rim)]
    c.polygon(color, *[(x + (a * cos - b * sin) * length, y + (a * sin + b * cos) * length) for a, b in outline])
    c.line("#ffffff40", length * 0.012, (x, y), (x + cos * length, y + sin * length))
