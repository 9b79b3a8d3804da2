"""`hub report`: sealed reports. What needs a private key works offline, without settings and database."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import click

import schemas
from hub.cli import fail
from hub.cli.common import open_database, speaking
from hub.cli.settings import settings_of
from hub.cli.speech import _
from hub.clock import SystemClock
from hub.regulation.sealed import report_form, reports, sealing
from hub.regulation.sealed.report_form import Attachment, SealedReport
from hub.regulation.sealed.sealing import PrivateKey

READABLE = click.Path(exists=True, dir_okay=False, path_type=Path)
NEW_FILE = click.Path(dir_okay=False, path_type=Path)
UNSAFE = re.compile(r"[^\w.-]+")
NAME_AT_MOST = 80  # characters of a reporter's file name that are kept


@click.group("report")
def report_command() -> None:
    """Sealed reports of wrongdoing: auditors' keys, opening, answers, holds."""


# --- offline ------------------------------------------------------------------------------------------------


@report_command.command("keygen")
@click.option("--out", "file", required=True, type=NEW_FILE, help="The new file for the private key.")
@click.option("--passphrase", is_flag=True, help="Ask for a passphrase that the file opens with.")
def make_key(file: Path, passphrase: bool) -> None:
    """Make an auditor's pair of keys, offline: the private one into a file of their own; prints the public one."""
    words = ""
    if passphrase:
        words = click.prompt(_("Passphrase"), hide_input=True, confirmation_prompt=True, err=True)
    key = sealing.make_key()
    _write_new(file, sealing.write_key(key, words) + b"\n")
    click.echo(str(key.public))
    told = {"fingerprint": key.public.fingerprint, "file": file}
    click.echo(_("fingerprint %(fingerprint)s; whoever loses %(file)s cannot open a report again", **told), err=True)


@report_command.command("open")
@click.argument("file", type=READABLE)
@click.option("--key", "key_file", required=True, type=READABLE, help="The auditor's private key.")
@click.option("--attachments", type=click.Path(file_okay=False, path_type=Path), help="Write attached files there.")
def open_report(file: Path, key_file: Path, attachments: Path | None) -> None:
    """Open the exported report FILE, offline, and print what it says; without --attachments no file is written."""
    with speaking():
        sealed = report_form.from_file(file.read_bytes())
        plain = sealing.open_sealed(sealed.sealed, _private_key(key_file))
        report = report_form.from_bytes(plain, sealed.id)
    click.echo(_("%(report)s, received on %(day)s", report=sealed.id, day=sealed.received_on), err=True)
    for name, said in (("story", report.story), ("contact", report.contact)):
        if said:
            click.echo(f"{name}: {said}")
    click.echo(report.text)
    for place, attachment in enumerate(report.attachments, 1):
        if attachments is None:
            click.echo(f"attached: {attachment.name} ({len(attachment.data)} bytes)")
        else:
            click.echo(f"attached: {_write_attachment(attachments, place, attachment)}")


@report_command.command("reseal")
@click.argument("file", type=READABLE)
@click.option("--key", "key_file", required=True, type=READABLE, help="A private key that opens it.")
@click.option("--to", "public_keys", required=True, multiple=True, metavar="AUD_…", help="A public key; repeatable.")
def reseal_report(file: Path, key_file: Path, public_keys: tuple[str, ...]) -> None:
    """Seal the exported report FILE to more keys, offline and without opening it; `hub report import` keeps that."""
    with speaking():
        report = report_form.from_file(file.read_bytes())
        to = [sealing.read_public(text) for text in public_keys]
        sealed = sealing.reseal(report.sealed, _private_key(key_file), to)
    again = file.with_name(f"{file.name}.new")
    _write_new(again, report_form.to_file(SealedReport(report.id, report.received_on, sealed)))
    again.replace(file)
    for key in to:
        click.echo(key.fingerprint)


# --- whom reports are sealed to -----------------------------------------------------------------------------


@report_command.group("key")
def key_group() -> None:
    """The auditors' public keys that new reports are sealed to."""


@key_group.command("add")
@click.argument("name")
@click.argument("public_key")
@click.pass_context
def add_key(context: click.Context, name: str, public_key: str) -> None:
    """Seal new reports to PUBLIC_KEY, too; the report page shows NAME, an office rather than a person."""
    with speaking(), open_database(settings_of(context)).writing() as session:
        click.echo(reports.add_key(session, name, public_key, now=SystemClock().now()).fingerprint)


@key_group.command("list")
@click.pass_context
def list_keys(context: click.Context) -> None:
    """List auditors' keys: fingerprint, live or retired, name, public key."""
    with speaking(), open_database(settings_of(context)).reading() as session:
        for row in reports.list_keys(session):
            state = "retired" if row.retired_at else "live"
            click.echo(f"{row.fingerprint}\t{state}\t{row.name}\t{row.public_key}")


