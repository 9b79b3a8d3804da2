"""TCVN3 and VNI: every letter, and nothing that is Unicode taken for them."""

from __future__ import annotations

import unicodedata

import pytest

from hub.intake import legacy_text
from hub.intake.legacy_text import Encoding, convert, encoding_of_font, recognise

SMALL = "aàảãáạăằẳẵắặâầẩẫấậeèẻẽéẹêềểễếệiìỉĩíịoòỏõóọôồổỗốộơờởỡớợuùủũúụưừửữứựyỳỷỹýỵđ"
# By vowel: as it stands, then grave, hook, tilde, acute, dot; written down apart from the code's tables.
_VNI_SMALL_WORDS = (
    "a aø aû aõ aù aï aê aè aú aü aé aë aâ aà aå aã aá aä e eø eû eõ eù eï eâ eà eå eã eá eä i ì æ ó í ò o oø "
    "oû oõ où oï oâ oà oå oã oá oä ô ôø ôû ôõ ôù ôï u uø uû uõ uù uï ö öø öû öõ öù öï y yø yû yõ yù î ñ"
)
VNI_SMALL = _VNI_SMALL_WORDS.split()
VNI_LARGE = [written.upper() for written in VNI_SMALL]
TCVN3_HEX = (  # TCVN 5712:1993, VN3, of the letters of SMALL
    "61 b5 b6 b7 b8 b9 a8 bb bc bd be c6 a9 c7 c8 c9 ca cb 65 cc ce cf d0 d1 aa d2 d3 d4 d5 d6 69 d7 d8 dc dd de "
    "6f df e1 e2 e3 e4 ab e5 e6 e7 e8 e9 ac ea eb ec ed ee 75 ef f1 f2 f3 f4 ad f5 f6 f7 f8 f9 79 fa fb fc fd fe ae"
)
TCVN3_CODES = TCVN3_HEX.split()

STORY = (
    "Ông Lò Văn Mẫu, nông dân xã Bình Yên, đã vận động bà con hiến đất mở đường và dựng lại cầu treo qua suối. Từ chỗ "
    "cả bản chỉ có mấy chục hộ khá giả, nay hầu hết các gia đình đều có nước sạch, điện sáng, trẻ em được đến lớp đúng "
    "tuổi. Bí thư chi bộ kể: những ngày đầu khó khăn lắm, nhiều người còn ngại; nhưng ông kiên trì gõ cửa từng nhà, "
    "giải thích cặn kẽ. Kết quả thật đáng quý, xứng đáng để mọi nơi học hỏi và làm theo."
)
FRENCH = (
    "L'été dernier, les élèves de l'école ont planté près de deux cents arbres où la forêt avait brûlé. Après la "
    "tempête, le maire, né à Hà Nội, a déclaré : « Bientôt, tout sera vert, même là-haut. » Noël, maïs, goût, août."
)
ENGLISH = (
    "The co-operative’s café sold 20 µm filters, 5 µm filters and Microsoft® software at £5 — a naïve résumé, "
    "© 2026, ½ price, 30°C; see §4 ¶2, Ångström, façade, São Paulo, jalapeño, über, Müller, schön, für."
)


def to_tcvn3(text: str) -> str:
    table = dict(zip(SMALL, (bytes.fromhex(code).decode("latin-1") for code in TCVN3_CODES), strict=True))
    table |= dict(zip("ĂÂÊÔƠƯĐ", "¡¢£¤¥¦§", strict=True))
    return "".join(table.get(letter, letter) for letter in text)


def to_vni(text: str) -> str:
    table = dict(zip(SMALL + SMALL.upper(), VNI_SMALL + VNI_LARGE, strict=True))
    return "".join(table.get(letter, letter) for letter in text)


@pytest.mark.parametrize("letter", list(SMALL))
def test_every_letter_comes_out_of_tcvn3_small_and_capital(letter: str) -> None:
    assert convert(to_tcvn3(letter), "tcvn3") == letter
    assert convert(to_tcvn3(letter), "tcvn3-capitals") == letter.upper()


@pytest.mark.parametrize(
    ("written", "letter"), [*zip(VNI_SMALL, SMALL, strict=True), *zip(VNI_LARGE, SMALL.upper(), strict=True)]
)
def test_every_letter_comes_out_of_vni_small_and_capital(written: str, letter: str) -> None:
    assert convert(written, "vni") == letter


