"""Wrong input: the error says what was expected, what came, and how to mend it."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest

import losskit
from losskit.core.domain import Counts, Interval, Labels, MultiHot, Signs, Simplex
from losskit.core.errors import DomainError, ShapeError
from tests.conftest import Framework
from tests.losses.test_laws import batch
from tests.losses.test_value import arrays
from tests.oracles import CASES, FIRST, Case


@pytest.mark.parametrize("case", FIRST, ids=str)
def test_an_axis_too_many_is_named_with_both_shapes_and_the_fix(case: Case, framework: Framework):
    if len(case.names) == 1:
        pytest.skip("one input goes with anything")
    inputs = arrays(framework, batch(case, 4))
    name = case.names[1]
    inputs[name] = framework.xp.expand_dims(inputs[name], -1)
    with pytest.raises(ShapeError) as caught:
        case.loss(**inputs)
    message = str(caught.value)
    first, wrong = framework.xp.shape(inputs[case.names[0]]), framework.xp.shape(inputs[name])
    assert str(first) in message
    assert str(wrong) in message
    assert f"fix: {name} = {name}[..., 0]" in message


@pytest.mark.parametrize("case", FIRST, ids=str)
def test_a_weight_of_another_length_is_an_error(case: Case):
    with pytest.raises(ShapeError, match=r"weight: .*\(4,\).*\(3,\)"):
        case.loss(**batch(case, 4), weight=np.ones(3))
    with pytest.raises(DomainError, match=r"weight\[2\]: .*-1"):
        case.loss(**batch(case, 4), weight=np.array([1.0, 2.0, -1.0, 1.0]))


def outside(domain, width: int) -> float | None:
    """A value that a domain does not hold, None when it holds everything."""
    if isinstance(domain, Labels):
        return width + domain.extra
    if isinstance(domain, Simplex):
        return -0.5
    if isinstance(domain, MultiHot):
        return 0.5
    if isinstance(domain, Signs):
        return 0.0
    if isinstance(domain, Counts):
        return 1.5
    if isinstance(domain, Interval) and domain.lower > -math.inf:
        return domain.lower if domain.lower_open else domain.lower - 1
    if isinstance(domain, Interval) and domain.upper < math.inf:
        return domain.upper if domain.upper_open else domain.upper + 1
    return None


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_value_outside_the_domain_is_named_with_its_place(case: Case, framework: Framework):
    tried = 0
    for name in case.names:
        inputs = batch(case, 4)
        value = outside(case.domain(name), case.oracle.columns)
        if value is None or (isinstance(case.domain(name), Labels) and inputs[name].dtype.kind == "f"):
            continue
        inputs[name][(2,) + (1,) * (inputs[name].ndim - 1)] = value
        with pytest.raises(DomainError, match=re.escape(f"{name}[2") + rf".*expected .*{re.escape(str(value))}"):
            case.loss(**arrays(framework, inputs))
        if not isinstance(case.domain(name), Labels):  # a label that is not there cannot be looked up unchecked either
            with losskit.checks("shapes"), np.errstate(all="ignore"):
                case.loss(**arrays(framework, inputs))
        tried += 1
    if not tried:
        pytest.skip("its domain holds every number")


def test_a_single_number_outside_is_named_without_a_place(framework: Framework):
    one, two, minus = (framework.array(np.array(x)) for x in (1.0, 2.0, -1.0))
    probabilities = losskit.BinaryCrossEntropy(input="probabilities")
    with pytest.raises(DomainError, match=r"^prediction: expected a number in \[0, 1\], got 2"):
        probabilities(two, one)
    with pytest.raises(DomainError, match=r"^weight: expected a number >= 0, got -1"):
        probabilities(one, one, weight=minus)
    row, label = framework.array(np.array([0.5, 0.25])), framework.array(np.array(0))
    with pytest.raises(DomainError, match=r"^prediction: expected rows of probabilities.*the sum 0.75"):
        losskit.CrossEntropy(input="probabilities")(row, label)


def test_inputs_have_names():
    loss = losskit.SquaredError()
    x = np.zeros(2)
    with pytest.raises(TypeError, match="missing: target"):
        loss(x)
    with pytest.raises(TypeError, match="'label' is not an input"):
        loss(x, label=x)
    with pytest.raises(TypeError, match="'prediction' is given twice"):
        loss(x, x, prediction=x)
    with pytest.raises(TypeError, match="3 positional"):
        loss(x, x, x)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: losskit.Huber(delta=0), "delta: expected a finite number > 0, got 0"),
        (lambda: losskit.Huber(delta=math.nan), "delta: expected a finite number > 0, got nan"),
        (lambda: losskit.SmoothL1(beta=-1), "beta: expected a finite number > 0, got -1"),
        (lambda: losskit.PseudoHuber(delta=math.inf), "delta: expected a finite number > 0, got inf"),
        (lambda: losskit.AbsolutePercentageError(epsilon=0), "epsilon: expected a finite number > 0, got 0"),
        (lambda: losskit.Quantile(level=1), "level: expected a number between 0 and 1"),
        (lambda: losskit.Expectile(level=0), "level: expected a number between 0 and 1"),
        (lambda: losskit.Tukey(scale=0), "scale: expected a finite number > 0, got 0"),
        (lambda: losskit.Barron(alpha=math.inf), "alpha: expected a finite number or -inf, got inf"),
        (lambda: losskit.Barron(alpha=math.nan), "alpha: expected a finite number or -inf, got nan"),
        (lambda: losskit.AbsolutePower(exponent=0.5), "exponent: expected a finite number >= 1, got 0.5"),
        (lambda: losskit.AdaptiveWing(alpha=2), "alpha: expected a finite number > 2, got 2"),
        (lambda: losskit.Hampel(b=8.0), "a, b, c: expected finite numbers with 0 < a <= b < c, got 2.0, 8.0, 8.0"),
        (lambda: losskit.MultiQuantile(levels=(0.9, 0.1)), "levels: expected at least one, in increasing order"),
        (lambda: losskit.MultiQuantile(levels=(0.1, 1.0)), "levels[1]: expected a number between 0 and 1"),
        (lambda: losskit.ScaleInvariantLog(variance_focus=2), "variance_focus: expected a number from 0 to 1, got 2"),
        (lambda: losskit.PoissonNegativeLogLikelihood(input="logits"), 'input: expected "log_mean" or "mean"'),
        (lambda: losskit.GammaNegativeLogLikelihood(shape=0), "shape: expected a finite number > 0, got 0"),
        (lambda: losskit.Tweedie(power=0.5), "power: expected a number from 1"),
        (
            lambda: losskit.NegativeBinomialNegativeLogLikelihood(dispersion=0),
            "dispersion: expected a finite number > 0",
        ),
    ],
)
def test_a_hyper_parameter_that_cannot_be_is_refused_at_once(make, message: str):
    with pytest.raises(ValueError, match=re.escape(message)):
        make()
