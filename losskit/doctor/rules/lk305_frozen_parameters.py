"""LK305: part of the model stays at its random start: no gradient comes to it, or no optimizer moves it."""

from __future__ import annotations

from collections.abc import Iterable

from losskit.doctor.evidence.gradients import dead_at, moved, reached
from losskit.doctor.evidence.outcome import adversarial, skill, suffering
from losskit.doctor.evidence.place import first_site, optimizer_place
from losskit.doctor.finding import Finding
from losskit.doctor.rules import Rule
from losskit.recording.facts import Layer, Place
from losskit.recording.recording import Recording

STEPS = 3  # after which what is trained has moved
DEAD = 0.7  # of a layer's units, as LK303 has it


def check(rule: Rule, recording: Recording) -> Iterable[Finding]:
    trouble = suffering(recording)
    found = _never_stepped(recording) or _cut_from_the_loss(recording) or _left_out(recording) or _cut_off(recording)
    certain = found is not None
    if found is None and trouble is not None and not adversarial(recording):
        found = _frozen(recording) or _unreached(recording)
    if found is None:
        return
    message, place, layers = found
    yield rule.finding(
        f"{message}{f'; {trouble}' if trouble else ''}.",
        place=place,
        confidence=0.95 if certain and trouble else 0.85 if certain else 0.8,
        severity=None if trouble or not layers else "warning",
        evidence={"layers": [layer.name for layer in layers], "skill": skill(recording)},
    )


Found = tuple[str, Place | None, list[Layer]]


def _never_stepped(recording: Recording) -> Found | None:
    optimizers, calls = recording.optimizers, sum(call.calls for call in recording.training_losses())
    if not optimizers or any(one.steps for one in optimizers) or calls < STEPS or not recording.places("backward"):
        return None
    kinds = ", ".join(one.kind for one in optimizers)
    return f"No step is ever made: {kinds} holds the parameters, but step() is not called", _backward(recording), []


def _cut_from_the_loss(recording: Recording) -> Found | None:
    """No layer gets a gradient."""
    layers = [layer for layer in recording.layers if layer.trainable and layer.reached is not None]
    if (
        not layers
        or any(layer.reached or moved(recording, layer) for layer in layers)
        or recording.progress.steps < STEPS
    ):
        return None
    if not recording.places("backward"):
        return None
    cut = next((layer.cut for layer in reversed(layers) if layer.cut is not None), None)
    return "No gradient of the loss comes to any layer of the model", cut or _backward(recording), []


def _left_out(recording: Recording) -> Found | None:
    """Layers that get gradients, but that no optimizer moves."""
    missing = {name.rpartition(".")[0] for one in recording.optimizers for name in one.missing}
    stuck = [layer for layer in _stuck(recording) if reached(recording, layer)]
    if suffering(recording) is not None:
        stuck += [layer for layer in _unknown(recording) if layer.name in missing and layer not in stuck]
    idle = [one for one in recording.optimizers if not one.steps]
    partly = recording.framework == "keras"  # all is held there, but a train_step of its own may hand over a part
    left = [layer for layer in stuck if layer.name in missing or idle or partly]
    held = [layer for layer in recording.layers if layer.trainable and layer.name not in missing]
    if not left or (held and not any(moved(recording, layer) for layer in held)):
        return None
    unknown = [layer for layer in left if not layer.registered]
    if unknown:
        said = (
            "The model calls layers that are none of its parts (kept in a plain list or dict, they are not registered)"
        )
        return f"{said}: no optimizer holds {_names(unknown)}, which stay as they were drawn", unknown[0].place, left
    if any(layer.name in missing for layer in left):
        late = [one.place for one in left if one.place in {site.place for site in recording.places("late")}]
        if late:
            said = f"{_names(left)} came into the model when the optimizer had been made, which does not hold them"
            return f"{said}: they stay as they were drawn", late[0], left
        made = [one.place for one in recording.optimizers if one.steps and one.place is not None]
        place = made[-1] if made else optimizer_place(recording)  # the last is the one in use
        place = (first_site(recording, "step") if partly else None) or place
        return f"No optimizer holds the parameters of {_names(left)}, which stay as they were drawn", place, left
    if partly:
        return f"{_names(left)} get gradients, but no step moves them", first_site(recording, "step", "fit"), left
    place = first_site(recording, "step") or idle[0].place
    return f"The optimizer of {_names(left)} ({idle[0].kind}) never makes a step: they stay as drawn", place, left


