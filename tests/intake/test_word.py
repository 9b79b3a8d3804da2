"""Word files: what becomes of good ones, and why hostile ones are refused."""

from __future__ import annotations

import io
import time
import zipfile

import pytest
from PIL import Image

from hub import apart, i18n
from hub.errors import TooLarge
from hub.intake import word
from hub.intake.legacy_text import Encoding
from hub.intake.word import Choice, read_word
from hub.packed import FileRefused
from tests.intake.office import MAIN_TYPE, W, docx, paragraph, picture, relationship, run, zipped
from tests.intake.test_legacy_text import STORY, to_tcvn3, to_vni

HEADING = '<w:style w:type="paragraph" w:styleId="Heading1"><w:name w:val="heading 1"/></w:style>'


def png() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), "green").save(buffer, "PNG")
    return buffer.getvalue()


def refusal(data: bytes) -> str:
    with pytest.raises(FileRefused) as refused:
        read_word(data)
    fault = refused.value.faults[0]
    for language in ("vi", "en"):
        assert i18n.sentence(f"fault.{fault.code}", language, **fault.facts).endswith(".")
    return refused.value.code


def test_text_headings_links_and_tables_come_out_as_sanitized_html() -> None:
    table = f"<w:tbl><w:tr><w:tc>{paragraph(run('Ô một'))}</w:tc></w:tr></w:tbl>"
    link = f'<w:hyperlink r:id="rL">{run("trang của xã")}</w:hyperlink>'
    evil = f'<w:hyperlink r:id="rE">{run("bấm đây")}</w:hyperlink>'
    found = read_word(
        docx(
            paragraph(run("Cầu treo Bản Mẫu"), style="Heading1"),
            paragraph(run("Bà con < dựng cầu. "), link, evil),
            table,
            styles=HEADING,
            relations=relationship("rL", "hyperlink", "https://xa.example/", external=True)
            + relationship("rE", "hyperlink", "javascript:alert(1)", external=True),
        )
    )
    assert found.title == "Cầu treo Bản Mẫu"
    assert str(found.html).startswith("<h2>Cầu treo Bản Mẫu</h2><p>Bà con &lt; dựng cầu. ")
    assert '<a href="https://xa.example/">trang của xã</a>' in found.html
    assert "javascript" not in found.html
    assert "<td><p>Ô một</p></td>" in found.html
    assert (found.pictures, found.previews, found.notes) == ((), (), ())


def test_without_a_heading_the_first_line_is_the_title() -> None:
    assert read_word(docx(paragraph(), paragraph(run("Dòng đầu")), paragraph(run("Dòng sau")))).title == "Dòng đầu"


def test_pictures_are_handed_over_to_be_uploaded_and_keep_their_place() -> None:
    data = png()
    found = read_word(
        docx(
            paragraph(run("Ảnh:"), picture("rP", "Cây cầu"), picture("rX")),
            relations=relationship("rP", "image", "media/a.png") + relationship("rX", "image", "media/b.emf"),
            more={"word/media/a.png": data, "word/media/b.emf": b"EMF"},
        )
    )
    (kept,) = found.pictures
    assert (kept.media_type, kept.alt, kept.data) == ("image/png", "Cây cầu", data)
    assert f'src="media:{kept.name}"' in found.html
    assert [(note.code, note.facts["count"]) for note in found.notes] == [("word_pictures_kind", 1)]
    placed = word.with_uploads(str(found.html), {kept.name: "med_0123456789abcdefgh"})
    assert 'src="media:med_0123456789abcdefgh"' in placed


def test_what_leads_outside_is_left_out_and_told_and_never_fetched(free_tcp_port: int) -> None:
    address = f"http://127.0.0.1:{free_tcp_port}/x.png"
    found = read_word(
        docx(
            paragraph(run("Chữ"), picture("rO")),
            relations=relationship("rO", "image", address, external=True)
            + relationship("rT", "attachedTemplate", address, external=True),
            more={"word/embeddings/table.xlsx": b"PK", "word/comments.xml": b"<x/>"},
        )
    )
    assert {note.code: note.facts["count"] for note in found.notes} == {
        "word_external": 2, "word_embedded": 1, "word_comments": 1, "word_pictures_external": 1,
    }  # fmt: skip
    assert str(free_tcp_port) not in found.html


