"""The WebSub hub's door: takes a subscriber's request, or says in plain text what is wrong with it.

Nothing is subscribed here: the postman asks the callback first. What the Recommendation leaves to a hub is decided so:
a topic that holds a key wants a secret and a callback over https, since whoever listens would read what few may read.
Source: https://www.w3.org/TR/websub/ §5.
"""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, Response, request
from werkzeug.exceptions import RequestEntityTooLarge

from feeds import websub
from hub import i18n
from hub.delivery import urls
from hub.delivery.pushing import subscriptions
from hub.delivery.pushing.subscriptions import Wanted
from hub.errors import Forbidden, HubError, Malformed, NotFound, TooLarge, TooMany
from hub.http.language import asked_language
from hub.http.problems import status_of
from hub.http.services import services
from hub.publishing import topics
from hub.records.secret import Secret

MEDIA_TYPE = "application/x-www-form-urlencoded"
MAX_BYTES = 20_000
SENTENCES = {  # of feeds.websub.BadRequest
    "missing": "error.websub_missing",
    "twice": "error.websub_twice",
    "mode": "error.websub_mode",
    "callback": "error.websub_callback",
    "lease": "error.websub_lease",
    "secret_length": "error.websub_secret_length",
}

bp = Blueprint("websub", __name__)


class NotAForm(Malformed):
    """The request is no form."""

    key = "error.websub_not_a_form"


class BadParameter(Malformed):
    """A parameter is missing, given twice, or cannot be read; the key tells which of these."""

    def __init__(self, refused: websub.BadRequest) -> None:
        super().__init__(name=refused.name)
        self.key = SENTENCES[refused.code]


class NoTopic(NotFound):
    """Nothing is distributed under this address, as far as the asker may know."""

    key = "error.websub_topic"


class NeedsSecret(Forbidden):
    """A topic under an unguessable address is pushed with a signature only."""

    key = "error.websub_needs_secret"


class NeedsHttps(Forbidden):
    """A topic under an unguessable address is pushed over https only."""

    key = "error.websub_needs_https"


@bp.post("/websub")
def take_request() -> Response:
    _take()
    return Response(status=HTTPStatus.ACCEPTED, headers={"Cache-Control": "no-store"}, content_type="text/plain")


def _take() -> None:
    try:
        wanted = websub.read_request(_form())
    except websub.BadRequest as refused:
        raise BadParameter(refused) from refused
    parts = services()
    now = parts.clock.now()
    longest = websub.verification(mode=wanted.mode, topic=wanted.topic, challenge="x" * 43, lease_seconds=10**7)
    urls.check_url(websub.intent_url(wanted.callback, longest), parts.settings.allowed_networks)
    with parts.database.writing() as session:
        topic = topics.find(session, wanted.topic, parts.settings.address, now=now)
        if topic is None:
            raise NoTopic()
        if topic.key is not None and wanted.mode == websub.SUBSCRIBE:
            _check_private(wanted)
        meant = Wanted(topic.channel, topic.format, topic.key.id if topic.key else None)
        subscriptions.ask(session, Secret.of(parts.settings), wanted, meant, now=now)


def _form() -> dict[str, list[str]]:
    if request.mimetype != MEDIA_TYPE:
        raise NotAForm(media_type=MEDIA_TYPE)
    request.max_content_length = MAX_BYTES
    try:
        return dict(request.form.lists())
    except RequestEntityTooLarge as exc:
        raise TooLarge(max_bytes=MAX_BYTES) from exc


def _check_private(wanted: websub.Request) -> None:
    if not wanted.secret:
        raise NeedsSecret()
    if not websub.is_https(wanted.callback):
        raise NeedsHttps()


@bp.errorhandler(HubError)
def refuse(refused: HubError) -> Response:
    """A sentence for whoever writes the subscriber (§5.1.2), also where the hub's own limits refuse."""
    language = asked_language()
    headers = {"Content-Language": language, "Cache-Control": "no-store", "Vary": "Accept-Language"}
    if isinstance(refused, TooMany):
        headers["Retry-After"] = str(refused.facts["seconds"])
    told = f"{i18n.sentence(refused.key, language, **refused.facts)}\n"
    return Response(told, status_of(refused), headers, content_type="text/plain; charset=utf-8")
