"""The guard of Keras's fit: epochs that were lost are taken back."""

from __future__ import annotations

from typing import Any

import numpy as np
from keras import ops
from keras.callbacks import Callback

from losskit.doctor.guard.judgement import Judgement
from losskit.recording.recording import Recording


class GuardCallback(Callback):
    """Goes back to the last good epoch, at a lower rate, when the loss became NaN or grew above twice its beginning.

    ``model.fit(…, callbacks=[losskit.doctor.GuardCallback()])``, on every backend. Keras hands the gradients to nobody,
    so that single steps cannot be skipped or clipped here (`clipnorm` of the optimizer does). Where a schedule sets the
    rate it is left alone. What was done is in `recording` and in the log `losskit.guard`.
    """

    def __init__(self, factor: float = 0.5) -> None:
        super().__init__()
        if not 0 < factor < 1:
            raise ValueError(f"expected a factor between 0 and 1, got {factor}")
        self.factor = factor
        self._judgement = Judgement(threshold=10.0, patience=1)
        self._kept: list[Any] = []
        self._first: float | None = None

    @property
    def recording(self) -> Recording:
        return self._judgement.recording

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if not self._kept:
            self._keep()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        loss = float((logs or {}).get("loss", np.nan))
        self.recording.measure("loss", epoch, loss)
        self._first = loss if self._first is None else self._first
        lost = not np.isfinite(loss) or loss > 2 * self._first > 0
        if not lost:
            self._keep()
            return
        for variable, value in zip(self._variables(), self._kept, strict=False):
            variable.assign(value)
        self._judgement.note(f"roll back: the loss of epoch {epoch} was {loss:.3g}; on with {self._slower()}", epoch)

    def _slower(self) -> str:
        """Lower the rate, and say what it is then."""
        optimizer = self._optimizer
        try:
            optimizer.learning_rate = float(optimizer.learning_rate) * self.factor
        except TypeError:  # Keras refuses where a schedule sets it
            return "the scheduled learning rate"
        return f"learning rate {float(optimizer.learning_rate):g}"

    def _keep(self) -> None:
        self._kept = [ops.stop_gradient(ops.copy(variable.value)) for variable in self._variables()]

    def _variables(self) -> list[Any]:
        """The model's and the optimizer's, but for the rate, which only goes down."""
        model: Any = self.model
        others = (one for one in self._optimizer.variables if one is not self._optimizer._learning_rate)
        return [*model.variables, *others]

    @property
    def _optimizer(self) -> Any:
        model: Any = self.model
        return model.optimizer


__all__ = ["GuardCallback"]
