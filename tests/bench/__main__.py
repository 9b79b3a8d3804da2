"""`python -m tests.bench [--quick] [MEASURE…]`: one table; 1 when something is over its limit, but for a quick run."""

from __future__ import annotations

import argparse
import sys
from importlib import import_module

from tests.bench.measuring import Line, as_table
from tests.bench.worlds import on_postgres

MEASURES = {
    "clean": "clean",
    "intake": "intake",
    "import": "importing",
    "render": "render",
    "proof": "proof",
    "pages": "pages",
    "feeds": "feeds",
    "duties": "duties",
    "memory": "memory",
    "likeness": "likeness",
    "search": "search",
    "fanout": "fanout",
    "desks": "desks",
}


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench", description="What the hub costs, in ratios of one run."
    )
    parser.add_argument(
        "measures", nargs="*", metavar="MEASURE", help=f"one or more of {', '.join(MEASURES)}; else all"
    )
    parser.add_argument("--quick", action="store_true", help="a small run that only shows that everything works")
    chosen = parser.parse_args()
    if unknown := set(chosen.measures) - set(MEASURES):
        parser.error(f"no such measure: {', '.join(sorted(unknown))}")
    print(
        f"database: {'PostgreSQL, in other processes: pages in wall time' if on_postgres() else 'SQLite'}",
        file=sys.stderr,
    )
    lines: list[Line] = []
    for name in chosen.measures or MEASURES:
        print(f"… {name}", file=sys.stderr, flush=True)
        lines += import_module(f"tests.bench.{MEASURES[name]}").measure(quick=chosen.quick)
    print(as_table(line.cells() for line in lines))
    over = [line.measure for line in lines if line.is_over]
    if not over or chosen.quick:  # what is small says nothing of ratios
        return 0
    print(f"over: {'; '.join(over)}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
