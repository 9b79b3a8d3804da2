"""The columns of a table of stories, and how a row becomes a submission (`schemas/story.v1.json`). Pure.

A column is named by its code, by its Vietnamese or English heading, or by both as the template has it: “Tiêu đề
(title)”. What a cell says that cannot be read as its column asks goes into the submission as it stands, so that the
schema says what is wrong with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import schemas
from feeds.text import fold

EXAMPLE_ID = "vi-du-xoa-dong-nay"  # of the template's own row, which is no story
SEPARATORS = re.compile(r"[;\n]")
DAY = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
YES, NO = frozenset({"co", "yes", "x", "1", "true", "dung"}), frozenset({"khong", "no", "0", "false", "sai"})
WHOLE = re.compile(r"-?\d{1,15}")
GENDERS = {"nam": "nam", "male": "nam", "nu": "nu", "female": "nu", "khac": "khac", "other": "khac"}
SUBJECTS = {
    "ca nhan": "individual", "individual": "individual", "tap the": "collective", "collective": "collective",
    "ho gia dinh": "household", "household": "household",
}  # fmt: skip
_IN_BRACKETS = re.compile(r"\(([a-z_]+)\)\s*$")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its code, where its value goes, how a cell is read, and what its example says."""

    code: str
    path: tuple[str, ...]
    vi: str
    en: str
    example: str = ""
    kind: str = "text"  # text, whole, yes_no, day, codes (several, with ; between), code, gender, subject
    vocabulary: str = ""
    needed: bool = False

    @property
    def heading(self) -> str:
        """As the template names it."""
        return f"{self.vi}{' *' if self.needed else ''} ({self.code})"

    @property
    def pointer(self) -> str:
        """The field that the column fills (RFC 6901)."""
        return "/" + "/".join(self.path)


def _column(code: str, path: str, vi: str, en: str, example: str = "", **more: Any) -> Column:
    return Column(code, tuple(path.split("/")), vi, en, example, **more)


COLUMNS: tuple[Column, ...] = (
    _column("id", "id", "Mã bài của đơn vị", "Own id", EXAMPLE_ID),
    _column("kind", "kind", "Loại bài", "Kind", "guong_nguoi_tot_viec_tot", kind="code",
            vocabulary="kinds", needed=True),
    _column("title", "title", "Tiêu đề", "Title", "VÍ DỤ (xóa dòng này): Người giữ đèn bến đò Mẫu", needed=True),
    _column("summary", "summary", "Tóm tắt", "Summary",
            "Hai mươi năm, ông Lò Văn Mẫu giữ đèn cho bến đò đêm.", needed=True),
    _column("body", "body/text", "Nội dung bài", "Body",
            "Tối nào ông cũng ra bến thắp đèn, chờ chuyến đò cuối.", needed=True),
    _column("subject_type", "subject/type", "Đối tượng", "Subject is", "cá nhân", kind="subject", needed=True),
    _column("subject_name", "subject/name", "Họ tên hoặc tên tập thể", "Subject's name", "Lò Văn Mẫu", needed=True),
    _column("subject_role", "subject/role", "Nghề nghiệp, vai trò", "Subject's role", "Người chèo đò"),
    _column("subject_unit", "subject/unit", "Nơi công tác, sinh sống", "Subject's unit", "Thôn Bến Mẫu"),
    _column("birth_year", "subject/birth_year", "Năm sinh", "Year of birth", "1960", kind="whole"),
    _column("gender", "subject/gender", "Giới tính", "Gender", "nam", kind="gender"),
    _column("member_count", "subject/member_count", "Số thành viên", "Members", kind="whole"),
    _column("priority_groups", "subject/priority_groups", "Nhóm ưu tiên", "Priority groups", "nong_dan", kind="codes",
            vocabulary="priority_groups"),
    _column("minor", "subject/minor", "Người chưa thành niên", "Minor", "không", kind="yes_no"),
    _column("unit_name", "unit/name", "Đơn vị giới thiệu", "Unit", "Hội Nông dân xã Bình Mẫu"),
    _column("unit_kind", "unit/kind", "Loại tổ chức", "Kind of organization", "hoi_nong_dan", kind="code",
            vocabulary="organization_kinds"),
    _column("unit_level", "unit/level", "Cấp", "Level", "commune", kind="code", vocabulary="levels"),
    _column("commune", "place/commune", "Xã, phường, đặc khu", "Commune", "xã Bình Mẫu", needed=True),
    _column("province", "place/province", "Tỉnh, thành phố", "Province", "tỉnh Mẫu", needed=True),
    _column("place_detail", "place/detail", "Địa điểm cụ thể", "Exact place", "Bến đò cuối thôn"),
    _column("topics", "topics", "Chủ đề", "Topics", "tuong_than_tuong_ai", kind="codes",
            vocabulary="topics", needed=True),
    _column("stage", "stage", "Mức độ hoàn thiện", "Stage", kind="code", vocabulary="stages"),
    _column("movement", "movement", "Phong trào thi đua", "Movement"),
    _column("standfirst", "standfirst", "Sa pô", "Standfirst"),
    _column("deed", "deed", "Việc làm", "Deed"),
    _column("method", "method", "Cách làm", "Method"),
    _column("result", "result", "Kết quả", "Result"),
    _column("lesson", "lesson", "Bài học kinh nghiệm", "Lesson"),
    _column("occurred_from", "occurred_from", "Diễn ra từ ngày", "Occurred from", "01/03/2026", kind="day"),
    _column("occurred_to", "occurred_to", "Diễn ra đến ngày", "Occurred to", kind="day"),
    _column("byline", "byline/name", "Tác giả bài viết", "Author", "Cộng tác viên xã Bình Mẫu"),
    _column("spokesperson_name", "spokesperson/name", "Người phát ngôn", "Spokesperson"),
    _column("spokesperson_phone", "spokesperson/contact/phone", "Điện thoại người phát ngôn", "Spokesperson's phone"),
    _column("consent_scopes", "consent/scopes", "Đồng ý cho nêu", "Consent to", "name; work_story", kind="codes",
            vocabulary="consent_scopes"),
    _column("consent_form", "consent/form", "Hình thức đồng ý", "Form of consent", "Giấy có chữ ký"),
    _column("consent_obtained_on", "consent/obtained_on", "Ngày đồng ý", "Consent obtained on", "02/03/2026",
            kind="day"),
    _column("consent_expires_on", "consent/expires_on", "Ngày hết hiệu lực đồng ý", "Consent expires on", kind="day"),
    _column("guardian_name", "consent/guardian/name", "Họ tên người giám hộ", "Guardian"),
    _column("guardian_relation", "consent/guardian/relation", "Quan hệ của người giám hộ", "Guardian's relation"),
    _column("language", "language", "Ngôn ngữ", "Language", "vi"),
    _column("urgency", "urgency", "Độ khẩn", "Urgency", kind="whole"),
)  # fmt: skip
BY_CODE = {column.code: column for column in COLUMNS}


