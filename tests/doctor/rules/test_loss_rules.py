"""LK101 to LK107 on recordings made by hand: what each must see, where, and what it must let pass."""

from __future__ import annotations

import pytest

from losskit.doctor.ranking import rank
from losskit.recording.facts import Activation, Place, Site
from losskit.recording.recording import Recording
from tests.doctor.rules.loss_facts import (
    CALLED,
    CREATED,
    MODEL,
    findings,
    found,
    labels,
    one_hot,
    probabilities,
    recording,
    stopped,
    tensor,
)

CE, BCE, NLL, MSE = "CrossEntropy", "BinaryCrossEntropy", "NegativeLogLikelihood", "SquaredError"
CLASSES = labels(32, values=tuple(range(10)))
YES_NO = labels(32, 1, values=(0, 1), dtype="float32")
SCORES, UNIT = tensor(32, 10), tensor(32, 1, low=0.01, high=0.99)
NUMBERS = tensor(32, 1, low=-1.6, high=2.4, mean=0.0, std=1.0)
ALONG_BATCH = Activation("softmax", MODEL, axis=0)

FAULTY = {
    # double activation
    "softmax into cross-entropy": ("LK101", MODEL, recording(CE, "logits", probabilities(32, 10), CLASSES, "softmax")),
    "sigmoid into logits loss": ("LK101", MODEL, recording(BCE, "logits", UNIT, YES_NO, "sigmoid")),
    "sigmoid into cross-entropy": (
        "LK101",
        MODEL,
        recording(CE, "logits", tensor(32, 10, low=0.1, high=0.9), CLASSES, "sigmoid"),
    ),
    "relu into cross-entropy": ("LK101", MODEL, recording(CE, "logits", tensor(32, 10, low=0.0), CLASSES, "relu")),
    "softmax into nll": (
        "LK101",
        MODEL,
        recording(NLL, "log_probabilities", probabilities(32, 10), CLASSES, "softmax"),
    ),
    "rows of probabilities into cross-entropy": (
        "LK101",
        CALLED,
        recording(CE, "logits", probabilities(32, 10), CLASSES),
    ),
    "Keras on TensorFlow takes the logits back": (
        "LK101",
        MODEL,
        recording(
            CE,
            "probabilities",
            probabilities(32, 10),
            CLASSES,
            "softmax",
            written_by="keras",
            arguments={"from_logits": True, "logits_recovered": True},
        ),
    ),
    # logits as probabilities
    "scores into binary cross-entropy": ("LK102", CREATED, recording(BCE, "probabilities", tensor(32, 1), YES_NO)),
    "scores into nll": ("LK102", CREATED, recording(NLL, "log_probabilities", SCORES, CLASSES)),
    "scores into Keras": ("LK102", CREATED, recording(CE, "probabilities", SCORES, CLASSES, written_by="keras")),
    "tanh into binary cross-entropy": (
        "LK102",
        CREATED,
        recording(BCE, "probabilities", tensor(32, 1, low=-0.9, high=0.9), YES_NO, "tanh"),
    ),
    # softmax axis
    "softmax of one unit": (
        "LK103",
        MODEL,
        recording(BCE, "probabilities", tensor(32, 1, low=1, high=1), YES_NO, "softmax"),
    ),
    "softmax of one unit for each word, squeezed": (
        "LK103",
        MODEL,
        recording(
            BCE,
            "probabilities",
            tensor(32, 12, low=1, high=1, row_sum_minimum=12.0, row_sum_maximum=12.0),
            labels(32, 12, values=(0, 1), dtype="float32"),
            Activation("softmax", MODEL, axis=None),
        ),
    ),
    "softmax over the batch": (
        "LK103",
        MODEL,
        recording(
            CE,
            "probabilities",
            tensor(32, 10, low=0.01, high=0.2, row_sum_minimum=0.2, row_sum_maximum=0.4),
            CLASSES,
            ALONG_BATCH,
        ),
    ),
    "log-softmax over the batch": (
        "LK103",
        MODEL,
        recording(
            NLL,
            "log_probabilities",
            tensor(32, 10, low=-9, high=-1),
            CLASSES,
            Activation("log_softmax", MODEL, axis=-2),
        ),
    ),
    # wrong loss
    "squared error on one-hot": (
        "LK104",
        CREATED,
        recording(MSE, "values", probabilities(32, 10), one_hot(32, 10), "softmax"),
    ),
    "squared error on linear one-hot": ("LK104", CREATED, recording(MSE, "values", SCORES, one_hot(32, 10))),
    "squared error on class numbers": (
        "LK104",
        CREATED,
        recording(MSE, "values", tensor(32, 3), labels(32, 1, values=(0, 1, 2)), broadcast=True),
    ),
    "squared error on two classes": ("LK104", CREATED, recording(MSE, "values", UNIT, YES_NO, "sigmoid")),
    "one output for three classes": (
        "LK104",
        CREATED,
        recording("AbsoluteError", "values", tensor(32, 1), labels(32, 1, values=(0, 1, 2))),
    ),
    "cross-entropy for numbers": ("LK104", CREATED, recording(CE, "logits", tensor(32, 1), NUMBERS)),
    "binary cross-entropy for numbers": ("LK104", CREATED, recording(BCE, "logits", tensor(32, 1), NUMBERS)),
    "binary cross-entropy for ten classes": (
        "LK104",
        CREATED,
        recording(BCE, "logits", tensor(32, 1), labels(32, 1, values=tuple(range(10)), dtype="float32")),
    ),
    "cross-entropy on one output": (
        "LK104",
        CREATED,
        recording(CE, "probabilities", UNIT, YES_NO, "sigmoid", written_by="keras"),
    ),
    # unreachable targets
    "relu below standardised targets": (
        "LK105",
        MODEL,
        recording(MSE, "values", tensor(32, 1, low=0), NUMBERS, "relu"),
    ),
    "tanh below large targets": (
        "LK105",
        MODEL,
        recording("Huber", "values", tensor(32, 1, low=-1, high=1), tensor(32, 1, low=25, high=346), "tanh"),
    ),
    # broadcast
    "a column against a row": (
        "LK106",
        CALLED,
        recording(MSE, "values", tensor(32, 1), tensor(32), broadcast=True),
    ),
    "a row against a column": (
        "LK106",
        CALLED,
        recording("AbsoluteError", "values", tensor(32), tensor(32, 1), broadcast=True),
    ),
    "binary cross-entropy refuses shapes": (
        "LK106",
        CALLED,
        recording(BCE, "logits", tensor(32, 1), labels(32, values=(0, 1), dtype="float32")),
    ),
    # label encoding
    "labels from one": ("LK107", CALLED, recording(CE, "logits", tensor(32, 3), labels(32, values=(1, 2, 3)))),
    "signs into cross-entropy": ("LK107", CALLED, recording(CE, "logits", tensor(32, 2), labels(32, values=(-1, 1)))),
    "signs into binary cross-entropy": (
        "LK107",
        CALLED,
        recording(BCE, "logits", tensor(32, 1), labels(32, 1, values=(-1, 1), dtype="float32")),
    ),
    "ones and twos": (
        "LK107",
        CALLED,
        recording(BCE, "logits", tensor(32, 1), labels(32, 1, values=(1, 2), dtype="float32")),
    ),
    "float labels": ("LK107", CALLED, recording(CE, "logits", SCORES, labels(32, values=(0, 4, 9), dtype="float32"))),
    "labels in a column": ("LK107", CALLED, recording(CE, "logits", SCORES, labels(32, 1, values=(0, 4, 9)))),
    "one-hot integers": ("LK107", CALLED, recording(CE, "logits", SCORES, one_hot(32, 10, dtype="int64"))),
    "one-hot into nll": (
        "LK107",
        CALLED,
        recording(NLL, "log_probabilities", tensor(32, 10, low=-9, high=-0.1), one_hot(32, 10), "log_softmax"),
    ),
    "integers into binary cross-entropy": (
        "LK107",
        CALLED,
        recording(BCE, "logits", tensor(32, 1), labels(32, 1, values=(0, 1))),
    ),
    "zero and one into a margin loss": (
        "LK107",
        CALLED,
        recording("SoftMargin", "values", tensor(32, 1), labels(32, 1, values=(0, 1), dtype="float32")),
    ),
    "Keras: one-hot into the sparse loss": (
        "LK107",
        CREATED,
        stopped(
            "ValueError: Argument `output` must have rank (ndim) `target.ndim - 1`. "
            "Received: target.shape=(None, 3), output.shape=(None, 3)"
        ),
    ),
    "Keras: class numbers into the dense loss": (
        "LK107",
        CREATED,
        stopped(
            "ValueError: Arguments `target` and `output` must have the same shape. "
            "Received: target.shape=torch.Size([16, 1]), output.shape=torch.Size([16, 3])"
        ),
    ),
    "Keras: labels from one": (
        "LK107",
        CREATED,
        stopped(
            "InvalidArgumentError: Graph execution error:\n\nReceived a label value of 3 which is outside "
            "the valid range of [0, 3).  Label values: 1 2 3 3 1\n\t [[{{node compile_loss}}]]"
        ),
    ),
}

