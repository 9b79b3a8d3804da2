"""What changed between two versions."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.intake.differences import Change, compare, word_changes

TEXTS = st.lists(st.sampled_from(["một", "hai", "ba", "\n", " ", ". "]), max_size=30).map("".join)
PLAIN = st.recursive(
    st.integers() | st.booleans() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
STORIES = st.dictionaries(st.text(max_size=3), PLAIN, max_size=4)


def test_equal_stories_differ_in_nothing():
    story = {"title": "a", "subject": {"name": "b"}, "topics": ["c"], "guests": [{"name": "d"}]}
    assert compare(story, dict(story)) == []


@pytest.mark.parametrize(
    ("old", "new", "path", "before", "after"),
    [
        ({"title": "a"}, {"title": "b"}, "/title", "a", "b"),
        ({}, {"movement": "m"}, "/movement", None, "m"),
        ({"movement": "m"}, {}, "/movement", "m", None),
        ({"subject": {"name": "a", "role": "r"}}, {"subject": {"name": "b", "role": "r"}}, "/subject/name", "a", "b"),
        ({"topics": ["a"]}, {"topics": ["a", "b"]}, "/topics", ["a"], ["a", "b"]),
        ({"guests": [{"n": 1}, {"n": 2}]}, {"guests": [{"n": 1}, {"n": 3}]}, "/guests/1/n", 2, 3),
        ({"guests": [{"n": 1}]}, {"guests": [{"n": 0}, {"n": 1}]}, "/guests/0", None, {"n": 0}),
        ({"guests": [{"n": 0}, {"n": 1}]}, {"guests": [{"n": 1}]}, "/guests/0", {"n": 0}, None),
        ({"a/b": {"~": 1}}, {"a/b": {"~": 2}}, "/a~1b/~0", 1, 2),
        ({"minor": True}, {"minor": 1}, "/minor", True, 1),
    ],
)
def test_a_change_has_its_path_before_and_after(old, new, path, before, after):
    assert compare(old, new) == [Change(path=path, before=before, after=after)]


def test_the_body_is_compared_by_what_one_sees():
    old = {"body": {"html": "<p>Ông Khơi nói một câu.</p><p>Hai &amp; ba</p>"}}
    new = {"body": {"html": "<p>Ông <b>Khơi</b> nói vài câu.</p><p>Hai &amp; ba</p>"}}
    (change,) = compare(old, new)
    assert change.path == "/body/html"
    assert change.words == (
        ("equal", "Ông Khơi nói "), ("delete", "một "), ("insert", "vài "), ("equal", "câu.\nHai & ba")
    )  # fmt: skip


def test_new_markup_alone_leaves_the_words_equal():
    (change,) = compare({"body": {"html": "<p>Một</p>"}}, {"body": {"html": "<p><em>Một</em></p>"}})
    assert change.words == (("equal", "Một"),)


def test_markdown_is_compared_as_it_stands():
    (change,) = compare({"body": {"markdown": "a <b>"}}, {"body": {"markdown": "a <i>"}})
    assert change.words == (("equal", "a "), ("delete", "<b>"), ("insert", "<i>"))


def test_long_texts_are_compared_word_by_word():
    (change,) = compare({"method": "từ " * 40 + "cũ"}, {"method": "từ " * 40 + "mới"})
    assert change.words == (("equal", "từ " * 40), ("delete", "cũ"), ("insert", "mới"))


@given(TEXTS, TEXTS)
def test_the_words_give_both_texts_back(before, after):
    changes = word_changes(before, after)
    assert "".join(text for op, text in changes if op != "insert") == before
    assert "".join(text for op, text in changes if op != "delete") == after
    assert all(text for _, text in changes)


@given(STORIES, STORIES)
def test_any_two_stories_can_be_compared(old, new):
    assert compare(old, old) == []
    assert old == new or compare(old, new)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x y " * 64_000, "x z " * 64_000),
        ("a\nb\n" * 64_000, "a\nc\n" * 64_000),
        ("\n" * 256_000, "a\n" * 128_000),
        (" ".join(map(str, range(40_000))), " ".join(map(str, reversed(range(40_000))))),
    ],
)
def test_the_longest_texts_are_compared_in_time(before, after):
    start = time.process_time()
    word_changes(before, after)
    assert time.process_time() - start < 10  # a fifth of a second here; difflib alone takes hours
