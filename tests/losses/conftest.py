"""Which cases run where: every loss in every framework, every hyper-parameter and every test in NumPy and torch.

A formula is one text for all frameworks, and tests/arrays proves of each of its functions that the frameworks agree in
value and derivatives, at kinks and extremes too. So what hyper-parameters change two frameworks show. Keras is asked
for each loss's value, its gradient and what a mask keeps out of both; JAX, whose compiler takes ten times as long, for
these and the transforms of one loss in four. LOSSKIT_TEST_ALL=1 runs everything everywhere.
"""

from __future__ import annotations

import os
from pathlib import Path
from zlib import crc32

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


HERE = Path(__file__).parent
IN_JAX = 4  # one in so many


def by_jax(item: pytest.Item) -> bool:
    """Whether JAX's compiler does most of the work of a test."""
    given = getattr(item, "callspec", None)
    return item.name.startswith("test_jax") or (given is not None and given.params.get("framework") == "jax")


def asked_in_jax(item: pytest.Item) -> bool:
    """Whether it is one of those that JAX is asked for: by the loss, where it is of one loss."""
    given = getattr(item, "callspec", None)
    case = given.params.get("case") if given else None
    name = type(case.loss).__name__ if isinstance(case, Case) else getattr(item, "originalname", item.name)
    return crc32(name.encode()) % IN_JAX == 0


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
        if by_jax(item) and item.path.is_relative_to(HERE):
            asked = asked and asked_in_jax(item)
        (kept if asked else left_out).append(item)
    items[:] = kept
    config.hook.pytest_deselected(items=left_out)
