"""`hub org import`: what a table would change is shown, then done in one transaction; faults name the rows."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook

from hub import i18n
from hub.accounts import history, listing, organizations, tables
from hub.accounts.history import Decision
from hub.clock import FixedClock
from hub.db import Database
from hub.tables import UnreadableTable

DECISION = Decision(date(2026, 7, 1), "99-QĐ")
HEADER = "code,name,kind,level,parent,valid_from,valid_to\n"


def a_table(folder: Path, *lines: str) -> Path:
    path = folder / "organizations.csv"
    path.write_text(HEADER + "\n".join(lines) + "\n", encoding="utf-8-sig")
    return path


def bring(database: Database, path: Path, clock: FixedClock) -> list[str]:
    with database.writing() as session:
        plan = tables.plan(session, tables.read_rows(path), DECISION)
        tables.carry_out(session, plan, now=clock.now())
    return list(plan.lines())


def faults_of(path: Path) -> list[tuple[str, str]]:
    with pytest.raises(tables.BadTable) as refused:
        tables.read_rows(path)
    return [(fault.pointer, fault.code) for fault in refused.value.faults]


def test_a_table_brings_a_tree_children_before_parents_or_not(
    database: Database, clock: FixedClock, tmp_path: Path
) -> None:
    path = a_table(
        tmp_path,
        "thon-1,Mặt trận thôn 1,mat_tran,grassroots,xa,2025-07-01,",
        "xa,Mặt trận xã Bến Lau,mat_tran,commune,,2025-07-01,",
    )
    assert bring(database, path, clock)[-1] == "= 0 unchanged"
    with database.reading() as session:
        rows = {row.code: row for row in listing.list_on(session, date(2026, 1, 1))}
        assert rows["thon-1"].parent == "xa"
        assert rows["xa"].system == "front"
        assert listing.list_on(session, date(2025, 6, 30)) == []
    assert bring(database, path, clock) == ["= 2 unchanged"]


def test_a_changed_row_says_what_changes_and_keeps_what_was(
    database: Database, clock: FixedClock, tmp_path: Path
) -> None:
    bring(database, a_table(tmp_path, "xa,Mặt trận xã Bến Lau,mat_tran,commune,,2025-07-01,"), clock)
    shown = bring(database, a_table(tmp_path, "xa,Mặt trận phường Bến Lau,mat_tran,commune,,2026-07-01,"), clock)
    assert shown[0] == "~ xa\t2026-07-01\tname: Mặt trận xã Bến Lau -> Mặt trận phường Bến Lau"
    with database.reading() as session:
        row = organizations.get(session, "xa")
        assert organizations.find_state(session, row.id, date(2026, 6, 30)).name == "Mặt trận xã Bến Lau"
        assert row.name == "Mặt trận phường Bến Lau"


def test_several_rows_of_a_code_are_its_history(database: Database, clock: FixedClock, tmp_path: Path) -> None:
    path = a_table(
        tmp_path,
        "xa,Mặt trận xã Bến Lau,mat_tran,commune,,2025-07-01,2026-01-01",
        "xa,Mặt trận phường Bến Lau,mat_tran,commune,,2026-01-01,2026-09-01",
    )
    bring(database, path, clock)
    with database.reading() as session:
        names = [[row.name for row in listing.list_on(session, day)] for day in (date(2025, 8, 1), DECISION.on)]
        assert names == [["Mặt trận xã Bến Lau"], ["Mặt trận phường Bến Lau"]]
        assert listing.list_on(session, date(2026, 9, 1)) == []


def test_what_the_register_would_refuse_is_foreseen_naming_the_rows(
    database: Database, clock: FixedClock, tmp_path: Path
) -> None:
    bring(
        database,
        a_table(
            tmp_path,
            "xa,Mặt trận xã,mat_tran,commune,,2026-05-01,",
            "thon,Mặt trận thôn,mat_tran,grassroots,,2025-05-01,2026-01-01",
            "to,Mặt trận tổ,mat_tran,grassroots,,2026-05-01,",
        ),
        clock,
    )
    path = a_table(
        tmp_path,
        "thon,Mặt trận thôn 1,mat_tran,grassroots,,2026-03-01,",
        "to,Mặt trận tổ,mat_tran,grassroots,,2026-04-01,2026-04-15",
        "xa,Mặt trận phường,mat_tran,commune,,2026-04-30,",
    )
    with database.reading() as session, pytest.raises(tables.BadTable) as refused:
        tables.plan(session, tables.read_rows(path), DECISION)
    assert [(fault.pointer, fault.code) for fault in refused.value.faults] == [
        ("/2/code", "ended_already"),
        ("/3/valid_to", "overlaps_known"),
        ("/4/valid_from", "overlaps_known"),
    ]


def test_a_rehearsal_refuses_what_the_real_run_would_and_leaves_nothing(
    database: Database, clock: FixedClock, tmp_path: Path
) -> None:
    good = a_table(tmp_path, "xa,Mặt trận xã,mat_tran,commune,,2026-05-01,")
    with database.writing() as session:
        plan = tables.plan(session, tables.read_rows(good), DECISION)
        tables.rehearse(session, plan, now=clock.now())
    with database.writing() as session:
        assert listing.list_all(session) == []
        tables.carry_out(session, plan, now=clock.now())
    with database.writing() as session, pytest.raises(organizations.CodeTaken):
        tables.rehearse(session, plan, now=clock.now())


def test_an_xlsx_reads_as_a_csv_does(database: Database, clock: FixedClock, tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["code", "name", "kind", "valid_from"])
    book.active.append(["xa", "Mặt trận xã Bến Lau", "mat_tran", date(2025, 7, 1)])
    book.save(tmp_path / "organizations.xlsx")
    assert len(bring(database, tmp_path / "organizations.xlsx", clock)) == 2
    with database.reading() as session:
        assert organizations.list_states(session, organizations.get(session, "xa").id)[0].valid_from == date(2025, 7, 1)


def test_every_fault_is_named_by_line_and_column(tmp_path: Path) -> None:
    path = a_table(tmp_path, "aa,,mat_tran,thon,,2026-13-01,", "bb,B,hoi,,,,")
    assert faults_of(path) == [
        ("/2/name", "cell_missing"),
        ("/2/level", "cell_not_in_list"),
        ("/2/valid_from", "cell_not_a_day"),
        ("/3/kind", "cell_not_in_list"),
    ]


@pytest.mark.parametrize(
    ("language", "allowed", "columns"),
    [("vi", "Cơ sở; Xã, phường, đặc khu; Tỉnh, thành phố.", "Mã (code); Tên (name); Loại tổ chức (kind);"),
     ("en", "Grassroots; Commune, ward, special zone; Province or city.", "Code (code); Name (name); Kind (kind);")],
)  # fmt: skip
def test_faults_name_columns_and_what_cells_take_in_words(
    tmp_path: Path, language: str, allowed: str, columns: str
) -> None:
    path = tmp_path / "organizations.csv"
    path.write_text("code,name,kind,level,Cấp,colour\naa,A,mat_tran,thon,commune,red\n", encoding="utf-8")
    with pytest.raises(tables.BadTable) as refused:
        tables.read_rows(path)
    said = {fault.pointer: i18n.fault_sentence(fault, language) for fault in refused.value.faults}
    assert said["/2/level"].endswith(allowed)
    assert columns in said["/2/colour"]
    assert "cấp" in said["/2/cấp"]  # the column stands twice, under both its names
    assert len(said) == 3


def test_columns_and_cells_are_taken_by_their_labels_in_either_language(
    database: Database, clock: FixedClock, tmp_path: Path
) -> None:
    path = tmp_path / "organizations.csv"
    rows = 'xa,Mặt trận xã Bến Lau,ủy ban mặt trận tổ quốc việt nam,"Commune, ward, special zone",2025-07-01\n'
    path.write_text("Mã,TÊN,Kind,Cấp (level),Từ ngày\n" + rows, encoding="utf-8")
    assert len(bring(database, path, clock)) == 2
    with database.reading() as session:
        row = organizations.get(session, "xa")
        assert (row.kind, row.level, row.system) == ("mat_tran", "commune", "front")
        assert organizations.list_states(session, row.id)[0].valid_from == date(2025, 7, 1)


def test_codes_go_without_spaces_capitals_and_diacritics(tmp_path: Path) -> None:
    path = a_table(tmp_path, "hội-nông-dân,A,mat_tran,,,,", "hoi nong dan,B,mat_tran,,,,", "h,C,mat_tran,,,,")
    assert faults_of(path) == [(f"/{line}/code", "cell_not_a_code") for line in (2, 3, 4)]


def test_rows_that_hold_at_the_same_time_are_refused_naming_both(tmp_path: Path) -> None:
    path = a_table(tmp_path, "aa,A,mat_tran,,,2025-01-01,2026-02-01", "aa,B,mat_tran,,,2026-01-01,")
    assert faults_of(path) == [("/3/valid_from", "overlapping_rows")]


def test_circles_and_unknown_parents_are_refused_naming_the_rows(database: Database, tmp_path: Path) -> None:
    path = a_table(tmp_path, "aa,A,mat_tran,,bb,,", "bb,B,mat_tran,,aa,,", "cc,C,mat_tran,,nowhere,,")
    with database.reading() as session, pytest.raises(tables.BadTable) as refused:
        tables.plan(session, tables.read_rows(path), DECISION)
    told = {fault.pointer: (fault.code, fault.facts.get("rows")) for fault in refused.value.faults}
    assert told == {
        "/4/parent": ("unknown_parent", None),
        "/2/parent": ("circle", "2, 3"),
        "/3/parent": ("circle", "3, 2"),
    }


def test_two_may_stand_above_each_other_in_different_years(
    database: Database, clock: FixedClock, tmp_path: Path
) -> None:
    path = a_table(
        tmp_path,
        "aa,A,mat_tran,,bb,2025-01-01,2026-01-01",
        "cc,C,mat_tran,,,2025-01-01,",
        "aa,A,mat_tran,,cc,2026-01-01,",
        "bb,B,mat_tran,,,2025-01-01,2026-01-02",
        "bb,B,mat_tran,,aa,2026-01-02,",
    )
    bring(database, path, clock)
    with database.reading() as session:
        lines = {
            day.year: [(row.code, row.parent) for row in listing.list_on(session, day)]
            for day in (date(2025, 6, 1), date(2026, 6, 1))
        }
    assert {year: sorted(rows) for year, rows in lines.items()} == {
        2025: [("aa", "bb"), ("bb", ""), ("cc", "")],
        2026: [("aa", "cc"), ("bb", "aa"), ("cc", "")],
    }


@pytest.mark.parametrize(
    ("name", "data"), [("x.csv", b"\xff\xfe\x00"), ("x.xlsx", b"PK nothing"), ("x.csv", b"a,a\n1,2\n")]
)
def test_what_is_no_table_is_refused(tmp_path: Path, name: str, data: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(UnreadableTable):
        tables.read_rows(path)


def test_a_gap_between_two_rows_is_refused_naming_both(tmp_path: Path) -> None:
    path = a_table(tmp_path, "aa,A,mat_tran,,,2020-01-01,2022-01-01", "aa,B,mat_tran,,,2024-01-01,")
    with pytest.raises(tables.BadTable) as refused:
        tables.read_rows(path)
    (fault,) = refused.value.faults
    assert (fault.pointer, fault.code, fault.facts["rows"]) == ("/3/valid_from", "gap_between_rows", "2, 3")


def test_a_row_that_ends_before_it_begins_is_told_beside_the_other_faults(tmp_path: Path) -> None:
    path = a_table(tmp_path, "aa,A,mat_tran,,,2026-05-01,2026-04-01", "bb,,mat_tran,,,,")
    assert faults_of(path) == [("/2/valid_to", "ends_before_it_begins"), ("/3/name", "cell_missing")]


def test_whoever_begins_before_the_one_above_is_refused_naming_the_row(
    database: Database, clock: FixedClock, tmp_path: Path
) -> None:
    bring(database, a_table(tmp_path, "xa,Xã,mat_tran,,,2025-07-01,"), clock)
    path = a_table(
        tmp_path,
        "thon,Thôn,mat_tran,,xa,2025-06-30,",
        "tinh,Tỉnh,mat_tran,,,2025-01-01,",
        "phuong,Phường,mat_tran,,tinh,2024-12-31,",
    )
    with database.reading() as session, pytest.raises(tables.BadTable) as refused:
        tables.plan(session, tables.read_rows(path), DECISION)
    assert [(fault.pointer, fault.code) for fault in refused.value.faults] == [
        ("/2/valid_from", "begins_before_parent"),
        ("/4/valid_from", "begins_before_parent"),
    ]


def test_a_row_that_ends_waits_for_those_below_it(database: Database, clock: FixedClock, tmp_path: Path) -> None:
    tree = ("tinh,T,mat_tran,,,2025-01-01,", "xa,X,mat_tran,,tinh,2025-01-01,", "thon,N,mat_tran,,xa,2025-01-01,")
    bring(database, a_table(tmp_path, *tree), clock)
    with database.writing() as session:
        plan = tables.plan(session, tables.read_rows(a_table(tmp_path, tree[1] + "2026-07-01")), DECISION)
        with pytest.raises(history.HasThoseBelow) as refused:
            tables.rehearse(session, plan, now=clock.now())
        assert refused.value.facts["below"] == "thon"
    with database.writing() as session:
        tables.carry_out(session, plan, children_up=True, now=clock.now())
        assert organizations.list_lineage(session, organizations.get(session, "thon").id, on=DECISION.on) == [
            *("thon", "tinh")
        ]
    both = a_table(tmp_path, tree[0] + "2026-08-01", tree[2].replace(",xa,", ",tinh,") + "2026-08-01")
    assert [line[0] for line in bring(database, both, clock)] == ["-", "-", "="]  # of one day: thon first
