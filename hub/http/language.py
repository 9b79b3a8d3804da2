"""The language asked for: Vietnamese first, English when it is preferred."""

from __future__ import annotations

from flask import g, has_request_context, request

LANGUAGES = ("vi", "en")


def asked_language() -> str:
    """``vi`` or ``en``: the address's ``lang`` parameter, else what somebody who signed in has chosen for good
    (`g.own_language`), else Accept-Language, else Vietnamese.
    """
    if not has_request_context():
        return LANGUAGES[0]
    chosen = request.args.get("lang")
    if chosen in LANGUAGES:
        return chosen
    if "own_language" in g:
        return str(g.own_language)
    return request.accept_languages.best_match(LANGUAGES) or LANGUAGES[0]
