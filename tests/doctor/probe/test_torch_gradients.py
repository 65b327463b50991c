"""What a recording says of first weights, gradients that are left, cuts and modes of a torch model."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.doctor.probe.running import probed

pytest.importorskip("torch")

SCRIPT = """
    import sys
    import torch
    from torch import nn
    torch.manual_seed(0)
    X = torch.randn(96, 6)
    y = (X.sum(1) > 0).long()
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.first = nn.Linear(6, 8)
            self.second = nn.Linear(8, 8)
            self.plain = [nn.Linear(8, 8)]
            self.drop = nn.Dropout(0.5)
            self.last = nn.Linear(8, 2)
            nn.init.normal_(self.second.weight, std=0.1)  # second's
        def forward(self, x):
            x = torch.relu(self.first(x))
            if "cut" in sys.argv:
                x = x.detach()  # the cut
            x = torch.relu(self.plain[0](self.second(x)))
            if "functional" in sys.argv:
                x = nn.functional.dropout(x, 0.5)  # always on
            return self.last(self.drop(x))
    net = Net()
    net.last.weight.data.fill_(0.5)  # last's
    if "loaded" in sys.argv:
        net.load_state_dict({name: value.clone() for name, value in net.state_dict().items()})
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for epoch in range(4):
        if "train" in sys.argv:
            net.train()
        for rows in torch.randperm(96).split(16):
            loss = nn.functional.cross_entropy(net(X[rows]), y[rows])
            if "zero" in sys.argv:
                optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        if "eval" in sys.argv:
            net.eval()
        with torch.no_grad():  # evaluation
            print((net(X).argmax(1) == y).float().mean().item())
            if "sampled" in sys.argv:
                net(X)
"""


def test_a_script_with_everything_wrong(tmp_path: Path) -> None:
    outcome = probed(tmp_path, SCRIPT, "cut")
    recording = outcome.recording
    assert not [event for event in recording.events if event.kind == "blind"]
    found = {layer.name: layer for layer in recording.layers}
    first, second, plain, last = (found[name] for name in ("first", "second", "Linear2", "last"))
    assert first.cut is not None
    assert first.cut.line == outcome.line("# the cut")
    assert (first.reached, first.moved, first.random, first.initialised) == (False, False, True, None)
    assert (second.reached, second.moved, second.random, second.cut) == (True, True, True, None)
    assert second.initialised is not None
    assert second.initialised.line == outcome.line("# second's")
    assert (plain.registered, plain.reached, plain.moved) == (False, True, False)
    assert last.initialised is not None
    assert last.initialised.line == outcome.line("# last's")
    (optimizer,) = recording.optimizers
    assert (optimizer.fresh_steps, optimizer.stale_steps) == (1, 9)
    assert set(optimizer.missing) == {"Linear2.weight", "Linear2.bias"}
    modes = recording.modes
    assert modes is not None
    assert (modes.layers, modes.evaluated, modes.evaluated_in_training) == (("Dropout",), 4, 4)
    assert modes.evaluated_at is not None
    assert modes.evaluated_at.line == outcome.line("# evaluation")


def test_a_script_with_nothing_wrong(tmp_path: Path) -> None:
    recording = probed(tmp_path, SCRIPT, "zero", "train", "eval", "loaded").recording
    first = next(layer for layer in recording.layers if layer.name == "first")
    assert (first.cut, first.reached, first.moved, first.random) == (None, True, True, False)
    assert (recording.optimizers[0].fresh_steps, recording.optimizers[0].stale_steps) == (10, 0)
    modes = recording.modes
    assert modes is not None
    assert (modes.trained_in_evaluation, modes.evaluated_in_training) == (0, 0)
    assert modes.functional is None


def test_modes_that_are_left(tmp_path: Path) -> None:
    outcome = probed(tmp_path, SCRIPT, "zero", "eval", "functional")
    modes = outcome.recording.modes
    assert modes is not None
    assert (modes.trained, modes.trained_in_evaluation, modes.first_in_evaluation) == (4, 3, False)
    assert modes.trained_at is not None
    assert modes.trained_at.line == outcome.line("for epoch")
    assert modes.functional is not None
    assert modes.functional.line == outcome.line("# always on")


def test_a_model_that_is_sampled_in_training_mode(tmp_path: Path) -> None:
    modes = probed(tmp_path, SCRIPT, "zero", "train", "sampled").recording.modes
    assert modes is not None
    assert modes.evaluated_in_training == 0
