"""What thousands of applications and engines of one run would each work out anew, worked out once.

Every test has an application and a database of its own, and two thirds of a short test went into compiling the
same routes, the same SQL and the same templates. A server does so once in its life; so may a process of tests.
Nothing else is shared.
"""

from __future__ import annotations

from functools import partial
from types import CodeType, MethodType
from typing import Any

import pytest
from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import create_engine
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

STATEMENTS = 6_000
DIALECTS = (PGDialect_psycopg, SQLiteDialect_pysqlite)
WORKED_OUT: LRUCache[Any, Any] = LRUCache(STATEMENTS)
RULES: dict[tuple[Any, ...], dict[str, Any]] = {}
_compile = Rule.compile


class CompiledTemplates(BytecodeCache):
    """Code of templates by their place and the digest of their text."""

    def __init__(self) -> None:
        self.codes: dict[tuple[str, str], CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self.codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.codes[bucket.key, bucket.checksum] = bucket.code


def install(patch: pytest.MonkeyPatch) -> None:
    """Let engines of one kind share compiled statements; applications the rules of their routes, and templates."""
    for dialect in DIALECTS:  # the key of a compiled statement begins with the dialect
        patch.setattr(dialect, "__eq__", _is_of_the_same_kind)
        patch.setattr(dialect, "__hash__", _hash_of_the_kind)
    patch.setattr(Rule, "compile", _compile_once)
    patch.setattr(Flask, "jinja_options", {"bytecode_cache": CompiledTemplates()})
    options = {"compiled_cache": WORKED_OUT}
    patch.setattr("hub.db.create_engine", partial(create_engine, execution_options=options))


def _is_of_the_same_kind(self: object, other: object) -> bool:
    return type(self) is type(other)


def _hash_of_the_kind(self: object) -> int:
    return hash(type(self))


def _compile_once(self: Rule) -> None:
    """What a rule works out hangs on its text, its defaults, and the settings and converters of its map."""
    assert self.map is not None
    place = (self.map.host_matching, self.host, self.subdomain, frozenset(self.map.converters.items()))
    key = (self.rule, repr(self.defaults), self.merge_slashes, *place)
    if (kept := RULES.get(key)) is None:
        _compile(self)
        kept = {name: getattr(self, name) for name in ("_parts", "_trace", "_converters", "arguments")}
        builders = {name: getattr(self, name).__func__ for name in ("_build", "_build_unknown")}
        RULES[key] = {**kept, **builders}
        return
    for name, value in kept.items():
        setattr(self, name, MethodType(value, self) if name in ("_build", "_build_unknown") else value)
