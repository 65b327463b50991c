"""The losses of the catalogue, a line each."""

from __future__ import annotations

import argparse

NAME = "losses"
SUMMARY = "list the losses of the catalogue"
USAGE = "losskit losses [--task TASK]"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--task", metavar="TASK", help="regression, counts, binary, multiclass, segmentation, …")


def run(options: argparse.Namespace) -> int:
    import losskit

    found = losskit.find(task=options.task)
    if not found:
        tasks = sorted({task for loss in losskit.catalogue.values() for task in loss.tasks})
        options.fail(f"--task: expected one of {', '.join(tasks)}, got {options.task!r}")
    for loss in sorted(found, key=lambda cls: cls.__name__):
        print(f"{loss.__name__:<40} {(loss.__doc__ or '').splitlines()[0]}")
    return 0


__all__ = ["NAME", "SUMMARY", "USAGE", "add_arguments", "run"]
