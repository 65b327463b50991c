"""The command line: each command is one file here, and does nothing until it is asked for."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence

from losskit import __version__
from losskit.cli import check, choose, doctor, fit, losses, rule, show, watch

COMMANDS = (doctor, check, watch, fit, choose, losses, show, rule)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit status.

    A command is a module with `NAME`, `SUMMARY`, `USAGE`, `add_arguments(parser)` and `run(options) -> int`; what it
    needs to do its work it imports in `run`, so that `losskit --help` costs nothing.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal that lacks a character gets its number
    given = list(sys.argv[1:] if arguments is None else arguments)
    options = _parser().parse_args(doctor.script_last(given) if given[:1] == [doctor.NAME] else given)
    try:
        return options.run(options)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader of our output has gone, as in `losskit rule | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="losskit",
        description="Find out why a training run does not work, repair it, and prove that the repair helped.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"losskit {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for command in COMMANDS:
        one = commands.add_parser(
            command.NAME,
            help=command.SUMMARY,
            description=command.__doc__,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            usage=command.USAGE,
            allow_abbrev=False,
        )
        command.add_arguments(one)
        one.set_defaults(run=command.run, fail=one.error)
    return parser


__all__ = ["main"]
