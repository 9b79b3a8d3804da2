"""Pictures as they come in: checked, turned upright, stripped of metadata, in widths for screens and for print.

What is kept is never what was sent: every picture is decoded and encoded anew, so nothing hides in it, and
no camera tells where somebody lives. Pillow is imported inside the functions: a server that never handles a
picture stays small.
"""

from __future__ import annotations

import struct
import threading
from contextlib import nullcontext
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from hub.errors import Invalid

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFile import ImageFile

MAX_BYTES = 20 * 1024 * 1024
MAX_FILE_BYTES = 60 * 1024 * 1024  # of one that came in pieces
MAX_PIXELS = 50_000_000
MAX_JPEG_PIXELS = 110_000_000  # a phone's 108 megapixels: JPEG is decoded at a half or a quarter of its size
LARGE_PIXELS = 25_000_000  # those above are decoded one at a time, whatever the number of requests
MAX_SIDE = 16_000  # pixels; JPEG ends at 65,535, WebP at 16,383
WIDTHS = (480, 960, 1920)  # pixels, of screens; a smaller picture keeps its own width and is never enlarged
PRINT_WIDTH = 4000  # pixels: 34 cm at 300 to the inch; only outlets get what is wider than a screen
JPEG_QUALITY, PRINT_QUALITY = 85, 92

# media type → what Pillow calls it
FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
ALIASES = {"image/jpg": "image/jpeg", "image/pjpeg": "image/jpeg", "image/x-png": "image/png"}

ORIENTATION = 0x0112  # EXIF 2.32 §4.6.4
SIDEWAYS = frozenset({5, 6, 7, 8})
UPRIGHT = {
    2: "FLIP_LEFT_RIGHT", 3: "ROTATE_180", 4: "FLIP_TOP_BOTTOM", 5: "TRANSPOSE", 6: "ROTATE_270", 7: "TRANSVERSE",
    8: "ROTATE_90",
}  # fmt: skip
OPAQUE = 255

_LARGE = threading.Lock()
# Pillow reports broken files with whatever its readers stumble over.
_PILLOW_FAULTS = (OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, EOFError, struct.error)


class NotAPicture(Invalid, ValueError):
    """Not a picture we take. `code`: not_a_picture, type_mismatch, too_large, too_many_pixels, truncated."""

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code=code, **facts)
        self.code = code


@dataclass(frozen=True, kw_only=True, slots=True)
class EncodedPicture:
    """One size of a picture, encoded."""

    width: int  # pixels
    height: int
    media_type: str  # "image/jpeg"; "image/png" where the picture has transparent parts
    data: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class ProcessedPicture:
    """A picture ready to keep."""

    renditions: tuple[EncodedPicture, ...]  # widths differ, smallest first; one to four
    sha256: str  # hex, of the largest rendition's bytes


def process(data: bytes, *, declared_type: str) -> ProcessedPicture:
    """Check and re-encode a JPEG, PNG or WebP; `declared_type` must be what the content is.

    The number of pixels is read from the header, before anything is decoded. An animated picture gives its
    first frame. Colours come out as sRGB. Equal bytes in give equal bytes out. Threads may share it; one call
    may hold some 400 MB for a transparent PNG of MAX_PIXELS. Raises NotAPicture.
    """
    if len(data) > MAX_BYTES:
        raise NotAPicture("too_large", size=len(data), limit=MAX_BYTES)
    return _process(BytesIO(data), sniff(data), declared_type)


def process_file(path: Path, *, declared_type: str) -> ProcessedPicture:
    """The same of a file of at most MAX_FILE_BYTES, which is read as it is decoded. Raises NotAPicture."""
    if (size := path.stat().st_size) > MAX_FILE_BYTES:
        raise NotAPicture("too_large", size=size, limit=MAX_FILE_BYTES)
    with path.open("rb") as file:
        media_type = sniff(file.read(16))
        file.seek(0)
        return _process(file, media_type, declared_type)


def _process(file: IO[bytes], media_type: str | None, declared_type: str) -> ProcessedPicture:
    if media_type is None:
        raise NotAPicture("not_a_picture")
    declared = declared_type.partition(";")[0].strip().lower()
    if ALIASES.get(declared, declared) != media_type:
        raise NotAPicture("type_mismatch", declared=declared[:80], found=media_type)
    opened = _opened(file, media_type)
    with _LARGE if opened.width * opened.height > LARGE_PIXELS else nullcontext():
        picture = _shrunk_and_upright(opened)
    renditions = tuple(_encoded(picture, width) for width in _widths(picture.width))
    return ProcessedPicture(renditions=renditions, sha256=sha256(renditions[-1].data).hexdigest())


