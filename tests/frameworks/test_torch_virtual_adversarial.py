"""Virtual adversarial training in PyTorch, against the eigenvector that it looks for."""

from __future__ import annotations

import pytest

import losskit

torch = pytest.importorskip("torch")
F = torch.nn.functional


def linear() -> torch.nn.Linear:
    torch.manual_seed(0)
    return torch.nn.Linear(5, 3).double()


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_it_finds_the_direction_of_the_greatest_curvature(dtype: torch.dtype) -> None:
    model, x = linear().to(dtype), torch.randn(4, 5).to(dtype)
    scores = model(x).detach()
    vat = losskit.torch.VirtualAdversarial(radius=0.25, iterations=60)
    found = vat.perturbation(model, x, scores)
    torch.testing.assert_close(found.norm(dim=1), torch.full((4,), 0.25, dtype=dtype))
    p = scores.softmax(1)
    fisher = torch.diag_embed(p) - p[:, :, None] * p[:, None, :]
    _, vectors = torch.linalg.eigh(model.weight.T @ fisher @ model.weight)
    cosines = (found * vectors[:, :, -1]).sum(1).abs() / 0.25
    assert (cosines > 0.99).all()


def test_the_loss_is_the_divergence_there_and_the_answer_at_x_is_constant() -> None:
    model, x = linear(), torch.randn(6, 5, dtype=torch.float64)
    vat = losskit.torch.VirtualAdversarial(radius=0.5, generator=torch.Generator().manual_seed(3))
    value = vat(model, x)
    vat.generator.manual_seed(3)
    answer = model(x).detach()
    there = model(x + vat.perturbation(model, x, answer))
    expected = F.kl_div(there.log_softmax(1), answer.softmax(1), reduction="batchmean")
    torch.testing.assert_close(value, expected)
    got = torch.autograd.grad(value, tuple(model.parameters()))
    torch.testing.assert_close(got, torch.autograd.grad(expected, tuple(model.parameters())))
    vat.generator.manual_seed(3)
    torch.testing.assert_close(vat(model, x, model(x)), value)
    assert model.weight.grad is None  # the search leaves no gradients behind


def test_it_is_worse_than_a_random_direction_of_the_same_length() -> None:
    model, x = linear(), torch.randn(64, 5, dtype=torch.float64)
    answer, noise = model(x), torch.randn(64, 5, dtype=torch.float64)
    loss = losskit.KnowledgeDistillation(temperature=1.0)
    random = loss(model(x + noise / noise.norm(dim=1, keepdim=True)), answer)
    assert losskit.torch.VirtualAdversarial(iterations=5)(model, x) > 1.2 * random


def test_running_statistics_are_left_alone() -> None:
    model = torch.nn.Sequential(torch.nn.Linear(5, 4), torch.nn.BatchNorm1d(4), torch.nn.Linear(4, 3))
    before = {name: buffer.clone() for name, buffer in model.named_buffers()}
    losskit.torch.VirtualAdversarial()(model, torch.randn(7, 5)).backward()
    torch.testing.assert_close(dict(model.named_buffers()), before, rtol=0, atol=0)
    assert model[0].weight.grad.abs().sum() > 0


def test_a_model_that_does_not_change_has_a_random_direction_and_no_loss() -> None:
    model = linear()
    torch.nn.init.zeros_(model.weight)
    vat, x = losskit.torch.VirtualAdversarial(loss=losskit.SquaredError()), torch.zeros(3, 5, dtype=torch.float64)
    torch.testing.assert_close(vat.perturbation(model, x, model(x)).norm(dim=1), torch.ones(3, dtype=torch.float64))
    assert vat(model, x).item() == 0


def test_wrong_use() -> None:
    with pytest.raises(ValueError, match="radius: expected a finite number > 0"):
        losskit.torch.VirtualAdversarial(radius=0)
    with pytest.raises(ValueError, match="iterations: expected a whole number >= 1"):
        losskit.torch.VirtualAdversarial(iterations=0)
    with pytest.raises(ValueError, match="pass their embeddings"):
        losskit.torch.VirtualAdversarial()(torch.nn.Embedding(3, 2), torch.tensor([[0, 1]]))
