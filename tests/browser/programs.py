"""Programs that these tests use as readers do: a missing one is skipped at home, and a fault on CI."""

from __future__ import annotations

import os
import shutil

import pytest


def find_program(*names: str) -> str:
    """The path of the first of `names` that is installed; skips the test without one, fails it where CI is "true"."""
    for name in names:
        path = shutil.which(name)
        if path is not None:
            return path
    reason = f"{' or '.join(names)} is not installed"
    if os.environ.get("CI") == "true":
        pytest.fail(f"{reason}, and CI has to run this test")
    pytest.skip(reason)
