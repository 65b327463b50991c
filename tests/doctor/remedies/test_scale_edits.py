"""Standardisation is written where all arrays exist, from the training data alone; the changed scripts are run."""

import numpy as np
import pytest

from losskit.doctor.remedies.data import standardised

HEAD = """import numpy as np
from sklearn.model_selection import train_test_split
rng = np.random.default_rng(0)
X, y = rng.normal(50, [1, 9, 400], size=(300, 3)), rng.normal(200, 30, size=300)
"""
TORCH = HEAD + "import torch\nfrom torch.utils.data import DataLoader, TensorDataset, random_split\n"

SCRIPTS = {
    "split": HEAD + "X_train, X_test, y_train, y_test = train_test_split(X, y)\n",
    "split, constant column": HEAD + "X[:, 1] = 7\nX_train, X_test, y_train, y_test = train_test_split(X, y)\n",
    "split in a function": HEAD
    + "def load():\n    X_train, X_test, y_train, y_test = train_test_split(X, y)\n"
    + "    return X_train, X_test, y_train, y_test\n\nX_train, X_test, y_train, y_test = load()\n",
    "two splits": HEAD
    + "X_rest, X_test, y_rest, y_test = train_test_split(X, y)\n"
    + "X_train, X_val, y_train, y_val = train_test_split(X_rest, y_rest)\n",
    "slices": HEAD + "X_train, X_test = X[:200], X[200:]\ny_train, y_test = y[:200], y[200:]\n",
    "tensors": TORCH
    + "X_train = torch.tensor(X[:200], dtype=torch.float32)\nX_test = torch.tensor(X[200:], dtype=torch.float32)\n"
    + "y_train = torch.tensor(y[:200]).float()\ny_test = torch.tensor(y[200:]).float()\n",
    "data sets": TORCH
    + "X_train, X_test, y_train, y_test = X[:200], X[200:], y[:200], y[200:]\n"
    + "train = TensorDataset(torch.from_numpy(X_train).float(), torch.from_numpy(y_train).float())\n"
    + "test = TensorDataset(torch.from_numpy(X_test).float(), torch.from_numpy(y_test).float())\n",
    "keras": HEAD
    + "a, b, c, d = X[:200], X[200:], y[:200], y[200:]\n"
    + "class M:\n    def fit(self, *a, **k): pass\nmodel = M()\nmodel.fit(a, c, validation_data=(b, d))\n"
    + "X_train, X_test, y_train, y_test = a, b, c, d\n",
    "words before the letter": HEAD
    + "def evaluate(model, criterion): pass\n"
    + "train_x, train_y = X[:200], y[:200]\ntest_x, test_y = X[200:], y[200:]\n"
    + "X_train, X_test, y_train, y_test = train_x, test_x, train_y, test_y\n"
    + "model = criterion = None\nevaluate(model, criterion)\n",
    "one array": TORCH + "inputs = torch.tensor(X)\nlabels = torch.tensor(y)\nX_train = inputs\ny_train = labels\n",
}


@pytest.mark.parametrize("role", ["inputs", "targets"])
@pytest.mark.parametrize("name", SCRIPTS)
def test_the_training_data_is_standardised_and_the_rest_alike(name: str, role: str) -> None:
    source = SCRIPTS[name]
    text = standardised(source, "inputs" if role == "inputs" else "targets", None)
    assert text is not None
    kept = [line for line in text.splitlines() if line in source.splitlines()]
    assert kept == source.splitlines()  # only lines are added
    train, test = ("X_train", "X_test") if role == "inputs" else ("y_train", "y_test")
    before, after = _variables(source), _variables(text)
    columns = before[train].std(axis=0) > 0
    mean, std = before[train].mean(axis=0), before[train].std(axis=0)
    np.testing.assert_allclose(np.asarray(after[train]).mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(np.asarray(after[train]).std(axis=0)[..., columns], 1, rtol=1e-2)
    if test in before:
        expected = ((before[test] - mean) / np.where(std > 0, std, 1))[..., columns]
        np.testing.assert_allclose(np.asarray(after[test])[..., columns], expected, rtol=1e-2, atol=1e-4)


def _variables(text: str) -> dict[str, np.ndarray]:
    np.random.seed(0)  # train_test_split's
    space: dict[str, object] = {"__name__": "__main__"}
    exec(compile(text, "train.py", "exec"), space)
    return {name: np.asarray(space[name]) for name in ("X_train", "X_test", "y_train", "y_test") if name in space}


def test_a_random_split_uses_the_training_rows() -> None:
    source = TORCH + (
        "X, y = torch.tensor(X).float(), torch.tensor(y).float()\n"
        "train, test = random_split(TensorDataset(X, y), [200, 100])\n"
        "X_train = X[train.indices]\n"
    )
    text = standardised(source, "inputs", None)
    assert text is not None
    found = _variables(text)["X_train"]
    np.testing.assert_allclose(found.mean(axis=0), 0, atol=1e-4)
    np.testing.assert_allclose(found.std(axis=0), 1, rtol=1e-2)


def test_what_was_split_again_is_left_alone() -> None:
    text = standardised(SCRIPTS["two splits"], "inputs", None)
    assert text is not None
    (line,) = (line for line in text.splitlines() if " / std" in line)
    assert line.split(" = ")[0] == "X_train, X_test, X_val"


def test_names_that_the_file_uses_are_left_alone() -> None:
    text = standardised(HEAD + "mean = 3\nX_train, X_test, y_train, y_test = train_test_split(X, y)\n", "inputs", None)
    assert text is not None
    assert "X_train_mean, X_train_std = X_train.mean(axis=0)" in text


def test_indentation_and_comments_are_kept() -> None:
    source = HEAD + "if True:\n    # parts\n    X_train, X_test, y_train, y_test = train_test_split(X, y)  # two\n"
    text = standardised(source, "inputs", None)
    assert text is not None
    assert "(X, y)  # two\n    mean, std = X_train.mean(axis=0), X_train.std(axis=0)\n" in text


def test_the_training_rows_before_all_rows() -> None:
    source = TORCH + (
        "X, y = torch.Tensor(X), torch.Tensor(y)\n"
        "train_y, test_y = y[:200], y[200:]\n"
        "y_train, y_test = train_y, test_y\n"
    )
    text = standardised(source, "targets", source.splitlines().index("X, y = torch.Tensor(X), torch.Tensor(y)") + 1)
    assert text is not None
    np.testing.assert_allclose(_variables(text)["y_train"].mean(), 0, atol=1e-5)


@pytest.mark.parametrize("source", ["import numpy\n", "for batch in loader:\n    step(batch)\n"])
def test_no_arrays_no_edit(source: str) -> None:
    assert standardised(source, "inputs", None) is None