def find_column(heading: str) -> Column | None:
    """The column that a heading names, however it writes it; None for none of ours."""
    said = _IN_BRACKETS.search(heading.strip().lower())
    if said and said[1] in BY_CODE:
        return BY_CODE[said[1]]
    return _names().get(_folded(heading))


def document_of(cells: Mapping[str, str], *, unit: str) -> dict[str, Any]:
    """The submission that a row means; `cells` by column code, `unit` the name of who sends it.

    It is a draft, whatever else it is: a person hands it in.
    """
    document: dict[str, Any] = {"state": "draft", "consent": {"scopes": []}, "unit": {"name": unit}}
    for code, text in cells.items():
        column = BY_CODE[code]
        if code == "id" or not text:
            continue
        place = document
        for step in column.path[:-1]:
            place = place.setdefault(step, {})
        place[column.path[-1]] = _value(column, text)
    return document


def column_at(pointer: str) -> Column | None:
    """The column that a fault at `pointer` is about: its own, one that holds it, or the first one inside it."""
    inside = [column for column in COLUMNS if pointer == column.pointer or pointer.startswith(column.pointer + "/")]
    holding = [column for column in COLUMNS if column.pointer.startswith(pointer + "/")] if pointer else []
    return next(iter([*inside, *holding]), None)


def list_vocabularies() -> Iterable[str]:
    """The vocabularies whose codes cells may hold."""
    return dict.fromkeys(column.vocabulary for column in COLUMNS if column.vocabulary)


def _value(column: Column, text: str) -> Any:
    folded = _folded(text)
    if column.kind == "whole":
        return int(text) if WHOLE.fullmatch(text) else text
    if column.kind == "yes_no":
        return True if folded in YES else False if folded in NO else text
    if column.kind == "day":
        return _day(text)
    if column.kind == "gender":
        return GENDERS.get(folded, text)
    if column.kind == "subject":
        return SUBJECTS.get(folded, text)
    if column.kind == "code":
        return _codes(column.vocabulary).get(folded, text)
    if column.kind == "codes":
        return [_codes(column.vocabulary).get(_folded(part), part) for part in _parts(column.vocabulary, text)]
    return text


def _parts(vocabulary: str, text: str) -> Sequence[str]:
    """The codes or labels in a cell; commas part them only where no label holds commas of its own."""
    parts = [part.strip() for part in SEPARATORS.split(text) if part.strip()]
    known = _codes(vocabulary)
    if len(parts) == 1 and _folded(parts[0]) not in known:
        smaller = [part.strip() for part in text.split(",") if part.strip()]
        if all(_folded(part) in known for part in smaller):
            return smaller
    return parts


def _day(text: str) -> str:
    """A day as the schema writes it; people here write day/month/year."""
    said = DAY.fullmatch(text)
    return f"{said[3]}-{int(said[2]):02}-{int(said[1]):02}" if said else text


def _folded(text: str) -> str:
    return " ".join(fold(text.replace("*", " ")).split())


@cache
def _names() -> dict[str, Column]:
    named: dict[str, Column] = {}
    for column in COLUMNS:
        for name in (column.code, column.vi, column.en):
            named.setdefault(_folded(name), column)
    return named


@cache
def _codes(vocabulary: str) -> dict[str, str]:
    """Codes by what a cell may write for them: the code, or its label in either language."""
    found: dict[str, str] = {}
    for item in schemas.vocabulary(vocabulary):
        for name in (item.code, *item.labels.values()):
            found.setdefault(_folded(name), item.code)
    return found
