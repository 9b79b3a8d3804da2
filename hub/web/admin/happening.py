"""What happens to an outlet or a press agency by a decision: first shown, then done as it was shown, or not at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from hub.accounts import previews
from hub.accounts.history import Decision
from hub.actors import Actor
from hub.clock import local_day
from hub.errors import HubError, NotFound
from hub.http.services import services
from hub.models import Agency, Outlet
from hub.outlets import states
from hub.outlets.editing import Event
from hub.web.admin import entering, forms
from hub.web.admin.forms import NOTHING, Refused
from hub.web.desks import ADMIN, go_on, page

FIELDS = ("event", "other", "on", "decision")


class Service(Protocol):
    """Lets an event happen, or foresees it."""

    def __call__(self, session: Session, code: str, event: Event, /, *, actor: Actor, now: datetime) -> Any: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One of the two kinds of things: where its pages are, what may happen to it, and the services that do it."""

    what: str  # outlet or agency
    home: str  # its pages stand at home/<code>/
    kinds: tuple[str, ...]
    find: Callable[[Session, str], Any]
    foresee: Service  # returns what would follow: where channels lead, or the outlets that it is about
    do: Service
    page_of: Callable[[str, dict[str, str], Refused], Response]  # with what was typed and why it was refused


def happen(subject: Subject, code: str) -> Response:
    """First what would follow, then, from the page that shows it, the event itself."""
    actor, now = entering.require_whole(), services().clock.now()
    said, refusal, agreed = {name: forms.text(name) for name in FIELDS}, NOTHING, forms.text("step") == "do"
    follows: Sequence[Any] = ()
    try:
        with services().database.writing() as session:
            event = _read(session, said, subject.kinds, subject.what)
            follows = subject.foresee(session, code, event, actor=actor, now=now)
            if agreed:
                previews.check(forms.text("shown"), event, follows)
                subject.do(session, code, event, actor=actor, now=now)
    except previews.PreviewMoved as exc:
        refusal = forms.refused(exc)
    except HubError as exc:
        return subject.page_of(code, said, forms.refused(exc, _other_of(exc)))
    if agreed and refusal is NOTHING:
        return go_on(f"{subject.home}{code}/")
    with services().database.reading() as session:
        row = subject.find(session, code)
    facts: dict[str, Any] = {"row": row, "what": subject.what, "own": f"{subject.home}{code}/", "event": event}
    facts |= {"follows": follows, "said": said, "refusal": refusal, "shown": previews.mark_of(event, follows)}
    return page("admin/event.html", refusal.status, desk=ADMIN, **facts)


def _read(session: Session, said: dict[str, str], kinds: tuple[str, ...], what: str) -> Event:
    if said["event"] not in kinds:
        raise forms.missing("event")
    if said["event"] != "close" and not said["other"]:
        raise forms.missing("other")
    on, other = local_day(services().clock.now()), said["other"]
    if said["event"] in ("move", "merge"):
        is_outlet = what == "outlet" and said["event"] == "merge"
        other = states.code_named(session, Outlet if is_outlet else Agency, other, on=on)
    return Event(kind=said["event"], other=other, decision=Decision(forms.needed_day("on"), said["decision"]))


def _other_of(error: HubError) -> dict[str, str]:
    return {error.key: "other"} if isinstance(error, NotFound) else {}
