"""How wide the first weights are, against what keeps signals at their size from layer to layer."""

from __future__ import annotations

import math

from losskit.doctor.evidence.scale import NORMALISERS
from losskit.recording.facts import Layer
from losskit.recording.recording import Recording

HE = math.sqrt(2)  # √fan_in · std that keeps a rectified signal's size (He et al., 2015); Glorot's is 1, torch's 0.58
DECADE = 10.0

# Keras's initialisers that follow the size of the layer
SCALED = ("glorot", "Glorot", "he_", "He", "lecun", "Lecun", "VarianceScaling", "orthogonal", "Orthogonal")


def gain(layer: Layer) -> float | None:
    """√fan_in · the standard deviation of the first weights: what an input's size is multiplied by."""
    if layer.weight_std is None or not layer.fan_in:
        return None
    return layer.weight_std * math.sqrt(layer.fan_in)


def chosen(layer: Layer) -> bool:
    """Whether the script says how the weights are drawn."""
    named = layer.settings.get("kernel_initializer")
    return layer.initialised is not None or (isinstance(named, str) and not named.startswith(SCALED))


def weighted(recording: Recording) -> list[Layer]:
    """Layers with a matrix or kernel to train, in the order of the forward pass."""
    return sorted((one for one in recording.layers if one.trainable and one.fan_in), key=lambda one: one.depth)


def normalised(recording: Recording) -> bool:
    return any(word in layer.kind for layer in recording.layers for word in NORMALISERS)