HEALTHY = {
    "cross-entropy on scores": recording(CE, "logits", SCORES, CLASSES),
    "cross-entropy on a hidden relu": recording(CE, "logits", SCORES, CLASSES, "relu"),  # the values say: not the last
    "soft-capped scores": recording(CE, "logits", tensor(32, 10, low=-25, high=25), CLASSES, "tanh"),
    "soft targets": recording(CE, "logits", SCORES, probabilities(32, 10)),
    "one-hot targets as probabilities": recording(CE, "logits", SCORES, one_hot(32, 10)),
    "label smoothing": recording(CE, "logits", SCORES, CLASSES, arguments={"label_smoothing": 0.1}),
    "ignored labels": recording(
        CE, "logits", SCORES, labels(32, values=(-100, *range(10))), arguments={"ignore_index": -100}
    ),
    "segmentation": recording(CE, "logits", tensor(4, 3, 8, 8), labels(4, 8, 8, values=(0, 1, 2))),
    "an output that no label uses": recording(CE, "logits", tensor(32, 4), labels(32, values=(1, 2, 3))),
    "log-softmax and nll": recording(NLL, "log_probabilities", tensor(32, 10, low=-9, high=0), CLASSES, "log_softmax"),
    "logarithm of a softmax and nll": recording(
        NLL, "log_probabilities", tensor(32, 10, low=-9, high=0), CLASSES, "log", "softmax"
    ),
    "softmax in Keras": recording(
        CE,
        "probabilities",
        probabilities(32, 10),
        CLASSES,
        "softmax",
        written_by="keras",
        arguments={"from_logits": False},
    ),
    "float labels in Keras": recording(
        CE,
        "probabilities",
        probabilities(32, 10),
        labels(32, 1, values=(0, 9), dtype="float32"),
        "softmax",
        written_by="keras",
    ),
    "sigmoid and binary cross-entropy": recording(BCE, "probabilities", UNIT, YES_NO, "sigmoid"),
    "clamped sigmoid": recording(BCE, "probabilities", UNIT, YES_NO, "clamp", "sigmoid"),
    "adversarial": recording(BCE, "logits", tensor(32, 1), labels(32, 1, values=(1,), dtype="float32"), optimizers=2),
    "several labels at once": recording(
        BCE, "logits", SCORES, labels(32, 10, values=(0, 1), dtype="float32", row_sum_minimum=0.0, row_sum_maximum=5.0)
    ),
    "a smoothed real label": recording(BCE, "logits", tensor(32, 1), tensor(32, 1, low=0.1, high=0.9)),
    "autoencoder, binary cross-entropy": recording(
        BCE, "probabilities", tensor(32, 784, low=0, high=1), tensor(32, 784, low=0, high=1), "sigmoid"
    ),
    "autoencoder, squared error": recording(
        MSE, "values", tensor(32, 784, low=0, high=1), tensor(32, 784, low=0, high=1), "sigmoid"
    ),
    "autoencoder of black and white": recording(
        MSE,
        "values",
        tensor(32, 784, low=0, high=1),
        labels(32, 784, values=(0, 1), dtype="float32", row_sum_minimum=40.0, row_sum_maximum=200.0),
        "sigmoid",
    ),
    "least-squares adversarial": recording(MSE, "values", tensor(32, 1), YES_NO, optimizers=2),
    "one side of it": recording(MSE, "values", tensor(32, 1), labels(32, 1, values=(1,), dtype="float32")),
    "distillation": recording(
        "KLDivergence", "log_probabilities", tensor(32, 10, high=0), probabilities(32, 10), "log_softmax"
    ),
    "regression": recording(MSE, "values", tensor(32, 1), NUMBERS),
    "regression of positive numbers": recording(
        MSE, "values", tensor(32, 1, low=0), tensor(32, 1, low=5, high=50), "relu"
    ),
    "regression of scaled numbers": recording(MSE, "values", UNIT, tensor(32, 1, low=0, high=1), "sigmoid"),
    "tanh with targets a hair outside": recording(
        MSE, "values", tensor(32, 1, low=-1, high=1), tensor(32, 1, low=-1.05, high=1.05), "tanh"
    ),
    "scaled tanh": recording(MSE, "values", tensor(32, 1, low=-40, high=40), tensor(32, 1, low=-50, high=50), "tanh"),
    "counts": recording(
        MSE,
        "values",
        tensor(32, 1),
        tensor(32, 1, low=0, high=4, integral=True, distinct={"0": 400, "1": 300, "2": 90, "3": 20, "4": 5}),
    ),
    "Poisson": recording("PoissonLikelihood", "values", tensor(32, 1), labels(32, 1, values=(0, 1, 2, 3)), "exp"),
    "one number for all": recording(MSE, "values", tensor(32, 1), tensor(1), broadcast=True),
    "a weight per column": recording(MSE, "values", tensor(32, 4), tensor(4), broadcast=True),
    "quantiles of one target": recording(None, None, tensor(64, 3), tensor(64, 1), written_by="user", broadcast=True),
    "one sample": recording(MSE, "values", tensor(1, 1), tensor(1), broadcast=True),
    "margin loss with signs": recording("SoftMargin", "values", tensor(32, 1), labels(32, 1, values=(-1, 1))),
    "an unknown loss": recording("Triplet", "values", tensor(32, 64), tensor(32, 64), "normalize"),
    "nothing seen": Recording(),
}


