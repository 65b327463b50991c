"""LK101 to LK107: the edits of scripts in every common style, line for line.

A case is a script whose lines are marked ``#: activation``, ``#: created``, ``#: loss``, ``#: held out`` or
``#: layer`` where the probe would have seen them; the rule itself makes the finding.
"""

from __future__ import annotations

import ast
import difflib
from dataclasses import replace
from textwrap import dedent
from typing import Any, NamedTuple

import pytest

from losskit.doctor.remedies import Remedy, remedies
from losskit.recording.facts import Activation, Event, Layer, LossCall, Place, Site, TensorFacts
from losskit.recording.recording import Recording
from tests.doctor.rules.loss_facts import findings, labels, one_hot, probabilities, tensor

CE, BCE, NLL, MSE = "CrossEntropy", "BinaryCrossEntropy", "NegativeLogLikelihood", "SquaredError"
DIGITS = labels(32, values=tuple(range(10)))
YES_NO = labels(32, 1, values=(0, 1), dtype="float32")
WORDS = labels(32, 12, values=(0, 1), dtype="float32")
SCORES, PROBABILITIES = tensor(32, 10), probabilities(32, 10)
UNIT, LOGIT = tensor(32, 1, low=0.01, high=0.99), tensor(32, 1)
NUMBERS = tensor(32, 1, low=-1.6, high=2.4, mean=0.0, std=1.0)


class Seen(NamedTuple):
    """What the probe saw of the loss of a script."""

    code: str
    loss: str
    function: str
    expects: str
    prediction: TensorFacts
    target: TensorFacts
    activation: str | None = None
    axis: int | None = 1
    layer: str | None = None
    written_by: str = "torch"
    arguments: dict[str, Any] = {}  # noqa: RUF012 - never written to
    broadcast: bool = False


def recorded(seen: Seen, text: str) -> Recording:
    def place(mark: str) -> Place | None:
        lines = [number for number, line in enumerate(text.splitlines(), 1) if f"#: {mark}" in line]
        return Place("train.py", lines[0]) if lines else None

    applied = (
        () if seen.activation is None else (Activation(seen.activation, place("activation"), seen.axis, seen.layer),)
    )
    call = LossCall(
        seen.loss,
        seen.function,
        seen.written_by,
        seen.expects,
        place("loss") or place("created"),
        place("created"),
        prediction=seen.prediction,
        target=seen.target,
        activations=applied,
        arguments=seen.arguments,
        broadcast=seen.broadcast,
    )
    calls = [call]
    if place("held out") is not None:
        calls.append(replace(call, phase="evaluation", place=place("held out")))
    layers = [Layer("dense", "Dense", 0, place("layer"), parameters=10)] if place("layer") else []
    return Recording(loss_calls=calls, layers=layers)


def proposed(seen: Seen, text: str) -> dict[str, Remedy]:
    run = recorded(seen, text)
    finding = findings(seen.code, run)[0]
    found = remedies(finding, run, text, "train.py")
    for remedy in found:
        ast.parse(remedy.source)
    return {remedy.id: remedy for remedy in found}


def change(before: str, after: str) -> str:
    """The lines that differ, without marks and indentation: those that went, and those that came."""
    lines = difflib.ndiff(before.splitlines(), after.splitlines())
    kept = (line for line in lines if line[:2] in ("- ", "+ "))
    return "\n".join(line[:2] + line[2:].partition("  #:")[0].strip() for line in kept)


DOUBLE_SOFTMAX = Seen("LK101", CE, "CrossEntropyLoss", "logits", PROBABILITIES, DIGITS, "softmax")
DOUBLE_SIGMOID = Seen("LK101", BCE, "BCEWithLogitsLoss", "logits", UNIT, YES_NO, "sigmoid")
KERAS_SOFTMAX = DOUBLE_SOFTMAX._replace(function="sparse_categorical_crossentropy", written_by="keras", axis=-1)
KERAS_SIGMOID = DOUBLE_SIGMOID._replace(function="binary_crossentropy", written_by="keras")
SOFTMAX_NLL = Seen("LK101", NLL, "NLLLoss", "log_probabilities", PROBABILITIES, DIGITS, "softmax")

