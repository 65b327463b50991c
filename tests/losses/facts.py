"""One checker per declared fact: given a case, it returns what speaks against the claim, None when nothing does.

Claims that something holds are tried at ordinary points and at extremes; claims that it does not need one example.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from mpmath import mp, mpf
from scipy import optimize, stats

import losskit
from losskit.arrays import namespace
from losskit.core.domain import Interval, Labels, LogSimplex, Real, Rows, Simplex
from tests.losses.test_value import one
from tests.oracles import Case
from tests.oracles.draw import batches, extreme, generator, ordinary
from tests.oracles.oracle import Inputs, Truth
from tests.oracles.truth import sides

Check = Callable[[Case], str | None]
ROUNDING = 64 * 2.0**-52


def points(case: Case, size: int = 240) -> Inputs:
    """Ordinary entries and all that values are compared on."""
    drawn = [ordinary(case, size, generator(case, "facts")), *batches(case, "float64")]
    return {name: np.concatenate([part[name] for part in drawn]) for name in drawn[0]}


def values(case: Case, inputs: Inputs) -> np.ndarray:
    """One value per entry (of batches of one, where the loss is one number for a batch)."""
    with np.errstate(all="ignore"), losskit.checks("shapes"):
        if case.reduction == "mean":
            return np.array([case.loss(**one(inputs, i)) for i in range(len(inputs[case.names[0]]))])
        return case.loss(**inputs, reduction="none")


def slopes(case: Case, inputs: Inputs) -> np.ndarray:
    """The length of the gradient by the first input, per entry."""
    how: Any = {"mean": "mean", "none": "sum"}[case.reduction]
    several = len(case.loss.differentiable) > 1
    if case.reduction == "mean":
        parts = [
            case.loss.value_and_gradient(**one(inputs, i), reduction=how)[1] for i in range(len(inputs[case.names[0]]))
        ]
        gradient = np.concatenate([part[0] if several else part for part in parts])
    else:
        gradient = case.loss.value_and_gradient(**inputs, reduction=how)[1]
        gradient = gradient[0] if several else gradient
    with np.errstate(over="ignore"):
        return np.sqrt(np.sum(np.square(gradient), axis=-1)) if gradient.ndim > 1 else np.abs(gradient)


def example(inputs: Inputs, i: int) -> str:
    return str({name: array[i].tolist() for name, array in inputs.items()})


# -- one checker per fact --------------------------------------------------------------------------------------------


def convex(case: Case) -> str | None:
    """The value half-way is at most the mean of the values at the ends, near ones too; no curvature is negative.

    In the first input, the others alike.
    """
    first = case.names[0]
    here, usual = points(case), ordinary(case, 240, generator(case, "curvature"))
    rng = generator(case, "segments")
    segments = [(here, rng.permutation(here[first]))]
    if isinstance(case.domain(first), Rows) or case.domain(first) == Real():  # nothing that a step could leave
        x = usual[first]
        each = (len(x), *[1] * (x.ndim - 1))
        x = x + rng.choice([-4.0, 0.0, 4.0], each)
        segments.append((usual | {first: x}, x + rng.choice([0.1, 1.0], each) * rng.normal(size=x.shape)))
    above = next((text for start, end in segments if (text := _above_the_chord(case, start, end))), None)
    curved = case.reduction == "none" and not case.batchwise and not case.structured
    bent = curved and bool(np.any(case.loss.curvature(**usual) < -1e-9))
    if case.loss.facts.convex:
        return above or ("a curvature is negative" if bent else None)
    if above or bent or (curved and np.any(case.loss.curvature(**here) < 0)):
        return None
    return "no segment lies above its chord and no curvature is negative, yet convex is denied"


def _above_the_chord(case: Case, here: Inputs, end: np.ndarray) -> str | None:
    first = case.names[0]
    there = here | {first: end}
    half = here | {first: here[first] / 2 + end / 2}
    left, right, middle = (values(case, inputs) for inputs in (here, there, half))
    with np.errstate(all="ignore"):
        excess = middle - (left / 2 + right / 2)
        slack = ROUNDING * (np.abs(left) + np.abs(right) + np.abs(middle) + 1)
        above = np.isfinite(excess) & (excess > slack)
    return f"above the chord at {example(half, int(np.argmax(above)))}" if above.any() else None


def gradient_bound(case: Case) -> str | None:
    """No gradient exceeds the bound, and some come within 1 % of it; without a bound they pass every number."""
    bound = case.loss.facts.gradient_bound
    found = [slopes(case, inputs) for inputs in (points(case), *steep(case))]
    finite = np.concatenate([part[~np.isnan(part)] for part in found])
    highest = float(finite.max())
    if bound == math.inf:
        return None if highest > 1e6 else f"no gradient above {highest:.4g}, yet none is to bound it"
    if highest > bound * (1 + 1e-9):
        return f"a gradient of {highest!r} exceeds {bound!r}"
    return None if highest >= 0.99 * bound else f"no gradient above {highest!r}: {bound!r} is not the supremum"


def steep(case: Case) -> Iterator[Inputs]:
    """A fine sweep of the first input over its domain, the others as drawn: where suprema lie inside."""
    if case.batchwise:
        return
    first, base = case.names[0], ordinary(case, 2000, generator(case, "steep"))
    domain, rng = case.domain(first), generator(case, "sweep")
    if base[first].ndim > 1:
        lengths = 10.0 ** rng.uniform(-9, 3, (2000, *[1] * (base[first].ndim - 1)))
        yield base | {first: base[first] * lengths} if isinstance(domain, Rows) else base
        if isinstance(domain, Rows):
            yield rivals(case, base[first].shape)
        return
    others = {name: np.repeat(array[:1], 2000, axis=0) for name, array in base.items()}
    scale = 10.0 ** rng.uniform(-3, 3, 2000) * rng.choice([-1, 1], 2000)
    beside = others[case.names[1]] if len(case.names) > 1 else np.zeros(2000)
    around = beside + scale if beside.ndim == 1 and beside.dtype.kind == "f" else scale
    if isinstance(domain, Interval):
        tiny = np.finfo(float).eps
        around = np.maximum(around, domain.lower + tiny) if domain.lower > -math.inf else around
        around = np.minimum(around, domain.upper - tiny) if domain.upper < math.inf else around
    yield others | {first: around}


def rivals(case: Case, shape: tuple[int, ...]) -> Inputs:
    """Rows of which two entries matter, at every distance from each other, before targets that are sure."""
    rng = generator(case, "rivals")
    rows, each = np.full(shape, -50.0), shape[:-1]
    rows[..., 0], rows[..., 1] = 10.0 ** rng.uniform(-3, 3, each) * rng.choice([-1, 1], each), 0.0
    return extreme(case, 2000, rng) | {case.names[0]: rows}


def non_negative(case: Case) -> str | None:
    inputs = points(case)
    found = values(case, inputs)
    below = found < -ROUNDING * (1 + np.abs(found[np.isfinite(found)]).min())
    if case.loss.facts.non_negative:
        return None if not below.any() else f"{found[np.argmax(below)]} at {example(inputs, int(np.argmax(below)))}"
    return None if below.any() else "no value below 0, yet it is denied"


def zero_at_target(case: Case) -> str | None:
    inputs = points(case)
    first, target = case.names[:2]
    found = values(case, inputs | {first: inputs[target]})
    off = found != 0
    if case.loss.facts.zero_at_target:
        return None if not off.any() else f"{found[np.argmax(off)]} where both are {inputs[target][np.argmax(off)]}"
    return None if off.any() else "always 0 at the target, yet it is denied"


def symmetric(case: Case) -> str | None:
    inputs = points(case)
    first, second = case.names[:2]
    swapped = inputs | {first: inputs[second], second: inputs[first]}
    if not case.loss.facts.symmetric:
        inside = all(_holds(case, name, swapped[name]) for name in (first, second))
        if not inside:
            return None
    a, b = values(case, inputs), values(case, swapped)
    with np.errstate(all="ignore"):
        differ = np.isfinite(a) & (np.abs(a - b) > ROUNDING * (1 + np.abs(a)))
    if case.loss.facts.symmetric:
        return None if not differ.any() else f"not symmetric at {example(inputs, int(np.argmax(differ)))}"
    return None if differ.any() else "symmetric everywhere, yet it is denied"


def _holds(case: Case, name: str, array: np.ndarray) -> bool:
    bad = case.domain(name).bad(namespace(array), array, None)
    return bad is None or not bad.any()


def smooth(case: Case) -> str | None:
    """At kinks, and where the first input meets the others or 0 or ±1, one-sided derivatives agree up to the order.

    Where fewer than two are claimed the next one has to jump somewhere.
    """
    order = case.loss.facts.smooth
    if order not in (0, 1, 2):
        return f"0, 1 or 2 continuous derivatives can be claimed, not {order}"
    inputs = ordinary(case, 4, generator(case, "smooth"))
    for entry in [] if case.oracle.extra is None else case.oracle.extra(case.loss):
        chosen = dict(zip(case.names, entry, strict=False))
        inputs = {n: np.concatenate([array, np.asarray([chosen[n]], array.dtype)]) for n, array in inputs.items()}
    jumps = False
    for i in range(len(inputs[case.names[0]])):
        for position, at in suspects(case, inputs, i):
            left, right = sides(case, inputs, i, position, at)
            scale = 1 + max(abs(number) for number in (*left, *right))
            apart = [float(abs(a - b) / scale) > 1e-12 for a, b in zip(left, right, strict=True)]
            if any(apart[: order + 1]):
                return f"derivative {apart.index(True)} jumps at {float(at)} with {example(inputs, i)}"
            jumps = jumps or (order < 2 and apart[order + 1])
    return None if jumps or order >= 2 else f"derivative {order + 1} does not jump at any kink known to the oracle"


def suspects(case: Case, inputs: Inputs, i: int) -> Iterator[tuple[tuple[int, ...], Any]]:
    """Coordinates of the first input, and points on them where a derivative might jump."""
    first, *others = case.names
    numbers = [inputs[name][i] for name in others]
    if inputs[first].ndim == 1 and case.oracle.kinks is not None:
        with mp.workdps(200):
            yield from (((), mpf(kink)) for kink in case.oracle.kinks(case.loss, *(mpf(float(n)) for n in numbers)))
    domain = case.domain(first)
    inside = [x for x in (0.0, 1.0, -1.0) if _inside(domain, x)]
    if inputs[first].ndim > 1:
        inside += [float(x) for x in inputs[first][i][1:].flat]
    inside += [float(n) for n in numbers if np.ndim(n) == 0 and inputs[first].ndim == 1 and _inside(domain, float(n))]
    yield from (((0,) * (inputs[first].ndim - 1), mpf(x)) for x in inside)


def _inside(domain: Any, x: float) -> bool:
    return (
        domain.lower < x < domain.upper
        if isinstance(domain, Interval)
        else not isinstance(domain, Simplex | LogSimplex)
    )


def minimiser(case: Case) -> str | None:
    """The constant prediction that minimises the mean loss of a sample is the statistic that is named."""
    facts, n = case.loss.facts, 11
    drawn = ordinary(case, n, generator(case, "minimiser"))
    first, target = case.names[:2]
    if first != "prediction" or drawn[first].ndim > 1:
        return "minimiser: only a number can be the prediction"
    sample = drawn[target]
    others = {name: np.repeat(drawn[name][:1], n) for name in case.names[2:]}
    statistic, link = STATISTICS[facts.minimiser](case, sample)

    def mean_loss(constant: float) -> float:
        return float(case.loss(**{first: np.full(n, constant), target: sample, **others}))

    wide = (statistic - 3, statistic + 3.5)
    domain = case.domain(first)
    low, high = max(wide[0], domain.lower + 1e-9), min(wide[1], domain.upper - 1e-9)
    coarse = min(np.linspace(low, high, 60), key=mean_loss)
    found = optimize.minimize_scalar(
        mean_loss, bounds=(max(coarse - 0.2, low), min(coarse + 0.2, high)), method="bounded", options={"xatol": 1e-9}
    ).x
    if abs(found - statistic) > 1e-4:
        return f"minimised by {found!r}, not by the {facts.minimiser} {statistic!r}{link}"
    return None


STATISTICS: dict[str, Callable[[Case, np.ndarray], tuple[float, str]]] = {
    "mean": lambda case, sample: (float(np.mean(sample)), ""),
    "log_mean": lambda case, sample: (float(np.log(np.mean(sample))), " of the sample"),
    "median": lambda case, sample: (float(np.median(sample)), ""),
    "quantile": lambda case, sample: (
        float(np.quantile(sample, case.loss.facts.level, method="inverted_cdf")),
        f" at {case.loss.facts.level}",
    ),
    "expectile": lambda case, sample: (
        float(stats.expectile(sample, case.loss.facts.level)),
        f" at {case.loss.facts.level}",
    ),
    "probability": lambda case, sample: (as_prediction(case, float(np.mean(sample))), " as it is put in"),
}


def as_prediction(case: Case, probability: Any) -> Any:
    """A probability (or a row of them) as the loss takes it."""
    how = getattr(case.loss, "input", "logits")
    if how == "probabilities":
        return probability
    if how == "log_probabilities":
        return np.log(probability)
    return np.log(probability) - np.log1p(-probability) if np.ndim(probability) == 0 else np.log(probability)


def proper(case: Case) -> str | None:
    """Expected under the true distribution, the true prediction beats every other one."""
    rng = generator(case, "proper")
    lower = False
    for truth in truths(case):
        best = expected(case, truth.prediction, truth)
        for _ in range(60):
            other = elsewhere(case, truth.prediction, rng)
            loss = expected(case, other, truth)
            if loss <= best + 1e-12 * (1 + abs(best)):
                if case.loss.facts.proper:
                    return f"{other} has an expected loss of {loss!r}, the truth {truth.prediction} has {best!r}"
                lower = True
    return None if case.loss.facts.proper or lower else "the truth is best everywhere, yet proper is denied"


def truths(case: Case) -> list[Truth]:
    if case.oracle.truths is not None:
        return list(case.oracle.truths(case.loss))
    rng, found = generator(case, "truths"), []
    for _ in range(3):
        if isinstance(case.domain("target"), Labels):
            p = rng.dirichlet(np.ones(case.oracle.columns))
            p = p * 0.9 + 0.1 / len(p)
            targets = np.arange(len(p)) if case.form == "indices" else np.eye(len(p))
            found.append(Truth((as_prediction(case, p),), targets, p))
        else:
            q = float(rng.uniform(0.1, 0.9))
            found.append(Truth((as_prediction(case, q),), np.array([0.0, 1.0]), np.array([1 - q, q])))
    return found


def expected(case: Case, prediction: tuple[Any, ...], truth: Truth) -> float:
    given = [name for name in case.names if name != "target"]
    n = len(truth.targets)
    inputs = {
        name: np.repeat(np.asarray(value, float)[None], n, axis=0)
        for name, value in zip(given, prediction, strict=False)
    }
    with losskit.checks("shapes"):
        values = case.loss(**inputs, target=truth.targets, reduction="none")
    return float(np.sum(truth.probabilities * values))


def elsewhere(case: Case, prediction: tuple[Any, ...], rng: np.random.Generator) -> tuple[Any, ...]:
    """Another prediction, not far away, inside the domain."""
    given = [name for name in case.names if name != "target"]
    moved = []
    for name, value in zip(given, prediction, strict=False):
        domain, value = case.domain(name), np.asarray(value, float)
        if isinstance(domain, Simplex | LogSimplex):
            p = np.exp(value) if isinstance(domain, LogSimplex) else value
            p = p + rng.choice([0.03, 0.3]) * (rng.dirichlet(np.ones(p.shape[-1])) - p)
            moved.append(np.log(p) if isinstance(domain, LogSimplex) else p)
            continue
        step = rng.choice([0.1, 1.0]) * rng.normal(size=value.shape)
        if isinstance(domain, Interval) and (domain.lower > -math.inf or domain.upper < math.inf):
            nearest = min(value - domain.lower, domain.upper - value)
            step = np.clip(step, -0.9 * nearest, 0.9 * nearest)
        moved.append(value + step)
    return tuple(moved)


CHECKS: dict[str, Check] = {
    "convex": convex,
    "smooth": smooth,
    "gradient_bound": gradient_bound,
    "non_negative": non_negative,
    "zero_at_target": zero_at_target,
    "symmetric": symmetric,
    "minimiser": minimiser,
    "proper": proper,
}
