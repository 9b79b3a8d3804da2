"""What is wrong with a document: where (RFC 6901), what (a code), and a sentence for people.

The sentences live in vocabularies/faults.v1.json; `{field}` there is the way to the field in words.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from schemas import tree
from schemas.loading import in_language, loaded, vocabulary

CLIP_AT = 60  # characters of a foreign value in a sentence
LIST_AT_MOST = 20  # allowed values in a sentence: all the scopes of consent
ALTERNATIVES = {"vi": " hoặc ", "en": " or "}


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. `facts` holds what the sentence needs: limits, counts, the given value, titles in both languages."""

    pointer: str
    code: str
    facts: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def sentence(self, language: str = "vi") -> str:
        """One friendly sentence, two when there is something to suggest; "vi" unless the language is known."""
        extras = vocabulary("faults")[self.code].extras
        pattern = extras.get("variants", {}).get(self.facts.get("variant"), extras["sentence"])
        words = {name: _worded(name, value, extras, language) for name, value in self.facts.items()}
        sentence = in_language(pattern, language).format_map(words)
        if "suggestion" in words and "hint" in extras:
            sentence += " " + in_language(extras["hint"], language).format_map(words)
        return sentence


def fault_at(schema_name: str, tokens: tree.Tokens, code: str, **facts: Any) -> Fault:
    """A fault at `tokens` of a document of that schema, with the titles of the field it is about."""
    known = {"field": titles(schema_name, tokens), **facts}
    return Fault(pointer=pointer(tokens), code=code, facts=MappingProxyType(known))


def pointer(tokens: tree.Tokens) -> str:
    """RFC 6901: the empty string is the whole document."""
    return "".join("/" + str(token).replace("~", "~0").replace("/", "~1") for token in tokens)


def titles(schema_name: str, tokens: tree.Tokens) -> dict[str, str]:
    """The way to a field in words, such as “Thẻ giao lưu › Khách mời 2 › Họ tên”, in both languages."""
    root = loaded(schema_name)
    if not tokens:
        return {"vi": root.get("x-title-vi", schema_name), "en": root.get("title", schema_name)}
    ways: dict[str, list[str]] = {"vi": [], "en": []}
    for token, node in zip(tokens, tree.trail(root, tokens), strict=True):
        for language, keyword in (("vi", "x-title-vi"), ("en", "title")):
            way = ways[language]
            if isinstance(token, int):
                way[-1:] = [f"{way[-1] if way else ''} {token + 1}".strip()]
            else:
                way.append((tree.value_of(root, node, keyword) if node else None) or token)
    return {language: " › ".join(way) for language, way in ways.items()}


def _worded(name: str, value: Any, extras: Mapping[str, Any], language: str) -> str:
    if name in ("expected", "given") and "types" in extras:
        kinds = value if isinstance(value, tuple) else (value,)
        return in_language(ALTERNATIVES, language).join(in_language(extras["types"][kind], language) for kind in kinds)
    if isinstance(value, Mapping):
        return in_language(value, language)
    if isinstance(value, tuple):
        listed = ", ".join(_clipped(each) for each in value[:LIST_AT_MOST])
        return listed + (", …" if len(value) > LIST_AT_MOST else "")
    return _clipped(value)


def _clipped(value: Any) -> str:
    try:
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    except ValueError:  # an integer of more than 4300 digits
        return "…"
    return text if len(text) <= CLIP_AT else text[:CLIP_AT] + "…"
