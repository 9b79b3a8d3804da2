"""Structured logs on stderr: one event a line, with facts beside it, never a key."""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from contextlib import suppress
from typing import Any, TextIO, cast

import structlog


def configure(form: str, stream: TextIO | None = None) -> None:
    """Log as `text` or `json`."""
    stream = stream or cast("TextIO", _Stderr())
    renderer = structlog.processors.JSONRenderer() if form == "json" else _text
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )


class _Stderr:
    """Whatever stderr is when a line is written; a full disk under the log must not turn answers into errors."""

    def write(self, text: str) -> None:
        with suppress(OSError):
            sys.stderr.write(text)

    def flush(self) -> None:
        with suppress(OSError):
            sys.stderr.flush()


_pairs = structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"])


def _text(logger: Any, name: str, event: MutableMapping[str, Any]) -> str:
    """One line of ``key=value``; a traceback follows on lines of its own."""
    traceback = event.pop("exception", "")
    return _pairs(logger, name, event) + (f"\n{traceback}" if traceback else "")
