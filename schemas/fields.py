"""Who may see which field: paths of the story, their audience, what a profile covers, what consent opens.

A path is dotted and has no indexes; arrays are transparent: `interview.guests.contact.phone`.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from types import MappingProxyType

from schemas import tree
from schemas.loading import Vocabulary, loaded, vocabulary


class Audience(IntEnum):
    """Who is looking, or who may: a field shows to an audience that reaches the field's own."""

    PUBLIC = 0
    OUTLET = 1
    DESK = 2
    SEALED = 3

    @classmethod
    def named(cls, name: str) -> "Audience":
        """The audience a schema or a row calls `name` ("public"); raises KeyError for any other word."""
        return _NAMES[name]

    @property
    def word(self) -> str:
        """What schemas and rows call it."""
        return self.name.lower()


_NAMES = {audience.name.lower(): audience for audience in Audience}


@dataclass(frozen=True, slots=True)
class _Field:
    audience: Audience
    is_explicit: bool
    is_leaf: bool


def fields() -> Mapping[str, Audience]:
    """Every leaf path of the story with the strictest audience along it, in the order of the schema.

    Where pictures and footage share a path (`media.caption`), it is the pictures' audience: ask media_audience()
    about each element of `media` as well.
    """
    return _leaves()


def node_paths() -> Collection[str]:
    """Every path of the story: leaves, and what holds them."""
    return _table().keys()


def media_audience(kind: str) -> Audience:
    """The audience of a whole element of `media` by its `kind`; SEALED for a kind that nobody knows."""
    definition = loaded("story.v1")["$defs"].get(kind) if kind in _media_kinds() else None
    return Audience.named(definition["x-audience"]) if definition else Audience.SEALED


def covers(profile_fields: Collection[str], path: str) -> bool:
    """Whether a profile that lists `profile_fields` covers `path` (a leaf or what holds leaves).

    A listed path covers all below it, except from an x-explicit node on, which must be listed itself.
    A path that the story does not have is never covered.
    """
    table = _table()
    if path not in table:
        return False
    while path not in profile_fields:
        parent, dot, _ = path.rpartition(".")
        if not dot or table[path].is_explicit:
            return False
        path = parent
    return True


@cache
def consent_needed(path: str) -> frozenset[str]:
    """The consent scopes that open `path`; any one of them is enough. Empty when it needs no consent.

    Which of `image` and `image_of_work` a picture needs says its own `shows`. Raises KeyError for a path that the
    story does not have, and ValueError for one that only holds fields under consent: ask for its leaves.
    """
    if path not in _table():
        raise KeyError(path)
    scopes = {item.code: item.extras["fields"] for item in vocabulary("consent_scopes")}
    opening = frozenset(code for code, opened in scopes.items() if any(_is_within(path, field) for field in opened))
    if not opening and any(_is_within(field, path) for opened in scopes.values() for field in opened):
        raise ValueError(f"{path} holds fields under consent; ask for its leaves")
    return opening


@cache
def child_consent_needed(path: str) -> frozenset[str]:
    """The scopes that open `path` where it tells of a child, besides those that open it for everybody.

    Any one of them is enough; empty when children are told of there like others.
    """
    scopes = {item.code: item.extras.get("child_fields", ()) for item in vocabulary("consent_scopes")}
    return frozenset(code for code, opened in scopes.items() if any(_is_within(path, field) for field in opened))


@cache
def usages() -> tuple[str, ...]:
    """The consent scopes that open no field, but say what a reader may do with the story, in the vocabulary's order."""
    return tuple(item.code for item in vocabulary("consent_scopes") if item.extras.get("usage"))


def title_of(pointer: str, language: str = "vi") -> str:
    """What people call the field at a JSON Pointer into a story, by the schema: titles from the outside in.

    The pointer's last step for a field that the story does not have.
    """
    steps = pointer.split("/")[1:]
    tokens = _tokens(pointer)
    root = loaded("story.v1")
    keyword = "title" if language == "en" else "x-title-vi"
    titles: list[str] = []
    for token, node in zip(tokens, tree.trail(root, tokens), strict=True):
        title = tree.value_of(root, node, keyword) if node is not None else None
        if isinstance(token, int):
            titles[-1:] = [f"{''.join(titles[-1:])} {token + 1}"]
        elif title is not None:
            titles.append(str(title))
    if steps[:1] == ["body"]:
        titles = titles[:1]  # readers know no formats of a body
    return ", ".join(titles) or (steps[-1] if steps else "")


def vocabulary_at(pointer: str) -> Vocabulary | None:
    """The vocabulary that the field at a JSON Pointer into a story takes its codes from; None for none."""
    root, tokens = loaded("story.v1"), _tokens(pointer)
    node = (tree.trail(root, tokens) or [None])[-1]
    name = tree.value_of(root, node, "x-vocabulary") if node is not None else None
    return vocabulary(name) if name is not None else None


def title_of_path(path: str, language: str = "vi") -> str:
    """What people call the field at a dotted path of the story, by the schema: titles from the outside in.

    The path's last step for a field that the story does not have.
    """
    return ", ".join(titles_of_path(path, language)) or path.rpartition(".")[2]


def titles_of_path(path: str, language: str = "vi") -> list[str]:
    """The same title by title, for whoever shows one within another: titles may hold commas of their own."""
    root = loaded("story.v1")
    node: tree.Node | None = root
    titles: list[str] = []
    for name in path.split("."):
        node = tree.member(root, node, name) if node is not None else None
        if node is not None:
            titles.append(str(tree.value_of(root, node, "title" if language == "en" else "x-title-vi") or name))
            node = tree.element(root, node) or node
    return titles


def is_field(pointer: str) -> bool:
    """Does the schema know a field at this JSON Pointer into a story?"""
    known = tree.trail(loaded("story.v1"), _tokens(pointer))
    return bool(known) and known[-1] is not None


def _tokens(pointer: str) -> list[str | int]:
    return [int(step) if step.isdecimal() else step for step in pointer.split("/")[1:]]


@cache
def _table() -> Mapping[str, _Field]:
    root = loaded("story.v1")
    table: dict[str, _Field] = {}
    for path, found in _walk(root, root, "", Audience.PUBLIC):
        before = table.get(path)
        if before is None or found.audience < before.audience:
            table[path] = found
    return MappingProxyType(table)


@cache
def _leaves() -> Mapping[str, Audience]:
    return MappingProxyType({path: found.audience for path, found in _table().items() if found.is_leaf})


def _walk(root: tree.Node, node: tree.Node, above: str, audience: Audience) -> Iterator[tuple[str, _Field]]:
    for name, child, shape in tree.members(root, node):
        path = f"{above}.{name}" if above else name
        own = max(audience, Audience.named(shape.get("x-audience", "public")), Audience.named(child["x-audience"]))
        inner = tree.element(root, child) or child
        below = list(_walk(root, inner, path, own))
        yield path, _Field(audience=own, is_explicit=bool(child.get("x-explicit")), is_leaf=not below)
        yield from below


def _media_kinds() -> tuple[str, ...]:
    kinds: list[str] = loaded("story.v1")["$defs"]["media_item"]["properties"]["kind"]["enum"]
    return tuple(kinds)


def _is_within(path: str, holder: str) -> bool:
    return path == holder or path.startswith(holder + ".")
