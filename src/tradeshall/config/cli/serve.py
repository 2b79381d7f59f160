"""Serve: everything on one port, the pages alone, or the engine alone."""

from __future__ import annotations

import logging
import os
import socket
from datetime import datetime
from pathlib import Path

import click

from tradeshall.core import clock

HOST = click.option("--host", default="0.0.0.0", show_default=True, help="Address to listen on.")  # noqa: S104
PORT = click.option("--port", envvar="PORT", default=8000, show_default=True, type=click.IntRange(1, 65535))
LEDGER = click.option(
    "--ledger",
    envvar="TRADESHALL_LEDGER",
    help="Where the engine keeps what it acknowledges: sqlite:////path or postgresql://…  [default: in DATA]",
)
THREADS = click.option(
    "--threads", default=8, show_default=True, type=click.IntRange(1, 256), help="Threads that make pages."
)
BACKGROUND = click.option(
    "--background/--no-background",
    default=True,
    help="Whether this process also takes in results and sends messages.",
)


def _data() -> Path:
    return Path(os.environ.get("DATA", "data")).resolve()


def _ledger_url(given: str | None) -> str:
    return given or f"sqlite:///{_data() / 'ledger.sqlite3'}"


def _announce(host: str, port: int) -> None:
    name = "localhost" if host in ("0.0.0.0", "::") else host  # noqa: S104
    click.echo(f"Tradeshall: http://{name}:{port}/")
    if host == "0.0.0.0":  # noqa: S104
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.connect(("192.0.2.1", 9))  # nothing is sent; it tells which address faces the network
                click.echo(f"  from a phone on the same network: http://{probe.getsockname()[0]}:{port}/")
            except OSError:
                pass
    click.echo("  stop with Ctrl-C")


def _refusing() -> tuple[type[Exception], ...]:
    import psycopg

    from tradeshall.config.engine_server import PortTaken
    from tradeshall.engine.ledger.interface import LedgerInUse, LedgerUnsafe

    return (PortTaken, LedgerInUse, LedgerUnsafe, psycopg.OperationalError, ValueError)


@click.command()
@HOST
@PORT
@LEDGER
@THREADS
@BACKGROUND
def serve(host: str, port: int, ledger: str | None, threads: int, background: bool) -> None:
    """Serve everything on one machine: pages and contest engine, one process, one port."""
    from tradeshall.config import engine_server, one_port

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    clock.keep_steady()
    if ledger:
        os.environ["TRADESHALL_LEDGER"] = ledger  # the pages read the same one
    try:
        engine_server.check_port(host, port)
        pages = one_port.django_pages()
        engine = engine_server.open_engine(_data(), _ledger_url(ledger))
        _announce(host, port)
        beside = one_port.BACKGROUND if background else ()
        application = one_port.OnePort(pages, engine, threads=threads, background=beside)
        engine_server.serve(application, host, port)
    except _refusing() as error:
        raise click.ClickException(str(error)) from error


@click.command("serve-web")
@HOST
@PORT
@THREADS
@click.option(
    "--engine",
    envvar="TRADESHALL_ENGINE_URL",
    default="http://127.0.0.1:8100",
    show_default=True,
    help="Address of the contest engine.",
)
@BACKGROUND
def serve_web(host: str, port: int, threads: int, engine: str, background: bool) -> None:
    """Serve the pages alone; a reverse proxy sends /engine/ to a contest engine elsewhere."""
    from tradeshall.config import engine_server, one_port
    from tradeshall.core.keys import read_or_make_key
    from tradeshall.engine import client
    from tradeshall.engine.passes import Keys

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    clock.keep_steady()
    try:
        engine_server.check_port(host, port)
        pages = one_port.django_pages()
        keys = Keys.derive(read_or_make_key(_data(), "master"))
        client.install(client.HttpClient(engine, keys.service))
        _announce(host, port)
        application = one_port.OnePort(pages, threads=threads, background=one_port.BACKGROUND if background else ())
        engine_server.serve(application, host, port)
    except _refusing() as error:
        raise click.ClickException(str(error)) from error


@click.command("serve-engine")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", envvar="PORT", default=8100, show_default=True, type=click.IntRange(1, 65535))
@LEDGER
@click.option("--writer", default="main", show_default=True, help="Name of this process in the ledger.")
@click.option(
    "--clock",
    "rehearsal_clock",
    metavar="MOMENT@RATE",
    help="For rehearsals: let this engine's clock run on from a moment, so many times as fast.",
)
def serve_engine(host: str, port: int, ledger: str | None, writer: str, rehearsal_clock: str | None) -> None:
    """Serve the contest engine alone."""
    from tradeshall.config import engine_server

    if rehearsal_clock:
        moment, _, rate = rehearsal_clock.partition("@")
        try:
            clock.run_from(datetime.fromisoformat(moment), float(rate or 1))
        except ValueError as error:
            raise click.BadParameter("expected one like 2026-05-01T09:00+08:00@60", param_hint="--clock") from error

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        engine_server.check_port(host, port)
        engine = engine_server.open_engine(_data(), _ledger_url(ledger), writer, steady=not rehearsal_clock)
        click.echo(f"Tradeshall engine: http://{host}:{port}/engine/health")
        engine_server.serve(engine_server.EngineOnly(engine), host, port)
    except _refusing() as error:
        raise click.ClickException(str(error)) from error
