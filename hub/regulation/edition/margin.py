"""The machine's part of a clause in words, for the margin beside it: who, what, by when, and what proves it. Pure.

Words come from the vocabularies, the schema's titles and the catalogues; a code without a word is said as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import schemas
from hub import i18n
from hub.i18n.words import ACTS, STATES, STEPS
from hub.regulation.edition import places

Said = Mapping[str, Any]
ORDER = (
    "who",
    "what",
    "applies_to",
    "trigger",
    "deadline",
    "two_people",
    "evidence",
    "lapses",
    "reminders",
    "escalation",
    "refuses",
)


def _(text: str) -> str:
    """Marks a text for the catalogues."""
    return text


ANSWERS: Mapping[str, str] = {
    "receipt": _("a receipt"),
    "use": _("whether the story is used"),
    "correction": _("the outcome of a correction"),
    "correction_notice": _("the correction printed or aired"),
    "consent_withdrawal": _("a consent that was taken back"),
    "consent_report": _("what was done about a consent taken back"),
    "idea": _("an idea that was sent"),
}
ROWS: Mapping[str, str] = {
    "pickup": _("a use that was told"),
    "receipt": _("a receipt"),
    "receipt_asked": _("a receipt that was asked for"),
    "report": _("a report"),
    "consent_withdrawn": _("a consent that was taken back"),
    "consent_reported": _("a report on a consent"),
    "idea": _("an idea that was sent"),
    "idea_answered": _("an answer to an idea"),
}
OWNERS: Mapping[str, str] = {
    "sender": _("of the organization that sent it"),
    "ancestor": _("of the nearest organization above it"),
    "desk": _("at the editorial desk"),
    "outlets": _("of the outlets concerned"),
    "each": _("of each organization"),
}
PERIODS: Mapping[str, str] = {"month": _("every month"), "quarter": _("every quarter"), "year": _("every year")}
CHAIN: Mapping[str, str] = {
    "step": _("when the confirmations reach this step"),
    "complete": _("when every confirmation is there"),
}
SUBJECTS: Mapping[str, str] = {
    "individual": _("a person"),
    "collective": _("a collective"),
    "household": _("a household"),
}
OUTLETS: Mapping[str, str] = {
    "newspaper": _("newspapers"),
    "television": _("television"),
    "radio": _("radio"),
    "bulletin": _("bulletins"),
    "public": _("public portals"),
}
EVERY_ACT: Mapping[str, str] = {**ACTS, "waive": _("waive a duty")}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a note: what it is about, and what is said."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Note:
    """The rule of a paragraph."""

    paragraph: int
    lines: tuple[Line, ...]


def notes_of(clause: Said, language: str) -> list[Note]:
    """The notes of a clause of a document, in the order of its paragraphs."""
    notes = [Note(int(rule.get("paragraph", 1)), tuple(_lines(rule, language))) for rule in clause.get("rules", ())]
    return sorted(notes, key=lambda note: note.paragraph)


def _lines(rule: Said, language: str) -> Iterator[Line]:
    say: Mapping[str, Callable[[Any], str]] = {
        "who": lambda said: _who(said, language),
        "what": lambda said: _what(said, language),
        "applies_to": lambda said: _applies_to(said, language),
        "trigger": lambda said: _trigger(said, language),
        "deadline": lambda said: _span(said, language),
        "two_people": lambda _said: _say(_("by two different people"), language),
        "evidence": lambda said: _patterns(said, language),
        "lapses": lambda said: _patterns(said, language),
        "reminders": lambda said: _say(
            _("%(spans)s before"), language, spans=", ".join(_span(each, language) for each in said)
        ),
        "escalation": lambda said: _say(
            _("to the next level after %(span)s"), language, span=_span(said["after"], language)
        ),
        "refuses": lambda said: " ".join(refusal_in_words(code, language) for code in said),
    }
    for name in ORDER:
        if name in rule and rule[name] is not False:
            label = places.within_rule((name,))[language]
            yield Line(label, say[name](rule[name]))


def refusal_in_words(code: str, language: str) -> str:
    """The sentence of a refusal: of a fault, or of an act that is refused whole."""
    keys = (f"fault.{code}", f"error.{code}")
    said = ((key, i18n.sentence(key, language)) for key in keys)
    return next((sentence for key, sentence in said if sentence != key), code)


def _who(said: Said, language: str) -> str:
    parts = [_label("roles", said["role"], language), _word(OWNERS, said["of"], language)]
    if "level" in said:
        parts.append(_say(_("at the level: %(level)s"), language, level=_label("levels", said["level"], language)))
    parts += _units(said, language)
    if "outlet_kinds" in said:
        parts.append("(" + ", ".join(_word(OUTLETS, kind, language) for kind in said["outlet_kinds"]) + ")")
    return " ".join(parts)


def _what(said: Said, language: str) -> str:
    if "act" in said:
        step = f" ({_word(STEPS, said['step'], language)})" if "step" in said else ""
        return _word(EVERY_ACT, said["act"], language) + step
    if "answer" in said:
        return _say(_("answer: %(what)s"), language, what=_word(ANSWERS, said["answer"], language))
    if "report" in said:
        return _say(_("a report %(period)s"), language, period=_word(PERIODS, said["report"], language))
    if "field" in said:
        title = schemas.title_of_path(said["field"], language)
        return _say(_("the field “%(title)s”"), language, title=title)
    return _say(_("at least %(count)s stories"), language, count=said.get("count", 1))


def _applies_to(said: Said, language: str) -> str:
    parts = _units(said, language)
    if "urgency" in said:
        first, last = said["urgency"].get("from", 1), said["urgency"].get("to", 9)
        parts.append(_say(_("urgency %(first)s to %(last)s"), language, first=first, last=last))
    for name, vocabulary in (("story_kinds", "kinds"), ("topics", "topics")):
        if name in said:
            parts.append(", ".join(_label(vocabulary, code, language) for code in said[name]))
    if "subjects" in said:
        parts.append(", ".join(_word(SUBJECTS, code, language) for code in said["subjects"]))
    if "minor" in said:
        parts.append(_say(_("about minors") if said["minor"] else _("not about minors"), language))
    if "hazardous" in said:
        parts.append(_say(_("hazardous work") if said["hazardous"] else _("no hazardous work"), language))
    return "; ".join(parts)


def _units(said: Said, language: str) -> list[str]:
    parts = []
    for name, vocabulary in (
        ("levels", "levels"),
        ("kinds", "organization_kinds"),
        ("systems", "organization_systems"),
    ):
        if name in said:
            parts.append("(" + ", ".join(_label(vocabulary, code, language) for code in said[name]) + ")")
    if "subtree" in said:
        parts.append(_say(_("under %(code)s"), language, code=said["subtree"]))
    return parts


def _trigger(said: Said, language: str) -> str:
    if "each" in said:
        return _word(PERIODS, said["each"], language)
    if "chain" in said:
        return _word(CHAIN, said["chain"], language)
    return _patterns(said["on"], language)


def _patterns(said: Sequence[Said], language: str) -> str:
    either = " " + _say(_("or"), language) + " "
    return either.join(_pattern(each, language) for each in said)


def _pattern(said: Said, language: str) -> str:
    if said["kind"] == "act":
        main = _either([_word(EVERY_ACT, act, language) for act in _several(said.get("act", ()))], language)
        main = main or _say(_("any act"), language)
    else:
        main = _word(ROWS, said["kind"], language)
    about = [
        *([_label("roles", role, language) for role in _several(said.get("role", ()))]),
        *([_word(STEPS, step, language) for step in _several(said.get("step", ()))]),
        *([_label("pickup_uses", use, language) for use in _several(said.get("use", ()))]),
        *([_label("correction_severities", each, language) for each in _several(said.get("severity", ()))]),
        *([str(each) for name in ("reason", "task", "status", "event") for each in _several(said.get(name, ()))]),
    ]
    for name, text in (("before", _("before: %(state)s")), ("after", _("after: %(state)s"))):
        if name in said:
            states = _either([_word(STATES, state, language) for state in _several(said[name])], language)
            about.append(_say(text, language, state=states))
    return f"{main} ({', '.join(about)})" if about else main


def _span(said: Said, language: str) -> str:
    ((unit, amount),) = said.items()
    word = places.unit_of(unit)[language]
    return word if amount is True else f"{amount} {word}"


def _several(said: Any) -> Sequence[str]:
    return (said,) if isinstance(said, str) else tuple(said)


def _either(words: Sequence[str], language: str) -> str:
    return (" " + _say(_("or"), language) + " ").join(words)


def _label(vocabulary: str, code: str, language: str) -> str:
    known = schemas.vocabulary(vocabulary)
    return known.label(code, language) if code in known else code


def _word(words: Mapping[str, str], code: str, language: str) -> str:
    return i18n.sentence(words[code], language) if code in words else code


def _say(text: str, language: str, /, **facts: Any) -> str:
    return i18n.sentence(text, language, **facts)
