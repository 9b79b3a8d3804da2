"""One Vietnamese word for each thing, in every catalogue and label: what has been settled does not come back."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po

import schemas
from hub import i18n

CATALOGUE = Path(i18n.FOLDER) / "vi" / "LC_MESSAGES" / "messages.po"
SCHEMAS = Path(schemas.__file__).parent
# what is not said, and what is said for it; a pattern of whole words, whatever their case
SAID = {
    r"anh chị|quý vị": "bạn: one form of address, as public services of Việt Nam use it",
    r"(?<!đọc )tin, bài": "bài (a story; a regulation's own text may say otherwise)",
    r"chuyên mục phát sóng|phần phát sóng": "buổi phát sóng (a segment); chuyên mục is a newspaper's column",
    r"phiếu phỏng vấn|thẻ phỏng vấn": "thẻ giao lưu (the interview card)",
    r"phiếu xác nhận|phiếu biên nhận": "biên nhận (a receipt)",
    r"cơ quan nhận tin|nơi nhận(?! được| tin báo)": "đơn vị nhận tin (an outlet); tòa soạn where it is one's own",
    r"đoạn ghi hình|đoạn phim|phim ngắn|video tư liệu": "video (footage)",
    r"khuôn trường": "mẫu nội dung (a profile)",
    r"cổng bài viết|cổng tin": "hệ thống (this software), or the site's own name; cổng công khai is the portal",
    r"hộp tin": "bài nhận được (the inbox)",
    r"hạn giữ tin|cam kết giữ tin|bài hẹn giờ|cấm vận": "chờ giờ (an embargo)",
    r"nhiệm vụ": "nghĩa vụ (a duty)",
    r"người quản trị": "quản trị viên (an administrator)",
    r"tin đẩy": "tin gửi tự động (WebSub)",
    r"hiện cho công chúng": "đưa ra công chúng",
    r"bên phải thực hiện": "đơn vị thực hiện",
    r"chuỗi ký tự": "chữ (text, to people who fill in a form)",
    r"khóa truy cập của trang": "phím tắt (keys of a page)",
}
OF_A_REGULATION = frozenset({"tin, bài", "nhiệm vụ"})  # whose words are those of an act of law


def said_in_catalogue() -> Iterator[tuple[str, str]]:
    """Where each sentence stands, and the sentence."""
    with CATALOGUE.open("rb") as file:
        for message in read_po(file, locale="vi"):
            if message.id:
                text = message.string if isinstance(message.string, str) else " ".join(message.string)
                yield str(message.id), text


def said_in_schemas() -> Iterator[tuple[str, str]]:
    """The Vietnamese of labels, titles and descriptions of the contract."""
    for path in sorted([*SCHEMAS.glob("*.json"), *SCHEMAS.glob("vocabularies/*.json")]):
        for text in _vietnamese(json.loads(path.read_text(encoding="utf-8"))):
            yield path.name, text


def said_in_code() -> Iterator[tuple[str, str]]:
    """What doors, demo and letters say in Vietnamese without the catalogue; an act of law has words of its own."""
    for kind in ("*.py", "*.html", "*.js"):
        for path in sorted(Path(i18n.FOLDER).parent.rglob(kind)):
            if "vendor" not in path.parts:
                for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                    yield f"{path.name}:{number}", line


def _vietnamese(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        for name, value in part.items():
            if isinstance(value, str) and (name == "vi" or name.endswith("-vi")):
                yield value
            else:
                yield from _vietnamese(value)
    elif isinstance(part, list):
        for each in part:
            yield from _vietnamese(each)


def wrong(text: str) -> list[str]:
    found = []
    for pattern, instead in SAID.items():
        found += [f"“{m[0]}”: say {instead}" for m in re.finditer(rf"(?<!\w)(?:{pattern})(?!\w)", text, re.IGNORECASE)]
    return found


def test_the_catalogue_says_one_word_for_each_thing() -> None:
    faults = [f"{where[:60]}: {fault}" for where, text in said_in_catalogue() for fault in wrong(text)]
    assert not faults, "\n".join(faults)


def test_labels_and_schemas_say_one_word_for_each_thing() -> None:
    faults = [
        f"{where}: {fault} – in “{text[:80]}”"
        for where, text in said_in_schemas()
        for fault in wrong(text)
        if not any(f"“{word}”" in fault.lower() for word in OF_A_REGULATION)
    ]
    assert not faults, "\n".join(faults)


def test_what_the_code_says_itself_says_one_word_for_each_thing() -> None:
    greeting = "Thưa quý vị"  # a speaker's, to listeners
    faults = [
        f"{where}: {fault}"
        for where, line in said_in_code()
        if greeting not in line and "nhân vật và quý vị" not in line
        for fault in wrong(line)
    ]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Mời anh chị xem tin, bài.", 2),
        ("Vào trình đọc tin, bài mới sẽ tự đến; 3 nơi nhận được.", 0),
        ("Chuyên mục phát sóng", 1),
        ("Hệ thống báo các đơn vị nhận tin.", 0),
    ],
)
def test_whole_words_are_looked_for(text: str, count: int) -> None:
    assert len(wrong(text)) == count


def test_the_software_is_named_by_its_command_alone() -> None:
    """“Hub” is a command, a file, a folder or the protocol's word; to people it is the system, or the site."""
    allowed = re.compile(
        r"`[^`]*`|hub\.\w+|HUB_\w+|story-hub\S*|profile=hub|/\S*hub\S*|WebSub[^.]*|this hub|hub này", re.I
    )
    bare = [
        where
        for where, text in said_in_catalogue()
        if re.search(r"(?<![\w-])hub(?![\w-])", allowed.sub("", text), re.I)
    ]
    assert not bare
