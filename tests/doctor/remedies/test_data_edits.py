"""The text edits that cure data: one order for two arrays, medians for bad values, a division that keeps fractions."""

import pytest

from losskit.doctor.finding import Finding
from losskit.doctor.remedies import (
    lk505_unscaled_inputs,
    lk507_bad_values_in_data,
    lk508_unrelated_labels,
    lk511_constant_inputs,
    remedies,
)
from losskit.recording.facts import Place
from losskit.recording.recording import Recording

ORDERS = {
    "X = X[torch.randperm(len(X))]\ny = y[torch.randperm(len(y))]\n": (
        "order = torch.randperm(len(X))\nX = X[order]\ny = y[order]\n"
    ),
    "np.random.shuffle(X)\nnp.random.shuffle(y)\n": (
        "order = np.random.permutation(len(X))\nX = X[order]\ny = y[order]\n"
    ),
    "np.random.shuffle(X)\ny = y\n": "y = y\n",
    "a, b = train_test_split(X, test_size=0.2)\nc, d = train_test_split(y, test_size=0.2)\n": (
        "a, b, c, d = train_test_split(X, y, test_size=0.2)\n"
    ),
    "p = torch.randperm(9)\nX = X[p]\np = torch.randperm(9)\ny = y[p]\n": "p = torch.randperm(9)\nX = X[p]\ny = y[p]\n",
    "for i in r:\n    xb = X[p[i : i + 8]]\n    yb = y[i : i + 8]\n": None,
    "for i in r:\n    xb = X[i : i + 8]\n    yb = y[i + 1 : i + 9]\n": (
        "for i in r:\n    xb = X[i : i + 8]\n    yb = y[i : i + 8]\n"
    ),
    "y = np.sort(y)\nX = X\n": "X = X\n",
}


def finding(code: str, line: int = 1, **evidence: object) -> Finding:
    return Finding(code, "", "error", 0.9, "", Place("train.py", line), evidence)


@pytest.mark.parametrize("text", ORDERS)
def test_one_order_for_both(text: str) -> None:
    edits = list(lk508_unrelated_labels.propose(finding("LK508", reordered=["X", "y"]), Recording(), text))
    assert [edit.source for edit in edits] == ([] if ORDERS[text] is None else [ORDERS[text]])


def test_medians_come_before_the_scaling() -> None:
    text = "import numpy as np\nX = load()\nX[3, 4] = np.nan\nX = (X - X.mean(0)) / X.std(0)\n"
    (edit,) = lk507_bad_values_in_data.propose(finding("LK507", 3, role="inputs"), Recording(), text)
    lines = edit.source.splitlines()
    assert lines[2:4] == ["X[3, 4] = np.nan", "centre = np.nanmedian(X, axis=0)"]
    assert lines[-1] == text.splitlines()[-1]
    space: dict[str, object] = {"load": lambda: __import__("numpy").arange(50.0).reshape(10, 5)}
    exec(edit.source, space)
    assert bool(__import__("numpy").isfinite(space["X"]).all())


def test_bad_targets_are_not_imputed() -> None:
    assert (
        list(lk507_bad_values_in_data.propose(finding("LK507", 1, role="targets"), Recording(), "y = load()\n")) == []
    )


def test_a_true_division() -> None:
    (edit,) = lk511_constant_inputs.propose(finding("LK511"), Recording(), "x = x // 255  # bytes\n")
    assert edit.source == "x = x / 255  # bytes\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "def f(*arrays):\n    return [a[rng.permutation(len(a))] for a in arrays]\n",
            "def f(*arrays):\n    order = rng.permutation(len(arrays[0]))\n    return [a[order] for a in arrays]\n",
        ),
        ("X = X.shuffle(9)\ny = y.shuffle(9)\n", "X = X.shuffle(9, seed=0)\ny = y.shuffle(9, seed=0)\n"),
        (
            "rng.shuffle(images)\nrng.shuffle(y)\n",  # only one of them is known by its name
            "order = rng.permutation(len(images))\nimages = images[order]\ny = y[order]\n",
        ),
    ],
)
def test_what_is_drawn_once_or_alike(before: str, after: str) -> None:
    first, *_ = lk508_unrelated_labels.propose(finding("LK508", reordered=["X", "y", "a"]), Recording(), before)
    assert first.source == after


def test_an_edit_that_leaves_no_python_is_dropped() -> None:
    source = "if train:\n    X = shuffle(X)\n    y = sorted(y)\n"
    assert not remedies(finding("LK508", reordered=["X", "y"]), Recording(), source, "train.py")


def test_a_result_is_kept() -> None:
    text = "scaler.fit(X)\nscaler.transform(X)  # in place?\nscaler.transform(Z)\nmodel.fit(X)\n"
    edit = next(iter(lk505_unscaled_inputs.propose(finding("LK505", 2), Recording(), text)))
    assert edit.source == "scaler.fit(X)\nX = scaler.transform(X)  # in place?\nZ = scaler.transform(Z)\nmodel.fit(X)\n"
    assert all(one.id != "keep-result" for one in lk505_unscaled_inputs.propose(finding("LK505", 4), Recording(), text))


def test_loaders_shuffle_alike() -> None:
    text = "a = DataLoader(X, shuffle=True)\nb = DataLoader(y, shuffle=True)\nfor x, t in zip(a, b):\n    f(x, t)\n"
    (edit,) = lk508_unrelated_labels.propose(finding("LK508", reordered=["X", "y"]), Recording(), text)
    assert edit.source.count("generator=torch.Generator().manual_seed(0)") == 2


def test_a_batch_is_brought_to_the_front_before_it_is_laid_out() -> None:
    text = "h = h_n.reshape(batch, 2 * size)\n"
    (edit,) = lk508_unrelated_labels.propose(finding("LK508", mixed=True), Recording(), text)
    assert edit.source == "h = h_n.transpose(0, 1).reshape(batch, 2 * size)\n"


def test_no_division_by_zero() -> None:
    text = "x = (x - mu) / sd, (z - mu) / sd\n"
    edit = next(
        iter(lk507_bad_values_in_data.propose(finding("LK507", role="inputs", kind="non-finite"), Recording(), text))
    )
    assert edit.source == "x = (x - mu) / (sd + (sd == 0)), (z - mu) / (sd + (sd == 0))\n"


def test_gaps_of_a_frame_become_the_mean_where_it_is_scaled() -> None:
    text = "import pandas as pd\nx, z = (x - mu) / sd, (z - mu) / sd\n"
    seen = finding("LK507", 2, role="inputs", kind="non-finite")
    edits = {edit.id: edit.source for edit in lk507_bad_values_in_data.propose(seen, Recording(), text)}
    assert edits["gaps-to-mean"].endswith("x, z = ((x - mu) / sd).fillna(0), ((z - mu) / sd).fillna(0)\n")
    without = text.replace("import pandas as pd", "import numpy as np")
    assert "gaps-to-mean" not in {e.id for e in lk507_bad_values_in_data.propose(seen, Recording(), without)}
