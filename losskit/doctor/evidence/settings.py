"""Settings of an optimizer that cannot do what they are for, whatever the task."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from losskit.doctor.evidence.place import first_site, optimizer_place
from losskit.doctor.evidence.rate import the_optimizer
from losskit.recording.facts import OptimizerFacts, Place
from losskit.recording.recording import Recording

ADAPTIVE = frozenset({"Adam", "AdamW", "NAdam", "Nadam", "RAdam", "Adamax", "RMSprop", "Adagrad", "Adadelta"})
LONG_MEMORY = 0.99  # of a momentum: a hundred steps, ten times that of the customary 0.9
LEAST_HALF = 2.0**-25  # half the smallest float16: what is less becomes 0 in it
FLAT = 1e-3  # relative spread of gradient norms that are all cut to one length
CUT_TO_SIGNS = 0.05  # of mean |g| over the layers, when every entry is cut to ± one value

# What PyTorch and Keras say when they refuse a setting.
REFUSALS = (
    "Invalid learning rate", "Invalid momentum", "Invalid beta parameter", "Invalid epsilon value", "Invalid eps",
    "Invalid weight_decay", "Nesterov momentum requires", "Tried to step", "required positional argument: 'closure'",
    "`momentum` must be", "Argument `momentum`", "Factor should be < 1.0", "Expected positive integer total_steps",
)  # fmt: skip


@dataclass(frozen=True)
class Misfit:
    """One setting: `id` names the kind of mistake, `told` what is wrong; `certain` when no run can want it."""

    id: str
    told: str
    place: Place | None
    certain: bool = False
    evidence: Mapping[str, object] = field(default_factory=dict)


def misfits(recording: Recording) -> Iterator[Misfit]:
    """The settings of the optimizer that stepped, that stand out by themselves."""
    one, place = the_optimizer(recording), optimizer_place(recording)
    if one is None:
        return
    for found in (_averages, _momentum, _epsilon, _direction, _accumulation):
        yield from found(one, recording, place)
    yield from _clipping(one, recording, place)
    yield from _remade(one, place)


def refused(recording: Recording) -> Misfit | None:
    """A setting that the framework did not take: the script ended with its message."""
    for event in recording.events:
        if event.kind == "exception" and any(phrase in event.message for phrase in REFUSALS):
            return Misfit("refused", event.message, event.place, True)
    return None


def _number(one: OptimizerFacts, name: str) -> float | None:
    value = one.settings.get(name)
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _averages(one: OptimizerFacts, recording: Recording, place: Place | None) -> Iterator[Misfit]:
    betas = one.settings.get("betas")
    if not isinstance(betas, (list, tuple)) or not all(isinstance(beta, (int, float)) for beta in betas[:2]):
        return
    first, second = float(betas[0]), float(betas[1])
    said = {"beta_1": first, "beta_2": second}
    if first > second and first**2 >= math.sqrt(second):
        told = f"betas ({first:g}, {second:g}) are swapped: the gradient is averaged for longer than its square"
        yield Misfit("betas-swapped", told, place, True, said)
    elif first**2 >= math.sqrt(second):
        told = f"betas ({first:g}, {second:g}) average the gradient for too long against its square (β₁² ≥ √β₂)"
        yield Misfit("betas", told, place, False, said)
    elif first >= LONG_MEMORY:
        told = f"beta_1 = {first:g} goes on in the direction of the last {1 / max(1 - first, 1e-9):.0f} steps"
        yield Misfit("betas", told, place, False, said)


def _momentum(one: OptimizerFacts, recording: Recording, place: Place | None) -> Iterator[Misfit]:
    momentum, dampening = _number(one, "momentum"), _number(one, "dampening")
    if momentum is None or one.kind not in ("SGD", "RMSprop"):
        return
    if momentum >= 1:
        told = f"momentum {momentum:g} never lets a step fade: the weights run away"
        yield Misfit("momentum", told, place, True, {"momentum": momentum})
    elif momentum >= LONG_MEMORY:
        told = f"momentum {momentum:g} goes on in the direction of the last {1 / (1 - momentum):.0f} steps"
        yield Misfit("momentum", told, place, False, {"momentum": momentum})
    if momentum > 0 and dampening is not None and dampening >= 1:
        told = f"dampening {dampening:g} leaves nothing of any gradient but the first"
        yield Misfit("dampening", told, place, True, {"dampening": dampening})


def _epsilon(one: OptimizerFacts, recording: Recording, place: Place | None) -> Iterator[Misfit]:
    epsilon = _number(one, "eps")
    if epsilon is None or one.kind not in ADAPTIVE:
        return
    half = recording.inputs is not None and recording.inputs.dtype == "float16"
    lost = any(not math.isfinite(value) for value in recording.signal("loss").values)
    if lost and (epsilon <= 0 or (half and epsilon < LEAST_HALF)):
        told = f"eps = {epsilon:g}{' is 0 in float16, and' if half else ''} lets a gradient of 0 be divided by 0"
        yield Misfit("eps", told, place, True, {"eps": epsilon})
    sizes = [s.finite() for s in recording.per_layer("gradient_mean_absolute").values()]
    usual = max((float(np.median(size)) for size in sizes if len(size)), default=None)
    if usual is not None and epsilon >= 1e-3 and epsilon > usual:
        told = (
            f"eps = {epsilon:g} is larger than the gradients (usually {usual:.2g}), which it is added to: "
            "steps become that much smaller"
        )
        yield Misfit("eps", told, place, False, {"eps": epsilon, "gradient_mean_absolute": usual})


def _direction(one: OptimizerFacts, recording: Recording, place: Place | None) -> Iterator[Misfit]:
    calls, values = recording.training_losses(), recording.signal("loss").finite()
    known = len(calls) == 1 and calls[0].loss is not None and not calls[0].negated
    if one.settings.get("maximize") is True and known and len(values) > 1 and values[-1] > values[0]:
        yield Misfit("maximize", "maximize=True makes the loss as large as it can be", place, True)


def _accumulation(one: OptimizerFacts, recording: Recording, place: Place | None) -> Iterator[Misfit]:
    waits = _number(one, "gradient_accumulation_steps")
    if waits is not None and one.steps and waits > one.steps:
        told = (
            f"gradient_accumulation_steps = {waits:.0f} is more than the {one.steps} steps there were: none was taken"
        )
        yield Misfit("accumulation", told, place, True, {"gradient_accumulation_steps": waits})


def _clipping(one: OptimizerFacts, recording: Recording, place: Place | None) -> Iterator[Misfit]:
    """Gradients that are always cut to a length so small that steps without a second moment come to nothing."""
    if one.kind in ADAPTIVE:
        return
    for name in ("clipnorm", "global_clipnorm", "clipvalue"):
        limit = _number(one, name)
        norms = recording.signal("gradient_norm").finite()
        if limit is not None and len(norms) and limit < 0.1 * np.median(norms):
            yield Misfit("clip", f"{name} = {limit:g} cuts gradients of {np.median(norms):.2g}", place, False)
            return
    clip = first_site(recording, "clip")
    if clip is None:
        return
    norms = recording.signal("gradient_norm").finite()
    if len(norms) >= 10 and np.median(norms) > 0 and np.ptp(norms) < FLAT * np.median(norms):
        told = f"every gradient is clipped to a norm of {np.median(norms):.2g}"
        yield Misfit("clip", told, clip, False, {"gradient_norm": float(np.median(norms))})
        return
    sizes = [s.finite() for s in recording.per_layer("gradient_mean_absolute").values()]
    usual = [float(np.median(size)) for size in sizes if len(size) >= 10]
    if len(usual) >= 2 and max(usual) > 0 and np.ptp(usual) < CUT_TO_SIGNS * max(usual):
        told = f"every entry of the gradient is clipped to {max(usual):.2g}"
        yield Misfit("clip", told, clip, False, {"gradient_mean_absolute": max(usual)})


def _remade(one: OptimizerFacts, place: Place | None) -> Iterator[Misfit]:
    """An optimizer made anew forgets its averages."""
    remembers = one.kind in ADAPTIVE or (_number(one, "momentum") or 0) > 0
    if one.made < 3 or not remembers or not one.steps:
        return
    each = one.steps / one.made
    told = (
        f"a new {one.kind} is made every {each:.0f} steps" if each >= 2 else f"a new {one.kind} is made in every step"
    )
    yield Misfit("remade", f"{told}, and forgets what the one before had averaged", place, each < 2, {"made": one.made})
