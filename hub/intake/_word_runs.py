"""The runs of a Word document: their fonts, what legacy text they hold, and its conversion run by run.

A document of before Unicode is often mixed: old paragraphs in .VnTime, newer ones in Unicode. So each run is judged by
its own font, or its style's; text without such a font is judged by its letters, all of it together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from hub.intake import legacy_text
from hub.intake.legacy_text import Encoding

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
STYLES_DEEP = 12  # basedOn of basedOn …
BASES = frozenset("aeouyôöAEOUYÔÖ")
SIGNS = frozenset("øûõùïâàåãáäêèúüéëØÛÕÙÏÂÀÅÃÁÄÊÈÚÜÉË")
RECOGNISED, LEAVE = "recognised", "leave"  # choices beside the encodings


@dataclass(slots=True)
class Found:
    """What legacy text a document holds: lines by encoding, their fonts, and the lines that no such font is said of."""

    lines: dict[Encoding, list[str]] = field(default_factory=dict)
    fonts: set[str] = field(default_factory=set)
    others: list[str] = field(default_factory=list)
    paragraphs: int = 0  # in all


class Styles:
    """Which font a style gives; of styles.xml, or of nothing."""

    def __init__(self, root: Element | None) -> None:
        self._fonts: dict[str, str] = {}
        self._bases: dict[str, str] = {}
        self._default = self._default_style = ""
        for style in root.iter(f"{W}style") if root is not None else ():
            name = style.get(f"{W}styleId", "")
            self._fonts[name] = font_of(style.find(f"{W}rPr"))
            base = style.find(f"{W}basedOn")
            self._bases[name] = base.get(f"{W}val", "") if base is not None else ""
            if style.get(f"{W}default") in {"1", "true"} and style.get(f"{W}type") == "paragraph":
                self._default_style = name
        if root is not None:
            self._default = font_of(root.find(f"{W}docDefaults/{W}rPrDefault/{W}rPr"))

    def font(self, style: str) -> str:
        """The font of a style, or of what it is based on; empty where none is said."""
        for _ in range(STYLES_DEEP):
            if not style or self._fonts.get(style):
                break
            style = self._bases.get(style, "")
        return self._fonts.get(style, "")

    def paragraph_font(self, paragraph: Element) -> str:
        """The font of a paragraph whose runs say none."""
        style = paragraph.find(f"{W}pPr/{W}pStyle")
        named = style.get(f"{W}val", "") if style is not None else self._default_style
        return self.font(named) or self._default


def font_of(properties: Element | None) -> str:
    """The font that run properties say for Latin letters; empty for none."""
    fonts = properties.find(f"{W}rFonts") if properties is not None else None
    if fonts is None:
        return ""
    return fonts.get(f"{W}ascii") or fonts.get(f"{W}hAnsi") or fonts.get(f"{W}cs") or ""


def look(root: Element, styles: Styles, found: Found) -> None:
    """Add what legacy text `root` holds to `found`."""
    for paragraph in _paragraphs(root, styles):
        found.paragraphs += 1
        for encoding, font, text in paragraph.legacy():
            found.lines.setdefault(encoding, []).append(text)
            found.fonts.add(font)
        if others := paragraph.text_of(None):
            found.others.append(others)


def convert(root: Element, styles: Styles, *, others: Encoding | None) -> int:
    """Convert runs in legacy fonts, and all `others` of that encoding; returns how many runs were changed."""
    changed = 0
    for paragraph in _paragraphs(root, styles):
        meant = [(run, _meant(paragraph, run, encoding, others)) for run, encoding, _font in paragraph.runs]
        _join_signs(meant)
        for run, encoding in meant:
            if encoding is None:
                continue
            if encoding is not Encoding.VNI:
                _open_signs(run)
            for each in run.iter(f"{W}t"):
                before, each.text = each.text or "", legacy_text.convert_mixed(each.text or "", encoding)
                changed += before != each.text
    return changed


@dataclass(slots=True)
class _Paragraph:
    runs: list[tuple[Element, Encoding | None, str]]

    def text_of(self, encoding: Encoding | None) -> str:
        return "".join(_text(run) for run, meant, _ in self.runs if meant is encoding)

    def is_unicode(self, encoding: Encoding | None) -> bool:
        """Was it typed in Unicode, though its font is of before?"""
        return encoding is not None and _is_unicode(self.text_of(encoding), encoding)

    def legacy(self) -> Iterator[tuple[Encoding, str, str]]:
        for encoding in {meant for _, meant, _ in self.runs if meant}:
            text = self.text_of(encoding)
            if not self.is_unicode(encoding) and legacy_text.convert_mixed(text, encoding) != text:
                yield encoding, next(font for _, meant, font in self.runs if meant is encoding), text


def _paragraphs(root: Element, styles: Styles) -> Iterator[_Paragraph]:
    """Each paragraph with its own runs; those of a text box inside it are the inner paragraph's."""
    seen: set[int] = set()
    kept = []
    for paragraph in reversed(list(root.iter(f"{W}p"))):
        usual = styles.paragraph_font(paragraph)
        runs = []
        for run in paragraph.iter(f"{W}r"):
            if id(run) in seen:
                continue
            seen.add(id(run))
            font = _run_font(run, styles) or usual
            runs.append((run, legacy_text.encoding_of_font(font), font))
        kept.append(_Paragraph(runs))
    return reversed(kept)


