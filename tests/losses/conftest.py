"""Which cases run where: every loss in every framework, every hyper-parameter in NumPy and torch.

A formula is one text for all frameworks; what hyper-parameters change in it two of them show. LOSSKIT_TEST_ALL=1 runs
every hyper-parameter everywhere (minutes more, most of them JAX's compiler's).
"""

from __future__ import annotations

import os

import pytest

from tests.oracles import ORACLES, Case

FIRST_OF_EACH_FORM = {str(case) for entry in ORACLES.values() for case in entry.first()}
THOROUGH = ("numpy", "torch")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if os.environ.get("LOSSKIT_TEST_ALL"):
        return
    kept, left_out = [], []
    for item in items:
        given = getattr(item, "callspec", None)
        case = given.params.get("case") if given else None
        framework = given.params.get("framework") if given else None
        everywhere = not isinstance(case, Case) or framework is None or framework in THOROUGH
        (kept if everywhere or str(case) in FIRST_OF_EACH_FORM else left_out).append(item)
    items[:] = kept
    config.hook.pytest_deselected(items=left_out)
