"""What thousands of applications and engines of one run would each work out anew, worked out once.

Every test has an application and a database of its own, and two thirds of a short test went into compiling the
same routes and the same SQL. A server does both once in its life; so may a process of tests. Nothing else is shared.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from sqlalchemy import create_engine
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

STATEMENTS = 6_000
DIALECTS = (PGDialect_psycopg, SQLiteDialect_pysqlite)
WORKED_OUT: LRUCache[Any, Any] = LRUCache(STATEMENTS)
BUILDERS: dict[tuple[Any, ...], Callable[..., Any]] = {}
_compile_builder = Rule._compile_builder


def install(patch: pytest.MonkeyPatch) -> None:
    """Let engines of one kind share their compiled statements, and applications what builds a rule's addresses."""
    for dialect in DIALECTS:  # the key of a compiled statement begins with the dialect
        patch.setattr(dialect, "__eq__", _is_of_the_same_kind)
        patch.setattr(dialect, "__hash__", _hash_of_the_kind)
    patch.setattr(Rule, "_compile_builder", _builder_of)
    options = {"compiled_cache": WORKED_OUT}
    patch.setattr("hub.db.create_engine", partial(create_engine, execution_options=options))


def _is_of_the_same_kind(self: object, other: object) -> bool:
    return type(self) is type(other)


def _hash_of_the_kind(self: object) -> int:
    return hash(type(self))


def _builder_of(self: Rule, append_unknown: bool = True) -> Callable[..., Any]:
    """A rule's builder says its text and its defaults, and asks the rule that it is bound to for the rest."""
    key = (tuple(self._trace), repr(self.defaults), append_unknown)
    if key not in BUILDERS:
        BUILDERS[key] = _compile_builder(self, append_unknown)
    return BUILDERS[key]
