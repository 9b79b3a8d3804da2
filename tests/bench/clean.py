"""What the sanitizer costs beside bare bleach and nh3: `python tests/bench/clean.py`. At most 1.15 times is wanted."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import bleach
import nh3

from hub.intake.html import ALLOWED, ALLOWED_PROTOCOLS, clean_html

REPEATS = 7
CALLS = 40

PARAGRAPHS = (
    "<p>Bốn giờ sáng, bến Đá Lau còn đẫm hơi sương. Trong căn lán lợp tôn cạnh cầu cảng, ông Trần Bá Khơi đã ngồi bên "
    "chiếc bộ đàm, tay lật cuốn sổ bìa xanh ghi giờ rời bến của từng tàu. “Tàu nào đi mấy ngày, máy móc ra sao, tôi "
    "phải nắm được”, ông nói.</p>\n",
    "<h2>Bắt đầu từ một bộ cờ lê</h2>\n",
    "<p>Nghiệp đoàn thấy cách làm <strong>hay</strong> nên <em>đứng ra</em> cùng tổ chức: phân công đoàn viên trực "
    'theo ca, vận động chủ tàu góp phụ tùng (<a href="https://bao.example/tin?so=1&amp;trang=2">xem thêm</a>).</p>\n',
    "<ul><li>Ghi sổ giờ rời bến</li><li>Trực bộ đàm theo ca</li><li>Kiểm tra 12 điểm trước chuyến biển</li></ul>\n",
    "<blockquote>“Họ đâu có thiếu gan dạ. Cái thiếu là một người trực trên bờ.”</blockquote>\n",
)
WORD = (
    '<p class="MsoNormal" style="margin:0"><span lang="VI">Đến khi thấy ông chạy xuồng ra chỗ nước xoáy.</span></p>\n'
)
SCRIPTED = "<script>alert(1)</script>"

TAGS = set(ALLOWED)
ATTRIBUTES = {tag: list(rules) for tag, rules in ALLOWED.items()}
ATTRIBUTE_SETS = {tag: set(rules) for tag, rules in ALLOWED.items()}


def a_body(paragraphs: str, *, size: int = 6_000) -> str:
    return paragraphs * (1 + size // len(paragraphs.encode()))


def bare(html: str) -> str:
    once = bleach.clean(html, tags=TAGS, attributes=ATTRIBUTES, protocols=ALLOWED_PROTOCOLS, strip=True)
    return nh3.clean(once, tags=TAGS, attributes=ATTRIBUTE_SETS, link_rel=None)


def milliseconds(work: Callable[[], object]) -> float:
    def once() -> float:
        start = time.process_time()
        for _ in range(CALLS):
            work()
        return (time.process_time() - start) / CALLS * 1000

    return statistics.median(once() for _ in range(REPEATS))


def main() -> None:
    bodies = {
        "clean": a_body("".join(PARAGRAPHS)),
        "word": a_body("".join(PARAGRAPHS) + WORD * 5),
        "scripted": a_body("".join(PARAGRAPHS) + SCRIPTED),
    }
    print(f"{'body':10} {'bytes':>7} {'bare ms':>9} {'ours ms':>9} {'ratio':>6}")
    for name, html in bodies.items():
        clean_html(html)
        theirs, ours = milliseconds(lambda html=html: bare(html)), milliseconds(lambda html=html: clean_html(html))
        print(f"{name:10} {len(html.encode()):7} {theirs:9.3f} {ours:9.3f} {ours / theirs:6.2f}")


if __name__ == "__main__":
    main()
