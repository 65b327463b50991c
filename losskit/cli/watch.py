"""Apply the doctor's rules to a log while it is written, and say each new finding once. Ctrl-C ends it.

The log need not be there yet. Watching ends by itself when the run that a losskit recording tells of has ended.

exit status: 0 nothing found · 1 warnings or errors found · 2 wrong use, or a file that is no log
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from losskit.cli.check import diagnosis_of
from losskit.cli.formats import status

if TYPE_CHECKING:
    from losskit.doctor.finding import Diagnosis

NAME = "watch"
SUMMARY = "the same, while a log is being written"
USAGE = "losskit watch LOG"
POLL_SECONDS = 1.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("log", metavar="LOG", help="a training log")


def run(options: argparse.Namespace) -> int:
    from losskit.report.terminal import say_finding

    said: set[object] = set()
    diagnosis = None
    try:
        for diagnosis in _diagnoses(options.log):
            for finding in diagnosis.findings:
                if (finding.code, finding.place) not in said:
                    said.add((finding.code, finding.place))
                    say_finding(finding)
    except KeyboardInterrupt:
        pass
    except (OSError, ValueError) as error:
        options.fail(str(error))
    return status([diagnosis]) if diagnosis is not None else 0


def _diagnoses(log: str) -> Iterator[Diagnosis]:
    """One whenever the log has grown. Raises ValueError when it is no log, and not just one that is half written."""
    size, wrong = 0, None
    while True:
        now = os.path.getsize(log) if os.path.exists(log) else 0
        if now == size:
            if wrong is not None:
                raise wrong
            time.sleep(POLL_SECONDS)
            continue
        size, wrong = now, None
        try:
            diagnosis = diagnosis_of(log)
        except ValueError as error:
            wrong = error
            time.sleep(POLL_SECONDS)
            continue
        yield diagnosis
        if diagnosis.recording.end is not None:
            return


__all__ = ["NAME", "SUMMARY", "USAGE", "add_arguments", "run"]
