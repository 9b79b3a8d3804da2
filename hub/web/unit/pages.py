"""Every page of the unit's desk hangs on one blueprint; whoever registers it takes it from here."""

from hub.web.unit import (
    asking,
    bp,
    confirming,
    files,
    papers,
    pictures,
    pieces,
    refusing,
    saving,
    sending,
    stories,
    story,
    word_files,
    words,
    writing,
)

__all__ = [
    "asking",
    "bp",
    "confirming",
    "files",
    "papers",
    "pictures",
    "pieces",
    "refusing",
    "saving",
    "sending",
    "stories",
    "story",
    "word_files",
    "words",
    "writing",
]
