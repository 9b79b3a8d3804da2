"""Organizations from a table: what a file would change is planned and shown first, then done in one transaction.

Several rows of one code are its history. Rows that are not there change nothing: nobody ends by being left out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

import schemas
from hub.accounts import history, organizations, table_columns
from hub.accounts.history import Decision
from hub.accounts.organizations import FACTS, NewOrganization
from hub.accounts.table_columns import allowed_in, code_in, find_column, headings
from hub.clock import local_day
from hub.errors import Invalid
from hub.models import Organization, OrganizationState
from hub.tables import TableRow, read_table

SAID = ("name", "system", "kind", "level", "commune", "province", "parent")


class BadTable(Invalid):
    """Rows of the table cannot be taken; the faults name them."""

    key = "error.bad_table"


@dataclass(frozen=True, slots=True)
class Row:
    """One row as meant: an organization from a day on, and before another."""

    line: int
    code: str
    said: dict[str, str]  # of SAID, those that the row tells
    valid_from: date | None
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class Step:
    """One change: a new organization, a further state, another fact, or an end."""

    kind: str  # add, change, end
    line: int  # of the row that says so
    code: str
    on: date
    said: Mapping[str, str]
    before: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a table would change, in the order in which it is done."""

    steps: tuple[Step, ...]
    decision: Decision
    same: int

    def lines(self) -> Iterator[str]:
        """The plan for people: ``+`` new, ``~`` changed, ``-`` ended; the last line counts."""
        for step in self.steps:
            mark = {"add": "+", "end": "-"}.get(step.kind, "~")
            told = "; ".join(
                f"{name}: {step.before[name] or '-'} -> {value or '-'}" if name in step.before else f"{name}: {value}"
                for name, value in step.said.items()
            )
            yield f"{mark} {step.code}\t{step.on}\t{told}"
        yield f"= {self.same} unchanged"


def read_rows(path: Path) -> list[Row]:
    """The rows of a CSV or XLSX file. Raises BadTable with every fault, UnreadableTable or TooLarge."""
    rows, faults = [], []
    for sent in read_table(path):
        cells, found = _cells_of(sent)
        found += _cell_faults(sent.line, cells)
        faults += found
        if not found:
            rows.append(
                Row(
                    sent.line,
                    cells["code"],
                    {name: cells[name] for name in SAID if name in cells},
                    _day(cells.get("valid_from")),
                    _day(cells.get("valid_to")),
                )
            )
    faults += _span_faults(rows)
    if faults:
        raise BadTable(faults=sorted(faults, key=_line_of))
    return rows


def plan(session: Session, rows: Sequence[Row], decision: Decision) -> Plan:
    """What these rows would change. Raises BadTable, naming the rows, for parents that are not there, for circles, and
    for what a register that only grows at its end would refuse.
    """
    known = {row.code: row for row in session.scalars(select(Organization))}
    codes = {row.id: row.code for row in known.values()}
    by_code: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_code[row.code].append(row)
    faults = [*_parent_faults(rows, known), *_circles(by_code, known, codes)]
    steps: list[Step] = []
    same = 0
    for code in _parents_first(by_code):
        found = list(_steps(session, code, by_code[code], known, codes, decision))
        faults += _late_faults(session, known.get(code), found)
        steps += found
        same += not found
    faults += _early_faults(session, steps)
    if faults:
        raise BadTable(faults=sorted(faults, key=_line_of))
    return Plan(_in_turn(steps), decision, same)


def rehearse(session: Session, planned: Plan, *, children_up: bool = False, now: datetime) -> None:
    """Do what was planned and take it back, so that whatever would refuse it does so before anybody agrees to it."""
    trial = session.begin_nested()
    carry_out(session, planned, children_up=children_up, now=now)
    trial.rollback()


def carry_out(session: Session, planned: Plan, *, children_up: bool = False, now: datetime) -> None:
    """Do what was planned, in the caller's transaction; `children_up` as `history.close` has it."""
    for step in planned.steps:
        decision = Decision(step.on, planned.decision.number)
        if step.kind == "add":
            said = {"system": "", "level": "", "commune": "", "province": "", "parent": "", **step.said}
            organizations.add(session, NewOrganization(code=step.code, valid_from=step.on, **said), now=now)
        elif step.kind == "end":
            history.close(session, step.code, decision, children_up=children_up, now=now)
        else:
            facts: dict[str, Any] = dict(step.said)
            if "parent" in facts:
                parent = facts.pop("parent")
                facts["parent_id"] = organizations.get(session, parent).id if parent else None
            event = "move" if set(step.said) == {"parent"} else "rename"
            history.change(session, step.code, facts, event, decision, now=now)
    history.refresh(session, on=local_day(now))


