"""What commands say to people: one language in a run, Vietnamese unless LANG asks for English.

Imports nothing large before somebody is spoken to: `hub serve` stays small.
"""

from __future__ import annotations

import os


def language() -> str:
    """``vi`` or ``en``, for everything that this run says."""
    return "en" if os.environ.get("LANG", "").lower().startswith("en") else "vi"


def _(text: str, /, **facts: object) -> str:
    """An English text of a command in the language of this run; its translation stands in the catalogue."""
    from hub import i18n

    return i18n.sentence(text, language(), **facts)
