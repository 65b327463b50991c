"""Edits of models, losses and loops: exactly what changes, and what stays."""

import re

import numpy as np
import pytest

from losskit.doctor.finding import Finding
from losskit.doctor.probe.tensors import TensorSummary
from losskit.doctor.remedies import remedies
from losskit.recording.facts import LossCall, Modes, OptimizerFacts, Place, Site, Start
from losskit.recording.recording import Recording

TORCH = "import torch\nfrom torch import nn\nimport torch.nn.functional as F\n"
KERAS = "import keras\nfrom keras import layers\n"
CLASSES = np.repeat([0, 1], [900, 100])


def edits(
    source: str, code: str, framework: str = "torch", loss: str = "CrossEntropy", **evidence: object
) -> dict[str, str]:
    """id → new text; the finding is at the line with an arrow, the optimizer at the one with two."""
    lines = source.splitlines()
    at = [Place("train.py", number) for number, line in enumerate(lines, 1) if "# <-" in line]
    optimizers = [Place("train.py", number) for number, line in enumerate(lines, 1) if "# <<-" in line]
    summary = TensorSummary()
    summary.add(CLASSES)
    call = LossCall(loss, "f", framework, "logits", at[0] if at else None, target=summary.facts())
    facts = [OptimizerFacts("Adam", place, {"lr": 0.01}) for place in optimizers]
    start, sites = Start("train.py", framework=framework), [Site("epochs", place) for place in at]
    recording = Recording(start=start, loss_calls=[call], optimizers=facts, sites=sites)
    finding = Finding(code, "", "error", 0.9, "", at[0] if at else None, evidence)
    found = remedies(finding, recording, source, "train.py")
    for remedy in found:
        compile(remedy.source, "train.py", "exec")
    return {remedy.id: remedy.source for remedy in found}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("torch.log(p)", "torch.log(p.clamp(min=1e-7))"),
        ("torch.log(1 - p)", "torch.log((1 - p).clamp(min=1e-7))"),
        ("p.log()", "p.clamp(min=1e-7).log()"),
        ("torch.log(torch.softmax(x, dim=1))", "F.log_softmax(x, dim=1)"),
        ("torch.log(torch.sigmoid(x))", "F.logsigmoid(x)"),
        ("x.sigmoid().log()", "F.logsigmoid(x)"),
        ("torch.log(x.softmax(-1))", "F.log_softmax(x, -1)"),
    ],
)
def test_logarithms_that_cannot_meet_zero(old: str, new: str) -> None:
    found = edits(f"{TORCH}loss = -{old}.mean()  # <-\n", "LK201")
    assert found["stable-logarithm"] == f"{TORCH}loss = -{new}.mean()  # <-\n"


def test_logarithms_that_are_safe_already() -> None:
    source = f"{TORCH}import math\na = torch.log(p.clamp(min=1e-6))\nb = math.log(3)\nloss = a + b  # <-\n"
    assert "stable-logarithm" not in edits(source, "LK201")


LOOP = f"""{TORCH}
opt = torch.optim.Adam(net.parameters(), lr=0.01)  # <<-
for x in data:
    loss(x).backward()  # <-
    opt.step()
"""


def test_gradients_are_clipped_between_backward_and_step() -> None:
    clip = "    nn.utils.clip_grad_norm_(net.parameters(), max_norm=1.0)\n"
    found = edits(LOOP, "LK302")
    assert found["clip-gradient-norm"] == LOOP.replace("    opt.step()\n", clip + "    opt.step()\n")
    assert found["rate-0.001"] == LOOP.replace("0.01", "0.001")
    assert "clip-gradient-norm" not in edits(LOOP.replace("    opt.step()\n", clip + "    opt.step()\n"), "LK302")


@pytest.mark.parametrize("drawn", ["nn.init.normal_(m.weight, 0, 1)", "torch.nn.init.uniform_(m.weight)"])
def test_initial_weights_that_explode_are_drawn_anew(drawn: str) -> None:
    source = LOOP.replace("\nopt", f"\ndef start(m):\n    {drawn}\n    nn.init.normal_(m.bias)\nopt")
    found = edits(source, "LK302", last_output_over_first=1e4)
    assert next(iter(found)) == "he"
    assert found["he"] == source.replace(drawn, "nn.init.kaiming_normal_(m.weight)")
    assert "he" not in edits(source, "LK302")


def test_keras_clips_in_the_optimizer() -> None:
    source = KERAS + "m.compile('sgd', loss='mse')  # <<-\nm.fit(x, y)  # <-\n"
    found = edits(source, "LK302", "keras")["clip-gradient-norm"]
    assert found == source.replace("'sgd'", "keras.optimizers.SGD(clipnorm=1.0)")


DEEP = f"""{TORCH}
net = nn.Sequential(  # <-
    nn.Linear(9, 9), nn.Sigmoid(), nn.Linear(9, 9), nn.Tanh(), nn.Linear(9, 1), nn.Sigmoid(),
)
"""


def test_hidden_units_are_rectified_and_the_output_is_kept() -> None:
    rectified = DEEP.replace("nn.Sigmoid(), nn.Linear", "nn.ReLU(), nn.Linear").replace("nn.Tanh()", "nn.ReLU()")
    assert edits(DEEP, "LK301") == {"relu": rectified}
    trained = DEEP + "opt = torch.optim.Adam(net.parameters())\n"
    found = edits(trained, "LK301")
    assert list(found) == ["relu-he", "relu"]
    assert 'nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")\nopt' in found["relu-he"]


