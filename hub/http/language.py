"""The language asked for: Vietnamese first, English when it is preferred."""

from __future__ import annotations

from flask import has_request_context, request

LANGUAGES = ("vi", "en")


def asked_language() -> str:
    """``vi`` or ``en``: the address's ``lang`` parameter, else Accept-Language, else Vietnamese."""
    if not has_request_context():
        return LANGUAGES[0]
    chosen = request.args.get("lang")
    if chosen in LANGUAGES:
        return chosen
    return request.accept_languages.best_match(LANGUAGES) or LANGUAGES[0]
