"""check(): what it says, how it says it, and that no document can hurt it."""

import json
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

import schemas
from schemas.formats import find_day, find_instant

EXAMPLES = Path(schemas.__file__).parent / "examples"
RICH = json.loads((EXAMPLES / "valid" / "story.v1" / "newspaper-column.json").read_text(encoding="utf-8"))
PICTURE = {"kind": "picture", "upload": "med_T2nYq0cV7uWk3LhZ", "alt": "Tủ sách", "credit": "Hội Phụ nữ"}


def a_story(**changes):
    story = json.loads((EXAMPLES / "valid" / "story.v1" / "minimal.json").read_text(encoding="utf-8"))
    return {**story, **changes}


def answered(document):
    return [(fault.pointer, fault.code) for fault in schemas.check_story(document)]


def only_fault(document):
    (fault,) = schemas.check_story(document)
    return fault


def test_all_faults_are_answered_at_once_sorted_and_each_once():
    document = a_story(
        title="\u200b",
        topics=["tinh_nguyen", "tinh_nguyen", "x", "y"],
        media=[PICTURE, {"kind": "picture"}, {"kind": "footage", "url": "x"}],
        occurred_from="2026-02-02",
        occurred_to="2026-02-01",
        urgency=0,
        extra=True,
    )
    assert answered(document) == [
        ("/extra", "unknown_field"),
        ("/media/1/alt", "required"),
        ("/media/1/credit", "required"),
        ("/media/1/upload", "required"),
        ("/media/2/url", "format"),
        ("/occurred_to", "order"),
        ("/title", "blank"),
        ("/topics", "not_unique"),
        ("/topics/2", "enum"),
        ("/topics/3", "enum"),
        ("/urgency", "minimum"),
    ]


@pytest.mark.parametrize(
    ("changes", "vi", "en"),
    [
        (
            {"title": "a" * 201},
            "“Tiêu đề” dài 201 ký tự, vượt mức 200 ký tự.",
            "“Title” has 201 characters, more than the 200 allowed.",
        ),
        (
            {"interview": {"guests": [{"name": "A"}, {}]}},
            "Chưa có “Thẻ giao lưu truyền hình › Khách mời 2 › Họ tên khách mời”.",
            "“Interview card › Guests 2 › Name of the guest” is missing; please add it.",
        ),
        (
            {"sumary": "x"},
            "Mẫu không có mục “sumary”; hãy bỏ hoặc sửa tên. Có phải “summary” không?",
            "There is no field “sumary”; remove it or mend its name. Did you mean “summary”?",
        ),
        (
            {"stage": "provenn"},
            "“Mức độ hoàn thiện” không nhận giá trị “provenn”. Giá trị được phép: idea, trial, proven, replicated. "
            "Có phải “proven” không?",
            "“Stage” cannot be “provenn”. Allowed: idea, trial, proven, replicated. Did you mean “proven”?",
        ),
        (
            {"urgency": None},
            "“Độ khẩn” đang là null; nếu không có giá trị thì hãy bỏ hẳn mục này, nếu có thì ghi chữ số (số nguyên).",
            "“Urgency” is null; leave it out when there is no value, or give a whole number.",
        ),
        (
            {"urgency": "5"},
            "“Độ khẩn” cần ghi bằng chữ số (số nguyên); ở đây là chữ.",
            "“Urgency” must be a whole number, but is text.",
        ),
        (
            {"body": {"html": "a", "text": "b"}},
            "“Nội dung bài” phải có đúng một trong các dạng html, markdown, text; hiện có nhiều dạng: html, text.",
            "“Body” must have exactly one of html, markdown, text; it has several: html, text.",
        ),
        (
            {"occurred_from": "2026-02-02", "occurred_to": "2026-02-01"},
            "“Diễn ra đến ngày” (2026-02-01) không được trước “Diễn ra từ ngày” (2026-02-02).",
            "“Occurred to” (2026-02-01) must not come before “Occurred from” (2026-02-02).",
        ),
        (
            {"replaces": "{0.__class__}"},
            "“Thay cho bài” không đúng mẫu: cần mã bài bắt đầu bằng “st_” và 26 chữ thường hoặc chữ số.",
            "“Replaces” does not fit: expected a story id: “st_” and 26 lower-case letters or digits.",
        ),
    ],
)
def test_a_sentence_names_the_field_and_what_to_do(changes, vi, en):
    fault = only_fault(a_story(**changes))
    assert fault.sentence("vi") == vi
    assert fault.sentence("en") == en
    assert fault.sentence("fr") == vi


