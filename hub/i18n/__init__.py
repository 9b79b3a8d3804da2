"""The catalogues: every sentence people see, Vietnamese and English, in ``<language>/LC_MESSAGES/messages.po``.

Refusals are looked up by key, pages by their English text; `sentence` serves doors that have no request, too.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

from babel.support import NullTranslations, Translations

import schemas
from hub.i18n import words

FOLDER = str(files(__name__))
REFUSALS = ("error.", "fault.")  # how the keys of refusals begin


def sentence(key: str, language: str, /, **facts: Any) -> str:
    """The text of `key` in ``vi`` or ``en``, with facts filled in; the key itself when no text is known.

    A refusal says its codes and instants in words (`hub.i18n.words`).
    """
    say = _catalogue(language).ugettext
    text: str = say(key)
    return text % _Facts(words.worded(facts, say, language) if key.startswith(REFUSALS) else facts)


def fault_sentence(fault: Any, language: str) -> str:
    """The sentence of one fault: the schemas' own, or ours under ``fault.<code>``."""
    if fault.code in schemas.vocabulary("faults"):
        return str(fault.sentence(language))
    return sentence(f"fault.{fault.code}", language, **fault.facts)


class _Facts(dict[str, Any]):
    """The facts of a sentence, which has to be readable without one of them."""

    def __missing__(self, name: str) -> str:
        return "…"


@cache
def _catalogue(language: str) -> NullTranslations:
    return Translations.load(FOLDER, [language])
