"""The `mockserver` command. What takes long to import is imported by the command that needs it."""

from __future__ import annotations

import gc
import json
import logging
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec
from urllib.parse import urlsplit

import click

from mockserver import __version__
from mockserver.errors import MockserverError, UsageError

if TYPE_CHECKING:
    from mockserver.tls import Certificate

P = ParamSpec("P")
LOG_FORMAT = "%(asctime)s %(name)s %(levelname)s %(message)s"


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="mockserver")
def main() -> None:
    """Play the cancel APIs of several vendors, true to their documents and stateful."""


def refusing(command: Callable[P, None]) -> Callable[P, None]:
    """What cannot be done is one message and exit code 2, not a traceback."""

    @wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except MockserverError as error:
            click.echo(f"mockserver: {error}", err=True)
            sys.exit(2)

    return wrapped


def pairs(context: click.Context, option: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    """SYSTEM=NAME options as a mapping."""
    if wrong := [value for value in values if not all(value.partition("="))]:
        raise click.BadParameter(f"`{wrong[0]}` is not SYSTEM=NAME.", context, option)
    return {system: name for system, _, name in (value.partition("=") for value in values)}


def address(context: click.Context, option: click.Parameter, value: str) -> str:
    """A URL that paths can be put behind."""
    url = urlsplit(value)
    if value and not (url.scheme in ("http", "https") and url.hostname and not url.query and not url.fragment):
        raise click.BadParameter(f"`{value}` is not a URL like https://mock.example:8443.", context, option)
    return value.rstrip("/")


@main.command(short_help="Serve systems on one port.")
@click.argument("systems", nargs=-1, metavar="[SYSTEM]...")
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option("--port", default=8080, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free one.")
@click.option("--variant", "variants", multiple=True, callback=pairs, metavar="SYSTEM=NAME", help="Another reading.")
@click.option("--clock", type=click.Choice(["real", "virtual"]), default="real", show_default=True, help="Which time.")
@click.option(
    "--state",
    default="memory:",
    show_default=True,
    metavar="URL",
    envvar="MOCKSERVER_STATE",
    help="memory:, sqlite:///FILE, postgresql://… ($MOCKSERVER_STATE)",
)
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1), help="Processes that share one state.")
@click.option("--scenario", default="demo", show_default=True, metavar="NAME|FILE", help="What is there at the start.")
@click.option("--seed", default=0, show_default=True, type=int, help="Seeds ids and every random choice.")
@click.option("--defect", "defects", multiple=True, metavar="ID", help="Plant a known contract bug.")
@click.option("--tls-cert", default="", metavar="FILE", help="Serve https with this certificate (PEM).")
@click.option("--tls-key", default="", metavar="FILE", help="The certificate's key (PEM).")
@click.option("--tls-self-signed", is_flag=True, help="Serve https with a certificate made now.")
@click.option(
    "--control-token",
    default="",
    metavar="TOKEN",
    envvar="MOCKSERVER_CONTROL_TOKEN",
    help="Opens the control API to other machines. ($MOCKSERVER_CONTROL_TOKEN)",
)
@click.option("--no-control", is_flag=True, help="No control API at all: play a real deployment.")
@click.option("--public-url", default="", callback=address, metavar="URL", help="What links in replies begin with.")
@click.option("--access-log", is_flag=True, help="A line per request on stderr.")
@refusing
def serve(systems: tuple[str, ...], **options: Any) -> None:
    """Serve SYSTEMs (default: all vendors) on one port, each under its vendor's real base path."""
    gc.disable()  # until it serves: what is made on the way there is made to stay
    from mockserver.app import Settings
    from mockserver.server import run

    _log(options["access_log"])
    settings = Settings(
        systems=systems,
        variants=options["variants"],
        clock=options["clock"],
        state=options["state"],
        scenario=options["scenario"],
        seed=options["seed"],
        defects=options["defects"],
        public_url=options["public_url"],
        control=not options["no_control"],
        control_token=options["control_token"],
    )
    with _certificate(options) as certificate:
        sys.exit(run(settings, options["host"], options["port"], options["workers"], certificate))


@main.command(short_help="List the systems and what they do not imitate.")
@refusing
def systems() -> None:
    """List the systems: where they are, what they do, what they do not imitate."""
    from mockserver.listing import systems

    click.echo("\n".join(systems()))


@main.command()
@click.option("--json", "as_json", is_flag=True, help="By system and identity, for programs.")
@refusing
def identities(as_json: bool) -> None:
    """List the built-in credentials."""
    from mockserver.listing import identities, identities_as_data

    click.echo(json.dumps(identities_as_data(), indent=1) if as_json else "\n".join(identities()))


@main.command()
@click.option("--json", "as_json", is_flag=True, help="By system, for programs.")
@refusing
def defects(as_json: bool) -> None:
    """List the contract bugs that can be planted."""
    from mockserver.listing import defects, defects_as_data

    click.echo(json.dumps(defects_as_data(), indent=1) if as_json else "\n".join(defects()))


def _log(access: bool) -> None:
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format=LOG_FORMAT)
    logging.getLogger("mockserver.access").setLevel(logging.INFO if access else logging.WARNING)
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)  # what clients do wrong is no warning of ours


def _certificate(options: dict[str, Any]) -> AbstractContextManager[Certificate | None]:
    """What to serve https with; nothing for http."""
    from mockserver import tls

    files = options["tls_cert"] or options["tls_key"]
    if options["tls_self_signed"] and files:
        raise UsageError("--tls-self-signed makes its own certificate. Leave it out, or --tls-cert and --tls-key.")
    if options["tls_self_signed"]:
        return tls.self_signed(options["host"])
    if files:
        return nullcontext(tls.given(options["tls_cert"], options["tls_key"]))
    return nullcontext(None)
