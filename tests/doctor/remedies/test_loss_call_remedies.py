"""LK108 to LK112: the edits of scripts, line for line."""

from __future__ import annotations

import ast
from textwrap import dedent
from typing import Any

import pytest

from losskit.doctor.finding import Finding
from losskit.doctor.remedies import remedies
from losskit.recording.facts import Activation, Layer, LossCall, Place, Site
from losskit.recording.recording import Recording
from tests.doctor.remedies.test_loss_remedies import change
from tests.doctor.rules.loss_facts import labels, one_hot, probabilities, tensor

MULTI_HOT = labels(32, 5, values=(0, 1), dtype="float32", row_sum_minimum=0.0, row_sum_maximum=3.0)
CE, KL = ("CrossEntropy", "CrossEntropyLoss", "logits"), ("KLDivergence", "KLDivLoss", "log_probabilities")
CATEGORICAL = ("CrossEntropy", "categorical_crossentropy", "probabilities")
INTO_KL = {"prediction": probabilities(32, 10), "target": probabilities(32, 10)}
SCORES_INTO_KL = INTO_KL | {"prediction": tensor(32, 10)}
TWO = {"prediction": tensor(32, 5), "target": MULTI_HOT}

# A script whose lines are marked `#: loss`, `#: created`, `#: activation`, `#: layer` or `#: backward`, where the
# finding is at `#: here`, else at the loss; what is known of the loss; the evidence; the edit; what it changes.
CASES: dict[str, tuple[str, tuple[str, str, str] | None, dict[str, Any], dict[str, Any], str, str]] = {
    "LK108 masked mean": (
        "loss = (mask * error).sum() / mask.sum()  #: loss",
        None,
        {},
        {"by": "divided", "least_divisor": 3.0},
        "bounded-divisor",
        """
        - loss = (mask * error).sum() / mask.sum()
        + loss = (mask * error).sum() / mask.sum().clamp(min=1)
        """,
    ),
    "LK108 weighted mean": (
        "loss = (w * error).sum() / total  #: loss",
        None,
        {},
        {"by": "divided", "least_divisor": 0.01},
        "bounded-divisor",
        """
        - loss = (w * error).sum() / total
        + loss = (w * error).sum() / total.clamp(min=1e-6)
        """,
    ),
    "LK108 Keras": (
        """
        from keras import ops
        def loss(t, p):
            return ops.sum(mask * ops.abs(t - p)) / ops.sum(mask)  #: loss
        """,
        None,
        {},
        {"by": "divided"},
        "bounded-divisor",
        """
        - return ops.sum(mask * ops.abs(t - p)) / ops.sum(mask)
        + return ops.sum(mask * ops.abs(t - p)) / ops.maximum(ops.sum(mask), 1.0)
        """,
    ),
    "LK108 ignored targets": (
        """
        from torch import nn
        criterion = nn.CrossEntropyLoss(ignore_index=0)  #: created
        loss = criterion(model(x), y)  #: loss
        """,
        CE,
        {"arguments": {"ignore_index": 0, "reduction": "mean"}, "prediction": tensor(8, 3), "target": tensor(8)},
        {"by": "ignored"},
        "count-at-least-one",
        """
        - criterion = nn.CrossEntropyLoss(ignore_index=0)
        + criterion = nn.CrossEntropyLoss(ignore_index=0, reduction="sum")
        - loss = criterion(model(x), y)
        + loss = criterion(model(x), y) / (y != 0).sum().clamp(min=1)
        """,
    ),
    "LK108 sample weights": (
        "model.fit(X, y, sample_weight=weights, epochs=3)  #: loss",
        CATEGORICAL,
        {"written_by": "keras"},
        {"by": "ignored"},
        "without-weights",
        """
        - model.fit(X, y, sample_weight=weights, epochs=3)
        + model.fit(X, y, epochs=3)
        """,
    ),
    "LK109 setting": (
        """
        from torch import nn
        criterion = nn.MSELoss(reduction="sum")  #: here
        """,
        None,
        {},
        {"how": "summed", "reduction": "sum"},
        "mean",
        """
        - criterion = nn.MSELoss(reduction="sum")
        + criterion = nn.MSELoss()
        """,
    ),
    "LK109 by hand": (
        """
        import torch
        errors = torch.square(model(x) - y)  #: loss
        loss = torch.sum(errors)
        """,
        None,
        {},
        {"how": "summed"},
        "mean",
        """
        - loss = torch.sum(errors)
        + loss = torch.mean(errors)
        """,
    ),
    "LK109 by hand, rows": (
        "loss = -(t * log_p).sum()  #: loss",
        None,
        {},
        {"how": "summed"},
        "mean-of-rows",
        """
        - loss = -(t * log_p).sum()
        + loss = -(t * log_p).sum(dim=-1).mean()
        """,
    ),
    "LK109 by hand, Keras rows": (
        """
        from keras import ops
        def loss(t, p):
            return -ops.sum(t * ops.log(p))  #: loss
        """,
        None,
        {},
        {"how": "summed"},
        "mean-of-rows",
        """
        - return -ops.sum(t * ops.log(p))
        + return -ops.mean(ops.sum(t * ops.log(p), axis=-1))
        """,
    ),
    "LK109 multiplied": (
        "loss = criterion(model(x), y) * x.size(0)  #: loss",
        None,
        {},
        {"how": "summed"},
        "mean",
        """
        - loss = criterion(model(x), y) * x.size(0)
        + loss = criterion(model(x), y)
        """,
    ),
    "LK109 accumulated": (
        """
        loss = criterion(model(x), y)
        loss.backward()  #: here
        if (i + 1) % steps == 0:
            optimizer.step()
        """,
        None,
        {},
        {"how": "accumulated", "backwards_per_step": 9},
        "divide-accumulated",
        """
        - loss.backward()
        + (loss / steps).backward()
        """,
    ),
    "LK109 divided": (
        "loss = criterion(model(x), y) / len(data)  #: loss",
        None,
        {},
        {"how": "divided"},
        "divide-once",
        """
        - loss = criterion(model(x), y) / len(data)
        + loss = criterion(model(x), y)
        """,
    ),
    "LK109 divided in place": (
        """
        loss = criterion(model(x), y)  #: loss
        loss /= len(data)
        """,
        None,
        {},
        {"how": "divided"},
        "divide-once",
        "- loss /= len(data)",
    ),
    "LK110 a minus too many": (
        "loss = -criterion(model(x)[:, -1], y)  #: loss",
        None,
        {},
        {"how": "negated"},
        "drop-minus",
        """
        - loss = -criterion(model(x)[:, -1], y)
        + loss = criterion(model(x)[:, -1], y)
        """,
    ),
    "LK110 minus one": (
        """
        loss = criterion(model(x), y)  #: loss
        loss = -1 * loss
        """,
        None,
        {},
        {"how": "negated"},
        "drop-minus",
        """
        - loss = -1 * loss
        + loss = loss
        """,
    ),
    "LK110 a minus forgotten": (
        """
        def likelihood(p, t):
            return (t * p.log()).sum(1).mean() + 1  #: loss
        """,
        None,
        {},
        {"how": "negated"},
        "add-minus",
        """
        - return (t * p.log()).sum(1).mean() + 1
        + return -((t * p.log()).sum(1).mean() + 1)
        """,
    ),
    "LK110 backward": (
        """
        terms = t * p.log()  #: loss
        total = terms.mean()
        total.backward()  #: backward
        """,
        None,
        {},
        {"how": "negated"},
        "backward-on-minus",
        """
        - total.backward()
        + (-total).backward()
        """,
    ),
    "LK110 maximize": (
        "optimizer = torch.optim.SGD(model.parameters(), lr=0.1, maximize=True)  #: here",
        None,
        {},
        {"how": "maximize"},
        "minimise",
        """
        - optimizer = torch.optim.SGD(model.parameters(), lr=0.1, maximize=True)
        + optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        """,
    ),
    "LK110 ascent": (
        """
        w += rate * w.grad  #: here
        b.data.add_(rate * b.grad)
        total += loss
        """,
        None,
        {},
        {"how": "ascent"},
        "descend",
        """
        - w += rate * w.grad
        + w -= rate * w.grad
        - b.data.add_(rate * b.grad)
        + b.data.sub_(rate * b.grad)
        """,
    ),
    "LK111 softmax": (
        """
        import torch.nn.functional as F
        from torch import nn
        criterion = nn.KLDivLoss(reduction="batchmean")  #: created
        p = F.softmax(model(x), dim=1)  #: activation
        loss = criterion(p, t)  #: loss
        """,
        KL,
        INTO_KL | {"activation": "softmax"},
        {"how": "prediction-probabilities"},
        "log-softmax",
        """
        - p = F.softmax(model(x), dim=1)
        + p = F.log_softmax(model(x), dim=1)
        """,
    ),
    "LK111 scores": (
        """
        import torch.nn.functional as F
        loss = F.kl_div(model(x), t, reduction="batchmean")  #: loss
        """,
        ("KLDivergence", "kl_div", "log_probabilities"),
        SCORES_INTO_KL,
        {"how": "prediction-scores"},
        "prediction-of-divergence",
        """
        - loss = F.kl_div(model(x), t, reduction="batchmean")
        + loss = F.kl_div(F.log_softmax(model(x), dim=1), t, reduction="batchmean")
        """,
    ),
    "LK111 in the wrong order": (
        "loss = F.kl_div(t[rows], log_p, reduction='sum')  #: loss",
        ("KLDivergence", "kl_div", "log_probabilities"),
        INTO_KL,
        {"how": "swapped"},
        "in-order",
        """
        - loss = F.kl_div(t[rows], log_p, reduction='sum')
        + loss = F.kl_div(log_p, t[rows], reduction='sum')
        """,
    ),
    "LK111 log target": (
        """
        from torch import nn
        criterion = nn.KLDivLoss(reduction="batchmean")  #: created
        loss = criterion(log_p, log_t)  #: loss
        """,
        KL,
        INTO_KL,
        {"how": "log-target", "log_target": False},
        "log-target",
        """
        - criterion = nn.KLDivLoss(reduction="batchmean")
        + criterion = nn.KLDivLoss(reduction="batchmean", log_target=True)
        """,
    ),
    "LK111 Keras": (
        """
        outputs = layers.Dense(10)(x)  #: layer
        model.compile(loss="kl_divergence")  #: loss
        """,
        ("KLDivergence", "kl_divergence", "probabilities"),
        SCORES_INTO_KL | {"written_by": "keras"},
        {"how": "prediction-scores"},
        "softmax-output",
        """
        - outputs = layers.Dense(10)(x)
        + outputs = layers.Dense(10, activation="softmax")(x)
        """,
    ),
    "LK112 torch": (
        """
        from torch import nn
        criterion = nn.CrossEntropyLoss()  #: created
        loss = criterion(model(x), y)  #: loss
        """,
        CE,
        TWO,
        {"how": "exclusive"},
        "independent-labels",
        """
        - criterion = nn.CrossEntropyLoss()
        + criterion = nn.BCEWithLogitsLoss()
        """,
    ),
    "LK112 softmax": (
        """
        import torch
        from torch import nn
        p = torch.softmax(model(x), dim=1)  #: activation
        loss = nn.BCELoss()(p, y)  #: loss
        """,
        ("BinaryCrossEntropy", "BCELoss", "probabilities"),
        TWO | {"activation": "softmax"},
        {"how": "exclusive"},
        "independent-labels",
        """
        - p = torch.softmax(model(x), dim=1)
        + p = torch.sigmoid(model(x))
        """,
    ),
    "LK112 Keras": (
        """
        outputs = layers.Dense(5, activation="softmax")(x)  #: activation
        model.compile(loss="categorical_crossentropy")  #: loss
        """,
        CATEGORICAL,
        TWO | {"activation": "softmax", "written_by": "keras"},
        {"how": "exclusive"},
        "independent-labels",
        """
        - outputs = layers.Dense(5, activation="softmax")(x)
        + outputs = layers.Dense(5, activation="sigmoid")(x)
        - model.compile(loss="categorical_crossentropy")
        + model.compile(loss="binary_crossentropy")
        """,
    ),
    "LK112 one of many": (
        """
        from torch import nn
        criterion = nn.BCEWithLogitsLoss()  #: created
        loss = criterion(model(x), y)  #: loss
        """,
        ("BinaryCrossEntropy", "BCEWithLogitsLoss", "logits"),
        {"prediction": tensor(32, 5), "target": one_hot(32, 5)},
        {"how": "independent"},
        "exclusive-classes",
        """
        - criterion = nn.BCEWithLogitsLoss()
        + criterion = nn.CrossEntropyLoss()
        """,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_edit(name: str) -> None:
    script, known, facts, evidence, edit, expected = CASES[name]
    text = dedent(script).strip() + "\n"

    def place(mark: str) -> Place | None:
        lines = [number for number, line in enumerate(text.splitlines(), 1) if f"#: {mark}" in line]
        return Place("train.py", lines[0]) if lines else None

    backward = place("backward")
    run = Recording(sites=[] if backward is None else [Site("backward", backward)])
    run.layers = [Layer("dense", "Dense", 0, place("layer"), parameters=10)] if place("layer") else []
    if known is not None:
        loss, function, expects = known
        created = place("created") or (place("loss") if facts.get("written_by") == "keras" else None)
        applied = facts.get("activation")
        given: dict[str, Any] = {"written_by": "torch", "place": place("loss"), "created": created} | facts
        given["activations"] = () if applied is None else (Activation(applied, place("activation"), 1),)
        given.pop("activation", None)
        run.loss_calls = [LossCall(loss, function, expects=expects, **given)]
        evidence = evidence | {"function": function}
    finding = Finding(name[:5], "name", "error", 0.9, "message", place("here") or place("loss"), evidence)
    found = {remedy.id: remedy for remedy in remedies(finding, run, text, "train.py")}
    assert edit in found
    ast.parse(found[edit].source)
    assert change(text, found[edit].source) == dedent(expected).strip()
