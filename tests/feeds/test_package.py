"""Print packs: a Word document that can be read back, the same words as text, and bytes that never differ."""

import io
import json
import zipfile
from dataclasses import replace

import docx
import pytest
from docx.oxml.ns import qn
from feed_documents import a_full_entry, a_picture, a_story, an_entry

from feeds import package
from feeds.document import Status, Story
from feeds.package import PackedPicture, slug_of
from feeds.prose import BlockKind, blocks_of, count_words, text_of_html

BODY = (
    "<p>Bốn giờ sáng, <strong>bến</strong> còn <em>đẫm sương</em>.</p><h2>Cách làm</h2>"
    "<ol><li>Ghi sổ</li><li>Trực bộ đàm<ul><li>theo ca</li></ul></li></ol>"
    "<blockquote><p>“Tàu nào cũng phải nắm.”</p></blockquote>"
    "<table><tr><th>Năm</th><td>2017</td></tr></table><p><img src='https://hub.example/x' alt=''></p>"
    "<p>a<br>b &lt;c&gt;</p>"
)


def packed(entry, *, pictures=True):
    chosen = [PackedPicture(each, "image/jpeg", 1600, 1066, b"\xff\xd8\xffpicture") for each in entry.pictures]
    file = io.BytesIO()
    package.write(file, entry, chosen if pictures else [])
    return file.getvalue()


def files_of(data):
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        assert opened.testzip() is None
        return {name.partition("/")[2]: opened.read(name) for name in opened.namelist()}


def document_of(entry):
    name, data = next(item for item in files_of(packed(entry)).items() if item[0].endswith(".docx"))
    assert name == f"{slug_of(entry.title)}.docx"
    return docx.Document(io.BytesIO(data))


def styled(document):
    return [(paragraph.style.name, paragraph.text) for paragraph in document.paragraphs]


def test_html_becomes_blocks_that_keep_every_word():
    told = [(block.kind, block.level, block.number, block.text) for block in blocks_of(BODY)]
    assert told == [
        (BlockKind.PARAGRAPH, 1, 0, "Bốn giờ sáng, bến còn đẫm sương."),
        (BlockKind.HEADING, 1, 0, "Cách làm"),
        (BlockKind.NUMBERED, 1, 1, "Ghi sổ"),
        (BlockKind.NUMBERED, 1, 2, "Trực bộ đàm"),
        (BlockKind.ITEM, 2, 0, "theo ca"),
        (BlockKind.QUOTE, 1, 0, "“Tàu nào cũng phải nắm.”"),
        (BlockKind.PARAGRAPH, 1, 0, "Năm\t2017"),
        (BlockKind.PARAGRAPH, 1, 0, "a\nb <c>"),
    ]
    assert [(run.text, run.bold, run.italic) for run in blocks_of(BODY)[0].runs] == [
        ("Bốn giờ sáng, ", False, False),
        ("bến", True, False),
        (" còn ", False, False),
        ("đẫm sương", False, True),
        (".", False, False),
    ]


def test_words_are_counted_between_the_tags():
    assert count_words(text_of_html("<p>Bốn giờ&nbsp;sáng – “bến”</p><p>12,5 giờ</p>")) == 6


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Người giữ bến Đá Lau", "nguoi-giu-ben-da-lau"),
        ("“Trạm cứu hộ 0 đồng”: ../../etc?", "tram-cuu-ho-0-dong-etc"),
        ("日本語", "story"),
        ("dài " * 40, "-".join(["dai"] * 15)),
    ],
)
def test_file_names_are_safe_and_readable(title, slug):
    assert slug_of(title) == slug


def test_the_document_has_named_styles_in_the_order_of_a_page():
    entry = a_full_entry(content=BODY, status=Status.RELEASED, correction="")
    story = entry.story
    assert styled(document_of(entry)) == [
        ("Headline", entry.title),
        ("Standfirst", story.standfirst),
        ("Byline", "Phan Thị Diệu Hòa, Chủ tịch, Nghiệp đoàn · Lê Văn Bảy"),
        ("Body", "Bốn giờ sáng, bến còn đẫm sương."),
        ("Subheading", "Cách làm"),
        ("List", "1. Ghi sổ"),
        ("List", "2. Trực bộ đàm"),
        ("List", "– theo ca"),
        ("Quote box", "“Tàu nào cũng phải nắm.”"),
        ("Body", "Năm\t2017"),
        ("Body", "a\nb <c>"),
        ("Box heading", "Cách làm"),
        ("Box text", story.method),
        ("Box heading", "Kết quả"),
        ("Box text", story.result),
        ("Box heading", "Bài học"),
        ("Box text", story.lesson),
        ("Box heading", "Số liệu"),
        ("Box heading", "Đơn vị cung cấp"),
        ("Box text", "Nghiệp đoàn nghề cá xã Bến Lau, Hội Phụ nữ xã Bến Lau"),
        ("Box heading", "Người phát ngôn"),
        ("Box text", "Lê Thị Hạnh, phát ngôn, Hội\n+84 91 000 00 00 · h@hub.example · 5"),
        ("Box heading", "Bản rút gọn"),
        *(("Body", block.text) for block in blocks_of(story.short_body)),
        ("Box heading", "Ảnh"),
        ("Caption text", "pictures/01.jpg: Ông Trần Bá Khơi kiểm tra máy tàu tại bến Đá Lau."),
        ("Credit", "Tác giả ảnh: Nghiệp đoàn nghề cá xã Bến Lau; Quyền sử dụng: Được dùng kèm tên tác giả"),
        ("Caption text", "pictures/02.jpg: Ông Trần Bá Khơi kiểm tra máy tàu tại bến Đá Lau."),
        ("Credit", "Tác giả ảnh: Nghiệp đoàn nghề cá xã Bến Lau; Quyền sử dụng: Được dùng kèm tên tác giả"),
    ]


