"""The contract's table: name → function over the vocabulary, its 50-digit twin, where it is tried, what is stated.

A twin is written from the definition with mpmath, and its derivatives are mpmath's. Where the derivative is a matter of
convention (kinks, ties, infinities) the expected numbers are *stated* in the table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import mpmath
import numpy

mpmath.mp.dps = 150  # 50 digits after the cancellation in what is within 1e−44 of 1
inf, nan = float("inf"), float("nan")
LOG_2 = mpmath.log(2)


@dataclass(frozen=True)
class Elementwise:
    """A function of one number or of two.

    ``stated[point]`` is (value, first derivatives, second derivatives); None leaves one open. The derivatives of a
    function of two are by (x, y) and by (xx, xy, yy). ``scale`` is the size that a rounding error is compared with.
    """

    function: Callable[..., Any]
    twin: Callable[..., Any]
    points: Sequence[Any]
    stated: Mapping[Any, tuple[Any, Any, Any]] = field(default_factory=dict)
    scale: Callable[..., Any] = lambda *_: 0
    nan_stays: bool = True
    torch_error: tuple[float, float, float] = (0, 0, 0)
    """Relative error of value, first and second derivative that is torch's own and is allowed on it."""


ORDINARY = (-3.0, -1.0, -0.3, 0.3, 1.0, 2.5, 20.0, -20.0)
FAR = (100.0, -100.0, 1e4, -1e4)
TINY = (1e-3, -1e-3, 1e-10, -1e-10)
ANYWHERE = (*ORDINARY, *FAR, *TINY)
POSITIVE = (1e-10, 1e-3, 0.3, 1.0, 2.5, 20.0, 100.0, 1e4)


def sigmoid(x):
    return 1 / (1 + mpmath.exp(-x))


def softplus(x):
    return mpmath.log1p(mpmath.exp(x))


def named(name: str) -> Callable[..., Any]:
    """The vocabulary's function of that name."""
    return lambda xp, *arrays: getattr(xp, name)(*arrays)


UNDEFINED = (nan, None, None)
FLAT = (0, 0, 0)

