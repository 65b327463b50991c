"""Training: optimizers, stopping, checkpoints, and the Recording it writes."""

from __future__ import annotations

import math

import numpy as np
import pytest

import losskit

torch = pytest.importorskip("torch")

from losskit.training import OPTIMIZERS, SCHEDULES, Run, fit, model  # noqa: E402
from losskit.training import checkpoint as checkpoints  # noqa: E402
from losskit.training.batches import Batches  # noqa: E402


def line(seed: int = 0):
    torch.manual_seed(seed)
    x = torch.linspace(-1, 1, 64)[:, None]
    return (x, 3 * x[:, 0] + 0.5), torch.nn.Sequential(torch.nn.Linear(1, 1), torch.nn.Flatten(0))


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_lowers_the_loss(name: str) -> None:
    data, network = line()
    history = fit(network, losskit.MSE(), data, epochs=30, optimizer=name, learning_rate=0.05, progress=False)
    losses = history.signal("loss").array()
    assert losses[-1] < 0.5 * losses[0]
    assert len(losses) == (30 if name == "gradient_descent" else 60)


def test_gradient_descent_is_the_textbook_step() -> None:
    data, network = line()
    w, b = (p.item() for p in network.parameters())
    x, y = data[0][:, 0].numpy().astype(float), data[1].numpy().astype(float)
    fit(network, losskit.MSE(), data, epochs=3, optimizer="gradient_descent", learning_rate=0.1, progress=False)
    for _ in range(3):
        r = w * x + b - y
        w, b = w - 0.1 * 2 * np.mean(r * x), b - 0.1 * 2 * np.mean(r)
    assert [p.item() for p in network.parameters()] == pytest.approx([w, b], rel=1e-5)


@pytest.mark.parametrize("name", SCHEDULES)
def test_every_schedule_runs_and_is_recorded(name: str) -> None:
    data, network = line()
    history = fit(network, losskit.MSE(), data, epochs=10, schedule=name, progress=False)
    rates = history.signal("rate").array()
    assert len(rates) == 20
    assert (rates >= 0).all()
    assert (rates[0] == rates).all() == (name == "constant")


def test_penalties_and_clipping_reach_the_step() -> None:
    data, network = line()
    heavy = losskit.MSE() + 100.0 * losskit.L2()
    fit(network, heavy, data, epochs=50, optimizer="gradient_descent", learning_rate=0.01, progress=False)
    assert abs(next(network.parameters()).item()) < 0.1
    data, network = line()
    history = fit(network, losskit.MSE(), data, epochs=2, optimizer="sgd", clip=1e-3, progress=False)
    assert max(history.signal("gradient_norm").values) <= 1e-3 * 1.001


def test_stops_at_a_loss_at_a_plateau_and_at_nan() -> None:
    data, network = line()
    history = fit(
        network,
        losskit.MSE(),
        data,
        epochs=999,
        optimizer="gradient_descent",
        learning_rate=0.3,
        stop_below=0.01,
        progress=False,
    )
    assert history.progress.epochs is not None
    assert history.progress.epochs < 999
    assert "below" in history.end.reason
    data, network = line()
    history = fit(network, losskit.MSE(), data, epochs=999, validation=(data[0], -data[1]), patience=3, progress=False)
    assert "no better validation" in history.end.reason
    data, network = line()
    history = fit(network, losskit.MSE(), data, epochs=999, optimizer="sgd", learning_rate=1e6, progress=False)
    assert history.end.reason == "the loss is not finite"
    assert not math.isfinite(history.signal("loss").last)


def test_patience_goes_back_to_the_best_weights() -> None:
    data, network = line()
    run = Run(network, losskit.MSE(), data, (data[0], -data[1]), learning_rate=0.05)
    run.fit(50, patience=4, progress=False)
    best = min(run.recording.signal("validation/loss").values)
    assert run.evaluate(run.validation)["loss"] == pytest.approx(best, rel=1e-6)


def test_a_resumed_run_ends_where_an_unbroken_one_does(tmp_path) -> None:
    def trained(*epochs: int) -> torch.Tensor:
        path = tmp_path / f"{len(epochs)}.pt"
        for last in epochs:
            data, network = line()
            run = Run(network, losskit.MSE(), data, optimizer="momentum", batch_size=16)
            run.fit(last, save=path, resume=True, progress=False)
        return torch.cat([p.detach().flatten() for p in network.parameters()])

    assert torch.equal(trained(8), trained(4, 8))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["1.pt", "2.pt"]


def test_checkpoints_execute_nothing_and_survive_a_failed_write(tmp_path, monkeypatch) -> None:
    import pickle

    class Evil:
        def __reduce__(self):
            return (open, (str(tmp_path / "pwned"), "w"))

    (tmp_path / "evil.pt").write_bytes(pickle.dumps(Evil()))
    with pytest.raises(ValueError, match="expected a checkpoint"):
        checkpoints.load(tmp_path / "evil.pt")
    assert not (tmp_path / "pwned").exists()

    checkpoints.save({"a": torch.ones(2)}, tmp_path / "good.pt")

    def full_disk(*_: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(torch, "save", full_disk)
    with pytest.raises(OSError, match="no space"):
        checkpoints.save({"a": torch.zeros(2)}, tmp_path / "good.pt")
    assert torch.equal(checkpoints.load(tmp_path / "good.pt")["a"], torch.ones(2))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["evil.pt", "good.pt"]


def test_batches_cover_the_data_once_in_an_order_of_the_seed() -> None:
    x = torch.arange(10)
    first = Batches(x, x, 3, torch.Generator().manual_seed(0))
    again = Batches(x, x, 3, torch.Generator().manual_seed(0))
    passes = [torch.cat([inputs for inputs, _ in first]) for _ in range(2)]
    assert all(torch.equal(p.sort().values, x) for p in passes)
    assert not torch.equal(passes[0], passes[1])
    assert torch.equal(torch.cat([inputs for inputs, _ in again]), passes[0])
    assert len(first) == 4


@pytest.mark.parametrize(("name", "shape"), [("linear", (5,)), ("mlp", (5,)), ("cnn", (8, 8)), ("cnn", (3, 12, 12))])
def test_models_give_one_row_per_sample(name: str, shape: tuple[int, ...]) -> None:
    x = torch.zeros(7, *shape)
    assert model(name, shape, 1)(x).shape == (7,)
    assert model(name, shape, 4)(x).shape == (7, 4)


def test_wrong_settings_are_named() -> None:
    data, network = line()
    for message, settings in {
        "optimizer: expected one of": {"optimizer": "adamm"},
        "learning_rate": {"learning_rate": -1.0},
        "clip": {"clip": 0.0},
        "batch_size": {"batch_size": 0},
    }.items():
        with pytest.raises(ValueError, match=message):
            Run(network, losskit.MSE(), data, **settings)
    with pytest.raises(ValueError, match="patience"):
        Run(network, losskit.MSE(), data).fit(3, patience=1)
    with pytest.raises(ValueError, match="needs images"):
        model("cnn", (30,), 2)
