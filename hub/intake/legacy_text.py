"""Vietnamese of the time before Unicode: TCVN3 (ABC) and VNI-Windows, recognised and brought to Unicode. Pure.

Both put Vietnamese letters where Windows-1252 has other signs, and leave it to a font to draw them: without that font
“Việt Nam” reads “ViÖt Nam” (TCVN3) or “Vieät Nam” (VNI). TCVN3 has one byte for each small letter and for seven
capitals; the others are small letters in a capitals font, whose name ends in H (`.VnTimeH`). VNI writes a base letter
and then a sign for circumflex, breve and tone.

Nothing is converted silently: `preview` shows what `convert` would do, and somebody chooses.
Source: TCVN 5712:1993 (VN3); the VNI-Windows table of the fonts of that name.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import islice

SAMPLES = 5
SAMPLE_LENGTH = 160  # characters
LOOKED_AT = 200_000  # characters of a text; what it is shows long before that
WORDS_AT_LEAST = 3  # different ones that Unicode Vietnamese cannot hold; fewer may be signs such as µm and ®
SHARE_AT_LEAST = 0.75  # of the words with other than ASCII letters: Vietnamese, once they are converted
STRANGE_AT_LEAST = 0.3  # of them: no Vietnamese as they stand


class Encoding(StrEnum):
    """How a text is written."""

    TCVN3 = "tcvn3"
    TCVN3_CAPITALS = "tcvn3-capitals"  # in a font that draws capitals for small letters
    VNI = "vni"


@dataclass(frozen=True, slots=True)
class Guess:
    """What a text seems to be written in; `confidence` from 0 to 1, `by` letters or font."""

    encoding: Encoding
    confidence: float
    by: str


@dataclass(frozen=True, slots=True)
class Sample:
    """A piece of the text as it came, and as it would read."""

    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What a conversion would do, for a person to look at before it is chosen."""

    guess: Guess
    samples: tuple[Sample, ...]


LOWER = "àảãáạăằẳẵắặâầẩẫấậđèẻẽéẹêềểễếệìỉĩíịòỏõóọôồổỗốộơờởỡớợùủũúụưừửữứựỳỷỹýỵ"
TCVN3 = (
    "\xb5\xb6\xb7\xb8\xb9" "\xa8\xbb\xbc\xbd\xbe\xc6" "\xa9\xc7\xc8\xc9\xca\xcb" "\xae"  # a, ă, â, đ
    "\xcc\xce\xcf\xd0\xd1" "\xaa\xd2\xd3\xd4\xd5\xd6" "\xd7\xd8\xdc\xdd\xde"  # e, ê, i
    "\xdf\xe1\xe2\xe3\xe4" "\xab\xe5\xe6\xe7\xe8\xe9" "\xac\xea\xeb\xec\xed\xee"  # o, ô, ơ
    "\xef\xf1\xf2\xf3\xf4" "\xad\xf5\xf6\xf7\xf8\xf9" "\xfa\xfb\xfc\xfd\xfe"  # u, ư, y
)  # fmt: skip
TCVN3_OF_CAPITALS = dict(zip("\xa1\xa2\xa3\xa4\xa5\xa6\xa7", "ĂÂÊÔƠƯĐ", strict=True))
TCVN3_TONES = dict(zip("\xb0\xb1\xb2\xb3\xb4", "\u0300\u0309\u0303\u0301\u0323", strict=True))  # after a capital vowel
FROM_TCVN3 = {**dict(zip(TCVN3, LOWER, strict=True)), **TCVN3_OF_CAPITALS}

# VNI: the sign after a base letter says circumflex or breve, and the tone: grave, hook, tilde, acute, dot below.
TONES = ("\u0300", "\u0309", "\u0303", "\u0301", "\u0323")
CIRCUMFLEX, BREVE = "\u0302", "\u0306"
VNI_PLAIN = dict(zip("øûõùï", TONES, strict=True))
VNI_CIRCUMFLEX = {"â": CIRCUMFLEX, **{sign: CIRCUMFLEX + tone for sign, tone in zip("àåãáä", TONES, strict=True)}}
VNI_BREVE = {"ê": BREVE, **{sign: BREVE + tone for sign, tone in zip("èúüéë", TONES, strict=True)}}
VNI_SIGNS = {
    "a": VNI_PLAIN | VNI_CIRCUMFLEX | VNI_BREVE,
    "e": VNI_PLAIN | VNI_CIRCUMFLEX,
    "o": VNI_PLAIN | VNI_CIRCUMFLEX,
    "u": VNI_PLAIN,
    "y": VNI_PLAIN,
    "ô": VNI_PLAIN,
    "ö": VNI_PLAIN,
}
VNI_SINGLE = dict(zip("ñìæóíòôöî", "đìỉĩíịơưỵ", strict=True))
VNI_SMALL = VNI_SINGLE | {
    base + sign: unicodedata.normalize("NFC", VNI_SINGLE.get(base, base) + marks)
    for base, signs in VNI_SIGNS.items()
    for sign, marks in signs.items()
}
FROM_VNI = VNI_SMALL | {written[:1].upper() + written[1:]: letter.upper() for written, letter in VNI_SMALL.items()}

