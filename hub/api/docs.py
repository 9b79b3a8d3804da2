"""The API's own description: OpenAPI 3.1, and a readable page that needs no other host."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("docs", __name__)