# fmt: off
ELEMENTWISE: dict[str, Elementwise] = {
    "abs": Elementwise(named("abs"), abs, ANYWHERE, {0: (0, 0, 0), inf: (inf, 1, 0), -inf: (inf, -1, 0)}),
    "sign": Elementwise(named("sign"), mpmath.sign, ANYWHERE, {0: (0, 0, 0), inf: (1, 0, 0), -inf: (-1, 0, 0)}),
    "floor": Elementwise(
        named("floor"), mpmath.floor, (-2.5, -0.3, 0.3, 1.5, 100.5), {1: (1, 0, 0), 0: (0, 0, 0)},
    ),
    "exp": Elementwise(named("exp"), mpmath.exp, (0.0, *ANYWHERE), {inf: (inf, inf, inf), -inf: (0, 0, 0)}),
    "expm1": Elementwise(
        named("expm1"), mpmath.expm1, (0.0, *ANYWHERE), {inf: (inf, inf, inf), -inf: (-1, 0, 0)},
        scale=lambda x: 1 if -1 <= x < 0 else 0,
    ),
    "log": Elementwise(
        named("log"), mpmath.log, POSITIVE, {0: (-inf, inf, -inf), inf: (inf, 0, 0), -1: UNDEFINED},
    ),
    "log1p": Elementwise(
        named("log1p"), mpmath.log1p, (0.0, -0.3, -1e-10, *POSITIVE), {-1: (-inf, inf, -inf), inf: (inf, 0, 0)},
    ),
    "sqrt": Elementwise(
        named("sqrt"), mpmath.sqrt, POSITIVE, {0: (0, inf, -inf), inf: (inf, 0, 0), -1: UNDEFINED},
    ),
    "square": Elementwise(
        named("square"), lambda x: x * x, (0.0, *ANYWHERE), {inf: (inf, inf, 2), -inf: (inf, -inf, 2)},
    ),
    "sin": Elementwise(named("sin"), mpmath.sin, (0.0, *ANYWHERE), {inf: (nan, nan, nan)}, scale=lambda x: 1),
    "cos": Elementwise(named("cos"), mpmath.cos, (0.0, *ANYWHERE), {inf: (nan, nan, nan)}, scale=lambda x: 1),
    "tanh": Elementwise(
        named("tanh"), mpmath.tanh, (0.0, *ANYWHERE), {inf: (1, 0, 0), -inf: (-1, 0, 0)}, scale=lambda x: (0, 1, 1),
    ),
    "arctan": Elementwise(
        named("arctan"), mpmath.atan, (0.0, *ANYWHERE), {inf: (mpmath.pi / 2, 0, 0), -inf: (-mpmath.pi / 2, 0, 0)},
    ),
    "erf": Elementwise(named("erf"), mpmath.erf, (0.0, *ANYWHERE), {inf: (1, 0, 0), -inf: (-1, 0, 0)}),
    "lgamma": Elementwise(
        named("lgamma"), lambda x: mpmath.loggamma(x).real, POSITIVE, {inf: (inf, None, None)},
        scale=lambda x: 1, torch_error=(0, 0, 1e-9),  # torch.polygamma(1, x)
    ),
    "digamma": Elementwise(
        named("digamma"), lambda x: mpmath.psi(0, x), POSITIVE, {inf: (inf, None, None)},
        scale=lambda x: 1, torch_error=(0, 1e-9, 0),
    ),
    "power 0": Elementwise(
        lambda xp, x: xp.power(x, 0), lambda x: mpmath.mpf(1), ANYWHERE, {0: (1, 0, 0)}, nan_stays=False,
    ),
    "power 1": Elementwise(lambda xp, x: xp.power(x, 1), lambda x: x, (0.0, *ANYWHERE), {inf: (inf, 1, 0)}),
    "power 2": Elementwise(lambda xp, x: xp.power(x, 2.0), lambda x: x * x, (0.0, *ANYWHERE), {inf: (inf, inf, 2)}),
    "power 3": Elementwise(lambda xp, x: xp.power(x, 3), lambda x: x**3, (0.0, *ANYWHERE), {inf: (inf, inf, inf)}),
    "power 0.5": Elementwise(
        lambda xp, x: xp.power(x, 0.5), mpmath.sqrt, POSITIVE, {0: (0, inf, -inf), inf: (inf, 0, 0)},
    ),
    "power 1.5": Elementwise(lambda xp, x: xp.power(x, 1.5), lambda x: x**1.5, POSITIVE, {0: (0, 0, inf)}),
    "power 2.5": Elementwise(lambda xp, x: xp.power(x, 2.5), lambda x: x**2.5, POSITIVE, {0: (0, 0, 0)}),
    "power -1": Elementwise(lambda xp, x: xp.power(x, -1.0), lambda x: 1 / x, ORDINARY, {inf: (0, 0, 0)}),
    "power of arrays": Elementwise(
        named("power"), lambda x, p: x**p, [(2.0, 3.0), (0.3, -1.5), (20.0, 0.5), (1e-3, 2.0)],
        {(0.0, 2.0): (0, (0, 0), None)},
    ),
    "relu": Elementwise(
        named("relu"), lambda x: max(x, mpmath.mpf(0)), ANYWHERE, {0: (0, 0, 0), inf: (inf, 1, 0), -inf: (0, 0, 0)},
    ),
    "clip": Elementwise(
        lambda xp, x: xp.clip(x, -1.0, 2.0), lambda x: min(max(x, -1), 2), (-3.0, -0.3, 0.3, 20.0, *FAR),
        {-1: (-1, 1, 0), 2: (2, 1, 0), inf: (2, 0, 0), -inf: (-1, 0, 0)},
    ),
    "maximum": Elementwise(
        named("maximum"), max, [(1.0, 2.0), (2.0, 1.0), (-100.0, 1e4)],
        {
            (1.5, 1.5): (1.5, (0.5, 0.5), FLAT), (0, 0): (0, (0.5, 0.5), FLAT), (inf, inf): (inf, (0.5, 0.5), FLAT),
            (inf, 1): (inf, (1, 0), FLAT), (-inf, 1): (1, (0, 1), FLAT), (nan, 1): UNDEFINED, (1, nan): UNDEFINED,
        },
    ),
    "minimum": Elementwise(
        named("minimum"), min, [(1.0, 2.0), (2.0, 1.0), (-100.0, 1e4)],
        {
            (1.5, 1.5): (1.5, (0.5, 0.5), FLAT), (0, 0): (0, (0.5, 0.5), FLAT), (-inf, -inf): (-inf, (0.5, 0.5), FLAT),
            (inf, 1): (1, (0, 1), FLAT), (-inf, 1): (-inf, (1, 0), FLAT), (nan, 1): UNDEFINED, (1, nan): UNDEFINED,
        },
    ),
    "maximum scalar": Elementwise(
        lambda xp, x: xp.maximum(x, 0.0), lambda x: max(x, mpmath.mpf(0)), ANYWHERE, {0: (0, 0.5, 0)},
    ),
    "minimum of abs": Elementwise(
        lambda xp, x: xp.minimum(xp.abs(x), 1.0), lambda x: min(abs(x), mpmath.mpf(1)), (0.3, -0.3, 2.0, -20.0),
        {1: (1, 0.5, 0), -1: (1, -0.5, 0), 0: (0, 0, 0)},
    ),
    "where": Elementwise(
        lambda xp, x: xp.where(x > 0, x * x, 0.0), lambda x: x * x if x > 0 else x * 0, ANYWHERE, nan_stays=False,
    ),
    "stop_gradient": Elementwise(
        lambda xp, x: xp.stop_gradient(x) * x, lambda x: x * x, (), {3: (9, 3, 0), -1: (1, -1, 0)},
    ),
    # Bodies as people write them, of which autodiff made different functions in different frameworks.
    "softplus by hand": Elementwise(
        lambda xp, x: xp.maximum(x, 0.0) + xp.log1p(xp.exp(-xp.abs(x))), softplus, ORDINARY, {0: (LOG_2, 0.5, None)},
    ),
    "logaddexp with 0": Elementwise(
        lambda xp, x: xp.logaddexp(x, xp.zeros_like(x)), softplus, ORDINARY, {0: (LOG_2, 0.5, 0.25)},
    ),
    "cross-entropy by hand": Elementwise(
        lambda xp, x: xp.maximum(x, 0.0) - x * 0.25 + xp.log1p(xp.exp(-xp.abs(x))), lambda x: softplus(x) - x / 4, (),
        {0: (LOG_2, 0.25, None)},
    ),
    "absolute error": Elementwise(lambda xp, x, y: xp.abs(x - y), lambda x, y: abs(x - y), [(1.0, 3.0)],
        {(2, 2): (0, (0, 0), FLAT)},
    ),
    "hinge": Elementwise(
        lambda xp, x: xp.maximum(1.0 - x, 0.0), lambda x: max(1 - x, mpmath.mpf(0)), ORDINARY[:-4], {1: (0, -0.5, 0)},
    ),
    "square root of the square": Elementwise(
        lambda xp, x: xp.safe_norm(xp.expand_dims(x, axis=-1), axis=-1), abs, ORDINARY, {0: (0, 0, 0)},
        scale=lambda x: 1,
    ),
    "sigmoid": Elementwise(
        named("sigmoid"), sigmoid, (0.0, *ANYWHERE), {inf: (1, 0, 0), -inf: (0, 0, 0)},
        scale=lambda x: (0, 0, sigmoid(x) * sigmoid(-x)),
    ),
    "softplus": Elementwise(named("softplus"), softplus, (0.0, *ANYWHERE), {inf: (inf, 1, 0), -inf: (0, 0, 0)}),
    "log_sigmoid": Elementwise(
        named("log_sigmoid"), lambda x: -softplus(-x), (0.0, *ANYWHERE), {inf: (0, 0, 0), -inf: (-inf, 1, 0)},
    ),
    "log1mexp": Elementwise(
        named("log1mexp"), lambda x: mpmath.log(-mpmath.expm1(x)),
        (-1e-10, -1e-3, -0.3, -0.69, -0.7, -1.0, -20.0, -100.0, -1e4),
        {0: (-inf, -inf, -inf), -inf: (0, 0, 0), 1: UNDEFINED},
    ),
    "exp_remainder": Elementwise(
        named("exp_remainder"), lambda x: mpmath.expm1(x) - x, (*ANYWHERE, 0.49, 0.51, -0.49, -0.51),
        {0: (0, 0, 1), inf: (inf, inf, inf), -inf: (inf, -1, 0)},
    ),
    "logaddexp": Elementwise(
        named("logaddexp"), lambda x, y: mpmath.log(mpmath.exp(x) + mpmath.exp(y)),
        [(0.0, 0.0), (1.0, 1.0), (-3.0, 2.5), (2.5, -3.0), (100.0, 0.0), (0.0, 100.0), (1e4, -1e4), (-0.6, -0.7)],
        {
            (-inf, 1): (1, (0, 1), FLAT), (1, -inf): (1, (1, 0), FLAT), (-inf, -inf): (-inf, (1, 0), FLAT),
            (inf, 1): (inf, (1, 0), FLAT), (inf, inf): (inf, (1, 0), FLAT), (nan, 1): UNDEFINED, (1, nan): UNDEFINED,
        },
        scale=lambda x, y: max(abs(x), abs(y)),
    ),
    "xlogy": Elementwise(
        named("xlogy"), lambda x, y: x * mpmath.log(y), [(1.0, 0.3), (0.3, 2.5), (-1.0, 1e-10), (20.0, 1e4)],
        {
            (0, 0): (0, (0, 0), FLAT), (0, inf): (0, (0, 0), FLAT), (0, -1): (0, (0, 0), FLAT),
            (0, 2): (0, (LOG_2, 0), (0, 0.5, 0)), (1, 0): (-inf, (-inf, inf), (0, inf, -inf)),
            (0, nan): UNDEFINED, (nan, 2): UNDEFINED,
        },
    ),
    "xlog1py": Elementwise(
        named("xlog1py"), lambda x, y: x * mpmath.log1p(y), [(1.0, 0.3), (0.3, 2.5), (-1.0, 1e-10), (20.0, 1e4)],
        {
            (0, -1): (0, (0, 0), FLAT), (0, inf): (0, (0, 0), FLAT), (0, 1): (0, (LOG_2, 0), (0, 0.5, 0)),
            (0, nan): UNDEFINED, (nan, 2): UNDEFINED,
        },
    ),
}
# fmt: on


