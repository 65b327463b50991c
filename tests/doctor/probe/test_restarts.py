"""A script that trains one model after another: each training is a recording of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from losskit.doctor.ranking import diagnose
from losskit.recording.file import read, write
from tests.doctor.probe.running import probed

pytest.importorskip("torch")
pytest.importorskip("keras")

DISTILLED = """
import torch
from torch import nn
torch.manual_seed(0)
x = torch.randn(512, 8)
y = (x[:, 0] > 0).long()

def train(model, optimizer, loss):
    for _ in range(4):
        for i in range(0, 512, 64):
            optimizer.zero_grad()
            loss(model(x[i:i + 64]), i).backward()
            optimizer.step()

teacher = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 2))
train(teacher, torch.optim.Adam(teacher.parameters(), 1e-2), lambda out, i: nn.CrossEntropyLoss()(out, y[i:i + 64]))
teacher.eval()
with torch.no_grad():
    print((teacher(x).argmax(1) == y).float().mean())
student = nn.Sequential(nn.Linear(8, 4), nn.ReLU(), nn.Linear(4, 2))
nn.init.zeros_(student[0].bias)

def distil(out, i):
    with torch.no_grad():
        soft = teacher(x[i:i + 64]).softmax(1)
    return nn.functional.kl_div(out.softmax(1), soft, reduction="batchmean")

train(student, torch.optim.SGD(student.parameters(), 0.1), distil)
with torch.no_grad():
    print((student(x).argmax(1) == y).float().mean())
"""


def test_a_torch_student_is_followed_after_its_teacher(tmp_path: Path) -> None:
    last = probed(tmp_path, DISTILLED).recording
    first = last.earlier
    assert first is not None
    assert first.earlier is None
    assert [one.loss for one in first.training_losses()] == ["CrossEntropy"]
    assert [one.loss for one in last.training_losses()] == ["KLDivergence"]
    assert (first.progress.steps, last.progress.steps) == (32, 32)
    assert [one.kind for one in last.optimizers] == ["SGD"]
    student = [layer for layer in last.layers if layer.place is not None and layer.place.line == 20]
    assert [layer.random for layer in student if layer.parameters] == [True, True]
    assert [layer.random for layer in last.layers if layer.parameters and layer not in student] == [False, False]
    assert [finding.code for finding in diagnose(last, note=pytest.fail) if finding.severity == "error"] == ["LK111"]


SEARCHED = """
import torch
from torch import nn
x, y = torch.randn(64, 4), torch.randn(64, 1)
for rate in (0.01, 0.02, 0.05):
    model = nn.Linear(4, 1)
    optimizer = torch.optim.SGD(model.parameters(), rate)
    for _ in range(30):
        optimizer.zero_grad()
        nn.functional.mse_loss(model(x), y).backward()
        optimizer.step()
"""


def test_a_search_over_settings_is_one_training(tmp_path: Path) -> None:
    assert probed(tmp_path, SEARCHED).recording.earlier is None


SCRIPT = """
import numpy as np, keras
from keras import layers
keras.utils.set_random_seed(0)
x = np.random.normal(size=(256, 8)).astype("float32")
y = (x[:, 0] > 0).astype("float32")
base = keras.Sequential([layers.Input((8,)), layers.Dense(16, activation="relu"), layers.Dense(1)])
base.compile("adam", "mse")
base.fit(x, y, epochs=2, batch_size=32, verbose=0)
model = keras.Sequential([layers.Input((8,)), base.layers[0], layers.Dense(1, activation="sigmoid")])
base.layers[0].trainable = False
model.compile("sgd", "binary_crossentropy")
model.fit(x, y, epochs=3, batch_size=32, verbose=0, validation_data=(x, y))
base.fit(x, y, epochs=1, batch_size=32, verbose=0)
"""


def test_the_last_training_is_the_recording(tmp_path: Path) -> None:
    recording = probed(tmp_path, SCRIPT).recording
    assert recording.earlier is not None
    assert recording.earlier.earlier is None  # a model that is trained again is no new one
    first, last = recording.earlier, recording
    assert [one.loss for one in first.training_losses()] == ["SquaredError"]
    assert [one.loss for one in last.training_losses()] == ["BinaryCrossEntropy"]
    assert (first.progress.steps, last.progress.steps) == (16, 24)
    assert [one.kind for one in last.optimizers] == ["SGD"]
    assert [layer.random for layer in last.layers if layer.fan_in] == [False, True]  # what was trained is not drawn
    assert last.places("compile")[0].place.line == 12
    assert last.end is not None


def test_both_are_written_again_and_diagnosed(tmp_path: Path) -> None:
    recording = probed(tmp_path, SCRIPT).recording
    write(recording, tmp_path / "copy.jsonl")
    copy = read(tmp_path / "copy.jsonl")
    assert copy == recording
    assert diagnose(copy, note=pytest.fail) == diagnose(recording, note=pytest.fail)


LOADED = """
import os
import numpy as np, keras
from keras import layers
x, y = np.ones((64, 4), "float32"), np.zeros(64)
model = keras.Sequential([layers.Input((4,)), layers.Dense(3, activation="softmax")])
model.compile("sgd", "sparse_categorical_crossentropy")
model.fit(x, y, verbose=0, callbacks=[keras.callbacks.ModelCheckpoint("run.keras")])
model = keras.models.load_model("run.keras")
model.fit(x, y, epochs=2, verbose=0)
"""


def test_a_model_that_is_loaded_is_compiled(tmp_path: Path) -> None:
    outcome = probed(tmp_path, LOADED)
    assert outcome.status == 0, outcome.stderr
    assert outcome.recording.progress.steps == 4


UNBUILT = """
import torch, keras
from keras import layers
class Model(keras.Model):
    def __init__(self):
        super().__init__()
        self.inner = keras.Sequential([layers.Dense(4), layers.LayerNormalization()])
    def call(self, x):
        return self.inner(x)
model = Model()
model(torch.ones(2, 3))
print({parameter.device.type for parameter in model.parameters()})
"""


def test_layers_that_are_not_built_are_not_asked_for_parameters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    assert probed(tmp_path, UNBUILT).stdout.strip() == "{'cpu'}"