@pytest.mark.parametrize("written", [to_tcvn3, to_vni])
def test_a_mixed_document_is_converted_run_by_run_and_only_when_chosen(written) -> None:
    font = ".VnTime" if written is to_tcvn3 else "VNI-Times"
    capital = paragraph(run(to_tcvn3("đại hội"), ".VnTimeH")) if written is to_tcvn3 else ""
    file = docx(
        paragraph(run(written("đường mới"), font), run(" ở xã Bình Yên, thị trấn")),
        capital,
        paragraph(run("Đã gõ Unicode trong phông cũ", font)),
    )
    before = read_word(file)
    assert written("đường mới").replace("\xad", "") in before.html  # the sanitizer takes a soft hyphen for one
    assert {preview.guess.by for preview in before.previews} == {"font"}
    shown = {preview.guess.encoding: preview.samples[0].after for preview in before.previews}
    assert shown[Encoding.TCVN3 if written is to_tcvn3 else Encoding.VNI] == "đường mới"
    after = read_word(file, choice=Choice.RECOGNISED)
    assert "<p>đường mới ở xã Bình Yên, thị trấn</p>" in after.html
    assert "<p>Đã gõ Unicode trong phông cũ</p>" in after.html
    if capital:
        assert "<p>ĐẠI HỘI</p>" in after.html


def test_a_font_may_come_from_a_style_or_from_what_it_is_based_on_or_from_the_defaults() -> None:
    fonts = '<w:rPr><w:rFonts w:ascii=".VnTime" w:hAnsi=".VnTime"/></w:rPr>'
    based = (
        f'<w:style w:type="paragraph" w:styleId="Cu">{fonts}</w:style>'
        '<w:style w:type="paragraph" w:styleId="CuHon"><w:basedOn w:val="Cu"/></w:style>'
    )
    text = to_tcvn3("những người")
    styled = docx(paragraph(run(text), style="CuHon"), paragraph(run("Thái Lan là")), styles=based)
    assert read_word(styled, choice="recognised").html == "<p>những người</p><p>Thái Lan là</p>"
    default = f"<w:docDefaults><w:rPrDefault>{fonts}</w:rPrDefault></w:docDefaults>"
    assert read_word(docx(paragraph(run(text)), styles=default), choice="recognised").html == "<p>những người</p>"


def test_letters_that_word_cut_apart_or_took_for_signs_are_whole_again() -> None:
    cut = docx(paragraph(run("Vie", "VNI-Times"), run("ät Nam", "VNI-Times")))
    assert read_word(cut, choice="recognised").html == "<p>Việt Nam</p>"
    signs = '<w:t>ng</w:t><w:softHyphen/><w:sym w:font=".VnTime" w:char="F0EA"/><w:t>i</w:t>'
    assert read_word(docx(paragraph(run("", ".VnTime", inner=signs))), choice="recognised").html == "<p>người</p>"


def test_text_without_its_old_font_is_recognised_by_its_letters() -> None:
    file = docx(paragraph(run(to_vni(STORY), "Arial")))
    (preview,) = read_word(file).previews
    assert (preview.guess.encoding, preview.guess.by) == (Encoding.VNI, "letters")
    assert read_word(file, choice="recognised").html == f"<p>{STORY}</p>"
    assert read_word(file, choice="vni").html == f"<p>{STORY}</p>"


def test_a_document_in_unicode_is_never_changed_whatever_is_chosen() -> None:
    file = docx(paragraph(run(STORY, ".VnTime")))
    for choice in Choice:
        found = read_word(file, choice=choice)
        assert (found.html, found.previews) == (f"<p>{STORY}</p>", ())


