"""LK509: the model is evaluated in training mode, or trained in evaluation mode."""

from __future__ import annotations

from collections.abc import Iterable

from losskit.doctor.evidence.outcome import adversarial, held_out, skill, suffering
from losskit.doctor.evidence.place import first_site
from losskit.doctor.finding import Finding
from losskit.doctor.rules import Rule
from losskit.recording.facts import Modes, Place
from losskit.recording.recording import Recording

SELDOM = 5  # steps from one pass to the next


def check(rule: Rule, recording: Recording) -> Iterable[Finding]:
    modes = recording.modes
    if modes is None or adversarial(recording):
        return
    found = _drops_in_evaluation(modes) or _evaluated_in_training(modes, recording) or _stays_in_evaluation(modes)
    trouble = suffering(recording)
    severity = "warning"
    if found is None and modes.trained and modes.trained_in_evaluation == modes.trained:
        found = _never_in_training(modes, recording)
        if trouble is None and not (_drops_nothing(modes, recording) or _learns_no_statistics(modes, recording)):
            severity = "info"  # layers whose statistics are frozen are trained so on purpose
    if found is None:
        return
    message, place = found
    yield rule.finding(
        f"{message}{f'; {trouble}' if trouble else ''}.",
        place=place,
        confidence=0.9 if severity != "info" else 0.5,
        severity=severity,
        evidence={
            "layers": list(modes.layers),
            "trained": modes.trained,
            "trained_in_evaluation": modes.trained_in_evaluation,
            "evaluated": modes.evaluated,
            "evaluated_in_training": modes.evaluated_in_training,
            "skill": skill(recording),
        },
    )


def _drops_nothing(modes: Modes, recording: Recording) -> bool:
    """Whether dropout is told by a step of the script's own for Keras that it does not train."""
    return recording.framework == "keras" and any("Dropout" in kind for kind in modes.layers)


def _learns_no_statistics(modes: Modes, recording: Recording) -> bool:
    """Whether batch normalisation keeps the statistics that it was made with, in a model that is trained from its
    random start: those that were frozen on purpose were learned before."""
    weighted = [layer for layer in recording.layers if layer.fan_in and layer.trainable]
    drawn = bool(weighted) and all(layer.random for layer in weighted)
    return drawn and any("BatchNorm" in kind for kind in modes.layers)


def _drops_in_evaluation(modes: Modes) -> tuple[str, Place | None] | None:
    if modes.functional is None or modes.evaluated == modes.evaluated_in_training:
        return None
    return "This dropout does not follow the model's mode: it goes on dropping in evaluation", modes.functional


def _evaluated_in_training(modes: Modes, recording: Recording) -> tuple[str, Place | None] | None:
    seldom = modes.evaluated * SELDOM <= recording.progress.steps  # an action or a pseudo-label is decided in each step
    if (
        not (held_out(recording) or (modes.decided and seldom))
        or not modes.layers
        or 2 * modes.evaluated_in_training <= modes.evaluated
    ):
        return None
    passes = f"in {modes.evaluated_in_training} of {modes.evaluated} passes"
    often = passes if recording.framework != "keras" else "training=True is what it is told there"
    return f"The model is evaluated in training mode ({often}), with {_listed(modes)} at work", modes.evaluated_at


def _stays_in_evaluation(modes: Modes) -> tuple[str, Place | None] | None:
    after = modes.trained - 1
    if not modes.layers or modes.first_in_evaluation or after < 1 or modes.trained_in_evaluation < after:
        return None
    said = f"After the first evaluation the model stays in evaluation mode: {_listed(modes)} no longer work in training"
    return said, modes.trained_at


def _never_in_training(modes: Modes, recording: Recording) -> tuple[str, Place | None]:
    place = modes.trained_at or first_site(recording, "forward", "fit")
    return f"The model is trained in evaluation mode: {_listed(modes)} do not work in training", place


def _listed(modes: Modes) -> str:
    return " and ".join(modes.layers)


RULE = Rule(
    code="LK509",
    name="train-eval-mode",
    severity="warning",
    what="Dropout or batch normalisation work in evaluation as in training, or not in training.",
    why=(
        "In training mode dropout makes predictions random and batch normalisation lets the rows of a batch change "
        "each other's; in evaluation mode the one regularises nothing and the other learns no statistics."
    ),
    fix="Call model.train() before each epoch of training and model.eval() before each evaluation.",
    thresholds=(
        "Exact: the modes are read when the model is called. Most evaluation passes were made in training mode, or "
        "all training after the first pass in evaluation mode. Called twice on the same input, a model in training "
        "mode is sampled on purpose; trained in evaluation mode from its first step, it is only mentioned unless "
        "the run gains less than half of what chance leaves, or batch normalisation in a model of random first weights "
        "never learns its statistics."
    ),
    needs=("Modes",),
    false_alarms=0.01,
    check=check,
    explains=("LK403", "LK404", "LK405", "LK501", "LK502", "LK503"),
)
