"""What the unit's desk says when something is refused: a page with the sentence, and the way back."""

from __future__ import annotations

from flask import Response
from werkzeug.exceptions import RequestEntityTooLarge

from hub.errors import HubError, TooLarge
from hub.http.language import asked_language
from hub.http.problems import sentence_of, status_of, title
from hub.i18n.plain import plain_sentence
from hub.intake.pictures import MAX_BYTES
from hub.web.desks import UNIT, page
from hub.web.unit import bp


def fault_sentences(refused: HubError, *, but: str = "") -> list[str]:
    """A refusal's faults, each as a sentence; the refusal's own where it names none.

    What is wrong at the pointer `but` is left out, since it is said elsewhere on the page.
    """
    if not refused.faults:
        return [sentence_of(refused)]
    told = [fault for fault in refused.faults if not but or fault.pointer != but]
    return [plain_sentence(fault, asked_language()) for fault in told]


@bp.errorhandler(HubError)
def show_refusal(refused: HubError) -> Response:
    status = status_of(refused)
    said = fault_sentences(refused)
    return page("unit/refused.html", status, desk=UNIT, title=title(status, asked_language()), said=said)


@bp.errorhandler(RequestEntityTooLarge)
def show_too_large(_refused: RequestEntityTooLarge) -> Response:
    return show_refusal(TooLarge(max_bytes=MAX_BYTES))