TCVN3_FONT = re.compile(r"\.vn[a-z0-9]", re.IGNORECASE)
VNI_FONT = re.compile(r"vni[- _](?!internet)", re.IGNORECASE)  # VNI Internet Mail is another table
OF_SYMBOL_FONTS = range(0xF000, 0xF100)  # where Word keeps the bytes of a font that it takes for a symbol font

UNICODE_ONLY = re.compile("[\u0102\u0103\u0110\u0111\u0128\u0129\u0168\u0169\u01a0\u01a1\u01af\u01b0\u1ea0-\u1ef9]")
WORD = re.compile(r"[^\W\d_]+(?:[\u0300-\u036f]+[^\W\d_]*)*")
LEGACY_WORD = re.compile(r"[A-Za-z\xa1-\xff]+")
_PIECE = re.compile(r"\S+")
_VNI_LETTER = re.compile("([aeouyôö])([øûõùïâàåãáäêèúüéë])|[ñìæóíòôöî]", re.IGNORECASE)
_TONED_CAPITAL = re.compile("([AEIOUYĂÂÊÔƠƯ])([\xb0-\xb4])")


def convert(text: str, encoding: Encoding | str) -> str:
    """`text`, whose letters are those of `encoding`, in Unicode (NFC); what is no letter there stays as it is."""
    text = _without_symbol_codes(text)
    encoding = Encoding(encoding)
    if encoding is Encoding.VNI:
        return unicodedata.normalize("NFC", _from_vni(text))
    text = "".join(FROM_TCVN3.get(letter, letter) for letter in text)
    text = _TONED_CAPITAL.sub(lambda found: found[1] + TCVN3_TONES[found[2]], text)
    text = unicodedata.normalize("NFC", text)
    return text.upper() if encoding is Encoding.TCVN3_CAPITALS else text


def convert_mixed(text: str, encoding: Encoding | str) -> str:
    """As `convert`, for a text into which words were typed in Unicode later: these stay as they are."""
    return _PIECE.sub(lambda found: found[0] if _is_unicode(found[0]) else convert(found[0], encoding), text)


def is_mostly_legacy(text: str, encoding: Encoding | str) -> bool:
    """Is a text of that encoding's font still in it, though some of its letters are Unicode's alone?

    One capital that was mended by hand makes no Unicode of a paragraph whose other words are none.
    """
    mended, typed = set(), set()
    for word in _written_words(_without_symbol_codes(text)):
        after = convert_mixed(word, encoding)
        if not is_vietnamese(word) and is_vietnamese(after):
            mended.add(word)
        elif not word.isascii() and is_vietnamese(word) and not (after != word and is_vietnamese(after)):
            typed.add(word)
    return bool(mended) and len(mended) >= len(typed)


def encoding_of_font(name: str) -> Encoding | None:
    """The encoding that a font of this name draws; None for a font of Unicode."""
    name = name.strip()
    if TCVN3_FONT.match(name):
        return Encoding.TCVN3_CAPITALS if name.lower().endswith("h") else Encoding.TCVN3
    return Encoding.VNI if VNI_FONT.match(name) else None


def recognise(text: str, fonts: Collection[str] = ()) -> Guess | None:
    """What legacy encoding `text` is written in, by the fonts it is set in or by its letters; None for Unicode.

    A font alone does not decide: text with letters that only Unicode has was typed in Unicode, whatever its font.
    """
    text = _without_symbol_codes(text[:LOOKED_AT])
    by_font = {found for font in fonts if (found := encoding_of_font(font))}
    if by_font and not UNICODE_ONLY.search(text):
        found = Encoding.TCVN3 if len(by_font) > 1 and Encoding.VNI not in by_font else min(by_font)
        if convert(text, found) != unicodedata.normalize("NFC", text):
            return Guess(found, 0.95, "font")
    return _by_letters(text)


def preview(text: str, fonts: Collection[str] = ()) -> Preview | None:
    """What converting `text` would do, with lines before and after; None when it is in Unicode."""
    guess = recognise(text, fonts)
    if guess is None:
        return None
    return Preview(guess, samples(text.splitlines(), guess.encoding))


