"""The demo's drawings: pictures that decode, of one size, the same at every drawing."""

import hashlib
import io

import pytest
from PIL import Image

from hub.demo.pictures import SCENES, draw

each_scene = pytest.mark.parametrize("name", SCENES)


@each_scene
def test_a_drawing_is_a_jpeg_of_the_promised_size(name):
    with Image.open(io.BytesIO(draw(name))) as image:
        image.load()
        assert (image.format, image.size, image.mode) == ("JPEG", (1600, 1067), "RGB")
        assert not image.getexif()


@each_scene
def test_drawing_twice_gives_the_same_bytes(name):
    assert draw(name) == draw(name)


def test_no_two_drawings_are_alike():
    assert len({hashlib.sha256(draw(name)).digest() for name in SCENES}) == len(SCENES)


def test_an_unknown_drawing_is_refused():
    with pytest.raises(KeyError):
        draw("khong-co")
