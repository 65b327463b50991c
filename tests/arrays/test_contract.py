"""The contract: values and two derivatives agree with mpmath and the stated conventions, in every framework."""

from __future__ import annotations

import itertools
from functools import cache
from typing import Any

import mpmath
import numpy
import pytest
from cases import ELEMENTWISE, EXACT, LINEAR, ROWS, VALUES

DTYPES = ("float32", "float64")
ULPS = (8, 16, 16)  # of value, first and second derivative
NUMERIC_NOISE = 1e-100  # of mpmath's numerical derivatives

pytestmark = pytest.mark.parametrize("dtype", DTYPES)


def check(got: numpy.ndarray, expected: Any, scale: Any, ulps: float, where: str) -> None:
    """Each number within some ulp of the expected one (or of the scale, if larger); None expects nothing."""
    if expected is None:
        return
    for number, wanted in zip(got.reshape(-1), as_tuple(expected), strict=True):
        if wanted is None:
            continue
        with numpy.errstate(over="ignore"):
            nearest = got.dtype.type(float(wanted))
        message = f"{where}: expected {nearest!r}, got {number!r}"
        if not numpy.isfinite(nearest):
            assert numpy.array_equal(number, nearest, equal_nan=True), message
            continue
        assert numpy.isfinite(number), message
        finfo = numpy.finfo(got.dtype)
        # Below the smallest normal number TensorFlow and XLA flush to zero.
        ulp = float(finfo.eps) * max(abs(wanted), scale) + float(finfo.tiny) + NUMERIC_NOISE
        error = abs(mpmath.mpf(float(number)) - wanted) / ulp
        assert error <= ulps, f"{message}, off by {float(error):.3g} ulp"


def as_tuple(numbers: Any) -> tuple[Any, ...]:
    return tuple(numbers) if isinstance(numbers, (tuple, list)) else (numbers,)


def evaluate(framework: Any, function: Any, *arguments: Any) -> list[numpy.ndarray]:
    """The function's results as NumPy arrays; JAX, which compiles every operation, compiles them all at once."""
    if framework.library == "jax":
        import jax

        function = jax.jit(function)
    return [framework.numpy(result) for result in function(*arguments)]


def as_triple(scale: Any) -> tuple[Any, Any, Any]:
    return scale if isinstance(scale, tuple) else (scale,) * 3


def as_seen(point: tuple[float, ...], dtype: str) -> list[Any]:
    """The point as the framework sees it: rounded to the dtype."""
    return [mpmath.mpf(float(numpy.dtype(dtype).type(x))) for x in point]


def along(*axes: int, size: int) -> tuple[int, ...]:
    """The order of a derivative along these axes: along(0, 0, size=2) is (2, 0)."""
    return tuple(axes.count(i) for i in range(size))


def pairs(size: int) -> list[tuple[int, int]]:
    return list(itertools.combinations_with_replacement(range(size), 2))


# ---- elementwise


@cache
def elementwise_table(name: str, dtype: str) -> list[tuple[Any, Any, Any]]:
    """(point, (value, first, second), scales) for each point of the case."""
    case = ELEMENTWISE[name]
    table = [(as_tuple(point), expected, (0, 0, 0)) for point, expected in case.stated.items()]
    if case.nan_stays and len(table[0][0] if table else (0,)) == 1:
        table.append(((numpy.nan,), (numpy.nan, None, None), (0, 0, 0)))
    for point in map(as_tuple, case.points):
        seen, size = as_seen(point, dtype), len(point)
        first = [mpmath.diff(case.twin, seen, along(i, size=size)) for i in range(size)]
        second = [mpmath.diff(case.twin, seen, along(i, j, size=size)) for i, j in pairs(size)]
        table.append((point, (case.twin(*seen), first, second), as_triple(case.scale(*seen))))
    return table


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_elementwise(framework, name, dtype):
    case, xp, table = ELEMENTWISE[name], framework.xp, elementwise_table(name, dtype)
    size = len(table[0][0])

    def total(*arrays):
        xp = framework.namespace(*arrays)
        return xp.sum(case.function(xp, *arrays))

    def total_of_partial(i):
        def function(*arrays):
            xp = framework.namespace(*arrays)
            return xp.sum(xp.value_and_gradient(total, arrays, (i,))[1][0])

        return function

    def every_order(*arrays):
        first = xp.value_and_gradient(total, arrays, tuple(range(size)))[1]
        second = [xp.value_and_gradient(total_of_partial(i), arrays, (j,))[1][0] for i, j in pairs(size)]
        return case.function(xp, *arrays), *first, *second

    arguments = [framework.array(column, dtype) for column in zip(*(point for point, _, _ in table), strict=True)]
    value, *derivatives = evaluate(framework, every_order, *arguments)
    first, second = numpy.stack(derivatives[:size], -1), numpy.stack(derivatives[size:], -1)

    assert value.dtype == first.dtype == second.dtype == dtype
    own_error = case.torch_error if framework.library == "torch" else (0, 0, 0)
    ulps = numpy.maximum(ULPS, numpy.array(own_error) / numpy.finfo(dtype).eps)
    for k, (point, expected, scales) in enumerate(table):
        where = f"{name}{point} in {framework.name}, {dtype}"
        check(value[k], expected[0], scales[0], ulps[0], where)
        check(first[k], expected[1], scales[1], ulps[1], f"first derivative of {where}")
        check(second[k], expected[2], scales[2], ulps[2], f"second derivative of {where}")


