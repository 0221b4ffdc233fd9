"""The `contracts` command. What it does is elsewhere; here are its words, and how it ends."""

from __future__ import annotations

import errno
import re
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from contracts import exit as codes
from contracts.order import MOCK, TARGETS_FILE, Order
from contracts.terminal import Terminal

Command = TypeVar("Command", bound=Callable[..., Any])

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
REPORTS_FOLDER = "contracts-report"
DEFAULT_REPORTS = "json,junit,html"
NO_ROOM = {errno.EACCES, errno.EDQUOT, errno.ENOSPC, errno.EROFS}  # trouble of the machine, not of ours
UNITS = {"": 1, "s": 1, "m": 60, "h": 3600}


@click.group(context_settings=CONTEXT)
@click.version_option(package_name="countermand", prog_name="contracts")
def commands() -> None:
    """Check that cancelling behaves as the vendor promises, on a mock or on a deployment.

    Exit codes: 0 conforms, 1 at least one claim is broken, 2 usage, configuration or spec error,
    3 target unreachable, credentials refused, or too little could be tested.
    """


def main() -> None:
    """Run the command; whatever happens, what a person sees is a message."""
    try:
        code = commands.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        code = codes.WRONG
    except (click.Abort, KeyboardInterrupt):
        click.echo("contracts: stopped.", err=True)
        code = codes.INCONCLUSIVE
    except Exception as error:
        code = _refused(error)
    sys.exit(code if isinstance(code, int) else codes.CONFORMS)


def _refused(error: Exception) -> int:
    """Errors made for people are shown as they are; of any other, where its traceback was written."""
    from contracts.mockprocess import MockFailed
    from contracts.report.replay import ReplayError
    from contracts.secret import scrub
    from contracts.target import TargetError
    from contracts.wanted import Unusable
    from specs import SpecError

    if isinstance(error, SpecError | TargetError | Unusable | ReplayError | MockFailed):
        click.echo(scrub(f"contracts: {error}"), err=True)
        return codes.WRONG
    if isinstance(error, OSError) and error.errno in NO_ROOM:
        click.echo(f"contracts: {error.filename or 'the output'} cannot be written: {error.strerror}.", err=True)
        return codes.WRONG
    with tempfile.NamedTemporaryFile("w", prefix="contracts-", suffix=".log", delete=False, encoding="utf-8") as log:
        log.write(scrub("".join(traceback.format_exception(error))))
    words = " ".join(scrub(str(error)).split())
    click.echo(
        f"contracts: a mistake of ours: {type(error).__name__}: {words}. Please report it with {log.name}.", err=True
    )
    return codes.WRONG


def _words(context: click.Context, option: click.Parameter, value: str) -> tuple[str, ...]:
    """`a,b` as words."""
    return tuple(word.strip() for word in value.split(",") if word.strip())


def _seconds(context: click.Context, option: click.Parameter, value: str) -> int:
    """`90`, `90s`, `5m` or `1h` as seconds."""
    match = re.fullmatch(r"(\d+)([smh]?)", value.strip())
    if not match or int(match[1]) == 0:
        raise click.BadParameter(
            f"`{value}` is no duration. Expected a number with s, m or h, as in 5m.", context, option
        )
    return int(match[1]) * UNITS[match[2]]


def _kinds(context: click.Context, option: click.Parameter, value: str) -> tuple[str, ...]:
    """Report kinds, all of them known."""
    from contracts.report import KINDS

    words = _words(context, option, value)
    if unknown := [word for word in words if word not in KINDS]:
        raise click.BadParameter(f"unknown kind `{unknown[0]}`. Known: {', '.join(KINDS)}.", context, option)
    return words


