"""The losses of the catalogue, a line each."""

from __future__ import annotations

import argparse

NAME = "losses"
SUMMARY = "list the losses of the catalogue"
USAGE = "losskit losses [--task TASK] [--family FAMILY] [--kind KIND] [--domain DOMAIN] [--fact NAME=VALUE…]"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--task", metavar="TASK", help="regression, counts, binary, multiclass, segmentation, …")
    parser.add_argument("--family", metavar="FAMILY", help="robust, margin, likelihood, …")
    parser.add_argument("--kind", metavar="KIND", help="elementwise, classwise, rowwise, batchwise or structured")
    parser.add_argument("--domain", metavar="DOMAIN", help="what an input may hold: counts, probability, signs, …")
    parser.add_argument(
        "--fact",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        help="a claim, as convex=true, smooth=1 or minimiser=median; may be given several times",
    )


def run(options: argparse.Namespace) -> int:
    import losskit
    from losskit.core.catalogue import family_of

    try:
        facts = dict(_fact(text) for text in options.fact)
        found = losskit.find(
            task=options.task, family=options.family, kind=options.kind, domain=options.domain, **facts
        )
    except (TypeError, ValueError) as error:
        options.fail(str(error))
        return 2
    for option, named in (
        ("task", {task for loss in losskit.catalogue.values() for task in loss.tasks}),
        ("family", {family_of(loss) for loss in losskit.catalogue.values()}),
    ):
        given = getattr(options, option)
        if given is not None and given not in named:
            options.fail(f"--{option}: expected one of {', '.join(sorted(named))}, got {given!r}")
            return 2
    for loss in sorted(found, key=lambda cls: cls.__name__):
        print(f"{loss.__name__:<40} {(loss.__doc__ or '').splitlines()[0]}")
    return 0


def _fact(text: str) -> tuple[str, bool | float | str]:
    """A claim as it is written on the command line."""
    name, equals, value = text.partition("=")
    if not equals:
        raise ValueError(f"--fact: expected NAME=VALUE, as convex=true, got {text!r}")
    if value.lower() in ("true", "false"):
        return name, value.lower() == "true"
    try:
        return name, float(value)
    except ValueError:
        return name, value


__all__ = ["NAME", "SUMMARY", "USAGE", "add_arguments", "run"]
