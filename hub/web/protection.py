"""Against forged requests and foreign scripts: a token in every form, a policy with a nonce on every desk page.

The only importer of Flask-WTF, whose tokens live in the signed session cookie. Desk pages are never kept by caches, so
each has a nonce of its own (CSP 3 §2.3.1); public pages are kept and answer 304, so they name their own host instead.
"""

from __future__ import annotations

import secrets
from urllib.parse import urlsplit

from flask import Flask, Request, current_app, g, request, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_wtf.csrf import CSRFError, generate_csrf, validate_csrf
from itsdangerous import BadData, URLSafeTimedSerializer
from wtforms import ValidationError

from hub.accounts import sessions
from hub.errors import Forbidden
from hub.http.asking import COOKIE
from hub.http.services import EXTENSION, services
from hub.web import visitors

FIELD = "csrf_token"
HEADER = "X-CSRF-Token"
MAX_FORM_BYTES = 4 * 1024 * 1024  # fields of a form; files do not count
POLICY = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self'; font-src 'self'; img-src 'self' blob:; "
    "media-src 'self' blob:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
SALT = "wtf-csrf-token"  # of Flask-WTF
SECRET_KEY = "WTF_CSRF_SECRET_KEY"  # noqa: S105  the name of a setting


class StaleForm(Forbidden):
    """A form without the token of this session: it was forged, or lay open while its session ended."""

    key = "error.stale_form"


class Tokenless(StaleForm):
    """A form of ours without the token of its page, under which it is done once (`hub.web.once`)."""


class SealedCookies(SecureCookieSessionInterface):
    """Flask's signed cookies under a key of the hub's own secret, which is read only where there is a cookie."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        if COOKIE not in request.cookies:
            return self.session_class()
        return super().open_session(app, request)

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(
            services().secret.mac(b"signed cookies", purpose="cookies"),
            salt=self.salt,
            serializer=self.serializer,
            signer_kwargs={"key_derivation": self.key_derivation, "digest_method": self.digest_method},
        )


def install(app: Flask) -> None:
    """Sign cookies, and give templates `csrf_token()` and `nonce()`."""
    app.session_interface = SealedCookies()
    app.config["SESSION_COOKIE_NAME"] = COOKIE
    app.config["SESSION_COOKIE_HTTPONLY"] = True
    app.config["SESSION_COOKIE_SAMESITE"] = "Lax"
    app.config["SESSION_COOKIE_SECURE"] = app.extensions[EXTENSION].settings.base.startswith("https:")
    app.config["SESSION_REFRESH_EACH_REQUEST"] = False
    app.config["PERMANENT_SESSION_LIFETIME"] = sessions.LONGEST  # of the cookie; the row may end before
    app.config["MAX_FORM_MEMORY_SIZE"] = MAX_FORM_BYTES
    app.config["WTF_CSRF_SSL_STRICT"] = False  # no referrer is needed: the token is bound to the session
    app.config["WTF_CSRF_TIME_LIMIT"] = None  # a token lives as long as its session
    app.jinja_env.globals.update(csrf_token=csrf_token, nonce=nonce)


def csrf_token() -> str:
    """The token for a form of this session, which also says whose form it is; see `owner_of_form`."""
    _give_key()
    own = visitors.own_session()
    known = str(session.get(FIELD, ""))
    if own is not None and not known.startswith(f"{own.user_id}:"):
        session[FIELD] = f"{own.user_id}:{secrets.token_urlsafe(24)}"
        g.pop(FIELD, None)
    return str(generate_csrf())


def check_form() -> None:
    """Is this POST from a form of ours? Raises StaleForm."""
    _give_key()
    try:
        validate_csrf(request.form.get(FIELD) or request.headers.get(HEADER))
    except (CSRFError, ValidationError) as exc:
        raise StaleForm() from exc


def owner_of_form() -> int | None:
    """The id of the user whose page this post comes from, however old its token is; None where it is nobody's.

    The token is signed, so it says so even when another session has begun, or none is left, in this browser.
    """
    _give_key()
    reader = URLSafeTimedSerializer(current_app.config[SECRET_KEY], salt=SALT)
    try:
        said = str(reader.loads(request.form.get(FIELD) or request.headers.get(HEADER) or ""))
    except BadData:
        return None
    owner, mark, _key = said.partition(":")
    return int(owner) if mark and owner.isascii() and owner.isdigit() else None


def is_own_post() -> bool:
    """Does this post come from a page of ours, even if its token is out of date? The token says it, or the browser."""
    try:
        check_form()
    except StaleForm:
        if site := request.headers.get("Sec-Fetch-Site"):
            return site == "same-origin"
        origin = urlsplit(request.headers.get("Origin", "")).netloc
        return origin != "" and origin in {urlsplit(services().settings.base).netloc, request.host}
    return True


def nonce() -> str:
    """What scripts of this page carry; the answer's policy names it."""
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(18)
    return str(g.nonce)


def policy() -> str:
    """The Content-Security-Policy of a desk page."""
    return POLICY.format(nonce=nonce())


def _give_key() -> None:
    if SECRET_KEY not in current_app.config:
        current_app.config[SECRET_KEY] = services().secret.mac(b"tokens of forms", purpose="forms")
