"""What a segment's crew is told of its guests: one table of sentences. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from hub import i18n


def _(text: str) -> str:
    """Marks a text for the catalogues."""
    return text


class Why(StrEnum):
    """Why a guest does not come, or not for certain any more."""

    STORY_WITHDRAWN = "story_withdrawn"
    STORY_HELD = "story_held"
    CONSENT = "consent"
    CARD = "card"
    DECLINED = "declined"
    MOVED = "moved"
    LAPSED = "lapsed"


SENTENCES: Mapping[Why, str] = {
    Why.STORY_WITHDRAWN: _("%(name)s was taken off the rundown: the story was withdrawn."),
    Why.STORY_HELD: _("%(name)s was taken off the rundown: the story is on hold."),
    Why.CONSENT: _("%(name)s was taken off the rundown: the consent for it is no longer there."),
    Why.CARD: _("%(name)s was taken off the rundown: the interview card names this guest no more."),
    Why.DECLINED: _("%(name)s does not come: the unit has declined."),
    Why.LAPSED: _("The option on %(name)s has ended without an answer of the unit."),
    Why.MOVED: _("The time was changed, and the unit of %(name)s is asked again."),
}
SOMEBODY = _("A guest")


def notice(why: Why, name: str, language: str = "vi") -> str:
    """What the crew reads of a guest; without a name once the person was erased."""
    return i18n.sentence(SENTENCES[why], language, name=name or i18n.sentence(SOMEBODY, language))
