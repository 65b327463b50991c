"""Several tasks in PyTorch: weights and gradient surgery against textbook loops."""

from __future__ import annotations

import copy
import math

import numpy as np
import pytest
from scipy import optimize

import losskit

torch = pytest.importorskip("torch")

RNG = np.random.default_rng(3)
GRADIENTS = [
    torch.tensor(RNG.normal(size=(3, 6))),
    torch.tensor(RNG.normal(size=(2, 4)) * np.array([[1.0], [30.0]])),
    torch.tensor([[1.0, 0.0], [-1.0, 0.5]], dtype=torch.float64),
    torch.tensor([[1.0, 0.0], [2.0, 0.0]], dtype=torch.float64),
]
by_gradients = pytest.mark.parametrize("gradients", GRADIENTS, ids=lambda g: str(tuple(g.shape)))


# -- surgery -----------------------------------------------------------------------------------------------------------


@by_gradients
def test_projected_conflicts_is_the_papers_loop(gradients) -> None:
    got = losskit.torch.ProjectedConflicts(torch.Generator().manual_seed(5)).direction(gradients)
    order, rows = torch.Generator().manual_seed(5), gradients.numpy()
    total = np.zeros(rows.shape[1])
    for i in range(len(rows)):
        own = rows[i].copy()
        for j in torch.randperm(len(rows), generator=order).tolist():
            if j != i and own @ rows[j] < 0:
                own -= (own @ rows[j]) / (rows[j] @ rows[j]) * rows[j]
        total += own
    np.testing.assert_allclose(got.numpy(), total, rtol=1e-12)


def on_the_simplex(function, tasks: int) -> float:
    """The least value over weights that are >= 0 and sum to 1."""
    found = [
        optimize.minimize(
            function,
            start,
            bounds=[(0, 1)] * tasks,
            constraints={"type": "eq", "fun": lambda w: w.sum() - 1},
            method="SLSQP",
            options={"ftol": 1e-15, "maxiter": 500},
        ).fun
        for start in [np.full(tasks, 1 / tasks), *np.eye(tasks) * 0.9 + 0.1 / tasks]
    ]
    return min(found)


@by_gradients
@pytest.mark.parametrize("normalized", [False, True])
def test_multiple_gradient_descent_finds_the_shortest_combination(gradients, normalized: bool) -> None:
    got = losskit.torch.MultipleGradientDescent(normalized).direction(gradients).numpy()
    rows, scale = gradients.numpy(), 1.0
    if normalized:
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        rows, scale = rows / lengths, lengths.mean()
    least = math.sqrt(on_the_simplex(lambda w: (w @ rows) @ (w @ rows), len(rows)))
    assert np.linalg.norm(got) == pytest.approx(len(rows) * scale * least, rel=1e-3)
    # No task's loss rises: each gradient goes along with the direction, as far as that itself is long.
    assert (gradients.numpy() @ got >= -1e-3 * np.linalg.norm(got) * np.linalg.norm(rows)).all()


@by_gradients
@pytest.mark.parametrize("c", [0.0, 0.4, 0.9])
def test_conflict_averse_makes_the_slowest_task_fall_fastest(gradients, c: float) -> None:
    rows, tasks = gradients.numpy(), len(gradients)
    mean = rows.mean(axis=0)
    reach = c * np.linalg.norm(mean)
    got = losskit.torch.ConflictAverse(c).direction(gradients).numpy() / tasks
    # The dual of the largest worst decrease within the ball: their values meet at the best direction.
    dual = on_the_simplex(lambda w: (w @ rows) @ mean + reach * math.sqrt((w @ rows) @ (w @ rows) + 1e-30), tasks)
    assert np.linalg.norm(got - mean) <= reach * (1 + 1e-9)
    assert (rows @ got).min() == pytest.approx(dual, rel=2e-2, abs=2e-2 * np.abs(rows @ mean).max())


def test_aligned_multitask_is_orthogonal_and_of_the_least_singular_value() -> None:
    gradients = GRADIENTS[0]
    left, values, right = np.linalg.svd(gradients.numpy(), full_matrices=False)
    expected = (values.min() * left @ right).sum(axis=0)
    np.testing.assert_allclose(losskit.torch.AlignedMultitask().direction(gradients).numpy(), expected, rtol=1e-9)
    alike = losskit.torch.AlignedMultitask().direction(GRADIENTS[3]).numpy()
    assert alike[0] > 0
    assert np.isfinite(alike).all()
    assert not losskit.torch.AlignedMultitask().direction(torch.zeros(2, 3)).any()


@by_gradients
def test_the_impartial_direction_goes_equally_far_along_every_gradient(gradients) -> None:
    got, rows = losskit.torch.ImpartialMultitask().direction(gradients).numpy(), gradients.numpy()
    units = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    np.testing.assert_allclose(units @ got, np.mean(units @ got), rtol=1e-6)
    assert (units @ got > 0).all()
    assert np.linalg.norm(got) <= np.linalg.norm(rows, axis=1).sum() * (1 + 1e-9)