def sniff(data: bytes) -> str | None:
    """The media type the first bytes tell, if it is one we take."""
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "image/webp"
    return None


def _widths(width: int) -> tuple[int, ...]:
    return tuple(sorted({min(width, wanted) for wanted in (*WIDTHS, PRINT_WIDTH)}))


def _opened(file: IO[bytes], media_type: str) -> ImageFile:
    """The header read, nothing decoded yet."""
    from PIL import Image

    try:
        picture = Image.open(file, formats=[FORMATS[media_type]])
    except Image.DecompressionBombError as exc:
        raise NotAPicture("too_many_pixels", limit=MAX_PIXELS) from exc
    except _PILLOW_FAULTS as exc:
        raise NotAPicture("not_a_picture") from exc
    limit = MAX_JPEG_PIXELS if media_type == "image/jpeg" else MAX_PIXELS
    if picture.width * picture.height > limit or max(picture.size) > MAX_SIDE:
        raise NotAPicture("too_many_pixels", width=picture.width, height=picture.height, limit=limit)
    return picture


def _shrunk_and_upright(picture: ImageFile) -> Image:
    """The first frame as RGB or RGBA in sRGB, at most as wide as the largest rendition, without any metadata."""
    from PIL.Image import Resampling, Transpose

    orientation = _orientation(picture)
    profile = picture.info.get("icc_profile")
    size = _largest(*picture.size, sideways=orientation in SIDEWAYS)
    try:
        picture.draft(None, size)  # JPEG decodes at a half, quarter or eighth for a fraction of time and memory
        picture.load()
    except _PILLOW_FAULTS as exc:
        raise NotAPicture("truncated") from exc
    image = _eight_bits(picture)
    if image.size != size:
        image = image.resize(size, Resampling.LANCZOS, reducing_gap=3.0)
    if orientation in UPRIGHT:
        image = image.transpose(Transpose[UPRIGHT[orientation]])
    image = _srgb(image, profile)
    image.info.clear()
    return image


def _orientation(picture: Image) -> int:
    try:
        return int(picture.getexif().get(ORIENTATION, 1))
    except _PILLOW_FAULTS:  # a broken EXIF block does not make a broken picture
        return 1


def _largest(width: int, height: int, *, sideways: bool) -> tuple[int, int]:
    shown = height if sideways else width
    if shown <= PRINT_WIDTH:
        return width, height
    return max(1, round(width * PRINT_WIDTH / shown)), max(1, round(height * PRINT_WIDTH / shown))


def _eight_bits(picture: Image) -> Image:
    """In a mode that resizes well and that a colour profile can belong to: L, RGB, RGBA or CMYK."""
    if picture.mode.startswith(("I", "F")):  # 16 bits of grey: Pillow itself would cut off all above 255
        picture = picture.point(lambda value: value * (1 / 256)).convert("L")
    if picture.mode in {"L", "RGB", "CMYK"} and "transparency" not in picture.info:
        return picture
    return picture.convert("RGBA" if picture.has_transparency_data else "RGB")


def _srgb(image: Image, profile: bytes | None) -> Image:
    from PIL import ImageCms

    alpha = image.getchannel("A") if image.mode == "RGBA" else None
    if alpha is not None:
        image = image.convert("RGB")
    if profile:
        try:
            given = ImageCms.ImageCmsProfile(BytesIO(profile))
            image = ImageCms.profileToProfile(image, given, ImageCms.createProfile("sRGB"), outputMode="RGB") or image
        except (ImageCms.PyCMSError, OSError):  # a broken profile, or one for other colours than these
            image = image.convert("RGB")
    image = image.convert("RGB")
    if alpha is not None and alpha.getextrema()[0] != OPAQUE:
        image.putalpha(alpha)
    return image


def _encoded(image: Image, width: int) -> EncodedPicture:
    from PIL.Image import Resampling

    if width != image.width:
        image = image.resize((width, max(1, round(image.height * width / image.width))), Resampling.LANCZOS)
    buffer = BytesIO()
    if image.mode == "RGBA":
        media_type = "image/png"
        image.save(buffer, "PNG", optimize=True)
    else:
        media_type = "image/jpeg"
        quality = JPEG_QUALITY if width <= max(WIDTHS) else PRINT_QUALITY
        image.save(buffer, "JPEG", quality=quality, optimize=True, progressive=True)
    return EncodedPicture(width=image.width, height=image.height, media_type=media_type, data=buffer.getvalue())
