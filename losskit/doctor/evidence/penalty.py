"""What pulls the weights towards zero, and what drops units: how strong it is, and what it did to the weights."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from losskit.doctor.evidence.outcome import the_loss
from losskit.doctor.evidence.place import first_site, optimizer_place
from losskit.doctor.evidence.rate import rate_of, the_optimizer
from losskit.recording.facts import Layer, Place
from losskit.recording.recording import Recording

# Decay that is not divided by the gradient's size, rate × decay per step (Loshchilov & Hutter, 2019).
DECOUPLED = frozenset({"AdamW", "Lion", "Muon"})
# Customary decay ends at 0.1 where it is decoupled (Brown et al., 2020); coupled, it is 1e-4 to 5e-4 (Krizhevsky et
# al., 2012; He et al., 2016), and twenty times that is generous.
MOST_DECOUPLED, MOST_COUPLED = 0.1, 0.01
HIGH_DROPOUT = 0.8  # of the inputs of a layer: the original paper's range ends there (Srivastava et al., 2014, §7.3)
HIGH_SMOOTHING = 0.5  # of the target is noise; Szegedy et al. (2016) introduced it with 0.1
HALVED = 0.5


@dataclass(frozen=True)
class Pressure:
    """One regulariser. `kind` is decay | penalty | layer-penalty | dropout | smoothing; `told` names its strength."""

    kind: str
    told: str
    place: Place | None
    value: float
    layers: tuple[str, ...] = ()  # whose weights it pulls; () for all


def pressures(recording: Recording) -> Iterator[Pressure]:
    """The regularisers that weigh more than the data, or are far beyond customary strengths."""
    yield from _decay(recording)
    yield from _penalty(recording)
    yield from _layer_penalty(recording)
    yield from _dropout(recording)
    yield from _smoothing(recording)


def shrunk(recording: Recording, layers: tuple[str, ...] = ()) -> float | None:
    """‖weights‖ of these layers, or the whole model, at the end over that at the start: training makes weights grow."""
    signals = recording.per_layer("weight_norm").items()
    norms = [signal.finite() for name, signal in signals if not layers or name in layers]
    first, last = (math.sqrt(sum(float(norm[at]) ** 2 for norm in norms if len(norm) > 1)) for at in (0, -1))
    return last / first if first > 0 else None


def _decay(recording: Recording) -> Iterator[Pressure]:
    """Decay has to have had the time to halve the weights: its time constant is 1/(rate × decay) steps."""
    one, rate = the_optimizer(recording), rate_of(recording)
    decay = one.settings.get("weight_decay") if one is not None else None
    if one is None or rate is None or not isinstance(decay, (int, float)) or decay <= 0:
        return
    pulled = rate * decay * max(one.steps, recording.progress.steps)
    momentum = one.settings.get("momentum")
    if one.kind == "SGD" and isinstance(momentum, (int, float)) and 0 < momentum < 1:
        pulled /= 1 - momentum
    keras = recording.framework == "keras"  # there it is decoupled everywhere
    coupled = one.kind not in DECOUPLED and not keras
    rescaled = coupled and one.kind != "SGD"  # divided by the gradient's size, a pull becomes a step of the whole rate
    if decay > (MOST_COUPLED if coupled else MOST_DECOUPLED) and (rescaled or pulled >= math.log(2)):
        yield Pressure("decay", f"weight_decay = {decay:g} of {one.kind}", optimizer_place(recording), float(decay))


def _penalty(recording: Recording) -> Iterator[Pressure]:
    """A term of the script's own loss, that is most of it at the start."""
    penalty, loss = recording.signal("loss/penalty"), recording.signal("loss")
    if not len(penalty) or not len(loss):
        return
    share = penalty.values[0] / loss.values[0] if loss.values[0] > 0 else 0.0
    if share >= HALVED:
        told = f"a penalty on the weights that is {share:.0%} of the loss at the start"
        yield Pressure("penalty", told, first_site(recording, "penalty"), share)


def _layer_penalty(recording: Recording) -> Iterator[Pressure]:
    """Keras's regularisers: together at least half of the loss at the start."""
    loss = recording.signal("loss").finite()
    found = [(layer, _amount(recording, layer)) for layer in recording.layers]
    found = [(layer, amount) for layer, amount in found if amount > 0]
    if not found or not len(loss) or loss[0] <= 0:
        return
    share = min(sum(amount for _, amount in found) / float(loss[0]), 1.0)
    if share >= HALVED:
        layer, _ = max(found, key=lambda one: one[1])
        told = f"kernel_regularizer ({_weights(layer)}), with others {share:.0%} of the loss at the start"
        yield Pressure(
            "layer-penalty", told, layer.regularised or layer.place, share, tuple(one.name for one, _ in found)
        )


def _amount(recording: Recording, layer: Layer) -> float:
    """l2·Σw² + l1·Σ|w| of the first weights (for a normal sample Σ|w| = √(2n/π)·‖w‖; biases start at 0)."""
    norm = recording.signal(f"weight_norm/{layer.name}").values[:1]
    if not norm:
        return 0.0
    absolute = math.sqrt(2 * layer.parameters / math.pi) * norm[0]
    return _setting(layer, "l2") * norm[0] ** 2 + _setting(layer, "l1") * absolute


def _weights(layer: Layer) -> str:
    return ", ".join(f"{name} = {_setting(layer, name):g}" for name in ("l1", "l2") if _setting(layer, name))


def _setting(layer: Layer, name: str) -> float:
    value = layer.settings.get(name)
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else 0.0


def _dropout(recording: Recording) -> Iterator[Pressure]:
    for layer in recording.layers:
        rate = max(_setting(layer, "p"), _setting(layer, "rate"))
        if "Dropout" in layer.kind and rate >= HIGH_DROPOUT:
            yield Pressure("dropout", f"dropout of {rate:.0%} of the units", layer.place, rate)
            return


def _smoothing(recording: Recording) -> Iterator[Pressure]:
    call = the_loss(recording)
    value = call.arguments.get("label_smoothing") if call is not None else None
    if call is not None and isinstance(value, (int, float)) and value >= HIGH_SMOOTHING:
        yield Pressure("smoothing", f"label_smoothing = {value:g}", call.created or call.place, float(value))