CASES: dict[str, tuple[Seen, str, str, str]] = {
    # --- LK101: drop the activation ---------------------------------------------------------------------------------
    "element of a Sequential": (
        DOUBLE_SOFTMAX,
        """
        from torch import nn
        model = nn.Sequential(nn.Linear(64, 10), nn.Softmax(dim=1))  #: activation
        criterion = nn.CrossEntropyLoss()  #: created
        loss = criterion(model(x), y)  #: loss
        """,
        "drop-activation",
        """
        - model = nn.Sequential(nn.Linear(64, 10), nn.Softmax(dim=1))
        + model = nn.Sequential(nn.Linear(64, 10))
        """,
    ),
    "line of a Sequential": (
        DOUBLE_SOFTMAX,
        """
        from torch import nn
        model = nn.Sequential(
            nn.Linear(64, 10),  # scores
            nn.Softmax(dim=1)  #: activation
        )
        criterion = nn.CrossEntropyLoss()  #: created
        loss = criterion(model(x), y)  #: loss
        """,
        "drop-activation",
        "- nn.Softmax(dim=1)",
    ),
    "entry of an OrderedDict": (
        DOUBLE_SOFTMAX,
        """
        import torch.nn as nn
        model = nn.Sequential(OrderedDict([
            ("fc", nn.Linear(64, 10)),
            ("softmax", nn.Softmax(dim=1)),  #: activation
        ]))
        loss = nn.CrossEntropyLoss()(model(x), y)  #: loss
        """,
        "drop-activation",
        '- ("softmax", nn.Softmax(dim=1)),',
    ),
    "appended to a list": (
        DOUBLE_SOFTMAX,
        """
        import torch.nn as nn
        layers = [nn.Linear(64, 10)]
        layers.append(nn.Softmax(dim=1))  #: activation
        model = nn.Sequential(*layers)
        loss = nn.CrossEntropyLoss()(model(x), y)  #: loss
        """,
        "drop-activation",
        "- layers.append(nn.Softmax(dim=1))",
    ),
    "a module kept in a variable": (
        DOUBLE_SOFTMAX,
        """
        import torch.nn as nn
        last = nn.Softmax(dim=1)  #: activation
        model = nn.Sequential(nn.Linear(64, 10), last)
        loss = nn.CrossEntropyLoss()(model(x), y)  #: loss
        """,
        "drop-activation",
        """
        - last = nn.Softmax(dim=1)
        + last = nn.Identity()
        """,
    ),
    "a returned module call": (
        DOUBLE_SOFTMAX,
        """
        class Net(nn.Module):
            def forward(self, x):
                return self.softmax(self.fc(x))  #: activation
        loss = criterion(net(x), y)  #: loss
        """,
        "drop-activation",
        """
        - return self.softmax(self.fc(x))
        + return self.fc(x)
        """,
    ),
    "an assigned module call": (
        DOUBLE_SOFTMAX._replace(layer="output_activation"),
        """
        class Net(nn.Module):
            def forward(self, x):
                x = self.fc(x)
                x = self.output_activation(x)  #: activation
                return x
        loss = criterion(net(x), y)  #: loss
        """,
        "drop-activation",
        "- x = self.output_activation(x)",
    ),
    "a function": (
        DOUBLE_SOFTMAX,
        """
        import torch.nn.functional as F
        def forward(x):
            out = F.softmax(fc2(F.relu(fc1(x))), dim=1)  #: activation
            return out
        loss = F.cross_entropy(forward(x), y)  #: loss
        """,
        "drop-activation",
        """
        - out = F.softmax(fc2(F.relu(fc1(x))), dim=1)
        + out = fc2(F.relu(fc1(x)))
        """,
    ),
    "a method": (
        DOUBLE_SOFTMAX,
        """
        def forward(x):
            return fc(x).softmax(-1)  #: activation
        loss = criterion(forward(x), y)  #: loss
        """,
        "drop-activation",
        """
        - return fc(x).softmax(-1)
        + return fc(x)
        """,
    ),
    "at the loss": (
        DOUBLE_SOFTMAX,
        """
        import torch
        loss = criterion(torch.softmax(model(x), dim=1), y)  #: loss #: activation
        """,
        "drop-activation",
        """
        - loss = criterion(torch.softmax(model(x), dim=1), y)
        + loss = criterion(model(x), y)
        """,
    ),
    "a module built and called": (
        DOUBLE_SOFTMAX,
        """
        from torch import nn
        def forward(x):
            return nn.Softmax(dim=1)(fc(x))  #: activation
        loss = criterion(forward(x), y)  #: loss
        """,
        "drop-activation",
        """
        - return nn.Softmax(dim=1)(fc(x))
        + return fc(x)
        """,
    ),
    "sigmoid whose outputs nobody reads": (
        DOUBLE_SIGMOID,
        """
        import torch
        from torch import nn
        def forward(x):
            return torch.sigmoid(fc(x)).squeeze(1)  #: activation
        criterion = nn.BCEWithLogitsLoss()  #: created
        loss = criterion(forward(x), y)  #: loss
        """,
        "drop-activation",
        """
        - return torch.sigmoid(fc(x)).squeeze(1)
        + return fc(x).squeeze(1)
        """,
    ),
    "sigmoid whose outputs are compared with one half: scores": (
        DOUBLE_SIGMOID,
        """
        import torch
        from torch import nn
        model = nn.Sequential(nn.Linear(30, 1), nn.Sigmoid())  #: activation
        criterion = nn.BCEWithLogitsLoss()  #: created
        out = model(x)
        loss = criterion(out, y)  #: loss
        hits = (out >= 0.5) == (y > 0.5)
        """,
        "drop-activation",
        """
        - model = nn.Sequential(nn.Linear(30, 1), nn.Sigmoid())
        + model = nn.Sequential(nn.Linear(30, 1))
        - hits = (out >= 0.5) == (y > 0.5)
        + hits = (out >= 0) == (y > 0.5)
        """,
    ),
    "sigmoid whose outputs are rounded: probabilities": (
        DOUBLE_SIGMOID,
        """
        import torch.nn.functional as F
        def forward(x):
            return fc(x).sigmoid()  #: activation
        loss = F.binary_cross_entropy_with_logits(forward(x), y)  #: loss
        hits = forward(x).round() == y
        """,
        "probability-loss",
        """
        - loss = F.binary_cross_entropy_with_logits(forward(x), y)
        + loss = F.binary_cross_entropy(forward(x), y)
        """,
    ),
    "Keras, argument of a layer": (
        KERAS_SOFTMAX,
        """
        from keras import layers
        model.add(layers.Dense(10, activation="softmax"))  #: activation
        model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))  #: created
        """,
        "drop-activation",
        """
        - model.add(layers.Dense(10, activation="softmax"))
        + model.add(layers.Dense(10))
        """,
    ),
    "Keras, positional argument": (
        KERAS_SOFTMAX,
        """
        from keras.layers import Dense
        x = Dense(10, 'softmax', name="out")(x)  #: activation
        model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))  #: created
        """,
        "drop-activation",
        """
        - x = Dense(10, 'softmax', name="out")(x)
        + x = Dense(10, name="out")(x)
        """,
    ),
    "Keras, a layer of its own": (
        KERAS_SOFTMAX,
        """
        import keras
        model = keras.Sequential([
            keras.layers.Dense(10),
            keras.layers.Activation("softmax"),  #: activation
        ])
        model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))  #: created
        """,
        "drop-activation",
        '- keras.layers.Activation("softmax"),',
    ),
    "Keras, a layer applied": (
        KERAS_SOFTMAX,
        """
        import keras
        x = keras.layers.Dense(10)(x)
        outputs = keras.layers.Softmax()(x)  #: activation
        model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))  #: created
        """,
        "drop-activation",
        """
        - outputs = keras.layers.Softmax()(x)
        + outputs = x
        """,
    ),
    "Keras, the loss told": (
        KERAS_SIGMOID,
        """
        import keras
        model.add(keras.layers.Dense(1, activation="sigmoid"))  #: activation
        loss = keras.losses.BinaryCrossentropy(label_smoothing=0.1, from_logits=True)  #: created
        model.compile("adam", loss)
        """,
        "from-probabilities",
        """
        - loss = keras.losses.BinaryCrossentropy(label_smoothing=0.1, from_logits=True)
        + loss = keras.losses.BinaryCrossentropy(label_smoothing=0.1)
        """,
    ),
    "NLL: module": (
        SOFTMAX_NLL,
        """
        from torch import nn
        model = nn.Sequential(nn.Linear(64, 10), nn.Softmax(dim=-1))  #: activation
        criterion = nn.NLLLoss()  #: created
        loss = criterion(model(x), y)  #: loss
        """,
        "log-activation",
        """
        - model = nn.Sequential(nn.Linear(64, 10), nn.Softmax(dim=-1))
        + model = nn.Sequential(nn.Linear(64, 10), nn.LogSoftmax(dim=-1))
        """,
    ),
    "NLL: module made elsewhere": (
        SOFTMAX_NLL,
        """
        from torch import nn
        class Net(nn.Module):
            def __init__(self):
                self.softmax = nn.Softmax(dim=1)
            def forward(self, x):
                return self.softmax(self.fc(x))  #: activation
        criterion = nn.NLLLoss()  #: created
        loss = criterion(model(x), y)  #: loss
        """,
        "log-activation",
        """
        - self.softmax = nn.Softmax(dim=1)
        + self.softmax = nn.LogSoftmax(dim=1)
        """,
    ),
    "NLL: function": (
        SOFTMAX_NLL._replace(function="nll_loss"),
        """
        import torch
        import torch.nn.functional as F
        def forward(x):
            return torch.softmax(fc(x), dim=1)  #: activation
        loss = F.nll_loss(forward(x), y)  #: loss
        """,
        "log-activation",
        """
        - return torch.softmax(fc(x), dim=1)
        + return torch.log_softmax(fc(x), dim=1)
        """,
    ),
    # --- LK102 ------------------------------------------------------------------------------------------------------
    "BCELoss": (
        Seen("LK102", BCE, "BCELoss", "probabilities", LOGIT, YES_NO),
        """
        import torch.nn as nn
        class Trainer:
            def __init__(self):
                self.criterion = nn.BCELoss(reduction="sum")  #: created
            def step(self, x, y):
                out = self.model(x)
                return self.criterion(out, y), (out > 0.5) == y  #: loss
        """,
        "logits-loss",
        """
        - self.criterion = nn.BCELoss(reduction="sum")
        + self.criterion = nn.BCEWithLogitsLoss(reduction="sum")
        - return self.criterion(out, y), (out > 0.5) == y
        + return self.criterion(out, y), (out > 0) == y
        """,
    ),
    "binary_cross_entropy": (
        Seen("LK102", BCE, "binary_cross_entropy", "probabilities", LOGIT, YES_NO),
        """
        from torch.nn import functional
        loss = functional.binary_cross_entropy(model(x), y)  #: loss
        held_out = functional.binary_cross_entropy(model(x_test), y_test)  #: held out
        """,
        "logits-loss",
        """
        - loss = functional.binary_cross_entropy(model(x), y)
        - held_out = functional.binary_cross_entropy(model(x_test), y_test)
        + loss = functional.binary_cross_entropy_with_logits(model(x), y)
        + held_out = functional.binary_cross_entropy_with_logits(model(x_test), y_test)
        """,
    ),
    "NLLLoss": (
        Seen("LK102", NLL, "NLLLoss", "log_probabilities", SCORES, DIGITS),
        """
        from torch.nn import Linear, NLLLoss
        criterion = NLLLoss()  #: created
        loss = criterion(model(x), y)  #: loss
        """,
        "logits-loss",
        """
        + from torch.nn import CrossEntropyLoss
        - criterion = NLLLoss()
        + criterion = CrossEntropyLoss()
        """,
    ),
    "a function in a variable": (
        Seen("LK102", NLL, "nll_loss", "log_probabilities", SCORES, DIGITS),
        """
        import torch.nn.functional as F
        criterion = F.nll_loss
        loss = criterion(model(x), y)  #: loss
        """,
        "logits-loss",
        """
        - criterion = F.nll_loss
        + criterion = F.cross_entropy
        """,
    ),
    "Keras, a string": (
        Seen("LK102", CE, "sparse_categorical_crossentropy", "probabilities", SCORES, DIGITS, written_by="keras"),
        """
        import tensorflow as tf
        model.compile(optimizer="adam", loss='sparse_categorical_crossentropy')  #: created
        """,
        "from-logits",
        """
        - model.compile(optimizer="adam", loss='sparse_categorical_crossentropy')
        + model.compile(optimizer="adam", loss=tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True))
        """,
    ),
    "Keras, a class": (
        Seen("LK102", CE, "categorical_crossentropy", "probabilities", SCORES, one_hot(32, 10), written_by="keras"),
        """
        from keras.losses import CategoricalCrossentropy
        loss = CategoricalCrossentropy()  #: created
        model.compile("adam", loss)
        """,
        "from-logits",
        """
        - loss = CategoricalCrossentropy()
        + loss = CategoricalCrossentropy(from_logits=True)
        """,
    ),
    "Keras, no module at hand": (
        Seen("LK102", CE, "categorical_crossentropy", "probabilities", SCORES, one_hot(32, 10), written_by="keras"),
        """
        from keras.models import Sequential
        model.compile("adam", "categorical_crossentropy")  #: created
        """,
        "from-logits",
        """
        + from keras.losses import CategoricalCrossentropy
        - model.compile("adam", "categorical_crossentropy")
        + model.compile("adam", CategoricalCrossentropy(from_logits=True))
        """,
    ),
    "Keras, two classes": (
        Seen("LK102", BCE, "binary_crossentropy", "probabilities", LOGIT, YES_NO, written_by="keras"),
        """
        from keras.layers import Dense
        model.add(Dense(1))  #: layer
        model.compile("adam", "binary_crossentropy", metrics=["accuracy"])  #: created
        """,
        "sigmoid-output",
        """
        - model.add(Dense(1))
        + model.add(Dense(1, activation="sigmoid"))
        """,
    ),
    "tanh where a sigmoid belongs": (
        Seen("LK102", BCE, "BCELoss", "probabilities", tensor(32, 1, low=-0.9, high=0.9), YES_NO, "tanh"),
        """
        import torch
        def forward(x):
            return torch.tanh(fc(x))  #: activation
        loss = criterion(forward(x), y)  #: loss
        """,
        "sigmoid-output",
        """
        - return torch.tanh(fc(x))
        + return torch.sigmoid(fc(x))
        """,
    ),
    # --- LK103 ------------------------------------------------------------------------------------------------------
    "one unit: function": (
        Seen("LK103", BCE, "BCELoss", "probabilities", tensor(32, 1, low=1, high=1), YES_NO, "softmax"),
        """
        import torch
        import torch.nn.functional as F
        def forward(x):
            return F.softmax(fc(x), dim=1)  #: activation
        loss = criterion(forward(x), y)  #: loss
        """,
        "sigmoid-output",
        """
        - return F.softmax(fc(x), dim=1)
        + return torch.sigmoid(fc(x))
        """,
    ),
    "one unit: method": (
        Seen("LK103", BCE, "BCELoss", "probabilities", tensor(32, 1, low=1, high=1), YES_NO, "softmax"),
        """
        def forward(x):
            return fc(x).softmax(dim=1)  #: activation
        loss = criterion(forward(x), y)  #: loss
        """,
        "sigmoid-output",
        """
        - return fc(x).softmax(dim=1)
        + return fc(x).sigmoid()
        """,
    ),
    "one unit for each word": (
        Seen("LK103", BCE, "BCELoss", "probabilities", tensor(32, 12, low=1, high=1), WORDS, "softmax", None),
        """
        from torch import nn
        model = nn.Sequential(
            fc,
            nn.Softmax(dim=-1),  #: activation
        )
        loss = criterion(model(x).squeeze(-1), y)  #: loss
        """,
        "sigmoid-output",
        """
        - nn.Softmax(dim=-1),
        + nn.Sigmoid(),
        """,
    ),
    "one unit: Keras, with a loss over classes": (
        Seen(
            "LK103",
            CE,
            "categorical_crossentropy",
            "probabilities",
            tensor(32, 1, low=1, high=1),
            YES_NO,
            "softmax",
            written_by="keras",
        ),
        """
        import keras
        model.add(keras.layers.Dense(1, activation=keras.activations.softmax))  #: activation
        model.compile(loss="categorical_crossentropy", optimizer="adam")  #: created
        """,
        "sigmoid-output",
        """
        - model.add(keras.layers.Dense(1, activation=keras.activations.softmax))
        - model.compile(loss="categorical_crossentropy", optimizer="adam")
        + model.add(keras.layers.Dense(1, activation="sigmoid"))
        + model.compile(loss="binary_crossentropy", optimizer="adam")
        """,
    ),
    "axis: function": (
        Seen("LK103", NLL, "nll_loss", "log_probabilities", tensor(32, 10, low=-9, high=-1), DIGITS, "log_softmax", 0),
        """
        import torch.nn.functional as F
        def forward(x):
            return F.log_softmax(fc(x), 0)  #: activation
        loss = F.nll_loss(forward(x), y)  #: loss
        """,
        "class-axis",
        """
        - return F.log_softmax(fc(x), 0)
        + return F.log_softmax(fc(x), 1)
        """,
    ),
    "axis: module": (
        Seen(
            "LK103",
            NLL,
            "nll_loss",
            "log_probabilities",
            tensor(32, 10, low=-9, high=-1),
            DIGITS,
            "log_softmax",
            0,
            "out",
        ),
        """
        from torch import nn
        class Net(nn.Module):
            def __init__(self):
                self.out = nn.LogSoftmax(dim=0)
            def forward(self, x):
                return self.out(self.fc(x))  #: activation
        loss = criterion(net(x), y)  #: loss
        """,
        "class-axis",
        """
        - self.out = nn.LogSoftmax(dim=0)
        + self.out = nn.LogSoftmax(dim=1)
        """,
    ),
    # --- LK104 ------------------------------------------------------------------------------------------------------
    "one-hot": (
        Seen("LK104", MSE, "mse_loss", "values", PROBABILITIES, one_hot(32, 10), "softmax"),
        """
        import torch.nn.functional as F
        def forward(x):
            return F.softmax(fc(x), dim=1)  #: activation
        loss = F.mse_loss(forward(x), y)  #: loss
        """,
        "loss-for-task",
        """
        - return F.softmax(fc(x), dim=1)
        - loss = F.mse_loss(forward(x), y)
        + return fc(x)
        + loss = F.cross_entropy(forward(x), y)
        """,
    ),
    "class numbers": (
        Seen("LK104", MSE, "MSELoss", "values", SCORES, labels(32, 1, values=tuple(range(10))), broadcast=True),
        """
        import torch
        loss_fn = torch.nn.MSELoss()  #: created
        for x, y in loader:
            loss = loss_fn(model(x), y.float())  #: loss
        """,
        "loss-for-task",
        """
        - loss_fn = torch.nn.MSELoss()
        + loss_fn = torch.nn.CrossEntropyLoss()
        - loss = loss_fn(model(x), y.float())
        + loss = loss_fn(model(x), y.float().view(-1).long())
        """,
    ),
    "two classes": (
        Seen("LK104", MSE, "MSELoss", "values", UNIT, YES_NO, "sigmoid"),
        """
        import torch
        loss_fn = torch.nn.MSELoss()  #: created
        out = torch.sigmoid(model(x))  #: activation
        loss = loss_fn(out, y)  #: loss
        """,
        "loss-for-task",
        """
        - loss_fn = torch.nn.MSELoss()
        + loss_fn = torch.nn.BCELoss()
        """,
    ),
    "numbers": (
        Seen("LK104", BCE, "BCELoss", "probabilities", UNIT, NUMBERS, "sigmoid"),
        """
        from torch import nn
        model = nn.Sequential(nn.Linear(10, 1), nn.Sigmoid())  #: activation
        criterion = nn.BCELoss(weight=w)  #: created
        loss = criterion(model(x), y)  #: loss
        """,
        "loss-for-task",
        """
        - model = nn.Sequential(nn.Linear(10, 1), nn.Sigmoid())
        - criterion = nn.BCELoss(weight=w)
        + model = nn.Sequential(nn.Linear(10, 1))
        + criterion = nn.MSELoss()
        """,
    ),
    "Keras, class numbers": (
        Seen(
            "LK104",
            MSE,
            "mean_squared_error",
            "values",
            PROBABILITIES,
            labels(32, 1, values=tuple(range(10))),
            "softmax",
            written_by="keras",
        ),
        """
        import keras
        model.add(keras.layers.Dense(10, activation="softmax"))  #: activation
        model.compile(loss=keras.losses.MeanSquaredError(), optimizer="adam")  #: created
        """,
        "loss-for-task",
        """
        - model.compile(loss=keras.losses.MeanSquaredError(), optimizer="adam")
        + model.compile(loss=keras.losses.SparseCategoricalCrossentropy(), optimizer="adam")
        """,
    ),
    "Keras, linear one-hot": (
        Seen("LK104", MSE, "mean_squared_error", "values", SCORES, one_hot(32, 10), written_by="keras"),
        """
        from tensorflow import keras
        model.compile(loss="mse", optimizer="adam")  #: created
        """,
        "loss-for-task",
        """
        - model.compile(loss="mse", optimizer="adam")
        + model.compile(loss=keras.losses.CategoricalCrossentropy(from_logits=True), optimizer="adam")
        """,
    ),
    "Keras, one output": (
        Seen("LK104", CE, "categorical_crossentropy", "probabilities", UNIT, YES_NO, "sigmoid", written_by="keras"),
        """
        import keras
        model.add(keras.layers.Dense(1, activation="sigmoid"))  #: activation
        model.compile(loss="categorical_crossentropy", optimizer="adam")  #: created
        """,
        "loss-for-task",
        """
        - model.compile(loss="categorical_crossentropy", optimizer="adam")
        + model.compile(loss="binary_crossentropy", optimizer="adam")
        """,
    ),
    # --- LK105 ------------------------------------------------------------------------------------------------------
    "relu": (
        Seen("LK105", MSE, "MSELoss", "values", tensor(32, 1, low=0), NUMBERS, "relu"),
        """
        import torch.nn.functional as F
        def forward(x):
            x = F.relu(fc1(x))
            return F.relu(fc2(x))  #: activation
        loss = criterion(forward(x), y)  #: loss
        """,
        "linear-output",
        """
        - return F.relu(fc2(x))
        + return fc2(x)
        """,
    ),
    "Keras tanh": (
        Seen(
            "LK105",
            MSE,
            "mean_squared_error",
            "values",
            tensor(32, 1, low=-1, high=1),
            NUMBERS,
            "tanh",
            written_by="keras",
        ),
        """
        import keras
        outputs = keras.layers.Dense(
            1,
            activation="tanh",
        )(x)  #: created
        model.compile("adam", "mse")
        """.replace("outputs = keras.layers.Dense(", "outputs = keras.layers.Dense(  #: activation"),
        "linear-output",
        '- activation="tanh",',
    ),
    # --- LK106 ------------------------------------------------------------------------------------------------------
    "squeeze the prediction": (
        Seen("LK106", MSE, "MSELoss", "values", LOGIT, tensor(32), broadcast=True),
        """
        loss = criterion(model(x), y)  #: loss
        """,
        "squeeze",
        """
        - loss = criterion(model(x), y)
        + loss = criterion(model(x).squeeze(-1), y)
        """,
    ),
    "squeeze the target": (
        Seen("LK106", MSE, "mse_loss", "values", tensor(32), tensor(32, 1), broadcast=True),
        """
        import torch.nn.functional as F
        for x, y in loader:
            loss = F.mse_loss(  #: loss
                input=net(x)[:, 0],
                target=y * 2,
            )
        """,
        "squeeze",
        """
        - target=y * 2,
        + target=(y * 2).squeeze(-1),
        """,
    ),
    "add an axis to the target": (
        Seen("LK106", BCE, "BCEWithLogitsLoss", "logits", LOGIT, labels(32, values=(0, 1), dtype="float32")),
        """
        print(len(x), criterion(model(x), y))  #: loss
        """,
        "unsqueeze",
        """
        - print(len(x), criterion(model(x), y))
        + print(len(x), criterion(model(x), y.unsqueeze(1)))
        """,
    ),
    "by hand": (
        Seen("LK106", MSE, "the hand-written loss", "values", LOGIT, tensor(32), written_by="user", broadcast=True),
        """
        import torch
        y_hat = net(x)
        loss = torch.mean((y - y_hat) ** 2)  #: loss
        """,
        "squeeze",
        """
        - loss = torch.mean((y - y_hat) ** 2)
        + loss = torch.mean((y - y_hat.squeeze(-1)) ** 2)
        """,
    ),
    "by hand, in two lines": (
        Seen("LK106", MSE, "the hand-written loss", "values", LOGIT, tensor(32), written_by="user", broadcast=True),
        """
        residual = a @ w - y
        loss = residual.pow(2).mean()  #: loss
        """,
        "flatten",
        """
        - residual = a @ w - y
        + residual = (a @ w).view(-1) - y.view(-1)
        """,
    ),
    # --- LK107 ------------------------------------------------------------------------------------------------------
    "labels from one": (
        Seen("LK107", CE, "CrossEntropyLoss", "logits", tensor(32, 3), labels(32, values=(1, 2, 3))),
        """
        loss = criterion(model(x), y)  #: loss
        right = (model(x).argmax(1) == y).sum()
        """,
        "labels-from-one",
        """
        - loss = criterion(model(x), y)
        - right = (model(x).argmax(1) == y).sum()
        + loss = criterion(model(x), y - 1)
        + right = (model(x).argmax(1) == y - 1).sum()
        """,
    ),
    "signs": (
        Seen("LK107", CE, "cross_entropy", "logits", tensor(32, 2), labels(32, values=(-1, 1))),
        """
        import torch.nn.functional as F
        loss = F.cross_entropy(model(x), y)  #: loss
        """,
        "labels-signs",
        """
        - loss = F.cross_entropy(model(x), y)
        + loss = F.cross_entropy(model(x), (y + 1) // 2)
        """,
    ),
    "one-hot integers": (
        Seen("LK107", CE, "cross_entropy", "logits", SCORES, one_hot(32, 10, dtype="int64")),
        """
        import torch.nn.functional as F
        loss = F.cross_entropy(model(x), y)  #: loss
        """,
        "labels-one-hot",
        """
        - loss = F.cross_entropy(model(x), y)
        + loss = F.cross_entropy(model(x), y.argmax(1))
        """,
    ),
    "integers for binary cross-entropy": (
        Seen("LK107", BCE, "BCELoss", "probabilities", UNIT, labels(32, 1, values=(0, 1)), "sigmoid"),
        """
        loss = criterion(model(x), y[:, None])  #: loss
        """,
        "labels-integer",
        """
        - loss = criterion(model(x), y[:, None])
        + loss = criterion(model(x), y[:, None].float())
        """,
    ),
    "Keras, signs": (
        Seen(
            "LK107",
            BCE,
            "binary_crossentropy",
            "probabilities",
            UNIT,
            labels(32, 1, values=(-1, 1)),
            "sigmoid",
            written_by="keras",
        ),
        """
        model.compile("adam", "binary_crossentropy")  #: created
        model.fit(x, y, validation_data=(x_val, y_val))
        model.evaluate(x_val, y_val)
        """,
        "labels-signs",
        """
        - model.fit(x, y, validation_data=(x_val, y_val))
        - model.evaluate(x_val, y_val)
        + model.fit(x, (y + 1) / 2, validation_data=(x_val, (y_val + 1) / 2))
        + model.evaluate(x_val, (y_val + 1) / 2)
        """,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_edit_is_what_a_person_would_make(name: str) -> None:
    seen, text, identity, expected = CASES[name]
    text = dedent(text).lstrip("\n")
    found = proposed(seen, text)
    assert identity in found, f"proposed only {list(found)}"
    got = change(text, found[identity].source)
    assert sorted(got.splitlines()) == sorted(dedent(expected).strip().splitlines())


@pytest.mark.parametrize(
    ("name", "order"),
    [
        ("element of a Sequential", ["drop-activation"]),
        ("sigmoid whose outputs nobody reads", ["drop-activation", "probability-loss"]),
        ("sigmoid whose outputs are rounded: probabilities", ["probability-loss", "drop-activation"]),
        ("Keras, argument of a layer", ["drop-activation", "from-probabilities"]),
        ("Keras, the loss told", ["from-probabilities", "drop-activation"]),
        ("Keras, a string", ["from-logits"]),
        ("Keras, two classes", ["sigmoid-output", "from-logits"]),
        ("squeeze the prediction", ["squeeze", "unsqueeze"]),
        ("squeeze the target", ["squeeze"]),
    ],
)
def test_the_most_promising_edit_comes_first(name: str, order: list[str]) -> None:
    seen, text, _, _ = CASES[name]
    assert list(proposed(seen, dedent(text).lstrip("\n"))) == order


def test_more_classes_than_outputs_have_no_small_edit() -> None:
    seen = Seen("LK104", MSE, "MSELoss", "values", LOGIT, labels(32, 1, values=(0, 1, 2)))
    assert not proposed(seen, "criterion = nn.MSELoss()  #: created\nloss = criterion(model(x), y)  #: loss\n")


def test_a_remark_has_no_remedy() -> None:
    seen = DOUBLE_SOFTMAX._replace(activation="log_softmax", prediction=tensor(32, 10, low=-9, high=0))
    assert not proposed(
        seen, "out = F.log_softmax(model(x), dim=1)  #: activation\nloss = criterion(out, y)  #: loss\n"
    )


def test_a_line_that_does_not_hold_what_was_seen_has_no_remedy() -> None:
    """A loss inside a library the script calls, a line that was generated: nothing is guessed."""
    assert not proposed(DOUBLE_SOFTMAX, "train()  #: activation #: loss\n")
    assert not proposed(CASES["squeeze the prediction"][0], "loss = 0  #: loss\n")


def test_keras_that_stopped_gets_the_loss_for_its_labels() -> None:
    text = "model.compile(\n    optimizer='adam',\n    loss='sparse_categorical_crossentropy',\n)\nmodel.fit(x, y)\n"
    said = "ValueError: Argument `output` must have rank. Received: target.shape=(None, 3), output.shape=(None, 3)"
    run = Recording(events=[Event("exception", said)], sites=[Site("loss", Place("train.py", 3))])
    (remedy,) = remedies(findings("LK107", run)[0], run, text, "train.py")
    assert remedy.source == text.replace("'sparse_categorical_crossentropy'", "'categorical_crossentropy'")
    assert remedy.diff.startswith("--- a/train.py\n+++ b/train.py\n")
