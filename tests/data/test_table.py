"""Tables as people have them: missing values, text, constants, one class, empty files."""

from __future__ import annotations

import numpy as np
import pytest

pd = pytest.importorskip("pandas")

from losskit.data import DataError, read_table, split  # noqa: E402


def table(tmp_path, columns, name="data.csv"):
    path = tmp_path / name
    frame = pd.DataFrame(columns)
    frame.to_parquet(path) if name.endswith("parquet") else frame.to_csv(path, index=False)
    return path


N = 60
X = np.linspace(0, 1, N)


def test_every_kind_of_column_becomes_numbers(tmp_path) -> None:
    path = table(
        tmp_path,
        {
            "number": [np.nan, *X[1:]],
            "colour": ["red", "green", None] * 20,
            "flag": [True, False] * 30,
            "constant": [7] * N,
            "name": [f"person {i}" for i in range(N)],
            "nothing": [np.nan] * N,
            "y": X * 2 + 0.1,
        },
    )
    data = read_table(path, "y")
    assert data.task == "regression"
    assert data.features == ("number", "colour=green", "colour=red", "colour missing", "flag")
    assert np.isfinite(data.inputs).all()
    assert data.inputs[0, 0] == pytest.approx(np.median(X[1:]))
    notes = " ".join(data.notes)
    for word in ("constant", "name", "nothing", "median"):
        assert word in notes


@pytest.mark.parametrize(
    ("values", "task"),
    [
        (["a", "b"] * 30, "binary"),
        (["a", "b", "c"] * 20, "multiclass"),
        ([0, 1] * 30, "binary"),
        ([True, False] * 30, "binary"),
        ([0, 1, 2] * 20, "multiclass"),
        (list(range(N)), "counts"),
        (list(X), "regression"),
        ([-1.5, 2.5] * 30, "binary"),
    ],
)
def test_the_task_is_told_from_the_target(tmp_path, values, task) -> None:
    data = read_table(table(tmp_path, {"x": X, "y": values}), "y")
    assert data.task == task
    assert (data.targets.dtype == np.int64) == (task in ("binary", "multiclass"))


def test_classes_that_are_numbers_keep_their_order(tmp_path) -> None:
    data = read_table(table(tmp_path, {"x": X, "y": [10, 2, 1] * 20}), "y")
    assert data.classes == ("1", "2", "10")
    assert data.targets[:3].tolist() == [2, 1, 0]


def test_parquet_and_separators(tmp_path) -> None:
    parquet = read_table(table(tmp_path, {"x": X, "y": X}, "data.parquet"), "y")
    (tmp_path / "semi.csv").write_text("x;y\n" + "\n".join(f"{a};{a}" for a in X))
    np.testing.assert_allclose(parquet.inputs, read_table(tmp_path / "semi.csv", "y").inputs, rtol=1e-6)


def test_rows_without_a_target_are_dropped(tmp_path) -> None:
    data = read_table(table(tmp_path, {"x": X, "y": [np.nan, *X[1:]]}), "y")
    assert len(data.targets) == N - 1
    assert "1 rows without a target" in data.notes[0]


@pytest.mark.parametrize(
    ("columns", "target", "message"),
    [
        ({"x": X, "y": ["same"] * N}, "y", "at least two different values"),
        ({"x": X, "y": [np.nan] * N}, "y", "every value is missing"),
        ({"x": X, "y": [f"text {i}" for i in range(N)]}, "y", "neither classes nor numbers"),
        ({"x": X, "y": ["a", *["b"] * (N - 1)]}, "y", "class 'a' has 1 rows"),
        ({"x": X, "y": X}, "z", "expected one of the columns x, y, got 'z'"),
        ({"x": [1] * N, "y": X}, "y", "no usable column"),
        ({"x": X, "y": [np.inf, *X[1:]]}, "y", "infinite"),
    ],
)
def test_data_that_cannot_be_used_is_refused_with_the_reason(tmp_path, columns, target, message) -> None:
    with pytest.raises(DataError, match=message):
        read_table(table(tmp_path, columns), target)


def test_files_that_are_no_tables_are_refused(tmp_path) -> None:
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "header.csv").write_text("a,b\n")
    (tmp_path / "noise.parquet").write_bytes(b"\0\1\2")
    for name, message in {
        "empty.csv": "empty",
        "header.csv": "no rows",
        "noise.parquet": "Parquet",
        "no.csv": "no such",
    }.items():
        with pytest.raises(DataError, match=message):
            read_table(tmp_path / name, "a")


def test_the_split_is_stratified_scaled_by_training_and_repeatable(tmp_path) -> None:
    data = read_table(table(tmp_path, {"x": X * 1e6, "y": [0] * 50 + [1] * 10}), "y")
    parts = split(data, seed=1)
    sizes = [len(part[1]) for part in (parts.train, parts.validation, parts.test)]
    assert sum(sizes) == N
    assert all(part[1].sum() >= 1 for part in (parts.train, parts.validation, parts.test))
    assert abs(parts.train[0].mean()) < 1e-6
    assert parts.train[0].std() == pytest.approx(1, rel=1e-5)
    np.testing.assert_array_equal(split(data, seed=1).test[0], parts.test[0])
    with pytest.raises(DataError, match="at least 10 rows"):
        split(read_table(table(tmp_path, {"x": X[:9], "y": X[:9]}), "y"))
