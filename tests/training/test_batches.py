"""Batches without workers, loaders that stay the user's, evaluation without a graph."""

from __future__ import annotations

import pytest

import losskit

torch = pytest.importorskip("torch")

from torch.utils.data import DataLoader, TensorDataset  # noqa: E402

from losskit.training import Run, fit, optimizer  # noqa: E402
from losskit.training.criterion import Criterion  # noqa: E402

x = torch.linspace(-1, 1, 64)[:, None]
y = 3 * x[:, 0]


def network():
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Linear(1, 1), torch.nn.Flatten(0))


def test_data_in_memory_are_batched_without_a_loader_or_a_process(monkeypatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise AssertionError("a DataLoader, or a process")

    monkeypatch.setattr(DataLoader, "__init__", refused)
    monkeypatch.setattr(torch.multiprocessing.Process, "start", refused)
    history = fit(network(), losskit.MSE(), (x, y), epochs=2, validation=(x, y), progress=False)
    assert len(history.signal("loss")) == 4


@pytest.mark.parametrize("kind", [torch.float64, torch.uint8, torch.bool])
def test_batches_are_the_rows_that_an_index_gives(kind) -> None:
    inputs = torch.rand(10, 2, 3).mul(9).to(kind)
    run = Run(network(), losskit.MSE(), (inputs, torch.arange(10)), batch_size=4)
    for rows, numbers in run.batches:
        assert rows.dtype == kind
        assert torch.equal(rows, inputs[numbers])


def test_a_loader_is_used_as_it_is() -> None:
    class Loader(DataLoader):
        passes = 0

        def __iter__(self):
            self.passes += 1
            return super().__iter__()

    seen = []
    loader = Loader(TensorDataset(x, y), batch_size=24, shuffle=False, drop_last=True)
    held = Loader(TensorDataset(x, y), batch_size=10)
    settings = dict(vars(loader))
    model = network()
    model.register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0]) if module.training else None)
    run = Run(model, losskit.MSE(), loader, held, schedule="cosine")
    run.fit(3, progress=False)
    assert run.batches.loader is loader
    assert {**vars(loader), "passes": 0} == {**settings, "passes": 0}
    assert (loader.passes, held.passes) == (3, 3)
    assert torch.equal(torch.cat(seen[:2]), x[:48])
    assert run.step == 6
    progress = run.recording.progress
    assert (progress.batch_size, progress.training_samples, progress.validation_samples) == (24, 64, 64)
    assert run.evaluate(held)["loss"] == pytest.approx(run.evaluate((x, y))["loss"], rel=1e-6)


def test_a_run_on_a_shuffled_loader_resumes_where_an_unbroken_one_ends(tmp_path) -> None:
    def trained(*epochs: int) -> torch.Tensor:
        path = tmp_path / f"{len(epochs)}.pt"
        for last in epochs:
            torch.manual_seed(0)
            generator = torch.Generator().manual_seed(1)
            loader = DataLoader(TensorDataset(x, y), batch_size=16, shuffle=True, generator=generator)
            run = Run(network(), losskit.MSE(), loader)
            run.fit(last, save=path, resume=True, progress=False)
        return torch.cat([p.detach().flatten() for p in run.model.parameters()])

    assert torch.equal(trained(4), trained(2, 4))


def test_batches_for_full_batch_descent_are_refused() -> None:
    with pytest.raises(ValueError, match="gradient_descent takes the whole set"):
        Run(network(), losskit.MSE(), DataLoader(TensorDataset(x, y)), optimizer="gradient_descent")


@pytest.mark.parametrize("validation", [(x, y), DataLoader(TensorDataset(x, y), batch_size=16)], ids=["pair", "loader"])
def test_no_tensor_of_an_evaluation_requires_grad(validation) -> None:
    seen = []

    def score(outputs, targets) -> float:
        seen.extend((outputs, targets))
        return 0.0

    model = network()
    for layer in model.modules():
        layer.register_forward_hook(
            lambda module, inputs, output: None if module.training else seen.extend((*inputs, output))
        )
    run = Run(model, losskit.MSE() + 0.1 * losskit.L2(), (x, y), validation, score=score)
    run.fit(2, progress=False)
    run.evaluate(validation)
    seen.append(run.predict(x))
    assert len(seen) > 8
    assert not any(tensor.requires_grad or tensor.grad_fn is not None for tensor in seen)
    assert model.training


