"""Edits of training loops and models: zeroed gradients, parameters left out, modes, first weights."""

from __future__ import annotations

import pytest

from losskit.doctor.finding import Finding
from losskit.doctor.remedies import remedies
from losskit.recording.facts import Modes, OptimizerFacts, Place, Site, Start
from losskit.recording.recording import Recording

TORCH = "import torch\nfrom torch import nn\nimport torch.nn.functional as F\n"
KERAS = "import keras\n"


def edits(source: str, code: str, framework: str = "torch", modes: Modes | None = None) -> dict[str, str]:
    """id → new text; the finding is at the line with an arrow, models are made at lines that call Net."""
    lines = source.splitlines()
    at = next(number for number, line in enumerate(lines, 1) if "# <-" in line)
    recording = Recording(start=Start("train.py", framework=framework), modes=modes)
    for number, line in enumerate(lines, 1):
        if "= Net(" in line:
            recording.sites.append(Site("model", Place("train.py", number)))
        if "torch.optim." in line:
            recording.optimizers.append(OptimizerFacts("SGD", Place("train.py", number)))
    found = remedies(Finding(code, "", "error", 0.9, "", Place("train.py", at)), recording, source, "train.py")
    for remedy in found:
        compile(remedy.source, "train.py", "exec")
    return {remedy.id: remedy.source for remedy in found}


def first(source: str, code: str, framework: str = "torch", modes: Modes | None = None) -> str:
    return next(iter(edits(source, code, framework, modes).values()))


LOOP = f"""{TORCH}
net = Net()
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for x, y in data:
    loss = F.mse_loss(net(x), y)
    loss.backward()  # <-
    opt.step()
"""


def test_zero_grad_before_backward() -> None:
    assert first(LOOP, "LK307") == LOOP.replace("    loss.backward()", "    opt.zero_grad()\n    loss.backward()")
    scaled = LOOP.replace("loss.backward()", "scaler.scale(loss).backward()").replace("opt.step()", "scaler.step(opt)")
    assert "    opt.zero_grad()\n    scaler.scale" in first(scaled, "LK307")


def test_zero_grad_is_moved() -> None:
    wrong = LOOP.replace("()  # <-\n", "()\n    opt.zero_grad()  # <-\n")
    assert first(wrong, "LK307") == LOOP.replace("  # <-", "").replace(
        "    loss.backward()", "    opt.zero_grad()\n    loss.backward()"
    )


def test_updates_by_hand() -> None:
    source = f"{TORCH}loss.backward()  # <-\nwith torch.no_grad():\n    w -= 0.1 * w.grad\n    b -= 0.1 * b.grad\n"
    found = first(source, "LK307")
    assert found == source.replace("* w.grad\n", "* w.grad\n    w.grad = None\n") + "    b.grad = None\n"


def test_a_training_step_of_keras_on_torch() -> None:
    source = f"{KERAS}class M(keras.Model):\n    def train_step(self, data):\n        loss.backward()  # <-\n"
    assert "        self.zero_grad()\n        loss.backward()" in first(source, "LK307", "keras")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("[nn.Linear(3, 3), nn.Linear(3, 3)]", "nn.ModuleList([nn.Linear(3, 3), nn.Linear(3, 3)])"),
        ("{'a': nn.Linear(3, 3)}", "nn.ModuleDict({'a': nn.Linear(3, 3)})"),
    ],
)
def test_layers_are_registered(old: str, new: str) -> None:
    source = f"{TORCH}class Net(nn.Module):\n    def __init__(self):\n        self.parts = {old}  # <-\n"
    assert first(source, "LK305") == source.replace(old, new)


def test_layers_in_a_list_that_a_variable_holds() -> None:
    source = f"{TORCH}class Net(nn.Module):\n    def __init__(self):\n        parts = []\n"
    source += "        for _ in range(3):\n            parts.append(nn.Linear(3, 3))  # <-\n"
    source += "        self.parts = parts\n"
    assert first(source, "LK305") == source.replace("self.parts = parts", "self.parts = nn.ModuleList(parts)")


def test_layers_appended_to_a_list() -> None:
    source = f"{TORCH}class Net(nn.Module):\n    def __init__(self):\n        self.parts = []\n"
    source += "        for _ in range(3):\n            self.parts.append(nn.Linear(3, 3))  # <-\n"
    assert first(source, "LK305") == source.replace("= []", "= nn.ModuleList([])")


@pytest.mark.parametrize(
    ("made", "given", "whole"),
    [
        ("net = Net()", "net.fc.parameters()", "net.parameters()"),
        ("net = Net()\nother = Net()", "net.parameters()", "[*net.parameters(), *other.parameters()]"),
        ("net = Net()", "filter(wanted, net.head.parameters())", "net.parameters()"),
    ],
)
def test_the_optimizer_gets_all_parameters(made: str, given: str, whole: str) -> None:
    source = f"{TORCH}{made}\nopt = torch.optim.SGD({given}, lr=0.1)  # <-\n"
    assert edits(source, "LK305")["all-parameters"] == source.replace(given, whole)


