"""What is recorded of PyTorch scripts in the styles that people write."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from losskit.recording.facts import Activation
from tests.doctor.probe.running import Outcome, plain, probed

pytest.importorskip("torch")

CLASSIFIER = """
    import sys
    import torch
    from torch import nn
    from torch.utils.data import DataLoader, TensorDataset

    class Net(nn.Module):
        def __init__(self, classes):
            super().__init__()
            self.first = nn.Linear(8, 16)
            self.act = nn.ReLU()
            self.last = nn.Linear(16, classes)
            self.softmax = nn.Softmax(dim=1)

        def forward(self, x):
            return self.softmax(self.last(self.act(self.first(x))))

    def main(epochs):
        torch.manual_seed(0)
        X = torch.randn(200, 8)
        y = X[:, :3].argmax(1)
        train = DataLoader(TensorDataset(X[:160], y[:160]), batch_size=32, shuffle=True, num_workers=WORKERS)
        test = DataLoader(TensorDataset(X[160:], y[160:]), batch_size=20)
        model = Net(3)
        criterion = nn.CrossEntropyLoss()
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
        schedule = torch.optim.lr_scheduler.StepLR(optimizer, 1, 0.5)
        for epoch in range(epochs):
            model.train()
            for xb, yb in train:
                optimizer.zero_grad()
                loss = criterion(model(xb), yb)
                loss.backward()
                nn.utils.clip_grad_norm_(model.parameters(), 1.0)
                optimizer.step()
            schedule.step()
            model.eval()
            right = total = 0.0
            with torch.no_grad():
                for xb, yb in test:
                    out = model(xb)
                    total += criterion(out, yb).item() / len(test)
                    right += (out.argmax(dim=1) == yb).sum().item()
            print(epoch, right / 40, total)
        print([p.detach().numpy().tobytes().hex()[:64] for p in model.parameters()], torch.rand(1).item())

    if __name__ == "__main__":
        main(int(sys.argv[1]))