def _unknown(recording: Recording) -> list[Layer]:
    """Layers that have not moved, and of which it was not seen how they were drawn (one put in later) or if gradients
    come to them (a step of the script's own for Keras)."""
    if recording.progress.steps < STEPS:
        return []
    layers = [one for one in recording.layers if one.trainable and one.random is not False]
    return [layer for layer in layers if moved(recording, layer) is False and reached(recording, layer) is not False]


def _cut_off(recording: Recording) -> Found | None:
    """Layers that an optimizer holds, behind an operation that lets no gradient pass."""
    missing = {name.rpartition(".")[0] for one in recording.optimizers for name in one.missing}
    cut = [layer for layer in _stuck(recording) if layer.reached is False and layer.cut and layer.name not in missing]
    if not cut:
        return None
    return f"No gradient comes to {_names(cut)}: the way back from the loss is cut off here", cut[-1].cut, cut


def _unreached(recording: Recording) -> Found | None:
    """The same, where the operation was not seen: the first layers, up to where gradients end."""
    layers = sorted((one for one in recording.layers if one.trainable and one.fan_in), key=lambda one: one.depth)
    dead = (dead_at(signal, end=True) for signal in recording.per_layer("dead_fraction").values())
    if any(share is not None and share >= DEAD for share in dead):
        return None  # these pass no gradient either, and are another fault
    trained = [layer.depth for layer in layers if reached(recording, layer)]
    stuck = {layer.name for layer in _stuck(recording)}
    first = [layer for layer in layers if trained and layer.depth < trained[0]]
    if not first or any(layer.name not in stuck or reached(recording, layer) is not False for layer in first):
        return None
    place = first_site(recording, "cut", *(["step"] if recording.framework == "keras" else [])) or first[-1].place
    return f"No gradient comes to {_names(first)}, which stay as they were drawn", place, first


def _frozen(recording: Recording) -> Found | None:
    """Layers taken out of training before they had learned anything."""
    frozen = [one for one in recording.layers if one.random and one.parameters and not one.trainable]
    frozen = [one for one in frozen if one.fan_in or "Embedding" in one.kind]
    frozen = [layer for layer in frozen if not moved(recording, layer)]
    if not frozen:
        return None
    place = first_site(recording, "frozen") or frozen[0].place
    if not any(layer.trainable for layer in recording.layers):
        return (
            f"Every layer of the model is frozen, {_names(frozen)} with the weights they were drawn with",
            place,
            frozen,
        )
    return f"Frozen with the weights they were drawn with: {_names(frozen)}", place, frozen


def _stuck(recording: Recording) -> list[Layer]:
    """Layers that are to be trained, and have not moved from where they were drawn."""
    if recording.progress.steps < STEPS:
        return []
    layers = [layer for layer in recording.layers if layer.trainable and layer.random and _weighted(layer)]
    return [layer for layer in layers if moved(recording, layer) is False]


def _weighted(layer: Layer) -> bool:
    """Whether it has a matrix to train, or the rows of a table."""
    return layer.fan_in is not None or "Embedding" in layer.kind


def _names(layers: list[Layer]) -> str:
    names = [layer.name for layer in layers[:3]]
    return ", ".join(names) + (f" and {len(layers) - 3} other layers" if len(layers) > 3 else "")


def _backward(recording: Recording) -> Place | None:
    return first_site(recording, "backward", "step", "optimizer", "fit")


RULE = Rule(
    code="LK305",
    name="frozen-parameters",
    severity="error",
    what="Layers that were drawn at random stay as they were: no optimizer holds them, or no gradient comes to them.",
    why=(
        "An optimizer moves the parameters it was given when it was made, as far as backward reaches them: a part of "
        "the parameters, layers put in later or kept in a plain list, a detach, no_grad or NumPy call in forward "
        "leave the rest at random values."
    ),
    fix=(
        "Give the optimizer all parameters after the model is complete, keep layers in nn.ModuleList, and let "
        "nothing in forward leave the graph."
    ),
    thresholds=(
        "Exact: no weight of the layer has another value at the end than at the start, which was drawn in this run "
        "(not loaded, not trained before, not copied), while gradients come to it that no optimizer uses, or the "
        "operation is known that stops them. Frozen on purpose, or without a gradient for a reason not seen: only "
        "when the run gains less than half of what chance leaves."
    ),
    needs=("Layer.random", "Layer.moved", "Layer.reached", "OptimizerFacts.missing"),
    false_alarms=0.005,
    check=check,
    explains=("LK301", "LK303", "LK304", "LK401", "LK402", "LK404", "LK405", "LK501", "LK503", "LK508"),
    settings=("trainable",),
)