def test_the_tables_hold_all_134_letters_with_a_sign() -> None:
    signed = {letter for letter in SMALL + SMALL.upper() if not letter.isascii()}
    assert len(signed) == 134
    assert {convert(to_vni(letter), "vni") for letter in signed} == signed
    assert len(set(legacy_text.TCVN3)) == len(set(legacy_text.LOWER)) == 67
    assert set(legacy_text.FROM_TCVN3.values()) == {*legacy_text.LOWER, *"ĂÂÊÔƠƯĐ"}


def test_a_capital_may_have_its_sign_small_and_tcvn3_its_tone_apart() -> None:
    assert convert("AÂu, Aâu, ÑAÏI, Ñaïi", "vni") == "Âu, Âu, ĐẠI, Đại"
    assert convert("§A´T N¦¥\xb3C, 30\xb0C", "tcvn3") == "ĐẢT NƯỚC, 30\xb0C".replace("Ả", "Ạ")


@pytest.mark.parametrize(
    ("written", "encoding"), [(to_tcvn3(STORY), Encoding.TCVN3), (to_vni(STORY), Encoding.VNI)], ids=["tcvn3", "vni"]
)
def test_a_story_is_recognised_by_its_letters_and_comes_out_whole(written: str, encoding: Encoding) -> None:
    found = recognise(written)
    assert found is not None
    assert (found.encoding, found.by) == (encoding, "letters")
    assert found.confidence >= 0.9
    assert convert(written, found.encoding) == STORY
    shown = legacy_text.preview(written)
    assert shown is not None
    assert shown.samples[0].before == written[: legacy_text.SAMPLE_LENGTH]
    assert STORY.startswith(shown.samples[0].after[:100])


@pytest.mark.parametrize(
    "text",
    [
        STORY,
        unicodedata.normalize("NFD", STORY),
        STORY.upper(),
        FRENCH,
        ENGLISH,
        "plain ASCII, as a unit without diacritics types: Ong Lo Van Mau da hien dat lam duong",
        "",
        "Cô bé ôm cá; ông bà có ô, bé có dù, chú có bò, cô có dê.",
        "5 µm, 10 µm, 20 µm",
        "à á â ã è é ê ì í ò ó ô õ ù ú ý",
        "Thái Lan, Cà Mau, Lào Cai, Hà Tĩnh, Sóc Trăng, Hòa Bình; ông Lê Văn Tám, bà Tô Thị Lý, cô Bùi Thị Cúc",
    ],
)
def test_unicode_of_any_language_is_never_taken_for_legacy(text: str) -> None:
    assert recognise(text) is None
    assert legacy_text.preview(text) is None


@pytest.mark.parametrize(
    ("font", "encoding"),
    [
        (".VnTime", Encoding.TCVN3),
        (".VnArial", Encoding.TCVN3),
        (".VNTIME", Encoding.TCVN3),
        (".VnTimeH", Encoding.TCVN3_CAPITALS),
        (".VnArial NarrowH", Encoding.TCVN3_CAPITALS),
        ("VNI-Times", Encoding.VNI),
        ("VNI Helve", Encoding.VNI),
        ("VNI-Internet Mail", None),
        ("Times New Roman", None),
        ("Vnhello", None),
        ("", None),
    ],
)
def test_a_font_tells_the_encoding_it_draws(font: str, encoding: Encoding | None) -> None:
    assert encoding_of_font(font) is encoding


def test_a_font_recognises_what_is_too_short_for_letters_but_not_what_was_typed_in_unicode() -> None:
    short = to_tcvn3("Hội phụ nữ")
    assert recognise(short) is None
    found = recognise(short, [".VnTime"])
    assert found is not None
    assert (found.encoding, found.by) == (Encoding.TCVN3, "font")
    assert recognise("Hội phụ nữ", [".VnTime"]) is None
    assert recognise("Ha Noi", [".VnTime"]) is None  # nothing would change
    capitals = recognise("héi phô n÷", [".VnTimeH"])
    assert capitals is not None
    assert convert("héi phô n÷", capitals.encoding) == "HỘI PHỤ NỮ"


def test_bytes_that_word_took_for_a_symbol_font_are_read_too() -> None:
    hidden = "".join(chr(0xF000 + ord(letter)) if not letter.isascii() else letter for letter in to_tcvn3("đường"))
    assert convert(hidden, "tcvn3") == "đường"


def test_converting_unicode_that_is_no_letter_of_the_table_changes_nothing() -> None:
    assert convert("“Ha Noi” – 2026…", "tcvn3") == "“Ha Noi” – 2026…"
    assert convert("“Ha Noi” – 2026…", "vni") == "“Ha Noi” – 2026…"