def _cells_of(sent: TableRow) -> tuple[dict[str, str], list[schemas.Fault]]:
    """The cells of a row by the codes of their columns, labels as codes; and what is wrong with the columns."""
    cells: dict[str, str] = {}
    faults = []
    for heading, cell in sent.cells.items():
        column = find_column(heading)
        if column is None:
            faults.append(schemas.Fault(f"/{sent.line}/{heading}", "unknown_column", {"columns": headings()}))
        elif column.code in cells:
            faults.append(schemas.Fault(f"/{sent.line}/{heading}", "table_column_twice", {"column": heading}))
        else:
            cells[column.code] = code_in(column, cell)
    return cells, faults


def _cell_faults(line: int, cells: Mapping[str, str]) -> Iterator[schemas.Fault]:
    for needed in ("code", "name", "kind"):
        if needed not in cells:
            yield schemas.Fault(f"/{line}/{needed}", "cell_missing", {})
    if (code := cells.get("code")) and not organizations.is_code(code):
        yield schemas.Fault(f"/{line}/code", "cell_not_a_code", {"value": code})
    for column in table_columns.COLUMNS:
        cell = cells.get(column.code)
        if cell and column.vocabulary and cell not in schemas.vocabulary(column.vocabulary):
            facts = {"value": cell, "allowed": allowed_in(column)}
            yield schemas.Fault(f"/{line}/{column.code}", "cell_not_in_list", facts)
    for name in ("valid_from", "valid_to"):
        try:
            _day(cells.get(name))
        except ValueError:
            yield schemas.Fault(f"/{line}/{name}", "cell_not_a_day", {"value": cells[name]})


def _span_faults(rows: Sequence[Row]) -> Iterator[schemas.Fault]:
    """Rows that end before they begin; two of one code that hold at the same time, or with a gap between them."""
    for row in rows:
        if row.valid_from is not None and row.valid_to is not None and row.valid_to < row.valid_from:
            yield schemas.Fault(f"/{row.line}/valid_to", "ends_before_it_begins", {})
    by_code: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_code[row.code].append(row)
    for code, history_of in by_code.items():
        ordered = sorted(history_of, key=lambda row: row.valid_from or date.min)
        for earlier, later in pairwise(ordered):
            if earlier.valid_to is None or later.valid_from is None or later.valid_from < earlier.valid_to:
                facts = {"code": code, "rows": f"{earlier.line}, {later.line}"}
                yield schemas.Fault(f"/{later.line}/valid_from", "overlapping_rows", facts)
            elif earlier.valid_to < later.valid_from:
                facts = {"code": code, "rows": f"{earlier.line}, {later.line}"}
                facts |= {"ended_on": earlier.valid_to.isoformat(), "began": later.valid_from.isoformat()}
                yield schemas.Fault(f"/{later.line}/valid_from", "gap_between_rows", facts)


def _parent_faults(rows: Sequence[Row], known: Mapping[str, Organization]) -> Iterator[schemas.Fault]:
    told = {row.code for row in rows}
    for row in rows:
        parent = row.said.get("parent")
        if parent and parent not in told and parent not in known:
            yield schemas.Fault(f"/{row.line}/parent", "unknown_parent", {"parent": parent})


def _circles(
    by_code: Mapping[str, Sequence[Row]], known: Mapping[str, Organization], codes: Mapping[int, str]
) -> Iterator[schemas.Fault]:
    """Whoever would stand below itself once the table is carried out."""
    above = {row.code: codes.get(row.parent_id or 0, "") for row in known.values()}
    above |= {code: rows[-1].said.get("parent", above.get(code, "")) for code, rows in by_code.items()}
    for code, rows in by_code.items():
        line, step = [code], above.get(code, "")
        while step and step not in line:
            line.append(step)
            step = above.get(step, "")
        if step == code:
            told = [str(row.line) for name in line for row in by_code.get(name, ())]
            facts = {"code": code, "line": " < ".join([*line, code]), "rows": ", ".join(told)}
            yield schemas.Fault(f"/{rows[-1].line}/parent", "circle", facts)