@dataclass(frozen=True)
class Row:
    """A function of a row of numbers, to a number or a row. ``stated[row]`` is (value, gradient, curvature).

    The gradient is that of Σ wₖ fₖ with the weights 1, 2, 3, …; the curvature is that gradient's derivative along them.
    """

    function: Callable[..., Any]
    twin: Callable[[Sequence[Any]], Any]
    rows: Sequence[tuple[float, ...]]
    stated: Mapping[tuple[float, ...], tuple[Any, Any, Any]] = field(default_factory=dict)
    scale: Callable[[Sequence[Any]], Any] = lambda row: (0, 10, 10)  # 10 is the sum of the weights


def logsumexp(row):
    return mpmath.log(sum(mpmath.exp(x) for x in row))


def running(function):
    return lambda row: [function(row[: k + 1]) for k in range(len(row))]


ZEROS, NANS, LOWEST = (0,) * 4, (nan,) * 4, (-inf,) * 4
SPREAD = [(0.3, -1.0, 2.5, 0.7), (100.0, 0.0, -100.0, 3.0), (1e4, 9990.0, -1e4, 0.0), (-1e4, -1e4 - 3, -1e4 - 1, -2e4)]
SCORES = [*SPREAD, (0.0, 0.0, 0.0, 0.0), (2.0, 2.0, -1.0, 2.0), (40.0, 0.0, 0.0, 0.0), (30.0, -5.0, 1.0, 2.0)]

