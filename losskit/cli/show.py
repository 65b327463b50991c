"""One loss: its formula, its facts, and other names for it."""

from __future__ import annotations

import argparse
import inspect
from dataclasses import fields

NAME = "show"
SUMMARY = "explain one loss"
USAGE = "losskit show NAME"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="a loss of the catalogue, or an alias: Huber, MSE, BCE")


def run(options: argparse.Namespace) -> int:
    import losskit

    known = {name.lower(): cls for name, cls in {**losskit.aliases, **losskit.catalogue}.items()}
    loss = known.get(options.name.lower())
    if loss is None:
        options.fail(f"no loss is named {options.name!r}; `losskit losses` lists them")
        return 2
    print(f"losskit.{loss.__name__}" + (f" (also {', '.join(loss.aliases)})" if loss.aliases else ""))
    print(f"\n{inspect.cleandoc(loss.__doc__ or '')}\n")
    print(f"inputs: {', '.join(loss.inputs)}; tasks: {', '.join(loss.tasks)}")
    try:
        default = loss()
    except TypeError:  # a hyper-parameter without a default
        return 0
    facts = default.facts
    for field in fields(facts):
        claim = getattr(facts, field.name)
        if claim is not None:
            print(f"{field.name.replace('_', ' '):<16} {claim}")
    return 0


__all__ = ["NAME", "SUMMARY", "USAGE", "add_arguments", "run"]
