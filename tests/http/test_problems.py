"""What problems are called: by their status alone, in the language asked for."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus

import pytest
from flask import Flask

from hub.app import create_app
from hub.config import Settings
from hub.http import problems, wording


@pytest.fixture(scope="module")
def plain_app() -> Flask:
    """An application whose database nobody asks."""
    return create_app(Settings(base_url="https://hub.example"))


@pytest.mark.parametrize("status", {*problems.STATUSES.values(), *problems.TITLES})
def test_every_status_of_a_refusal_has_a_title_in_both_languages(status: HTTPStatus) -> None:
    assert problems.title(status, "en") == problems.TITLES[status]
    assert problems.title(status, "vi") not in ("", problems.TITLES[status])


@pytest.mark.parametrize(
    ("language", "title"), [("vi", "Phương thức không dùng được ở đây"), ("en", "Method Not Allowed")]
)
def test_a_problem_is_titled_in_the_language_of_its_detail(plain_app: Flask, language: str, title: str) -> None:
    answer = plain_app.test_client().delete("/api/v1/openapi.json", headers={"Accept-Language": language})
    assert answer.headers["Content-Language"] == language
    assert (answer.status_code, answer.json["title"]) == (405, title)  # type: ignore[index]


@pytest.mark.parametrize(
    ("instant", "vi"),
    [("2026-12-01T17:00:00+00:00", "hết ngày 1/12/2026"), ("2026-12-01T16:30:00+00:00", "23:30, 1/12/2026")],
)
def test_a_deadline_at_midnight_is_the_end_of_the_day_before(app: Flask, instant: str, vi: str) -> None:
    with app.test_request_context("/?lang=vi"):
        assert wording.deadline(datetime.fromisoformat(instant)) == vi


@pytest.mark.parametrize(
    ("instant", "vi"), [("2026-12-01T17:00:00+00:00", "2/12/2026"), ("2026-12-01T16:30:00+00:00", "23:30, 1/12/2026")]
)
def test_what_ended_at_midnight_is_late_since_the_day_that_began_then(app: Flask, instant: str, vi: str) -> None:
    with app.test_request_context("/?lang=vi"):
        assert wording.lateness(datetime.fromisoformat(instant)) == vi