def test_keras_activations() -> None:
    source = KERAS + "m.add(layers.Dense(8, activation='sigmoid'))  # <-\nm.add(layers.Dense(8, 'tanh'))\n"
    assert edits(source, "LK301", "keras")["relu"] == re.sub("'(sigmoid|tanh)'", "'relu'", source)


def test_functions_in_forward() -> None:
    source = TORCH + "def forward(x):\n    x = torch.sigmoid(f(x))  # <-\n    return torch.sigmoid(g(x))\n"
    assert edits(source, "LK301")["relu"] == source.replace("torch.sigmoid(f(x))", "torch.relu(f(x))")


def test_units_that_cannot_die() -> None:
    source = TORCH + "net = nn.Sequential(nn.Linear(9, 9), nn.ReLU())  # <-\nnn.init.constant_(net[0].bias, -3.0)\n"
    found = edits(source, "LK303")
    assert found["zero-biases"] == source.replace("-3.0", "0.0")
    assert found["leaky-relu"] == source.replace("nn.ReLU()", "nn.LeakyReLU()")
    function = TORCH + "x = F.relu(x)  # <-\ny = torch.relu(x)\n"
    assert edits(function, "LK303")["leaky-relu"] == TORCH + "x = F.leaky_relu(x)  # <-\ny = F.leaky_relu(x)\n"


def test_epochs_until_the_smallest_validation_loss() -> None:
    source = TORCH + "EPOCHS = 100\nopt = torch.optim.Adam(p)  # <<-\nfor epoch in range(EPOCHS):  # <-\n    train()\n"
    found = edits(source, "LK501", best_pass=9, passes=50)
    assert found["fewer-epochs"] == source.replace("100", "20")
    assert found["weight-decay"] == source.replace("Adam(p)", "AdamW(p, weight_decay=0.01)")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("epochs=9)", "epochs=9, callbacks=[{}])"),
        ("epochs=9, callbacks=[log])", "epochs=9, callbacks=[{}, log])"),
        ("epochs=9, callbacks=logs)", "epochs=9, callbacks=[*logs, {}])"),
    ],
)
def test_keras_stops_early(old: str, new: str) -> None:
    stop = "keras.callbacks.EarlyStopping(patience=5, restore_best_weights=True)"
    source = KERAS + f"m.fit(x, y, {old}  # <-\n"
    assert edits(source, "LK501", "keras")["early-stopping"] == KERAS + f"m.fit(x, y, {new.format(stop)}  # <-\n"


@pytest.mark.parametrize(
    ("framework", "loss", "old", "new"),
    [
        ("torch", "CrossEntropy", "nn.CrossEntropyLoss()", "nn.CrossEntropyLoss(weight=torch.tensor([0.556, 5]))"),
        ("torch", "CrossEntropy", "F.cross_entropy(a, b)", "F.cross_entropy(a, b, weight=torch.tensor([0.556, 5]))"),
        ("torch", "BinaryCrossEntropy", "nn.BCEWithLogitsLoss()", "nn.BCEWithLogitsLoss(pos_weight=torch.tensor(9.0))"),
        ("keras", "BinaryCrossEntropy", "m.fit(x, y)", "m.fit(x, y, class_weight={0: 0.556, 1: 5})"),
    ],
)
def test_classes_are_weighted(framework: str, loss: str, old: str, new: str) -> None:
    start = TORCH if framework == "torch" else KERAS
    assert edits(f"{start}l = {old}  # <-\n", "LK503", framework, loss) == {"class-weight": f"{start}l = {new}  # <-\n"}


@pytest.mark.parametrize(("signature", "code"), [("x, training=None", ", training=training"), ("x", "")])
def test_a_normalisation_follows_the_mode_that_the_model_is_called_in(signature: str, code: str) -> None:
    source = f"class M:\n    def call(self, {signature}):\n        return self.norm(x, training=True)\n"
    place = Place("train.py", 3)
    recording = Recording(
        start=Start("train.py", framework="keras"),
        modes=Modes(layers=("BatchNormalization",), evaluated=1, evaluated_in_training=1, evaluated_at=place),
    )
    (found,) = remedies(Finding("LK509", "", "warning", 0.9, "", place), recording, source, "train.py")
    assert found.source == source.replace(", training=True", code)


def test_a_softmax_inside_the_model_runs_along_an_axis_with_entries() -> None:
    source = "import keras\n\n\ndef pool(scores):\n    return keras.ops.softmax(scores, axis=-1)\n"
    finding = Finding("LK103", "", "error", 0.9, "", Place("train.py", 5), {"shape": [0, 20, 1]})
    (found,) = remedies(finding, Recording(), source, "train.py")
    assert found.source == source.replace("axis=-1", "axis=1")


def test_the_name_of_an_activation_among_the_settings() -> None:
    source = TORCH + "ACT = {'relu': nn.ReLU, 'tanh': nn.Tanh}\nCFG = {'act': 'tanh', 'out_act': 'tanh'}  # <-\n"
    assert edits(source, "LK304")["relu"] == source.replace("'act': 'tanh'", "'act': 'relu'")
    source = TORCH + "def net(activation=nn.Sigmoid):  # <-\n    return activation()\n"
    assert edits(source, "LK304")["relu"] == source.replace("nn.Sigmoid", "nn.ReLU")
