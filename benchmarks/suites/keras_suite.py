"""Keras's own tests of its losses, pointed at losskit.compat.keras.

`keras/src/losses/losses_test.py` and `loss_test.py` of a Keras checkout run against the installed Keras, whose losses
have been taken out of their modules and ours put in their place.

Run: KERAS_BACKEND=jax python benchmarks/suites/keras_suite.py [CHECKOUT] [--peer] [--only EXPRESSION]
on each backend (jax, torch, tensorflow). The checkout is of the installed version (tests and losses change together);
without one, the tests in Keras's wheel. --peer leaves Keras's losses where they are. The exit status is 1 where
anything fails.
"""

from __future__ import annotations

import argparse
import importlib
import sys
import warnings
from pathlib import Path

import keras
from peer_tests import run, show

import losskit.compat.keras as compat


def put_ours_in_place() -> int:
    """Keras's modules with our losses under Keras's names; how many names that were."""
    modules = [importlib.import_module(name) for name in ("keras.src.losses", "keras.src.losses.losses")]
    by_name = modules[0].ALL_OBJECTS_DICT
    for name in compat.__all__:
        theirs, ours = getattr(modules[1], name), getattr(compat, name)
        for module in modules:
            setattr(module, name, ours)
        by_name.update({alias: ours for alias, each in by_name.items() if each is theirs})
    return len(compat.__all__)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("checkout", type=Path, nargs="?", help="a checkout of Keras", default=None)
    parser.add_argument("--peer", action="store_true", help="run the tests on Keras's own losses")
    parser.add_argument("--only", default="", help="as pytest -k: the tests to run")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    swapped = 0 if arguments.peer else put_ours_in_place()
    folder = (arguments.checkout or Path(keras.__file__).parents[1]) / "keras" / "src" / "losses"
    outcomes = run([folder / "losses_test.py", folder / "loss_test.py"], {}, only=arguments.only)
    print(f"Keras {keras.__version__} on {keras.config.backend()}; {swapped} names are losskit's")
    sys.exit(show(outcomes) > 0)


if __name__ == "__main__":
    main()
