"""A fragment of HTML as people read it."""

from __future__ import annotations

import pytest

from feeds.plain import read_html


@pytest.mark.parametrize(
    ("fragment", "text"),
    [
        ("<p>Một</p><p>hai <b>b</b>a</p>", "Một hai ba"),
        ("a<br>b&amp;c &#x110;", "a b&c Đ"),
        ("a<script>alert('x')</script><style>p{}</style>b", "a b"),
        ("chưa <b>đóng", "chưa đóng"),
        ("", ""),
    ],
)
def test_words_are_read_in_one_line(fragment: str, text: str) -> None:
    assert read_html(fragment).text == text


def test_pictures_are_named_once_in_their_order() -> None:
    fragment = '<img src="https://a.example/1.jpg"><p><img src=" https://a.example/2.jpg "><img src><img src="https://a.example/1.jpg">'
    assert read_html(fragment).pictures == ("https://a.example/1.jpg", "https://a.example/2.jpg")
