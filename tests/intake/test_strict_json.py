"""JSON with one meaning."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.intake.strict_json import MAX_INTEGER, BadJson, parse

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-MAX_INTEGER, MAX_INTEGER)
    | st.floats(-1e15, 1e15)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=20,
)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"a": "\xff"}', "not_utf8"),
        ('{"a": "đ"}'.encode("utf-16"), "not_utf8"),
        (b'"\xed\xa0\x80"', "not_utf8"),
        (b"", "not_json"),
        (b"{", "not_json"),
        (b'{"a": 1,}', "not_json"),
        (b"[1] [2]", "not_json"),
        (b"'a'", "not_json"),
        (b'"a\nb"', "not_json"),
        (b"01", "not_json"),
        (b"// x\n1", "not_json"),
        (b"\xef\xbb\xbf\xef\xbb\xbf1", "not_json"),
        (b'{"a": 1, "a": 1}', "duplicate_key"),
        (b'{"a": 1, "\\u0061": 2}', "duplicate_key"),
        (b'[{"x": {"b": 1, "c": 2, "b": 3}}]', "duplicate_key"),
        (b"NaN", "not_a_number"),
        (b"[Infinity]", "not_a_number"),
        (b'{"a": -Infinity}', "not_a_number"),
        (b"9007199254740992", "number_too_large"),
        (b"-9007199254740992", "number_too_large"),
        (b"1e400", "number_too_large"),
        (b"-1e16", "number_too_large"),
        (b"9" * 5000, "number_too_large"),
        (b"0." + b"9" * 5000, "number_too_large"),
        (b'"\\ud800"', "lone_surrogate"),
        (b'{"\\udc00": 1}', "lone_surrogate"),
        (b'["\\ude00\\ud83d"]', "lone_surrogate"),
        (b"[" * 33 + b"]" * 33, "too_deep"),
        (b'{"a":' * 33 + b"1" + b"}" * 33, "too_deep"),
        (b"[" * 500_000, "too_deep"),
        (b" " * (1024 * 1024 + 1), "too_large"),
    ],
)
def test_it_is_refused_with_its_reason(body, code):
    with pytest.raises(BadJson) as refused:
        parse(body)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'{"a": [1, -2.5, true, null, "\\u0111"]}', {"a": [1, -2.5, True, None, "đ"]}),
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        (b'"\\ud83d\\ude00"', "😀"),
        (b"9007199254740991", MAX_INTEGER),
        (b"[" * 32 + b"]" * 32, json.loads("[" * 32 + "]" * 32)),
        (b'"' + b"[" * 100 + b'"', "[" * 100),
        (b'"a\\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["', 'a"' + "[" * 36),
    ],
)
def test_it_is_taken(body, value):
    assert parse(body) == value


def test_a_refusal_says_where():
    with pytest.raises(BadJson) as refused:
        parse(b'{"a": 1, "b": 2, "a": 3}')
    assert refused.value.facts == {"code": "duplicate_key", "key": "a"}
    with pytest.raises(BadJson) as refused:
        parse(b"[1, x]")
    assert refused.value.facts["offset"] == 4


def test_limits_are_the_callers_to_set():
    with pytest.raises(BadJson, match="too_large"):
        parse(b"[1, 2]", max_bytes=5)
    with pytest.raises(BadJson, match="too_deep"):
        parse(b"[[1]]", max_depth=1)


@given(VALUES)
def test_ordinary_json_reads_as_elsewhere(value):
    assert parse(json.dumps(value).encode()) == value
    assert parse(json.dumps(value, ensure_ascii=False).encode()) == value


@given(st.binary(max_size=60) | st.text(st.sampled_from('[]{}":,\\u1eNaInf tr-.0'), max_size=60).map(str.encode))
def test_any_bytes_are_read_or_refused(body):
    try:
        value = parse(body)
    except BadJson:
        return
    assert value == json.loads(body)
