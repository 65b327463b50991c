"""A large batch's contrastive loss, tile by tile: the loss's own numbers, without all pairs in memory."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest

import losskit

torch = pytest.importorskip("torch")
from torch.utils.checkpoint import checkpoint  # noqa: E402

from tests.losses.largest import Largest  # noqa: E402

LOSSES = [
    losskit.InfoNCE(temperature=0.2),
    losskit.InfoNCE(temperature=1.0, similarity="dot"),
    losskit.SymmetricInfoNCE(),
    losskit.NormalizedTemperatureScaledCrossEntropy(),
    losskit.NormalizedTemperatureScaledCrossEntropy(temperature=1.0, similarity="dot"),
    losskit.SupervisedContrastive(),
    losskit.SupervisedContrastive(temperature=1.0, similarity="dot"),
    losskit.SigmoidContrastive(),
]
N, ROWS = 23, 7  # the last tile is smaller
each_loss = pytest.mark.parametrize("loss", LOSSES, ids=str)


def inputs(loss: Any, count: int = N, dtype: Any = torch.float64) -> list[Any]:
    torch.manual_seed(0)
    return [
        torch.randint(0, 6, (count,))
        if loss.domain(name).integer
        else torch.randn(count, 5, dtype=dtype, requires_grad=True)
        for name in loss.inputs
    ]


def derivatives(loss: Any, arrays: list[Any], **options: Any) -> list[Any]:
    """The value, its gradients, and the gradients of a function of them."""
    moving = [array for array in arrays if array.requires_grad]
    value = loss(*arrays, **options)
    first = torch.autograd.grad(value, moving, create_graph=True)
    return [value, *first, *torch.autograd.grad(sum((g.sin() * g).sum() for g in first), moving)]


@each_loss
@pytest.mark.parametrize("left_out", ["nothing", "some", "some, weighted"])
def test_value_gradient_and_second_derivatives_are_the_losss_own(loss: Any, left_out: str) -> None:
    arrays = inputs(loss)
    options: dict[str, Any] = {} if left_out == "nothing" else {"mask": torch.rand(N) > 0.3}
    if left_out == "some, weighted":
        options["weight"] = torch.rand(N, dtype=torch.float64)
    for reduction in ("mean", "sum"):
        expected = derivatives(loss, arrays, reduction=reduction, **options)
        found = derivatives(losskit.torch.tiled(loss, rows=ROWS), arrays, reduction=reduction, **options)
        torch.testing.assert_close(found, expected, rtol=1e-12, atol=1e-12)


def gradients(loss: Any, arrays: list[Any], **options: Any) -> list[Any]:
    """Without a graph of their own: those that the tiles made on the way, where these will do."""
    value = loss(*arrays, **options)
    upstream = torch.arange(1, len(value) + 1, dtype=value.dtype) if value.ndim else None
    return [value, *torch.autograd.grad(value, [array for array in arrays if array.requires_grad], upstream)]


@each_loss
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_gradients_made_on_the_way_are_the_losss_own(loss: Any, dtype: str) -> None:
    arrays, tiled = inputs(loss, 60, getattr(torch, dtype)), losskit.torch.tiled(loss, rows=ROWS)
    mask, nothing = torch.rand(60) > 0.3, torch.zeros(60, dtype=torch.bool)
    mask[0] = False
    settings: list[dict[str, Any]] = [
        *({"reduction": reduction} for reduction in ("mean", "sum", "none")),
        {"mask": mask},
        {"mask": nothing},
        {"mask": mask, "reduction": "none"},
        {"weight": torch.rand(60, dtype=getattr(torch, dtype))},
    ]
    for options in settings:
        for ours, own in zip(gradients(tiled, arrays, **options), gradients(loss, arrays, **options), strict=True):
            bound = (1e-12 if dtype == "float64" else 1e-6) * float(own.detach().abs().max())
            torch.testing.assert_close(ours, own, rtol=0, atol=bound)


def test_a_mean_makes_each_tile_once_and_a_value_alone_no_gradient(monkeypatch: Any) -> None:
    loss = losskit.InfoNCE(similarity="dot")
    made, own = [], losskit.InfoNCE.formula

    def formula(self: Any, xp: Any, queries: Any, keys: Any, *, keep: Any = None, rows: Any = None) -> Any:
        made.append(torch.is_grad_enabled())
        return own(self, xp, queries, keys, keep=keep, rows=rows)

    monkeypatch.setattr(losskit.InfoNCE, "formula", formula)
    arrays, tiled = inputs(loss), losskit.torch.tiled(loss, rows=ROWS)
    tiles = -(-N // ROWS)
    value = tiled(*arrays, mask=torch.rand(N) > 0.3)
    value.backward()
    assert made == [True] * tiles
    made.clear()
    tiled(*arrays, weight=torch.rand(N, dtype=torch.float64)).backward()
    assert len(made) == 2 * tiles
    made.clear()
    with torch.no_grad():
        tiled(*arrays)
    assert made == [False] * tiles


@each_loss
def test_what_is_built_on_gradients_takes_them(loss: Any) -> None:
    arrays, tiled = inputs(loss), losskit.torch.tiled(loss, rows=ROWS)
    close: dict[str, Any] = {"rtol": 1e-12, "atol": 1e-12}
    again = checkpoint(tiled, *arrays, use_reentrant=False)
    moving = [array for array in arrays if array.requires_grad]
    torch.testing.assert_close(torch.autograd.grad(again, moving), tuple(gradients(loss, arrays)[1:]), **close)
    several = torch.eye(N, dtype=torch.float64)[:3]
    found, expected = (
        torch.autograd.grad(each(*arrays, reduction="none"), moving, several, is_grads_batched=True)
        for each in (tiled, loss)
    )
    torch.testing.assert_close(found, expected, **close)
    value = tiled(*arrays)
    twice = [torch.autograd.grad(value, moving, retain_graph=True) for _ in range(2)]
    torch.testing.assert_close(*twice)


@each_loss
def test_it_is_the_loss_in_all_that_a_loss_is_asked(loss: Any) -> None:
    arrays = [array.detach() for array in inputs(loss)]
    tiled = losskit.torch.tiled(loss, rows=ROWS)
    assert (tiled, hash(tiled), str(tiled), tiled.config()) == (loss, hash(loss), str(loss), loss.config())
    again = losskit.torch.tiled(tiled, rows=ROWS + 1)
    for same in (tiled, again, copy.deepcopy(tiled), pickle.loads(pickle.dumps(tiled)), losskit.torch.module(tiled)):
        torch.testing.assert_close(same(*arrays), loss(*arrays), rtol=1e-12, atol=1e-12)
    close = {"rtol": 1e-12, "atol": 1e-12}
    torch.testing.assert_close(tiled(*arrays, reduction="none"), loss(*arrays, reduction="none"), **close)
    torch.testing.assert_close(tiled.value_and_gradient(*arrays), loss.value_and_gradient(*arrays), **close)


@each_loss
def test_no_tensor_holds_all_pairs_in_either_pass_and_nothing_of_a_tile_is_kept(loss: Any) -> None:
    count, rows = 60, 4
    arrays, saved = inputs(loss, count), []

    def seen(tensor: Any) -> Any:
        saved.append(tensor.numel())
        return tensor

    for criterion, lean in ((losskit.torch.tiled(loss, rows=rows), True), (loss, False)):
        saved.clear()
        with Largest() as largest:
            with torch.autograd.graph.saved_tensors_hooks(seen, lambda tensor: tensor):
                value = criterion(*arrays)
            value.backward()
        assert (max(saved) <= count * 5) == lean  # no more than an input
        assert (largest.entries <= 2 * rows * count) == lean  # NT-Xent has two views to tell a view from
        assert (largest.entries >= count * count) != lean


def test_half_precision_and_autocast_are_the_losss_own() -> None:
    loss = losskit.InfoNCE(temperature=0.5)
    tiled = losskit.torch.tiled(loss, rows=ROWS)
    arrays = inputs(loss, dtype=torch.bfloat16)
    torch.testing.assert_close(tiled(*arrays), loss(*arrays))
    arrays, gradients = inputs(loss, dtype=torch.float32), []
    for criterion in (loss, tiled):
        with torch.autocast("cpu", dtype=torch.bfloat16):
            value = criterion(*arrays)
        gradients.append(torch.autograd.grad(value, arrays))
    torch.testing.assert_close(gradients[1], gradients[0], rtol=2e-2, atol=1e-3)


def test_what_cannot_be_tiled_is_refused() -> None:
    for other in (losskit.Huber(), losskit.InfoNCE() + losskit.Huber()):
        with pytest.raises(TypeError, match=r"formula takes `rows`.*losses that do: InfoNCE, .*SupervisedContrastive"):
            losskit.torch.tiled(other)
    for rows in (0, 2.5, True):
        with pytest.raises(ValueError, match="rows: expected a whole number >= 1"):
            losskit.torch.tiled(losskit.InfoNCE(), rows=rows)
    with pytest.raises(TypeError, match=r"got arrays of numpy; fix: call the loss itself"):
        losskit.torch.tiled(losskit.InfoNCE())(np.zeros((2, 2)), np.zeros((2, 2)))
