"""Run a training script, unchanged, and find out why it does not learn.

Options of losskit may stand before SCRIPT and after it; every other word after SCRIPT is the script's, and so is all
that comes after a lone `--`. An option that losskit and the script share by name is losskit's unless it comes after
`--`. The script's output goes to stderr, the diagnosis to stdout.

exit status: 0 nothing found · 1 warnings or errors found · 2 wrong use · 3 the script itself failed
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from losskit.cli.formats import FORMATS, put_out, status

if TYPE_CHECKING:
    from losskit.doctor.finding import Diagnosis

NAME = "doctor"
SUMMARY = "find out why a training script does not learn, and try remedies"
USAGE = """losskit doctor SCRIPT [ARGS…] [--fix] [--output PATCHED.py] [--seeds N] [--budget SECONDS]
                      [--format text|json|sarif|github] [--report FILE.html]"""
WITH_VALUE = ("--output", "--seeds", "--budget", "--format", "--report")
ALONE = ("--fix", "--help", "-h")

SCRIPT_FAILED = 3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("script", metavar="SCRIPT", help="a Python file that trains with PyTorch or Keras 3")
    parser.add_argument("arguments", metavar="ARGS", nargs="*", help="the script's own arguments")
    parser.add_argument("--fix", action="store_true", help="try remedies in paired runs; keep those that help")
    parser.add_argument("--output", metavar="PATCHED.py", help="where to write the patched script (.patch: the diff)")
    parser.add_argument("--seeds", type=_seeds, default=3, metavar="N", help="seeds of a trial, at least 2 (default 3)")
    parser.add_argument(
        "--budget", type=_seconds, metavar="SECONDS", help="for all trials (default: 10 × the script, at least 60)"
    )
    parser.add_argument("--format", choices=FORMATS, default="text", help="of the diagnosis (default text)")
    parser.add_argument("--report", metavar="FILE.html", help="write a self-contained HTML report")


def script_last(given: Sequence[str]) -> list[str]:
    """The words after `losskit` as argparse needs them: our options, then `--`, the script and what is its own."""
    ours, theirs = [], []
    words = iter(given[1:])
    for word in words:
        name, equals, _ = word.partition("=")
        if word == "--":
            theirs += words
        elif name in WITH_VALUE:
            ours += [word] if equals else [word, *([value] if (value := next(words, None)) is not None else [])]
        elif word in ALONE or (not theirs and word.startswith("-")):  # unknown before SCRIPT: argparse says so
            ours.append(word)
        else:
            theirs.append(word)
    return [given[0], *ours, "--", *theirs]


def run(options: argparse.Namespace) -> int:
    _check(options, options.fail)
    signal.signal(signal.SIGTERM, _leave)  # as after Ctrl-C what was started is ended, and what is temporary removed
    from losskit.doctor.observe import observe

    observation = observe(options.script, options.arguments)
    from losskit.doctor.examine import examine  # a fifth of a second, which the script is not made to wait for

    diagnosis = examine(
        options.script,
        options.arguments,
        fix=options.fix,
        seeds=options.seeds,
        budget=options.budget,
        output=options.output,
        say=lambda line: print(f"losskit: {line}", file=sys.stderr, flush=True),
        observation=observation,
    )
    if options.report is not None:
        diagnosis = _reported(diagnosis, options.report)
    from losskit.report.json import document

    put_out([diagnosis], document(diagnosis), options.format)
    return SCRIPT_FAILED if diagnosis.exit else status([diagnosis])


def _reported(diagnosis: Diagnosis, path: str) -> Diagnosis:
    """The diagnosis, with the report if it could be written: for want of it the diagnosis is not lost."""
    from losskit.report.html import write_diagnosis

    reported = replace(diagnosis, report=path)
    try:
        write_diagnosis(reported, Path(path))
    except OSError as error:
        print(f"losskit: the report could not be written: {error}", file=sys.stderr)
        return diagnosis
    return reported


def _check(options: argparse.Namespace, fail: Callable[[str], object]) -> None:
    """What can be known to be wrong before the script runs is said before it runs."""
    script = Path(options.script)
    if script.suffix == ".ipynb":
        fail(f"expected a Python script, got a notebook: `jupyter nbconvert --to script {script}` makes one of it")
    if script.is_dir():
        fail(f"expected a Python script, got the folder {str(script)!r}")
    if not script.is_file():
        fail(f"expected a Python script, got {str(script)!r}, which is not there")
    if options.output is not None and not options.fix:
        fail("--output needs --fix: without trials there is nothing to write")
    for name in ("output", "report"):
        value = getattr(options, name)
        if value is not None and (Path(value).is_dir() or not Path(value).absolute().parent.is_dir()):
            fail(f"--{name}: expected a file in a folder that exists, got {value!r}")


def _seeds(text: str) -> int:
    if not text.isdecimal() or int(text) < 2:
        raise argparse.ArgumentTypeError(f"expected at least 2 (one seed shows no noise), got {text!r}")
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = float("nan")
    if not 0 < seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"expected seconds, a number above 0, got {text!r}")
    return seconds


def _leave(number: int, frame: object) -> None:
    sys.exit(128 + number)


__all__ = ["NAME", "SUMMARY", "USAGE", "add_arguments", "run", "script_last"]
