"""Recordings with one loss call, made by hand."""

from __future__ import annotations

from typing import Any

from losskit.doctor.finding import Finding
from losskit.doctor.rules import rules
from losskit.recording.facts import Activation, Event, LossCall, OptimizerFacts, Place, Site, TensorFacts
from losskit.recording.recording import Recording

MODEL, CREATED, CALLED = Place("train.py", 10), Place("train.py", 20), Place("train.py", 30)


def tensor(*shape: int, low: float = -3.0, high: float = 3.0, **more: Any) -> TensorFacts:
    """Measured numbers, by default raw scores."""
    more = {"mean": (low + high) / 2, "std": (high - low) / 4} | more
    return TensorFacts(shape=shape, dtype=more.pop("dtype", "float32"), minimum=low, maximum=high, **more)


def labels(*shape: int, values: tuple[int, ...], dtype: str = "int64", **more: Any) -> TensorFacts:
    """Whole numbers, each equally frequent."""
    distinct = {str(value): 10 for value in values}
    mean = sum(values) / len(values)
    std = (sum((value - mean) ** 2 for value in values) / len(values)) ** 0.5
    return tensor(
        *shape,
        low=min(values),
        high=max(values),
        dtype=dtype,
        integral=True,
        distinct=distinct,
        mean=mean,
        std=std,
        **more,
    )


def probabilities(*shape: int) -> TensorFacts:
    return tensor(*shape, low=0.001, high=0.99, row_sum_minimum=0.9999999, row_sum_maximum=1.0000001)


def one_hot(*shape: int, dtype: str = "float32") -> TensorFacts:
    return labels(*shape, values=(0, 1), dtype=dtype, row_sum_minimum=1.0, row_sum_maximum=1.0)


def recording(
    loss: str | None,
    expects: str | None,
    prediction: TensorFacts,
    target: TensorFacts,
    *activations: str | Activation,
    written_by: str = "torch",
    optimizers: int = 1,
    function: str = "loss_function",
    **more: Any,
) -> Recording:
    """A recording with one loss call; an activation by its name alone runs over the classes at line 10."""
    applied = tuple(Activation(one, MODEL, axis=1) if isinstance(one, str) else one for one in activations)
    call = LossCall(
        loss,
        function,
        written_by,
        expects,
        CALLED,
        CREATED,
        prediction=prediction,
        target=target,
        activations=applied,
        **more,
    )
    held = [OptimizerFacts("Adam", Place("train.py", 40 + index)) for index in range(optimizers)]
    return Recording(loss_calls=[call], optimizers=held)


def stopped(message: str) -> Recording:
    """A Keras run that stopped before its first step was over."""
    return Recording(events=[Event("exception", message, 0, CALLED)], sites=[Site("loss", CREATED)])


def findings(code: str, run: Recording) -> list[Finding]:
    rule = rules()[code]
    return list(rule.check(rule, run))


def found(run: Recording) -> set[str]:
    """The codes of LK101 to LK107 that speak up about a recording, remarks left out."""
    codes = [f"LK10{number}" for number in range(1, 8)]
    return {code for code in codes for one in findings(code, run) if one.severity != "info"}
