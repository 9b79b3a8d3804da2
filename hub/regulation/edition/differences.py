"""What a new edition changes: clause by clause, and in all that stands around the clauses. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

HEAD = ("number", "title", "gloss", "issuer", "place", "dated")
Said = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Difference:
    """One change: `kind` is added, removed, changed; of a clause also text, rules, moved (to another chapter).

    `place` is a clause's number, else the way to what is meant: `limits/minor_age`, `forms/01`. `title` is its title,
    or what stood there and what stands there now.
    """

    place: str
    kind: str
    title: str


def diff(old: Said, new: Said) -> list[Difference]:
    """What a new document changes: first its head, then what it has, clause by clause, and what it leaves out."""
    return [
        *_values("", {name: old.get(name) for name in HEAD}, {name: new.get(name) for name in HEAD}),
        *_values("limits/", old.get("limits", {}), new.get("limits", {})),
        *_days(old.get("calendar", {}), new.get("calendar", {})),
        *_listed("legal_bases", _by("id", old, "legal_bases"), _by("id", new, "legal_bases")),
        *_listed("chapters", _heads(old), _heads(new)),
        *_clause_differences(old, new),
        *_listed("forms", _by("number", old, "forms"), _by("number", new, "forms")),
    ]


def _values(way: str, old: Said, new: Said) -> Iterator[Difference]:
    for name in sorted(old.keys() | new.keys(), key=[*old, *new].index):
        before, after = old.get(name), new.get(name)
        if before != after:
            yield Difference(f"{way}{name}", "changed", f"{_shown(before)} → {_shown(after)}")


def _days(old: Said, new: Said) -> Iterator[Difference]:
    for name in ("off", "working"):
        before, after = set(old.get(name, ())), set(new.get(name, ()))
        yield from (Difference(f"calendar/{name}", "added", day) for day in sorted(after - before))
        yield from (Difference(f"calendar/{name}", "removed", day) for day in sorted(before - after))


def _listed(way: str, old: Said, new: Said) -> Iterator[Difference]:
    for name, each in new.items():
        if old.get(name) != each:
            yield Difference(f"{way}/{name}", "changed" if name in old else "added", each["title"])
    yield from (Difference(f"{way}/{name}", "removed", old[name]["title"]) for name in old if name not in new)


def _clause_differences(old: Said, new: Said) -> Iterator[Difference]:
    before, after = _clauses(old), _clauses(new)
    for number, (chapter, clause) in after.items():
        if number not in before:
            yield Difference(number, "added", clause["title"])
            continue
        left, known = before[number]
        if left != chapter:
            yield Difference(number, "moved", clause["title"])
        if _text_of(known) != _text_of(clause):
            yield Difference(number, "text", clause["title"])
        if known.get("rules", []) != clause.get("rules", []):
            yield Difference(number, "rules", clause["title"])
    yield from (Difference(n, "removed", clause["title"]) for n, (_, clause) in before.items() if n not in after)


def _by(name: str, document: Said, listed: str) -> dict[str, Said]:
    return {str(each[name]): each for each in document.get(listed, ())}


def _heads(document: Said) -> dict[str, Said]:
    """Chapters without their clauses."""
    chapters = _by("number", document, "chapters")
    return {number: {k: v for k, v in each.items() if k != "clauses"} for number, each in chapters.items()}


def _clauses(document: Said) -> dict[str, tuple[int, Said]]:
    """Each clause with the chapter it stands in."""
    chapters = document.get("chapters", ())
    return {clause["number"]: (chapter["number"], clause) for chapter in chapters for clause in chapter["clauses"]}


def _text_of(clause: Said) -> dict[str, Any]:
    return {name: value for name, value in clause.items() if name not in ("rules", "dated")}


def _shown(value: Any) -> str:
    return "-" if value is None else str(value)
