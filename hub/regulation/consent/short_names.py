"""Does a text call somebody by a word of kinship or a title and the given name, as Vietnamese texts do? Pure.

“Bà Ngân” names Kiều Thị Ngân to whoever knows her. The given name is the last syllable; other syllables of the name may
stand before it (“bà Thị Ngân”), and a capital that follows makes it part of another name (“bà Ngân Hà”). Tone marks
count, wherever they are placed (hòa, hoà): “bà Ngàn” is somebody else. Without such a word a syllable is an ordinary
word too often: “biển” is the sea.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache

from feeds.text import words

CALLED = (  # the words that stand directly before the given name, whichever case they are in
    # kinship, which is how people speak of each other
    *("ông", "bà", "anh", "chị", "em", "cô", "chú", "bác", "dì", "cậu", "mợ", "thím", "dượng", "cụ", "cố", "cháu"),
    *("bé", "em bé", "bạn", "con", "con trai", "con gái", "con dâu", "con rể", "bố", "cha", "ba", "tía", "mẹ", "má"),
    *("u", "bầm", "mệ", "o", "mế", "lão", "vợ", "chồng", "vợ chồng", "nàng", "chàng", "tên", "tên là", "tên gọi"),
    # those who teach, heal, make
    *("thầy", "thầy giáo", "cô giáo", "nhà giáo", "giáo viên", "giáo sư", "phó giáo sư", "tiến sĩ", "thạc sĩ"),
    *("bác sĩ", "y sĩ", "y tá", "dược sĩ", "điều dưỡng", "hộ sinh", "lương y", "kỹ sư", "kĩ sư", "luật sư"),
    *("nghệ nhân", "nghệ sĩ", "nhạc sĩ", "nhà văn", "nhà báo", "nhà thơ", "công nhân", "nông dân", "ngư dân"),
    *("học sinh", "sinh viên", "vận động viên", "huấn luyện viên", "thuyền trưởng", "tài xế", "thợ máy"),
    # office and public life
    *("đồng chí", "đ/c", "bí thư", "phó bí thư", "chủ tịch", "phó chủ tịch", "giám đốc", "phó giám đốc"),
    *("trưởng thôn", "trưởng bản", "trưởng ấp", "trưởng xóm", "tổ trưởng", "trưởng phòng", "hiệu trưởng"),
    *("già làng", "cán bộ", "đại biểu", "cựu chiến binh", "thương binh", "liệt sĩ", "anh hùng", "người mẹ"),
    # ranks
    *("chiến sĩ", "binh nhất", "binh nhì", "hạ sĩ", "trung sĩ", "thượng sĩ", "thiếu úy", "trung úy", "thượng úy"),
    *("đại úy", "thiếu tá", "trung tá", "thượng tá", "đại tá", "thiếu tướng", "trung tướng", "thượng tướng"),
    *("đại tướng", "đội trưởng", "tiểu đội trưởng", "trung đội trưởng", "đại đội trưởng", "chính trị viên"),
    # of religions
    *("sư", "sư cô", "sư thầy", "ni sư", "ni cô", "thượng tọa", "hòa thượng", "đại đức", "linh mục", "mục sư", "sơ"),
)
TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")  # grave, acute, tilde, hook above, dot below
VOWELS = frozenset("aăâeêioôơuưy")
LONGEST = 3  # words of the longest of them
REACH = 40  # characters before a name in which they stand
_FOLLOWING = re.compile(r"\s+(\w)")


def calls(text: str, name: str, others: Collection[str] = ()) -> bool:
    """Does `text` (NFC) call the person of this full `name` so? Not where it may mean one of the `others`, by name."""
    syllables = _syllables(name)
    if len(syllables) < 2:
        return False  # one syllable is the full name, which is looked for anyhow
    meant = [_keys(_syllables(other)) for other in others]
    return any(not any(_may_be(called, other) for other in meant) for called in _list_called(text, tuple(syllables)))


def _list_called(text: str, syllables: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """By which syllables of the name the text calls somebody, each time."""
    for found in _pattern(syllables).finditer(text):
        following = _FOLLOWING.match(text, found.end())
        goes_on = following is not None and following[1].isupper() and not found[0].isupper()
        if not goes_on and _ends_with_a_word(text[max(0, found.start() - REACH) : found.start()]):
            yield _keys(words(found[0]))


def _ends_with_a_word(text: str) -> bool:
    """Is one of CALLED the last that stands in front of a name?"""
    if not text[-1:].isspace():
        return False
    last = text.split()[-LONGEST:]
    return any(_word(" ".join(last[-count:])) in _CALLED_KEYS for count in range(1, len(last) + 1))


def _word(text: str) -> tuple[str, ...]:
    opened = text.lstrip("“”\"'‘’«([{<–—-…*_")  # a sentence or a quotation may begin with it
    return tuple("".join(_split(each)) for each in opened.split(" "))


def _may_be(called: tuple[str, ...], other: tuple[str, ...]) -> bool:
    return bool(other) and called[-1] == other[-1] and set(called) <= set(other)


@lru_cache(maxsize=1024)
def _pattern(syllables: tuple[str, ...]) -> re.Pattern[str]:
    """The given name, with any of the syllables that stand before it in the name."""
    *before, given = (_any_placement(syllable) for syllable in syllables)
    return re.compile(rf"(?<!\w)(?:(?:{'|'.join(before)})\s+){{0,{len(before)}}}{given}(?!\w)")


def _any_placement(syllable: str) -> str:
    """A syllable as it begins a name, or all in capitals, wherever its tone mark stands."""
    forms = {form[:1].upper() + form[1:] for form in _placements(syllable)}
    return f"(?:{'|'.join(sorted(map(re.escape, forms | {form.upper() for form in forms})))})"


def _placements(syllable: str) -> set[str]:
    """The lower-case forms of a syllable with its tone mark on each of its vowels."""
    plain, tone = _split(syllable)
    places = [place for place, letter in enumerate(plain) if letter in VOWELS]
    forms = {unicodedata.normalize("NFC", plain[: place + 1] + tone + plain[place + 1 :]) for place in places}
    return forms or {plain}


def _split(syllable: str) -> tuple[str, str]:
    """A syllable in lower case without its tone mark, and the mark."""
    letters = unicodedata.normalize("NFD", syllable.lower())
    plain = "".join(letter for letter in letters if letter not in TONES)
    return unicodedata.normalize("NFC", plain), "".join(letter for letter in letters if letter in TONES)[:1]


def _syllables(name: str) -> list[str]:
    """Of a name without what stands in brackets or after a comma."""
    return words(unicodedata.normalize("NFC", re.split(r"[(,;]", name, maxsplit=1)[0]))


def _keys(syllables: Sequence[str]) -> tuple[str, ...]:
    return tuple("".join(_split(syllable)) for syllable in syllables)


_CALLED_KEYS = frozenset(_word(each) for each in CALLED)
