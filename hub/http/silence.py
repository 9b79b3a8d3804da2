"""Views of which nothing is written down: no line in the log, no count, and of an error its kind and place only.

Who looks at the door for reports, and when, is nobody's business; and what somebody sent there could stand in the
message of an exception. Errors are logged without endpoint, message or values.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from flask import current_app, request

View = TypeVar("View", bound=Callable[..., Any])


def silent(view: View) -> View:
    """Mark a view as one of these."""
    view.silent = True  # type: ignore[attr-defined]
    return view


def is_silent() -> bool:
    """Is this request for one of these views?"""
    view = current_app.view_functions.get(request.endpoint or "")
    return getattr(view, "silent", False)


def without_values(error: BaseException) -> str:
    """An error's kind, and where it was raised: nothing of what it says."""
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames[-4:]]
    return f"{type(error).__name__} at {' > '.join(places) or '-'}"