# ---- rows


def weighted(framework, function):
    """Σ wₖ fₖ with the weights 1, 2, 3, … along the last axis, for every row."""

    def total(x):
        xp = framework.namespace(x)
        y = function(xp, x)
        if len(xp.shape(y)) > 1:
            y = y * xp.cast(xp.arange(xp.shape(y)[-1], like=y) + 1, y)
        return xp.sum(y)

    return total


@cache
def row_table(name: str, dtype: str) -> list[tuple[Any, Any, Any]]:
    """(row, (value, gradient, curvature), scales) for each row of the case."""
    case = ROWS[name]

    def total(*row):
        return sum((k + 1) * y for k, y in enumerate(as_tuple(case.twin(row))))

    table = [(row, expected, (0, 0, 0)) for row, expected in case.stated.items()]
    for row in case.rows:
        seen, size = as_seen(row, dtype), len(row)
        gradient = [mpmath.diff(total, seen, along(i, size=size)) for i in range(size)]
        hessian = {(i, j): mpmath.diff(total, seen, along(i, j, size=size)) for i, j in pairs(size)}
        curvature = [sum((j + 1) * hessian[min(i, j), max(i, j)] for j in range(size)) for i in range(size)]
        table.append((row, (case.twin(seen), gradient, curvature), as_triple(case.scale(seen))))
    return table


@pytest.mark.parametrize("name", ROWS)
def test_row(framework, name, dtype):
    case, xp, table = ROWS[name], framework.xp, row_table(name, dtype)
    total = weighted(framework, case.function)
    x = framework.array([row for row, _, _ in table], dtype)
    along_gradient = weighted(framework, lambda xp, x: xp.gradient(total, x))

    def every_order(x):
        return case.function(xp, x), xp.gradient(total, x), xp.gradient(along_gradient, x)

    value, gradient, curvature = evaluate(framework, every_order, x)

    assert value.dtype == gradient.dtype == curvature.dtype == dtype
    for k, (row, expected, scales) in enumerate(table):
        where = f"{name}{row} in {framework.name}, {dtype}"
        check(value[k], expected[0], scales[0], ULPS[0], where)
        check(gradient[k], expected[1], scales[1], ULPS[1], f"gradient of {where}")
        check(curvature[k], expected[2], scales[2], ULPS[2], f"curvature of {where}")


# ---- linear maps


@pytest.mark.parametrize("name", LINEAR)
def test_linear(framework, name, dtype):
    case, xp = LINEAR[name], framework.xp
    size = int(numpy.prod(case.shape))
    matrix = numpy.stack([case.twin(unit.reshape(case.shape)).reshape(-1) for unit in numpy.eye(size)], axis=-1)
    x = (numpy.arange(size) - 2.5) / 4
    weights = numpy.arange(len(matrix)) + 1.0
    expected = (
        (matrix @ x).reshape(case.twin(x.reshape(case.shape)).shape),
        (2 * matrix.T @ (weights * (matrix @ x))).reshape(case.shape),
        (2 * matrix.T @ (weights * (matrix @ (numpy.arange(size) + 1.0)))).reshape(case.shape),
    )

    def total_square(x):
        return weighted(framework, lambda xp, x: xp.reshape(xp.square(case.function(xp, x)), (1, -1)))(x)

    def along_gradient(x):
        return weighted(framework, lambda xp, x: xp.reshape(xp.gradient(total_square, x), (1, -1)))(x)

    def every_order(x):
        return case.function(xp, x), xp.gradient(total_square, x), xp.gradient(along_gradient, x)

    orders = evaluate(framework, every_order, framework.array(x.reshape(case.shape), dtype))
    for got, wanted in zip(orders, expected, strict=True):
        assert got.dtype == dtype
        numpy.testing.assert_allclose(got, wanted, rtol=1e-5, atol=1e-6)
        assert got.shape == wanted.shape


# ---- everything else


@pytest.mark.parametrize("name", EXACT)
def test_exact(framework, name, dtype):
    function, expected = EXACT[name]
    expected = numpy.asarray(expected)
    got = framework.numpy(function(framework.xp, framework.array(VALUES, dtype)))
    assert (got.shape, got.dtype.kind) == (expected.shape, expected.dtype.kind)
    if got.dtype.kind == "f" and name != "where of scalars":
        assert got.dtype == dtype
    numpy.testing.assert_allclose(got, expected, rtol=1e-6, atol=1e-7)