@pytest.mark.parametrize("gradients", GRADIENTS[:3], ids=lambda g: str(tuple(g.shape)))
def test_the_impartial_direction_is_the_papers_closed_form(gradients) -> None:
    rows = gradients.numpy()
    units = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    apart, between = rows[0] - rows[1:], units[0] - units[1:]
    others = rows[0] @ between.T @ np.linalg.inv(apart @ between.T)
    expected = len(rows) * np.array([1 - others.sum(), *others]) @ rows
    got = losskit.torch.ImpartialMultitask().direction(gradients).numpy()
    np.testing.assert_allclose(got, expected, rtol=1e-6)


def test_the_impartial_direction_never_makes_losses_rise_nor_grows_without_end() -> None:
    for seed in range(200):
        drawn = np.random.default_rng(seed)
        rows = drawn.normal(size=(3, 4)) * drawn.choice([0.01, 1.0, 100.0], (3, 1))
        got = losskit.torch.ImpartialMultitask().direction(torch.tensor(rows)).numpy()
        assert (rows @ got > 0).all()
        assert np.linalg.norm(got) <= np.linalg.norm(rows, axis=1).sum() * (1 + 1e-9)
    opposite = torch.tensor([[1.0, 0.0], [-3.0, 0.0]], dtype=torch.float64)
    assert losskit.torch.ImpartialMultitask().direction(opposite).norm() < 1e-12


@by_gradients
def test_nash_bargaining_has_the_largest_product_of_gains(gradients) -> None:
    got, rows = losskit.torch.NashBargaining().direction(gradients).numpy(), gradients.numpy()
    tasks = len(rows)
    assert np.linalg.norm(got) == pytest.approx(math.sqrt(tasks), rel=1e-6)
    gains = rows @ got
    assert (gains > 0).all()
    np.testing.assert_allclose((1 / gains) @ rows, got, rtol=1e-5, atol=1e-8)  # d·gₖ = 1/αₖ
    best = np.log(gains).sum()
    for seed in range(200):
        drawn = np.random.default_rng(seed)
        other = got / np.linalg.norm(got) + drawn.choice([0.01, 0.3]) * drawn.normal(size=got.shape)
        rival = rows @ (other / np.linalg.norm(other) * math.sqrt(tasks))
        assert (rival <= 0).any() or np.log(rival).sum() <= best + 1e-9
    scaled = losskit.torch.NashBargaining().direction(gradients * torch.arange(1.0, tasks + 1)[:, None] ** 5).numpy()
    np.testing.assert_allclose(scaled, got, rtol=1e-9)


def test_nash_bargaining_of_tasks_that_oppose_each_other() -> None:
    opposite = torch.tensor([[1.0, 0.0], [-3.0, 0.0]], dtype=torch.float64)
    assert losskit.torch.NashBargaining().direction(opposite).norm() < 1e-6
    one_at_rest = torch.tensor([[0.0, 0.0], [3.0, 4.0]])
    torch.testing.assert_close(losskit.torch.NashBargaining().direction(one_at_rest), torch.tensor([0.6, 0.8]))


SURGERIES = [
    losskit.torch.ImpartialMultitask,
    losskit.torch.NashBargaining,
    losskit.torch.ProjectedConflicts,
    losskit.torch.MultipleGradientDescent,
    losskit.torch.ConflictAverse,
    losskit.torch.AlignedMultitask,
]


@pytest.mark.parametrize("surgery", SURGERIES, ids=lambda cls: cls.__name__)
def test_gradients_that_agree_are_added_up_and_zeros_are_survived(surgery) -> None:
    orthonormal = torch.eye(3, 5)
    torch.testing.assert_close(
        surgery().direction(orthonormal) / surgery().direction(orthonormal).norm(), orthonormal.sum(0) / math.sqrt(3)
    )
    assert not surgery().direction(torch.zeros(3, 5)).isnan().any()


@pytest.mark.parametrize("surgery", SURGERIES, ids=lambda cls: cls.__name__)
def test_backward_puts_the_direction_where_a_sum_would_put_its_gradient(surgery) -> None:
    torch.manual_seed(0)
    trunk, head, unused = torch.nn.Linear(4, 3), torch.nn.Linear(3, 1), torch.nn.Linear(2, 2)
    x = torch.randn(7, 4)

    def losses():
        features = trunk(x).tanh()
        return torch.stack([features.square().mean(), head(features).square().mean(), features.sum(1).exp().mean()])

    parameters = [*trunk.parameters(), *head.parameters(), *unused.parameters()]
    rows = []
    for k in range(3):
        gradients = torch.autograd.grad(losses()[k], parameters[:4], materialize_grads=True)
        rows.append(torch.cat([g.flatten() for g in gradients]))
    torch.manual_seed(1)
    expected = surgery().direction(torch.stack(rows))
    torch.manual_seed(1)
    parameters[0].grad = torch.ones_like(parameters[0])  # what is there is added to, as by backward
    surgery().backward(losses(), parameters)
    got = torch.cat([p.grad.flatten() for p in parameters[:4]])
    expected[:12] += 1
    torch.testing.assert_close(got, expected)
    assert unused.weight.grad is None
    with pytest.raises(ValueError, match="expected losses and parameters"):
        surgery().backward([], parameters)


