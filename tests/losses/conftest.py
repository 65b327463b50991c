"""Which cases run where: every loss in every framework, every hyper-parameter and every test in NumPy and torch.

A formula is one text for all frameworks, and tests/arrays proves of each of its functions that the frameworks agree in
value and derivatives, at kinks and extremes too. So what hyper-parameters change two frameworks show. Keras is asked
for each loss's value, its gradient and what a mask keeps out of both; JAX, whose compiler takes ten times as long, for
these and the transforms of one loss in six; the other compilers for every third loss; and float32 gradients are those
of a loss's first hyper-parameters. LOSSKIT_TEST_ALL=1 runs everything everywhere.
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


def one_in(item: pytest.Item) -> int:
    """Of how many losses one is asked for: compilers take most of the time."""
    given = getattr(item, "callspec", None)
    if item.name.startswith("test_jax") or (given is not None and given.params.get("framework") == "jax"):
        return 6
    return 3 if item.name.startswith(("test_torch_compile[", "test_tensorflow_graph[")) else 1


def is_drawn(item: pytest.Item) -> bool:
    """Whether it is one of those: by the loss, where it is of one loss."""
    given = getattr(item, "callspec", None)
    case = given.params.get("case") if given else None
    name = type(case.loss).__name__ if isinstance(case, Case) else getattr(item, "originalname", item.name)
    return crc32(name.encode()) % one_in(item) == 0


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
        if item.path.is_relative_to(HERE):
            asked = asked and is_drawn(item)
            if given and item.name.startswith("test_gradient[") and given.params["dtype"] == "float32":
                asked = asked and str(case) in FIRST_OF_EACH_FORM
        (kept if asked else left_out).append(item)
    items[:] = kept
    config.hook.pytest_deselected(items=left_out)