"""


@pytest.fixture(scope="module")
def classifier(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    return probed(tmp_path_factory.mktemp("classifier"), CLASSIFIER.replace("WORKERS", "0"), "4")


def test_the_script_computes_the_same_to_the_last_bit(tmp_path: Path, classifier: Outcome) -> None:
    expected = plain(tmp_path, CLASSIFIER.replace("WORKERS", "0"), "4")
    assert classifier.stdout == expected.stdout
    assert (classifier.status, classifier.stderr) == (0, expected.stderr)


def test_loss_calls(classifier: Outcome) -> None:
    calls = {call.phase: call for call in classifier.recording.loss_calls}
    assert set(calls) == {"train", "evaluation"}
    call = calls["train"]
    assert (call.loss, call.function, call.written_by, call.expects) == (
        "CrossEntropy", "CrossEntropyLoss", "torch", "logits",
    )  # fmt: skip
    assert call.place is not None
    assert call.place.line == classifier.line("loss = criterion(")
    assert call.created is not None
    assert call.created.line == classifier.line("nn.CrossEntropyLoss()")
    (softmax,) = call.activations
    assert (softmax.name, softmax.axis, softmax.layer) == ("softmax", 1, "softmax")
    assert softmax.place is not None
    assert softmax.place.line == classifier.line("return self.softmax")
    assert call.prediction is not None
    assert call.target is not None
    assert (call.prediction.shape, call.target.dtype) == ((32, 3), "int64")
    assert call.prediction.row_sum_minimum == pytest.approx(1, abs=1e-5)
    assert call.arguments["reduction"] == "mean"
    assert not call.broadcast
    assert not call.negated
    assert calls["evaluation"].place is not None
    assert calls["evaluation"].place.line == classifier.line("total += criterion")


def test_layers(classifier: Outcome) -> None:
    layers = classifier.recording.layers
    assert [(one.name, one.kind, one.depth) for one in layers] == [
        ("first", "Linear", 0), ("act", "ReLU", 1), ("last", "Linear", 2), ("softmax", "Softmax", 3),
    ]  # fmt: skip
    first, act, _, softmax = layers
    assert first.place is not None
    assert first.place.line == classifier.line("self.first = ")
    assert (first.parameters, first.trainable, first.fan_in, first.output_shape) == (144, 144, 8, (32, 16))
    assert first.settings == {"in_features": 8, "out_features": 16, "bias": True}
    assert first.weight_std == pytest.approx(1 / math.sqrt(3 * 8), rel=0.2)  # torch's uniform(−1/√8, 1/√8)
    assert (act.activation, softmax.settings) == ("relu", {"dim": 1})


def test_sites(classifier: Outcome) -> None:
    sites = classifier.recording.sites
    for kind, text in {
        "model": "model = Net(3)",
        "loss": "nn.CrossEntropyLoss()",
        "optimizer": "torch.optim.Adam",
        "loader": "train = DataLoader",
        "forward": "loss = criterion(model(xb)",
        "backward": "loss.backward()",
        "step": "optimizer.step()",
        "zero_grad": "optimizer.zero_grad()",
        "clip": "clip_grad_norm_",
        "eval": "model.eval()",
        "scheduler": "StepLR",
    }.items():
        lines = [site.place.line for site in sites if site.kind == kind]
        assert classifier.line(text) in lines, kind


def test_optimizer_progress_and_inputs(classifier: Outcome) -> None:
    recording = classifier.recording
    (optimizer,) = recording.optimizers
    assert (optimizer.kind, optimizer.steps, optimizer.scheduler, optimizer.missing) == ("Adam", 20, "StepLR", ())
    assert (optimizer.settings["lr"], optimizer.parameters) == (0.01, 144 + 51)
    progress = recording.progress
    assert (progress.steps, progress.epochs, progress.batch_size) == (20, 4, 32)
    assert (progress.training_samples, progress.validation_samples) == (160, 40)
    assert recording.inputs is not None
    assert recording.inputs.shape == (32, 8)
    assert recording.start is not None
    assert recording.start.framework == "torch"
    assert recording.end is not None
    assert 0 < recording.end.probe_seconds < recording.end.seconds


def test_signals(classifier: Outcome) -> None:
    signals = classifier.recording.signals
    assert signals["loss"].steps == list(range(20))
    assert signals["rate"].values == [0.01, 0.005, 0.0025, 0.00125]
    for name in (
        "gradient_norm", "gradient_norm/first", "gradient_mean_absolute/last", "weight_norm/first",
        "update_ratio/last", "dead_fraction/act", "output_std/first", "prediction/mean", "prediction/std", "metric",
    ):  # fmt: skip
        assert signals[name].steps[:10] == list(range(10)), name
    assert max(signals["gradient_norm"].values) <= 1.0001  # as the optimizer received it: clipped
    assert signals["prediction/mean"].values == pytest.approx([1 / 3] * len(signals["prediction/mean"]), abs=1e-6)
    assert set(signals["prediction/constant"].values) == {0.0}


def test_validation_is_the_scripts_own(classifier: Outcome) -> None:
    printed = [line.split() for line in classifier.stdout.splitlines()[:4]]
    recording = classifier.recording
    metric = recording.metric
    assert metric is not None
    assert (metric.name, metric.source, metric.count) == ("accuracy", "validation", 40)
    assert metric.value == pytest.approx(float(printed[-1][1]))
    assert metric.best == pytest.approx(max(float(line[1]) for line in printed))
    assert recording.signal("validation/metric").values == pytest.approx([float(line[1]) for line in printed])
    assert recording.signal("validation/loss").values == pytest.approx([float(line[2]) for line in printed], abs=1e-6)
    assert recording.signal("validation/metric").steps == [5, 10, 15, 20]


def test_workers_of_a_loader_are_not_watched(tmp_path: Path) -> None:
    outcome = probed(tmp_path, CLASSIFIER.replace("WORKERS", "2"), "1")
    assert outcome.status == 0
    assert outcome.recording.progress.steps == 5
    assert outcome.recording.signal("loss").steps == list(range(5))
    assert [event for event in outcome.recording.events if event.kind != "warning"] == []


STYLES = """
    import sys
    import torch
    import torch.nn as nn
    import torch.nn.functional as F
    from torch.nn.functional import mse_loss
    torch.manual_seed(1)
    X = torch.randn(48, 4)
    t = X.sum(1) + 3
    y = (X[:, 0] > 0).long()

    def fit(model, value, steps=12, lr=0.1):
        optimizer = torch.optim.SGD(model.parameters(), lr=lr)
        for _ in range(steps):
            optimizer.zero_grad()
            loss = value(model)
            loss.backward()
            optimizer.step()
        return loss

    style = sys.argv[1]
    if style == "sequential":
        model = nn.Sequential(
            nn.Linear(4, 8),
            nn.Tanh(),
            nn.Linear(8, 2),
            nn.LogSoftmax(dim=1),
        )
        loss_function = nn.NLLLoss()
        fit(model, lambda m: loss_function(m(X), y))
    elif style == "functional":
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.layers = nn.ModuleList([nn.Linear(4, 8), nn.Linear(8, 1)])
            def forward(self, x):
                x = F.relu(self.layers[0](x))
                return torch.sigmoid(self.layers[1](x)).squeeze(-1)
        fit(Net(), lambda m: F.binary_cross_entropy(m(X), y.float()))
    elif style == "broadcast":
        fit(nn.Linear(4, 1), lambda m: mse_loss(m(X), t), lr=0.01)
    elif style == "by hand":
        w = torch.zeros(4, requires_grad=True)
        b = torch.zeros(1, requires_grad=True)
        for i in range(12):
            loss = ((X @ w + b - t) ** 2).mean()
            loss.backward()
            with torch.no_grad():
                for p in (w, b):
                    p -= 0.1 * p.grad
                    p.grad = None
    elif style == "two optimizers":
        G, D = nn.Linear(2, 4), nn.Linear(4, 1)
        og = torch.optim.SGD(G.parameters(), 0.01)
        od = torch.optim.SGD(D.parameters(), 0.01)
        one, zero = torch.ones(48, 1), torch.zeros(48, 1)
        for _ in range(6):
            fake = G(torch.randn(48, 2))
            od.zero_grad()
            real, made = D(X), D(fake.detach())
            d = F.binary_cross_entropy_with_logits(real, one) + F.binary_cross_entropy_with_logits(made, zero)
            d.backward()
            od.step()
            og.zero_grad()
            F.binary_cross_entropy_with_logits(D(fake), one).backward()
            og.step()
    elif style == "minus":
        fit(nn.Linear(4, 2), lambda m: -F.cross_entropy(m(X), y))
    elif style == "frozen":
        model = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 1))
        optimizer = torch.optim.SGD(model[1].parameters(), lr=0.01)
        for _ in range(3):
            nn.MSELoss()(model(X)[:, 0], t).backward()
            optimizer.step()
    elif style == "closure":
        model = nn.Linear(4, 1)
        optimizer = torch.optim.LBFGS(model.parameters(), max_iter=3)
        def closure():
            optimizer.zero_grad()
            loss = ((model(X).squeeze() - t) ** 2).mean()
            loss.backward()
            return loss
        for _ in range(4):
            optimizer.step(closure)
    elif style == "diverges":
        fit(nn.Linear(4, 1), lambda m: ((m(X * 1e3).squeeze() - t) ** 2).mean(), steps=14, lr=1e3)
    elif style == "stops":
        fit(nn.Linear(4, 1), lambda m: F.binary_cross_entropy(m(X).sigmoid(), y.float()))
    elif style == "compile":
        model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1))
        compiled = torch.compile(model, backend="eager")
        fit(model, lambda m: F.mse_loss(compiled(X)[:, 0], t), lr=0.01)
    elif style == "double":
        fit(nn.Linear(4, 1), lambda m: F.binary_cross_entropy_with_logits(torch.sigmoid(m(X))[:, 0], y.float()))
    elif style == "autocast":
        def value(m):
            with torch.autocast("cpu", dtype=torch.bfloat16):
                return F.cross_entropy(F.softmax(m(X), dim=1), y)
        fit(nn.Linear(4, 2), value)
    elif style == "scaled":
        class Mine(nn.Module):
            def forward(self, p, t):
                return ((p - t) ** 2).mean()
        model, criterion, scaler = nn.LazyLinear(1), Mine(), torch.amp.GradScaler("cpu")
        model(X)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
        for _ in range(4):
            optimizer.zero_grad()
            loss = criterion(model(X)[:, 0], t)
            print(loss.item())
            scaler.scale(loss).backward()
            scaler.step(optimizer)
            scaler.update()
    elif style == "slices":
        model = nn.Linear(4, 1)
        optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
        for epoch in range(3):
            for i in range(0, 36, 12):
                optimizer.zero_grad()
                nn.BCEWithLogitsLoss()(model(X[i:i + 12])[:, 0], y[i:i + 12].float()).backward()
                optimizer.step()
            with torch.no_grad():
                seen = ((model(X[:36])[:, 0] > 0).long() == y[:36]).float().mean()
                held_out = ((model(X[36:])[:, 0] > 0).long() == y[36:]).float().mean()
        print(held_out.item())
    elif style == "none":
        print(nn.Linear(4, 1)(X).shape)
