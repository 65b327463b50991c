"""Apply the doctor's rules to a log while it is written, and say each new finding once. Ctrl-C ends it.

The log need not be there yet. Watching ends by itself when the run that a losskit recording tells of has ended.

exit status: 0 nothing found · 1 warnings or errors found · 2 wrong use, or a file that is no log
"""

from __future__ import annotations

import argparse
import os
import time

from losskit.cli.check import diagnosis_of
from losskit.cli.formats import status

NAME = "watch"
SUMMARY = "the same, while a log is being written"
USAGE = "losskit watch LOG"
POLL_SECONDS = 1.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("log", metavar="LOG", help="a training log")


def run(options: argparse.Namespace) -> int:
    from rich.console import Console

    from losskit.report.terminal import show_finding

    console = Console(markup=False, highlight=False, emoji=False)
    said: set[object] = set()
    size, diagnosis = -1, None
    try:
        while diagnosis is None or diagnosis.recording.end is None:
            if os.path.exists(options.log) and os.path.getsize(options.log) not in (0, size):
                size = os.path.getsize(options.log)
                diagnosis = diagnosis_of(options.log)
                for finding in diagnosis.findings:
                    if (finding.code, finding.place) not in said:
                        said.add((finding.code, finding.place))
                        show_finding(finding, console)
            else:
                time.sleep(POLL_SECONDS)
    except KeyboardInterrupt:
        pass
    except (OSError, ValueError) as error:
        options.fail(str(error))
    return status([diagnosis]) if diagnosis is not None else 0


__all__ = ["NAME", "SUMMARY", "USAGE", "add_arguments", "run"]
