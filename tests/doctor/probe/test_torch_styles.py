"""PyTorch scripts in the many ways that people write them: steps are counted, the loss is found, the output stays."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.doctor.probe.running import plain, probed

pytest.importorskip("torch")

HEAD = """\
import torch
from torch import nn
import torch.nn.functional as F
torch.manual_seed(0)
X = torch.randn(48, 4)
y = (X[:, 0] > 0).long()
model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))
criterion = nn.CrossEntropyLoss()
"""
OPTIMIZER = "optimizer = torch.optim.SGD(model.parameters(), lr=0.1)\n"


@dataclass(frozen=True)
class Style:
    """A script (after HEAD and, unless it steps by hand, OPTIMIZER), and what has to be seen of it.

    The line that computes the loss ends with `# <- loss`.
    """

    source: str
    steps: int
    function: str = "CrossEntropyLoss"
    blind: bool = False
    metric: bool = True
    by_hand: bool = False

    @property
    def script(self) -> str:
        return HEAD + OPTIMIZER * (not self.by_hand) + self.source + TAIL


STYLES = {
    "mixed precision": Style(
        """\
scaler = torch.amp.GradScaler("cpu")
for epoch in range(3):
    for i in range(0, 48, 16):
        optimizer.zero_grad(set_to_none=True)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            loss = criterion(model(X[i : i + 16]), y[i : i + 16])  # <- loss
        scaler.scale(loss).backward()
        scaler.unscale_(optimizer)
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        scaler.step(optimizer)
        scaler.update()
""",
        steps=9,
    ),
    "accumulated gradients": Style(
        """\
for epoch in range(4):
    for n, i in enumerate(range(0, 48, 12)):
        loss = criterion(model(X[i : i + 12]), y[i : i + 12]) / 2  # <- loss
        loss.backward()
        if n % 2:
            optimizer.step()
            optimizer.zero_grad()
""",
        steps=8,
    ),
    "three optimizers": Style(
        """\
first, last = model[0], model[2]
parts = [torch.optim.SGD(first.parameters(), 0.1), torch.optim.Adam([last.weight]), torch.optim.AdamW([last.bias])]
for epoch in range(4):
    loss = F.cross_entropy(model(X), y)  # <- loss
    for one in parts:
        one.zero_grad()
    loss.backward()
    for one in parts:
        one.step()
""",
        steps=12,
        function="cross_entropy",
    ),
    "all schedules": Style(
        """\
from torch.optim import lr_scheduler as S
def schedules(o):
    yield S.StepLR(o, 1)
    yield S.MultiStepLR(o, [1, 2])
    yield S.ExponentialLR(o, 0.9)
    yield S.CosineAnnealingLR(o, 4)
    yield S.CosineAnnealingWarmRestarts(o, 2)
    yield S.LambdaLR(o, lambda n: 1 / (1 + n))
    yield S.ReduceLROnPlateau(o)
    yield S.SequentialLR(o, [S.ConstantLR(o), S.LinearLR(o)], milestones=[1])
    yield S.OneCycleLR(o, 0.1, total_steps=4)
    yield S.CyclicLR(o, 0.01, 0.1)
for schedule in schedules(torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)):
    optimizer = schedule.optimizer
    for epoch in range(2):
        optimizer.zero_grad()
        loss = criterion(model(X), y)  # <- loss
        loss.backward()
        optimizer.step()
        schedule.step(*[loss.item()] * isinstance(schedule, S.ReduceLROnPlateau))
""",
        steps=20,
    ),
    "a compiled step": Style(
        """\
@torch.compile(backend="eager")
def value(xb, yb):
    return criterion(model(xb), yb)
for epoch in range(4):
    optimizer.zero_grad()
    loss = value(X, y)
    loss.backward()
    optimizer.step()
""",
        steps=4,
        function="",
        blind=True,
        metric=False,
    ),
    "saved and resumed": Style(
        """\
import os, tempfile
def train(model, optimizer, epochs):
    for epoch in epochs:
        optimizer.zero_grad()
        loss = criterion(model(X), y)  # <- loss
        loss.backward()
        optimizer.step()
    return loss
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "checkpoint.pt")
    train(model, optimizer, range(3))
    torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict(), "epoch": 3}, path)
    state = torch.load(path)