# -- weights -----------------------------------------------------------------------------------------------------------


def test_uncertainty_weights_settle_at_each_tasks_own_loss() -> None:
    weighting, losses = losskit.torch.UncertaintyWeights(2), torch.tensor([0.5, 8.0])
    optimizer = torch.optim.LBFGS(weighting.parameters(), max_iter=100, line_search_fn="strong_wolfe")

    def closure():
        optimizer.zero_grad()
        value = weighting(losses)
        value.backward()
        return value

    optimizer.step(closure)
    torch.testing.assert_close(weighting.log_variance.exp(), losses, rtol=1e-3, atol=1e-3)  # s = log L
    with pytest.raises(ValueError, match=r"expected shape \(2,\)"):
        weighting(torch.ones(3))


def test_random_weights_are_a_softmax_of_normals_and_even_in_evaluation() -> None:
    weighting = losskit.torch.RandomWeights(3, torch.Generator().manual_seed(0))
    losses = torch.tensor([1.0, 10.0, 100.0])
    drawn = torch.softmax(torch.randn(3, generator=torch.Generator().manual_seed(0)), 0)
    torch.testing.assert_close(weighting(losses), (drawn * losses).sum())
    torch.testing.assert_close(weighting.eval()(losses), torch.tensor(37.0))


def test_dynamic_weight_average_follows_the_ratio_of_epochs() -> None:
    weighting = losskit.torch.DynamicWeightAverage(2, temperature=2.0)
    epochs = [[(4.0, 1.0), (2.0, 3.0)], [(1.0, 2.0)], [(1.0, 1.0)]]
    for epoch in epochs[:2]:
        for losses in epoch:
            assert weighting(torch.tensor(losses)).item() == sum(losses)
        weighting.end_epoch()
    ratios = [1.0 / 3.0, 2.0 / 2.0]
    powers = [math.exp(r / 2) for r in ratios]
    expected = [2 * p / sum(powers) for p in powers]
    np.testing.assert_allclose(weighting.weights.numpy(), expected, rtol=1e-6)
    resumed = losskit.torch.DynamicWeightAverage(2)
    resumed.load_state_dict(copy.deepcopy(weighting.state_dict()))
    assert resumed(torch.tensor([1.0, 1.0])).item() == pytest.approx(2.0)
    with pytest.raises(RuntimeError, match="since the epoch began"):
        weighting.end_epoch()


def test_grad_norm_is_the_papers_loss_of_the_weights() -> None:
    torch.manual_seed(2)
    layer, x = torch.nn.Linear(3, 2), torch.randn(5, 3)
    weighting = losskit.torch.GradNorm(2, alpha=1.5)

    def losses():
        return torch.stack([layer(x)[:, 0].square().mean(), 20 * layer(x)[:, 1].square().mean()])

    first = losses().detach()
    weighting.balance(losses(), layer.parameters())
    with torch.no_grad():
        layer.weight.mul_(0.5)
        weighting.raw.copy_(torch.tensor([0.3, -0.2]))
    now = losses()
    weights = 2 * torch.softmax(weighting.raw.detach(), 0)
    norms = []
    for k in range(2):
        gradients = torch.autograd.grad(now[k], layer.parameters(), retain_graph=True)
        norms.append(torch.cat([g.flatten() for g in gradients]).norm())
    pulls = weights * torch.stack(norms)
    ratio = now.detach() / first
    wanted = pulls.mean() * (ratio / ratio.mean()) ** 1.5
    value = weighting.balance(now, layer.parameters())
    torch.testing.assert_close(value.detach(), (pulls - wanted).abs().sum())
    value.backward()
    assert layer.weight.grad is None
    # The task that pulls harder than it should loses weight by a step.
    harder = int((pulls - wanted).argmax())
    assert weighting.raw.grad[harder] > 0
    torch.testing.assert_close(weighting(now), (weights * now).sum())


def test_famo_gives_the_papers_direction_and_raises_the_weight_of_what_fell_least() -> None:
    weighting = losskit.torch.FastAdaptiveMultitaskOptimization(2, rate=0.5, decay=0.1)
    theta = torch.tensor([1.0, 2.0], requires_grad=True)
    weighting.logits.copy_(torch.tensor([0.4, -0.1]))
    z = torch.softmax(weighting.logits, 0)
    weighting(theta.square()).backward()
    losses, slopes = torch.tensor([1.0, 4.0]), torch.tensor([2.0, 4.0])
    torch.testing.assert_close(theta.grad, z * slopes / losses / (z / losses).sum())
    before, after = torch.tensor([1.0, 4.0]), torch.tensor([0.5, 3.9])
    fell = (before / after).log()
    jacobian = torch.diag(z) - torch.outer(z, z)
    expected = weighting.logits - 0.5 * (jacobian @ fell + 0.1 * weighting.logits)
    weighting.update(before, after)
    torch.testing.assert_close(weighting.logits, expected)
    with pytest.raises(ValueError, match="expected losses > 0"):
        weighting(torch.tensor([0.0, 1.0]))
