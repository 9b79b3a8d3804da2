"""Signing in by another house, as the settings have it: `hub.accounts.oidc` with what goes out through the guard.

Imports neither the HTTP client nor the extra `oidc` before it is needed: most hubs do without.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from hub.config import Settings

if TYPE_CHECKING:
    from hub.accounts.oidc import Asked, SingleSignOn

CALLBACK = "/sign-in/elsewhere/back"
MAX_BYTES = 512 * 1024
SECONDS = 10.0
FORM = "application/x-www-form-urlencoded"


def build(settings: Settings) -> SingleSignOn | None:
    """The way to the other house; None where none is set. Raises BadSetting where it could not work."""
    if not settings.oidc_issuer:
        return None
    settings.check_single_sign_on()
    from hub.accounts.oidc import House, SingleSignOn

    house = House(
        issuer=settings.oidc_issuer,
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret,
        name=settings.oidc_name or urlsplit(settings.oidc_issuer).hostname or "",
        redirect_uri=settings.address(CALLBACK),
    )

    def fetch(asked: Asked) -> tuple[int, bytes]:
        from hub.delivery.transport import Request, send_alone

        request = Request(url=asked.url, headers=asked.headers)
        if asked.form is not None:
            headers = {**asked.headers, "Content-Type": FORM}
            request = Request(method="POST", url=asked.url, headers=headers, body=urlencode(asked.form).encode())
        answer = send_alone(request, allowed=settings.allowed_networks, max_bytes=MAX_BYTES, seconds=SECONDS)
        return answer.status, answer.body

    return SingleSignOn(house, fetch)
