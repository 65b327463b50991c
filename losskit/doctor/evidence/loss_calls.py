"""What a loss is fed: the calls rules look at, the last activation, and what values say of a prediction or a target."""

from __future__ import annotations

import math

from losskit.recording.facts import Activation, LossCall, Place, TensorFacts
from losskit.recording.recording import Recording

REGRESSION = frozenset(
    {
        *("SquaredError", "HalfSquaredError", "RootMeanSquaredError", "MeanSquaredLogarithmicError"),
        *("AbsoluteError", "MeanAbsolutePercentageError", "Quantile", "Expectile"),
        *("Huber", "SmoothL1", "PseudoHuber", "LogCosh", "Barron", "Cauchy", "GemanMcClure", "Welsch", "Tukey"),
    }
)
CLASSWISE = frozenset(("CrossEntropy", "NegativeLogLikelihood"))  # one of K classes

# Functions that change which entry is where, or drop some, but not what an entry is.
_TRANSPARENT = frozenset(("dropout", "flatten", "identity", "reshape", "squeeze", "view"))

# The values a function can give, whatever it is fed.
RANGES = {
    "sigmoid": (0.0, 1.0),
    "hard_sigmoid": (0.0, 1.0),
    "hardsigmoid": (0.0, 1.0),
    "softmax": (0.0, 1.0),
    "tanh": (-1.0, 1.0),
    "hardtanh": (-1.0, 1.0),
    "softsign": (-1.0, 1.0),
    "relu": (0.0, math.inf),
    "relu6": (0.0, 6.0),
    "softplus": (0.0, math.inf),
    "exp": (0.0, math.inf),
    "exponential": (0.0, math.inf),
    "elu": (-1.0, math.inf),
}

# Rounding of a softmax in half precision (2**-11 per entry), added up over a row.
ROUNDING = 1e-2


def trained_on(recording: Recording) -> list[LossCall]:
    """The loss calls of the training; those of evaluation when training was not seen."""
    return recording.training_losses() or recording.loss_calls


def last_activation(call: LossCall) -> Activation | None:
    """The function the prediction went through last, None for a plain layer."""
    return next((one for one in call.activations if one.name not in _TRANSPARENT), None)


def named(activation: Activation | None, *names: str) -> bool:
    return activation is not None and activation.name in names


def columns(facts: TensorFacts | None) -> int | None:
    """The size of the class axis (axis 1); 1 for a tensor without one."""
    if facts is None:
        return None
    return facts.shape[1] if len(facts.shape) > 1 else 1


def within(facts: TensorFacts | None, low: float, high: float) -> bool:
    """Whether all finite values seen lie in [low, high], up to rounding."""
    if facts is None or facts.minimum is None or facts.maximum is None:
        return False
    return facts.minimum >= low - ROUNDING and facts.maximum <= high + ROUNDING


def rows_sum_to_one(facts: TensorFacts | None) -> bool:
    if facts is None or facts.row_sum_minimum is None or facts.row_sum_maximum is None:
        return False
    return abs(facts.row_sum_minimum - 1) <= ROUNDING and abs(facts.row_sum_maximum - 1) <= ROUNDING


def are_probability_rows(facts: TensorFacts | None) -> bool:
    """Rows of at least two numbers in [0, 1] that sum to one: what a softmax gives, and little else."""
    return (columns(facts) or 1) > 1 and within(facts, 0, 1) and rows_sum_to_one(facts)


def values(facts: TensorFacts | None) -> tuple[int, ...]:
    """The different values of an integral tensor, in order; empty when they were too many or not whole."""
    return tuple(sorted(int(key) for key in (facts.distinct or {}))) if facts is not None else ()


def is_one_hot(facts: TensorFacts | None) -> bool:
    """Rows with a single 1 among zeros."""
    return (columns(facts) or 1) > 1 and values(facts) in ((0, 1), (1,)) and rows_sum_to_one(facts)


def evenness(facts: TensorFacts) -> float:
    """Entropy of how often each value occurs, in [0, 1]; 1 when all are equally frequent."""
    counts = list((facts.distinct or {}).values())
    if len(counts) < 2:
        return 0.0
    total = sum(counts)
    return -sum(n / total * math.log(n / total) for n in counts if n) / math.log(len(counts))


def place_of(activation: Activation | None, call: LossCall) -> Place | None:
    """Where the activation was applied, else where the loss was called."""
    return (activation.place if activation is not None else None) or call.place or call.created


def shapes(call: LossCall) -> dict[str, object]:
    """The two shapes, for evidence."""
    return {
        "prediction_shape": list(call.prediction.shape) if call.prediction else None,
        "target_shape": list(call.target.shape) if call.target else None,
    }


def opening(call: LossCall) -> str:
    """The loss function's name as the first words of a sentence."""
    name = call.function
    return name[:1].upper() + name[1:] if " " in name else name


def number(value: float | None) -> str:
    """Three figures, for a message."""
    return "?" if value is None else f"{value:.3g}"