def test_the_optimizer_is_made_after_the_model_is_complete() -> None:
    opt = "opt = torch.optim.SGD(net.parameters(), lr=0.1)"
    source = f"{TORCH}net = Net()\n{opt}  # <-\nnet.fc = nn.Linear(3, 3)\n"
    assert first(source, "LK305").endswith(f"net = Net()\nnet.fc = nn.Linear(3, 3)\n{opt}  # <-\n")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("h = self.a(x).detach()  # <-", "h = self.a(x)  # <-"),
        ("h = self.a(x).data  # <-", "h = self.a(x)  # <-"),
        ("h = torch.from_numpy(self.a(x).detach().numpy())  # <-", "h = self.a(x)  # <-"),
        ("h = torch.from_numpy(np.tanh(x.detach().numpy()))  # <-", "h = torch.tanh(x)  # <-"),
        ("with torch.no_grad():  # <-\n    h = self.a(x)", "with torch.enable_grad():  # <-\n    h = self.a(x)"),
    ],
)
def test_gradients_pass(old: str, new: str) -> None:
    source = f"{TORCH}import numpy as np\n"
    assert first(f"{source}{old}\n", "LK305") == f"{source}{new}\n"


def test_a_loss_that_was_made_anew() -> None:
    source = f"{TORCH}loss = f(x)\nloss = torch.tensor(loss.item(), requires_grad=True)\nloss.backward()  # <-\n"
    assert first(source, "LK305") == f"{TORCH}loss = f(x)\nloss.backward()  # <-\n"


def test_frozen_layers_are_trained() -> None:
    source = f"{TORCH}for p in net.parameters():\n    p.requires_grad = False  # <-\n"
    assert first(source, "LK305") == source.replace("False", "True")
    layer = f"{KERAS}layer = keras.layers.Dense(3, trainable=False)  # <-\n"
    assert first(layer, "LK305", "keras") == layer.replace("False", "True")


def test_layers_that_a_variable_freezes_are_trained() -> None:
    source = f"{KERAS}for layer in base.layers:\n    layer.trainable = thawed  # <-\n"
    assert first(source, "LK305", "keras") == source.replace("thawed", "True")


def test_new_layers_are_handed_to_the_optimizer_of_an_object() -> None:
    trainer = (
        "class Trainer:\n    def __init__(self, model):\n        self.opt = torch.optim.SGD(model.parameters(), 0.1)\n"
    )
    source = f"{TORCH}{trainer}trainer = Trainer(net)\nnet.fc = nn.Linear(3, 3)  # <-\n"
    added = 'trainer.opt.add_param_group({"params": net.fc.parameters()})\n'
    assert edits(source, "LK305")["add-group"] == source + added


def test_a_step_after_backward() -> None:
    source = LOOP.replace("    opt.step()\n", "")
    assert first(source, "LK305") == LOOP


EVALUATED = f"""{TORCH}
net = Net()
for epoch in range(9):
    for x, y in data:
        step(net(x), y)
    with torch.no_grad():
        print(accuracy(net(held_out)))  # <-
"""


def test_modes_are_set() -> None:
    modes = Modes(("Dropout",), trained_at=Place("train.py", 6), evaluated_at=Place("train.py", 10))
    found = first(EVALUATED, "LK509", modes=modes)
    assert "    net.eval()\n    with torch.no_grad()" in found
    assert "    net.train()\n    for x, y in data:" in found


def test_training_mode_in_each_epoch() -> None:
    source = EVALUATED.replace("  # <-", "").replace("range(9):", "range(9):  # <-")
    source = source.replace("    with", "    net.eval()\n    with")
    found = first(source, "LK509", modes=Modes(("Dropout",), trained_at=Place("train.py", 6)))
    assert found == source.replace("    for x, y", "    net.train()\n    for x, y")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("F.dropout(x, 0.5)", "F.dropout(x, 0.5, training=self.training)"),
        ("nn.Dropout(0.5)(x)", "F.dropout(x, 0.5, training=self.training)"),
    ],
)
def test_dropout_follows_the_mode(old: str, new: str) -> None:
    source = f"{TORCH}def forward(self, x):\n    return {old}  # <-\n"
    modes = Modes(functional=Place("train.py", 5))
    assert first(source, "LK509", modes=modes) == source.replace(old, new)


@pytest.mark.parametrize(("old", "new"), [("self(x)", "self(x, training=True)"), ("self(x, training=False)",) * 2])
def test_keras_is_called_to_train(old: str, new: str) -> None:
    source = f"{KERAS}def train_step(self, data):\n    y_pred = {old}  # <-\n"
    new = new.replace("False", "True")
    assert first(source, "LK509", "keras", Modes(("Dropout",))) == source.replace(old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("nn.init.normal_(m.weight, 0, 1)", "nn.init.kaiming_normal_(m.weight)"),
        ("nn.init.constant_(m.weight, 0.5)", "nn.init.kaiming_normal_(m.weight)"),
        ("m.weight.data.fill_(0.1)", "nn.init.kaiming_normal_(m.weight.data)"),
        ("p.data.zero_()", "nn.init.kaiming_normal_(p.data) if p.data.dim() > 1 else nn.init.zeros_(p.data)"),
        ("w = nn.Parameter(torch.randn(9, 4))", "w = nn.Parameter(torch.randn(9, 4) / (9) ** 0.5)"),
    ],
)
def test_first_weights(old: str, new: str) -> None:
    assert first(f"{TORCH}{old}  # <-\n", "LK306") == f"{TORCH}{new}  # <-\n"


def test_kernels_of_keras() -> None:
    source = f"{KERAS}a = keras.layers.Dense(3, kernel_initializer='zeros')  # <-\n"
    assert first(source, "LK306", "keras") == source.replace("'zeros'", '"he_normal"')


def test_units_without_flat_ends() -> None:
    source = f"{TORCH}def forward(self, x):\n    x = torch.tanh(self.a(x))  # <-\n    return self.b(x)\n"
    found = edits(source, "LK304")
    assert found["relu"] == source.replace("tanh", "relu")
    assert "torch.tanh(F.layer_norm(self.a(x), (self.a(x)).shape[-1:]))" in found["layer-norm"]
