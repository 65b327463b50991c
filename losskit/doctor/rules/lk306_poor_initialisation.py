"""LK306: the first weights make all units alike, or signals many times too large or too small."""

from __future__ import annotations

from collections.abc import Iterable

from losskit.doctor.evidence.first_weights import DECADE, HE, chosen, gain, normalised, weighted
from losskit.doctor.evidence.gradients import dead_at, explosions
from losskit.doctor.evidence.outcome import adversarial, descent, skill, suffering
from losskit.doctor.finding import Finding
from losskit.doctor.rules import Rule
from losskit.recording.facts import Layer
from losskit.recording.recording import Recording

WIDE = 2 * HE  # four times the variance: more than a factor of two between the usual recipes
FLAT = 0.5  # of a layer's units in their flat ends before the first step


def check(rule: Rule, recording: Recording) -> Iterable[Finding]:
    if adversarial(recording):
        return
    trouble, gained = suffering(recording), skill(recording)
    found = _alike(recording, trouble) or _wide(recording, trouble, gained) or _narrow(recording, trouble)
    if found is None:
        return
    message, layer, numbers = found
    yield rule.finding(
        f"{message}{f'; {trouble}' if trouble else ''}.",
        place=layer.initialised or layer.place,
        confidence=0.95 if trouble else 0.8,
        severity=None if trouble else "warning",
        evidence={"layer": layer.name, "fan_in": layer.fan_in, "weight_std": layer.weight_std, "skill": gained}
        | numbers,
    )


Found = tuple[str, Layer, dict[str, object]]


def _alike(recording: Recording, trouble: str | None) -> Found | None:
    """Units that start alike and are given the same gradient stay alike."""
    alike = [layer for layer in weighted(recording)[:-1] if layer.identical_units and layer.random is not False]
    bare = [one for one in recording.layers if one.identical_units and one.trainable and one.fan_in is None]
    alike += bare if trouble else []  # of parameters of the script's own it is not known which are the last
    keras = recording.framework == "keras"
    if not alike or (keras and trouble is None):  # of Keras only the start is known
        return None
    value = alike[0].weight_mean or 0.0
    said = f"All units of {alike[0].name} start with the same weights ({value:.3g}), and so remain one unit"
    return said, alike[0], {"weight_mean": value, "layers": [layer.name for layer in alike]}


def _wide(recording: Recording, trouble: str | None, gained: float | None) -> Found | None:
    layers = [layer for layer in weighted(recording) if chosen(layer) and (gain(layer) or 0.0) > WIDE]
    curve = descent(recording)
    if not layers or curve is None:
        return None
    grown = [numbers for numbers in explosions(recording).values() if "last_output_over_first" in numbers]
    first = recording.signal("loss").values[0]
    height = first / curve.floor if curve.floor and first == first else None
    flat = [dead_at(one, end=False) or 0.0 for one in recording.per_layer("saturated_fraction").values()]
    effect = grown or (height is not None and height >= DECADE) or max(flat, default=0.0) >= FLAT
    if not effect or not (trouble or (height is not None and height >= DECADE and gained is not None and gained < 0.9)):
        return None
    layer = max(layers, key=lambda one: gain(one) or 0.0)
    said = (
        f"The weights of {layer.name} are drawn too wide: a standard deviation of {layer.weight_std:.3g} with "
        f"{layer.fan_in} inputs multiplies what passes by {gain(layer):.3g}"
    )
    if height is not None and height >= DECADE:
        said += f", and the loss starts at {height:.0f} times its chance level"
    return said, layer, {"gain": gain(layer), "loss_over_chance": height, **(grown[0] if grown else {})}


def _narrow(recording: Recording, trouble: str | None) -> Found | None:
    layers = weighted(recording)
    narrow = [layer for layer in layers if chosen(layer) and (gain(layer) or 0.0) * DECADE < HE]
    if trouble is None or len(layers) < 3 or len(narrow) < len(layers) / 2 or normalised(recording):
        return None
    layer = narrow[0]
    said = (
        f"The weights of {layer.name} are drawn too narrow: a standard deviation of {layer.weight_std:.3g} with "
        f"{layer.fan_in} inputs leaves {gain(layer) or 0.0:.2g} of what passes (in {len(narrow)} of {len(layers)} "
        f"layers)"
    )
    return said, layer, {"gain": gain(layer)}


RULE = Rule(
    code="LK306",
    name="poor-initialisation",
    severity="error",
    what="The first weights are all the same, or far too wide or too narrow for the number of inputs.",
    why=(
        "Units with the same weights get the same gradient and stay one unit. A layer multiplies its input by about "
        "√fan_in · std: over several layers signals and gradients explode, saturate units, or die out."
    ),
    fix="Draw weights as wide as their layer allows: He (for ReLU) or Glorot initialisation; biases at zero.",
    thresholds=(
        "All units of a layer before the last still have the same weights at the end. Or the script's own initial "
        "weights multiply signals by more than 2√2 (four times He's variance) and the outputs grow 70-fold over the "
        "layers, the loss starts a decade above its chance level, or half of the units start in their flat ends. Or "
        "they are a decade below He's in most of three layers or more, without normalisation. With that, the run "
        "gains less than half of what chance leaves."
    ),
    needs=("Layer.weight_std", "Layer.fan_in", "Layer.initialised", "loss"),
    false_alarms=0.005,
    check=check,
    explains=(
        *("LK201", "LK202", "LK205", "LK206", "LK301", "LK302", "LK303", "LK304", "LK401", "LK402", "LK403", "LK404"),
        *("LK405", "LK406", "LK501", "LK503", "LK508"),
    ),
    settings=("kernel_initializer", "val", "std"),
)