"""


def styled(tmp_path: Path, style: str) -> Outcome:
    outcome = probed(tmp_path, STYLES, style)
    assert [event.message for event in outcome.recording.events if event.kind == "blind"] == [] or style == "compile"
    return outcome


def names(activations: tuple[Activation, ...]) -> list[str]:
    return [one.name for one in activations]


def test_sequential_points_at_the_construction_of_the_activation(tmp_path: Path) -> None:
    outcome = styled(tmp_path, "sequential")
    (call,) = outcome.recording.loss_calls
    assert (call.loss, call.expects, call.function) == ("NegativeLogLikelihood", "log_probabilities", "NLLLoss")
    (activation,) = call.activations
    assert (activation.name, activation.layer) == ("log_softmax", "3")
    assert activation.place is not None
    assert activation.place.line == outcome.line("nn.LogSoftmax")
    assert "saturated_fraction/1" in outcome.recording.signals
    metric = outcome.recording.metric
    assert metric is not None
    assert (metric.name, metric.source) == ("accuracy", "training")
    assert metric.value is not None
    assert metric.value > 0.6


def test_functions_in_a_forward(tmp_path: Path) -> None:
    outcome = styled(tmp_path, "functional")
    (call,) = outcome.recording.loss_calls
    assert (call.loss, call.expects, call.function) == ("BinaryCrossEntropy", "probabilities", "binary_cross_entropy")
    assert [(one.name, one.layer) for one in call.activations] == [("sigmoid", None)]
    assert call.activations[0].place is not None
    assert call.activations[0].place.line == outcome.line("return torch.sigmoid")
    assert [layer.name for layer in outcome.recording.layers] == ["layers.0", "layers.1"]
    assert "dead_fraction/layers.0" in outcome.recording.signals
    assert "saturated_fraction/layers.1" in outcome.recording.signals


def test_a_function_imported_by_name_that_broadcasts(tmp_path: Path) -> None:
    outcome = styled(tmp_path, "broadcast")
    (call,) = outcome.recording.loss_calls
    assert (call.loss, call.broadcast) == ("SquaredError", True)
    assert any(event.kind == "warning" and "target size" in event.message for event in outcome.recording.events)
    metric = outcome.recording.metric
    assert metric is not None
    assert metric.name == "r2"


def test_no_module_and_no_optimizer(tmp_path: Path) -> None:
    outcome = styled(tmp_path, "by hand")
    progress = outcome.recording.progress
    assert (progress.steps, progress.epochs, progress.training_samples) == (12, 12, 48)
    assert outcome.recording.signal("loss").steps == list(range(12))
    (call,) = outcome.recording.loss_calls
    assert (call.loss, call.written_by) == ("SquaredError", "user")
    assert call.place is not None
    assert call.place.line == outcome.line("loss = ((X @ w")
    metric = outcome.recording.metric
    assert metric is not None
    assert metric.name == "r2"
    assert metric.value is not None
    assert metric.value > 0


def test_two_optimizers_count_a_step_each_and_keep_their_losses_apart(tmp_path: Path) -> None:
    recording = styled(tmp_path, "two optimizers").recording
    assert recording.progress.steps == 12
    assert recording.signal("loss").steps == [0, 2, 4, 6, 8, 10]
    assert [one.steps for one in recording.optimizers] == [6, 6]
    assert recording.metric is None or recording.metric.source == "training"


def test_the_wrong_sign(tmp_path: Path) -> None:
    (call,) = styled(tmp_path, "minus").recording.loss_calls
    assert (call.loss, call.negated) == ("CrossEntropy", True)


def test_parameters_without_an_optimizer(tmp_path: Path) -> None:
    (optimizer,) = styled(tmp_path, "frozen").recording.optimizers
    assert optimizer.missing == ("0.weight", "0.bias")


def test_a_closure_counts_one_loss_per_step(tmp_path: Path) -> None:
    recording = styled(tmp_path, "closure").recording
    assert recording.progress.steps == 4
    assert recording.signal("loss").steps == [0, 1, 2, 3]
    assert recording.loss_calls[0].loss == "SquaredError"


def test_the_first_number_that_is_not_finite(tmp_path: Path) -> None:
    outcome = styled(tmp_path, "diverges")
    events = [event for event in outcome.recording.events if event.kind == "non-finite"]
    assert {event.data["tensor"] for event in events} >= {"loss"}
    assert not math.isfinite(outcome.recording.signal("loss").values[-1])


def test_a_loss_that_refuses_its_arguments_is_still_recorded(tmp_path: Path) -> None:
    outcome = styled(tmp_path, "stops")
    assert outcome.status == 1
    (call,) = outcome.recording.loss_calls
    assert call.prediction is not None
    assert call.target is not None
    assert (call.prediction.shape, call.target.shape) == ((48, 1), (48,))
    assert any(event.kind == "exception" for event in outcome.recording.events)
    assert "losskit" not in outcome.stderr


@pytest.mark.slow
def test_compiled_models_are_seen_from_outside(tmp_path: Path) -> None:
    outcome = styled(tmp_path, "compile")
    assert outcome.status == 0, outcome.stderr
    assert any(event.kind == "blind" for event in outcome.recording.events)
    assert outcome.recording.loss_calls[0].loss == "SquaredError"


@pytest.mark.parametrize(("style", "expected"), [("double", "sigmoid"), ("autocast", "softmax")])
def test_activation_before_a_loss_for_logits(tmp_path: Path, style: str, expected: str) -> None:
    outcome = styled(tmp_path, style)
    (call,) = outcome.recording.loss_calls
    assert call.expects == "logits"
    assert names(call.activations) == [expected]
    metric = outcome.recording.metric
    assert metric is not None
    assert metric.name == "accuracy"


def test_a_scaled_loss_is_recorded_as_it_was(tmp_path: Path) -> None:
    outcome = styled(tmp_path, "scaled")
    printed = [float(line) for line in outcome.stdout.split()]
    assert outcome.recording.signal("loss").values == pytest.approx(printed, rel=1e-6)
    (call,) = outcome.recording.loss_calls
    assert (call.loss, call.negated) == ("SquaredError", False)
    assert [layer.fan_in for layer in outcome.recording.layers] == [4]


def test_accuracy_on_the_training_data_is_not_validation(tmp_path: Path) -> None:
    outcome = styled(tmp_path, "slices")
    metric = outcome.recording.metric
    assert metric is not None
    assert (metric.source, metric.count) == ("validation", 12)
    assert metric.value == pytest.approx(float(outcome.stdout))
    assert outcome.recording.progress.epochs == 3


def test_a_script_that_trains_nothing(tmp_path: Path) -> None:
    outcome = styled(tmp_path, "none")
    assert outcome.stdout == "torch.Size([48, 1])\n"
    assert outcome.recording.progress.steps == 0
    assert outcome.recording.end is not None
    assert outcome.recording.metric is None


def test_seeds_are_shifted_for_torch(tmp_path: Path) -> None:
    source = "import torch\na = torch.rand(1).item()\ntorch.manual_seed(4)\nprint(a, torch.rand(1).item())\n"
    zero, one = (probed(tmp_path, source, options=("--seed-offset", k)).stdout.split() for k in "01")
    script = plain(tmp_path, source).stdout.split()
    shifted = plain(tmp_path, source.replace("4", "5")).stdout.split()
    assert zero[0] != one[0]
    assert (zero[1], one[1]) == (script[1], shifted[1])
