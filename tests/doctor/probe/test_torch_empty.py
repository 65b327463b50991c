"""Means of nothing are found in the graph of a loss that is no number."""

from __future__ import annotations

from collections.abc import Callable

import pytest

torch = pytest.importorskip("torch")
F = torch.nn.functional

from losskit.doctor.probe.torch_empty import ALL_IGNORED, averaged_over_nothing  # noqa: E402

IGNORED, NONE = torch.full((4,), -100), torch.zeros(4)
DIVIDED, NO_ENTRIES = "the loss is divided by 0", "the mean of no entries"
Loss = Callable[["torch.Tensor"], "torch.Tensor"]  # of scores of shape (4, 3)
FOUND: dict[str, tuple[str, Loss]] = {
    "cross-entropy": (ALL_IGNORED, lambda x: F.cross_entropy(x, IGNORED)),
    "label smoothing": (ALL_IGNORED, lambda x: F.cross_entropy(x, IGNORED, label_smoothing=0.1)),
    "nll": (ALL_IGNORED, lambda x: 2 * F.nll_loss(x.log_softmax(1), IGNORED) + x.square().mean()),
    "pixels": (ALL_IGNORED, lambda x: F.cross_entropy(x[None].transpose(1, 2), IGNORED[None])),
    "no weight": (ALL_IGNORED, lambda x: F.cross_entropy(x, IGNORED % 2, weight=torch.tensor([0.0, 1, 1]))),
    "masked mean": (DIVIDED, lambda x: (x[:, 0] * NONE).sum() / NONE.sum()),
    "divided by a number": (DIVIDED, lambda x: (x[:, 0] * NONE).sum() / 0),
    "mean": (NO_ENTRIES, lambda x: (x[NONE > 0] - 1).square().mean()),
    "squared error": (NO_ENTRIES, lambda x: F.mse_loss(x[NONE > 0, 0], NONE[NONE > 0])),
    "binary": (NO_ENTRIES, lambda x: F.binary_cross_entropy_with_logits(x[NONE > 0, 0], NONE[NONE > 0])),
}


@pytest.mark.parametrize("name", FOUND)
def test_found(name: str) -> None:
    said, loss = FOUND[name]
    value = loss(torch.randn(4, 3, requires_grad=True))
    assert not torch.isfinite(value)
    assert averaged_over_nothing(value) == said


@pytest.mark.parametrize(
    "loss",
    [
        lambda x: x.abs().neg().log().mean(),
        lambda x: F.cross_entropy(x * float("nan"), torch.tensor([0, 1, 2, -100])),
        lambda x: (x / torch.tensor(2.0)).sum() * float("inf"),
    ],
)
def test_other_reasons_are_not_taken_for_it(loss: Loss) -> None:
    assert averaged_over_nothing(loss(torch.randn(4, 3, requires_grad=True))) is None
