"""optax's own tests of its losses, pointed at losskit.compat.optax.

`optax/losses/*_test.py` run against the installed optax, whose losses have been taken out of their modules and ours put
in their place.

Run: python benchmarks/suites/optax_suite.py [CHECKOUT] [--peer] [--only EXPRESSION]  (needs optax)
The checkout is of the installed version; without one, the tests in optax's wheel. --peer leaves optax's losses where
they are. The exit status is 1 where anything fails.
"""

from __future__ import annotations

import argparse
import importlib
import sys
import warnings
from pathlib import Path

import optax
from peer_tests import run, show

import losskit.compat.optax as compat

ABSENT = {
    "CTCTest::test_with_one_to_one_alignment$": "ctc_loss_with_forward_probs: the catalogue's CTC keeps none of them",
    "FenchelYoungTest": "make_fenchel_young_loss makes a loss of a function, and is none",
    "SmoothLabelsTest": "smooth_labels changes targets, and is no loss",
}


def put_ours_in_place() -> int:
    """optax's modules with our losses under optax's names; how many names that were."""
    for name in compat.__all__:
        home = importlib.import_module(getattr(optax.losses, name).__module__)
        for module in (home, optax.losses, optax):
            if hasattr(module, name):
                setattr(module, name, getattr(compat, name))
    return len(compat.__all__)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("checkout", type=Path, nargs="?", help="a checkout of optax", default=None)
    parser.add_argument("--peer", action="store_true", help="run the tests on optax's own losses")
    parser.add_argument("--only", default="", help="as pytest -k: the tests to run")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    swapped = 0 if arguments.peer else put_ours_in_place()
    checkout = arguments.checkout or Path(optax.__file__).parents[1]
    files = sorted((checkout / "optax" / "losses").glob("*_test.py"))
    outcomes = run(files, {} if arguments.peer else ABSENT, only=arguments.only)
    print(f"optax {optax.__version__}; {swapped} names are losskit's")
    sys.exit(show(outcomes) > 0)


if __name__ == "__main__":
    main()
