"""What a new edition changes: clause by clause, and in all that stands around the clauses. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

HEAD = ("number", "title", "gloss", "issuer", "place", "dated")
UNITS = frozenset({"working_days", "days", "hours", "at_once", "day_after_period", "period_end"})
Said = Mapping[str, Any]
Tokens = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleChange:
    """What changed within the rule of a clause's paragraph: the way there from the rule, empty for the whole of it."""

    paragraph: int
    path: Tokens
    before: Any  # None: nothing stood there
    after: Any


@dataclass(frozen=True, slots=True)
class Difference:
    """One change: `kind` is added, removed, changed; of a clause also text, rules, moved (to another chapter).

    `place` is a clause's number, else the way to what is meant: `limits/minor_age`, `forms/01`. `title` is its title,
    or what stood there and what stands there now. Of rules each changed value is a difference of its own, with `rule`.
    """

    place: str
    kind: str
    title: str
    rule: RuleChange | None = None


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
        for change in _rule_changes(known.get("rules", []), clause.get("rules", [])):
            yield Difference(number, "rules", clause["title"], change)
    yield from (Difference(n, "removed", clause["title"]) for n, (_, clause) in before.items() if n not in after)


def _rule_changes(old: Sequence[Said], new: Sequence[Said]) -> Iterator[RuleChange]:
    before, after = ({rule.get("paragraph", 1): rule for rule in rules} for rules in (old, new))
    for paragraph in sorted(before.keys() | after.keys()):
        for path, was, now in _leaves((), before.get(paragraph), after.get(paragraph)):
            yield RuleChange(paragraph=paragraph, path=path, before=was, after=now)


def _leaves(path: Tokens, old: Any, new: Any) -> Iterator[tuple[Tokens, Any, Any]]:
    """The smallest values that differ; a span of time and a list are one."""
    if old == new:
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping) and not (is_span(old) or is_span(new)):
        for name in dict.fromkeys([*old, *new]):
            yield from _leaves((*path, name), old.get(name), new.get(name))
    else:
        yield path, old, new


def is_span(value: Any) -> bool:
    """Is this a length of time, such as ``{"working_days": 3}``?"""
    return isinstance(value, Mapping) and len(value) == 1 and not UNITS.isdisjoint(value)


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