@pytest.mark.parametrize("name", FAULTY)
def test_a_fault_is_told_by_its_rule_alone_and_where_it_would_be_mended(name: str) -> None:
    code, place, run = FAULTY[name]
    assert found(run) == {code}
    (finding,) = findings(code, run)
    assert finding.place == place
    assert 0.5 < finding.confidence <= 1
    assert finding.message.endswith((".", "?"))


@pytest.mark.parametrize("name", HEALTHY)
def test_a_healthy_run_is_left_in_peace(name: str) -> None:
    assert found(HEALTHY[name]) == set()


@pytest.mark.parametrize(("loss", "outputs"), [(BCE, 1), (CE, 10)])
def test_a_loss_for_another_task_is_the_cause_whatever_it_takes(loss: str, outputs: int) -> None:
    run = recording(loss, "probabilities", tensor(32, outputs), NUMBERS, written_by="keras")
    both = [one for code in ("LK102", "LK104") for one in findings(code, run)]
    assert len(both) == 2
    assert [(one.code, one.explains) for one in rank(both)] == [("LK104", ("LK102",))]


def test_log_softmax_before_cross_entropy_is_only_a_remark() -> None:
    run = recording(CE, "logits", tensor(32, 10, low=-9, high=0), CLASSES, "log_softmax")
    (finding,) = findings("LK101", run)
    assert finding.severity == "info"


