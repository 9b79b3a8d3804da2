"""Every page of the unit's desk hangs on one blueprint; whoever registers it takes it from here."""

from hub.web.unit import bp, pictures, refusing, sending, stories, story, words, writing

__all__ = ["bp", "pictures", "refusing", "sending", "stories", "story", "words", "writing"]
