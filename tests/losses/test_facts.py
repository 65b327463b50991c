"""Each declared fact proven; and wrong facts, planted, found wrong."""

from __future__ import annotations

import dataclasses

import pytest

import losskit
from losskit.core.facts import Facts
from tests.losses.facts import CHECKS
from tests.oracles import CASES, ORACLES, Case


@pytest.mark.parametrize("case", CASES, ids=str)
def test_facts(case: Case):
    for fact, check in CHECKS.items():
        claim = getattr(case.loss.facts, fact)  # asked here: a fact may depend on hyper-parameters
        against = None if claim is None else check(case)
        assert against is None, f"{case} claims {fact}={claim!r}: {against}"


def test_every_fact_has_a_checker():
    assert set(CHECKS) == {field.name for field in dataclasses.fields(Facts)} - {"level", "cost"}


PLANTED = [
    ("Cauchy", Facts(convex=True)),
    ("SquaredError", Facts(convex=False)),
    ("RouterZLoss", Facts(convex=True)),
    ("LogCosh", Facts(smooth=3)),
    ("Huber", Facts(smooth=2)),
    ("AbsoluteError", Facts(smooth=1)),
    ("LogCosh", Facts(smooth=1)),
    ("LogCosh", Facts(gradient_bound=1.02)),
    ("LogCosh", Facts(gradient_bound=0.99)),
    ("SquaredError", Facts(gradient_bound=1e9)),
    ("Tukey", Facts(gradient_bound=float("inf"))),
    ("GaussianNegativeLogLikelihood", Facts(non_negative=True)),
    ("SquaredError", Facts(non_negative=False)),
    ("PoissonNegativeLogLikelihood", Facts(zero_at_target=True)),
    ("Quantile", Facts(symmetric=False)),
    ("AbsolutePercentageError", Facts(symmetric=True)),
    ("SquaredError", Facts(minimiser="median")),
    ("AbsoluteError", Facts(minimiser="mean")),
    ("PoissonNegativeLogLikelihood", Facts(minimiser="mean")),
    ("Quantile", Facts(minimiser="quantile", level=0.8)),
    ("GaussianNegativeLogLikelihood", Facts(proper=False)),
]


@pytest.mark.parametrize(("name", "facts"), PLANTED, ids=str)
def test_a_wrong_fact_is_found_wrong(name: str, facts: Facts, monkeypatch: pytest.MonkeyPatch):
    case = ORACLES[name].cases()[0]
    monkeypatch.setattr(type(case.loss), "facts", facts)
    fact = next(fact for fact in CHECKS if getattr(facts, fact) is not None)
    assert CHECKS[fact](case) is not None


def test_a_distribution_with_a_wrong_scale_is_not_proper(monkeypatch: pytest.MonkeyPatch):
    oracle = ORACLES["GaussianNegativeLogLikelihood"]
    cls = oracle.loss
    right = cls.formula

    def wrong(self, xp, prediction, target, log_variance):
        return right(self, xp, prediction, target, log_variance) + 0.1 * log_variance

    monkeypatch.setattr(cls, "formula", wrong)
    assert CHECKS["proper"](oracle.cases()[0]) is not None


def test_find_reads_the_facts():
    found = losskit.find(task="regression", bounded_gradient=True, convex=True, smooth=2, zero_at_target=True)
    assert {cls.__name__ for cls in found} == {"LogCosh", "PseudoHuber", "Barron", "Fair"}