def test_a_failed_evaluation_leaves_the_model_in_training_mode() -> None:
    run = Run(network(), losskit.MSE(), (x, y))
    run.model.train()
    with pytest.raises(RuntimeError):
        run.predict(torch.zeros(3, 7))
    assert run.model.training


def test_a_criterion_gives_what_its_objective_gives() -> None:
    torch.manual_seed(0)
    weight = [torch.randn(3, requires_grad=True)]
    scores, labels = torch.randn(8, 4), torch.randint(0, 4, (8,))
    numbers = torch.randn(8), torch.rand(8)
    for objective, prediction, target in [
        (losskit.CrossEntropy() + 0.5 * losskit.L2(), scores, labels),
        (losskit.CrossEntropy(label_smoothing=0.1) + losskit.Focal(), scores, labels),
        (2.0 * losskit.CrossEntropy(), scores, labels.int()),
        (1.0 * losskit.CrossEntropy(), scores, scores.softmax(-1)),
        (1.0 * losskit.CrossEntropy(), scores.half(), labels),
        (losskit.BinaryCrossEntropy() + losskit.MSE(), *numbers),
        (0.3 * losskit.Huber(), *numbers),
        (1.0 * losskit.MSE(), numbers[0], numbers[1].double()),
    ]:
        leaf, other = (prediction.clone().requires_grad_() for _ in range(2))
        for targets in (target, None):
            value = Criterion(objective, weight, targets)(leaf, target)
            expected = objective(other, target, parameters=weight)
            torch.testing.assert_close(value, expected)
            torch.testing.assert_close(torch.autograd.grad(value, leaf), torch.autograd.grad(expected, other))


def test_wrong_targets_and_shapes_are_named_before_the_first_step() -> None:
    inputs, labels = torch.randn(64, 3), torch.randint(0, 4, (64,))
    labels[50] = 4
    for train in ((inputs, labels), DataLoader(TensorDataset(inputs, labels), batch_size=64)):
        model = torch.nn.Linear(3, 4)
        run = Run(model, losskit.CrossEntropy(), train, batch_size=8)
        with pytest.raises(losskit.DomainError, match=r"target\[50\].*got 4"):
            run.fit(1, progress=False)
        assert run.step == 0
    with pytest.raises(losskit.ShapeError, match="fix"):
        fit(torch.nn.Linear(1, 1), losskit.MSE(), (x, y), epochs=1, progress=False)


def test_adam_steps_in_one_pass_where_that_is_right() -> None:
    plain = torch.nn.Parameter(torch.randn(4, 3, 2, 2))
    last = torch.nn.Parameter(torch.randn(4, 3, 2, 2).contiguous(memory_format=torch.channels_last))
    for name in ("adam", "adamw"):
        assert optimizer(name, iter([plain])).defaults["fused"]
        made = optimizer(name, [last], learning_rate=0.1)
        assert not made.defaults["fused"]
        expected = type(made)([other := torch.nn.Parameter(last.detach().clone())], lr=0.1, weight_decay=0.0)
        gradient = torch.arange(48.0).reshape(4, 3, 2, 2) - 20
        for parameter, stepped in ((last, made), (other, expected)):
            parameter.grad = gradient.clone()
            stepped.step()
        assert torch.equal(last, other)


def test_gradients_are_let_go_of_and_an_optimizer_with_its_own_way_is_asked() -> None:
    class Own(torch.optim.SGD):
        asked = 0

        def zero_grad(self, set_to_none: bool = True) -> None:
            Own.asked += 1
            super().zero_grad(set_to_none)

    models = []
    for kind in (torch.optim.SGD, Own):
        models.append(network())
        made = kind(models[-1].parameters(), lr=0.1)
        fit(models[-1], losskit.MSE(), (x, y), epochs=3, optimizer=made, progress=False)
    assert Own.asked == 6
    assert torch.equal(models[0][0].weight, models[1][0].weight)