# fmt: off
ROWS: dict[str, Row] = {
    "logsumexp": Row(
        named("logsumexp"), logsumexp, SCORES,
        {
            (-inf, 1, -inf, -inf): (1, (0, 1, 0, 0), ZEROS), LOWEST: (-inf, ZEROS, ZEROS),
            (inf, 1, 2, 3): (inf, ZEROS, ZEROS), (nan, 1, 2, 3): UNDEFINED,
        },
        scale=lambda row: (max(map(abs, row)), 1, 10),
    ),
    "log_softmax": Row(
        named("log_softmax"), lambda row: [x - logsumexp(row) for x in row], SCORES,
        {
            (-inf, 1, -inf, -inf): ((-inf, 0, -inf, -inf), None, None), LOWEST: (LOWEST, ZEROS, ZEROS),
            (inf, 1, 2, 3): (NANS, ZEROS, ZEROS), (nan, 1, 2, 3): (NANS, None, None),
        },
    ),
    # Its value and gradient keep their relative accuracy when the probability is 1 − 1e−13 or 1 − 1e−44.
    "log_softmax at the top": Row(
        lambda xp, x: xp.log_softmax(x, axis=-1)[..., 0], lambda row: row[0] - logsumexp(row),
        [(30.0, -5.0, 1.0, 2.0), (100.0, 0.0, -3.0, 1.0), (40.0, 0.0, 0.0, 0.0), (2.0, 1.0, 0.0, -1.0)],
        scale=lambda row: 0,
    ),
    "softmax": Row(
        named("softmax"), lambda row: [mpmath.exp(x - logsumexp(row)) for x in row], SCORES,
        {
            (-inf, 1, -inf, -inf): ((0, 1, 0, 0), ZEROS, ZEROS), LOWEST: (ZEROS, ZEROS, ZEROS),
            (inf, 1, 2, 3): (NANS, ZEROS, ZEROS), (nan, 1, 2, 3): (NANS, None, None),
        },
    ),
    "logcumsumexp": Row(
        named("logcumsumexp"), running(logsumexp), SCORES,
        {
            (-inf, -inf, 1, -inf): ((-inf, -inf, 1, 1), (0, 0, 7, 0), ZEROS),
            (1, nan, 1, 1): ((1, nan, nan, nan), None, None), (1, inf, 1, 1): ((1, inf, inf, inf), (1, 0, 0, 0), ZEROS),
        },
        scale=lambda row: (max(map(abs, row)), 10, 10),
    ),
    "safe_norm": Row(
        named("safe_norm"), lambda row: mpmath.sqrt(sum(x * x for x in row)), [(3.0, 4.0, 0.0, 0.0), *SPREAD[:3]],
        {ZEROS: (0, ZEROS, ZEROS), (nan, 0, 0, 0): UNDEFINED, (inf, 1, 0, 0): (inf, None, None)},
    ),
    "max": Row(
        lambda xp, x: xp.max(x, axis=-1), max, SPREAD,
        {
            (2, 1, 2, 0): (2, (0.5, 0, 0.5, 0), ZEROS), ZEROS: (0, (0.25,) * 4, ZEROS),
            (inf, 1, inf, 0): (inf, (0.5, 0, 0.5, 0), ZEROS), LOWEST: (-inf, (0.25,) * 4, ZEROS),
            (1, nan, 3, 2): UNDEFINED,
        },
    ),
    "min": Row(
        lambda xp, x: xp.min(x, axis=-1), min, SPREAD,
        {
            (0, 1, 0, 2): (0, (0.5, 0, 0.5, 0), ZEROS), ZEROS: (0, (0.25,) * 4, ZEROS),
            (inf,) * 4: (inf, (0.25,) * 4, ZEROS), (1, nan, 3, 2): UNDEFINED,
        },
    ),
    "sort": Row(
        named("sort"), sorted, SPREAD,
        {
            (2, 1, 2, 0): ((0, 1, 2, 2), (3, 2, 4, 1), ZEROS),
            (inf, 1, -inf, 2): ((-inf, 1, 2, inf), (4, 2, 1, 3), ZEROS),
        },
    ),
}
# fmt: on