model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))
model.load_state_dict(state["model"])
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
optimizer.load_state_dict(state["optimizer"])
loss = train(model, optimizer, range(state["epoch"], 6))
""",
        steps=6,
    ),
    "a line search": Style(
        """\
optimizer = torch.optim.LBFGS(model.parameters(), max_iter=4, line_search_fn="strong_wolfe")
def closure():
    optimizer.zero_grad()
    loss = criterion(model(X), y)  # <- loss
    loss.backward()
    return loss
for epoch in range(4):
    loss = optimizer.step(closure)
""",
        steps=4,
    ),
    "weights without a module": Style(
        """\
w, b = torch.zeros(4, 2, requires_grad=True), torch.zeros(2, requires_grad=True)
model = nn.ParameterList([w, b])
for epoch in range(60):
    scores = X @ w + b
    loss = -F.log_softmax(scores, dim=1)[torch.arange(48), y].mean()  # <- loss
    loss.backward()
    with torch.no_grad():
        for p in (w, b):
            p -= 0.1 * p.grad
            p.grad.zero_()
""",
        steps=60,
        function="the hand-written loss",
        by_hand=True,
    ),
    "gradients asked for": Style(
        """\
for epoch in range(60):
    loss = criterion(model(X), y)  # <- loss
    gradients = torch.autograd.grad(loss, list(model.parameters()))
    with torch.no_grad():
        for p, g in zip(model.parameters(), gradients):
            p.sub_(0.1 * g)
""",
        steps=60,
        by_hand=True,
    ),
    "an optimizer of its own": Style(
        """\
class Signs(torch.optim.Optimizer):
    def __init__(self, params, lr=0.01):
        super().__init__(params, dict(lr=lr))
    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    p.add_(p.grad.sign(), alpha=-group["lr"])
class Focal(nn.Module):
    def forward(self, scores, target):
        log_p = F.log_softmax(scores, dim=1).gather(1, target[:, None])[:, 0]
        return (-((1 - log_p.exp()) ** 2) * log_p).mean()
optimizer, criterion = Signs(model.parameters()), Focal()
for epoch in range(5):
    optimizer.zero_grad()
    loss = criterion(model(X), y)
    loss.backward()
    optimizer.step()
""",
        steps=5,
        function="",
    ),
    "torch.func": Style(
        """\
from torch.func import functional_call, grad_and_value
parameters = {name: p.detach() for name, p in model.named_parameters()}
def value(parameters, xb, yb):
    return F.cross_entropy(functional_call(model, parameters, (xb,)), yb)
for epoch in range(4):
    gradients, loss = grad_and_value(value)(parameters, X, y)
    parameters = {name: p - 0.1 * gradients[name] for name, p in parameters.items()}
model.load_state_dict(parameters)
""",
        steps=0,
        function="",
        blind=True,
        metric=False,
        by_hand=True,
    ),
    "wrapped models": Style(
        """\
class Distributed(nn.Module):
    def __init__(self, module):
        super().__init__()
        self.module = module
    def forward(self, *given):
        return self.module(*given)
wrapped = Distributed(nn.DataParallel(model))
for epoch in range(4):
    wrapped.zero_grad()
    loss = criterion(wrapped(X), y)  # <- loss
    loss.backward()
    optimizer.step()
""",
        steps=4,
    ),
    "a trainer": Style(
        """\
from torch.utils.data import DataLoader, TensorDataset
class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = model
    def training_step(self, batch, index):
        xb, yb = batch
        return {"loss": F.cross_entropy(self.net(xb), yb)}  # <- loss
    def validation_step(self, batch, index):
        xb, yb = batch
        return (self.net(xb).argmax(1) == yb).float().mean()
    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=0.01)
class Trainer:
    def __init__(self, epochs):
        self.epochs = epochs
    def fit(self, module, train, validation):
        optimizer = module.configure_optimizers()
        for self.epoch in range(self.epochs):
            module.train()
            for index, batch in enumerate(train):
                loss = module.training_step(batch, index)["loss"]
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            module.eval()
            with torch.inference_mode():
                print([module.validation_step(batch, i).item() for i, batch in enumerate(validation)])
        return loss
