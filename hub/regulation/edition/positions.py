"""Where in a JSON text each value stands, so that a fault can be shown by its line. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

import schemas
from schemas.faults import pointer

SPACE = " \t\n\r"
_string = json.JSONDecoder().raw_decode  # used only where a string begins
MARK = "\ufeff"  # a byte order mark, which some editors put in front
DEPTH_AT_MOST = 40
Tokens = tuple[str | int, ...]


class BadText(ValueError):
    """The text is not JSON that means one thing only; `fault` says why, `line` where."""

    def __init__(self, code: str, line: int, at: str = "", **facts: Any) -> None:
        super().__init__(code)
        self.fault = schemas.Fault(at, code, facts)
        self.line = line


@dataclass(frozen=True, slots=True)
class Source:
    """A JSON text that was read: its value, and the line (from 1) on which each value begins, by pointer."""

    document: Any
    lines: Mapping[str, int] = field(default_factory=dict)

    def line_of(self, at: str) -> int:
        """The line of a pointer; of what is not there, the line of what should hold it."""
        while at not in self.lines and at:
            at = at.rpartition("/")[0]
        return self.lines.get(at, 1)


def read(text: str) -> Source:
    """Read a JSON text, strictly. Raises BadText for what is no JSON, for a repeated name and for no number."""
    text = text.removeprefix(MARK)
    try:
        document = json.loads(text, parse_constant=_no_constant)
    except json.JSONDecodeError as exc:
        raise BadText("not_json", exc.lineno, offset=exc.pos, reason=exc.msg) from exc
    except RecursionError as exc:
        raise BadText("too_deep", 1, limit=DEPTH_AT_MOST) from exc
    except ValueError as exc:
        raise BadText("not_a_number", 1, number=str(exc)[:40]) from exc
    walk = _Walk(text)
    walk.value(0, ())
    return Source(document, walk.lines)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


class _Walk:
    """One pass over a text that is known to be JSON."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines: dict[str, int] = {}
        self._seen, self._line = 0, 1

    def value(self, place: int, path: Tokens) -> int:
        """Note the value that begins at or after `place`; returns where it ends."""
        place = self._skip(place)
        self.lines[pointer(path)] = self._line_at(place)
        if len(path) > DEPTH_AT_MOST:
            raise BadText("too_deep", self._line, limit=DEPTH_AT_MOST)
        opening = self.text[place]
        if opening == "{":
            return self._object(place + 1, path)
        if opening == "[":
            return self._array(place + 1, path)
        if opening == '"':
            return _string(self.text, place)[1]
        while place < len(self.text) and self.text[place] not in ",]}" + SPACE:
            place += 1
        return place

    def _object(self, place: int, path: Tokens) -> int:
        names: set[str] = set()
        place = self._skip(place)
        while self.text[place] != "}":
            start = place
            name, place = _string(self.text, place)
            if name in names:
                raise BadText("duplicate_key", self._line_at(start), pointer((*path, name)), key=name)
            names.add(name)
            place = self._skip(place) + 1  # the colon
            place = self._after(self.value(place, (*path, name)))
        return place + 1

    def _array(self, place: int, path: Tokens) -> int:
        number = 0
        place = self._skip(place)
        while self.text[place] != "]":
            place = self._after(self.value(place, (*path, number)))
            number += 1
        return place + 1

    def _after(self, place: int) -> int:
        """Past the comma that follows a member, if one does."""
        place = self._skip(place)
        return self._skip(place + 1) if self.text[place] == "," else place

    def _skip(self, place: int) -> int:
        while place < len(self.text) and self.text[place] in SPACE:
            place += 1
        return place

    def _line_at(self, place: int) -> int:
        self._line += self.text.count("\n", self._seen, place)
        self._seen = place
        return self._line