@dataclass(frozen=True)
class Linear:
    """A linear map of one array; its matrix, and so every derivative of Σ w (Ax)², follows from its NumPy twin."""

    function: Callable[..., Any]
    twin: Callable[[numpy.ndarray], numpy.ndarray]
    shape: tuple[int, ...] = (2, 3)


INDICES = numpy.array([[0, 0, 2, 1], [1, 2, 2, 2]])
MASK = numpy.array([[True, False, True], [False, False, True]])
MATRIX = numpy.array([[1.0, 2.0], [-0.5, 3.0], [0.25, -1.0]])


def constant(xp: Any, values: numpy.ndarray, like: Any) -> Any:
    return xp.asarray(values if values.dtype.kind != "f" else values.astype(xp.dtype_name(like)), like=like)


LINEAR: dict[str, Linear] = {
    "sum": Linear(lambda xp, x: xp.sum(x), numpy.sum),
    "sum axis": Linear(lambda xp, x: xp.sum(x, axis=0), lambda x: x.sum(0)),
    "sum axes": Linear(
        lambda xp, x: xp.sum(x, axis=(0, 2), keepdims=True), lambda x: x.sum((0, 2), keepdims=True), (2, 3, 2)
    ),
    "mean": Linear(lambda xp, x: xp.mean(x, axis=-1, keepdims=True), lambda x: x.mean(-1, keepdims=True)),
    "cumsum": Linear(lambda xp, x: xp.cumsum(x, axis=1), lambda x: x.cumsum(1)),
    "cumsum first axis": Linear(lambda xp, x: xp.cumsum(x, axis=0), lambda x: x.cumsum(0)),
    "flip": Linear(lambda xp, x: xp.flip(x, axis=1), lambda x: numpy.flip(x, 1)),
    "reshape": Linear(lambda xp, x: xp.reshape(x, (3, -1)), lambda x: x.reshape(3, -1)),
    "expand_dims": Linear(lambda xp, x: xp.expand_dims(x, axis=1), lambda x: x[:, None]),
    "squeeze": Linear(lambda xp, x: xp.squeeze(x, axis=1), lambda x: x[:, 0], (2, 1, 3)),
    "broadcast_to": Linear(lambda xp, x: xp.broadcast_to(x, (4, 2, 3)), lambda x: numpy.broadcast_to(x, (4, 2, 3))),
    "stack": Linear(lambda xp, x: xp.stack([x, 2 * x], axis=-1), lambda x: numpy.stack([x, 2 * x], -1)),
    "concatenate": Linear(lambda xp, x: xp.concatenate([x, 2 * x], axis=1), lambda x: numpy.concatenate([x, 2 * x], 1)),
    "swapaxes": Linear(lambda xp, x: xp.swapaxes(x, 0, 1), lambda x: x.T),
    "matmul": Linear(lambda xp, x: xp.matmul(x, constant(xp, MATRIX, x)), lambda x: x @ MATRIX),
    "where": Linear(lambda xp, x: xp.where(constant(xp, MASK, x), x, 0.0), lambda x: numpy.where(MASK, x, 0)),
    "cast": Linear(lambda xp, x: xp.cast(xp.cast(x, "float32"), x), lambda x: x),
    "zeros_like": Linear(lambda xp, x: x + xp.zeros_like(x) * xp.full_like(x, 3.0), lambda x: x),
    "take": Linear(lambda xp, x: xp.take(x, constant(xp, INDICES % 2, x)), lambda x: x[INDICES % 2]),
    "take_along_axis int32": Linear(
        lambda xp, x: xp.take_along_axis(x, constant(xp, INDICES.astype("int32"), x), axis=-1),
        lambda x: numpy.take_along_axis(x, INDICES, -1),
    ),
    "take_along_axis int64": Linear(
        lambda xp, x: xp.take_along_axis(x, constant(xp, INDICES, x), axis=-1),
        lambda x: numpy.take_along_axis(x, INDICES, -1),
    ),
    "take_along_axis first axis": Linear(
        lambda xp, x: xp.take_along_axis(x, constant(xp, INDICES[:, :3] % 2, x), axis=0),
        lambda x: numpy.take_along_axis(x, INDICES[:, :3] % 2, 0),
    ),
}

