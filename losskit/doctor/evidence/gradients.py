"""How signals travel to the loss, and gradients from it back to the first layer and through time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from losskit.doctor.evidence.trend import Trend, rank_trend
from losskit.recording.facts import Layer
from losskit.recording.recording import Recording, Signal

VANISHED, EXPLODED = 1e-3, 70.0  # first over last layer: AUTOTRAINER's β₁ and β₃ (ICSE 2021)
CLIFF = 100.0  # times the usual norm: two orders of magnitude; a Gaussian's tail does not reach it
RECURRENT = ("RNN", "LSTM", "GRU", "Recurrent")  # layers whose gradient is a product over time steps
CALM = 10  # steps that say what is usual
_TINY = 1e-45  # the smallest float32; stands for a gradient that underflowed to zero


@dataclass(frozen=True)
class Flow:
    """A size per layer with weights, in the order of the forward pass: geometric growth or decay is a line in log."""

    layers: tuple[Layer, ...]
    sizes: np.ndarray

    @property
    def ratio(self) -> float:
        """First over last layer."""
        return float(self.sizes[0] / self.sizes[-1])

    @property
    def trend(self) -> Trend:
        """Of log₁₀ size against depth: the slope is decades per layer, positive when the first layers get less."""
        return rank_trend(np.log10(self.sizes))

    @property
    def monotone(self) -> bool:
        """Whether the change with depth is more than chance: one-sided 5 %, which four layers in order just reach."""
        return self.trend.probability / 2 < 0.05


def gradient_flow(recording: Recording, start_only: bool = False) -> Flow | None:
    """Mean |g|, medians over the run or over its first `CALM` measurements; None with fewer than three layers."""
    return _flow(recording, "gradient_mean_absolute", CALM if start_only else None)


def _flow(recording: Recording, signal_name: str, count: int | None) -> Flow | None:
    known = {layer.name: layer for layer in recording.layers}
    layers, sizes = [], []
    for name, signal in recording.per_layer(signal_name).items():
        layer, values = known.get(name), signal.finite()
        if layer is None or not layer.trainable or layer.fan_in is None or not len(values):
            continue
        layers.append(layer)
        sizes.append(max(float(np.median(values[:count])), _TINY))
    return Flow(tuple(layers), np.array(sizes)) if len(layers) >= 3 else None


def cliff(recording: Recording) -> tuple[int, float] | None:
    """(step, times the usual norm) of the first sudden jump of the gradient norm out of a calm; None without one.

    The jump is finite: a gradient that is NaN at once comes from a loss that is.
    """
    signal = recording.signal("gradient_norm")
    values = signal.array()
    for index in range(CALM, len(values)):
        before, norm = values[:index], values[index]
        usual = float(np.median(before))
        if not np.isfinite(norm):
            return None
        if usual > 0 and norm >= CLIFF * usual:
            return (signal.steps[index], float(norm / usual)) if before.max() < CLIFF / 10 * usual else None
    return None


def explosions(recording: Recording) -> dict[str, dict[str, float]]:
    """What shows that gradients explode by themselves, at an ordinary rate: words → numbers; empty for none."""
    found: dict[str, dict[str, float]] = {}
    flow = gradient_flow(recording, start_only=True)
    if flow is not None and flow.ratio > EXPLODED and flow.monotone and flow.trend.slope < 0:
        said = f"from the last to the first of {len(flow.layers)} layers they grow {flow.ratio:.3g} times"
        found[said] = {"first_over_last": flow.ratio, "decades_per_layer": flow.trend.slope}
    # A layer that multiplies its inputs multiplies the gradients on their way back too (He et al., 2015, §2.2); those
    # of the weights, outputs × gradients, are then large in every layer alike.
    outputs = _flow(recording, "output_std", 1)
    if outputs is not None and 1 / outputs.ratio > EXPLODED and outputs.monotone and outputs.trend.slope > 0:
        said = f"before the first step the outputs grow {1 / outputs.ratio:.3g} times over {len(outputs.layers)} layers"
        found[said] = {"last_output_over_first": 1 / outputs.ratio, "decades_per_layer": outputs.trend.slope}
    leap = cliff(recording)
    if leap is not None:
        step, times = leap
        found[f"at step {step} their norm leapt to {times:.3g} times the usual"] = {"step": step, "times_usual": times}
    timed = recurrent(recording)
    norms = recording.signal("gradient_norm").finite()
    if timed and leap is None and len(norms) > 1:
        usual = min(float(norms[0]), float(np.median(norms)))  # thrown to where there is hardly any, it stays small
        times = float(norms[:CALM].max()) / usual if usual > 0 else 0.0
        if times >= CLIFF:
            said = f"in the first steps their norm is up to {times:.3g} times the usual, through {timed[0].name}"
            found[said] = {"times": times}
    for layer in timed:
        first = recording.signal(f"update_ratio/{layer.name}").values[:1]
        if first and first[0] >= 1:
            said = f"the first step changes the weights of {layer.name} by {first[0]:.3g} times their size"
            found[said] = {"first_update_ratio": first[0]}
    return found


def recurrent(recording: Recording) -> list[Layer]:
    return [layer for layer in recording.layers if any(word in layer.kind for word in RECURRENT)]


def moved(recording: Recording, layer: Layer) -> bool | None:
    """Whether the layer's weights are other ones than at the start; where only steps were seen: in any of them."""
    if layer.moved is not None:
        return layer.moved
    updates = recording.signal(f"update_ratio/{layer.name}").finite()
    return bool(updates.any()) if len(updates) else None


def reached(recording: Recording, layer: Layer) -> bool | None:
    """Whether a gradient of the loss came to the layer."""
    if layer.reached is not None:
        return layer.reached
    norms = recording.signal(f"gradient_norm/{layer.name}").finite()
    return bool(norms.any()) if len(norms) else None


def dead_at(signal: Signal, end: bool) -> float | None:
    """The median share of dead units in the last quarter of the run, or over its first few measurements."""
    values = signal.finite()
    if not len(values):
        return None
    return float(np.median(values[-max(len(values) // 4, 1) :] if end else values[:3]))
