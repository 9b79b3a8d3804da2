"""The parts of the editor's desk, each with its blueprint."""

from hub.web.editor import queue

PARTS = (queue,)
