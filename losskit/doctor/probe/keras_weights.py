"""Weights of Keras layers that were given to them, and gradients that on torch were left from the step before."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

from losskit.doctor.probe.keras_places import LOADED, step_line
from losskit.doctor.probe.session import WARM_UP, Session

if TYPE_CHECKING:
    from losskit.doctor.probe.keras_training import Training


def mark_loaded(keras: Any) -> None:
    """From now on a layer whose weights are set or loaded is marked, with all layers it is made of."""
    for cls, name in (
        (keras.Layer, "set_weights"),
        (keras.Layer, "load_own_variables"),
        (keras.Model, "load_weights"),
    ):
        setattr(cls, name, _marking(getattr(cls, name)))


def mark_given(layer: Any) -> None:
    """Mark a layer and all that it is made of: their weights were not drawn, but given to them or trained before (which
    of them were frozen then cannot be told from what is frozen now)."""
    for one in layer._flatten_layers():
        vars(one)[LOADED] = True


def _marking(method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def marking(layer: Any, *arguments: Any, **named: Any) -> Any:
        mark_given(layer)
        return method(layer, *arguments, **named)

    return marking


class LeftGradients:
    """In the first steps, whether gradients were zero when backward began."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._clear: dict[int, bool] = {}  # step → they were, at one of its backwards

    def watch(self, training: Training) -> None:
        import torch

        backward, session = torch.autograd.backward, self._session

        @wraps(backward)
        def noting(*arguments: Any, **named: Any) -> Any:
            if session.step < WARM_UP and training.facts is not None and not session.budget.watching:
                with session.budget:
                    session.site("backward", step_line(session.places, sys._getframe(1)))
                    variables = training.facts.model.trainable_variables
                    gradients = [variable.value.grad for variable in variables]
                    clear = not any(one is not None and bool(one.any()) for one in gradients)
                    self._clear[session.step] = self._clear.get(session.step, False) or clear
            return backward(*arguments, **named)

        torch.autograd.backward = noting

    def forget(self) -> None:
        self._clear.clear()

    def counts(self) -> dict[str, int]:
        """What OptimizerFacts says of them."""
        fresh = sum(self._clear.values())
        return {"fresh_steps": fresh, "stale_steps": len(self._clear) - fresh}


__all__ = ["LeftGradients", "mark_given", "mark_loaded"]
