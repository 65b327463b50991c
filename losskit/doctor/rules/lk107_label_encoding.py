"""LK107: the labels are written otherwise than the loss reads them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from losskit.doctor.evidence.loss_calls import CLASSWISE, columns, is_one_hot, opening, shapes, trained_on, values
from losskit.doctor.evidence.place import labels_place
from losskit.doctor.finding import Finding
from losskit.doctor.rules import Rule
from losskit.recording.facts import LossCall, Place, TensorFacts
from losskit.recording.recording import Recording

# Keras says the two shapes when it stops over the form of class labels; its losses say which form they take.
_SHAPES = re.compile(
    r"target\.shape=(?:torch\.Size\()?[(\[](.*?)[)\]].*?output\.shape=(?:torch\.Size\()?[(\[](.*?)[)\]]"
)
_OUT_OF_RANGE = re.compile(
    r"label value of (-?\d+) which is outside the valid range of \[0, (\d+)\).*?Label values: ([\d\s-]*)", re.S
)


SIGNED = frozenset(("SoftMargin", "Hinge", "SquaredHinge", "CosineEmbedding", "HingeEmbedding", "MarginRanking"))


def check(rule: Rule, recording: Recording) -> Iterable[Finding]:
    calls = trained_on(recording)
    if not calls:  # Keras stops before its first step is over
        yield from _refused(rule, recording)
    for call in calls:
        if call.prediction is None or call.target is None or call.target.minimum is None:
            continue
        place = labels_place(recording) or call.place or call.created
        finding = None
        if call.loss in CLASSWISE:
            finding = _out_of_range(rule, call, call.target, place) or _wrong_form(rule, call, call.target)
        elif call.loss == "BinaryCrossEntropy":
            finding = _binary(rule, call, call.target, place) or _wrong_type(rule, call, call.target)
        elif call.loss in SIGNED and call.written_by != "keras":
            finding = _signs(rule, call, call.target, place)
        if finding is not None:
            yield finding


def _out_of_range(rule: Rule, call: LossCall, target: TensorFacts, place: Place | None) -> Finding | None:
    """Class indices that are not 0 … K−1 for K outputs."""
    outputs = columns(call.prediction) or 1
    ignored = call.arguments.get("ignore_index", -100)
    labels = tuple(label for label in values(target) if label != ignored)
    if outputs < 2 or not _are_indices(call) or not labels or (labels[0] >= 0 and labels[-1] < outputs):
        return None
    from_one = labels[0] >= 1 and labels[-1] == outputs
    signs = labels == (-1, 1)
    if from_one:
        advice = f"they count from 1, but the {outputs} outputs are classes 0 … {outputs - 1}. Subtract 1."
    elif signs:
        advice = "they are signs, but the outputs are classes 0 and 1. Use (label + 1) / 2."
    else:
        advice = f"the {outputs} outputs are classes 0 … {outputs - 1}, and there is none for the others."
    return rule.finding(
        f"The labels go from {labels[0]} to {labels[-1]}: {advice} {_consequence(call)}",
        place=place,
        confidence=0.98,
        evidence=_evidence(call, "from-one" if from_one else "signs" if signs else "out-of-range"),
    )


def _wrong_form(rule: Rule, call: LossCall, target: TensorFacts) -> Finding | None:
    """What PyTorch does not take: one-hot rows of integers, a column of indices, indices of another type."""
    outputs = columns(call.prediction) or 1
    if outputs < 2 or call.written_by != "torch":
        return None
    one_hot = target.shape[1:] == (outputs,) and is_one_hot(target)
    if one_hot and (call.loss == "NegativeLogLikelihood" or "float" not in target.dtype):
        said, encoding = f"one-hot rows of {outputs}", "one-hot"
    elif _are_indices(call) and len(target.shape) == len(call.prediction.shape if call.prediction else ()):
        said, encoding = f"class numbers in a column, shape {target.shape}", "column"
    elif _are_indices(call) and target.dtype not in ("int64", "uint8"):
        said, encoding = f"class numbers of type {target.dtype}", "index"
    else:
        return None
    return rule.finding(
        f"{opening(call)} takes class numbers of type int64 in the shape (N,), but the labels are {said}. "
        "PyTorch stops at the first batch.",
        place=call.place or call.created,
        confidence=0.98,
        evidence=_evidence(call, encoding),
    )


def _refused(rule: Rule, recording: Recording) -> Iterable[Finding]:
    """Keras stopped over the labels in its first step, and said why."""
    said = "\n".join(event.message for event in recording.events if event.kind == "exception")
    place = next((site.place for site in recording.places("loss")), None)
    if (match := _OUT_OF_RANGE.search(said)) is not None:
        label, outputs = int(match[1]), int(match[2])
        labels = [int(value) for value in match[3].split()] or [label]
        from_one = label == outputs and min(labels) > 0
        yield rule.finding(
            f"A label is {label}, but the {outputs} outputs are classes 0 … {outputs - 1}"
            + (": the labels count from 1. Subtract 1." if from_one else "."),
            place=place,
            confidence=0.95,
            evidence={"encoding": "from-one" if from_one else "out-of-range", "label": label, "outputs": outputs},
        )
    elif (match := _SHAPES.search(said)) is not None:
        target, output = (tuple(one.strip() for one in shape.split(",") if one.strip()) for shape in match.groups())
        if len(output) < 2 or output[-1] == "1":
            return
        one_hot = len(target) > 1 and target[-1] == output[-1]
        form = f"one-hot rows of {output[-1]}" if one_hot else "class numbers"
        other = "class numbers" if one_hot else "one-hot rows"
        yield rule.finding(
            f"The labels are {form}, but the loss takes {other}: it stopped over labels of shape ({', '.join(target)}) "
            f"and outputs of shape ({', '.join(output)}).",
            place=place,
            confidence=0.95,
            evidence={"encoding": "one-hot" if one_hot else "index", "said": match[0]},
        )


def _binary(rule: Rule, call: LossCall, target: TensorFacts, place: Place | None) -> Finding | None:
    """Two classes that are not called 0 and 1."""
    labels = values(target)
    if not target.integral or len(labels) != 2 or labels == (0, 1):
        return None
    low, high = labels
    encoding = {(-1, 1): "signs", (1, 2): "from-one"}.get(labels, "doubled" if low == 0 else "two")
    advice = {
        "signs": "Use (label + 1) / 2.",
        "from-one": "Subtract 1.",
        "doubled": f"Divide by {high}.",
    }.get(encoding, f"Use (label - {low}) / {high - low}.")
    return rule.finding(
        f"{opening(call)} reads the label as the probability of yes, 0 or 1, but the labels are {labels[0]} and "
        f"{labels[1]}. {advice} With these the loss has no lowest value: it goes to minus infinity.",
        place=place,
        confidence=0.98,
        evidence=_evidence(call, encoding),
    )


def _wrong_type(rule: Rule, call: LossCall, target: TensorFacts) -> Finding | None:
    if call.written_by != "torch" or "float" in target.dtype or target.minimum is None:
        return None
    return rule.finding(
        f"{opening(call)} reads the labels as probabilities, but they are of type {target.dtype}: PyTorch stops at the "
        "first batch.",
        place=call.place or call.created,
        confidence=0.98,
        evidence=_evidence(call, "integer"),
    )


def _signs(rule: Rule, call: LossCall, target: TensorFacts, place: Place | None) -> Finding | None:
    """A margin loss multiplies score and label: a label of 0 makes its sample vanish."""
    if not target.integral or values(target) != (0, 1):
        return None
    return rule.finding(
        f"{opening(call)} multiplies the score with the label, −1 or 1, but the labels are 0 and 1: every sample of "
        "class 0 has the same loss whatever the model says, and no gradient.",
        place=place,
        confidence=0.95,
        evidence=_evidence(call, "zero-one"),
    )


def _are_indices(call: LossCall) -> bool:
    """Whether the target holds one class number per sample (and not a row of probabilities)."""
    assert call.prediction is not None
    assert call.target is not None
    prediction, target = call.prediction.shape, call.target.shape
    if not call.target.integral:
        return False
    return target != prediction and (len(target) == len(prediction) - 1 or target[1:] == (1,) or len(target) < 2)


def _consequence(call: LossCall) -> str:
    if call.written_by == "keras":
        return "Depending on the backend, Keras stops, or the loss is NaN, or such samples count for nothing."
    return "PyTorch stops at the first one."


def _evidence(call: LossCall, encoding: str) -> dict[str, object]:
    target = call.target
    return {
        "function": call.function,
        "encoding": encoding,
        "labels": list(values(target)),
        "label_minimum": target.minimum if target else None,
        "label_maximum": target.maximum if target else None,
        "label_dtype": target.dtype if target else None,
        **shapes(call),
    }


RULE = Rule(
    code="LK107",
    name="label-encoding",
    severity="error",
    what="The labels are written in one way and the loss reads them in another: 1…K for 0…K−1, −1 and 1 for 0 and 1, "
    "one-hot for indices, floats for integers.",
    why="A label outside what the loss reads stops the run, gives NaN, or is a target no prediction can satisfy.",
    fix="Encode the labels as the loss reads them: integers 0…K−1 for cross-entropy, 0.0 and 1.0 for binary "
    "cross-entropy, −1 and 1 for margin losses.",
    thresholds="None: the values, shapes and types decide.",
    needs=("loss_calls",),
    false_alarms=0.0,
    check=check,
    explains=(
        *("LK201", "LK202", "LK206", "LK301", "LK302", "LK303", "LK304", "LK401", "LK402", "LK403", "LK404", "LK405"),
    ),
)