def _options(*options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


_targets = click.option(
    "--targets", default=TARGETS_FILE, show_default=True, metavar="FILE", help="The file that describes targets."
)
_target = click.option(
    "--target",
    default=MOCK,
    show_default=True,
    metavar="NAME",
    help="`mock` starts one; else a table in the targets file.",
)
_seed = click.option("--seed", default=0, show_default=True, help="Same seed, same requests on a mock.")
_yes = click.option("--yes", "confirmed", metavar="HOST", help="Confirms a host that is not this machine, unasked.")
_look = _options(
    click.option("--quiet", is_flag=True, help="Only failures and verdicts."),
    click.option("--no-color", is_flag=True, help="No colours."),
)
_run_options = _options(
    _seed,
    click.option(
        "--max-examples", type=click.IntRange(1), metavar="N", help="Generated requests an operation and phase."
    ),
    click.option("--claims", "claim_ids", default="", callback=_words, metavar="A,B", help="Only these claims."),
    click.option("--report-dir", default=REPORTS_FOLDER, show_default=True, metavar="DIR", help="Where reports go."),
    click.option(
        "--report", "kinds", default=DEFAULT_REPORTS, show_default=True, callback=_kinds, help="junit, html, json, har."
    ),
    click.option("--verbose", is_flag=True, help="Schemathesis's own output as well, on standard error."),
    _look,
)


def _order(options: dict[str, Any], **more: Any) -> Order:
    """What all systems of a command have in common."""
    return Order(
        system="",
        target=options.get("target", MOCK),
        folder=options["report_dir"],
        targets_file=options.get("targets", ""),
        variant=options.get("variant", "default"),
        seed=options["seed"],
        max_examples=options["max_examples"] or 0,
        claims=options["claim_ids"],
        reports=options["kinds"],
        verbose=options["verbose"],
        **more,
    )


def _consoles(options: dict[str, Any]) -> tuple[Terminal, Terminal]:
    """Results go to standard output, progress to standard error."""
    return tuple(Terminal(stderr=error, no_color=options["no_color"], highlight=False) for error in (False, True))  # type: ignore[return-value]


def _carry_out(systems: tuple[str, ...], options: dict[str, Any]) -> int:
    from contracts.conduct import Conduct
    from contracts.wanted import Wish, orders

    wish = Wish(systems, options.get("target", MOCK), _order(options))
    found = orders(wish)
    _confirm(options)
    output, errors = _consoles(options)
    return Conduct(output, errors, quiet=options["quiet"], folder=Path(options["report_dir"])).run(found)


def _confirm(options: dict[str, Any]) -> None:
    """A host that is not this machine is named once by a person, or by `--yes` where nobody can be asked."""
    from contracts.wanted import named_target, unconfirmed_host

    host = (
        unconfirmed_host(options["target"], options["targets"], options["confirmed"]) if "target" in options else None
    )
    if host is None:
        return
    if not sys.stdin.isatty():
        raise click.UsageError(f"`{options['target']}` is {host}, and nobody can be asked. Add --yes {host}.")
    effects = ", ".join(sorted(named_target(options["targets"], options["target"]).may))
    if click.prompt(f"Requests that {effects} will go to {host}. Type its name to go on", err=True) != host:
        click.echo(f"That is not {host}. Nothing was sent.", err=True)
        raise click.Abort


@commands.command()
@_run_options
def demo(**options: Any) -> int:
    """Start a mock of every vendor and check all of them."""
    if not options["quiet"]:
        click.echo("Starting a mock of each vendor and checking what they promise about cancelling.", err=True)
    return _carry_out((), options)


@commands.command()
@click.argument("systems", nargs=-1, metavar="[SYSTEM]...")
@_target
@_targets
@click.option("--variant", default="default", show_default=True, help="Of a mock: another reading of the documents.")
@_yes
@_run_options
def run(systems: tuple[str, ...], **options: Any) -> int:
    """Check every claim about SYSTEM on a target and say which hold."""
    return _carry_out(systems, options)


@commands.command()
@click.argument("system")
@_target
@_targets
@click.option("--variant", default="default", show_default=True, help="Of a mock: another reading of the documents.")
@click.option("--max-time", default="5m", show_default=True, callback=_seconds, help="How long: 90s, 5m, 1h.")
@_yes
@_run_options
def fuzz(system: str, **options: Any) -> int:
    """Keep generating until time is up or a claim is broken."""
    from contracts.fuzz import Fuzz
    from contracts.wanted import Wish, orders

    [order] = orders(Wish((system,), options["target"], _order(options)))
    _confirm(options)
    output, errors = _consoles(options)
    return Fuzz(output, errors, quiet=options["quiet"], until=time.monotonic() + options["max_time"]).run(order)


@commands.command()
@click.argument("file", type=click.Path(path_type=Path))
@_target
@_targets
@_yes
@_look
def replay(file: Path, **options: Any) -> int:
    """Send a recorded failure again: is it still there?"""
    from contracts.replay import Replay
    from contracts.report.replay import read

    recording = read(file)
    _confirm(options)
    output, _ = _consoles(options)
    return Replay(output, recording, options["target"], options["targets"]).run()


@commands.command()
@click.argument("system", required=False)
@_target
@_targets
@click.option("--max-examples", type=click.IntRange(1), metavar="N", help="Generated requests an operation and phase.")
@_look
def plan(system: str | None, **options: Any) -> int:
    """Show what a run would send, to which ids, with which effects. Sends nothing."""
    from contracts.plan import Plan

    output, _ = _consoles(options)
    return Plan.of(system, options["target"], options["targets"], options["max_examples"]).show(output)


@commands.command()
@_look
def claims(**options: Any) -> None:
    """List every claim with its meaning and where it comes from."""
    from contracts.listing import show_claims

    show_claims(_consoles(options)[0])


@commands.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@_look
def lint(paths: tuple[Path, ...], **options: Any) -> int:
    """Validate specs: OpenAPI, x-contract, examples, evidence. Without PATHS, the shipped ones."""
    from specs.lint import lint as problems_in

    problems = problems_in(paths)
    output, _ = _consoles(options)
    for problem in problems:
        output.print(str(problem), markup=False, soft_wrap=True)
    if not options["quiet"]:
        click.echo(f"{len(problems) or 'no'} problem{'' if len(problems) == 1 else 's'}", err=True)
    return codes.WRONG if problems else codes.CONFORMS


@commands.command()
@click.argument("systems", nargs=-1, metavar="[SYSTEM]...")
@click.option("--baseline", is_flag=True, help="Stock Schemathesis beside it, with as much time.")
@click.option("--defect", "ids", multiple=True, metavar="ID", help="Only this one; repeatable.")
@click.option("--write", type=click.Path(path_type=Path), metavar="FILE", help="Write the page of all defects here.")
@_run_options
def defects(systems: tuple[str, ...], ids: tuple[str, ...], write: Path | None, **options: Any) -> int:
    """Plant every known bug in turn and say which claim caught it."""
    from contracts.defects import Trials, chosen
    from contracts.report.detection import page, show
    from contracts.wanted import check_folder, checked_systems

    found = chosen(checked_systems(systems), ids)
    check_folder("the report folder", Path(options["report_dir"]))
    if write:
        check_folder("--write", write.parent)
    output, errors = _consoles(options)
    measured = Trials(errors, _order(options), options["baseline"], options["quiet"]).of(found)
    if write:
        write.write_text(page(measured), encoding="utf-8")
    return show(output, measured, quiet=options["quiet"])