def samples(
    lines: Iterable[str], encoding: Encoding, *, by: Callable[[str, Encoding], str] = convert
) -> tuple[Sample, ...]:
    """The first lines that the conversion changes, before and after."""
    pairs = ((line[:SAMPLE_LENGTH], by(line[:SAMPLE_LENGTH], encoding)) for line in map(str.strip, lines) if line)
    return tuple(islice((Sample(before, after) for before, after in pairs if before != after), SAMPLES))


def _is_unicode(piece: str) -> bool:
    return bool(UNICODE_ONLY.search(piece)) and all(map(is_vietnamese, WORD.findall(piece)))


def _by_letters(text: str) -> Guess | None:
    guesses = [guess for encoding in (Encoding.TCVN3, Encoding.VNI) if (guess := _weighed(text, encoding))]
    return max(guesses, key=lambda guess: guess.confidence, default=None)


def _weighed(text: str, encoding: Encoding) -> Guess | None:
    """How well the words of a text become Vietnamese, and how badly they are it as they stand."""
    if encoding is Encoding.TCVN3 and any("\xe0" in word for word in text.split()):
        text = text.replace("\xe0", "\u1e80")  # à is no letter of TCVN3: a word with it is none of it
    written = list(_written_words(text))
    telling = {word for word in written if not word.isascii()}
    strange = {word for word in telling if not is_vietnamese(word)}
    mended = {word for word in strange if is_vietnamese(convert(word, encoding))}
    whole = {word for word in telling if is_vietnamese(convert(word, encoding))}
    if len(mended) < WORDS_AT_LEAST or len(mended) < STRANGE_AT_LEAST * len(telling):
        return None
    share = len(whole) / len(telling)
    return Guess(encoding, round(min(share, 0.99), 2), "letters") if share >= SHARE_AT_LEAST else None


def _written_words(text: str) -> Iterable[str]:
    """Words with at least one ASCII letter: a sign that stands alone says nothing."""
    for piece in text.split():
        if UNICODE_ONLY.search(piece) or "\u1e80" in piece:
            yield from (word for word in WORD.findall(piece) if not word.isascii())
            continue
        yield from (word for word in LEGACY_WORD.findall(piece) if any(sign.isascii() for sign in word))


def _from_vni(text: str) -> str:
    """A base letter with its sign is one letter; a capital takes its sign small or capital."""
    return _VNI_LETTER.sub(lambda found: FROM_VNI.get(found[0][:1] + found[0][1:].lower(), found[0]), text)


def _without_symbol_codes(text: str) -> str:
    if not any(ord(letter) in OF_SYMBOL_FONTS for letter in set(text)):
        return text
    return "".join(chr(ord(letter) & 0xFF) if ord(letter) in OF_SYMBOL_FONTS else letter for letter in text)


# --- what a Vietnamese word is ---------------------------------------------------------------------------------------

_ONSETS_WORDS = "b c ch d đ g gh gi h k kh l m n ng ngh nh p ph qu r s t th tr v x"
ONSETS = _ONSETS_WORDS.split()
_RHYMES_WORDS = (
    "a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây e ec em en eng eo "
    "ep et ê êch êm ên ênh êp êt êu i ia ich iêc iêm iên iêng iêp iêt iêu im in inh ip it iu o oa oac oach "
    "oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oc oe oen oeo oet oi om on ong ooc oong op ot "
    "ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt u ua uc ui um un ung uôc uôi uôm uôn uông uôt up ut uy uya uych "
    "uynh uyt uyu uyên uyêt uân uâng uât uây uê uêch uênh uơ uâc ư ưa ưc ưi ưm ưn ưng ươi ươc ươm ươn ương "
    "ươp ươt ươu ưt ưu y yêm yên yêng yêt yêu"
)
RHYMES = frozenset(_RHYMES_WORDS.split())
STOPPED = ("c", "ch", "p", "t")  # these endings take the tones sắc and nặng alone
SHARP_OR_HEAVY = frozenset({"\u0301", "\u0323"})
_TONE_SIGNS = frozenset(TONES)


@lru_cache(maxsize=20_000)
def is_vietnamese(word: str) -> bool:
    """Could `word` be one syllable of Vietnamese, in Unicode? Loan words and names of other peoples are none."""
    letters = unicodedata.normalize("NFD", word.lower())
    tones = [sign for sign in letters if sign in _TONE_SIGNS]
    if len(tones) > 1:
        return False
    bare = unicodedata.normalize("NFC", "".join(sign for sign in letters if sign not in _TONE_SIGNS))
    for onset in ("", *ONSETS):
        rhyme = bare[len(onset) :]
        if bare.startswith(onset) and rhyme in RHYMES:
            return not rhyme.endswith(STOPPED) or (bool(tones) and tones[0] in SHARP_OR_HEAVY)
    return False