def test_the_figures_stand_with_before_and_after_as_papers_print_them():
    (table,) = document_of(a_full_entry()).tables
    assert [[cell.text for cell in row.cells] for row in table.rows] == [
        ["Chỉ số", "Trước", "Sau", "Thời gian"],
        ["Lượt tàu được hỗ trợ", "0 lượt", "137 lượt", "12/2017 – 9/2025"],
        ["Giờ trực", "", "12,5 giờ/ngày", "2025"],
        ["Vụ hỏng máy phải thả trôi", "19 vụ", "3 vụ", ""],
    ]


def test_fonts_hold_for_every_script_and_the_language_is_said():
    document = document_of(a_full_entry())
    for style in package.STYLES:
        fonts = document.styles[style.name].element.rPr.rFonts
        assert {fonts.get(qn(kind)) for kind in ("w:ascii", "w:hAnsi", "w:eastAsia", "w:cs")} == {style.font}
        assert fonts.get(qn("w:asciiTheme")) is None
    core = document.core_properties
    assert (core.language, core.title, core.author) == ("vi-VN", a_full_entry().title, core.last_modified_by)
    assert (core.created, core.revision) == (
        a_full_entry().updated.replace(microsecond=0, tzinfo=core.created.tzinfo),
        3,
    )
    assert document.styles["Normal"].element.rPr.find(qn("w:lang")).get(qn("w:val")) == "vi-VN"


def test_what_an_editor_has_to_know_stands_first():
    held = styled(document_of(a_full_entry(status=Status.HELD)))
    assert [text for style, text in held if style == "Editor's note"] == [
        "Tạm dừng: chưa được dùng cho đến khi bỏ tạm dừng.",
        "Đính chính: Sửa năm thành lập trạm.",
    ]
    assert held[0][0] == "Editor's note"


def test_the_summary_serves_where_there_is_no_standfirst_and_nothing_stands_empty():
    entry = an_entry(story=Story())
    assert [style for style, _ in styled(document_of(entry))] == ["Headline", "Standfirst", "Byline", "Body"]
    assert styled(document_of(entry))[1][1] == entry.summary


def test_the_text_says_the_same_and_the_credits_name_every_picture():
    files = files_of(packed(a_full_entry(content=BODY)))
    text = files[f"{slug_of(a_full_entry().title)}.txt"].decode()
    for words in (a_full_entry().title, a_story().standfirst, "2. Trực bộ đàm", a_story().lesson, "137 lượt"):
        assert words in text
    named = files["credits.txt"].decode()
    for words in ("pictures/01.jpg (1600 × 1066)", "Nghiệp đoàn nghề cá xã Bến Lau", "Mô tả ảnh: Người đàn ông đội mũ"):
        assert words in named


def test_programs_find_the_entry_with_its_version_and_every_file():
    files = files_of(packed(a_full_entry()))
    told = json.loads(files["entry.json"])
    assert (told["version"], told["entry"]["_hub"]["version"]) == (3, 3)
    assert told["entry"]["_hub"]["standfirst"] == a_story().standfirst
    assert [each["name"] for each in told["files"]] == [name for name in files if name != "entry.json"]
    assert {each["bytes"] == len(files[each["name"]]) for each in told["files"]} == {True}
    pictures = [each for each in told["files"] if each["name"].startswith("pictures/")]
    assert [each["upload"] for each in pictures] == [picture.upload for picture in a_full_entry().pictures]


def test_equal_entries_give_equal_bytes_and_others_others():
    assert packed(a_full_entry()) == packed(a_full_entry())
    assert packed(a_full_entry()) != packed(a_full_entry(version=4))


def test_a_character_that_xml_forbids_costs_no_pack():
    entry = a_full_entry(title="Bến\x0b Đá\ufffe", content="<p>a\x07b</p>", pictures=(a_picture(),))
    assert ("Body", "ab") in styled(document_of(replace(entry)))


def test_an_english_story_is_labelled_in_english():
    document = document_of(a_full_entry(language="en"))
    assert ("Box heading", "Method") in styled(document)
    assert document.core_properties.language == "en-GB"
