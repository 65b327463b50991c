"""A Recording: everything measured in one training run, as data that rules, trials and reports read.

Signals are named series over optimizer steps. The names:

========================================  ==========================================================================
``loss``                                  the value backward ran on (Keras: the batch loss)
``metric``                                task metric on each training batch before it was trained on
``validation/loss``, ``validation/metric``  over one whole evaluation pass, at the step it happened
``rate``                                  learning rate of the first parameter group
``loss/penalty``                          the part of it that the script's own penalty on weights adds (torch)
``schedule/metric``                       what a schedule that waits for a plateau is told
``gradient_norm``                         L2 norm over all parameters, as the optimizer received it
``gradient_norm/<layer>``                 the same for one layer that has parameters
``gradient_mean_absolute/<layer>``        mean |g| over the layer's parameters
``weight_norm/<layer>``                   L2 norm of its parameters
``update_ratio/<layer>``                  ‖step taken‖ / ‖weights‖
``dead_fraction/<layer>``                 units of an activation that were 0 (gradient 0) on the whole batch, in [0, 1]
``saturated_fraction/<layer>``            entries of a bounded activation in its flat ends, in [0, 1]
``output_std/<layer>``                    standard deviation of the layer's output over the batch
``prediction/mean``, ``prediction/std``   of what the loss received; ``prediction/constant`` 1 when rows do not differ
========================================  ==========================================================================
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from losskit.recording.facts import (
    DataFacts,
    End,
    Event,
    Layer,
    LossCall,
    Metric,
    Modes,
    Operation,
    OptimizerFacts,
    Place,
    Progress,
    Setting,
    Site,
    Start,
    TensorFacts,
)

if TYPE_CHECKING:  # the doctor starts the user's script with this file loaded, and NumPy not
    import numpy as np


@dataclass
class Signal:
    """One measured series: `values[i]` was measured at optimizer step `steps[i]`; steps never go back."""

    name: str
    steps: list[int] = field(default_factory=list)
    values: list[float] = field(default_factory=list)

    def append(self, step: int, value: float) -> None:
        self.steps.append(int(step))
        self.values.append(float(value))

    def array(self) -> np.ndarray:
        """The values as float64, non-finite ones included."""
        import numpy as np

        return np.asarray(self.values, dtype=np.float64)

    def finite(self) -> np.ndarray:
        import numpy as np

        values = self.array()
        return values[np.isfinite(values)]

    def at(self, step: int) -> float | None:
        """The last value measured at or before `step`, None when there is none."""
        index = bisect_right(self.steps, step) - 1
        return self.values[index] if index >= 0 else None

    @property
    def last(self) -> float | None:
        return self.values[-1] if self.values else None

    def __len__(self) -> int:
        return len(self.values)

    def __iter__(self) -> Iterator[tuple[int, float]]:
        return zip(self.steps, self.values, strict=True)


@dataclass
class Recording:
    """One training run, as data. Every part may be missing: rules ask for what they need.

    `earlier` is the training that the script made before, of another model.
    """

    start: Start | None = None
    end: End | None = None
    progress: Progress = field(default_factory=Progress)
    metric: Metric | None = None
    modes: Modes | None = None
    inputs: TensorFacts | None = None
    data: DataFacts | None = None
    layers: list[Layer] = field(default_factory=list)
    loss_calls: list[LossCall] = field(default_factory=list)
    optimizers: list[OptimizerFacts] = field(default_factory=list)
    sites: list[Site] = field(default_factory=list)
    settings: list[Setting] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    operations: list[Operation] = field(default_factory=list)
    signals: dict[str, Signal] = field(default_factory=dict)
    earlier: Recording | None = None

    @property
    def framework(self) -> str | None:
        """What the script trains with: "torch", "keras"; None when that was not seen."""
        return self.start.framework if self.start is not None else None

    @property
    def arguments(self) -> tuple[str, ...]:
        """What the script was given on its command line."""
        return self.start.arguments if self.start is not None else ()

    def signal(self, name: str) -> Signal:
        """The series of that name; an empty one when it was not measured."""
        return self.signals.get(name) or Signal(name)

    def measure(self, name: str, step: int, value: float) -> None:
        self.signals.setdefault(name, Signal(name)).append(step, value)

    def per_layer(self, prefix: str) -> dict[str, Signal]:
        """Layer name → series, for the signals `prefix/<layer>`, in the order of the forward pass."""
        found = {name[len(prefix) + 1 :]: s for name, s in self.signals.items() if name.startswith(prefix + "/")}
        depth = {layer.name: layer.depth for layer in self.layers}
        return dict(sorted(found.items(), key=lambda item: depth.get(item[0], len(depth))))

    def training_losses(self) -> list[LossCall]:
        return [call for call in self.loss_calls if call.phase == "train"]

    def written(self, call: Place | None, *names: str) -> Place | None:
        """The line on which an argument of a call gets its value, the first of those names that is known; the call's
        own when it is written there."""
        found = {one.name: one.place for one in self.settings if one.call == call}
        return next((found[name] for name in names if name in found), call)

    def places(self, kind: str) -> list[Site]:
        return [site for site in self.sites if site.kind == kind]
