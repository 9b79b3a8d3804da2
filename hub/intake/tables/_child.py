"""`python -m hub.intake.tables._child`: reads one table in a process of its own."""

from __future__ import annotations

from typing import Any

from hub import apart, tables


def read(ask: dict[str, Any], body: bytes) -> apart.Answer:
    """`ask`: ``{"name": of the file}``; answers its lines as lists of texts, and their charset."""
    lines, charset = tables.read_cells(body, name=ask["name"])
    return {"lines": lines, "charset": charset}, b""


if __name__ == "__main__":
    apart.serve(read)
