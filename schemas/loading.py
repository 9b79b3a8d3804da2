"""Schemas and vocabularies from their files: load(name) and vocabulary(name)."""

import copy
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

HERE = Path(__file__).parent
VOCABULARIES = HERE / "vocabularies"
DEFAULT_LANGUAGE = "vi"


@dataclass(frozen=True, slots=True)
class Item:
    """One code of a vocabulary, with its labels and whatever else the vocabulary says about it."""

    code: str
    labels: Mapping[str, str]
    extras: Mapping[str, Any]  # deeply read-only: mappings and tuples

    def label(self, language: str = DEFAULT_LANGUAGE) -> str:
        """The label in `language` ("vi", "en", "en-GB"); in Vietnamese when there is none."""
        return in_language(self.labels, language)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """A closed list of codes, in the order in which people should see them."""

    name: str
    titles: Mapping[str, str]
    items: tuple[Item, ...]
    by_code: Mapping[str, Item]

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(self.by_code)

    def title(self, language: str = DEFAULT_LANGUAGE) -> str:
        return in_language(self.titles, language)

    def label(self, code: str, language: str = DEFAULT_LANGUAGE) -> str:
        """The label of `code`; raises KeyError for a code that is not in the vocabulary."""
        return self.by_code[code].label(language)

    def __getitem__(self, code: str) -> Item:
        return self.by_code[code]

    def __contains__(self, code: object) -> bool:
        return code in self.by_code

    def __iter__(self) -> Iterator[Item]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)


def load(name: str) -> dict[str, Any]:
    """The schema `name` ("story.v1"), complete and self-contained; the caller may change the copy.

    Wherever the file says x-vocabulary the result has `enum` with that vocabulary's codes.
    Raises LookupError when there is no such schema.
    """
    return copy.deepcopy(loaded(name))


@cache
def loaded(name: str) -> dict[str, Any]:
    """What load(name) copies: shared inside this package, never to be changed."""
    schema = _read(HERE, name)
    _fill_enums(schema)
    return schema


@cache
def vocabulary(name: str) -> Vocabulary:
    """The vocabulary `name` ("topics"); raises LookupError when there is none."""
    data = _read(VOCABULARIES, f"{name}.v1")
    items = tuple(_item(entry) for entry in data["items"])
    return Vocabulary(
        name=data["name"],
        titles=_frozen(data["title"]),
        items=items,
        by_code=MappingProxyType({item.code: item for item in items}),
    )


def in_language(texts: Mapping[str, str], language: str) -> str:
    """The text for `language`, by its first subtag; the Vietnamese one when there is none."""
    return texts.get(language.partition("-")[0].lower()) or texts[DEFAULT_LANGUAGE]


def _read(folder: Path, name: str) -> dict[str, Any]:
    known = {path.name.removesuffix(".json"): path for path in folder.glob("*.json")}
    if name not in known:
        raise LookupError(f"no schema or vocabulary is called {name!r}")
    data: dict[str, Any] = json.loads(known[name].read_text(encoding="utf-8"))
    return data


def _fill_enums(node: Any) -> None:
    if isinstance(node, dict):
        if isinstance(node.get("x-vocabulary"), str):
            node["enum"] = list(vocabulary(node["x-vocabulary"]).codes)
        for child in node.values():
            _fill_enums(child)
    elif isinstance(node, list):
        for child in node:
            _fill_enums(child)


def _item(entry: dict[str, Any]) -> Item:
    extras = {key: value for key, value in entry.items() if key not in ("code", "label")}
    return Item(code=entry["code"], labels=_frozen(entry["label"]), extras=_frozen(extras))


def _frozen(value: Any) -> Any:
    if isinstance(value, dict):
        return MappingProxyType({key: _frozen(child) for key, child in value.items()})
    if isinstance(value, list):
        return tuple(_frozen(child) for child in value)
    return value
