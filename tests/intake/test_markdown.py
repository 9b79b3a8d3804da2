"""Markdown bodies."""

import pytest

from hub.intake.html import clean_html
from hub.intake.markdown import markdown_to_html

PICTURE = "med_0123456789abcdef"


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("# Đầu đề", "<h2>Đầu đề</h2>"),
        ("Một *hai* **ba** ~~bốn~~", "<p>Một <em>hai</em> <strong>ba</strong> <s>bốn</s></p>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("3. a", '<ol start="3">\n<li>a</li>\n</ol>'),
        ("> trích", "<blockquote>\n<p>trích</p>\n</blockquote>"),
        ("[báo](https://báo.vn/tin)", '<p><a href="https://xn--bo-mia.vn/tin">báo</a></p>'),
        (f"![ảnh](media:{PICTURE})", f'<p><img src="media:{PICTURE}" alt="ảnh"></p>'),
        ("![ảnh](https://elsewhere.example/x.png)", "<p></p>"),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>"),
        ("[x](//elsewhere.example/)", "<p>x</p>"),
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"),
        ("a <b onclick=x>b</b>", "<p>a &lt;b onclick=x&gt;b&lt;/b&gt;</p>"),
        ("**\u0338x**", "<p><strong>x</strong></p>"),
        ("5 >\u0338 3", "<p>5 ≯ 3</p>"),
    ],
)
def test_markdown_becomes_clean_html(markdown, html):
    assert clean_html(markdown_to_html(markdown), own_media=[PICTURE]).html.strip() == html


def test_tables_are_understood():
    html = clean_html(markdown_to_html("| Tên | Số |\n|---|---|\n| tàu | 137 |")).html
    assert "<th>Tên</th>" in html
    assert "<td>137</td>" in html


@pytest.mark.parametrize("unit", ["[", "![", "> ", "- ", "*a_", "[a](", "`a``", "<"])
def test_nesting_without_end_is_read_in_time(unit):
    markdown_to_html(unit * 4000)
