"""Tables of stories: columns, rows, faults in words, portions that survive a kill, and hostile files."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from datetime import timedelta

import pytest
from openpyxl import Workbook, load_workbook
from sqlalchemy import func, select

import schemas
from hub import i18n, tables
from hub.accounts import organizations
from hub.actors import Actor
from hub.clock import FixedClock
from hub.db import Database
from hub.errors import NotFound
from hub.i18n.plain import plain_sentence
from hub.intake import submissions
from hub.intake.tables import columns, imports, template
from hub.intake.tables.columns import BY_CODE, COLUMNS
from hub.intake.tables.reading import Row, StoryTable, read_stories
from hub.models import Import, ImportRow, Story, Version
from hub.packed import FileRefused
from hub.records.disclosures import reveal
from hub.worker import Worker
from tests.builders import World
from tests.intake.office import zipped
from tests.intake.test_legacy_text import to_tcvn3


def sender_of(database: Database, clock: FixedClock, code: str = "nghe-ca") -> Actor:
    with database.reading() as session:
        return organizations.sender(session, organizations.get(session, code), now=clock.now())


GOOD = {
    "kind": "Gương người tốt, việc tốt",
    "title": "Người giữ đèn bến đò",
    "summary": "Hai mươi năm giữ đèn cho bến đò đêm.",
    "body": "Tối nào ông cũng ra bến.\n\nChờ chuyến đò cuối.",
    "subject_type": "cá nhân",
    "subject_name": "Lò Văn Mẫu",
    "commune": "xã Bình Mẫu",
    "province": "tỉnh Mẫu",
    "topics": "tuong_than_tuong_ai; Bảo vệ môi trường, xây dựng đô thị văn minh",
    "occurred_from": "01/03/2026",
    "consent_scopes": "name",
}


def a_table(*rows: dict[str, str]) -> StoryTable:
    return StoryTable(
        columns=tuple(BY_CODE),
        unknown=(),
        rows=tuple(Row(line, cells) for line, cells in enumerate(rows, start=2)),
        charset="",
        preview=None,
    )


def csv_of(*lines: Sequence[str], delimiter: str = ",") -> str:
    return "\r\n".join(delimiter.join(f'"{cell}"' for cell in line) for line in lines)


def xlsx_of(*lines: Sequence[object]) -> bytes:
    book = Workbook()
    for line in lines:
        book.active.append(list(line))
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def with_part(file: bytes, name: str, data: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(file)) as packed:
        return zipped({**{each: packed.read(each) for each in packed.namelist()}, name: data})


def test_the_template_is_read_by_every_heading_and_its_example_is_no_story() -> None:
    for data, name in ((template.xlsx(), "mau.xlsx"), (template.csv(), "mau.csv")):
        with pytest.raises(FileRefused, match="table_empty"):
            read_stories(data, name=name)
    book = load_workbook(io.BytesIO(template.xlsx()))
    assert [columns.find_column(cell.value) for cell in book.worksheets[0][1]] == list(COLUMNS)
    codes = [cell.value for line in book[template.CODES].iter_rows() for cell in line if cell.value]
    assert {"guong_nguoi_tot_viec_tot", "hoi_nong_dan", "work_story"} <= set(codes)


def test_the_example_of_the_template_holds_for_the_schema() -> None:
    cells = {column.code: column.example for column in COLUMNS if column.example}
    prepared = submissions.prepare(columns.document_of(cells, unit="Hội Mẫu"))
    assert prepared.state == "draft"
    assert prepared.content["subject"] == {
        "type": "individual", "name": "Lò Văn Mẫu", "role": "Người chèo đò", "unit": "Thôn Bến Mẫu", "birth_year": 1960,
        "gender": "nam", "priority_groups": ["nong_dan"], "minor": False,
    }  # fmt: skip
    assert prepared.content["consent"]["scopes"] == ["name", "work_story"]


def test_cells_say_codes_or_labels_and_days_as_people_write_them() -> None:
    document = columns.document_of(GOOD, unit="Hội Mẫu")
    assert document["kind"] == "guong_nguoi_tot_viec_tot"
    assert document["topics"] == ["tuong_than_tuong_ai", "bao_ve_moi_truong"]
    assert document["occurred_from"] == "2026-03-01"
    assert document["unit"] == {"name": "Hội Mẫu"}
    assert columns.find_column("TIÊU  ĐỀ *") is BY_CODE["title"]
    assert columns.find_column("Năm sinh của bò") is None


LINES = [["Tiêu đề", "Tóm tắt", "Cột lạ"], ["Cây cầu đỏ", "Bà con “dựng” cầu", "x"]]


@pytest.mark.parametrize(
    ("data", "charset"),
    [
        (csv_of(*LINES).encode(), "utf-8"),
        (b"\xef\xbb\xbf" + csv_of(*LINES, delimiter=";").encode(), "utf-8"),
        (csv_of(*LINES, delimiter="\t").encode("utf-16"), "utf-16"),
        (csv_of(*LINES).encode("utf-16-be"), "utf-16"),
    ],
)
def test_csv_is_read_in_every_unicode_and_with_every_delimiter(data: bytes, charset: str) -> None:
    found = read_stories(data, name="bang.csv")
    assert (found.charset, found.unknown, found.columns) == (charset, ("Cột lạ",), ("title", "summary"))
    assert found.rows == (Row(2, {"title": "Cây cầu đỏ", "summary": "Bà con “dựng” cầu"}),)


def test_csv_of_the_vietnamese_code_page_is_read_and_composed() -> None:
    decomposed = "Tiêu đề\r\nNhư\u0303ng ngươ\u0300i giư\u0303 bê\u0301n đo\u0300\r\n"  # as cp1258 has them
    data = decomposed.replace("đề", "đê\u0300").encode("cp1258")
    found = read_stories(data, name="bang.csv")
    assert (found.charset, found.rows[0].cells["title"]) == ("cp1258", "Những người giữ bến đò")


def test_a_table_in_tcvn3_is_shown_and_converted_only_when_chosen() -> None:
    text = csv_of(
        ["title", to_tcvn3("Tóm tắt")], ["Nh÷ng ng\xadêi gi÷ rõng", to_tcvn3("Cả bản cùng giữ rừng, dựng cầu")]
    )
    data = text.encode("cp1252")
    left = read_stories(data, name="cu.csv")
    assert left.preview is not None
    assert "Những người giữ rừng" in [sample.after for sample in left.preview.samples]
    assert "÷" in left.rows[0].cells["title"]
    done = read_stories(data, name="cu.csv", choice="recognised")
    assert done.rows[0].cells == {"title": "Những người giữ rừng", "summary": "Cả bản cùng giữ rừng, dựng cầu"}


def test_a_formula_is_its_kept_result_or_its_text_and_never_reckoned() -> None:
    sheet = xlsx_of(["title", "summary"], ["=1+1", "an toàn"])
    assert read_stories(sheet, name="a.xlsx").rows[0].cells["title"] == "=1+1"  # nothing was kept: openpyxl reckons not
    with zipfile.ZipFile(io.BytesIO(sheet)) as packed:
        inner = packed.read("xl/worksheets/sheet1.xml")
    result = re.sub(rb"<v ?/>|<v></v>", b"<v>77</v>", inner)
    kept = with_part(sheet, "xl/worksheets/sheet1.xml", result)
    assert read_stories(kept, name="a.xlsx").rows[0].cells["title"] == "77"


def test_what_we_write_is_never_a_formula_and_comes_back_as_it_was() -> None:
    dangerous = ["=cmd|' /C calc'!A0", "+84 200", "-1", "@SUM(A1)"]
    for text in dangerous:
        assert tables.harmless(text) == "'" + text
    lines = [["title", "summary"], *([text, "x"] for text in dangerous)]
    for data, name in ((tables.write_csv(lines), "a.csv"), (tables.write_book({"Bài": lines}), "a.xlsx")):
        assert [row.cells["title"] for row in read_stories(data, name=name).rows] == dangerous
    book = load_workbook(io.BytesIO(tables.write_book({"Bài": lines})))
    assert {cell.data_type for line in book.active.iter_rows() for cell in line} == {"s"}


HEAD = ["title", "summary"]


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        (b"", "a.csv", "file_no_table"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "a.xls", "file_old_excel"),
        (b"no zip", "a.xlsx", "file_not_office"),
        (with_part(xlsx_of(HEAD), "xl/vbaProject.bin", b"x"), "a.xlsm", "file_macros"),
        (with_part(xlsx_of(HEAD), "xl/macrosheets/sheet1.xml", b"<x/>"), "a.xlsx", "file_macros"),
        (with_part(xlsx_of(HEAD), "xl/externalLinks/externalLink1.xml", b"<x/>"), "a.xlsx", "file_external_links"),
        (with_part(xlsx_of(HEAD), "xl/media/a.png", b"\0" * 40_000_000), "a.xlsx", "file_bomb"),
        (with_part(xlsx_of(HEAD), "xl/styles.xml", b"<!DOCTYPE x [<!ENTITY a 'b'>]><x/>"), "a.xlsx", "file_entities"),
        (with_part(xlsx_of(HEAD), "xl/workbook.xml", b"<x/>"), "a.xlsx", "file_no_table"),
        (xlsx_of(HEAD), "a.xlsx", "table_empty"),
        (xlsx_of(["Tên", "Tuổi"], ["a", "b"]), "a.xlsx", "table_no_columns"),
        (xlsx_of(["Tiêu đề", "title"], ["a", "b"]), "a.xlsx", "table_column_twice"),
    ],
)
def test_what_is_no_harmless_table_is_refused_with_its_reason(data: bytes, name: str, code: str) -> None:
    with pytest.raises(FileRefused) as refused:
        read_stories(data, name=name)
    assert refused.value.code == code
    assert i18n.fault_sentence(refused.value.faults[0], "vi").endswith(".")


def test_good_rows_become_drafts_and_faulty_ones_say_what_is_wrong_in_which_column(
    database: Database, clock: FixedClock, world: World, worker: Worker
) -> None:
    table = a_table(
        GOOD,
        {**GOOD, "title": "", "birth_year": "sáu mươi", "topics": "khong_co"},
        {**GOOD, "title": "Bài thứ ba", "id": "bai-3"},
        {**GOOD, "title": "Bài trùng mã", "id": "bai-3"},
        {**GOOD, "title": "Mã lạ", "id": "mã có dấu"},
    )
    asker = sender_of(database, clock)
    with database.writing() as session:
        begun = imports.begin(session, table, name="bang.xlsx", actor=asker, now=clock.now())
    worker.step()
    with database.reading() as session:
        found = imports.get(session, begun.id, asker=asker, now=clock.now())
        assert (found.state, found.total, found.done) == ("finished", 5, 5)
        assert (found.created, found.changed, found.same, found.faulty) == (2, 0, 0, 3)
        stories = dict(session.execute(select(Story.id, Story.state)).all())
        assert set(stories.values()) == {"draft"}
        taken = select(ImportRow.line).where(ImportRow.import_id == begun.id, ImportRow.story_id.is_not(None))
        assert sorted(session.scalars(taken)) == [2, 4]
        faulty = imports.list_faulty(session, found, language="vi")
        said = {row.line: {(fault.column, fault.sentence) for fault in row.faults} for row in faulty}
        assert {column for column, _ in said[3]} == {"Tiêu đề", "Năm sinh", "Chủ đề"}
        assert ("Tiêu đề", "Chưa có “Tiêu đề”.") in said[3]
        assert "bai-3" in next(iter(said[5]))[1]
        assert next(iter(said[6]))[0] == "Mã bài của đơn vị"
        back = imports.faulty_table(session, found, language="vi").decode("utf-8-sig")
        assert "sáu mươi" in back
        assert "Chưa có “Tiêu đề”" in back
        kept = session.execute(select(ImportRow.line, ImportRow.cells).where(ImportRow.state != "faulty")).all()
        assert all(cells == {} for _, cells in kept)


def test_the_same_table_twice_makes_no_doubles_and_takes_nothing_back(
    database: Database, clock: FixedClock, world: World
) -> None:
    asker = sender_of(database, clock)
    table = a_table(GOOD, {**GOOD, "id": "bai-2", "title": "Có mã"})

    def send(rows: StoryTable) -> Import:
        with database.writing() as session:
            begun = imports.begin(session, rows, name="bang.csv", actor=asker, now=clock.now())
        while imports.work(database, clock, begun.id):
            pass
        with database.reading() as session:
            return imports.get(session, begun.id, asker=asker, now=clock.now())

    assert send(table).created == 2
    assert send(table).same == 2
    mended = submissions.prepare(columns.document_of({**GOOD, "title": "Sửa tay"}, unit="x"))
    with database.writing() as session:
        submissions.submit(session, mended, actor=asker, external_id="bai-2", now=clock.now())
    assert send(table).same == 2  # what somebody mended since stays
    assert send(a_table({**GOOD, "id": "bai-2", "title": "Có mã, viết lại"})).changed == 1
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Story)) == 2
        newest = session.scalar(
            select(Version).join(Story, Story.id == Version.story_id).where(Story.external_id == "bai-2")
            .order_by(Version.number.desc()).limit(1)
        )  # fmt: skip
        assert newest is not None
        assert reveal(newest.disclosures)["title"] == "Có mã, viết lại"


def test_a_killed_worker_goes_on_where_it_stopped_and_nothing_comes_in_twice(
    database: Database, clock: FixedClock, world: World, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "PORTION", 4)
    asker = sender_of(database, clock)
    table = a_table(*({**GOOD, "title": f"Bài số {number}"} for number in range(10)))
    with database.writing() as session:
        begun = imports.begin(session, table, name="bang.csv", actor=asker, now=clock.now())
    assert imports.work(database, clock, begun.id)

    class Killed(BaseException):
        pass

    def dying(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(submissions.outbox, "add", dying)  # in the middle of the second portion
        with pytest.raises(Killed):
            imports.work(database, clock, begun.id)
    with database.reading() as session:
        assert imports.get(session, begun.id, asker=asker, now=clock.now()).done == 4
    for _ in range(4):
        worker.step()
    with database.reading() as session:
        found = imports.get(session, begun.id, asker=asker, now=clock.now())
        assert (found.state, found.done, found.created) == ("finished", 10, 10)
        assert session.scalar(select(func.count()).select_from(Story)) == 10


def test_an_import_is_seen_by_its_own_organization_only(database: Database, clock: FixedClock, world: World) -> None:
    asker = sender_of(database, clock)
    with database.writing() as session:
        begun = imports.begin(session, a_table(GOOD), name="bang.csv", actor=asker, now=clock.now())
    with database.reading() as session:
        stranger = sender_of(database, clock, "phu-nu")
        assert [each.id for each in imports.list_own(session, asker=asker, now=clock.now())] == [begun.id]
        assert imports.list_own(session, asker=stranger, now=clock.now()) == []
        with pytest.raises(NotFound):
            imports.get(session, begun.id, asker=stranger, now=clock.now())


def test_what_was_imported_a_month_ago_is_forgotten_and_its_stories_stay(
    database: Database, clock: FixedClock, world: World
) -> None:
    asker = sender_of(database, clock)
    with database.writing() as session:
        begun = imports.begin(session, a_table(GOOD, {"title": "x"}), name="bang.csv", actor=asker, now=clock.now())
    imports.work(database, clock, begun.id)
    for days, left in ((29, 1), (2, 0)):
        clock.forward(timedelta(days=days))
        with database.writing() as session:
            imports.forget_old(session, now=clock.now())
            assert session.scalar(select(func.count()).select_from(Import)) == left
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(ImportRow)) == 0
        assert session.scalar(select(func.count()).select_from(Story)) == 1


def test_five_thousand_rows_are_read_within_bounds() -> None:
    head = [column.heading for column in COLUMNS]
    line = [GOOD.get(column.code, "") for column in COLUMNS]
    found = read_stories(xlsx_of(head, *([*line[:2], f"Bài số {n}", *line[3:]] for n in range(5_000))), name="lon.xlsx")
    assert len(found.rows) == 5_000
    assert found.rows[-1].cells["title"] == "Bài số 4999"
    assert found.rows[-1].line == 5_001


def test_a_row_that_meets_a_fault_of_ours_is_told_as_faulty_and_stops_no_other(
    world: World, database: Database, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    submit = submissions.submit

    def break_once(session, prepared, **facts):
        if prepared.content["title"] == "Hỏng":
            raise ZeroDivisionError("a fault of ours")
        return submit(session, prepared, **facts)

    monkeypatch.setattr(submissions, "submit", break_once)
    actor = sender_of(database, clock)
    with database.writing() as session:
        table = a_table({**GOOD, "title": "Hỏng"}, GOOD)
        begun = imports.begin(session, table, name="a.csv", actor=actor, now=clock.now()).id
    assert not imports.work(database, clock, begun)
    with database.reading() as session:
        found = session.get_one(Import, begun)
        assert (found.state, found.created, found.faulty) == (imports.FINISHED, 1, 1)
        (faulty,) = imports.list_faulty(session, found, language="vi")
    assert faulty.line == 2
    assert "báo người vận hành" in faulty.faults[0].sentence


def test_cells_of_the_template_offer_the_labels_that_they_take() -> None:
    sheet = load_workbook(io.BytesIO(template.xlsx()))[template.SHEET]
    codes = load_workbook(io.BytesIO(template.xlsx()))[template.CODES]
    offered = {str(each.sqref).partition("2:")[0]: each.formula1 for each in sheet.data_validations.dataValidation}
    kind = next(cell for cell in sheet[1] if str(cell.value).endswith("(kind)"))
    assert sheet.cell(2, kind.column).value == "Gương người tốt, việc tốt"
    cells = offered[kind.column_letter].partition("!")[2].replace("$", "")
    labels = [cell.value for (cell,) in codes[cells]]
    assert labels == [item.label("vi") for item in schemas.vocabulary("kinds")]
    assert len(offered) == len([column for column in COLUMNS if column.kind == "code"])


def test_faults_of_cells_say_labels_and_digits() -> None:
    document = columns.document_of({"kind": "khong_co", "birth_year": "bảy mươi"}, unit="Nghiệp đoàn")
    said = {fault.pointer: plain_sentence(fault, "vi") for fault in schemas.check_story(document)}
    assert said["/subject/birth_year"] == "“Nhân vật, tập thể được nêu › Năm sinh”: hãy ghi bằng chữ số, ví dụ 1990."
    assert "Gương người tốt, việc tốt" in said["/kind"]
    assert "guong_nguoi" not in said["/kind"]
    assert "Chưa có “Tiêu đề”." in said.values()
