"""Loss: an immutable value with hyper-parameters and one formula, which every framework runs."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, ClassVar

from losskit.arrays import namespace
from losskit.core.catalogue import register
from losskit.core.checks import shapes_are_checked, values_are_checked
from losskit.core.domain import Domain, first_of
from losskit.core.errors import DomainError, ReductionError, ShapeError
from losskit.core.facts import Facts
from losskit.core.reduction import Empty, Reduction, Terms, checked
from losskit.core.term import Term

Array = Any
HALF = ("float16", "bfloat16")


@dataclass(frozen=True, kw_only=True)
class Loss(Term):
    """The base of every loss.

    A subclass states `formula(self, xp, prediction, target, …)`, with a Domain of the same name for each argument after
    `xp`. It returns one value per entry, in the vocabulary `xp` of `losskit.arrays` only. The first argument gives the
    shape of the values: its own, or without its last axis where its domain has columns. Where entries of one value
    depend on each other (other rows, pixels of one image), the formula takes the mask too, as a keyword `keep`.
    `example_shapes` are those of the inputs of a small sample, where they do not follow from kind and domains.
    """

    prediction: ClassVar[Domain | property]
    target: ClassVar[Domain | property]
    facts: ClassVar[Facts] = Facts()
    kind: ClassVar[str] = "other"
    tasks: ClassVar[tuple[str, ...]] = ()
    aliases: ClassVar[tuple[str, ...]] = ()
    differentiable: ClassVar[tuple[str, ...]] = ("prediction",)
    reductions: ClassVar[tuple[Reduction, ...]] = ("mean", "sum", "none")
    inputs: ClassVar[tuple[str, ...]] = ()
    optional: ClassVar[tuple[str, ...]] = ()
    sees_mask: ClassVar[bool] = False
    example_shapes: ClassVar[tuple[tuple[int, ...], ...]] = ()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        formula = cls.__dict__.get("formula")
        if formula is not None:
            names = formula.__code__.co_varnames[2 : formula.__code__.co_argcount]
            cls.inputs = names
            cls.optional = names[len(names) - len(formula.__defaults__ or ()) :]
            cls.sees_mask = formula.__code__.co_kwonlyargcount > 0
            register(cls)

    # -- what a loss states ------------------------------------------------------------------------------------------

    formula: ClassVar[Callable[..., Array]]  # formula(self, xp, …) -> values

    def aggregate(self, xp: Any, mean: Array) -> Array:
        """What is done to the mean of the values (the root of RMSE). Identity for most losses."""
        return mean

    def measure(self, xp: Any, *inputs: Array) -> Array | None:
        """How much each value counts in a mean's divisor (class weights), None for 1 each."""
        return None

    def kept(self, xp: Any, *inputs: Array) -> Array | None:
        """A boolean array of the entries that the loss itself does not leave out (ignore_index), None for all."""
        return None

    # -- what a user calls -------------------------------------------------------------------------------------------

    def __call__(
        self,
        *inputs: Array,
        weight: Array | None = None,
        mask: Array | None = None,
        reduction: Reduction = "mean",
        empty: Empty = "zero",
        **named: Array,
    ) -> Array:
        """The loss of these inputs.

        weight: ≥ 0, of the values' shape or of its leading axes (one weight per sample). mask: bool, False = ignored.
        reduction: "mean" divides by the sum of the weights of what is not masked; "sum"; "none" gives weighted values.
        empty: what a mean of nothing is: "zero" (value and gradient), "nan" or "raise".
        Raises ShapeError, DomainError, ReductionError, EmptyReductionError.
        """
        checked(reduction, empty)
        if reduction not in self.reductions:
            raise ReductionError(f"reduction: {type(self).__name__} has only {self.reductions}, got {reduction!r}")
        xp, arrays, dtype = self._receive(inputs, named)
        values, weights, keep = self._weighted(xp, arrays, weight, mask)
        if reduction == "mean":
            if weights is None and keep is None and all(xp.shape(values)):  # something, and known how much
                return self.aggregate(xp, xp.mean(values))
            return self._terms(xp, values, weights, keep).mean(empty)
        return xp.sum(values) if reduction == "sum" else xp.cast(values, dtype)

    def terms(self, *inputs: Array, weight: Array | None = None, mask: Array | None = None, **named: Array) -> Terms:
        """Terms(total, weight, count): terms of micro-batches and ranks add up, and their .mean() is exact."""
        xp, arrays, _ = self._receive(inputs, named)
        return self._terms(xp, *self._weighted(xp, arrays, weight, mask))

    def value_and_gradient(
        self,
        *inputs: Array,
        weight: Array | None = None,
        mask: Array | None = None,
        reduction: Reduction = "mean",
        empty: Empty = "zero",
        **named: Array,
    ) -> tuple[Array, Any]:
        """The loss and its gradient with respect to the prediction.

        The gradient is a tuple in the order of `differentiable` where a loss has several such inputs. With
        reduction="none" it is the gradient of the sum of the values.
        """
        xp, bound = self.bind(inputs, named)
        names, arrays = tuple(bound), tuple(bound.values())
        wrt = tuple(names.index(name) for name in self.differentiable if name in names)

        def reduced(*current: Array) -> Array:
            how: Reduction = "sum" if reduction == "none" else reduction
            return self(**dict(zip(names, current, strict=True)), weight=weight, mask=mask, reduction=how, empty=empty)

        value, gradients = xp.value_and_gradient(reduced, arrays, wrt)
        if reduction == "none":
            value = self(*arrays, weight=weight, mask=mask, reduction="none")
        return value, gradients if len(self.differentiable) > 1 else gradients[0]

    def curvature(self, *inputs: Array, **named: Array) -> Array:
        """∂²ℓ/∂prediction² of each value, unreduced; the diagonal of the Hessian where a value has several inputs."""
        xp, bound = self.bind(inputs, named)
        first, *rest = bound.values()
        names = tuple(bound)[1:]

        def total(prediction: Array) -> Array:
            return xp.sum(self(prediction, **dict(zip(names, rest, strict=True)), reduction="none"))

        if not self.domain(self.inputs[0]).columns:
            return xp.gradient(lambda p: xp.sum(xp.gradient(total, p)), first)
        # One pass per column: the k-th column of every row's Hessian at once, of which the k-th entry is kept.
        columns = [
            xp.gradient(lambda p, k=k: xp.sum(xp.gradient(total, p)[..., k]), first)[..., k]
            for k in range(xp.shape(first)[-1])
        ]
        return xp.stack(columns, axis=-1)

    def __str__(self) -> str:
        """The loss as one would write it: what differs from the defaults."""
        given = ((field, getattr(self, field.name)) for field in fields(self))
        shown = ", ".join(f"{field.name}={value!r}" for field, value in given if value != field.default)
        return f"{type(self).__name__}({shown})"

    def config(self) -> dict[str, Any]:
        """The loss as plain data: {"loss": name, hyper-parameters…}; `losskit.from_config` reads it back."""
        return {"loss": type(self).__name__, **{field.name: getattr(self, field.name) for field in fields(self)}}

    # -- from arguments to values ------------------------------------------------------------------------------------

    def domain(self, name: str) -> Domain:
        """The domain of an input."""
        domain: Domain = getattr(self, name)
        return domain

    def bind(self, inputs: tuple[Array, ...], named: dict[str, Array]) -> tuple[Any, dict[str, Array]]:
        """Inputs by name, as arrays of one framework."""
        bound = dict(zip(self.inputs, inputs, strict=False))
        if named or len(inputs) != len(self.inputs):
            bound = self._by_name(bound, len(inputs), named)
        xp = namespace(*bound.values())
        like = bound[self.inputs[0]]
        if not hasattr(like, "dtype"):
            like = next((array for array in bound.values() if hasattr(array, "dtype")), None)
        for name, array in bound.items():
            bound[name] = xp.asarray(array, like)
        return xp, bound

    def _by_name(self, bound: dict[str, Array], positional: int, named: dict[str, Array]) -> dict[str, Array]:
        """The positional inputs and the named ones, in the formula's order."""
        if positional > len(self.inputs):
            raise TypeError(f"{type(self).__name__} takes {', '.join(self.inputs)}; got {positional} positional inputs")
        for name, value in named.items():
            if name not in self.inputs or name in bound:
                why = "given twice" if name in bound else "not an input"
                raise TypeError(f"{type(self).__name__} takes {', '.join(self.inputs)}; {name!r} is {why}")
            if value is not None:
                bound[name] = value
        missing = [name for name in self.inputs if name not in bound and name not in self.optional]
        if missing:
            raise TypeError(f"{type(self).__name__} takes {', '.join(self.inputs)}; missing: {', '.join(missing)}")
        return {name: bound[name] for name in self.inputs if name in bound}

    def _receive(self, inputs: tuple[Array, ...], named: dict[str, Array]) -> tuple[Any, dict[str, Array], str]:
        """Inputs bound, of fitting shapes, in the dtype the formula runs in; and the dtype that came in."""
        xp, bound = self.bind(inputs, named)
        if shapes_are_checked():
            self.check_shapes(xp, bound)
        first = bound[self.inputs[0]]
        dtype = xp.dtype_name(first if xp.is_floating(first) else xp.asarray(0.5))
        # Half precision is accumulated in float32: squares overflow float16 at 256, sums at 65504.
        inside = "float32" if dtype in HALF else dtype
        for name, array in bound.items():
            if xp.dtype_name(array) != inside and (xp.is_floating(array) or not self.domain(name).integer):
                bound[name] = xp.cast(array, inside)
        return xp, bound, dtype

    def _weighted(
        self, xp: Any, bound: dict[str, Array], weight: Array | None, mask: Array | None
    ) -> tuple[Array, Array | None, Array | None]:
        """Weighted values, their weights (None: 1 each) and what was kept (None: everything)."""
        keep = self._keep(xp, bound, mask)
        if keep is not None:
            # Replaced before the formula runs: what a masked entry holds (NaN, -inf) must not reach a derivative.
            bound = {name: self._replaced(xp, name, array, keep) for name, array in bound.items()}
        self.check_values(xp, bound)
        # By name: an optional input may be missing before one that is there.
        values = self.formula(xp, **bound, keep=keep) if self.sees_mask else self.formula(xp, **bound)
        keep = None if keep is None else self.kept_values(xp, keep)
        weights = self.measure(xp, *bound.values())
        if weight is not None:
            weight = xp.cast(self.leading(xp, "weight", weight, bound), values) * xp.ones_like(values)
            self.check_weight(xp, weight)
            if keep is not None:
                weight = xp.where(keep, weight, xp.zeros_like(weight))
            values = values * weight
            weights = weight if weights is None else weights * weight
        if keep is not None:
            values = xp.where(keep, values, xp.zeros_like(values))
            weights = xp.cast(keep, values) if weights is None else xp.where(keep, weights, xp.zeros_like(weights))
        return values, weights, keep

    def _terms(self, xp: Any, values: Array, weights: Array | None, keep: Array | None) -> Terms:
        total, entries = xp.sum(values), _entries(xp, values)
        if keep is not None:
            count = xp.sum(xp.cast(keep, values))
        elif entries is None:
            count = xp.sum(xp.ones_like(values))
        else:
            count = xp.full_like(total, entries)
        return Terms(total, count if weights is None else xp.sum(weights), count, self)

    def kept_values(self, xp: Any, keep: Array) -> Array:
        """Which values are left, of the entries that are."""
        return keep

    def _keep(self, xp: Any, bound: dict[str, Array], mask: Array | None) -> Array | None:
        """What is neither masked nor left out by the loss itself, None for everything."""
        own = self.kept(xp, *bound.values())
        if mask is None:
            return own
        mask = self.leading(xp, "mask", mask, bound)
        first = bound[self.inputs[0]]
        entry = first[..., 0] if self.domain(self.inputs[0]).columns else first
        mask = mask & xp.cast(xp.ones_like(entry), "bool")  # one entry for each value
        return mask if own is None else mask & own

    def _replaced(self, xp: Any, name: str, array: Array, keep: Array) -> Array:
        while len(xp.shape(keep)) < len(xp.shape(array)):
            keep = xp.expand_dims(keep, axis=-1)
        return xp.where(keep, array, self.domain(name).filler(xp, array))

    def _values_shape(self, xp: Any, bound: dict[str, Array]) -> tuple[int, ...]:
        shape = xp.shape(bound[self.inputs[0]])
        return shape[:-1] if self.domain(self.inputs[0]).columns else shape

    def _width(self, xp: Any, bound: dict[str, Array]) -> int | None:
        first = self.inputs[0]
        return xp.shape(bound[first])[-1] if self.domain(first).columns else None

    # -- checks ------------------------------------------------------------------------------------------------------

    def check_values(self, xp: Any, bound: dict[str, Array]) -> None:
        """Raise DomainError for the first value outside its domain, where values are looked at."""
        for name, array in bound.items():
            domain = self.domain(name)
            if domain.restricts() and values_are_checked(xp, array):
                domain.check(xp, name, array, self._width(xp, bound))

    def check_shapes(self, xp: Any, bound: dict[str, Array]) -> None:
        """Raise ShapeError for shapes that do not go together."""
        first = self.inputs[0]
        reference, columns = xp.shape(bound[first]), self.domain(first).columns
        if columns and not reference:
            raise ShapeError(f"{first}: expected at least one axis (its last holds the columns), got a scalar")
        values = self._values_shape(xp, bound)
        for name, array in bound.items():
            if name == first:
                continue
            shape, domain = xp.shape(array), self.domain(name)
            if domain.integer and columns:
                self._check_labels(xp, name, array, first, reference)
                continue
            expected = (*values, reference[-1]) if domain.columns and columns else values
            if not fits(shape, expected):
                raise ShapeError(
                    f"{name}: expected shape {expected} to go with {first} of shape {reference}, got {shape}"
                    + shape_fix(name, shape, first, expected)
                )

    def _check_labels(self, xp: Any, name: str, array: Array, first: str, reference: tuple[int, ...]) -> None:
        shape, floating, soft = xp.shape(array), xp.is_floating(array), getattr(self.domain(name), "soft", False)
        indices = fits(shape, reference[:-1])
        if indices and not floating:
            return
        if soft and fits(shape, reference):
            if floating:
                return
            raise DomainError(
                f"{name}: rows of class probabilities must be floating point, got {xp.dtype_name(array)}; "
                f"fix: cast {name} to {first}'s dtype, or pass class indices of shape {reference[:-1]}"
            )
        if not indices:
            rows = f" or probabilities of shape {reference}" if soft else ""
            raise ShapeError(
                f"{name}: expected class indices of shape {reference[:-1]}{rows} to go "
                f"with {first} of shape {reference}, got {shape}" + shape_fix(name, shape, first, reference[:-1])
            )
        raise DomainError(
            f"{name}: expected integer class indices, got {xp.dtype_name(array)}; fix: cast {name} to int64"
        )

    def leading(self, xp: Any, name: str, array: Array, bound: dict[str, Array]) -> Array:
        """A weight or mask, given for all values or for their leading axes, with as many axes as the values."""
        shape = self._values_shape(xp, bound)
        array = xp.asarray(array, like=bound[self.inputs[0]])
        own = xp.shape(array)
        if len(own) > len(shape) or not fits(own, shape[: len(own)]):
            raise ShapeError(
                f"{name}: expected the shape {shape} of the values, or its leading axes, got {own}"
                + shape_fix(name, own, name, shape)
            )
        for _ in range(len(shape) - len(own)):
            array = xp.expand_dims(array, axis=-1)
        return array

    def check_weight(self, xp: Any, weight: Array) -> None:
        """Raise DomainError for the first negative weight, where values are looked at."""
        if values_are_checked(xp, weight):
            bad = xp.to_numpy(weight < 0)
            if bad.any():
                index = first_of(bad)
                where = list(index) if index else ""
                raise DomainError(f"weight{where}: expected a number >= 0, got {xp.to_numpy(weight)[index]}")


def _entries(xp: Any, values: Array) -> float | None:
    """How many values there are; None where TensorFlow's graphs leave axes open."""
    shape = xp.shape(values)
    return None if None in shape else float(math.prod(shape))


def fits(shape: tuple[int | None, ...], other: tuple[int | None, ...]) -> bool:
    """Whether two shapes are the same, as far as they are known (TensorFlow's graphs leave axes open)."""
    if len(shape) != len(other):
        return False
    return shape == other or all(a is None or b is None or a == b for a, b in zip(shape, other, strict=True))


def shape_fix(name: str, shape: tuple[int, ...], first: str, expected: tuple[int, ...]) -> str:
    """The line that mends the commonest cases: one axis of length 1 too many or too few."""
    if shape == (*expected, 1):
        return f"; fix: {name} = {name}[..., 0]"
    if (*shape, 1) == expected:
        return f"; fix: {name} = {name}[..., None]" if name == first else f"; fix: {first} = {first}[..., 0]"
    return ""
