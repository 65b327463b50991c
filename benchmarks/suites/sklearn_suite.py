"""scikit-learn's own tests of its losses, pointed at losskit.compat.sklearn_loss.

`sklearn/_loss/tests/test_loss.py` and `test_link.py` run against the installed scikit-learn, whose losses have been
taken out of their module and ours put in their place.

Run: python benchmarks/suites/sklearn_suite.py [CHECKOUT] [--peer] [--only EXPRESSION]
The checkout is of the installed version; without one, the tests in scikit-learn's wheel. --peer leaves scikit-learn's
losses where they are. The exit status is 1 where anything fails.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from pathlib import Path

import sklearn
from peer_tests import run, show
from sklearn._loss import loss as theirs

import losskit.compat.sklearn_loss as compat

CYTHON = "compares with the Cython code that losskit's formulas replace, by its own interface"
ABSENT = dict.fromkeys(("test_loss_same_as_C_functions", "test_multinomial_cy_gradient", "test_cy_loss"), CYTHON)
ABSENT |= dict.fromkeys(("test_loss_array_api", "test_log1pexp"), "tests scikit-learn's array-API losses, not these")


def put_ours_in_place() -> int:
    """scikit-learn's module with our losses under its names; how many names that were."""
    for name in compat.__all__:
        own = getattr(theirs, name)
        setattr(theirs, name, getattr(compat, name))
        theirs._LOSSES.update({alias: getattr(compat, name) for alias, each in theirs._LOSSES.items() if each is own})
    return len(compat.__all__)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("checkout", type=Path, nargs="?", help="a checkout of scikit-learn", default=None)
    parser.add_argument("--peer", action="store_true", help="run the tests on scikit-learn's own losses")
    parser.add_argument("--only", default="", help="as pytest -k: the tests to run")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    swapped = 0 if arguments.peer else put_ours_in_place()
    folder = (arguments.checkout or Path(sklearn.__file__).parents[1]) / "sklearn" / "_loss" / "tests"
    absent = {} if arguments.peer else ABSENT
    outcomes = run(
        [folder / "test_loss.py", folder / "test_link.py"], absent, only=arguments.only, fixtures="sklearn.conftest"
    )
    print(f"scikit-learn {sklearn.__version__}; {swapped} names are losskit's")
    sys.exit(show(outcomes) > 0)


if __name__ == "__main__":
    main()
