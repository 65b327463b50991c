"""Which loss fits a data set, and why.

DATA is a CSV or Parquet file with --target, or a named data set (see `losskit fit --help`).
"""

from __future__ import annotations

import argparse
import sys

NAME = "choose"
SUMMARY = "say which loss fits a data set, with reasons"
USAGE = "losskit choose DATA [--target COL]"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("data", metavar="DATA")
    parser.add_argument("--target", metavar="COL", help="the column to predict")


def run(options: argparse.Namespace) -> int:
    try:
        from losskit.choose import advise
        from losskit.cli.datasets import load

        dataset = load(options.data, options.target)
        advice = advise(dataset)
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("losskit"):
            raise
        print(f"losskit choose: needs {error.name}; fix: pip install 'losskit[fit]'", file=sys.stderr)
        return 2
    except (ValueError, OSError) as error:
        print(f"losskit choose: {error}", file=sys.stderr)
        return 2
    print(f"{dataset.name}: {dataset.task}, because {dataset.why}")
    print(f"loss: losskit.{advice.loss}")
    for reason in advice.reasons:
        print(f"  because {reason}")
    for loss, when in advice.alternatives:
        print(f"or:   losskit.{loss}\n  {when}")
    print(f"judge it by: {advice.metric}")
    for note in dataset.notes:
        print(f"note: {note}")
    return 0


__all__ = ["NAME", "SUMMARY", "USAGE", "add_arguments", "run"]
