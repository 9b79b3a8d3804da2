"""What a reader may do with a story beside showing it, as it stands among the fields of a release. Pure."""

from __future__ import annotations

from collections.abc import Sequence

PREFIX = "usage."


def path_of(code: str) -> str:
    """How a usage stands among the paths of a release."""
    return PREFIX + code


def codes_in(fields: Sequence[str]) -> tuple[str, ...]:
    """The usages among the fields of a release, in their order."""
    return tuple(path.removeprefix(PREFIX) for path in fields if path.startswith(PREFIX))
