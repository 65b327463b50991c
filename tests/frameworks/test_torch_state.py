"""Losses with a state in PyTorch: proxies, centres, a queue, a temperature, a teacher."""

from __future__ import annotations

import copy
import math

import pytest

import losskit

torch = pytest.importorskip("torch")
F = torch.nn.functional


def test_proxies_are_cosines_handed_to_any_loss() -> None:
    torch.manual_seed(0)
    criterion = losskit.torch.Proxies(losskit.CrossEntropy(label_smoothing=0.1), classes=4, dimension=3, scale=16.0)
    x, labels = torch.randn(5, 3, requires_grad=True), torch.tensor([0, 3, 1, 1, 2])
    scores = 16 * F.normalize(x) @ F.normalize(criterion.vectors[:, 0]).T
    expected = F.cross_entropy(scores, labels, label_smoothing=0.1)
    torch.testing.assert_close(criterion(x, labels), expected)
    criterion(x, labels).backward()
    assert criterion.vectors.grad.abs().sum() > 0
    several = losskit.torch.Proxies(losskit.CrossEntropy(), classes=4, dimension=3, per_class=2)
    torch.testing.assert_close(
        several.cosines(x), torch.stack([F.normalize(x) @ F.normalize(several.vectors[:, k]).T for k in (0, 1)]).amax(0)
    )
    zero = torch.zeros(2, 3, requires_grad=True)
    criterion(zero, labels[:2]).backward()
    assert not zero.grad.isnan().any()
    with pytest.raises(ValueError, match="scale"):
        losskit.torch.Proxies(losskit.CrossEntropy(), classes=4, dimension=3, scale=0.0)


def test_centers_follow_their_class_as_the_paper_has_it() -> None:
    torch.manual_seed(1)
    centers = losskit.torch.Centers(classes=3, dimension=2, rate=0.5)
    centers.vectors.copy_(torch.randn(3, 2))
    before = centers.vectors.clone()
    x, labels = torch.randn(4, 2, requires_grad=True), torch.tensor([0, 2, 0, 0])
    value = centers(x, labels)
    torch.testing.assert_close(value, sum(0.5 * (x[i] - before[k]).square().sum() for i, k in enumerate(labels)) / 4)
    value.backward()
    torch.testing.assert_close(x.grad, (x.detach() - before[labels]) / 4)
    for k in range(3):
        own = [x[i].detach() for i in range(4) if labels[i] == k]
        step = 0.5 * sum((e - before[k] for e in own), start=torch.zeros(2)) / (1 + len(own))
        torch.testing.assert_close(centers.vectors[k], before[k] + step)
    after = centers.vectors.clone()
    centers.eval()(x, labels)
    torch.testing.assert_close(centers.vectors, after)


def test_the_queue_holds_the_latest_keys_and_they_are_the_rivals() -> None:
    torch.manual_seed(2)
    criterion = losskit.torch.QueuedInfoNCE(dimension=3, size=5, temperature=0.5)
    past: list = []
    for _ in range(4):
        queries, keys = torch.randn(3, 3, requires_grad=True), torch.randn(3, 3, requires_grad=True)
        q, k = F.normalize(queries), F.normalize(keys.detach())
        rows = [[q[i] @ k[i], *(q[i] @ old for old in past[-5:])] for i in range(3)]
        expected = -torch.stack([torch.log_softmax(torch.stack(row) / 0.5, 0)[0] for row in rows]).mean()
        value = criterion(queries, keys)
        torch.testing.assert_close(value, expected)
        value.backward()
        assert keys.grad is None
        past += list(k)
    resumed = losskit.torch.QueuedInfoNCE(dimension=3, size=5, temperature=0.5)
    resumed.load_state_dict(copy.deepcopy(criterion.state_dict()))
    torch.testing.assert_close(resumed.eval()(queries, keys), criterion.eval()(queries, keys))
    assert int(criterion.seen) == 12
    with pytest.raises(ValueError, match=r"expected \(N, 3\) both"):
        criterion(torch.zeros(2, 4), torch.zeros(2, 4))


def test_a_batch_larger_than_the_queue_leaves_its_last_keys() -> None:
    criterion = losskit.torch.QueuedInfoNCE(dimension=2, size=2)
    keys = torch.tensor([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]])
    criterion(keys, keys)
    assert sorted(criterion.queue.tolist()) == [[-1.0, 0.0], [0.0, 1.0]]


def test_a_temperature_is_learned_up_to_its_ceiling_and_comes_back() -> None:
    temperature = losskit.torch.LearnableTemperature(start=0.5, ceiling=10.0)
    torch.testing.assert_close(temperature(torch.tensor([1.0, -2.0])), torch.tensor([2.0, -4.0]))
    with torch.no_grad():
        temperature.log_scale.fill_(math.log(1000.0))
    value = temperature(torch.tensor(1.0))
    assert value.item() == pytest.approx(10.0, rel=1e-5)
    value.backward()
    assert temperature.log_scale.grad.item() == pytest.approx(10.0, rel=1e-5)
    with pytest.raises(ValueError, match="at least 1 / ceiling"):
        losskit.torch.LearnableTemperature(start=0.001)


def test_a_teacher_is_the_moving_average_of_its_student() -> None:
    torch.manual_seed(3)
    model = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.BatchNorm1d(3))
    teacher = losskit.torch.MovingAverage(model, momentum=0.9)
    expected = model[0].weight.detach().clone()
    for _ in range(3):
        with torch.no_grad():
            model[0].weight += 1
        model(torch.randn(4, 2))
        teacher.update(model)
        expected = 0.9 * expected + 0.1 * model[0].weight.detach()
    torch.testing.assert_close(teacher.model[0].weight, expected)
    assert teacher.model[1].num_batches_tracked == 3
    assert not torch.equal(teacher.model[1].running_mean, model[1].running_mean)
    assert not teacher(torch.zeros(2, 2)).requires_grad
    assert not any(p.requires_grad for p in teacher.parameters())
    assert not teacher.model.training
    with pytest.raises(ValueError, match="expected a model with the parameters"):
        teacher.update(torch.nn.Linear(2, 3))


def test_a_teacher_that_warms_up_forgets_its_start() -> None:
    model = torch.nn.Linear(1, 1, bias=False)
    teacher = losskit.torch.MovingAverage(model, momentum=0.99, warmup=True)
    start = model.weight.item()
    with torch.no_grad():
        model.weight += 1
    teacher.update(model)
    assert teacher.model.weight.item() == pytest.approx(0.1 * start + 0.9 * (start + 1))
