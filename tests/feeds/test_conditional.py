from datetime import UTC, datetime, timedelta

import pytest

from feeds import conditional
from feeds.dates import http_date

NOON = datetime(2026, 10, 14, 5, 0, 0, 250_000, tzinfo=UTC)
SECOND = timedelta(seconds=1)
TAG = '"abc"'


@pytest.mark.parametrize(
    ("header", "same"),
    [
        ('"abc"', True),
        ('W/"abc"', True),
        ('"x", W/"abc"', True),
        ('"x","abc" ', True),
        (', "abc",', True),
        ("*", True),
        (" * ", True),
        ('"ab"', False),
        ('"a,b", "c"', False),
        ("abc", False),
        ("", False),
        ('"abc', False),
        ('"x" "abc"', False),
        ('"abc-gzip"', False),
    ],
)
def test_if_none_match_is_a_list_compared_weakly(header, same):
    assert conditional.matches_weakly(header, TAG) is same


@pytest.mark.parametrize(("header", "same"), [('"abc"', True), ('W/"abc"', False), ("*", True), ('"x"', False)])
def test_if_match_is_compared_strongly(header, same):
    assert conditional.matches_strongly(header, TAG) is same


def test_a_comma_within_a_tag_is_its_own():
    assert conditional.parse_etags('"a,b", W/"c"') == ('"a,b"', 'W/"c"')


def test_each_coding_has_a_strong_tag_of_its_own():
    tags = {conditional.strong_etag(b"feed", coding=coding) for coding in ("identity", "gzip", "br", "zstd")}
    assert len(tags) == 4
    assert not any(tag.startswith("W/") for tag in tags)
    assert conditional.strong_etag(b"feed") == conditional.strong_etag(b"feed", coding="identity")
    assert conditional.strong_etag(b"feed") != conditional.strong_etag(b"feed!")


def decide(**headers) -> bool:
    facts = {"etag": TAG, "last_modified": NOON, "rendered_at": NOON + 10 * SECOND}
    return conditional.is_not_modified(**{**facts, **headers})


def test_if_none_match_wins_over_if_modified_since():
    assert decide(if_none_match='"abc"', if_modified_since=http_date(NOON - 60 * SECOND)) is True
    assert decide(if_none_match='"x"', if_modified_since=http_date(NOON + 60 * SECOND)) is False
    assert decide(if_none_match="nonsense", if_modified_since=http_date(NOON + 60 * SECOND)) is False


@pytest.mark.parametrize(
    ("since", "unmodified"),
    [
        (http_date(NOON), True),
        (http_date(NOON + SECOND), True),
        (http_date(NOON - SECOND), False),
        ("Wednesday, 14-Oct-26 05:00:00 GMT", True),
        ("sometime", False),
        ("", False),
    ],
)
def test_if_modified_since_counts_in_seconds(since, unmodified):
    assert decide(if_modified_since=since) is unmodified


@pytest.mark.parametrize(
    ("rendered_at", "trusted"),
    [
        (NOON, False),
        (NOON + timedelta(milliseconds=700), False),
        (NOON + timedelta(milliseconds=750), True),
        (NOON + SECOND, True),
        (NOON - 5 * SECOND, False),
    ],
)
def test_a_date_is_trusted_only_when_it_lies_before_the_second_of_rendering(rendered_at, trusted):
    assert decide(if_modified_since=http_date(NOON), rendered_at=rendered_at) is trusted


def test_without_headers_or_without_a_date_there_is_no_304():
    assert decide() is False
    assert decide(if_modified_since=http_date(NOON), last_modified=None) is False