def _late_faults(session: Session, row: Organization | None, steps: Sequence[Step]) -> Iterator[schemas.Fault]:
    """Steps of a known organization that come after its end, or before what is known of it last."""
    if row is None:
        return
    *_, last = organizations.list_states(session, row.id)
    for step in steps:
        if row.ended_on is not None:
            yield schemas.Fault(f"/{step.line}/code", "ended_already", {"code": row.code, "ended_on": row.ended_on})
        elif step.on < last.valid_from:
            facts = {"code": row.code, "on": step.on, "known": last.valid_from, "name": last.name}
            column = "valid_to" if step.kind == "end" else "valid_from"
            yield schemas.Fault(f"/{step.line}/{column}", "overlaps_known", facts)


def _early_faults(session: Session, steps: Sequence[Step]) -> Iterator[schemas.Fault]:
    """Steps that put somebody under an organization before it begins."""
    query = select(Organization.code, func.min(OrganizationState.valid_from)).join(
        OrganizationState, OrganizationState.organization_id == Organization.id
    )
    begins = dict(session.execute(query.group_by(Organization.code)).all())
    begins |= {step.code: step.on for step in steps if step.kind == "add"}
    for step in steps:
        parent = step.said.get("parent", "")
        if parent in begins and step.on < begins[parent]:
            facts = {"code": step.code, "parent": parent, "began": begins[parent], "on": step.on}
            yield schemas.Fault(f"/{step.line}/valid_from", "begins_before_parent", facts)


def _line_of(fault: schemas.Fault) -> int:
    return int(fault.pointer.split("/")[1])


def _turn(step: Step) -> tuple[Any, ...]:
    """Whoever comes in first, parents before those below them; then day by day, out of a line before into one.

    On one day the ends come last.
    """
    return (False,) if step.kind == "add" else (True, step.on, step.kind == "end", bool(step.said.get("parent")))


def _in_turn(steps: Sequence[Step]) -> tuple[Step, ...]:
    """The steps in the order in which they are done; of those who end on one day, whoever stands below goes first."""
    others, ends = ([step for step in steps if (step.kind == "end") is end] for end in (False, True))
    return tuple(sorted([*others, *reversed(ends)], key=_turn))


def _parents_first(by_code: Mapping[str, Sequence[Row]]) -> list[str]:
    ordered: dict[str, None] = {}
    begun: set[str] = set()  # two may stand above each other by turns, in different years

    def visit(code: str) -> None:
        begun.add(code)
        for row in by_code[code]:
            parent = row.said.get("parent", "")
            if parent in by_code and parent not in begun:
                visit(parent)
        ordered.setdefault(code)

    for code in by_code:
        if code not in begun:
            visit(code)
    return list(ordered)


def _steps(
    session: Session,
    code: str,
    rows: Sequence[Row],
    known: Mapping[str, Organization],
    codes: Mapping[int, str],
    decision: Decision,
) -> Iterator[Step]:
    ordered = sorted(rows, key=lambda row: row.valid_from or date.min)
    states = organizations.list_states(session, known[code].id) if code in known else []
    last = _told(states[-1], codes) if states else None
    for row in ordered:
        on = row.valid_from or decision.on
        if last is None:
            last = {"system": organizations.system_of(row.said["kind"]), **row.said}
            yield Step("add", row.line, code, on, dict(row.said))
            continue
        if any(state.valid_from == row.valid_from for state in states[:-1]):
            continue  # known already, and the past stays as it is
        changed = {name: value for name, value in row.said.items() if last.get(name, "") != value}
        if changed:
            yield Step("change", row.line, code, on, changed, {name: last.get(name, "") for name in changed})
            last = {**last, **row.said}
    ending = ordered[-1].valid_to
    if ending is not None and (code not in known or known[code].ended_on is None):
        yield Step("end", ordered[-1].line, code, ending, {})


def _told(state: OrganizationState, codes: Mapping[int, str]) -> dict[str, str]:
    told = {name: getattr(state, name) for name in FACTS[:-1]}
    return {**told, "parent": codes.get(state.parent_id or 0, "")}


def _day(cell: str | None) -> date | None:
    return date.fromisoformat(cell) if cell else None