@pytest.mark.parametrize("code", schemas.vocabulary("faults").codes)
def test_every_code_has_a_sentence_in_both_languages(code):
    facts = dict.fromkeys(
        ("field", "other", "name", "value", "limit", "length", "count", "hint", "format", "earlier", "later"), "X"
    )
    facts |= {"expected": ("string", "number"), "given": "null", "allowed": ("a", "b"), "present": ("html", "text")}
    vi, en = (schemas.Fault("/x", code, facts).sentence(language) for language in ("vi", "en"))
    assert vi != en
    assert "{" not in vi + en
    assert "X" in vi
    assert "X" in en


def test_values_of_the_sender_are_clipped_in_a_sentence():
    assert len(only_fault(a_story(kind="x" * 5000)).sentence("vi")) < 400


def test_faults_can_be_compared_and_kept_in_sets():
    first, second = (only_fault(a_story(urgency=0)) for _ in range(2))
    assert first == second
    assert len({first, second}) == 1


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-12-06T06:00:00+07:00", datetime(2026, 12, 5, 23, tzinfo=UTC)),
        ("2026-12-06t06:00:00.5z", datetime(2026, 12, 6, 6, 0, 0, 500000, tzinfo=UTC)),
        ("2026-12-06T06:00:00-00:00", datetime(2026, 12, 6, 6, tzinfo=UTC)),
        ("2026-12-06T06:00:00", None),
        ("2026-12-06 06:00:00Z", None),
        ("2026-12-06T06:00Z", None),
        ("2026-12-06T24:00:00Z", None),
        ("2026-12-06T06:00:00+24:00", None),
        ("2026-12-31T23:59:60Z", None),
        ("0001-01-01T00:00:00+07:00", None),
        ("9999-12-31T23:59:59-07:00", None),
        ("２０26-12-06T06:00:00Z", None),
        ("2026-12-06T06:00:00Z\n", None),
        (7, None),
    ],
)
def test_an_instant_has_an_offset_and_exists(text, instant):
    assert find_instant(text) == instant
    assert (answered(a_story(embargo_until=text)) == []) is (instant is not None)


@pytest.mark.parametrize("text", ["2026-02-29", "20260228", "2026-W05-1", "0000-01-01", "2026-02-28T00:00:00Z", ""])
def test_a_day_is_written_in_full_and_exists(text):
    assert find_day(text) is None
    assert answered(a_story(occurred_from=text)) == [("/occurred_from", "format")]


@pytest.mark.parametrize(
    ("email", "is_good"),
    [
        ("ben.lau+tin@example.org", True),
        ("ai@localhost", False),
        ("A <a@example.org>", False),
        ("a@[127.0.0.1]", False),
        ("a@@example.org", False),
        ("a b@example.org", False),
        ("", False),
    ],
)
def test_an_email_address_is_one_that_mail_can_reach(email, is_good):
    document = a_story(spokesperson={"name": "A", "contact": {"email": email}})
    assert answered(document) == ([] if is_good else [("/spokesperson/contact/email", "format")])


