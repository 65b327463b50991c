"""Objectives and penalties: J = Σ w · loss + Σ λ · penalty, and its gradient."""

from __future__ import annotations

import numpy as np
import pytest

import losskit
from losskit.core.errors import ShapeError

RNG = np.random.default_rng(0)
Z, Y = RNG.normal(size=(6, 3)), RNG.integers(0, 3, 6)
THETA = [RNG.normal(size=(3, 2)), RNG.normal(size=4)]


def test_an_objective_is_the_weighted_sum_of_its_terms() -> None:
    objective = losskit.CrossEntropy() + 0.1 * losskit.CrammerSinger() + 1e-2 * losskit.L2() + losskit.L1() * 1e-3
    expected = (
        losskit.CrossEntropy()(Z, Y)
        + 0.1 * losskit.CrammerSinger()(Z, Y)
        + 1e-2 * sum(0.5 * (p**2).sum() for p in THETA)
        + 1e-3 * sum(np.abs(p).sum() for p in THETA)
    )
    assert objective(Z, Y, parameters=THETA) == pytest.approx(expected, rel=1e-14)
    parts = objective.breakdown(Z, Y, parameters=THETA)
    assert sum(parts.values()) == pytest.approx(expected, rel=1e-14)
    assert len(parts) == 4


def test_sums_of_lists_scaling_and_equality() -> None:
    assert sum([losskit.MSE(), losskit.Huber()]) == losskit.MSE() + losskit.Huber()
    assert (2 * (losskit.MSE() + 3 * losskit.Huber())).terms == ((2.0, losskit.MSE()), (6.0, losskit.Huber()))
    assert hash(losskit.MSE() + losskit.L2()) == hash(losskit.MSE() + losskit.L2())
    assert losskit.MSE() + losskit.Huber() != losskit.Huber() + losskit.MSE()
    with pytest.raises(TypeError):
        losskit.MSE() + "a word"


def test_the_same_loss_twice_counts_twice() -> None:
    objective = losskit.MSE() + losskit.MSE()
    assert objective(np.array([1.0]), np.array([0.0])) == 2.0


def test_a_penalty_without_parameters_says_what_to_pass() -> None:
    with pytest.raises(TypeError, match=r"model\.parameters\(\)"):
        (losskit.MSE() + losskit.L2())(np.zeros(2), np.zeros(2))
    with pytest.raises(ValueError, match="at least one parameter"):
        losskit.L2()(iter([]))


def test_parameter_distance_is_half_the_squared_distance(framework) -> None:
    reference = [p + 0.5 for p in THETA]
    penalty = losskit.ParameterDistance(reference=[framework.array(p) for p in reference])
    value = penalty([framework.array(p) for p in THETA])
    assert float(framework.numpy(value)) == pytest.approx(0.5 * 0.25 * sum(p.size for p in THETA), rel=1e-12)
    with pytest.raises(ShapeError, match=r"parameters\[0\]: expected shape \(3, 2\)"):
        penalty([framework.array(THETA[0].T), framework.array(THETA[1])])
    with pytest.raises(ShapeError, match="expected 2 arrays"):
        penalty([framework.array(THETA[0])])


def test_elastic_net_lies_between_its_ends() -> None:
    theta = THETA[0]
    assert losskit.ElasticNet(ratio=1.0)(theta) == pytest.approx(losskit.L1()(theta))
    assert losskit.ElasticNet(ratio=0.0)(theta) == pytest.approx(losskit.L2()(theta))
    with pytest.raises(ValueError, match="ratio"):
        losskit.ElasticNet(ratio=1.5)


def test_gradients_flow_to_parameters_in_torch_and_jax() -> None:
    torch = pytest.importorskip("torch")
    theta = torch.tensor(THETA[0], requires_grad=True)
    losskit.L2()(theta).backward()
    np.testing.assert_allclose(theta.grad.numpy(), THETA[0])
    jax = pytest.importorskip("jax")
    tree = {"a": {"w": jax.numpy.asarray(THETA[0])}, "b": [jax.numpy.asarray(THETA[1])]}
    gradient = jax.grad(lambda t: losskit.L2()(t))(tree)
    np.testing.assert_allclose(gradient["a"]["w"], THETA[0], rtol=1e-6)


def test_weights_and_masks_reach_every_loss() -> None:
    objective = losskit.MSE() + losskit.AbsoluteError()
    prediction, target = np.array([1.0, np.nan]), np.array([0.0, 0.0])
    assert objective(prediction, target, mask=np.array([True, False])) == 2.0