VALUES = numpy.array([[0.5, -1.0, 0.5], [2.0, 2.0, -3.0]])
COUNTS = numpy.array([[2, 0], [1, 5]])


# fmt: off
EXACT: dict[str, tuple[Callable[..., Any], Any]] = {
    "isnan": (lambda xp, x: xp.isnan(xp.where(x > 1, inf, xp.where(x < -2, nan, x))), VALUES < -2),
    "isfinite": (lambda xp, x: xp.isfinite(xp.where(x > 1, inf, xp.where(x < -2, nan, x))), numpy.abs(VALUES) < 1.5),
    "any": (lambda xp, x: xp.any(x > 1, axis=1), [False, True]),
    "any of all": (lambda xp, x: xp.any(x > 3), False),
    "all": (lambda xp, x: xp.all(x > -2, axis=0, keepdims=True), [[True, True, False]]),
    "all of all": (lambda xp, x: xp.all(x > -4), True),
    "argmax takes the first": (lambda xp, x: xp.argmax(x, axis=1), [0, 0]),
    "argmax of all": (lambda xp, x: xp.argmax(x), 3),
    "argmax keepdims": (lambda xp, x: xp.argmax(x, axis=-1, keepdims=True), [[0], [0]]),
    "argsort is stable": (lambda xp, x: xp.argsort(x, axis=-1), [[1, 0, 2], [2, 0, 1]]),
    "argsort first axis": (lambda xp, x: xp.argsort(x, axis=0), [[0, 0, 1], [1, 1, 0]]),
    "sort first axis": (lambda xp, x: xp.sort(x, axis=0), numpy.sort(VALUES, 0)),
    "max of all": (lambda xp, x: xp.max(x), 2.0),
    "min keepdims": (lambda xp, x: xp.min(x, axis=0, keepdims=True), [[0.5, -1.0, -3.0]]),
    "arange": (lambda xp, x: xp.arange(4, like=x), [0, 1, 2, 3]),
    "ones_like": (lambda xp, x: xp.ones_like(x), numpy.ones((2, 3))),
    "full_like": (lambda xp, x: xp.full_like(x, 2.5), numpy.full((2, 3), 2.5)),
    "one_hot": (lambda xp, x: xp.one_hot(xp.asarray(COUNTS), 4, dtype=x),
                [[[0.0, 0, 1, 0], [1, 0, 0, 0]], [[0, 1, 0, 0], [0, 0, 0, 0]]]),
    "logsumexp first axis": (lambda xp, x: xp.logsumexp(x, axis=0, keepdims=True),
                             numpy.log(numpy.exp(VALUES).sum(0, keepdims=True))),
    "log_softmax first axis": (lambda xp, x: xp.log_softmax(x, axis=0), VALUES - numpy.log(numpy.exp(VALUES).sum(0))),
    "softmax first axis": (lambda xp, x: xp.softmax(x, axis=0), numpy.exp(VALUES) / numpy.exp(VALUES).sum(0)),
    "logcumsumexp first axis": (lambda xp, x: xp.logcumsumexp(x, axis=0), numpy.log(numpy.exp(VALUES).cumsum(0))),
    "safe_norm first axis": (lambda xp, x: xp.safe_norm(x, axis=0, keepdims=True),
                             numpy.sqrt((VALUES**2).sum(0, keepdims=True))),
    "mean_where": (lambda xp, x: xp.mean_where(x, x > -2, axis=-1), [0.0, 2.0]),
    "mean_where of nothing": (lambda xp, x: xp.mean_where(x, x > 9, axis=0, keepdims=True), [[0.0, 0.0, 0.0]]),
    "mean_where of all": (lambda xp, x: xp.mean_where(x, None), numpy.mean(VALUES)),
    "fold": (lambda xp, x: xp.fold(lambda s, e: (s[0] * e[0] + e[1], s[1] + 1), (x[0], x[0]), (x, x * x))[0],
             (VALUES[0] * VALUES[0] + VALUES[0] ** 2) * VALUES[1] + VALUES[1] ** 2),
    "asarray of floats": (lambda xp, x: xp.asarray([1.0, 2.5], like=x), [1.0, 2.5]),
    "where of scalars": (lambda xp, x: xp.where(x > 1, 1.0, -1.0), numpy.where(VALUES > 1, 1.0, -1.0)),
}
# fmt: on
