"""`hub signing`: the keys with which releases, checkpoints and manifests are signed."""

from __future__ import annotations

import click

from hub.cli.common import local, open_database, speaking
from hub.cli.settings import settings_of
from hub.cli.speech import _
from hub.clock import SystemClock
from hub.records import signing_keys
from hub.records.signing_keys import Signer


@click.group("signing")
def signing_command() -> None:
    """Signing keys; everybody finds their public part at /.well-known/jwks.json."""


@signing_command.command("list")
@click.pass_context
def list_signing_keys(context: click.Context) -> None:
    """List keys: id, base address, active from, retired, and whether this hub's secret opens the private part."""
    settings = settings_of(context)
    signer, now = Signer.of(settings), SystemClock().now()
    with speaking(), open_database(settings).reading() as session:
        for row in signing_keys.list_keys(session):
            times = [local(at) if at else "-" for at in (row.active_from, row.retired_at)]
            private = "opens" if signer.find_pair(row) is not None else "locked" if row.sealed else "destroyed"
            current = signing_keys.find_current(session, row.issuer, now=now)
            word = "signs" if current is not None and current.kid == row.kid else "-"
            click.echo("\t".join([row.kid, row.issuer, *times, private, word]))


@signing_command.command("rotate")
@click.option(
    "--now", "at_once", is_flag=True, help="Sign with the new key at once: the old one is lost or was stolen."
)
@click.pass_context
def rotate_signing_key(context: click.Context, at_once: bool) -> None:
    """Make a new key for HUB_BASE_URL, which takes over in an hour; prints its id.

    Until then it is public already, so that nobody who keeps the key set for a while misses it. Retired keys stay
    public, what they signed still holds, and their private part is destroyed.
    """
    settings = settings_of(context)
    with speaking(), open_database(settings).writing() as session:
        signer = signing_keys.signer_of(session)
        pair = signing_keys.rotate(session, signer, now=SystemClock().now(), at_once=at_once)
    click.echo(pair.kid)
    when = (
        _("for %(base)s, at once", base=settings.base) if at_once else _("for %(base)s, in an hour", base=settings.base)
    )
    click.echo(when, err=True)