def _run_font(run: Element, styles: Styles) -> str:
    properties = run.find(f"{W}rPr")
    if properties is None:
        return ""
    style = properties.find(f"{W}rStyle")
    return font_of(properties) or (styles.font(style.get(f"{W}val", "")) if style is not None else "")


def _text(run: Element) -> str:
    parts = []
    for each in run:
        if each.tag == f"{W}t":
            parts.append(each.text or "")
        elif each.tag == f"{W}softHyphen":
            parts.append("\xad")
        elif each.tag == f"{W}sym":
            parts.append(_symbol(each))
    return "".join(parts)


def _meant(paragraph: _Paragraph, run: Element, encoding: Encoding | None, others: Encoding | None) -> Encoding | None:
    """The encoding to convert a run from; none for what was typed in Unicode."""
    if encoding is None:
        return None if others is None or _is_unicode(_text(run), others) else others
    return None if paragraph.is_unicode(encoding) else encoding


def _is_unicode(text: str, encoding: Encoding) -> bool:
    return bool(legacy_text.UNICODE_ONLY.search(text)) and not legacy_text.is_mostly_legacy(text, encoding)


def _open_signs(run: Element) -> None:
    """What Word took for a soft hyphen or a symbol is a letter here: ư of TCVN3 is U+00AD."""
    for place, each in enumerate(list(run)):
        letter = "\xad" if each.tag == f"{W}softHyphen" else _symbol(each) if each.tag == f"{W}sym" else ""
        if letter:
            text = Element(f"{W}t")
            text.text = letter
            run.remove(each)
            run.insert(place, text)


def _symbol(sign: Element) -> str:
    """The letter of a symbol in a legacy font; empty for another font's."""
    if legacy_text.encoding_of_font(sign.get(f"{W}font", "")) is None:
        return ""
    try:
        return chr(int(sign.get(f"{W}char", ""), 16) & 0xFF)
    except ValueError:
        return ""


def _join_signs(runs: Sequence[tuple[Element, Encoding | None]]) -> None:
    """Word cuts runs anywhere: a VNI sign whose letter ends the run before goes there."""
    previous: Element | None = None
    for run, encoding in runs:
        texts = [each for each in run.iter(f"{W}t") if each.text] if encoding is Encoding.VNI else []
        for text in texts:
            said, before = text.text or "", (previous.text or "") if previous is not None else ""
            if previous is not None and said[0] in SIGNS and before and before[-1] in BASES:
                previous.text, text.text = before + said[0], said[1:]
            previous = text
        if not texts:
            previous = None
