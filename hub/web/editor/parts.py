"""The parts of the editor's desk, each with its blueprint."""

from hub.web.editor import acting, boards, duties, likes, queue, review

PARTS = (queue, review, acting, likes, boards, duties)
