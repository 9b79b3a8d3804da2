"""`hub demo`: a province of invented people, from pushed stories to feeds read back, on a real server."""

from __future__ import annotations

import fcntl
import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import click
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from hub.cli import demo_tables, fail
from hub.cli.common import speaking
from hub.cli.serving import free_port, wait_for_port
from hub.cli.settings import environment_of, settings_of
from hub.cli.speech import _, language
from hub.clock import SystemClock
from hub.config import Settings
from hub.demo import broadcast, province, telling
from hub.demo.province import Cast
from hub.demo.telling import ReadBack, Teller, at_work_of
from hub.i18n.words import STATES
from hub.publishing.documents import FORMATS

DEFAULT_FOLDER = Path("hub-demo")
START_SECONDS = 60
STOP_SECONDS = 15


@click.command("demo")
@click.option("--data", metavar="DIR", type=click.Path(path_type=Path), help="Data directory; hub-demo by default.")
@click.option("--port", type=int, default=0, help="Port to listen on; without it a free one is taken.")
@click.option("--once", is_flag=True, help="End with status 0 after the table.")
@click.option("--json", "as_json", is_flag=True, help="Print one line of JSON: base_url, keys, logins, feeds.")
@click.pass_context
def demo_command(context: click.Context, data: Path | None, port: int, once: bool, as_json: bool) -> None:
    """Show the hub at work: push, review, release, and read every feed back; then keep serving."""
    folder = data or Path(context.find_root().obj or DEFAULT_FOLDER)
    if province.is_foreign(folder):
        fail(_("%(folder)s holds something that is not a demo; choose another --data.", folder=folder))
    _be_the_only_one(context, folder)
    port = port or free_port("127.0.0.1")
    own = f"127.0.0.1:{port}"  # the one address inside that the demo may send to
    settings = settings_of(context, data=folder, port=port, host="127.0.0.1", allow_networks=own)
    notes = Console(stderr=True)
    click.echo(_("Making the demo; this takes about half a minute."), err=True)
    with speaking():
        known = (folder / "hub.db").exists()
        cast = province.prepare(settings, now=SystemClock().now())
        if known:
            told = _("%(folder)s holds a demo already: it goes on, with new keys in demo.env", folder=folder)
            click.echo(told, err=True)
    with _served(settings) as server:
        try:
            teller = Teller(settings.base, cast, language())
            feeds = _told(teller, notes)
            at_work, uses = list(at_work_of(teller)), teller.tell_uses()
            segment = broadcast.plan(teller)
        except HTTPError as exc:
            fail(telling.explain(exc))
        except (URLError, telling.DemoFailed) as exc:
            fail(str(exc))
        keys_file = _write_keys(settings, cast)
        _show(
            settings,
            cast,
            feeds,
            [demo_tables.work(at_work), demo_tables.rundown(segment), demo_tables.uses(uses)],
            as_json=as_json,
        )
        if once:
            return
        notes.print(_("Open %(place)s and sign in as one of these.", place=f"[bold]{settings.base}/sign-in[/bold]"))
        how = _("Ctrl+C ends the demo. For the tour: %(command)s", command=f"[bold]. {keys_file}[/bold]")
        notes.print(f"[bold]{settings.base}/[/bold]  {how}", soft_wrap=True)  # a line to copy stays one
        server.wait()
        _fail_ended(settings, server)  # whoever ends the demo interrupts it: this one ended by itself


