"""The fields of a step of the form as the schema describes them, with what they hold.

Names are those of `mapping`. Labels and hints come from the schema, choices from its vocabularies, order and other
words from `steps`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import schemas
from hub.web.unit import mapping
from hub.web.unit.steps import CODES, EAGER, FOLDED, HINTS, LABELS, START, STEPS, YES_OR_NO, Step
from schemas import tree

LINE_AT_MOST = 200  # characters; what may be longer has room for several lines
CHECKS = "checks"
ROWS = "rows"
GROUP = "group"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a return asks to mend in a field: the fault in words, how to mend it, and the note."""

    label: str
    hint: str
    note: str


@dataclass(frozen=True, slots=True)
class Words:
    """What stands beside fields, by their names: faults in sentences, what a return asks, what another device saved."""

    faults: Mapping[str, Sequence[str]] = field(default_factory=dict)
    asked: Mapping[str, Sequence[Asked]] = field(default_factory=dict)
    elsewhere: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A field, a group or a repeated group of a page, ready to be drawn."""

    widget: str
    name: str
    label: str
    hint: str = ""
    required: bool = False
    values: tuple[str, ...] = ()
    was: str = ""
    options: tuple[tuple[str, Any], ...] = ()
    keeps_empty: bool = False  # nothing ticked is an answer, too
    members: tuple[Item, ...] = ()  # of a group; the groups of repeated ones
    is_full: bool = False
    is_folded: bool = False
    most: int | None = None  # characters, or the largest figure
    least: int | None = None
    faults: tuple[str, ...] = ()
    asked: tuple[Asked, ...] = ()
    elsewhere: tuple[str, ...] = ()

    @property
    def value(self) -> str:
        return self.values[0] if self.values else ""

    @property
    def id(self) -> str:
        return id_of(self.name)

    @property
    def is_conditional(self) -> bool:
        """Is it wanted only where the rest of its row is filled in?"""
        return any(step.isdigit() for step in self.name.split("/"))

    def walk(self) -> Iterator[Item]:
        """The item and all below it."""
        yield self
        for member in self.members:
            yield from member.walk()


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What a page is drawn from. `adding` is the group that gets an empty one more, `given` are choices by name."""

    document: Mapping[str, Any]
    language: str
    words: Words = field(default_factory=Words)
    adding: str = ""
    given: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)


_ROOT: tree.Node = schemas.load(mapping.SCHEMA)


def id_of(name: str) -> str:
    """The id of a field on its page."""
    return "f-" + name.replace("/", "-")


def describe(step: Step, view: View) -> list[Item]:
    """The fields of a step, with what they hold."""
    return [_at_path(path, view) for path in step.paths]


def names_of(step: Step, document: Mapping[str, Any]) -> set[str]:
    """The names of the fields of a step that a document fills or could."""
    items = describe(step, View(document=document, language="vi"))
    return {each.name for item in items for each in item.walk()}


def place(pointers: Collection[str], document: Mapping[str, Any]) -> dict[str, tuple[Step, str]]:
    """For each pointer the step and the name of the field it belongs to: its own, or the nearest that holds it."""
    known: dict[str, Step] = {}
    for step in (*STEPS[1:], START):
        for name in names_of(step, document):
            known.setdefault(name, step)
    found = {}
    for pointer in pointers:
        name = field_of(pointer)
        while name and name not in known:
            name = name.rpartition("/")[0]
        found[pointer] = (known.get(name, STEPS[2]), name)
    return found


def field_of(pointer: str) -> str:
    """The name of the field at a pointer: a body is one field, whatever it was sent as."""
    name = pointer.removeprefix("/")
    return "body/html" if name in ("body", "body/text", "body/markdown") else name


def _at_path(path: str, view: View) -> Item:
    node: tree.Node = _ROOT
    value: Any = view.document
    required = True
    for name in path.split("."):
        required = required and name in (tree.value_of(_ROOT, node, "required") or ())
        node = tree.member(_ROOT, node, name) or {}
        value = value.get(name) if isinstance(value, Mapping) else None
    return _item(node, path.replace(".", "/"), value, view, required=required)


def _item(node: tree.Node, name: str, value: Any, view: View, *, required: bool) -> Item:
    common = _common(node, name, view, required=required)
    inner = tree.element(_ROOT, node)
    if name == "body":
        members = tuple(
            _item(
                tree.member(_ROOT, node, each) or {}, f"body/{each}", _get(value, each), view, required=each == "html"
            )
            for each in ("html", "short")
        )
        return Item(widget=GROUP, members=members, **common)
    if inner is not None and any(True for _ in tree.members(_ROOT, inner)):
        return _rows(node, inner, name, value, view, common)
    if inner is not None:
        return _several(node, inner, name, value, view, common)
    if _members(node):
        members = tuple(_within(node, name, value, view, required=required))
        told = any(each.faults or each.asked or each.elsewhere for member in members for each in member.walk())
        is_folded = name in FOLDED and not value and not told and not common["faults"]
        return Item(widget=GROUP, members=members, is_folded=is_folded, **common)
    return _single(node, name, value, view, common)


def _within(node: tree.Node, name: str, value: Any, view: View, *, required: bool) -> Iterator[Item]:
    needed = tree.value_of(_ROOT, node, "required") or ()
    for member, child in _members(node).items():
        yield _item(child, f"{name}/{member}", _get(value, member), view, required=required and member in needed)


