"""The unit's desk: telling a story step by step, what became of the stories, and confirming those of the chain."""

from hub.web.desks import UNIT, open_desk

bp = open_desk(UNIT, __name__, name="unit")
