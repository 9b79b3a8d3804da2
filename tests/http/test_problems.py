"""What problems are called: by their status alone, in the language asked for."""

from __future__ import annotations

from http import HTTPStatus

import pytest
from flask import Flask

from hub.app import create_app
from hub.config import Settings
from hub.http import problems


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