def _be_the_only_one(context: click.Context, folder: Path) -> None:
    """End here while another demo serves `folder`: demo.env would name a port that nobody serves afterwards.

    The folder itself is locked, so that nothing is left behind, however a demo ends.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = os.open(folder, os.O_RDONLY)
    context.call_on_close(lambda: os.close(lock))
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        told = _("A demo is at work in %(folder)s already; end it, or choose another --data.", folder=folder)
        fail(told + _base_of(folder))
    except OSError:
        return  # a file system that locks no folders


def _base_of(folder: Path) -> str:
    """Where the demo of a folder is, if it has said so."""
    file = folder / "demo.env"
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    bases = [line.removeprefix("export BASE=") for line in lines if line.startswith("export BASE=")]
    return f" ({bases[0]})" if bases else ""


@contextmanager
def _served(settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    """A real `hub serve` as a child, ready to answer; ended by its own pid."""
    environment = {"HUB_LOG_FORMAT": "text", **environment_of(settings)}
    wait_for_port(settings.host, settings.port)  # somebody else who answers there is not taken for our own
    command = [sys.executable, "-m", "hub", "serve", "--parent", str(os.getpid())]
    with (settings.data / "serve.log").open("ab") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)  # noqa: S603  our own command
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # end the child then, too
    try:
        _wait_until_ready(settings, server)
        yield server
    except KeyboardInterrupt:
        pass
    finally:
        server.terminate()
        try:
            server.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            server.kill()


def _wait_until_ready(settings: Settings, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            _fail_ended(settings, server)
        try:
            with urlopen(f"{settings.base}/healthz", timeout=1):  # noqa: S310  our own server's address
                return
        except (URLError, OSError):
            time.sleep(0.05)
    log = settings.data / "serve.log"
    fail(_("The server did not answer within %(seconds)s s; see %(log)s.", seconds=START_SECONDS, log=log))


def _fail_ended(settings: Settings, server: subprocess.Popen[bytes]) -> None:
    log = settings.data / "serve.log"
    fail(_("The server ended with status %(status)s; see %(log)s.", status=server.returncode, log=log))


def _told(teller: Teller, notes: Console) -> list[ReadBack]:
    total = len(teller.stories())
    with Progress(console=notes, transient=True) as progress:
        task = progress.add_task(_("Stories"), total=total)
        telling.tell_all(
            teller,
            told=lambda story, state: progress.update(
                task, advance=1, description=f"{story.organization}: {_(STATES.get(state, state))}"
            ),
        )
        reading = progress.add_task(_("Feeds"), total=len(teller.cast.feeds) * len(FORMATS))
        feeds = []
        for feed in teller.read_back():
            feeds.append(feed)
            progress.update(reading, advance=1, description=f"{feed.outlet}/{feed.channel}.{feed.format}")
    return feeds


def _show(settings: Settings, cast: Cast, feeds: list[ReadBack], shown: list[Table], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(_line(settings, cast, feeds), ensure_ascii=False))
        return
    # logins last: they stand on the screen when all that one signs in to is there
    for table in (demo_tables.feeds(feeds), *shown, demo_tables.keys(cast), demo_tables.logins(cast)):
        _print(table)


def _print(table: Table) -> None:
    Console(width=max(Console().width, 110)).print(table)


def _write_keys(settings: Settings, cast: Cast) -> Path:
    """Keys as shell variables for the README's tour, readable by their owner only."""
    file = settings.data / "demo.env"
    lines = {
        "BASE": settings.base,
        "ORG_KEY": next(iter(cast.organizations.values())),
        "UNIT_KEY": cast.organizations["nghiep-doan-nghe-ca-ben-lau"],
        "CONFIRMER_KEY": cast.people.by_role["confirmer"],
        "EDITOR_KEY": cast.editor,
        "NEWSPAPER_KEY": cast.outlets["newspaper"],
        "TV_KEY": cast.outlets["tv"],
    }
    file.touch(mode=0o600)
    file.write_text("".join(f"export {name}={shlex.quote(value)}\n" for name, value in lines.items()))
    return file


def _line(settings: Settings, cast: Cast, feeds: list[ReadBack]) -> dict[str, object]:
    """The contract's line (design §6)."""
    return {
        "base_url": settings.base,
        "keys": {
            "organizations": cast.organizations,
            "outlets": cast.outlets,
            "editor": cast.editor,
            "people": cast.people.by_role,
        },
        "logins": [asdict(login) for login in cast.people.logins],
        "feeds": [
            {
                "outlet": feed.outlet,
                "channel": feed.channel,
                "audience": feed.audience,
                "url": feed.url,
                "type": feed.media_type,
            }
            for feed in feeds
        ],
    }