@pytest.mark.parametrize(
    ("url", "codes"),
    [
        ("https://example.org/a.mp4", []),
        ("http://example.org:8080/a?b=c#d", []),
        ("HTTP://example.org/", ["pattern"]),
        ("javascript:alert(1)", ["pattern"]),
        ("file:///etc/passwd", ["pattern"]),
        ("https:///a.mp4", ["pattern"]),
        ("//example.org/a.mp4", ["format"]),
        ("https://example.org/đêm.mp4", ["format"]),
        ("https://example.org/a b.mp4", ["format"]),
    ],
)
def test_footage_has_a_full_web_address(url, codes):
    document = a_story(media=[{"kind": "footage", "url": url}])
    assert answered(document) == [("/media/0/url", code) for code in codes]


def test_a_lone_surrogate_is_a_fault_like_any_other():
    document = json.loads(
        json.dumps(a_story(urgency=0)).replace("xe buýt", "x").replace('"title": "', '"title": "\\ud83d')
    )
    document["\ud800"] = 1
    faults = schemas.check_story(document)
    assert [(fault.pointer, fault.code) for fault in faults] == [
        ("/title", "format"),
        ("/urgency", "minimum"),
        ("/\ufffd", "unknown_field"),
    ]
    for fault in faults:
        fault.pointer.encode()
        fault.sentence("vi").encode()
        fault.sentence("en").encode()


def nested(levels):
    value = "x"
    for _ in range(levels):
        value = {"a": value}
    return value


@pytest.mark.parametrize(
    "value",
    [nested(300), nested(50_000), float("nan"), float("inf"), 10**5000, -(10**400)],
    ids=["deep", "very deep", "NaN", "infinity", "5000 digits", "400 digits"],
)
def test_what_json_parsers_let_pass_does_no_harm(value):
    faults = schemas.check_story(a_story(urgency=value, metrics=[{"label": "a", "unit": "b", "value": value}]))
    assert {"/metrics/0/value", "/urgency"} <= {fault.pointer for fault in faults}
    for fault in faults:
        assert len(fault.sentence("vi")) < 300


@pytest.mark.parametrize("document", [None, True, 1, "x", [], [[]]])
def test_a_document_that_is_no_object_has_one_fault_at_the_root(document):
    assert answered(document) == [("", "type")]


def test_entries_beyond_the_most_are_counted_but_not_looked_into():
    (fault, *others) = schemas.check_story(a_story(media=["x"] * 100_000))
    assert (fault.pointer, fault.code, fault.facts["count"]) == ("/media", "too_many", 100_000)
    assert {other.code for other in others} == {"type"}
    assert len(others) == 20


def test_a_thousand_faults_end_the_search():
    assert len(schemas.check_story(a_story(**{f"k{number}": 1 for number in range(5000)}))) == 1000


def test_a_hostile_document_is_answered_quickly():
    hostile = a_story(
        topics=["a"] * 100_000,
        interview={"slots": [{"starts_at": "2026-01-01T00:00:00Z", "ends_at": "2026-01-01T00:00:00Z"}] * 20_000},
    )
    started = time.process_time()
    assert answered(hostile) != []
    assert time.process_time() - started < 1


def test_a_story_is_checked_well_below_a_millisecond():
    document = {**RICH, "deed": "Việc làm tốt. " * 140}
    assert len(json.dumps(document, ensure_ascii=False).encode()) > 6000
    schemas.check_story(document)

    def seconds():
        started = time.process_time()
        schemas.check_story(document)
        return time.process_time() - started

    assert min(seconds() for _ in range(50)) < 0.001


def test_checking_leaves_the_document_alone():
    document = a_story(media=[PICTURE] * 30, x="\ud800")
    before = repr(document)
    schemas.check_story(document)
    assert repr(document) == before


def test_an_unknown_schema_is_not_found():
    with pytest.raises(LookupError):
        schemas.check("story.v9", {})


def test_faults_come_in_the_order_of_the_document():
    faults = schemas.check_story(a_story(metrics=[{"label": 1, "value": 1, "unit": "x"}] * 12))
    places = [int(fault.pointer.split("/")[2]) for fault in faults]
    assert places == sorted(places)
    assert places[-1] == 11