@key_group.command("retire")
@click.argument("fingerprint")
@click.pass_context
def retire_key(context: click.Context, fingerprint: str) -> None:
    """Seal nothing new to the key with this FINGERPRINT; it still opens what was sealed to it."""
    with speaking(), open_database(settings_of(context)).writing() as session:
        click.echo(reports.retire_key(session, fingerprint, now=SystemClock().now()).fingerprint)
        live = len(reports.list_live_keys(session))
    if not live:
        click.echo(_("no key is left: the hub takes no reports until another one is added"), err=True)


# --- at the server ------------------------------------------------------------------------------------------


@report_command.command("list")
@click.pass_context
def list_reports(context: click.Context) -> None:
    """List reports: id, day, status, fingerprints of the keys that open it. What they say cannot be seen here."""
    with speaking(), open_database(settings_of(context)).reading() as session:
        for row in reports.list_reports(session):
            keys = ",".join(copy.fingerprint for copy in row.copies)
            click.echo(f"{row.id}\t{row.received_on}\t{row.status}\t{keys}")


@report_command.command("export")
@click.argument("report_id", metavar="ID")
@click.argument("file", type=NEW_FILE)
@click.pass_context
def export_report(context: click.Context, report_id: str, file: Path) -> None:
    """Write the sealed report ID into a new FILE, to be carried to where the private key is."""
    with speaking(), open_database(settings_of(context)).reading() as session:
        report = reports.export(session, report_id)
    _write_new(file, report_form.to_file(report))
    click.echo(str(file))


@report_command.command("import")
@click.argument("file", type=READABLE)
@click.pass_context
def import_report(context: click.Context, file: Path) -> None:
    """Keep what `hub report reseal` added to FILE; prints the fingerprints of the keys that open it now, too.

    Nothing is kept when one of them was not added by `hub report key add`, or is retired.
    """
    with speaking():
        report = report_form.from_file(file.read_bytes())
        with open_database(settings_of(context)).writing() as session:
            for fingerprint in reports.take_back(session, report):
                click.echo(fingerprint)


@report_command.command("answer")
@click.argument("report_id", metavar="ID")
@click.option(
    "--status",
    required=True,
    metavar="STATUS",
    type=click.Choice(schemas.vocabulary("report_statuses").codes),
    help="what became of it: a code of schemas/vocabularies/report_statuses.v1.json",
)
@click.option("--outcome", metavar="TEXT", help="what the reporter is told; - reads it from stdin; else it stays")
@click.pass_context
def answer_report(context: click.Context, report_id: str, status: str, outcome: str | None) -> None:
    """Let the reporter of ID know what became of it; they read it with their receipt."""
    if outcome == "-":
        outcome = sys.stdin.read()
    with speaking(), open_database(settings_of(context)).writing() as session:
        row = reports.answer(session, report_id, status=status, outcome=outcome, now=SystemClock().now())
        click.echo(f"{row.id}\t{row.status}")


@report_command.command("hold")
@click.argument("story_id", metavar="STORY_ID")
@click.pass_context
def hold_story(context: click.Context, story_id: str) -> None:
    """Stop a story while it is being checked; nobody is told why, and only `hub report lift` ends it."""
    with speaking(), open_database(settings_of(context)).writing() as session:
        act = reports.hold(session, story_id, now=SystemClock().now())
        click.echo(f"{story_id}\t{act.state_after}")


@report_command.command("lift")
@click.argument("story_id", metavar="STORY_ID")
@click.pass_context
def lift_story(context: click.Context, story_id: str) -> None:
    """End the auditors' hold of a story; where the desk holds it, too, it stays held."""
    with speaking(), open_database(settings_of(context)).writing() as session:
        act = reports.lift(session, story_id, now=SystemClock().now())
        click.echo(f"{story_id}\t{act.state_after}")


def _private_key(file: Path) -> PrivateKey:
    kept = file.read_bytes()
    words = click.prompt(_("Passphrase"), hide_input=True, err=True) if sealing.needs_passphrase(kept) else ""
    return sealing.read_key(kept, words)


def _write_new(file: Path, body: bytes) -> None:
    """Write a file that only its owner may read, and that was not there before."""
    try:
        with open(file, "xb", opener=_private) as opened:
            opened.write(body)
            opened.flush()
            os.fsync(opened.fileno())
    except FileExistsError:
        fail(_("%(file)s is there already.", file=file))
    except OSError as exc:
        fail(f"{file}: {exc.strerror}")


def _write_attachment(folder: Path, place: int, attachment: Attachment) -> Path:
    """Under a name that is safe, whatever the reporter called it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = UNSAFE.sub("_", attachment.name).strip("._-")[-NAME_AT_MOST:]
    file = folder / f"{place}-{name or 'file'}"
    _write_new(file, attachment.data)
    return file


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
