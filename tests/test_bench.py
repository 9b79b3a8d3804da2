"""The benchmarks run: what they measure is theirs to judge, by hand and in full."""

from __future__ import annotations

import os
import subprocess
import sys


def test_a_quick_run_of_the_benchmarks_ends_with_its_table() -> None:
    others = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench", "--quick", "fanout", "pages"],
        env=others,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    for measured in (
        "to 100, 1% hanging",
        "200 dead, silent since just now",
        "first page, kept",
        "page of the archive",
    ):
        assert measured in done.stdout
