"""Calls whose result is thrown away, and those that are made for what they do."""

import ast

import pytest

from losskit.doctor.discarded import discarded

DISCARDED = {
    "scaler.transform(X)": "X",
    "scaler.fit_transform(data.train)": "data.train",
    "np.nan_to_num(X)": "X",
    "X.div(255)": "X",
    "frame.fillna(0)": "frame",
}
KEPT = (
    "X = scaler.transform(X)",
    "scaler.fit(X)",
    "X.div_(255)",
    "frame.fillna(0, inplace=True)",
    "np.clip(X, 0, 1, out=X)",
    "print(scaler.transform(X))",
    "scaler.transform(load())",
)


@pytest.mark.parametrize("text", DISCARDED)
def test_a_result_that_nothing_keeps(text: str) -> None:
    assert [one.name for one in discarded(ast.parse(text))] == [DISCARDED[text]]


@pytest.mark.parametrize("text", KEPT)
def test_nothing_is_thrown_away(text: str) -> None:
    assert list(discarded(ast.parse(text))) == []