def test_values_alone_convince_less_than_the_activation_itself() -> None:
    (seen,) = findings("LK101", FAULTY["softmax into cross-entropy"][2])
    (guessed,) = findings("LK101", FAULTY["rows of probabilities into cross-entropy"][2])
    assert guessed.confidence < seen.confidence


def test_the_floor_of_a_double_softmax_is_that_of_the_best_prediction() -> None:
    """softmax of (1, 0, …, 0): its cross-entropy is log(e + K − 1) − 1, 1.461 for ten classes."""
    (finding,) = findings("LK101", FAULTY["softmax into cross-entropy"][2])
    assert "1.461 for 10 classes" in finding.message


def test_two_players_of_a_least_squares_game_may_be_made_in_one_line() -> None:
    run = recording(MSE, "values", tensor(32, 1), YES_NO)
    assert found(run) == {"LK104"}
    run.sites += [Site("step", Place("train.py", line)) for line in (50, 60)]
    assert found(run) == set()


def test_a_loss_that_only_evaluates_is_not_judged_when_training_was_seen() -> None:
    run = recording(CE, "logits", SCORES, CLASSES)
    held_out = recording(CE, "logits", probabilities(32, 10), CLASSES, "softmax", phase="evaluation")
    run.loss_calls += held_out.loss_calls
    assert found(run) == set()
    assert found(held_out) == {"LK101"}


def test_unreachable_targets_are_an_error_when_their_mean_is_out_of_reach() -> None:
    prediction = tensor(32, 1, low=0, high=1)
    (beyond,) = findings("LK105", recording(MSE, "values", prediction, tensor(32, 1, low=0.8, high=1.6), "sigmoid"))
    (partly,) = findings("LK105", recording(MSE, "values", prediction, tensor(32, 1, low=0.0, high=1.2), "sigmoid"))
    assert (beyond.severity, partly.severity) == ("error", "warning")


def test_how_the_labels_are_written_is_told_to_the_remedies() -> None:
    told = {
        name: findings("LK107", run)[0].evidence["encoding"]
        for name, (code, _, run) in FAULTY.items()
        if code == "LK107"
    }
    assert told == {
        "labels from one": "from-one",
        "signs into cross-entropy": "signs",
        "signs into binary cross-entropy": "signs",
        "ones and twos": "from-one",
        "float labels": "index",
        "labels in a column": "column",
        "one-hot integers": "one-hot",
        "one-hot into nll": "one-hot",
        "integers into binary cross-entropy": "integer",
        "zero and one into a margin loss": "zero-one",
        "Keras: one-hot into the sparse loss": "one-hot",
        "Keras: class numbers into the dense loss": "index",
        "Keras: labels from one": "from-one",
    }
