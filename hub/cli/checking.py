"""`hub check`: is the hub in place; and, with a copy: is it what was released, and the newest?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields
from datetime import datetime
from http import HTTPStatus
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlsplit

import click
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from hub import i18n
from hub.cli import fail
from hub.cli.common import fault_count, refusal, require_hub
from hub.cli.settings import settings_of
from hub.cli.speech import _, language
from hub.clock import SystemClock
from hub.config import Settings
from hub.db import Database, make_engine
from hub.delivery import transport
from hub.delivery.addresses import Allowed
from hub.errors import HubError
from hub.i18n.words import format_instant
from hub.operation import genuine, genuine_xml, readiness
from hub.operation.genuine import Fault, NewestState, Trust, Verdict
from hub.records.signing import BadSignature

SECRET = ("key", "secret", "password", "token")  # parts of the names of settings whose value is never shown
WELL_KNOWN = "/.well-known/jwks.json"
UNDECIDED = 3  # all is genuine; of some the manifest cannot say whether it is the newest
FETCH_SECONDS = 20
REDIRECTS = 3
MAX_BYTES = 64 * 1024 * 1024
Fetch = Callable[[str], bytes]


@click.command("check")
@click.argument("copy", metavar="[FILE|URL]", required=False)
@click.option("--trust", metavar="FILE|URL", help="JWK Set whose keys you trust: the hub's /.well-known/jwks.json")
@click.option(
    "--manifest",
    metavar="FILE|URL",
    help="signed manifest of the channel, made once a day: is the copy the newest, and whole?",
)
@click.option(
    "--issuer", metavar="URL", default="", help="base address that must have signed; else each key says whose it is"
)
@click.option("--key", default="", help="key for feeds that are not public; only the host of the copy gets it")
@click.pass_context
def check_command(
    context: click.Context, copy: str | None, trust: str | None, manifest: str | None, issuer: str, key: str
) -> None:
    """Show the settings (never a secret), and whether the hub can work: data directory, database, clock, worker.

    With a copy (a JSON Feed, ninjs with ?profile=hub, a story's JSON, or an RSS or Atom feed by its URL) it needs no
    hub: it says of each entry whether every field is what the hub released, whoever holds the copy, and with a manifest
    whether it is the newest.
    Status 1 when something is not, or cannot be checked: saved RSS and Atom carry no proof, an empty feed holds
    nothing, and the mark of a withdrawn story is proved by a manifest alone. Status 3 when all is genuine, but some of
    it newer than the manifest, which is made once a day: whether that is the newest, the next manifest tells.
    """
    if copy is None:
        _check_hub(context)
    elif trust is None:
        fail(_("Name the keys you trust: --trust JWKS-FILE|URL."), 2)
    else:
        _check_copy(
            copy,
            trust,
            manifest,
            issuer=issuer,
            fetch=fetcher(copy, key, allowed=_allowed(context, copy, trust, manifest or "")),
        )


def _check_copy(copy: str, trusted: str, manifest: str | None, *, issuer: str, fetch: Fetch) -> None:
    try:
        trust = Trust.read(_load(trusted, fetch), issuer=issuer, home=_home_of(trusted))
    except BadSignature:
        fail(f"{trusted}: {_sentence(Fault('error.jwks_unreadable'))}")
    state = _read_state(manifest, trust, fetch) if manifest else None
    body = _load(copy, fetch)
    items = genuine.list_items(body)
    verdicts: list[Verdict] | None
    if items is not None:
        verdicts = [genuine.judge(item, trust) for item in items]
    else:
        verdicts = genuine_xml.judge_feed(body, trust, fetch if _is_url(copy) else None)
    if verdicts is None:
        fail(f"{copy}: {_sentence(Fault('error.copy_unreadable'))}")
        return
    if state is not None:
        verdicts = [genuine.judge_by(verdict, state) for verdict in verdicts]
    faults = sum(_tell(verdict) for verdict in verdicts)
    is_feed = items is None or genuine.is_feed(body)
    for gap in genuine.find_gaps(verdicts, state) if state is not None and is_feed else ():
        click.echo(_sentence(gap))
        faults += 1
    if faults:
        fail(fault_count(faults))
    if not verdicts and (state is None or state.claims["entries"]):
        fail(_("it holds no entry, so nothing of it can be checked"))
    _sum_up(verdicts, state)


def _sum_up(verdicts: Sequence[Verdict], state: NewestState | None) -> None:
    """How many of a copy without a fault are proved, and how many not; the status says whether any is not."""
    proved = [verdict for verdict in verdicts if verdict.is_proved]
    if genuine_ones := [verdict for verdict in proved if not verdict.is_withdrawn]:
        click.echo(_("genuine: %(count)s", count=_count(genuine_ones)))
    if withdrawn := [verdict for verdict in proved if verdict.is_withdrawn]:
        click.echo(_("withdrawn, proved by the manifest: %(count)s", count=_count(withdrawn)))
    untold = genuine.list_untold(proved, state) if state is not None else []
    if state is not None:
        known = _count([one for one in proved if one not in untold])
        at = format_instant(datetime.fromisoformat(state.at), language())
        click.echo(_("the newest as of %(at)s: %(count)s", at=at, count=known))
    if unproved := [verdict for verdict in verdicts if not verdict.is_proved]:
        if marks := [verdict for verdict in unproved if verdict.is_withdrawn]:
            click.echo(_("withdrawn, unproved: %(count)s", count=_count(marks)))
        fail(_("cannot be checked: %(count)s", count=_count(unproved)))
    if untold:
        fail(
            _("newer than the manifest, which cannot say whether it is the newest: %(count)s", count=_count(untold)),
            UNDECIDED,
        )


def _count(verdicts: Sequence[Verdict]) -> str:
    return _("1 entry") if len(verdicts) == 1 else _("%(count)s entries", count=len(verdicts))


def _read_state(manifest: str, trust: Trust, fetch: Fetch) -> NewestState:
    state = genuine.read_manifest(_load(manifest, fetch), trust)
    if isinstance(state, Fault):
        fail(f"{manifest}: {_sentence(state)}")
        raise AssertionError
    return state


def _tell(verdict: Verdict) -> int:
    """One line for an entry that holds, one for each fault of one that does not; returns how many faults.

    That a saved RSS or Atom file, or the mark of a withdrawn story, proves nothing by itself is no fault of theirs.
    """
    unproved = _("unproved")
    if any(fault.key == genuine_xml.WITHOUT_JSON for fault in verdict.faults):
        click.echo(f"{unproved}\t{verdict.name}\t{verdict.title}\t{_sentence(verdict.faults[0])}")
        return 0
    word, not_so = (_("withdrawn"), _("not withdrawn")) if verdict.is_withdrawn else (_("genuine"), _("not genuine"))
    if not verdict.faults:
        said = word if verdict.is_proved else f"{word}, {unproved}"
        click.echo(f"{said}\t{verdict.name}\t{verdict.title}")
    for fault in verdict.faults:
        click.echo(f"{not_so}\t{verdict.name}\t{verdict.title}\t{_sentence(fault)}")
    return len(verdict.faults)


def _sentence(fault: Fault) -> str:
    return i18n.sentence(fault.key, language(), **fault.facts)


def _home_of(trusted: str) -> str:
    """Whose keys they are, when they come from a hub's own place for them."""
    return trusted.removesuffix(WELL_KNOWN) if _is_url(trusted) and trusted.endswith(WELL_KNOWN) else ""


def _allowed(context: click.Context, *places: str) -> Allowed:
    """The inner networks that this machine allows, and the addresses that the operator wrote out."""
    return [
        *settings_of(context).allowed_networks,
        *(one for place in places if _is_url(place) for one in _named(place)),
    ]


def _is_url(place: str) -> bool:
    return place.startswith(("http://", "https://"))


def _load(place: str, fetch: Fetch) -> bytes:
    if _is_url(place):
        return fetch(place)
    try:
        return Path(place).read_bytes()
    except OSError as exc:
        fail(f"{place}: {exc.strerror or exc}", 2)
        raise


# --- fetching -------------------------------------------------------------------------------------------------------


def fetcher(copy: str, key: str, *, allowed: Allowed) -> Fetch:
    """Gets a URL's bytes through the guarded transport, with `key` for the host of `copy`; ends the command if not.

    `allowed`: the inner networks that may be reached.
    """
    home = urlsplit(copy)[:2]

    def fetch(url: str) -> bytes:
        headers = {"Authorization": f"Bearer {key}"} if key and urlsplit(url)[:2] == home else {}
        try:
            answer = transport.fetch(
                url,
                allowed=allowed,
                max_bytes=MAX_BYTES,
                seconds=FETCH_SECONDS,
                redirects=REDIRECTS,
                headers=headers,
            )
        except HubError as exc:
            fail(f"{url}: {refusal(exc)}")
            raise
        if answer.status != HTTPStatus.OK and answer.status != HTTPStatus.GONE:  # a withdrawn story's JSON says so
            fail(f"{url}: {answer.status}")
        return answer.body

    return fetch


def _named(url: str) -> Allowed:
    """The address that an operator wrote out in a URL, with its port."""
    parts = urlsplit(url)
    try:
        return [(ip_network(parts.hostname or ""), parts.port or {"http": 80}.get(parts.scheme, 443))]
    except ValueError:
        return []


# --- the hub itself ---------------------------------------------------------------------------------------------------


def _check_hub(context: click.Context) -> None:
    settings = settings_of(context)
    for known in fields(settings):
        click.echo(f"HUB_{known.name.upper()}={_shown(known.name, settings)}")
    require_hub(settings)
    database = Database(make_engine(settings.database))
    checks = readiness.check(database, settings, now=SystemClock().now())
    for check in checks:
        click.echo(f"{check.name}: {_(check.text, **check.facts)}")
    if not all(check.ok for check in checks):
        context.exit(1)


def _shown(name: str, settings: Settings) -> object:
    """A setting as it holds; of addresses neither password nor query."""
    value = {"database_url": settings.database, "base_url": settings.base}.get(name, getattr(settings, name))
    if any(part in name for part in SECRET):
        return "(set)" if value else ""
    if not name.endswith(("_url", "smtp")) or not value:
        return value
    try:
        return make_url(value).set(query={}).render_as_string(hide_password=True)
    except ArgumentError:
        return "(cannot be read)"
