"""Orders that two arrays share, and those that one array is put into alone."""

import ast

import pytest

from losskit.doctor.orders import unshared

ALONE = {
    "X = X[torch.randperm(n)]\ny = y[torch.randperm(n)]": ["X", "y"],
    "p = torch.randperm(n)\nX = X[p]\np = torch.randperm(n)\ny = y[p]": ["X", "y"],
    "np.random.shuffle(X)": ["X"],
    "y = np.sort(y)": ["y"],
    "a, b = train_test_split(X)\nc, d = train_test_split(y)": ["X", "y"],
    "for i in r:\n  p = torch.randperm(n)\n  xb = X[p[i:i+8]]\n  yb = y[i:i+8]": ["X"],
    "for i in r:\n  xb = X[i:i+8]\n  yb = y[i+1:i+9]": ["y"],
    "a = DataLoader(X, shuffle=True)\nb = DataLoader(D(y), shuffle=True)\nfor x, t in zip(a, b): f(x, t)": ["X", "y"],
    "class D:\n  def __getitem__(self, i):\n    return self.x[i], self.y[i-1]": ["self.y"],
}
SHARED = (
    "p = torch.randperm(n)\nX, y = X[p], y[p]",
    "order = np.random.permutation(n)\nx, y = d.data[order], d.target[order]",
    "X, y = shuffle(X, y)",
    "i = np.arange(n)\nnp.random.shuffle(i)\nX, y = X[i], y[i]",
    "for i in r:\n  b = p[i:i+8]\n  xb, yb = X[b], y[b]",
    "for b in torch.randperm(n).split(16):\n  f(X[b], y[b])",
    "p = torch.randperm(n)\ntrain, test = p[:9], p[9:]\na, b = X[train], y[train]\nc, d = X[test], y[test]",
    "for i in r:\n  xb = d[i:i+8]\n  yb = d[i+1:i+9]",
    "a, b, c, d = train_test_split(X, y)",
    "a = DataLoader(X, shuffle=True)\nb = DataLoader(Z, shuffle=False)\nfor x, z in zip(a, b): f(x, z)",
    "a = DataLoader(X, shuffle=True)\nb = DataLoader(y, shuffle=True)\nfor x in a: f(x)",
)


@pytest.mark.parametrize("text", ALONE)
def test_one_array_alone(text: str) -> None:
    assert [one.name for one in unshared(ast.parse(text))] == ALONE[text]


@pytest.mark.parametrize("text", SHARED)
def test_two_arrays_in_one_order(text: str) -> None:
    assert unshared(ast.parse(text)) == []
