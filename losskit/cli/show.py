"""One loss: its formula, its facts, other names for it, and a picture."""

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
    from losskit.core.catalogue import default
    from losskit.report.profile import drawn, profile

    known = {name.lower(): cls for name, cls in {**losskit.aliases, **losskit.catalogue}.items()}
    loss = known.get(options.name.lower())
    if loss is None:
        options.fail(f"no loss is named {options.name!r}; `losskit losses` lists them")
        return 2
    print(f"losskit.{loss.__name__}" + (f" (also {', '.join(loss.aliases)})" if loss.aliases else ""))
    print(f"\n{inspect.cleandoc(loss.__doc__ or '')}\n")
    print(f"inputs: {', '.join(loss.inputs)}; {loss.kind}; tasks: {', '.join(loss.tasks)}")
    usual = default(loss)
    if usual is None:
        return 0
    for field in fields(usual.facts):
        claim = getattr(usual.facts, field.name)
        if claim is not None:
            print(f"{field.name.replace('_', ' '):<16} {claim}")
    shape = profile(usual)
    if shape is not None:
        print(f"\n{drawn(shape)}")
    return 0


__all__ = ["NAME", "SUMMARY", "USAGE", "add_arguments", "run"]