def bomb(size: int) -> bytes:
    return docx(paragraph(run("x")), more={"word/media/big.png": b"\0" * size})


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file_not_office"),
        (b"%PDF-1.7 ...", "file_not_office"),
        (zipped({"a.txt": b"x"}), "file_not_office"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "file_old_word"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "file_encrypted"),
        (docx(paragraph(run("x")), more={"word/vbaProject.bin": b"x"}), "file_macros"),
        (docx(main_type=MAIN_TYPE.replace("document.main", "document.macroEnabled.main")), "file_macros"),
        (docx(more={f"word/media/{n}.png": b"" for n in range(2_001)}), "file_bomb"),
        (bomb(50 * 1024 * 1024), "file_bomb"),
        (docx(document=b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'), "file_entities"),
        (docx(document='<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE x><x/>'.encode("utf-16")), "file_entities"),
        (docx(more={"word/theme.xml": b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>'}), "file_entities"),
        (docx("<w:p>" * 300 + "</w:p>" * 300), "file_too_deep"),
        (docx(document=b"<w:document"), "file_broken"),
        (docx(more={"../../evil.xml": b"<x/>"}), "file_broken"),
        (docx(paragraph(run("x")))[:-300], "file_not_office"),
        (docx(paragraph()), "file_empty"),
    ],
)  # fmt: skip
def test_what_is_no_harmless_word_file_is_refused_with_its_reason(data: bytes, code: str) -> None:
    assert refusal(data) == code


def test_a_doc_gets_a_sentence_on_how_to_save_it() -> None:
    assert "Word Document (*.docx)" in i18n.sentence("fault.file_old_word", "vi")


def test_a_name_twice_in_a_zip_is_refused() -> None:
    buffer = io.BytesIO(docx(paragraph(run("x"))))
    with zipfile.ZipFile(buffer, "a") as packed, pytest.warns(UserWarning, match="Duplicate"):
        packed.writestr("word/document.xml", f'<w:document xmlns:w="{W}"/>')
    assert refusal(buffer.getvalue()) == "file_bomb"


def test_a_file_over_the_limit_is_not_even_looked_at() -> None:
    with pytest.raises(TooLarge):
        read_word(b"PK" * word.MAX_BYTES)


def test_300_pages_are_read_within_a_minute_and_what_has_no_room_is_told() -> None:
    lines = [paragraph(*(run(f"{number}.{part} {STORY[:160]} ") for part in range(3))) for number in range(1, 2_400)]
    began = time.monotonic()
    found = read_word(docx(*lines))
    assert time.monotonic() - began < 60
    assert found.html.startswith("<p>1.0 Ông")
    assert len(found.html.encode()) > 200_000
    (note,) = found.notes
    assert note.code == "word_cut"
    whole = sum(len(f"{number}.{part} ") + 161 for number in range(1, 2_400) for part in range(3))
    assert note.facts["count"] > whole * 0.6
    assert found.html.endswith("</p>")


def test_while_two_files_are_read_others_are_told_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "TURN_SECONDS", 0.05)
    sound = docx(paragraph(run("Bà con dựng cầu.")))
    with apart.turns:
        with apart.turns:
            assert refusal(sound) == "file_readers_busy"
        assert refusal(b"no file") == "file_not_office"  # a refusal gives its turn back, too
        assert read_word(sound).title


TITLE_STYLE = HEADING + '<w:style w:type="paragraph" w:styleId="Tieude"><w:name w:val="Title"/></w:style>'


def test_words_own_title_is_the_title_and_not_said_twice() -> None:
    file = docx(
        paragraph(run("Công đoàn xã Bến Lau")),
        paragraph(run("Người thợ máy giữ lửa ca ba"), style="Tieude"),
        paragraph(run("Chuyện ở xưởng"), style="Heading1"),
        paragraph(run("Anh ở lại.")),
        styles=TITLE_STYLE,
    )
    found = read_word(file)
    assert found.title == "Người thợ máy giữ lửa ca ba"
    assert found.html == "<p>Công đoàn xã Bến Lau</p><h2>Chuyện ở xưởng</h2><p>Anh ở lại.</p>"


@pytest.mark.parametrize("bold", [False, True])
def test_what_stands_below_method_result_and_lesson_goes_to_their_fields(bold: bool) -> None:
    def heading(text: str) -> str:
        strong = f"<w:r><w:rPr><w:b/></w:rPr><w:t>{text}</w:t></w:r>"
        return paragraph(strong) if bold else paragraph(run(text), style="Heading1")

    file = docx(
        heading("2. Cách làm:"), paragraph(run("Ghi sổ & đo.")), paragraph(run("Hỏi người già.")),
        heading("Người kể"), paragraph(run("Anh ở lại ca ba.")),
        heading("KẾT QUẢ"), paragraph(run("Không máy nào hỏng.")),
        heading("Bài học"), f"<w:tbl><w:tr><w:tc>{paragraph(run('Bảng'))}</w:tc></w:tr></w:tbl>",
        styles=TITLE_STYLE,
    )  # fmt: skip
    found = read_word(file)
    assert dict(found.fields) == {"method": "Ghi sổ & đo.\nHỏi người già.", "result": "Không máy nào hỏng."}
    assert "Anh ở lại ca ba." in found.html
    assert "<td><p>Bảng</p></td>" in found.html  # a field holds no table
    assert "Ghi sổ" not in found.html
    if not bold:
        assert found.title == "Người kể"  # a field's name is no title


def test_a_file_that_is_nothing_but_a_method_stays_a_text() -> None:
    found = read_word(docx(paragraph(run("Cách làm"), style="Heading1"), paragraph(run("Ghi sổ.")), styles=HEADING))
    assert (dict(found.fields), found.html) == ({}, "<h2>Cách làm</h2><p>Ghi sổ.</p>")
    assert found.title == "Ghi sổ."


@pytest.mark.parametrize("choice", ["recognised", "tcvn3"])
def test_one_capital_in_unicode_leaves_no_old_paragraph_unconverted(choice: str) -> None:
    old = "Ở " + to_tcvn3("đâu có người cần học, ở đó có lớp của thầy")
    file = docx(paragraph(run(old, ".VnTime")), paragraph(run("Đã gõ Unicode trong phông cũ", ".VnTime")))
    assert any(sample.before == old for preview in read_word(file).previews for sample in preview.samples)
    found = read_word(file, choice=choice)
    assert found.html == ("<p>Ở đâu có người cần học, ở đó có lớp của thầy</p><p>Đã gõ Unicode trong phông cũ</p>")
