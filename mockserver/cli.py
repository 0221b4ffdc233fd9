"""The `mockserver` command."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec

import click

from mockserver import __version__
from mockserver.errors import MockserverError

P = ParamSpec("P")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="mockserver")
def main() -> None:
    """Play the cancel APIs of several vendors, true to their documents and stateful."""


def refusing(command: Callable[P, None]) -> Callable[P, None]:
    """What is wrong with the request is one message and exit code 2, not a traceback."""

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
    if wrong := [value for value in values if "=" not in value]:
        raise click.BadParameter(f"`{wrong[0]}` is not SYSTEM=NAME", context, option)
    return dict(value.split("=", 1) for value in values)


@main.command()
@click.argument("systems", nargs=-1)
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option("--port", default=8080, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free one.")
@click.option(
    "--variant",
    "variants",
    multiple=True,
    callback=pairs,
    metavar="SYSTEM=NAME",
    help="Another reading of the documents.",
)
@click.option(
    "--clock",
    type=click.Choice(["real", "virtual"]),
    default="real",
    show_default=True,
    help="Virtual time moves when told to.",
)
@click.option(
    "--state", default="memory:", show_default=True, metavar="URL", help="memory:, sqlite:///FILE or postgresql://..."
)
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1), help="Processes that share one state.")
@click.option("--scenario", default="demo", show_default=True, metavar="NAME|FILE", help="What is there at the start.")
@click.option("--seed", default=0, show_default=True, type=int, help="Seeds ids and every random choice.")
@click.option("--defect", "defects", multiple=True, metavar="ID", help="Plant a known contract bug.")
@click.option("--tls-cert", metavar="FILE", help="Serve https with this certificate (PEM).")
@click.option("--tls-key", metavar="FILE", help="The certificate's key (PEM).")
@click.option("--tls-self-signed", is_flag=True, help="Serve https with a certificate made now.")
@click.option("--control-token", default="", help="Needed for the control API when the host is not loopback.")
@click.option("--no-control", is_flag=True, help="No control API at all: play a real deployment.")
@click.option(
    "--public-url",
    default="",
    metavar="URL",
    help="What links in replies begin with, instead of what the client called.",
)
@click.option("--access-log", is_flag=True, help="A line per request on stderr.")
@refusing
def serve(systems: tuple[str, ...], **options: Any) -> None:
    """Serve SYSTEMs (default: all vendors) on one port, each under its vendor's real base path."""
    from mockserver.app import Settings, build
    from mockserver.server import listen, serve, url_of

    logging.basicConfig(
        stream=sys.stderr, level=logging.WARNING, format="%(asctime)s %(name)s %(levelname)s %(message)s"
    )
    settings = Settings(
        systems=systems,
        variants=options["variants"],
        clock=options["clock"],
        state=options["state"],
        scenario=options["scenario"],
        seed=options["seed"],
        defects=options["defects"],
        public_url=options["public_url"].rstrip("/"),
        control=not options["no_control"],
        control_token=options["control_token"],
    )
    mock = build(settings)
    listener = listen(options["host"], options["port"])
    serve(mock, listener, lambda: click.echo(f"mockserver ready: {url_of(listener)}"))
