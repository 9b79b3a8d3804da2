"""Hygiene and folding of plain text."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.text import (
    FORBIDDEN_RANGES,
    SafeHtml,
    clean_text,
    count_forbidden,
    drop_leading_marks,
    fold,
    has_forbidden,
    narrow_markup,
    shingles,
    words,
)

ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()), max_size=60)
NASTY = "\u0000\u0001\u0085\u200b\u202e\u2066\ufeff\ufffc\ufffe\U000e0041\ud800\r\n\t\u2028e\u0301\u0323\u0338=>đờ"
NASTY_TEXT = st.text(st.sampled_from(NASTY), max_size=20)


@pytest.mark.parametrize(
    "hidden",
    [
        "\x00", "\x01", "\x1f", "\x7f", "\x80", "\x9f", "\u00ad", "\u061c", "\u200b", "\u200c", "\u200d", "\u200e",
        "\u200f", "\u202a", "\u202e", "\u2060", "\u2066", "\u2069", "\ufdd0", "\ufeff", "\ufffc", "\ufffe", "\uffff",
        "\U0001fffe", "\U0010ffff", "\U000e0001", "\U000e0041", "\ud800",
    ],
)  # fmt: skip
@pytest.mark.parametrize("multiline", [False, True])
def test_what_nobody_can_see_goes(hidden, multiline):
    assert clean_text(f"a{hidden}b", multiline=multiline) == "ab"
    assert has_forbidden(f"a{hidden}b")
    assert count_forbidden(f"a{hidden}b{hidden}") == 2


@pytest.mark.parametrize("kept", ["đường", "5 ≠ 6", "“trích”", "a\u00a0b", "👍\ufe0f", "ꪀ", "한", "\ufffd", "½"])
def test_what_one_can_see_stays(kept):
    assert clean_text(kept) == kept
    assert not has_forbidden(kept)


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r", "\v", "\f", "\x85", "\u2028", "\u2029"])
def test_a_line_end_is_a_line_feed_in_several_lines_and_a_space_in_one(line_end):
    assert clean_text(f"một{line_end}hai", multiline=True) == "một\nhai"
    assert clean_text(f"một{line_end}\thai") == "một hai"


def test_tabs_stay_where_lines_may():
    assert clean_text("a\tb", multiline=True) == "a\tb"
    assert clean_text("a\tb") == "a b"


def test_decomposed_vietnamese_is_composed():
    text = "Người thợ máy giữ lửa ở bến Đá Lau"
    assert clean_text(unicodedata.normalize("NFD", text)) == text


def test_marks_join_what_a_hidden_character_kept_apart():
    assert clean_text("e\u200b\u0301") == "é"


def test_quick_answers_agree_with_the_table_for_every_character():
    ranges = [range(first, last + 1) for first, last, _ in FORBIDDEN_RANGES]
    forbidden = {code for numbers in ranges for code in numbers}
    assert [hex(code) for code in range(0x110000) if has_forbidden(chr(code)) != (code in forbidden)] == []


@given(st.one_of(ANY_TEXT, NASTY_TEXT), st.booleans())
def test_cleaning_twice_changes_nothing_and_leaves_composed_text(text, multiline):
    once = clean_text(text, multiline=multiline)
    assert clean_text(once, multiline=multiline) == once
    assert unicodedata.is_normalized("NFC", once)
    assert not has_forbidden(once)
    assert multiline or not {"\n", "\t"} & set(once)


@given(st.text(st.sampled_from("e\u0301\u0323\u0338\u0344\u0300\u093f ệ"), min_size=30, max_size=200))
def test_long_runs_of_marks_are_composed_as_unicode_says(text):
    assert clean_text(text) == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Đường", "duong"), ("đ", "d"), ("ƯỚC NGUYỆN", "uoc nguyen"), ("hòa", "hoa"), ("hoà", "hoa"), ("Thuỷ", "thuy"),
        ("Thủy", "thuy"), ("ﬁ Ⅳ", "fi iv"), ("Straße", "strasse"), ("İ", "i"), ("plain", "plain"), ("2026", "2026"),
    ],
)  # fmt: skip
def test_search_sees_letters_without_case_marks_and_bar(text, folded):
    assert fold(text) == folded
    assert fold(unicodedata.normalize("NFD", text)) == folded


@given(ANY_TEXT)
def test_folding_twice_changes_nothing(text):
    assert fold(fold(text)) == fold(text)


def test_words_are_runs_of_letters_and_digits():
    assert words("Bốn giờ, 12 – “bến”!") == ["Bốn", "giờ", "12", "bến"]


@pytest.mark.parametrize(
    ("text", "size", "found"),
    [
        ("Bốn giờ sáng, bến", 3, {"bon gio sang", "gio sang ben"}),
        ("BỐN GIỜ – sáng (bến)", 3, {"bon gio sang", "gio sang ben"}),
        ("đi đi đi đi", 2, {"di di"}),
        ("bốn giờ", 3, {"bon gio"}),
        ("bốn giờ sáng", 3, {"bon gio sang"}),
        (" … ", 3, set()),
        ("", 1, set()),
    ],
)
def test_shingles_are_runs_of_folded_syllables(text, size, found):
    assert shingles(text, size) == found
    assert shingles(unicodedata.normalize("NFD", text), size) == found


def test_a_run_loses_the_marks_it_begins_with():
    assert drop_leading_marks("\u0338\u0301x\u0301") == "x\u0301"
    assert drop_leading_marks("\n\u0338\nx", also="\n") == "x"


def test_wide_markup_becomes_markup_that_escaping_reaches():
    wide = "".join(chr(c) for c in range(0x80, 0x110000) if set(unicodedata.normalize("NFKC", chr(c))) & set("<>&\"'"))
    assert narrow_markup(wide) == unicodedata.normalize("NFKC", wide)


def test_safe_html_tells_templates_and_loses_its_mark_when_changed():
    html = SafeHtml("<p>x</p>")
    assert html.__html__() == "<p>x</p>"
    assert not hasattr(html + "<script>", "__html__")
    assert not hasattr(f"{html}", "__html__")
