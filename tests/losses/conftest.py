"""Which cases run where: every loss in every framework, every hyper-parameter and every test in NumPy and torch.

A formula is one text for all frameworks, and tests/arrays proves of each of its functions that the frameworks agree in
value and derivatives, at kinks and extremes too. So what hyper-parameters change two frameworks show, and in the others
a loss is asked for its value, its gradient, what a mask keeps out of both, and the transforms. LOSSKIT_TEST_ALL=1 runs
everything everywhere (a quarter of an hour more on two cores, most of it JAX's compiler's).
"""

from __future__ import annotations

import os

import pytest

from tests.oracles import ORACLES, Case

FIRST_OF_EACH_FORM = {str(case) for entry in ORACLES.values() for case in entry.first()}
THOROUGH = ("numpy", "torch")
ELSEWHERE = {
    ("test_value", "float32"),
    ("test_gradient", "float64"),
    ("test_what_is_masked_reaches_neither_value_nor_gradient", None),
}
"""(test, dtype if it has one) that the other frameworks are asked."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if os.environ.get("LOSSKIT_TEST_ALL"):
        return
    kept, left_out = [], []
    for item in items:
        given = getattr(item, "callspec", None)
        case = given.params.get("case") if given else None
        framework = given.params.get("framework") if given else None
        everywhere = not isinstance(case, Case) or framework is None or framework in THOROUGH
        asked = everywhere or (
            str(case) in FIRST_OF_EACH_FORM
            and (getattr(item, "originalname", item.name), given.params.get("dtype") if given else None) in ELSEWHERE
        )
        (kept if asked else left_out).append(item)
    items[:] = kept
    config.hook.pytest_deselected(items=left_out)
