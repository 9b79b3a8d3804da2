"""The parts of the editor's desk, each with its blueprint."""

from hub.web.editor import acting, likes, queue, review

PARTS = (queue, review, acting, likes)
