"""LK111: a Kullback–Leibler divergence is given something else than it takes."""

from __future__ import annotations

from collections.abc import Iterable

from losskit.doctor.evidence.loss_calls import (
    ROUNDING,
    are_probability_rows,
    columns,
    last_activation,
    named,
    number,
    opening,
    rows_sum_to_one,
    shapes,
    trained_on,
    within,
)
from losskit.doctor.finding import Finding
from losskit.doctor.rules import Rule
from losskit.recording.facts import LossCall, Place, TensorFacts
from losskit.recording.recording import Recording

INFINITY = float("inf")


def check(rule: Rule, recording: Recording) -> Iterable[Finding]:
    for call in trained_on(recording):
        if call.loss != "KLDivergence" or call.prediction is None or call.target is None:
            continue
        if call.expects == "log_probabilities":
            finding = _of_logarithms(rule, call, call.prediction, call.target)
        else:
            finding = _of_probabilities(rule, recording, call, call.prediction)
        if finding is not None:
            yield finding


def _of_logarithms(rule: Rule, call: LossCall, prediction: TensorFacts, target: TensorFacts) -> Finding | None:
    """PyTorch: log-probabilities first, then probabilities (their logarithms with log_target=True)."""
    takes_logarithms = bool(call.arguments.get("log_target"))
    given, wanted = _kind(prediction), _kind(target)
    if prediction.minimum is None or target.minimum is None:
        return None
    if given == "probabilities" and wanted == "log-probabilities" and not takes_logarithms:
        return _found(
            rule,
            call,
            "received its two arguments in the wrong order: it takes the log-probabilities of the model first, then "
            "the probabilities they shall match",
            "swapped",
            call.place,
        )
    if given != "log-probabilities":
        seen = f"{given} from {number(prediction.minimum)} to {number(prediction.maximum)}"
        activation = last_activation(call)
        place = activation.place if activation is not None and named(activation, "softmax", "sigmoid") else call.place
        return _found(rule, call, f"takes log-probabilities first, but received {seen}", f"prediction-{given}", place)
    if takes_logarithms and wanted == "probabilities":
        said = "is told that the targets are log-probabilities (log_target=True), but they are probabilities"
        return _found(rule, call, said, "log-target", _setting_place(call))
    if not takes_logarithms and wanted != "probabilities":
        said = f"takes probabilities as targets, but received {wanted} from {number(target.minimum)} to "
        said += number(target.maximum)
        how = "log-target" if wanted == "log-probabilities" else "target-scores"
        return _found(rule, call, said, how, _setting_place(call) if how == "log-target" else call.place)
    if call.arguments.get("reduction") == "mean" and len(prediction.shape) > 1:
        said = "is averaged over the classes too (reduction='mean'): the divergence is the one of 'batchmean', "
        said += f"{columns(prediction)} times as large"
        return _found(rule, call, said, "reduction", call.created or call.place, "info")
    return None


def _of_probabilities(rule: Rule, recording: Recording, call: LossCall, prediction: TensorFacts) -> Finding | None:
    """Keras: probabilities, which it clips to [1e-7, 1] without a word."""
    if prediction.minimum is None or (columns(prediction) or 1) < 2 or are_probability_rows(prediction):
        return None
    activation = last_activation(call)
    if within(prediction, 0, 1):
        if not named(activation, "sigmoid", "hard_sigmoid"):
            return None
        said = "compares distributions, but its rows come from a sigmoid and do not sum to 1: the best answer is 1 for "
        said += "every class"
        return _found(rule, call, said, "prediction-sigmoid", _output(recording, call))
    seen = f"{_kind(prediction)} from {number(prediction.minimum)} to {number(prediction.maximum)}"
    said = f"takes probabilities, but received {seen}, which it clips to [0, 1]"
    return _found(rule, call, said, f"prediction-{_kind(prediction)}", _output(recording, call))


def _kind(facts: TensorFacts) -> str:
    """What the values can be."""
    if within(facts, 0, 1):
        return "probabilities"
    return "log-probabilities" if facts.maximum is not None and facts.maximum <= ROUNDING else "scores"


def _output(recording: Recording, call: LossCall) -> Place | None:
    """The line that decides what the model puts out: its last activation, else its last layer with weights."""
    activation = last_activation(call)
    if activation is not None and activation.place is not None:
        return activation.place
    last = next((layer for layer in reversed(recording.layers) if layer.parameters), None)
    return (last.place if last is not None else None) or call.place


def _setting_place(call: LossCall) -> Place | None:
    return call.created or call.place


def _found(rule: Rule, call: LossCall, said: str, how: str, place: Place | None, severity: str = "error") -> Finding:
    activation, prediction, target = last_activation(call), call.prediction, call.target
    return rule.finding(
        f"{opening(call)} {said}.",
        place=place or call.place or call.created,
        confidence=0.97,
        severity="info" if severity == "info" else None,
        evidence={
            "function": call.function,
            "how": how,
            "activation": activation.name if activation is not None else None,
            "log_target": bool(call.arguments.get("log_target")),
            "prediction_minimum": prediction.minimum if prediction else None,
            "prediction_maximum": prediction.maximum if prediction else None,
            "target_minimum": target.minimum if target else None,
            "target_maximum": target.maximum if target else None,
            "target_rows_sum_to_one": rows_sum_to_one(target),
            **shapes(call),
        },
    )


RULE = Rule(
    code="LK111",
    name="divergence-arguments",
    severity="error",
    what="The Kullback–Leibler divergence receives probabilities or raw scores where it takes log-probabilities (or "
    "the reverse), or its two arguments in the wrong order.",
    why="PyTorch computes Σ t·(log t − x) whatever x is: with probabilities for x the loss only asks for large ones, "
    "and its gradient no longer depends on what the model says. Keras clips what is not in [0, 1], and the gradient "
    "there is 0.",
    fix="PyTorch: kl_div(log_softmax(scores), probabilities), or log_target=True with logarithms. Keras: KLDivergence "
    "on the output of a softmax.",
    thresholds="None: a log-probability is at most 0 and a probability in [0, 1], up to the rounding of a softmax in "
    "half precision (0.01).",
    needs=("loss_calls",),
    false_alarms=0.001,
    check=check,
    explains=(
        *("LK201", "LK202", "LK204", "LK206", "LK301", "LK303", "LK304", "LK401", "LK402", "LK403", "LK404", "LK405"),
        *("LK110", "LK105", "LK508"),
    ),
)
