"""`hub key`: the keys that people and programs hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

import click
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub.accounts import calendar_addresses, keys, organizations
from hub.accounts.keys import Minted, Standing
from hub.actors import SYSTEM
from hub.cli import fail
from hub.cli.common import local, open_database, speaking
from hub.cli.settings import settings_of
from hub.cli.speech import _
from hub.clock import SystemClock
from hub.config import Settings
from hub.models import Key, Organization, Outlet, User
from hub.outlets import catalog
from hub.publishing.documents import FORMATS
from hub.publishing.heads import feeds_prefix
from hub.records import base_address


@click.group("key")
def key_command() -> None:
    """Keys: each is shown once, when it is made."""


@key_command.command("new")
@click.option("--organization", metavar="CODE", help="a key that submits stories for this organization")
@click.option("--outlet", metavar="CODE", help="a key that reads this outlet's feeds")
@click.option("--address", metavar="CODE", help="an unguessable feed address for this outlet's feed readers")
@click.option("--calendar", metavar="CODE", help="an unguessable address of the calendar of this unit's guests")
@click.option("--editor", metavar="NAME", help="a key with which NAME returns, approves, releases, withdraws")
@click.option("--label", default="", help="what the key is for")
@click.option("--expires", type=click.DateTime(), help="when it stops working (local time)")
@click.option("--with-contacts", is_flag=True, help="this feed address may show telephone numbers")
@click.pass_context
def new_key(
    context: click.Context,
    organization: str | None,
    outlet: str | None,
    address: str | None,
    calendar: str | None,
    editor: str | None,
    label: str,
    expires: datetime | None,
    with_contacts: bool,
) -> None:
    """Make a key for exactly one holder; prints it, and never again."""
    chosen = {
        "organization": organization,
        "outlet": outlet,
        "address": address,
        "calendar": calendar,
        "editor": editor,
    }
    kinds = [kind for kind, holder in chosen.items() if holder]
    if len(kinds) != 1:
        fail(_("Name exactly one of --organization, --outlet, --address, --calendar, --editor."), 2)
    holder = chosen[kinds[0]] or ""
    settings = settings_of(context)
    addresses: list[str] = []
    with speaking(), open_database(settings).writing() as session:
        now, expires_at = SystemClock().now(), expires.astimezone() if expires else None
        if calendar:
            unit = organizations.get(session, calendar)
            made = calendar_addresses.make(session, unit, label=label, expires_at=expires_at, actor=SYSTEM, now=now)
        else:
            made = keys.mint(
                session,
                kinds[0],
                now=now,
                organization=organizations.get(session, holder) if kinds[0] == "organization" else None,
                outlet=catalog.get_outlet(session, holder) if kinds[0] in ("outlet", "address") else None,
                label=holder if kinds[0] == "editor" else label,
                expires_at=expires_at,
                with_contacts=with_contacts,
            )
        if address or calendar:
            settings = _as_served(settings, base_address.find(session))
            addresses = list(_addresses(session, made, settings))
    click.echo(made.secret)
    for line in addresses:
        click.echo(line, err=True)


def _addresses(session: Session, made: Minted, settings: Settings) -> Iterator[str]:
    """What an unguessable address opens."""
    if made.row.outlet_id is None:
        yield settings.address(f"/calendars/{made.secret}.ics")
        return
    for row in catalog.list_of_outlet(session, made.row.outlet_id):
        forms = "  ".join(f".{form}" for form in (*FORMATS, *(["ics"] if catalog.has_calendar(row) else [])))
        yield settings.address(f"{feeds_prefix(made.secret)}/{catalog.address_of(row)}") + forms


def _as_served(settings: Settings, served: str | None) -> Settings:
    """The settings with the address that the hub of this data directory is served under, unless they name one."""
    if settings.base_url or served == settings.base:
        return settings
    if served is None:
        click.echo(_("HUB_BASE_URL is not set; %(base)s is assumed", base=settings.base), err=True)
        return settings
    click.echo(_("under %(base)s, where this hub was served last", base=served), err=True)
    return replace(settings, base_url=served)


@key_command.command("list")
@click.pass_context
def list_keys(context: click.Context) -> None:
    """List keys: beginning, kind, whose, label, last use, expiry, state, why it opens nothing; never the key itself.

    Whose it is: the code of an organization or outlet, a user's e-mail. A key is live, revoked, expired, or closed:
    its organization, outlet or user is, or its user has no role.
    """
    with speaking(), open_database(settings_of(context)).reading() as session:
        holder = func.coalesce(Organization.code, Outlet.code, User.email, "-")
        query = select(Key, holder).outerjoin(Organization, Organization.id == Key.organization_id)
        query = query.outerjoin(Outlet, Outlet.id == Key.outlet_id).outerjoin(User, User.id == Key.user_id)
        now = SystemClock().now()
        for row, whose in session.execute(query.order_by(Key.id)).all():
            times = [local(at) if at else "-" for at in (row.last_used_at, row.expires_at)]
            standing = keys.standing_of(session, row, now=now)
            told = [row.prefix, row.kind, whose, row.label or "-", *times, standing.state, _why(standing)]
            click.echo("\t".join(told))


def _why(standing: Standing) -> str:
    """Since when, and because of whom, a key opens nothing."""
    if standing.reason == "no_role":
        return _("the user has no role today")
    if standing.reason == "user":
        return _("user closed on %(day)s", day=standing.day)
    if standing.reason == "organization":
        return _("organization closed on %(day)s", day=standing.day)
    if standing.reason == "outlet":
        return _("outlet closed on %(day)s", day=standing.day)
    return str(standing.day) if standing.day else "-"


@key_command.command("revoke")
@click.argument("prefix")
@click.pass_context
def revoke_key(context: click.Context, prefix: str) -> None:
    """Revoke the key that begins with PREFIX, as `hub key list` shows it."""
    with speaking(), open_database(settings_of(context)).writing() as session:
        for row in keys.revoke(session, prefix, now=SystemClock().now()):
            click.echo(row.prefix)
