"""Pictures in, renditions out."""

import io
import struct
import zlib
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, PngImagePlugin

from hub.intake import pictures
from hub.intake.pictures import NotAPicture, process

TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
RED, BLUE = (200, 30, 30), (30, 30, 200)


def encoded(image, kind="JPEG", **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def a_picture(size=(1000, 500), *, mode="RGB", color=RED, kind="JPEG", **options):
    return encoded(Image.new(mode, size, color), kind, **options)


def two_colors(size=(60, 40)):
    """Red above, blue below."""
    image = Image.new("RGB", size, RED)
    image.paste(BLUE, (0, size[1] // 2, *size))
    return image


def shown(rendition):
    return Image.open(io.BytesIO(rendition.data))


def png_header(width, height):
    chunk = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk)) + b"\0\0\0\1IDAT"


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize(
    ("size", "widths"),
    [
        ((3000, 1500), [480, 960, 1920, 3000]),
        ((1000, 500), [480, 960, 1000]),
        ((960, 20), [480, 960]),
        ((300, 900), [300]),
    ],
)
def test_a_picture_comes_in_widths_for_screens_and_print_and_is_never_enlarged(kind, size, widths):
    result = process(a_picture(size, kind=kind), declared_type=TYPES[kind])
    assert [rendition.width for rendition in result.renditions] == widths
    for rendition in result.renditions:
        assert shown(rendition).size == (rendition.width, rendition.height)
        assert abs(rendition.height - rendition.width * size[1] / size[0]) <= 1
        assert rendition.media_type == "image/jpeg"
        assert shown(rendition).format == "JPEG"


def test_the_hash_is_that_of_the_largest_rendition_and_equal_pictures_give_equal_bytes():
    first, second = (process(a_picture(), declared_type="image/jpeg") for _ in range(2))
    assert first == second
    assert first.sha256 == sha256(first.renditions[-1].data).hexdigest()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_is_turned_upright(orientation):
    upright = two_colors()
    stored = {
        1: upright,
        2: upright.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
        3: upright.transpose(Image.Transpose.ROTATE_180),
        4: upright.transpose(Image.Transpose.FLIP_TOP_BOTTOM),
        5: upright.transpose(Image.Transpose.TRANSPOSE),
        6: upright.transpose(Image.Transpose.ROTATE_90),
        7: upright.transpose(Image.Transpose.TRANSVERSE),
        8: upright.transpose(Image.Transpose.ROTATE_270),
    }[orientation]
    exif = Image.Exif()
    exif[pictures.ORIENTATION] = orientation
    (rendition,) = process(encoded(stored, exif=exif, quality=95), declared_type="image/jpeg").renditions
    assert (rendition.width, rendition.height) == upright.size
    assert shown(rendition).getpixel((30, 5))[0] > 150
    assert shown(rendition).getpixel((30, 35))[2] > 150


def test_widths_count_after_turning():
    exif = Image.Exif()
    exif[pictures.ORIENTATION] = 6
    result = process(a_picture((5000, 3000), exif=exif), declared_type="image/jpeg")
    sizes = [(r.width, r.height) for r in result.renditions]
    assert sizes == [(480, 800), (960, 1600), (1920, 3200), (3000, 5000)]


def test_a_picture_is_kept_no_wider_than_print_needs():
    largest = process(a_picture((4800, 1200)), declared_type="image/jpeg").renditions[-1]
    assert (largest.width, largest.height) == (4000, 1000)


@pytest.mark.parametrize(
    ("kind", "mode"), [("JPEG", "RGB"), ("PNG", "RGB"), ("PNG", "RGBA"), ("WEBP", "RGB"), ("WEBP", "RGBA")]
)
def test_nothing_but_the_picture_is_kept(kind, mode):
    exif = Image.Exif()
    exif[0x010F] = "SECRET camera"
    exif.get_ifd(0x8825)[1] = "N"
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Comment", "SECRET note")
    options = {
        "JPEG": {"comment": b"SECRET comment", "xmp": b"<x>SECRET xmp</x>", "dpi": (300, 300)},
        "PNG": {"pnginfo": notes, "dpi": (300, 300)},
        "WEBP": {"xmp": b"<x>SECRET xmp</x>"},
    }[kind]
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    color = (*RED, 100)[: len(mode)]
    data = a_picture(mode=mode, color=color, kind=kind, exif=exif, icc_profile=profile, **options)
    for rendition in process(data, declared_type=TYPES[kind]).renditions:
        assert b"SECRET" not in rendition.data
        assert not shown(rendition).getexif()
        assert not {"icc_profile", "exif", "xmp", "comment", "Comment", "dpi"} & set(shown(rendition).info)


def test_bytes_after_the_picture_go():
    for rendition in process(a_picture() + b"PK\x03\x04 SECRET", declared_type="image/jpeg").renditions:
        assert b"SECRET" not in rendition.data


def test_colours_of_another_profile_come_out_as_srgb():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = profile.replace(b"rXYZ", b"?XYZ").replace(b"bXYZ", b"rXYZ").replace(b"?XYZ", b"bXYZ")
    (rendition,) = process(a_picture((99, 99), icc_profile=swapped), declared_type="image/jpeg").renditions
    red, _, blue = shown(rendition).getpixel((9, 9))
    assert blue > 150 > 60 > red


@pytest.mark.parametrize(
    "profile", [b"not a profile", ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()]
)
def test_a_profile_that_does_not_fit_is_passed_over(profile):
    (rendition,) = process(a_picture((99, 99), icc_profile=profile), declared_type="image/jpeg").renditions
    assert abs(shown(rendition).getpixel((9, 9))[0] - RED[0]) < 12


@pytest.mark.parametrize(
    ("mode", "kind"),
    [("1", "PNG"), ("L", "JPEG"), ("L", "PNG"), ("P", "PNG"), ("CMYK", "JPEG"), ("I;16", "PNG"), ("YCbCr", "JPEG")],
)
def test_every_mode_is_shown_in_rgb(mode, kind):
    data = a_picture((500, 300), mode=mode, color=0 if mode not in {"CMYK", "YCbCr"} else None, kind=kind)
    result = process(data, declared_type=TYPES[kind])
    assert {shown(rendition).mode for rendition in result.renditions} == {"RGB"}


def test_sixteen_bit_greys_keep_their_place():
    data = a_picture((50, 50), mode="I;16", color=40_000, kind="PNG")
    assert abs(shown(process(data, declared_type="image/png").renditions[0]).getpixel((9, 9))[0] - 156) < 4


def test_transparent_parts_stay_transparent_and_an_opaque_channel_is_left_out():
    clear = process(a_picture(mode="RGBA", color=(*RED, 0), kind="PNG"), declared_type="image/png")
    assert {rendition.media_type for rendition in clear.renditions} == {"image/png"}
    assert shown(clear.renditions[0]).getchannel("A").getextrema() == (0, 0)
    opaque = process(a_picture(mode="RGBA", color=(*RED, 255), kind="PNG"), declared_type="image/png")
    assert {rendition.media_type for rendition in opaque.renditions} == {"image/jpeg"}


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_an_animated_picture_gives_its_first_frame(kind):
    frames = [Image.new("RGB", (80, 60), color) for color in (RED, BLUE)]
    data = encoded(frames[0], kind, save_all=True, append_images=frames[1:])
    (rendition,) = process(data, declared_type=TYPES[kind]).renditions
    assert shown(rendition).getpixel((9, 9))[0] > 150


@pytest.mark.parametrize(
    ("data", "declared", "code"),
    [
        (b"", "image/jpeg", "not_a_picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml", "not_a_picture"),
        (b"GIF89a" + b"\0" * 40, "image/gif", "not_a_picture"),
        (b"\xff\xd8\xff" + b"\0" * 40, "image/jpeg", "not_a_picture"),
        (b"RIFF\x10\0\0\0WEBPjunkjunkjunk", "image/webp", "not_a_picture"),
        (b"RIFF\x10\0\0\0WAVEjunkjunkjunk", "image/webp", "not_a_picture"),
        (a_picture(), "image/png", "type_mismatch"),
        (a_picture(), "text/html", "type_mismatch"),
        (a_picture(), "", "type_mismatch"),
        (a_picture(kind="PNG"), "image/jpeg", "type_mismatch"),
        (a_picture()[:-400], "image/jpeg", "truncated"),
        (a_picture(kind="PNG")[:-100], "image/png", "truncated"),
        (png_header(10_000, 5_001), "image/png", "too_many_pixels"),
        (png_header(60_000, 60_000), "image/png", "too_many_pixels"),
        (png_header(20_000, 100), "image/png", "too_many_pixels"),
        (b"\xff\xd8\xff" + b"\0" * pictures.MAX_BYTES, "image/jpeg", "too_large"),
    ],
    ids=lambda value: value if isinstance(value, str) else f"{len(value)} bytes",
)
def test_it_is_refused_with_its_reason(data, declared, code):
    with pytest.raises(NotAPicture) as refused:
        process(data, declared_type=declared)
    assert refused.value.code == code


@pytest.mark.parametrize("declared", ["image/jpeg", "IMAGE/JPEG", "image/jpg", "image/jpeg; charset=binary"])
def test_names_of_one_type_are_one(declared):
    assert process(a_picture((20, 20)), declared_type=declared).renditions


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_a_broken_exif_block_does_not_break_the_picture():
    data = a_picture((20, 20), exif=b"Exif\0\0MM\0*\0\0\0\x08\0\x05\x01\x12broken")
    assert process(data, declared_type="image/jpeg").renditions


@pytest.mark.filterwarnings("ignore")  # Pillow warns of broken metadata
@settings(deadline=None, max_examples=60)
@given(st.sampled_from(sorted(TYPES)), st.data())
def test_damaged_pictures_are_read_or_refused(kind, data):
    whole = bytearray(encoded(two_colors(), kind))
    for _ in range(data.draw(st.integers(1, 5))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    try:
        result = process(bytes(whole[: data.draw(st.integers(1, len(whole)))]), declared_type=TYPES[kind])
    except NotAPicture:
        return
    assert result.renditions


def test_threads_may_share_it():
    data = a_picture()
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: process(data, declared_type="image/jpeg"), range(8)))
    assert len(set(results)) == 1