data = TensorDataset(X, y)
train, validation = torch.utils.data.random_split(data, [32, 16])
loss = Trainer(3).fit(Classifier(), DataLoader(train, 8, shuffle=True), DataLoader(validation, 16))
""",
        steps=12,
        function="cross_entropy",
    ),
    "a command": Style(
        """\
import argparse
def train(arguments):
    for epoch in range(arguments.epochs):
        optimizer.zero_grad()
        loss = criterion(model(X), y)  # <- loss
        loss.backward()
        optimizer.step()
    return loss
def main():
    global loss
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=5)
    loss = train(parser.parse_args())
if __name__ == "__main__":
    main()
""",
        steps=5,
    ),
    "evaluated beside": Style(
        """\
import asyncio
from concurrent.futures import ThreadPoolExecutor
held_out = torch.randn(16, 4)
def accuracy():
    with torch.no_grad():
        return (model(held_out).argmax(1) == (held_out[:, 0] > 0)).float().mean().item()
async def main():
    global loss
    with ThreadPoolExecutor(1) as pool:
        for epoch in range(4):
            optimizer.zero_grad()
            loss = criterion(model(X), y)  # <- loss
            loss.backward()
            optimizer.step()
            print(await asyncio.get_running_loop().run_in_executor(pool, accuracy))
asyncio.run(main())
""",
        steps=4,
    ),
    "several values at once": Style(
        """\
other = nn.Linear(4, 1)
optimizer = torch.optim.SGD([*model.parameters(), *other.parameters()], lr=0.1)
for epoch in range(4):
    optimizer.zero_grad()
    loss = criterion(model(X), y)  # <- loss
    torch.autograd.backward([loss, (other(X) ** 2).mean()])
    optimizer.step()
""",
        steps=4,
    ),
    "weights averaged in every step": Style(
        """\
average = [p.detach().clone() for p in model.parameters()]
@torch.no_grad()
def update():
    for a, p in zip(average, model.parameters()):
        a.mul_(0.9).add_(p, alpha=0.1)
for step in range(60):
    optimizer.zero_grad()
    loss = criterion(model(X[:32]), y[:32])  # <- loss
    loss.backward()
    optimizer.step()
    update()
    if step % 30 == 29:
        model.eval()
        with torch.no_grad():
            print((model(X[32:]).argmax(1) == y[32:]).float().mean().item())
        model.train()
""",
        steps=60,
    ),
    "batches of a generator": Style(
        """\
from torch.utils.data import DataLoader, IterableDataset
class Stream(IterableDataset):
    def __iter__(self):
        for i in range(48):
            yield X[i], y[i]
for epoch in range(2):
    for xb, yb in DataLoader(Stream(), batch_size=16):
        optimizer.zero_grad()
        loss = criterion(model(xb), yb)  # <- loss
        loss.backward()
        optimizer.step()
""",
        steps=6,
    ),
}
TAIL = "print(float(loss), [p.detach().double().sum().item() for p in model.parameters()])\n"
ALL = """
import contextlib, io, json, sys
said = {}
for name, source in json.load(open("styles.json")).items():
    with contextlib.redirect_stdout(io.StringIO()) as out:
        exec(compile(source, name, "exec"), {"__name__": "__main__"})
    said[name] = out.getvalue()
print(json.dumps(said))
"""


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What the scripts print without the probe; one process runs them all."""
    folder = tmp_path_factory.mktemp("plain")
    (folder / "styles.json").write_text(json.dumps({name: one.script for name, one in STYLES.items()}))
    done = plain(folder, ALL)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("name", STYLES)
def test_what_is_seen(name: str, said: dict[str, str], tmp_path: Path) -> None:
    style = STYLES[name]
    outcome = probed(tmp_path, style.script)
    recording = outcome.recording
    assert (outcome.status, outcome.stdout) == (0, said[name]), outcome.stderr
    assert [event.message for event in recording.events if event.kind == "blind"][style.blind :] == []
    assert any(event.kind == "blind" for event in recording.events) == style.blind
    assert recording.progress.steps == style.steps
    trained = [call for call in recording.loss_calls if call.phase == "train"]
    if style.function:
        (call,) = trained
        assert call.function == style.function
        assert call.place is not None
        assert call.place.line == outcome.line("# <- loss")
    assert (recording.metric is not None) == style.metric
    if style.steps:
        first = [one for one in recording.signal("loss").steps if one < 3]
        assert first
