"""The registry: one oracle per loss, through which every generic test in tests/losses sees it.

To add a loss: write it in its family file, then its twin in tests/oracles/<family>.py:

    @oracle(losskit.Huber, variants=({}, {"delta": 0.1}), kinks=lambda loss, t: (t - loss.delta, t + loss.delta))
    def huber(loss, prediction, target):
        r, delta = abs(prediction - target), mpf(loss.delta)
        return r**2 / 2 if r <= delta else delta * (r - delta / 2)

The twin is the cited formula, in the naive textbook form, for one value; `oracle` takes what else Oracle has. Inputs
are drawn from the domains that the loss declares. Nothing else is needed: value, derivatives, laws, facts, transforms
and errors are tested for every entry in every framework. A new family file is found by itself.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from tests.oracles.oracle import ORACLES, Case, Oracle, Truth, oracle

_MACHINERY = ("draw", "oracle", "truth")

for _module in iter_modules(__path__):
    if _module.name not in _MACHINERY:
        import_module(f"{__name__}.{_module.name}")

CASES: list[Case] = [case for entry in ORACLES.values() for case in entry.cases()]
FIRST: list[Case] = [entry.cases()[0] for entry in ORACLES.values()]
"""Each loss once, with its first hyper-parameters."""

__all__ = ["CASES", "FIRST", "ORACLES", "Case", "Oracle", "Truth", "oracle"]
