"""What a rule looks for, why it matters, what to do, and which numbers decide; without a code, all rules."""

from __future__ import annotations

import argparse
import textwrap

NAME = "rule"
SUMMARY = "explain a rule of the doctor, or list them all"
USAGE = "losskit rule [LK101]"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("code", metavar="CODE", nargs="?", help="LK101, or its name: double-activation")


def run(options: argparse.Namespace) -> int:
    from losskit.doctor.rules import rules

    if options.code is None:
        for rule in rules().values():
            print(f"{rule.code}  {rule.severity:<8} {rule.name}")
        return 0
    wanted = options.code.lower()
    found = next((rule for rule in rules().values() if wanted in (rule.code.lower(), rule.name)), None)
    if found is None:
        options.fail(f"expected the code or the name of a rule, got {options.code!r}: `losskit rule` lists them")
        return 2
    print(f"{found.code} {found.name} ({found.severity})")
    for label, text in (
        ("What", found.what),
        ("Why", found.why),
        ("Fix", found.fix),
        ("Thresholds", found.thresholds),
        ("Needs", ", ".join(found.needs)),
        ("Explains", ", ".join(found.explains) or "nothing else"),
        ("False alarms", f"at most {found.false_alarms:.1%} of healthy runs"),
    ):
        print(textwrap.fill(text, 100, initial_indent=f"\n{label}: ", subsequent_indent="  "))
    return 0


__all__ = ["NAME", "SUMMARY", "USAGE", "add_arguments", "run"]
