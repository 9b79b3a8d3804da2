"""What people type into a search box finds what they mean, in whatever way they write Vietnamese."""

from __future__ import annotations

import unicodedata

import pytest

from feeds import query
from feeds.query import Piece, Term

NAME = "Đặng Thị Thúy Hòa"


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("hoa", "Hòa Bình"),
        ("hoà", "hòa"),
        ("hòa", "hoà"),
        ("thuý", "Thúy"),
        ("dang", "Đặng"),
        ("Đặng", "dang"),
        ("ĐẶNG", "đặng"),
        (unicodedata.normalize("NFD", "Đặng Thuý"), NAME),
        ("đặng thúy", unicodedata.normalize("NFD", NAME)),
        ("thuy hoa", NAME),
        ("hoa dang", NAME),
        ("ngh", "nghề cá"),
        ('"nghề cá"', "Nghề  Cá, biển"),
        ("404-TB/VPTU", "Thông báo số 404-TB/VPTU năm 2014"),
        ("nghề -rừng", "nghề cá"),
        ('nghề -"cá biển"', "nghề biển cá"),
        ('"chưa đóng', "chưa đóng ngoặc"),
        ("a_b", "a b"),
    ],
)
def test_a_query_finds_a_text(typed: str, text: str) -> None:
    assert query.answers(query.parse(typed), text)


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("hoa binh", "Hòa"),
        ('"ca nghề"', "nghề cá"),
        ("nghề -cá", "nghề cá"),
        ('"ngh"', "nghề"),
        ("ngh cá", "nghề cá"),  # only the last word may go on
        ("ca", "cao"),  # two letters are a word, not a beginning
        ("404-TB", "TB 404"),
    ],
)
def test_a_query_leaves_a_text_out(typed: str, text: str) -> None:
    assert not query.answers(query.parse(typed), text)


@pytest.mark.parametrize("typed", ["", "   ", "-", '""', "!?…", "-cá", '-"cá biển"', "\u200b\u202e"])
def test_what_names_no_word_to_find_asks_for_nothing(typed: str) -> None:
    assert not query.parse(typed)


def test_words_may_answer_from_different_texts_but_a_phrase_stands_in_one() -> None:
    assert query.answers(query.parse("hòa nghề"), NAME, "nghề cá")
    assert not query.answers(query.parse('"hòa nghề"'), NAME, "nghề cá")


def test_a_query_is_read_into_terms() -> None:
    found = query.parse('  Hoà\t"nghề cá"  -rừng biể ')
    assert found.typed == 'Hoà "nghề cá" -rừng biể'
    assert found.terms == (
        Term(("hoa",), ("hoa2",)),
        Term(("nghe", "ca"), ("nghe62", "ca1")),
        Term(("bie",), ("bie63",), prefix=True),
    )
    assert found.without == (Term(("rung",)),)


def test_who_types_no_marks_means_any() -> None:
    assert query.parse("hoa").terms == (Term(("hoa",), (), prefix=True),)


def test_what_is_typed_has_bounds() -> None:
    assert len(query.parse("từ " * 500).terms) == query.MAX_TERMS
    assert len(query.parse("x" * 5000).typed) == query.MAX_TYPED


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("hòa", "hoa2"),
        ("hoà", "hoa2"),
        ("Thuý", "thuy1"),
        ("Thúy", "thuy1"),
        ("ĐẶNG", "d9a8ng5"),
        ("tiếng", "tie6ng1"),
        ("tiéng", "tieng1"),
        ("Hưởng", "hu7o7ng3"),
        ("nghĩa", "nghia4"),
        ("lan", "lan"),
        ("năm", "na8m"),
    ],
)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_word_is_told_with_its_marks_wherever_its_tone_stands(word: str, told: str, form: str) -> None:
    assert query.mark(unicodedata.normalize(form, word)) == told  # type: ignore[arg-type]


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_an_index_keeps_words_alone(form: str) -> None:
    text = unicodedata.normalize(form, "Nghề cá—biển_xa: “Đặng”!")  # type: ignore[arg-type]
    assert query.folded_words(text) == "nghe ca bien xa dang"
    assert query.marked_words(text) == "nghe62 ca1 bie6n3 xa d9a8ng5"
    assert query.folded_words("z" * 3000) == "z" * query.MAX_WORD


def test_hits_are_marked_in_the_text_as_it_stands() -> None:
    text = "Bà Đặng Thị Hoà, nghề cá <b>"
    found = query.pieces(query.parse('dang hòa "nghe ca"'), text)
    assert [piece.text for piece in found if piece.hit] == ["Đặng", "Hoà", "nghề cá"]
    assert "".join(piece.text for piece in found) == text


def test_a_cut_shows_where_most_terms_stand_together() -> None:
    text = "biển " + "xa " * 200 + "biển và nghề lưới " + "rồi " * 200
    found = query.cut(query.parse("biển lưới"), text, length=120)
    assert [piece.text for piece in found if piece.hit] == ["biển", "lưới"]
    assert found[0] == Piece("… ")
    assert found[-1].text.endswith("…")
    assert len("".join(piece.text for piece in found)) <= 130


def test_a_cut_without_a_hit_is_the_beginning() -> None:
    assert query.cut(query.parse("không"), "Một câu ngắn.") == (Piece("Một câu ngắn."),)
    assert query.cut(query.parse("không"), "") == ()
    long = "".join(piece.text for piece in query.cut(query.parse("x y"), "từ " * 200, length=50))
    assert long.endswith(" …")
    assert len(long) < 55