def _rows(node: tree.Node, inner: tree.Node, name: str, value: Any, view: View, common: Mapping[str, Any]) -> Item:
    held = [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []
    shown: list[Mapping[str, Any]] = list(held)
    if view.adding == name or (not held and name in EAGER):
        shown.append({"kind": "footage"} if name == "media" else {})
    rows = []
    for at, each in enumerate(shown):
        form = _ROOT["$defs"].get(each.get("kind"), inner) if name == "media" else inner
        label = {**common, "label": f"{common['label']} {at + 1}", "hint": "", **_said(f"{name}/{at}", view)}
        members = tuple(_within(form, f"{name}/{at}", each, view, required=True))
        if each.get("kind") == "film":
            members = tuple(replace(one, widget="film") if one.widget == "picture" else one for one in members)
        rows.append(Item(widget=GROUP, members=members, **{**label, "name": f"{name}/{at}"}))
    most = tree.value_of(_ROOT, node, "maxItems")
    return Item(widget=ROWS, members=tuple(rows), is_full=most is not None and len(held) >= most, **common)


def _several(node: tree.Node, inner: tree.Node, name: str, value: Any, view: View, common: Mapping[str, Any]) -> Item:
    values = tuple(str(each) for each in value) if isinstance(value, list) else ()
    options = _options(inner, name, view)
    if options:
        options += tuple((each, each) for each in values if each not in dict(options))
        keeps = bool(common["required"]) and not tree.value_of(_ROOT, node, "minItems")
        return Item(widget=CHECKS, values=values, options=options, keeps_empty=keeps, **common)
    return Item(widget="lines", values=(*values, ""), most=tree.value_of(_ROOT, inner, "maxLength"), **common)


def _single(node: tree.Node, name: str, value: Any, view: View, common: Mapping[str, Any]) -> Item:
    form = {each: tree.value_of(_ROOT, node, each) for each in ("type", "format", "const", "maxLength", "maximum")}
    fields = {} if value is None else _as_field(name, value)
    values = tuple(fields.get(name, ()))
    was = next(iter(fields.get(name + mapping.WAS, ())), "")
    options = _options(node, name, view)
    if form["const"] is not None:
        return Item(widget="hidden", values=(str(form["const"]),), **common)
    if form["type"] == "boolean":
        return Item(widget="choice", values=values, options=YES_OR_NO, **common)
    if options:
        options += tuple((each, each) for each in values if each not in dict(options))
        return Item(widget="choice", values=values, options=options, **common)
    least = tree.value_of(_ROOT, node, "minimum")
    most = form["maximum"] if form["type"] in ("integer", "number") else form["maxLength"]
    return Item(widget=_widget(name, form), values=values, was=was, most=most, least=least, **common)


def _widget(name: str, form: Mapping[str, Any]) -> str:
    last = name.rpartition("/")[2]
    if name in ("body/html", "body/short"):
        return "editor"
    if last == "upload":
        return "picture"
    if form["type"] in ("integer", "number"):
        return "number"
    by_format = {"date": "date", "date-time": "instant", "email": "email", "uri": "url"}
    if form["format"] in by_format:
        return by_format[form["format"]]
    if last == "phone":
        return "tel"
    return "textarea" if (form["maxLength"] or 0) > LINE_AT_MOST or last == "title" == name else "text"


def _as_field(name: str, value: Any) -> dict[str, list[str]]:
    """The value of one field as `mapping` would show it where it stands."""
    holder: Any = value
    for step in reversed(name.split("/")):
        holder = [None] * int(step) + [holder] if step.isdigit() else {step: holder}
    return mapping.to_fields(holder)


def _common(node: tree.Node, name: str, view: View, *, required: bool) -> dict[str, Any]:
    english = view.language == "en"
    path = ".".join(step for step in name.split("/") if not step.isdigit())
    said = tree.value_of(_ROOT, node, "description" if english else "x-description-vi") or ""
    title = tree.value_of(_ROOT, node, "title" if english else "x-title-vi") or path
    return {
        "name": name,
        "label": str(LABELS.get(path, title)),
        "hint": str(HINTS.get(path, said)),
        "required": required,
        **_said(name, view),
    }


def _said(name: str, view: View) -> dict[str, Any]:
    """What stands beside a field; what is said of a place of a list stands beside the list."""
    words = view.words
    return {
        "faults": tuple(words.faults.get(name, ())),
        "asked": tuple(words.asked.get(name, ())),
        "elsewhere": tuple(words.elsewhere.get(name, ())),
    }


def _options(node: tree.Node, name: str, view: View) -> tuple[tuple[str, Any], ...]:
    if name in view.given:
        return tuple(view.given[name])
    vocabulary = tree.value_of(_ROOT, node, "x-vocabulary")
    if vocabulary is not None:
        return tuple((item.code, item.label(view.language)) for item in schemas.vocabulary(vocabulary))
    codes = tree.value_of(_ROOT, node, "enum")
    words = CODES.get(name.rpartition("/")[2], {})
    return tuple((code, words.get(code, code)) for code in codes) if codes else ()


def _members(node: tree.Node) -> dict[str, tree.Node]:
    found: dict[str, tree.Node] = {}
    for name, child, _shape in tree.members(_ROOT, node):
        found.setdefault(name, child)
    return found


def _get(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, Mapping) else None
